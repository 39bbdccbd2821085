// The key that the daemon may want. It stays in this tab and never gets into an address.

import { byID } from "./dom.js";
import { t } from "./language.js";

const storage = "sarai.key";
let asking = null;

/** The key that was given, if one was. */
export const currentKey = () => sessionStorage.getItem(storage);

/** Forgets a key that was refused, unless another one has been given meanwhile. */
export function forgetKey(key) {
  if (key === currentKey()) {
    sessionStorage.removeItem(storage);
  }
}

/**
 * Waits until the user has given a key. Requests that are refused at the same time wait for the same answer.
 */
export function askForKey({ wasWrong }) {
  if (currentKey()) {
    return Promise.resolve();
  }
  asking ??= open(wasWrong).finally(() => {
    asking = null;
  });
  return asking;
}

function open(wasWrong) {
  const dialog = byID("key");
  const input = byID("key-input");
  const complaint = byID("key-wrong");
  complaint.hidden = !wasWrong;
  complaint.textContent = wasWrong ? t("keyWrong") : "";
  input.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    // Escape closes a dialog too. Without a key nothing can be shown, so it opens again.
    dialog.onclose = () => {
      const key = input.value.trim();
      input.value = "";
      if (key) {
        sessionStorage.setItem(storage, key);
        resolve();
      } else {
        dialog.showModal();
      }
    };
  });
}

/** Makes the dialog's form close it. Its own way of submitting would be a request, which the page's policy forbids. */
export function prepareKeyDialog() {
  byID("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byID("key").close();
  });
}
