// Figures, as the page's language writes them.

import { language } from "./language.js";

/** A number, with at most so many decimals. */
export function number(value, decimals = 0) {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: decimals }).format(value);
}

/** A share of 1 in percent. */
export function percent(share) {
  return new Intl.NumberFormat(language(), { style: "percent" }).format(share);
}

/** Bytes in MiB, or from 1 GiB on in GiB with three figures. */
export function size(bytes) {
  const gibibytes = bytes / 2 ** 30;
  if (Math.abs(gibibytes) >= 1) {
    return `${number(gibibytes, Math.abs(gibibytes) >= 10 ? 1 : 2)}\u00a0GiB`;
  }
  const mebibytes = bytes / 2 ** 20;
  return `${number(mebibytes, Math.abs(mebibytes) >= 1 || bytes === 0 ? 0 : 1)}\u00a0MiB`;
}

/** A time in the largest unit that says enough: `4 ms`, `1.3 s`, `5 min`, `2 h`, `3 d`. */
export function duration(seconds) {
  const [value, unit, decimals] =
    seconds < 0.0995 ? [seconds * 1000, "ms", 0]
    : seconds < 10 ? [seconds, "s", 1]
    : seconds < 90 ? [seconds, "s", 0]
    : seconds < 5400 ? [seconds / 60, "min", 0]
    : seconds < 129600 ? [seconds / 3600, "h", 0]
    : [seconds / 86400, "d", 0];
  return `${number(value, decimals)}\u00a0${unit}`;
}

/** The time of day of a moment. */
export function clock(time) {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(language(), parts).format(new Date(time));
}

/** Tokens in a second. */
export const speed = (value) => number(value, value < 10 ? 1 : 0);
