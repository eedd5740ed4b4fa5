// One message: bubble, stamp, media, and the keys under it.
import { el, icon } from "./dom.js";
import { link, rich } from "./rich.js";

const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SERVICE = {
  new_chat_members: (m) => `${m.new_chat_members.map((u) => u.first_name).join(", ")} joined`,
  left_chat_member: (m) => `${m.left_chat_member.first_name} left`,
  migrate_to_chat_id: () => "This group became a supergroup",
  migrate_from_chat_id: () => "This supergroup was a group",
  pinned_message: () => "A message was pinned",
};
const PLACEHOLDER = { sticker: "Sticker", voice: "Voice message", location: "Location", contact: "Contact", video: "Video", audio: "Audio", poll: "Poll" };

export function serviceText(message) {
  const kind = Object.keys(SERVICE).find((name) => name in message);
  return kind ? SERVICE[kind](message) : null;
}

// deeds: send(text), tap(button, key), reply…; mine: whether the phone's owner wrote it.
export function bubble(seen, { mine, group, deeds }) {
  const { message } = seen;
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities ?? [];
  const stamp = el("span.stamp", {}, message.edit_date ? "edited " : "", clockTime.format(new Date(message.date * 1000)));
  const box = el("div.bubble", { dir: "auto" });
  if (group && !mine) box.append(el("span.sender", {}, message.from.first_name));
  if (message.via_bot) box.append(el("span.sender", {}, `via @${message.via_bot.username}`));
  if (message.forward_origin) box.append(el("span.sender", {}, `Forwarded from ${message.forward_origin.sender_user?.first_name ?? "…"}`));
  if (message.reply_to_message) box.append(quoted(message.reply_to_message, deeds));
  const media = picture(message) ?? file(message) ?? placeholder(message);
  const above = message.show_caption_above_media;
  if (media && !above) box.append(media);
  if (text) box.append(el("div.text", { dir: "auto" }, rich(text, entities, deeds), stamp));
  if (media && above) box.append(media);
  if (!text) box.append(message.photo ? el("span.bare-stamp", {}, stamp.textContent) : stamp);
  const rows = message.reply_markup?.inline_keyboard ?? [];
  const item = el(`li.message${mine ? ".mine" : ""}${rows.length ? ".keyed" : ""}`, { dataset: { id: message.message_id } });
  item.append(el("span.hush", {}, `${message.from.first_name}, ${clockTime.format(new Date(message.date * 1000))}: `), box);
  if (rows.length) item.append(keys(rows, deeds));
  return item;
}

function quoted(message, deeds) {
  const words = message.text ?? message.caption ?? "Media";
  return el("button.quoted", { type: "button", onclick: () => deeds.show?.(message.message_id) }, el("b", {}, message.from.first_name), ` ${words}`);
}

function picture(message) {
  if (!message.photo) return null;
  const largest = message.photo.at(-1);
  const source = `/control/files/${largest.file_id}`;
  const image = el("img", { src: source, alt: message.caption ?? "Picture", width: largest.width, height: largest.height, loading: "lazy" });
  image.style.aspectRatio = `${largest.width} / ${largest.height}`;
  image.style.height = "auto";
  return el("a.shape", { href: source, target: "_blank", rel: "noopener", "aria-label": "Open the picture" }, image);
}

function file(message) {
  if (!message.document) return null;
  const { file_id, file_name, file_size } = message.document;
  const name = file_name ?? "file";
  return el(
    "a.document",
    { href: `/control/files/${file_id}`, download: name },
    el("span.disc", {}, icon("file")),
    el("span", {}, el("b", { dir: "auto" }, name), el("small", {}, size(file_size ?? 0))),
  );
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

function placeholder(message) {
  const kind = Object.keys(PLACEHOLDER).find((name) => name in message);
  if (!kind) return null;
  if (kind === "sticker") return el("span.sticker", { role: "img", "aria-label": "Sticker" }, message.sticker.emoji ?? "🙂");
  const words = PLACEHOLDER[kind];
  return el("div.document", {}, el("span.disc", {}, icon(kind === "voice" ? "play" : "file")), el("b", {}, words));
}

function keys(rows, deeds) {
  return el("div.keys", { role: "group", "aria-label": "Buttons" }, ...rows.map((row) => el("div", {}, ...row.map((button) => key(button, deeds)))));
}

function key(button, deeds) {
  if (button.url) {
    const made = link(button.url, [button.text], deeds);
    made.className = "key";
    made.append(icon("link", "corner"));
    return made;
  }
  const made = el("button.key", { type: "button", dir: "auto" }, button.text);
  if (button.copy_text) made.append(icon("copy", "corner"));
  if ("switch_inline_query" in button || "switch_inline_query_current_chat" in button) made.append(icon("share", "corner"));
  made.addEventListener("click", () => deeds.tap(button, made));
  return made;
}
