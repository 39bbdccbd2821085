// What happens and who waits.

import { attribute, byID, h, keyed, text } from "./dom.js";
import { clock, duration, number } from "./format.js";
import { onLanguage, t } from "./language.js";

const shown = 40;
let showsAll = false;

/** What is good news, and what is bad. The other kinds are neither. */
const moods = {
  ready: "good", recovered: "good", reloaded: "good",
  failing_over: "caution", resumed: "caution", ejected: "caution", evicted: "caution", overloaded: "caution",
  half_open: "caution", draining: "caution", missed: "caution",
  failed: "bad", killed: "bad",
};

/** Shows what has happened, the newest first. */
export function showEvents(events) {
  const newest = (showsAll ? events : events.slice(-shown)).toReversed();
  keyed(byID("events"), newest, ({ id, kind, time }) => `${id} ${kind} ${time}`, create);
  byID("events-none").hidden = events.length > 0;
  const more = byID("events-all");
  text(more, !showsAll && events.length > shown ? t("eventsOlder", { n: number(events.length) }) : "");
  more.onclick = () => {
    showsAll = true;
    showEvents(events);
  };
}

// What stands there was written in the other language.
onLanguage(() => byID("events").replaceChildren());

function create(event) {
  return h("li", { class: moods[event.kind] ?? moodOf(event), "data-kind": event.kind },
    h("time", { datetime: event.time }, clock(event.time)), h("p", {}, sentence(event)));
}

const moodOf = ({ kind, ok, outcome, level }) =>
  kind === "self_probe" && !ok || outcome === "failed" || (level && level !== "calm") ? "caution" : "";

/** An event in words. */
export function sentence(event) {
  const { kind, outcome, ok } = event;
  const key =
    kind === "evicted" && !event.for ? "event_evictedMachine"
    : kind === "self_probe" && !ok ? "event_self_probeFailed"
    : outcome === "skipped" ? "event_stepSkipped"
    : outcome === "failed" ? "event_stepFailed"
    : kind === "pressure" ? `pressure_${event.level}`
    : `event_${kind}`;
  const seconds = event.seconds === undefined ? "" : duration(event.seconds);
  return t(key, { ...event, seconds, target: event.target ?? "", reason: event.reason ?? "" });
}

/** Shows who waits for which model. */
export function showQueue(state) {
  const waiting = state.models.flatMap((model) => model.queue.map((waiter) => ({ ...waiter, model: model.name })));
  keyed(byID("queue"), waiting, ({ model, position }) => `${model} ${position}`,
    () => h("li", {}, h("b"), h("span"), h("span", { class: "number" })),
    (element, { client, model, target, waited_seconds }) => {
      const [who, what, howLong] = element.children;
      text(who, client || t("someone"));
      text(what, target ? t("queueFor", { target }) : `${model}: ${t("queueFree")}`);
      text(howLong, duration(waited_seconds));
    });
  const total = waiting.length;
  byID("queue-none").hidden = total > 0;
  attribute(byID("queue"), "data-count", total);
}
