// The memory budget as a picture: what is promised to each model, what is measured, what is left.

import { attribute, byID, h, keyed, text } from "./dom.js";
import { size } from "./format.js";
import { onLanguage, t } from "./language.js";
import { inWords, legend, measuredKinds, parts, predictedKinds } from "./kinds.js";

let view = null;

function build() {
  const figure = h("strong", { class: "figure" });
  const caption = h("span", {});
  const left = h("p", { class: "left" });
  const reserved = h("div", { class: "budget-bar" });
  const measured = h("div", { class: "budget-bar thin" });
  const names = h("div", { class: "budget-names", "aria-hidden": "true" });
  const facts = h("p", { class: "facts" });
  byID("budget").replaceChildren(
    h("div", { class: "budget-head" }, h("p", {}, figure, " ", caption), left),
    names,
    reserved,
    measured,
    legend([...predictedKinds, "anonymous"]),
    facts,
  );
  return { figure, caption, left, reserved, measured, names, facts };
}

onLanguage(() => {
  view = null;
});

/** Shows a state of the pool. */
export function showBudget(state) {
  view ??= build();
  const groups = promised(state);
  const whole = Math.max(state.budget_bytes, state.reserved_bytes, state.resident_bytes, 1);
  const left = state.budget_bytes - state.reserved_bytes;
  const leftText = left >= 0 ? t("left", { size: size(left) }) : t("overBudget", { size: size(-left) });
  text(view.figure, size(state.reserved_bytes));
  text(view.caption, t("reservedOf", { budget: size(state.budget_bytes) }));
  text(view.left, leftText);
  view.left.classList.toggle("bad", left < 0);
  showGroups(view.reserved, groups, whole);
  showGroups(view.measured, seen(state), whole);
  showNames(groups, whole);
  attribute(view.reserved, "role", "img");
  attribute(view.reserved, "aria-label", t("budgetPicture", {
    reserved: size(state.reserved_bytes), budget: size(state.budget_bytes), left: leftText,
    parts: groups.map((group) => `${group.title}: ${size(group.bytes)}`).join("; "),
  }));
  attribute(view.measured, "role", "img");
  attribute(view.measured, "aria-label", measuredText(state));
  text(view.facts, [
    measuredText(state), t("machine", { size: size(state.machine_bytes) }), coresText(state),
    t(`pressure_${state.pressure}`),
  ].join(" · "));
}

const measuredText = (state) =>
  t("measuredNow", { resident: size(state.resident_bytes), hard: size(state.hard_bytes) });

function coresText({ cores }) {
  const names = cores.workers.filter(({ state }) => state.startsWith("running")).map(({ target }) => target.split("/")[0]);
  return t(names.length ? "coresWith" : "cores", { ...cores, names: [...new Set(names)].join(", ") });
}

/** What the ledger has promised, model by model; what is beyond the predictions is the daemon's and the peaks'. */
function promised(state) {
  const groups = state.models
    .filter((model) => model.predicted_bytes && (model.held || model.pid || model.state === "loading"))
    .map((model) => ({
      name: model.name, title: model.name, bytes: model.predicted_bytes, isKept: !model.pid,
      list: parts(model.predicted_kinds, predictedKinds),
    }));
  const rest = state.reserved_bytes - groups.reduce((sum, { bytes }) => sum + bytes, 0);
  if (rest > 0) {
    groups.push({ name: "", title: t("daemon"), bytes: rest, list: [{ kind: "overhead", bytes: rest }] });
  }
  return groups;
}

/** What was measured, model by model. */
function seen(state) {
  const groups = state.models.filter((model) => model.measured_bytes).map((model) => {
    // The kinds were looked at once after the load; the sum is of this moment.
    const kinds = parts(model.measured_kinds, measuredKinds);
    const list = kinds.length ? kinds : [{ kind: "anonymous", bytes: model.measured_bytes }];
    const sum = list.reduce((total, { bytes }) => total + bytes, 0);
    return {
      name: model.name, title: model.name, bytes: model.measured_bytes,
      list: list.map(({ kind, bytes }) => ({ kind, bytes: (bytes / sum) * model.measured_bytes })),
    };
  });
  groups.push({
    name: "", title: t("daemon"), bytes: state.daemon_bytes, list: [{ kind: "program", bytes: state.daemon_bytes }],
  });
  return groups;
}

function showGroups(bar, groups, whole) {
  keyed(bar, groups, ({ name }) => name, () => h("span", { class: "group" }), (element, group) => {
    element.style.width = `${(group.bytes / whole) * 100}%`;
    element.classList.toggle("kept", Boolean(group.isKept));
    attribute(element, "title", [
      `${group.title}: ${size(group.bytes)}`, group.isKept && t("kept"), inWords(group.list),
    ].filter(Boolean).join("\n"));
    keyed(element, group.list, ({ kind }) => kind, ({ kind }) => h("i", { class: `part ${kind}` }), (part, { bytes }) => {
      part.style.width = `${(bytes / group.bytes) * 100}%`;
    });
  });
}

function showNames(groups, whole) {
  keyed(view.names, groups, ({ name }) => name, () => h("span", {}, h("b"), h("small")), (element, group) => {
    element.style.width = `${(group.bytes / whole) * 100}%`;
    text(element.firstChild, group.title);
    text(element.lastChild, size(group.bytes));
    // A name that would be cut is in the list below anyway.
    element.classList.toggle("narrow", element.scrollWidth > element.clientWidth);
  });
}
