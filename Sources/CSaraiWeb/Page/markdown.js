// Shows a model's Markdown: paragraphs, headings, lists, quotes, code, tables, emphasis. Links are shown, not made: where a
// model points to is not for a page to open. Everything becomes text nodes; nothing is ever read as HTML.

import { h } from "./dom.js";

/** Stands in a text where an answer went on at another target. It is taken out of what models say. */
export const seam = "\uE000";

/** Cuts a text into blocks: `{kind, lines, …}`. The last one may still grow. */
export function blocks(source) {
  const found = [];
  let open = null;
  const close = () => {
    open = null;
  };
  const begin = (kind, line, more = {}) => {
    open = { kind, lines: [line], ...more };
    found.push(open);
  };
  for (const line of source.split("\n")) {
    const fence = /^\s{0,3}(```+|~~~+)\s*(\S*)/.exec(line);
    if (open?.fence) {
      if (line.trim().startsWith(open.fence) && line.trim().replaceAll(open.fence[0], "") === "") {
        close();
      } else {
        open.lines.push(line);
      }
    } else if (fence) {
      begin("code", "", { fence: fence[1], label: fence[2] });
      open.lines = [];
    } else if (line.trim() === "") {
      // A list goes on after an empty line if an item follows.
      if (open?.kind === "list") {
        open.isLoose = true;
      } else {
        close();
      }
    } else if (/^#{1,6}\s/.test(line)) {
      begin("heading", line.replace(/^#+\s+/, "").replace(/\s+#*$/, ""), { level: /^#+/.exec(line)[0].length });
      close();
    } else if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
      begin("rule", line);
      close();
    } else if (/^\s*>/.test(line)) {
      const inner = line.replace(/^\s*>\s?/, "");
      open?.kind === "quote" ? open.lines.push(inner) : begin("quote", inner);
    } else if (/^\s*([-*+]|\d{1,9}[.)])\s/.test(line)) {
      open?.kind === "list" ? open.lines.push(line) : begin("list", line);
      open.isLoose = false;
    } else if (open?.kind === "list" && (!open.isLoose || /^\s{2,}/.test(line))) {
      open.lines.push(line);
    } else if (/^\s*\|.*\|\s*$/.test(line)) {
      open?.kind === "table" ? open.lines.push(line) : begin("table", line);
    } else if (open?.kind === "text") {
      open.lines.push(line);
    } else {
      begin("text", line);
    }
  }
  return found;
}

/**
 * Makes `parent` show Markdown. Blocks that are as before keep their elements, so a growing answer costs what its last block
 * costs, and what the reader has selected stays so.
 */
export function showMarkdown(parent, source, seamText = "") {
  const list = blocks(source);
  list.forEach((block, index) => {
    const signature = `${block.kind} ${block.level ?? ""} ${block.lines.join("\n")} ${seamText}`;
    const old = parent.children[index];
    if (old?.signature === signature) {
      return;
    }
    const fresh = element(block, seamText);
    fresh.signature = signature;
    old ? old.replaceWith(fresh) : parent.append(fresh);
  });
  while (parent.children.length > list.length) {
    parent.lastElementChild.remove();
  }
}

function element(block, seamText) {
  const all = block.lines.join("\n");
  switch (block.kind) {
    case "code": return h("pre", { tabindex: "0" }, h("code", {}, ...plain(all, seamText)));
    // The page's own headings end with the third level.
    case "heading": return h(`h${Math.min(6, block.level + 3)}`, {}, ...inline(all, seamText));
    case "rule": return h("hr");
    case "quote": return quote(all, seamText);
    case "list": return listOf(block.lines, seamText);
    case "table": return table(block.lines, seamText);
    default: return h("p", {}, ...inline(all, seamText));
  }
}

function quote(source, seamText) {
  const inner = h("blockquote");
  showMarkdown(inner, source, seamText);
  return inner;
}

function listOf(lines, seamText) {
  const first = /^(\s*)([-*+]|(\d+)[.)])\s/.exec(lines[0]);
  const list = first[3] ? h("ol", first[3] === "1" ? {} : { start: first[3] }) : h("ul");
  const items = [];
  for (const line of lines) {
    const item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line);
    // What is indented further belongs to the item before it.
    if (item && item[1].length <= first[1].length + 1) {
      items.push({ text: item[3], nested: [] });
    } else if (item || items.at(-1).nested.length > 0) {
      items.at(-1).nested.push(line);
    } else {
      items.at(-1).text += `\n${line.trim()}`;
    }
  }
  list.append(...items.map(({ text, nested }) =>
    h("li", {}, ...inline(text, seamText), nested.length > 0 && listOf(nested, seamText))));
  return list;
}

function table(lines, seamText) {
  const rows = lines.map((line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim()));
  const isRuled = rows.length > 1 && rows[1].every((cell) => /^:?-+:?$/.test(cell));
  const [head, ...body] = isRuled ? [rows[0], ...rows.slice(2)] : [null, ...rows];
  const line = (tag, cells) => h("tr", {}, ...cells.map((cell) => h(tag, {}, ...inline(cell, seamText))));
  return h("div", { class: "table", tabindex: "0" }, h("table", {}, head && h("thead", {}, line("th", head)),
    h("tbody", {}, ...body.map((cells) => line("td", cells)))));
}

// Code, then strong, emphasis, crossed out, links. A mark inside a word is none, so names_like_this stay as they are.
const marks = new RegExp(
  [
    "(`+)(?<code>[^`].*?|)\\1(?!`)",
    "\\*\\*(?<strong>\\S(?:.*?\\S)?)\\*\\*|(?<![\\w_])__(?<strong2>\\S(?:.*?\\S)?)__(?!\\w)",
    "\\*(?<em>[^\\s*](?:[^*]*?[^\\s*])?)\\*|(?<![\\w_])_(?<em2>[^\\s_](?:[^_]*?[^\\s_])?)_(?!\\w)",
    "~~(?<del>\\S(?:.*?\\S)?)~~",
    "!?\\[(?<label>[^\\]]*)\\]\\((?<target>[^)\\s]+)[^)]*\\)",
    "\\\\(?<escaped>[\\\\`*_{}[\\]()#+.!|~>-])",
  ].join("|"),
  "su",
);

/** The nodes of a text with marks in it. */
function inline(source, seamText) {
  const nodes = [];
  let rest = source;
  for (let match = marks.exec(rest); match; match = marks.exec(rest)) {
    nodes.push(...plain(rest.slice(0, match.index), seamText));
    const { code, strong, strong2, em, em2, del, label, target, escaped } = match.groups;
    if (code !== undefined) {
      nodes.push(h("code", {}, ...plain(code.replace(/^ (.*\S.*) $/s, "$1"), seamText)));
    } else if (strong ?? strong2) {
      nodes.push(h("strong", {}, ...inline(strong ?? strong2, seamText)));
    } else if (em ?? em2) {
      nodes.push(h("em", {}, ...inline(em ?? em2, seamText)));
    } else if (del) {
      nodes.push(h("del", {}, ...inline(del, seamText)));
    } else if (target !== undefined) {
      nodes.push(...inline(label, seamText), h("span", { class: "address" }, ` (${target})`));
    } else {
      nodes.push(...plain(escaped, seamText));
    }
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, ...plain(rest, seamText)];
}

/** Text, with the mark of each seam in it. */
function plain(source, seamText) {
  return source.split(seam).flatMap((piece, index) => [
    ...(index > 0 ? [h("span", { class: "seam", role: "note", title: seamText, "aria-label": seamText })] : []),
    ...(piece ? [document.createTextNode(piece)] : []),
  ]);
}
