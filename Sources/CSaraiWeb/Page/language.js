// The page's language: the browser's at first, then the one that was chosen.

import { attribute } from "./dom.js";
import { words } from "./words.js";

const storage = "sarai.language";
const listeners = new Set();
let current = remembered() ?? (navigator.language.toLowerCase().startsWith("es") ? "es" : "en");

function remembered() {
  const name = localStorage.getItem(storage);
  return name in words ? name : null;
}

/** The language: `en` or `es`. */
export const language = () => current;

/** Changes the language, for this visit and the next ones. */
export function setLanguage(name) {
  current = name;
  localStorage.setItem(storage, name);
  translatePage();
  listeners.forEach((listener) => listener());
}

/** Calls `listener` whenever the language has changed. */
export const onLanguage = (listener) => listeners.add(listener);

/** A sentence of the page, with `{name}` replaced by values; where there is a number `n`, in its grammatical form. */
export function t(key, values = {}) {
  const entry = words[current][key] ?? words.en[key] ?? key;
  const sentence =
    typeof entry === "string" ? entry : entry[new Intl.PluralRules(current).select(Number(values.n))] ?? entry.other;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Writes the sentences of elements with `data-t`, and those of the attributes that `data-t-…` name. */
export function translatePage() {
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const name of ["aria-label", "placeholder", "title"]) {
    for (const element of document.querySelectorAll(`[data-t-${name}]`)) {
      attribute(element, name, t(element.getAttribute(`data-t-${name}`)));
    }
  }
}
