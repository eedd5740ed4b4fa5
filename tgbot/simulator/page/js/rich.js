// A message's text with its entities as elements. Offsets are UTF-16 units, as in JavaScript's strings.
import { el, icon } from "./dom.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SIMPLE = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };

export function rich(text, entities = [], deeds = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fragment.append(...nodes(text, 0, text.length, sorted, deeds));
  return fragment;
}

function nodes(text, start, end, entities, deeds) {
  const made = [];
  let at = start;
  let afterBlock = false;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || entity.offset >= end) continue;
    const inner = entities.filter((other, j) => j > i && other.offset < stop && other.offset >= entity.offset);
    const block = BLOCKS.has(entity.type);
    made.push(plain(text.slice(at, entity.offset), afterBlock, block));
    made.push(node(entity, text.slice(entity.offset, stop), nodes(text, entity.offset, stop, inner, deeds), deeds));
    afterBlock = block;
    at = stop;
  }
  made.push(plain(text.slice(at, end), afterBlock, false));
  return made.filter((item) => item !== "");
}

// A block begins and ends a line by itself: the newline beside it would be one too many.
function plain(text, afterBlock, beforeBlock) {
  if (afterBlock) text = text.replace(/^\n/, "");
  return beforeBlock ? text.replace(/\n$/, "") : text;
}

function node(entity, raw, children, deeds) {
  if (SIMPLE[entity.type]) return el(SIMPLE[entity.type], {}, ...children);
  switch (entity.type) {
    case "pre":
      return el("pre", {}, el("code", { "data-language": entity.language }, ...children));
    case "blockquote":
      return el("blockquote", { dir: "auto" }, ...children);
    case "expandable_blockquote":
      return fold(children);
    case "spoiler":
      return spoiler(children);
    case "text_link":
      return link(entity.url, children, deeds);
    case "url":
      return link(/^[a-z]+:\/\//i.test(raw) ? raw : `https://${raw}`, children, deeds);
    case "email":
      return link(`mailto:${raw}`, children, deeds);
    case "bot_command":
      return el("button.command", { type: "button", onclick: () => deeds.send?.(raw) }, ...children);
    default:
      return el("span", { dataset: { entity: entity.type } }, ...children);
  }
}

export function link(url, children, deeds) {
  const payload = deepLink(url, deeds.bot);
  if (payload !== null) {
    return el("button.command", { type: "button", onclick: () => deeds.send?.(`/start ${payload}`.trim()) }, ...children);
  }
  if (!/^(https?|mailto|tel):/i.test(url)) return el("span", { title: url }, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow", title: url }, ...children);
}

// t.me/<bot>?start=payload → payload ("" without one); null for any other link.
export function deepLink(url, bot) {
  const found = /^(?:https?:\/\/)?(?:t|telegram)\.me\/(\w+)\/?(?:\?start=([\w-]{0,64}))?$/i.exec(url.trim());
  return found && bot && found[1].toLowerCase() === bot.toLowerCase() ? (found[2] ?? "") : null;
}

function fold(children) {
  const inner = el("span.fold-inner", {}, ...children);
  const toggle = el("button", { type: "button", "aria-expanded": "false", "aria-label": "Show all" }, icon("down"));
  const block = el("blockquote.fold", { dir: "auto", dataset: { open: "false" } }, inner, toggle);
  toggle.addEventListener("click", () => {
    const open = block.dataset.open !== "true";
    block.dataset.open = String(open);
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", open ? "Show less" : "Show all");
  });
  const measure = () => (toggle.hidden = block.dataset.open !== "true" && inner.scrollHeight <= inner.clientHeight + 2);
  new ResizeObserver(measure).observe(inner);
  return block;
}

function spoiler(children) {
  const hidden = el("span.spoiler", { role: "button", tabindex: "0", "aria-expanded": "false", "aria-label": "Spoiler, hidden" }, ...children);
  const show = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    hidden.setAttribute("aria-expanded", "true");
    hidden.removeAttribute("aria-label");
  };
  hidden.addEventListener("click", show);
  hidden.addEventListener("keydown", show);
  return hidden;
}
