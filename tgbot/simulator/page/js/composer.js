// Where a person writes: menu of commands, text, the bot's reply keyboard, inline results.
import { deed, on, state } from "./api.js";
import { attachments } from "./attach.js";
import { el, icon } from "./dom.js";

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.chosen = 0;
    this.options = [];
    this.menuButton = el("button.menu", { type: "button", "aria-haspopup": "listbox", "aria-expanded": "false", onclick: () => this.toggle(() => this.commands().map((command) => this.commandOption(command))) }, icon("menu"), "Menu");
    this.input = el("textarea", { rows: "1", placeholder: "Message", "aria-label": "Message", autocomplete: "off", dir: "auto", enterkeyhint: "send" });
    this.sendButton = el("button.round.send", { type: "button", "aria-label": "Send", onclick: () => this.submit() }, icon("send"));
    this.clip = el("button.round", { type: "button", "aria-label": "Send something else", "aria-haspopup": "listbox", onclick: () => this.toggle(() => attachments(this)) }, icon("clip"));
    this.wide = el("button.wide", { type: "button" });
    this.editing = null;
    this.sheet = el("div.sheet", { role: "listbox", hidden: true });
    this.replyKeys = el("div.reply-keys", { hidden: true, role: "group", "aria-label": "Keyboard" });
    this.line = el("div.composer", {}, this.sheet, this.menuButton, this.clip, this.input, this.sendButton, this.wide);
    this.root = el("div", {}, this.line, this.replyKeys);
    this.input.addEventListener("keydown", (event) => this.keydown(event));
    this.input.addEventListener("input", () => this.typed());
    this.root.addEventListener("focusout", (event) => {
      if (!this.root.contains(event.relatedTarget)) this.close();
    });
  }

  sync() {
    const { person, chat } = this.phone;
    const isPrivate = chat.type === "private";
    const blocked = isPrivate && person.blocked;
    const fresh = isPrivate && !person.started && !blocked;
    this.wide.hidden = !(blocked || fresh);
    this.wide.textContent = blocked ? "Unblock" : "Start";
    this.wide.onclick = () => (blocked ? this.phone.unblock() : this.phone.send("/start"));
    for (const part of [this.input, this.sendButton, this.clip]) part.hidden = blocked || fresh;
    this.menuButton.hidden = blocked || fresh || !this.commands().length;
    this.syncKeyboard();
  }

  commands() {
    return this.phone.person.commands ?? [];
  }

  syncKeyboard() {
    const rows = this.phone.chat.keyboard?.keyboard ?? [];
    this.replyKeys.hidden = !rows.length;
    this.input.placeholder = this.phone.chat.keyboard?.input_field_placeholder ?? "Message";
    const key = (button) => el("button", { type: "button", onclick: () => this.phone.send(button.text) }, button.text);
    this.replyKeys.replaceChildren(...rows.map((row) => el("div", {}, ...row.map(key))));
  }

  put(text) {
    this.input.value = text;
    this.input.focus();
    this.typed();
  }

  toggle(options) {
    if (!this.sheet.hidden) return this.close();
    this.show(options());
    this.input.focus();
  }

  commandOption({ command, description }) {
    const option = el("button", { type: "button", role: "option", tabindex: "-1" }, el("b", {}, `/${command}`), el("span", { dir: "auto" }, description));
    option.addEventListener("click", () => this.pick(() => this.phone.send(`/${command}`)));
    return option;
  }

  pick(doing) {
    this.close();
    this.input.value = "";
    doing();
    this.input.focus();
  }

  show(options) {
    this.options = options;
    this.sheet.replaceChildren(...options);
    this.sheet.hidden = !options.length;
    this.menuButton.setAttribute("aria-expanded", String(!this.sheet.hidden));
    this.choose(0);
  }

  close() {
    this.sheet.hidden = true;
    this.options = [];
    this.menuButton.setAttribute("aria-expanded", "false");
  }

  choose(index) {
    if (!this.options.length) return;
    this.chosen = (index + this.options.length) % this.options.length;
    this.options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.chosen)));
    this.options[this.chosen].scrollIntoView({ block: "nearest" });
  }

  typed() {
    const text = this.input.value;
    const inline = text.startsWith(`@${state.bot.username} `);
    clearTimeout(this.inlineTimer);
    if (inline) {
      this.inlineTimer = setTimeout(() => this.askInline(text.slice(state.bot.username.length + 2)), 250);
    } else if (/^\/\w*$/.test(text)) {
      const fitting = this.commands().filter(({ command }) => command.startsWith(text.slice(1).toLowerCase()));
      this.show(fitting.map((command) => this.commandOption(command)));
    } else this.close();
  }

  async askInline(query) {
    await this.phone.attempt(() => deed(this.phone.personId, "inline", { query, chat_id: this.phone.chatId }));
  }

  inlineAnswered({ query_id, person_id, results }) {
    if (person_id !== this.phone.personId || !this.input.value.startsWith("@")) return;
    this.show(results.map((result) => this.resultOption(query_id, result)));
  }

  resultOption(queryId, result) {
    const option = el("button.result", { type: "button", role: "option", tabindex: "-1" }, el("b", { dir: "auto" }, result.title ?? result.type), el("span", { dir: "auto" }, result.description ?? ""));
    const choose = () => this.phone.attempt(() => deed(this.phone.personId, "choose", { query_id: queryId, result_id: result.id, chat_id: this.phone.chatId }));
    option.addEventListener("click", () => this.pick(choose));
    return option;
  }

  keydown(event) {
    const open = !this.sheet.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      this.close();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      event.preventDefault();
      this.editLast();
    } else if (event.key === "Escape" && this.editing) {
      this.stopEditing();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open) this.options[this.chosen].click();
      else this.submit();
    }
  }

  // The arrow up in an empty line takes up one's last message, as messengers do.
  editLast() {
    const mine = [...this.phone.chat.messages.values()].filter(({ message, deleted }) => !deleted && message.from.id === this.phone.personId && message.text);
    if (!mine.length) return;
    this.editing = mine.at(-1).message.message_id;
    this.input.value = mine.at(-1).message.text;
    this.line.classList.add("editing");
  }

  stopEditing() {
    this.editing = null;
    this.input.value = "";
    this.line.classList.remove("editing");
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    if (this.editing) {
      const body = { message_id: this.editing, text, chat_id: this.phone.chatId };
      this.stopEditing();
      await this.phone.attempt(() => deed(this.phone.personId, "edit", body));
      return;
    }
    this.input.value = "";
    this.close();
    if ((await this.phone.send(text)) === null) this.input.value = text;
    this.input.focus();
  }
}

export function connect(phones) {
  on("inline", (answer) => phones().forEach((phone) => phone.composer.inlineAnswered(answer)));
  on("keyboard", (chatId) => phones().forEach((phone) => phone.chatId === chatId && phone.composer.syncKeyboard()));
}
