// The panel beside the phones: links, groups, what goes wrong on purpose, and the log of every call.
import { ask, deed, on, state } from "./api.js";
import { el, icon } from "./dom.js";
import { callLog } from "./log.js";
import { askBox } from "./notes.js";
import { deepLink } from "./rich.js";

const HARM = [
  { words: "Answer lost", title: "The message arrives, the connection is cut before the answer", kind: "cut_after", method: "sendMessage" },
  { words: "Connection cut", title: "The connection is cut and nothing arrives", kind: "cut_before", method: "sendMessage" },
  { words: "Too many", title: "429, come back in 5 seconds", kind: "too_many", method: "sendMessage", seconds: 5 },
  { words: "Server error", title: "502 Bad Gateway", kind: "status", method: "*", status: 502 },
  { words: "Slow", title: "The answer comes after 5 seconds", kind: "delay_after", method: "*", seconds: 5 },
  { words: "Half an answer", title: "The answer’s JSON breaks off", kind: "malformed", method: "*" },
  { words: "Twice", title: "The next updates are delivered twice", kind: "duplicate" },
  { words: "In reverse", title: "The next updates come in the wrong order", kind: "reorder" },
];

export function toolsPanel(root, toggle, shownPhone) {
  const setOpen = (open) => {
    root.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => setOpen(root.hidden));
  root.addEventListener("keydown", (event) => event.key === "Escape" && (setOpen(false), toggle.focus()));
  const close = el("button.quiet.icon", { type: "button", "aria-label": "Close the tools", onclick: () => setOpen(false) }, icon("close"));
  root.append(
    el("div.tools-head", {}, el("h2", {}, "Tools"), close),
    section("Open a link", linkBox(shownPhone)),
    section("People and groups", peopleBox(shownPhone)),
    section("Let something go wrong", harmBox()),
    section("Every call of the bot", callLog(on, state), true),
  );
}

const section = (title, content, open = false) => el("details.part", { open }, el("summary", {}, el("h3", {}, title), icon("down")), content);

function linkBox(shownPhone) {
  const input = el("input.field", { placeholder: "t.me/…?start=payload", "aria-label": "Link or payload", autocomplete: "off", spellcheck: "false" });
  const form = el("form.line", {}, input, el("button.solid", {}, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const payload = deepLink(input.value, state.bot.username) ?? input.value.trim();
    if (/^[\w-]{0,64}$/.test(payload)) shownPhone()?.send(`/start ${payload}`.trim());
    else input.setCustomValidity("A payload has up to 64 letters, digits, _ and -.");
    input.reportValidity();
  });
  input.addEventListener("input", () => input.setCustomValidity(""));
  return form;
}

function peopleBox(shownPhone) {
  const box = el("div.chips");
  const act = (words, doing) => el("button.chip", { type: "button", onclick: () => shownPhone().attempt(doing) }, words);
  const fill = () => {
    const phone = shownPhone();
    if (!phone) return;
    const { person, chat, personId } = phone;
    const made = [act("New group …", () => newGroup(phone))];
    if (chat.type === "private") {
      made.push(act(person.blocked ? `${person.first_name} unblocks the bot` : `${person.first_name} blocks the bot`, () => deed(personId, person.blocked ? "unblock" : "block")));
    } else {
      const inside = { chat_id: chat.id };
      const here = !["left", "kicked"].includes(chat.members[state.bot.id] ?? "left");
      made.push(act(here ? "Remove the bot" : "Add the bot", () => deed(personId, "bot", { ...inside, status: here ? "kicked" : "member" })));
      if (chat.type === "group") made.push(act("Make it a supergroup", () => deed(personId, "migrate", inside)));
    }
    box.replaceChildren(...made);
  };
  on("state", fill);
  on("opened", fill);
  return box;
}

async function newGroup(phone) {
  const asked = await askBox("A group with everybody in it", [{ name: "title", label: "Name", value: "Family" }], "Make it");
  if (!asked) return;
  const made = await deed(phone.personId, "groups", { title: asked.title, members: [...state.people.keys()] });
  phone.wanted = made.chat.id;
}

function harmBox() {
  const waiting = el("ul.faults", { "aria-label": "What will go wrong" });
  const limits = el("input", { type: "checkbox" });
  const chip = ({ words, title, ...fault }) => el("button.chip.harm", { type: "button", title, onclick: () => ask("POST", "/control/faults", fault) }, words);
  const item = (fault) =>
    el(
      "li",
      {},
      el("span", {}, `${nameOf(fault)} · ${fault.method === "*" ? "any call" : fault.method}`),
      el("button.quiet.icon", { type: "button", "aria-label": "Take it away", onclick: () => ask("DELETE", `/control/faults?number=${fault.number}`) }, icon("close")),
    );
  const fill = () => {
    waiting.replaceChildren(...state.faults.map(item));
    waiting.hidden = !state.faults.length;
    limits.checked = state.limits.per_chat !== null && state.limits.per_chat !== undefined;
  };
  limits.addEventListener("input", () => ask("PUT", "/control/limits", { telegram: limits.checked }));
  for (const kind of ["state", "faults", "limits"]) on(kind, fill);
  const ticked = el("label.tick", {}, limits, "Telegram’s flood limits: 1 a second to a chat, 30 over all");
  return el("div", {}, el("p.hint", {}, "Each strikes once, at the next call it fits."), el("div.chips", {}, ...HARM.map(chip)), waiting, ticked);
}

const nameOf = (fault) => HARM.find((harm) => harm.kind === fault.kind)?.words ?? fault.kind;
