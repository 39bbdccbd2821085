// How fast models answer: the tokens that they have generated between two looks at the pool.

// Long enough for a calm figure, short enough for it to be of now.
const span = 3000;

/** What was seen of each model. */
export class Speeds {
  #models = new Map();
  #state = null;

  /** Takes a look; a state that is shown again is none. */
  take(state) {
    if (state === this.#state) {
      return;
    }
    this.#state = state;
    const now = performance.now();
    for (const { name, totals, in_flight: running } of state.models) {
      const tokens = totals?.generated_tokens ?? 0;
      const seen = this.#models.get(name) ?? { looks: [], now: 0, last: 0 };
      // Where nothing was running the time was not spent on tokens; and another daemon begins to count anew.
      const isFresh = seen.looks.length === 0 || !seen.isRunning || tokens < seen.looks.at(-1).tokens;
      const looks = isFresh ? [] : seen.looks.filter(({ at }) => now - at < span);
      const first = looks[0];
      const speed = first && now > first.at ? ((tokens - first.tokens) * 1000) / (now - first.at) : 0;
      this.#models.set(name, {
        looks: [...looks, { at: now, tokens }],
        isRunning: running > 0,
        now: running > 0 ? speed : 0,
        last: running > 0 && speed > 0 ? speed : seen.last,
      });
    }
  }

  /** Tokens a second that a model generates `now`, and at the `last` look at which it did; 0 where it was not seen to. */
  of(name) {
    return this.#models.get(name) ?? { now: 0, last: 0 };
  }
}
