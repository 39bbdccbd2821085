// Short messages about what went wrong, which go by themselves.

import { byID, text } from "./dom.js";

let timer = 0;

/** Tells the user something, for as long as it takes to read it. */
export function tell(message) {
  const alarm = byID("alarm");
  text(alarm, message);
  clearTimeout(timer);
  timer = setTimeout(() => text(alarm, ""), 4000 + message.length * 60);
}

/** Tells the user something until it is no longer so. */
export function tellWhile(isSo, message) {
  const alarm = byID("alarm");
  if (isSo) {
    clearTimeout(timer);
    text(alarm, message);
  } else if (alarm.textContent === message) {
    text(alarm, "");
  }
}
