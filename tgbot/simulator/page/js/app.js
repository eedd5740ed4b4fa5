// The page: phones side by side, the clock above them, the tools beside them.
import { emit, listen, on, state } from "./api.js";
import { clockPanel } from "./clock.js";
import { connect } from "./composer.js";
import { el } from "./dom.js";
import { askBox, toast } from "./notes.js";
import { newPerson, Phone } from "./phone.js";
import { toolsPanel } from "./tools.js";

const LANGUAGES = [["en", "English"], ["de", "Deutsch"], ["es", "Español"], ["fr", "Français"], ["ar", "العربية"], ["fa", "فارسی"], ["he", "עברית"]];
const root = document.getElementById("phones");
const who = document.getElementById("who");
const phones = new Map();
let shown = null;

async function syncPhones() {
  for (const id of [...phones.keys()].filter((known) => !state.people.has(known))) {
    phones.get(id).root.remove(); // another simulator came in the old one's place
    phones.delete(id);
    if (shown === id) shown = null;
  }
  if (!state.people.size) return newPerson("Alex", navigator.language);
  for (const id of state.people.keys()) {
    if (phones.has(id)) phones.get(id).sync();
    else {
      phones.set(id, new Phone(id));
      root.append(phones.get(id).root);
    }
    shown ??= id;
  }
  show(shown);
  const name = state.bot.about?.name || state.bot.first_name;
  document.getElementById("title").textContent = name;
  document.title = `${name} · simulator`;
  return null;
}

// On a narrow screen one phone is seen at a time.
function show(id) {
  shown = id;
  for (const [other, phone] of phones) phone.root.classList.toggle("shown", other === id);
  who.classList.toggle("many", phones.size > 1);
  const tab = ([other]) =>
    el("button", { type: "button", "aria-pressed": String(other === id), onclick: () => turnTo(other) }, state.people.get(other).first_name);
  who.replaceChildren(...[...phones].map(tab));
  emit("opened");
}

function turnTo(id) {
  show(id);
  phones.get(id).scrollToEnd();
}

function inChat(chat, doing) {
  for (const phone of phones.values()) if (phone.chatId === chat.id) doing(phone);
}

on("state", syncPhones);
on("message", ({ chat, seen }) => {
  const sender = seen.message.from.id;
  const person = state.people.get(sender);
  if (person && chat.id === sender) person.started = true;
  inChat(chat, (phone) => {
    phone.append(seen, true);
    phone.composer.sync();
  });
});
on("edited", ({ chat, seen }) => inChat(chat, (phone) => phone.edited(seen)));
on("deleted", ({ chat, seen }) => inChat(chat, (phone) => phone.deleted(seen)));
on("action", ({ chat_id, action }) => inChat({ id: chat_id }, (phone) => phone.setStatus(action)));
on("answered", (answer) => phones.get(answer.person_id)?.answered(answer));
on("online", (online) => (document.getElementById("offline").hidden = online));
connect(() => [...phones.values()]);

document.getElementById("add-person").addEventListener("click", async () => {
  const asked = await askBox("Another person", [{ name: "name", label: "Name", value: "Noor" }, { name: "language", label: "Language of their phone", options: LANGUAGES }], "Add");
  if (!asked) return;
  const person = await newPerson(asked.name, asked.language);
  shown = person.id;
});

document.getElementById("skip-to-line").addEventListener("click", () => phones.get(shown)?.composer.root.querySelector("textarea, .wide:not([hidden])")?.focus());

const setTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
};
setTheme(localStorage.getItem("theme") ?? "");
document.getElementById("theme").addEventListener("click", () => {
  const current = document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  setTheme(current === "dark" ? "light" : "dark");
});

clockPanel(document.getElementById("clock"), (words) => toast(phones.get(shown)?.root ?? document.body, words));
toolsPanel(document.getElementById("tools"), document.getElementById("toggle-tools"), () => phones.get(shown));
listen();
