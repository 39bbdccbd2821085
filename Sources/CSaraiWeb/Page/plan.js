// The memory plan: whether everything fits, in each scenario, why so, and what would help.

import { get } from "./api.js";
import { attribute, byID, h } from "./dom.js";
import { percent, size } from "./format.js";
import { onLanguage, t } from "./language.js";
import { inWords, legend, parts, predictedKinds, showBar } from "./kinds.js";

let plan = null;
let scenario = "configured";
let isAsking = false;

onLanguage(() => plan && render());

/** Shows the plan, made now. */
export async function showPlan() {
  if (isAsking) {
    return;
  }
  isAsking = true;
  attribute(byID("plan-content"), "aria-busy", "true");
  if (!plan) {
    byID("plan-content").replaceChildren(h("p", { class: "quiet" }, t("planning")));
  }
  try {
    plan = await get(`/api/pool/plan?scenario=${scenario}`);
    render();
  } catch (error) {
    byID("plan-content").replaceChildren(h("p", { class: "bad", lang: "en" }, error.message), again());
  }
  isAsking = false;
  attribute(byID("plan-content"), "aria-busy", "false");
}

const again = () => h("button", { type: "button", onclick: showPlan }, t("planAgain"));

function choose(name) {
  scenario = name;
  showPlan();
}

function render() {
  const hadFocus = document.activeElement?.dataset?.scenario;
  byID("plan-content").replaceChildren(
    verdict(),
    ...plan.messages.map((message) => h("p", { class: "caution", lang: "en" }, message)),
    scenarioTable(),
    models(),
    ...ways(),
    ...pipelines(),
    again(),
  );
  document.querySelector(`[data-scenario="${hadFocus}"]`)?.focus();
}

function verdict() {
  const { headroom_bytes: left, ceiling_bytes: ceiling } = plan;
  return h("div", { class: "verdict" },
    h("p", { class: `figure ${plan.fits ? "good" : "bad"}` }, t(plan.fits ? "planFits" : "planFitsNot")),
    h("p", {}, t("planFigures", {
      total: size(plan.total_bytes + plan.reserve_bytes), ceiling: size(ceiling),
      left: left < 0 ? t("overBudget", { size: size(-left) }) : t("left", { size: size(left) }),
    })));
}

function scenarioTable() {
  const most = Math.max(plan.ceiling_bytes, ...plan.scenarios.map((row) => row.total_bytes));
  const rows = plan.scenarios.map((row) => {
    const bar = h("div", { class: "scenario-bar" }, h("i", { class: row.fits ? "" : "over" }), h("b"));
    bar.firstChild.style.width = `${(row.total_bytes / most) * 100}%`;
    bar.lastChild.style.left = `${(plan.ceiling_bytes / most) * 100}%`;
    return h("tr", { class: row.name === plan.scenario ? "chosen" : "" },
      h("th", { scope: "row" },
        h("button", {
          type: "button", class: "link", "data-scenario": row.name, "aria-pressed": String(row.name === plan.scenario),
          onclick: () => choose(row.name),
        }, t(row.name))),
      h("td", { class: "bar-cell" }, bar),
      h("td", { class: "number" }, size(row.total_bytes)),
      h("td", { class: "number wide" }, percent(row.machine_share)),
      h("td", { class: row.fits ? "good" : "bad" },
        !row.fits ? t("fitsNot") : row.left_out.length ? t("fitsWithout", { models: row.left_out.join(", ") }) : t("fits")));
  });
  return h("table", { class: "scenarios" },
    h("caption", {}, t("scenarios")),
    h("thead", {}, h("tr", {},
      h("th", { scope: "col" }, t("scenario")), h("td", {}), h("th", { scope: "col", class: "number" }, t("total")),
      h("th", { scope: "col", class: "number wide" }, t("ofMachine")), h("th", { scope: "col" }, t("verdict")))),
    h("tbody", {}, ...rows));
}

function models() {
  const whole = Math.max(1, ...plan.models.map((model) => model.predicted_bytes ?? 0));
  return h("section", {}, h("h3", {}, t("models")), legend(predictedKinds),
    h("ul", { class: "plan-models" }, ...plan.models.map((model) => planned(model, whole))));
}

function planned(model, whole) {
  const list = parts(model.bytes, predictedKinds);
  const bar = h("div", { class: "bar" });
  const figure = model.predicted_bytes === null ? t("unknownSize") : model.predicted_bytes ? size(model.predicted_bytes) : "–";
  showBar(bar, list, whole, `${figure}. ${inWords(list)}`);
  const { settings } = model;
  const choices = model.choices.map((choice) => h("li", { class: choice.as_wanted ? "quiet" : "" },
    h("code", {}, `${choice.key} ${choice.value}`), " ", h("span", { lang: "en" }, choice.reason)));
  return h("li", { class: model.placement },
    h("div", { class: "model-head" },
      h("h4", {}, model.name), h("span", { class: "role" }, model.role),
      h("span", { class: "state" }, t(`placement_${model.placement}`)),
      h("span", { class: "number" }, figure)),
    list.length ? bar : null,
    model.reason ? h("p", { class: "reason", lang: "en" }, model.reason) : null,
    settings ? h("p", { class: "quiet" }, t("loadedSo", {
      mode: settings.load_mode, context: settings.context_length, slots: settings.slots, cache: settings.cache_type,
    })) : null,
    choices.length ? h("details", {}, h("summary", {}, t("reasons")), h("ul", { class: "choices" }, ...choices)) : null);
}

function ways() {
  return plan.ways_out.length === 0 ? [] : [h("section", {}, h("h3", {}, t("waysOut")),
    h("ol", { class: "ways" }, ...plan.ways_out.map((way) => h("li", {},
      h("span", { lang: "en" }, way.text), " ",
      h("span", { class: way.suffices ? "good" : "quiet" },
        [t("saves", { size: size(way.saves_bytes) }), way.suffices && t("suffices")].filter(Boolean).join(" · "))))))];
}

function pipelines() {
  return plan.pipelines.length === 0 ? [] : [h("section", {}, h("h3", {}, t("pipelines")),
    h("ul", { class: "pipelines" }, ...plan.pipelines.map((pipeline) => h("li", { class: pipeline.verdict },
      h("b", {}, `sarai:${pipeline.name}`), " ", h("span", {}, pipeline.models.join(", ")), " ",
      pipeline.verdict === "available"
        ? h("span", { class: "good" }, t("together", { size: size(pipeline.bytes) }))
        : h("span", { class: pipeline.verdict === "too_large" ? "bad" : "quiet" },
          t(pipeline.verdict === "too_large" ? "tooLarge" : "incomplete"), ": ", h("span", { lang: "en" }, pipeline.reason)))))) ];
}
