"use strict";
// Ticks and notes stay in this browser until they are saved as a file; nothing is sent anywhere.
const about = JSON.parse(document.getElementById("about").textContent);
const place = `backcheck-book ${about.pack} ${about.locale}`;
const articles = [...document.querySelectorAll("article[data-item]")];
const who = [...document.querySelectorAll("[data-who]")];
const $ = (id) => document.getElementById(id);

const verdictOf = (article) => article.querySelector("input:checked")?.value ?? "";
const noteOf = (article) => article.querySelector("textarea").value.trim();

function gathered() {
  const comments = articles
    .map((article) => ({ item: article.dataset.item, digest: article.dataset.digest, verdict: verdictOf(article), note: noteOf(article) }))
    .filter((comment) => comment.verdict || comment.note);
  const reviewer = Object.fromEntries(who.map((field) => [field.dataset.who, field.value.trim()]));
  return { pack: about.pack, locale: about.locale, made: about.made, reviewer, comments };
}

function keep() {
  try { localStorage.setItem(place, JSON.stringify(gathered())); }
  catch { say("This browser keeps nothing: save a file before you close this page."); }
  shown();
}

function shown() {
  let ticked = 0;
  for (const article of articles) {
    const verdict = verdictOf(article);
    article.toggleAttribute("data-done", Boolean(verdict));
    ticked += Boolean(verdict);
    article.querySelector(".lines").textContent = noteOf(article);
  }
  $("done").textContent = `${ticked} of ${articles.length} reviewed`;
}

function filled(saved) {
  let changed = 0;
  for (const field of who) field.value = saved.reviewer?.[field.dataset.who] ?? "";
  const byItem = new Map((saved.comments ?? []).map((comment) => [comment.item, comment]));
  for (const article of articles) {
    const comment = byItem.get(article.dataset.item);
    if (!comment) continue;
    const same = comment.digest === article.dataset.digest;
    changed += !same && Boolean(comment.verdict);
    for (const box of article.querySelectorAll("input[type=radio]")) box.checked = same && box.value === comment.verdict;
    article.querySelector("textarea").value = comment.note ?? "";
  }
  if (changed) say(`Changed since you ticked them, so their ticks are gone: ${changed}. Your notes are here.`);
  shown();
}

function say(text) { $("said").textContent = text; }

function search() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const article of articles) {
    const text = (article.dataset.search ??= article.textContent.toLowerCase());
    const open = $("open-only").checked && verdictOf(article);
    article.hidden = Boolean(open) || !words.every((word) => text.includes(word));
    found += !article.hidden;
  }
  for (const chapter of document.querySelectorAll("main > section"))
    chapter.hidden = words.length > 0 && !chapter.querySelector("article:not([hidden])");
  say(words.length ? `${found} found` : "");
}

function save() {
  const { reviewer } = gathered();
  const name = (reviewer.name || "reviewer").replace(/\W+/gu, "-").toLowerCase();
  const file = new Blob([JSON.stringify(gathered(), null, 1)], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `review-${name}.json` });
  link.click();
  URL.revokeObjectURL(link.href);
  say(`Saved as ${link.download}, where your browser puts downloads. Send that file back.`);
}

document.addEventListener("change", keep);
document.addEventListener("input", (event) => { if (event.target.matches("textarea, [data-who]")) keep(); });
$("search").addEventListener("input", search);
$("open-only").addEventListener("change", search);
$("save").addEventListener("click", save);
$("print").addEventListener("click", () => print());
$("open").addEventListener("change", async (event) => {
  try { filled(JSON.parse(await event.target.files[0].text())); keep(); }
  catch { say("That file is not one that this book saved."); }
});
try { const saved = localStorage.getItem(place); if (saved) filled(JSON.parse(saved)); } catch { /* nothing kept */ }
shown();
