// Pictures, sounds and videos of the message that is being written: chosen, pasted or dropped.

import { byID, h, icon, keyed } from "./dom.js";
import { size } from "./format.js";
import { t } from "./language.js";
import { tell } from "./notice.js";

// The daemon's own limit is server.max_media_body; in base64 a file grows by a third.
const largest = 24 * 2 ** 20;

/** The kinds of files that models take, by the endings of their names. */
const endings = {
  png: "image", jpg: "image", jpeg: "image", gif: "image", webp: "image", bmp: "image",
  wav: "audio", mp3: "audio", flac: "audio", mp4: "video", webm: "video",
};

let chosen = [];
let next = 0;

/** Takes the files that were chosen; who calls this has sent them. */
export function takeMedia() {
  const files = chosen;
  chosen = [];
  show();
  return files;
}

/** Whether there are any. */
export const hasMedia = () => chosen.length > 0;

/** Makes the page take files. */
export function prepareMedia() {
  const input = byID("file-input");
  byID("chat-attach").append(icon("attach"));
  byID("chat-attach").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  byID("chat-text").addEventListener("paste", (event) => {
    if (event.clipboardData.files.length > 0) {
      event.preventDefault();
      add([...event.clipboardData.files]);
    }
  });
  prepareDrop(byID("view-chat"));
}

function prepareDrop(area) {
  // Elements inside are entered before the ones around them are left.
  let depth = 0;
  const entered = (change) => {
    depth = change === 0 ? 0 : depth + change;
    area.classList.toggle("dropping", depth > 0);
  };
  const hasFiles = (event) => event.dataTransfer.types.includes("Files");
  area.addEventListener("dragenter", (event) => hasFiles(event) && entered(1));
  area.addEventListener("dragleave", (event) => hasFiles(event) && entered(-1));
  area.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  area.addEventListener("drop", (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      entered(0);
      add([...event.dataTransfer.files]);
    }
  });
}

async function add(files) {
  for (const file of files) {
    const ending = file.name.toLowerCase().split(".").pop();
    const kind = endings[ending] ?? endings[file.type.split("/").pop()];
    if (!kind) {
      tell(t("notMedia", { name: file.name }));
    } else if (file.size > largest) {
      tell(t("fileTooLarge", { name: file.name, size: size(largest) }));
    } else {
      next += 1;
      chosen.push({ id: next, name: file.name, kind, url: URL.createObjectURL(file), dataURL: await dataURL(file) });
    }
  }
  show();
  byID("chat-text").focus();
}

function dataURL(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function show() {
  keyed(byID("files"), chosen, ({ id }) => id, (file) => h("li", {},
    preview(file),
    h("button", {
      type: "button", class: "round small", "aria-label": t("removeFile", { name: file.name }), title: file.name,
      onclick: () => {
        URL.revokeObjectURL(file.url);
        chosen = chosen.filter(({ id }) => id !== file.id);
        show();
        byID("chat-text").focus();
      },
    }, icon("remove"))));
}

/** A file as the conversation shows it. */
export function preview({ kind, url, name }, isLarge = false) {
  switch (kind) {
    case "image": return h("img", { src: url, alt: name });
    case "video": return h("video", { src: url, controls: isLarge, "aria-label": name });
    default: return isLarge
      ? h("audio", { src: url, controls: true, "aria-label": name })
      : h("span", { class: "sound" }, icon("sound"), h("span", {}, name));
  }
}

/** A file as a part of a message. */
export function part({ kind, dataURL: url, name }) {
  switch (kind) {
    case "image": return { type: "image_url", image_url: { url } };
    case "video": return { type: "video_url", video_url: { url } };
    default: return {
      type: "input_audio", input_audio: { data: url.slice(url.indexOf(",") + 1), format: name.split(".").pop().toLowerCase() },
    };
  }
}
