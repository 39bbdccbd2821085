// The kinds of memory: bars made of them, and what the colours mean.

import { attribute, h, keyed } from "./dom.js";
import { size } from "./format.js";
import { t } from "./language.js";

/** What a prediction tells apart, in the order of the bars. */
export const predictedKinds = [
  "weights_mapped", "weights_private", "kv", "compute", "projector", "prompt_cache", "overhead",
];

/** What a measurement tells apart. */
export const measuredKinds = ["model_files", "anonymous", "program"];

/** The name of a kind. A program's pages are measured where the process was predicted. */
const named = (kind) => t(kind === "program" ? "overhead" : kind);

/** The kinds of a footprint that are not nothing: `{kind, bytes}`. */
export function parts(footprint, kinds) {
  return kinds.map((kind) => ({ kind, bytes: footprint?.[kind] ?? 0 })).filter(({ bytes }) => bytes > 0);
}

/** Parts in words: `weights, from the file 90 MiB, process 12 MiB`. */
export const inWords = (list) => list.map(({ kind, bytes }) => `${named(kind)} ${size(bytes)}`).join(", ");

/** Makes `bar` show parts, as long as their share of `whole`. */
export function showBar(bar, list, whole, label) {
  attribute(bar, "role", "img");
  attribute(bar, "aria-label", label);
  keyed(bar, list, ({ kind }) => kind, ({ kind }) => h("i", { class: `part ${kind}` }), (part, { kind, bytes }) => {
    part.style.width = `${(bytes / whole) * 100}%`;
    attribute(part, "title", `${named(kind)}: ${size(bytes)}`);
  });
}

/** The meaning of the colours of `kinds`. */
export function legend(kinds) {
  return h("ul", { class: "legend" }, ...kinds.map((kind) => h("li", {}, h("i", { class: `part ${kind}` }), named(kind))));
}
