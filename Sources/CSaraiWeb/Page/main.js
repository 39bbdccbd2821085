// Puts the page together.

import { showEvents, showQueue } from "./activity.js";
import { showBudget } from "./budget.js";
import { Chat } from "./chat.js";
import { attribute, byID, text } from "./dom.js";
import { prepareKeyDialog } from "./key.js";
import { language, onLanguage, setLanguage, t, translatePage } from "./language.js";
import { showModels } from "./models.js";
import { tellWhile } from "./notice.js";
import { showPlan } from "./plan.js";
import { Pool } from "./pool.js";

const pool = new Pool();
const changes = new Set();

/** Shows what has changed, once per frame however much that is. */
function show() {
  const { state } = pool;
  if (changes.has("state") && state) {
    showBudget(state);
    showModels(state, () => pool.refresh());
    showQueue(state);
    chat.showModels(state);
  }
  if (changes.has("events")) {
    showEvents(pool.events);
  }
  showHealth(state);
  changes.clear();
}

function showSoon(what) {
  if (changes.size === 0) {
    requestAnimationFrame(show);
  }
  changes.add(what);
}

function showHealth(state) {
  const isLoading = state?.models.some((model) => model.state === "loading" || (model.resident && !model.pid));
  const isDraining = pool.events.at(-1)?.kind === "draining";
  const health = !pool.isConnected ? "offline" : isDraining ? "draining" : isLoading ? "loading" : "ready";
  text(byID("health"), state || !pool.isConnected ? t(health) : "");
  attribute(byID("health"), "data-health", health);
  tellWhile(!pool.isConnected, t("offlineLong"));
}

/** Shows the view that the address names. */
function showView() {
  const view = ["pool", "plan", "chat"].find((name) => location.hash === `#${name}`) ?? "pool";
  document.body.dataset.view = view;
  for (const link of document.querySelectorAll("nav a")) {
    attribute(link, "aria-current", link.hash === `#${view}` ? "page" : false);
  }
  if (view === "plan") {
    showPlan();
  }
  // Where there is no keyboard, one would cover half of the screen.
  if (view === "chat" && matchMedia("(hover: hover)").matches) {
    byID("chat-text").focus({ preventScroll: true });
  }
}

function showLanguage() {
  for (const button of document.querySelectorAll(".languages button")) {
    attribute(button, "aria-pressed", String(button.value === language()));
  }
}

translatePage();
showLanguage();
prepareKeyDialog();
const chat = new Chat();
for (const button of document.querySelectorAll(".languages button")) {
  button.addEventListener("click", () => setLanguage(button.value));
}
onLanguage(() => {
  showLanguage();
  ["state", "events"].forEach(showSoon);
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byID("main").focus();
});
window.addEventListener("hashchange", showView);
pool.onChange((what) => {
  if (what === "events") {
    chat.notice(pool.events.at(-1));
  }
  showSoon(what);
});
showView();
pool.start();
