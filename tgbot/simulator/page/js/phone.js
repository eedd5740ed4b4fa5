// A person's phone: one chat at a time, with its head, messages and composer.
import { ask, deed, emit, state } from "./api.js";
import { bubble, serviceText } from "./bubble.js";
import { Composer } from "./composer.js";
import { calm, el, icon } from "./dom.js";
import { alertBox, toast } from "./notes.js";

const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const NEAR = 80;
const FOCUSABLE = "button, a[href], [role='button'], summary";

export class Phone {
  constructor(personId) {
    this.personId = personId;
    this.chatId = personId;
    this.nodes = new Map();
    this.busy = new Map();
    this.finished = new Set();
    this.build();
    this.sync();
  }

  get person() {
    return state.people.get(this.personId);
  }

  get chat() {
    return state.chats.get(this.chatId);
  }

  build() {
    this.name = el("h2");
    this.status = el("p", { "aria-live": "polite" });
    this.face = el("div.avatar", { "aria-hidden": "true" });
    this.owner = el("span.owner", { dir: "auto" });
    const head = el("header.phone-head", {}, this.face, el("div.phone-title", {}, this.name, this.status), this.owner);
    this.tabs = el("div.chat-tabs", { role: "tablist", "aria-label": "Chats", hidden: true });
    this.list = el("ol.messages", { tabindex: "0" });
    this.log = el("div.talk", { role: "log", "aria-live": "polite" });
    this.blank = el("div.empty");
    this.toEnd = el("button.to-end", { type: "button", "aria-label": "To the newest message", hidden: true, onclick: () => this.scrollToEnd(true) }, icon("down"));
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.composer = new Composer(this);
    this.root = el("section.phone", {}, head, this.tabs, this.log, this.composer.root);
    this.log.append(this.list, this.blank, this.toEnd);
    this.sizes = new ResizeObserver(() => this.stuck && this.scrollToEnd());
    this.sizes.observe(this.list);
    this.stuck = true;
  }

  open(chatId) {
    this.chatId = chatId;
    this.stuck = true;
    this.sync();
    emit("opened");
  }

  chats() {
    const here = (chat) => chat.members[this.personId] && !["left", "kicked"].includes(chat.members[this.personId]);
    return [...state.chats.values()].filter((chat) => chat.id === this.personId || (here(chat) && !chat.moved_to));
  }

  // Make everything as the state says, after it was asked anew.
  sync() {
    const readFurtherUp = this.stuck ? null : this.list.scrollTop;
    if (state.chats.has(this.wanted)) [this.chatId, this.wanted] = [this.wanted, null];
    if (this.chat?.moved_to) this.chatId = this.chat.moved_to;
    if (!this.chat) this.chatId = this.personId;
    const group = this.chat.type !== "private";
    const title = group ? this.chat.title : state.bot.about?.name || state.bot.first_name;
    this.root.setAttribute("aria-label", `${this.person.first_name}’s phone`);
    for (const part of [this.log, this.list]) part.setAttribute("aria-label", `Chat of ${this.person.first_name} with ${title}`);
    this.name.textContent = title;
    this.face.replaceChildren(group ? title.slice(0, 1) : el("img", { src: "logo.svg", alt: "" }));
    this.owner.textContent = this.person.first_name;
    this.owner.title = `${this.person.first_name}’s phone`;
    this.setStatus();
    this.syncTabs();
    this.list.replaceChildren();
    this.nodes.clear();
    this.reachable = null;
    this.lastDay = this.lastFrom = null;
    for (const seen of this.chat.messages.values()) if (!seen.deleted) this.append(seen, false);
    this.syncBlank();
    this.composer.sync();
    if (readFurtherUp === null) this.list.lastElementChild ? this.follow(this.list.lastElementChild) : this.scrollToEnd();
    else this.list.scrollTop = readFurtherUp;
  }

  syncTabs() {
    const chats = this.chats();
    this.tabs.hidden = chats.length < 2;
    const tab = (chat) =>
      el(
        "button",
        { type: "button", role: "tab", "aria-selected": String(chat.id === this.chatId), onclick: () => this.open(chat.id) },
        chat.type === "private" ? state.bot.first_name : chat.title,
      );
    this.tabs.replaceChildren(...chats.map(tab));
  }

  setStatus(action) {
    clearTimeout(this.actionTimer);
    const words = { typing: "typing", upload_photo: "sending a picture", upload_document: "sending a file" };
    const group = this.chat.type !== "private";
    const count = Object.values(this.chat.members).filter((s) => s !== "left" && s !== "kicked").length;
    this.status.className = action ? "busy" : "";
    this.status.replaceChildren(action ? (words[action] ?? "busy") : group ? `${count} members` : "bot");
    if (!action) return;
    this.status.append(el("span.dots", {}, el("i"), el("i"), el("i")));
    this.actionTimer = setTimeout(() => this.setStatus(), 5000);
  }

  syncBlank() {
    const empty = !this.nodes.size && this.chat.type === "private";
    const about = state.bot.about?.description || "Press Start and see.";
    this.blank.hidden = !empty;
    this.blank.replaceChildren(el("div", {}, el("h3", {}, "What can this bot do?"), el("p", { dir: "auto" }, about)));
  }

  deeds() {
    return {
      bot: state.bot.username,
      send: (text) => this.send(text),
      tap: (button, key) => this.tap(button, key),
      show: (id) => this.nodes.get(id)?.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" }),
    };
  }

  make(seen) {
    const words = serviceText(seen.message);
    if (words) return el("li.service", {}, words);
    const mine = seen.message.from.id === this.personId;
    return bubble(seen, { mine, group: this.chat.type !== "private", deeds: this.deeds() });
  }

  append(seen, fresh) {
    const { message } = seen;
    const stick = fresh && (this.stuck || message.from.id === this.personId);
    const day = dayName.format(new Date(message.date * 1000));
    if (this.lastDay !== day) {
      this.list.append(el("li.day", {}, day));
      this.lastDay = day;
      this.lastFrom = null;
    }
    const node = this.make(seen);
    node.classList.toggle("first", this.lastFrom !== message.from.id);
    if (this.lastFrom === message.from.id) this.list.lastElementChild.classList.remove("last");
    node.classList.add("last");
    if (fresh) node.classList.add("new");
    this.lastFrom = message.from.id;
    this.nodes.set(message.message_id, node);
    this.list.append(node);
    this.reach(node);
    this.blank.hidden = true;
    if (fresh && message.from.is_bot) this.setStatus();
    if (stick) this.follow(node, true);
  }

  // Tab goes to the newest message's keys and then to the line below; the arrows reach those further up.
  reach(node) {
    if (!node.querySelector(FOCUSABLE)) return;
    if (this.reachable !== node) this.reachable?.querySelectorAll(FOCUSABLE).forEach((key) => key.setAttribute("tabindex", "-1"));
    this.reachable = node;
  }

  walk(event) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const keys = [...this.list.querySelectorAll(FOCUSABLE)];
    const at = keys.indexOf(document.activeElement);
    const next = at < 0 ? keys.at(-1) : keys[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next || (at < 0 && event.key === "ArrowDown")) return;
    event.preventDefault();
    next.focus();
  }

  // A message of the bot that is taller than the view is read from its top; else its end is in view.
  follow(node, smooth = false, height = node.offsetHeight) {
    if (node.classList.contains("mine") || height <= this.list.clientHeight) return this.scrollToEnd(smooth);
    this.stuck = false;
    this.wasAt = 0;
    this.list.scrollTo({ top: node.offsetTop - 8, behavior: smooth && !calm() ? "smooth" : "auto" });
    this.toEnd.hidden = false;
  }

  // The bubble keeps its place and grows or shrinks to its new size; nothing else jumps.
  edited(seen) {
    const old = this.nodes.get(seen.message.message_id);
    if (!old) return;
    const focused = old.contains(document.activeElement);
    const before = old.offsetHeight;
    const node = this.make(seen);
    for (const name of ["first", "last"]) node.classList.toggle(name, old.classList.contains(name));
    const newest = old === this.list.lastElementChild;
    old.replaceWith(node);
    this.nodes.set(seen.message.message_id, node);
    if (old === this.reachable || newest) this.reach(node);
    else node.querySelectorAll(FOCUSABLE).forEach((key) => key.setAttribute("tabindex", "-1"));
    const height = node.offsetHeight; // before it grows there
    if (focused) (node.querySelector(".key") ?? this.list).focus({ preventScroll: true });
    if (!calm()) {
      const growing = node.animate([{ height: `${before}px`, overflow: "clip" }, { height: `${height}px`, overflow: "clip" }], { duration: 200, easing: "cubic-bezier(.2,.7,.2,1)" });
      this.followed(node, growing);
      node.querySelector(".text")?.animate([{ opacity: 0.25 }, { opacity: 1 }], { duration: 220 });
      node.querySelector(".keys")?.animate([{ opacity: 0.25, transform: "translateY(-4px)" }, { opacity: 1, transform: "none" }], { duration: 220 });
    }
    if (this.stuck) this.scrollToEnd(); // the keys stay under the thumb that tapped
    else if (node.offsetTop < this.list.scrollTop) this.list.scrollTop = node.offsetTop - 40;
  }

  deleted(seen) {
    const node = this.nodes.get(seen.message.message_id);
    if (!node) return;
    this.nodes.delete(seen.message.message_id);
    node.classList.add("gone");
    setTimeout(() => node.remove(), calm() ? 0 : 220);
  }

  atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
  }

  // Whoever scrolls up stays there. Nothing else lets go of the end: a smooth scroll may still be on its way to it.
  scrolled() {
    const up = this.list.scrollTop < (this.wasAt ?? 0);
    this.wasAt = this.list.scrollTop;
    if (this.atEnd()) this.stuck = true;
    else if (up) this.stuck = false;
    this.toEnd.hidden = this.stuck;
  }

  // Its new keys come into sight as it grows, not below the edge.
  followed(node, growing) {
    this.sizes.observe(node);
    growing.onfinish = growing.oncancel = () => {
      this.sizes.unobserve(node);
      if (this.stuck) this.scrollToEnd();
    };
  }

  // A scroll from before, told only now, is then no scroll up.
  scrollToEnd(smooth = false) {
    this.stuck = true;
    this.wasAt = this.list.scrollTop;
    this.list.scrollTo({ top: this.list.scrollHeight, behavior: smooth && !calm() ? "smooth" : "auto" });
    this.toEnd.hidden = true;
  }

  async attempt(doing) {
    try {
      return await doing();
    } catch (error) {
      toast(this.root, error.message);
      return null;
    }
  }

  send(text, replyTo) {
    return this.attempt(() => deed(this.personId, "send", { text, chat_id: this.chatId, reply_to: replyTo }));
  }

  async tap(button, key) {
    if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text);
      return toast(this.root, "Copied");
    }
    if ("switch_inline_query_current_chat" in button) return this.composer.put(`@${state.bot.username} ${button.switch_inline_query_current_chat}`);
    if ("switch_inline_query" in button) return this.composer.put(`@${state.bot.username} ${button.switch_inline_query}`);
    if (button.callback_data === undefined) return toast(this.root, "This kind of button is not simulated.");
    key.setAttribute("aria-busy", "true");
    const body = { message_id: Number(key.closest(".message").dataset.id), data: button.callback_data, chat_id: this.chatId };
    const done = await this.attempt(() => deed(this.personId, "tap", body));
    // The bot's answer may have come before our own request was answered.
    if (!done || this.finished.delete(done.query_id)) return key.removeAttribute("aria-busy");
    this.busy.set(done.query_id, key);
    setTimeout(() => this.rest(done.query_id), 15000);
    return null;
  }

  rest(queryId) {
    this.busy.get(queryId)?.removeAttribute("aria-busy");
    this.busy.delete(queryId);
  }

  answered({ query_id, text, show_alert }) {
    if (this.busy.has(query_id)) this.rest(query_id);
    else this.finished.add(query_id);
    if (!text) return;
    if (show_alert) alertBox(text);
    else toast(this.root, text);
  }

  unblock() {
    return this.attempt(() => deed(this.personId, "unblock"));
  }
}

export const newPerson = (name, language) => ask("POST", "/control/people", { name, language_code: language });