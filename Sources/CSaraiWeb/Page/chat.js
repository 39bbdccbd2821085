// The conversation: what is asked of which model, and the answers.

import { Answer } from "./answer.js";
import { get, post } from "./api.js";
import { attribute, byID, h, icon, text } from "./dom.js";
import { onLanguage, t } from "./language.js";
import { hasMedia, part, prepareMedia, preview, takeMedia } from "./media.js";
import { tell } from "./notice.js";

/** Roles of models that answer no chats. */
const mute = ["embedding", "speech", "reranker"];

/** Milliseconds without a key after which what is being typed is shown to the router. */
const pause = 300;

/** A conversation that is kept as long as the page is open. */
export class Chat {
  #messages = [];
  #answer = null;
  #names = [];
  #roles = {};
  #follows = true;
  #foresight = 0;

  constructor() {
    prepareMedia();
    byID("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer ? this.#answer.stop() : this.#ask();
    });
    const input = byID("chat-text");
    input.addEventListener("input", () => {
      grow(input);
      this.#foresee();
    });
    input.addEventListener("keydown", (event) => {
      // While a word is being composed, Enter ends the word.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !this.#answer) {
        event.preventDefault();
        this.#ask();
      }
    });
    byID("view-chat").addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        byID("settings").open = false;
        this.#answer?.stop();
      }
    });
    byID("chat-new").addEventListener("click", () => this.#begin());
    const transcript = byID("transcript");
    transcript.addEventListener("scroll", () => {
      this.#follows = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < 40;
    });
    onLanguage(() => {
      this.#showNames();
      this.#showButton();
    });
    this.#showButton();
  }

  /** Takes over what models there are, by a state of the pool. */
  async showModels(state) {
    const roles = Object.fromEntries(state.models.map(({ name, role }) => [name, role]));
    if (JSON.stringify(roles) === JSON.stringify(this.#roles)) {
      return;
    }
    this.#roles = roles;
    try {
      this.#names = (await get("/v1/models")).data.map(({ id }) => id);
      this.#showNames();
    } catch {
      // The next state asks again.
      this.#roles = {};
    }
  }

  /** Tells what happens in the pool: to the running answer, and of a configuration that may have other pipelines. */
  notice(event) {
    if (event.kind === "reloaded") {
      this.#roles = {};
    }
    this.#answer?.notice(event);
  }

  #showNames() {
    const select = byID("chat-model");
    const before = select.value;
    const isPipeline = (name) => name.startsWith("sarai:");
    const option = (name) => h("option", { value: name }, name === "sarai:auto" ? `${name} – ${t("autoNote")}` : name);
    const pipelines = this.#names.filter(isPipeline);
    select.replaceChildren(
      h("optgroup", { label: t("models") },
        ...this.#names.filter((name) => !isPipeline(name) && !mute.includes(this.#roles[name])).map(option)),
      ...(pipelines.length ? [h("optgroup", { label: t("pipelines") }, ...pipelines.map(option))] : []));
    select.value = this.#names.includes(before) ? before : pipelines[0] ?? this.#names[0] ?? "";
  }

  #begin() {
    this.#answer?.stop();
    this.#messages = [];
    for (const element of document.querySelectorAll("#transcript > :not(#chat-empty)")) {
      element.remove();
    }
    byID("chat-empty").hidden = false;
    byID("chat-text").focus();
  }

  /** Where the router chooses, lets it have the models loaded that a message needs while that is still being typed. */
  #foresee() {
    clearTimeout(this.#foresight);
    this.#foresight = setTimeout(() => {
      const words = byID("chat-text").value.trim();
      if (words && byID("chat-model").value === "sarai:auto") {
        // The answer comes without that too, only later.
        post("/api/pool/prefetch", { text: words }).catch(() => {});
      }
    }, pause);
  }

  async #ask() {
    const input = byID("chat-text");
    const words = input.value.trim();
    const model = byID("chat-model").value;
    if (!words && !hasMedia()) {
      return;
    }
    if (!model) {
      tell(t("offlineLong"));
      return;
    }
    const files = takeMedia();
    input.value = "";
    grow(input);
    const content = files.length ? [...(words ? [{ type: "text", text: words }] : []), ...files.map(part)] : words;
    this.#messages.push({ role: "user", content });
    const answer = new Answer(model);
    byID("chat-empty").hidden = true;
    byID("transcript").append(
      h("article", { class: "question" },
        h("p", { class: "unseen" }, t("you")),
        files.length ? h("div", { class: "media" }, ...files.map((file) => preview(file, true))) : "",
        words ? h("p", {}, words) : ""),
      answer.element);
    this.#follows = true;
    answer.ondraw = () => this.#scroll();
    this.#scroll();
    this.#answer = answer;
    this.#showButton();
    const messages = this.#messages;
    await answer.run(this.#request());
    // Who began anew meanwhile does not want it in the new conversation. A question without an answer is taken back.
    if (answer.content) {
      messages.push({ role: "assistant", content: answer.content });
    } else {
      messages.pop();
    }
    if (this.#answer === answer) {
      this.#answer = null;
      this.#showButton();
      text(byID("chat-status"), t("answerDone"));
      this.#scroll();
    }
  }

  /** What is asked: the conversation so far, with the settings that were made. */
  #request() {
    const system = byID("set-system").value.trim();
    const temperature = byID("set-temperature").valueAsNumber;
    const tokens = byID("set-tokens").valueAsNumber;
    return {
      messages: [...(system ? [{ role: "system", content: system }] : []), ...this.#messages],
      ...(Number.isNaN(temperature) ? {} : { temperature }),
      ...(Number.isNaN(tokens) ? {} : { max_tokens: tokens }),
    };
  }

  #scroll() {
    if (this.#follows) {
      const transcript = byID("transcript");
      transcript.scrollTop = transcript.scrollHeight;
    }
  }

  #showButton() {
    const button = byID("chat-send");
    const label = t(this.#answer ? "stop" : "send");
    attribute(button, "aria-label", label);
    attribute(button, "title", label);
    button.replaceChildren(icon(this.#answer ? "stop" : "send"));
    if (this.#answer) {
      text(byID("chat-status"), "");
    }
  }
}

function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
}
