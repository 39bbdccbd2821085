// The models: what each takes, where it is served and how that goes, and what can be done about it.

import { post } from "./api.js";
import { attribute, byID, h, keyed, text } from "./dom.js";
import { duration, percent, size, speed } from "./format.js";
import { t } from "./language.js";
import { inWords, measuredKinds, parts, predictedKinds, showBar } from "./kinds.js";
import { tell } from "./notice.js";
import { Speeds } from "./speeds.js";
import { showTargets } from "./targets.js";

const speeds = new Speeds();

/** Shows the models of a state. `refresh` asks for a new state. */
export function showModels(state, refresh) {
  speeds.take(state);
  // One scale for all, so that bars can be compared.
  const whole = Math.max(1, ...state.models.flatMap((model) => [model.predicted_bytes ?? 0, model.measured_bytes]));
  keyed(byID("models"), state.models, ({ name }) => name, (model) => new ModelRow(model.name, refresh).element,
    (element, model) => element.row.show(model, whole));
}

class ModelRow {
  constructor(name, refresh) {
    this.name = name;
    this.refresh = refresh;
    this.role = h("span", { class: "role" });
    this.state = h("span", { class: "state" });
    this.activity = h("span", { class: "activity-note" });
    this.stay = h("span", { class: "quiet" });
    this.loading = h("button", { type: "button", class: "load", onclick: () => this.#toggleLoaded() });
    this.pinning = h("button", { type: "button", class: "pin plain", onclick: () => this.#togglePinned() });
    this.bars = Object.fromEntries(["predicted", "measured"].map((which) => {
      const label = h("span", {}), bar = h("div", { class: "bar" }), figure = h("span", { class: "number" });
      return [which, { label, bar, figure, line: h("div", { class: `bar-line ${which}` }, label, bar, figure) }];
    }));
    this.targets = h("ul", { class: "targets" });
    this.element = h("li", { class: "model", "data-model": name },
      h("div", { class: "model-head" },
        h("h3", {}, name), this.role, this.state, this.activity,
        h("div", { class: "actions" }, this.pinning, this.loading)),
      h("div", { class: "bars" }, this.bars.predicted.line, this.bars.measured.line),
      this.targets,
      this.stay);
    this.element.row = this;
  }

  show(model, whole) {
    this.model = model;
    const local = localTarget(model);
    text(this.role, model.role);
    this.#showState(model);
    text(this.activity, activityOf(model));
    text(this.stay, stayOf(model, local));
    this.#showBar("predicted", local ? model.predicted_bytes : 0, parts(model.predicted_kinds, predictedKinds), whole);
    this.#showBar("measured", model.measured_bytes, parts(model.measured_kinds, measuredKinds), whole);
    this.bars.predicted.line.hidden = !local;
    this.bars.measured.line.hidden = !local;
    showTargets(this.targets, model);
    this.#showButtons(model, local);
  }

  #showState(model) {
    const target = model.targets.find(({ id }) => id === model.target);
    const isAway = target?.server && model.state === "ready";
    const share = target?.progress;
    text(this.state, isAway ? t("remoteReady")
      : model.state === "loading" && share ? t("state_loading_share", { share: percent(share) })
      : t(`state_${model.state}`));
    attribute(this.element, "data-state", model.state);
  }

  #showBar(which, bytes, list, whole) {
    const { label, bar, figure } = this.bars[which];
    text(label, t(which));
    text(figure, bytes ? size(bytes) : bytes === 0 ? "–" : t("unknownSize"));
    showBar(bar, list, whole, `${t(which)}: ${bytes ? size(bytes) : "–"}. ${inWords(list)}`);
  }

  #showButtons(model, local) {
    const isHere = ["ready", "loading", "draining"].includes(local?.state);
    text(this.loading, t(isHere ? "unload" : model.targets[0].server ? "loadTwin" : "load"));
    this.loading.hidden = !local;
    attribute(this.loading, "aria-label", t(isHere ? "unloadModel" : "loadModel", { model: model.name }));
    attribute(this.loading, "aria-busy", this.isBusy || local?.state === "loading");
    text(this.pinning, t(model.pinned ? "unpin" : "pin"));
    this.pinning.hidden = !local;
    attribute(this.pinning, "aria-label", t(model.pinned ? "unpinModel" : "pinModel", { model: model.name }));
    attribute(this.pinning, "aria-pressed", String(model.pinned));
  }

  async #toggleLoaded() {
    const local = localTarget(this.model);
    if (["ready", "loading", "draining"].includes(local.state)) {
      await this.#ask("unload", { model: this.name });
    } else {
      await this.#ask("load", { model: this.name, local: true });
    }
  }

  #togglePinned() {
    return this.#ask(this.model.pinned ? "unpin" : "pin", { model: this.name });
  }

  async #ask(what, body) {
    if (this.isBusy) {
      return;
    }
    this.isBusy = true;
    // A load answers when it is over; until then the events tell how far it is.
    setTimeout(this.refresh, 150);
    try {
      await post(`/api/pool/${what}`, body);
    } catch (error) {
      tell(error.message);
    }
    this.isBusy = false;
    this.refresh();
  }
}

const localTarget = (model) => model.targets.find((target) => !target.server);

function activityOf(model) {
  const notes = [];
  if (model.in_flight) {
    notes.push(t("answering", { n: model.in_flight }));
  }
  if (model.queued) {
    notes.push(t("waiting", { n: model.queued }));
  }
  const { now, last } = speeds.of(model.name);
  if (now > 0) {
    notes.push(t("perSecond", { n: speed(now) }));
  } else if (last > 0) {
    notes.push(t("lastSpeed", { n: speed(last) }));
  }
  return notes.join(" · ");
}

/** How it is loaded, and how long it stays. */
function stayOf(model, local) {
  if (!local) {
    return t("notHere");
  }
  const notes = [model.settings];
  if (model.pid) {
    notes.push(
      model.pinned ? t("pinned")
      : model.expires_in !== null ? t("staysFor", { time: duration(Math.max(0, model.expires_in)) })
      : t(model.held ? "staysAlways" : "staysRoom"),
    );
  } else if (model.held) {
    notes.push(t("kept"));
  }
  return notes.filter(Boolean).join(" · ");
}
