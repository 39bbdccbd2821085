// Speaks to the daemon that this page came from.

import { askForKey, currentKey, forgetKey } from "./key.js";
import { t } from "./language.js";

/** A request that the daemon refused, in its own words; or that did not reach it (`status` 0). */
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a request. Where the daemon wants a key, the user is asked for one, and the request goes out again.
 *
 * @returns the response, whose status is a success.
 * @throws Failure; `AbortError` when `signal` says so.
 */
export async function send(path, { body, signal } = {}) {
  for (;;) {
    const key = currentKey();
    const headers = { "X-Sarai-Client": "web page" };
    if (key) {
      headers.Authorization = `Bearer ${key}`;
    }
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    let response;
    try {
      response = await fetch(path, {
        method: body === undefined ? "GET" : "POST",
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
        cache: "no-store",
      });
    } catch (error) {
      throw signal?.aborted ? error : new Failure(0, t("offlineLong"));
    }
    if (response.status === 401) {
      forgetKey(key);
      await askForKey({ wasWrong: Boolean(key) });
      continue;
    }
    if (!response.ok) {
      throw new Failure(response.status, await complaint(response));
    }
    return response;
  }
}

/** What the daemon says to a GET. */
export const get = async (path, options) => (await send(path, options)).json();

/** What the daemon says to a POST. */
export const post = async (path, body, options) => (await send(path, { ...options, body })).json();

/** What an error's body says, in any of the daemon's dialects. */
async function complaint(response) {
  const raw = await response.text();
  try {
    const { error } = JSON.parse(raw);
    return typeof error === "string" ? error : error.message;
  } catch {
    return raw.slice(0, 300) || `${response.status} ${response.statusText}`;
  }
}

/**
 * The server-sent events of a response: `{id, event, data}`. Comments count as events without data, so that a reader knows
 * that the stream is alive.
 */
export async function* serverSentEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = { id: "", event: "", data: "" };
        for (const line of block.split("\n")) {
          const colon = line.indexOf(":");
          const name = line.slice(0, colon);
          if (name in event) {
            event[name] += (name === "data" && event.data ? "\n" : "") + line.slice(colon + 1).replace(/^ /, "");
          }
        }
        yield event;
      }
    }
  } finally {
    // Whoever stops reading wants no more of it.
    reader.cancel().catch(() => {});
  }
}
