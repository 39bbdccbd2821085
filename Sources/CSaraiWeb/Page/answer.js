// One answer: asked for, shown as it comes, with who gives it and what happened on the way.

import { Failure, send, serverSentEvents } from "./api.js";
import { h, text } from "./dom.js";
import { duration, speed } from "./format.js";
import { t } from "./language.js";
import { seam, showMarkdown } from "./markdown.js";

/** An answer in the making, and its element. */
export class Answer {
  content = "";
  #thinking = "";
  #pieces = 0;
  #asked = performance.now();
  #first = 0;
  #last = 0;
  /** Where other targets went on: `{at, from, to}`, `at` in UTF-16 units of the content. */
  #seams = [];
  /** What a pipeline reports of the step whose result is the answer. */
  #lastStep = null;
  #isDrawing = false;
  #abort = new AbortController();

  constructor(model) {
    this.model = model;
    this.target = null;
    this.thinkingText = h("div", { class: "thinking-text" });
    this.thinkingBox = h("details", { class: "thinking", hidden: true }, h("summary", {}, t("thinking")), this.thinkingText);
    this.body = h("div", { class: "markdown" });
    this.problem = h("p", { class: "bad", lang: "en", hidden: true });
    this.marks = h("ul", { class: "marks" });
    this.steps = h("details", { class: "steps", hidden: true });
    this.meta = h("p", { class: "meta" });
    this.who = h("p", { class: "who" }, model);
    this.element = h("article", { class: "answer running", "aria-busy": "true", "data-model": model },
      this.who, this.thinkingBox, this.body, this.problem, this.marks, this.steps, this.meta);
  }

  /** Stops it. What has come stays. */
  stop() {
    this.#abort.abort();
  }

  /** Asks, and shows what comes until it has ended, in whichever way. */
  async run(request) {
    try {
      const response = await send("/v1/chat/completions", {
        body: { ...request, model: this.model, stream: true, stream_options: { include_usage: true } },
        signal: this.#abort.signal,
      });
      this.#begin(response.headers);
      for await (const { data } of serverSentEvents(response)) {
        if (data && data !== "[DONE]") {
          this.#take(JSON.parse(data));
        }
      }
    } catch (error) {
      if (this.#abort.signal.aborted) {
        this.note = t("stopped");
      } else {
        text(this.problem, error instanceof Failure ? error.message : t("brokenOff"));
      }
    }
    this.#draw();
    this.element.classList.remove("running");
    this.element.setAttribute("aria-busy", "false");
  }

  /** Tells it of an event of the pool: perhaps it is about this answer. */
  notice(event) {
    const isMine = !event.request_id || event.request_id === this.request;
    if (event.kind === "resumed" && event.from === this.target && isMine) {
      this.#seams.push({ at: position(this.content, event.characters), from: event.from, to: event.to });
      this.#mark("caution", t("resumedNote", { from: event.from, to: event.to }));
      this.target = event.to;
      this.element.dataset.resumed = event.to;
      this.#drawSoon();
    }
  }

  #begin(headers) {
    this.target = headers.get("X-Sarai-Target");
    this.request = headers.get("X-Request-Id");
    this.element.dataset.target = this.target;
    const route = headers.get("X-Sarai-Route");
    this.who.append(" ", h("code", {}, this.target));
    if (route && route !== "preferred") {
      this.element.dataset.route = route;
      this.#mark("caution", t("standsIn", { to: this.target, reason: route.replace(/^failover; /, "") }));
    }
  }

  #mark(mood, sentence) {
    this.marks.append(h("li", { class: mood }, sentence));
  }

  #take(chunk) {
    if (chunk.error) {
      text(this.problem, chunk.error.message);
    }
    const choice = chunk.choices?.[0];
    const { content, reasoning_content: thinking } = choice?.delta ?? {};
    if (content || thinking) {
      this.#last = performance.now();
      this.#first ||= this.#last;
      this.#pieces += 1;
      this.content += (content ?? "").replaceAll(seam, "");
      this.#thinking += thinking ?? "";
    }
    this.usage = chunk.usage ?? this.usage;
    if (choice?.finish_reason === "length") {
      this.note = t("cutShort");
    }
    if (chunk.sarai) {
      this.#showSteps(chunk.sarai);
    }
    this.#drawSoon();
  }

  #drawSoon() {
    if (!this.#isDrawing) {
      this.#isDrawing = true;
      requestAnimationFrame(() => this.#draw());
    }
  }

  #draw() {
    this.#isDrawing = false;
    let shown = this.content;
    for (const { at } of this.#seams.toReversed()) {
      shown = shown.slice(0, at) + seam + shown.slice(at);
    }
    showMarkdown(this.body, shown, this.#seams.length ? t("resumedMark", this.#seams.at(-1)) : "");
    this.thinkingBox.hidden = !this.#thinking;
    text(this.thinkingText, this.#thinking);
    text(this.meta, this.#figures().join(" · "));
    this.ondraw?.();
  }

  /** How long it took and how fast it is; while it runs, a piece counts as a token. */
  #figures() {
    if (!this.#first) {
      return this.note ? [this.note] : [];
    }
    const tokens = this.usage?.completion_tokens ?? this.#pieces;
    // Of a pipeline, only the last step's tokens came while the answer did; the others' were made before.
    const streamed = this.#lastStep?.completion_tokens ?? tokens;
    const seconds = (this.#last - this.#first) / 1000;
    return [
      this.note,
      t("tokens", { n: tokens }),
      seconds > 0.05 && streamed > 1 && t("perSecond", { n: speed((streamed - 1) / seconds) }),
      t("firstToken", { time: duration((this.#first - this.#asked) / 1000) }),
    ].filter(Boolean);
  }

  /** What the pipeline did. */
  #showSteps({ name, choice, steps }) {
    this.#lastStep = steps.at(-1);
    this.steps.hidden = false;
    this.element.dataset.pipeline = name;
    this.steps.replaceChildren(
      h("summary", {}, name, " · ", steps.map((step) => step.name).join(" → ")),
      choice ? h("p", { class: "quiet" }, t("chosen", { reason: choice })) : "",
      h("ol", {}, ...steps.map((step) => h("li", { class: step.outcome },
        h("b", {}, step.name), " ", h("code", {}, step.by ?? ""), " ",
        h("span", { class: "quiet" }, {
          done: duration(step.seconds),
          skipped: t("stepSkipped"),
          failed: `${t("stepFailed")}: ${step.reason}`,
        }[step.outcome]),
        step.result ? h("blockquote", {}, step.result) : ""))));
  }
}

/** Where so many characters of a text end. The daemon counts characters as people do. */
function position(source, characters) {
  let count = 0;
  for (const { index } of new Intl.Segmenter().segment(source)) {
    if (count === characters) {
      return index;
    }
    count += 1;
  }
  return source.length;
}
