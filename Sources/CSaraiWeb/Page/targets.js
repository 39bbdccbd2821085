// A model's targets: which are well, which are not, since when and why.

import { attribute, h, keyed, text } from "./dom.js";
import { duration, percent } from "./format.js";
import { t } from "./language.js";

/** Shows the targets of a model, in its order of preference. */
export function showTargets(list, model) {
  keyed(list, model.targets, ({ id }) => id, create, (element, target) => update(element, target, model));
}

function create(target) {
  return h("li", { "data-target": target.id },
    h("i", { class: "dot", "aria-hidden": "true" }), h("code", {}), h("span", { class: "target-state" }),
    h("span", { class: "quiet" }), h("p", { class: "reason", lang: "en" }));
}

function update(element, target, model) {
  const [, name, state, notes, reason] = element.children;
  attribute(element, "data-state", target.server?.breaker === "half_open" ? "loading" : target.state);
  element.classList.toggle("current", target.id === model.target);
  text(name, target.id.slice(model.name.length + 1));
  text(state, stateOf(target));
  text(notes, notesOn(target).join(" · "));
  text(reason, [target.reason, lastError(target)].filter(Boolean).join(" · "));
}

function stateOf({ server, state, progress }) {
  if (!server) {
    return state === "loading" && progress ? t("state_loading_share", { share: percent(progress) }) : t(`state_${state}`);
  }
  if (server.rests_for_seconds) {
    return t("rests", { time: duration(server.rests_for_seconds) });
  }
  if (server.breaker === "open" && server.for_seconds) {
    return t("openFor", { time: duration(server.for_seconds) });
  }
  return t(server.breaker, { time: duration(server.since_seconds) });
}

function notesOn({ server, probe, pid, capacity, in_flight }) {
  const notes = [];
  if (server?.first_byte_seconds) {
    notes.push(t("firstByte", { time: duration(server.first_byte_seconds) }));
  }
  if (server?.is_loaded) {
    notes.push(t("loadedThere"));
  }
  if (server?.ejections) {
    notes.push(t("ejections", { n: server.ejections }));
  }
  if (in_flight) {
    notes.push(t("inUse", { n: in_flight, capacity }));
  }
  if (pid) {
    notes.push(t("process", { pid }));
  }
  if (probe) {
    notes.push(t(probe.failure ? "probeFailed" : "probeWell", { time: duration(probe.ago_seconds), reason: probe.failure }));
  }
  return notes;
}

/** What went wrong last, also long ago; not again what the state's own reason says. */
function lastError({ server, reason }) {
  return server?.last_error && server.last_error !== reason
    ? t("lastError", { time: duration(server.last_error_ago_seconds), reason: server.last_error })
    : null;
}
