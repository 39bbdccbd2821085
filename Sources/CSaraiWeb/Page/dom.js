// Makes and changes elements. Text goes in as text: nothing that a model or a server says is ever read as HTML.

/** Makes an element. `on…` properties are listeners; `true` is an attribute without a value, `false` and `null` none. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else {
      attribute(element, name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets an attribute, or takes it away; touches nothing that is as it should be. */
export function attribute(element, name, value) {
  if (value === false || value === null || value === undefined) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : value);
  }
}

/** Sets an element's text; touches nothing that is as it should be, so that a selection survives. */
export function text(element, value) {
  const wanted = value ?? "";
  if (element.textContent !== wanted) {
    element.textContent = wanted;
  }
  element.hidden = wanted === "";
}

/**
 * Makes a parent's children those of a list, in its order. Elements stay where their items stay, and with them the focus,
 * what is unfolded, and movements that are under way.
 */
export function keyed(parent, items, key, create, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = old.get(name);
    old.delete(name);
    if (!child) {
      child = create(item);
      child.dataset.key = name;
    }
    if (child === place) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
    update?.(child, item);
  }
  old.forEach((child) => child.remove());
}

/** An element of the page that is always there. */
export const byID = (id) => document.getElementById(id);

const icons = {
  attach: "M14.5 7.5 8.6 13.4a2.1 2.1 0 0 1-3-3l6.2-6.2a3.5 3.5 0 0 1 5 5l-6.3 6.2a5 5 0 0 1-7-7L9 3",
  send: "M10 16.5V4M4.5 9.5 10 4l5.5 5.5",
  stop: "M5.5 5.5h9v9h-9z",
  remove: "m5.5 5.5 9 9m0-9-9 9",
  sound: "M4 8v4m3-6v8m3-10v12m3-9v6m3-4v2",
};

/** A picture of 20 by 20 points that says nothing to those who do not see it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", icons[name]);
  svg.append(path);
  return svg;
}
