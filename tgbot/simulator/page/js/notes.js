// Short words over a phone, and boxes that ask.
import { el } from "./dom.js";

export function toast(where, words) {
  where.querySelector(".toast")?.remove();
  const note = el("p.toast", { role: "status", dir: "auto" }, words);
  where.append(note);
  setTimeout(() => note.remove(), 3200 + words.length * 25);
}

export function alertBox(words) {
  const box = el(
    "dialog.alert",
    {},
    el("p", { dir: "auto" }, words),
    el("form", { method: "dialog" }, el("button.solid", { autofocus: true }, "OK")),
  );
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  box.showModal();
}

// fields: [{name, label, value?, options?}] → an object of their values, or null.
export function askBox(title, fields, action) {
  const made = fields.map(({ name, label, value = "", options }) => {
    const field = options
      ? el("select.field", { name }, ...options.map(([key, words]) => el("option", { value: key }, words)))
      : el("input.field", { name, value, required: true, maxlength: "64", autocomplete: "off" });
    return el("label", {}, label, field);
  });
  const buttons = el("div.row", {}, el("button.quiet", { value: "cancel", formnovalidate: true }, "Cancel"), el("button.solid", { value: "ok" }, action));
  const form = el("form", { method: "dialog" }, el("h3", {}, title), ...made, buttons);
  const box = el("dialog.alert.ask", { "aria-label": title }, form);
  document.body.append(box);
  box.showModal();
  form.querySelector("input")?.select();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue === "ok" ? Object.fromEntries(new FormData(form)) : null);
    });
  });
}
