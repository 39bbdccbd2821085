// Watches the pool: its events as they come, its state whenever something has happened, and now and then besides.

import { Failure, get, send, serverSentEvents } from "./api.js";

const busyPause = 1000;
const quietPause = 3000;
// The daemon shows every 15 s that a stream is alive.
const silence = 40000;
const longestPause = 15000;

/** What is known of the pool. `listeners` are called with the name of what has changed: `state`, `events`, `connection`. */
export class Pool {
  state = null;
  /** The newest last; as many as the daemon remembers. */
  events = [];
  isConnected = true;
  #listeners = new Set();
  #timer = 0;
  #isAsking = false;
  #isOutdated = false;

  /** Calls `listener` with what has changed. */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** Begins to watch, and never ends. */
  start() {
    this.refresh();
    this.#follow();
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  /** Asks for the state now; while one is on its way, once more after it. */
  async refresh() {
    if (this.#isAsking) {
      this.#isOutdated = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#isAsking = true;
    this.#isOutdated = false;
    try {
      this.state = await get("/api/pool/state");
      this.#connected(true);
      this.#tell("state");
    } catch (error) {
      this.#connected(!(error instanceof Failure && error.status === 0));
    }
    this.#isAsking = false;
    const isBusy = this.state?.models.some((model) => model.in_flight || model.queued || model.state === "loading");
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.refresh(), this.#isOutdated ? 200 : isBusy ? busyPause : quietPause);
    }
  }

  #tell(what) {
    this.#listeners.forEach((listener) => listener(what));
  }

  #connected(isConnected) {
    if (this.isConnected !== isConnected) {
      this.isConnected = isConnected;
      this.#tell("connection");
    }
  }

  async #follow() {
    for (let pause = 1000; ; pause = Math.min(2 * pause, longestPause)) {
      const watchdog = new AbortController();
      let alarm = setTimeout(() => watchdog.abort(), silence);
      try {
        const last = this.events.at(-1)?.id ?? 0;
        const stream = await send(`/api/pool/events?after=${last}`, { signal: watchdog.signal });
        for await (const { data } of serverSentEvents(stream)) {
          clearTimeout(alarm);
          alarm = setTimeout(() => watchdog.abort(), silence);
          pause = 500;
          if (data) {
            this.#take(JSON.parse(data));
          }
        }
      } catch {
        // The state's requests say whether the daemon is there; here there is nothing to do but to try again, later each time:
        // perhaps so many follow the events already that there is no room for one more.
      }
      clearTimeout(alarm);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #take(event) {
    // Another daemon counts from 1 again.
    if (event.kind !== "missed" && event.id <= (this.events.at(-1)?.id ?? 0)) {
      this.events = [];
    }
    // Of a load that goes on, only the latest step is of interest.
    const last = this.events.at(-1);
    if (event.kind === "loading" && last?.kind === "loading" && last.target === event.target) {
      this.events.pop();
    }
    this.events.push(event);
    if (this.events.length > 1000) {
      this.events.shift();
    }
    this.#tell("events");
    this.refresh();
  }
}
