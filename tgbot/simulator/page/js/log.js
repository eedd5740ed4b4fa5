// Every call of the Bot API: what the bot asked, what it was told; refusals stand out.
import { el } from "./dom.js";

const SHOWN = 400;
const timeOf = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function callLog(on, state) {
  const list = el("ol.calls", { "aria-label": "Calls" });
  const onlyRefused = el("input", { type: "checkbox" });
  const polls = el("input", { type: "checkbox" });
  const wanted = el("input.field", { type: "search", placeholder: "Find in method or text", "aria-label": "Find in the calls" });
  const waiting = (call) => call.status === 0 && !call.fault;
  const fits = (call) =>
    !waiting(call) &&
    (polls.checked || call.method !== "getUpdates" || call.status !== 200) &&
    (!onlyRefused.checked || call.status !== 200) &&
    (!wanted.value || JSON.stringify(call).toLowerCase().includes(wanted.value.toLowerCase()));
  const fill = () => list.replaceChildren(...state.calls.filter(fits).slice(-SHOWN).reverse().map(line));
  for (const input of [onlyRefused, polls, wanted]) input.addEventListener("input", fill);
  on("state", fill);
  on("call", (call) => {
    if (fits(call)) list.prepend(line(call));
    while (list.childElementCount > SHOWN) list.lastElementChild.remove();
  });
  const box = (input, words) => el("label.tick", {}, input, words);
  return el("div.log", {}, el("div.log-head", {}, wanted, box(onlyRefused, "Only refusals"), box(polls, "Polling too")), list);
}

function line(call) {
  const { method, status, parameters, answer } = call;
  const said = answer.ok === false ? answer.description : parameters.text ?? parameters.caption ?? parameters.action ?? "";
  const refused = status !== 200;
  const head = el(
    "summary",
    {},
    el("span.code", {}, status ? String(status) : "cut"),
    el("b", {}, method),
    el("time", {}, timeOf.format(new Date(call.at))),
    el("span.said", { dir: "auto" }, String(said).slice(0, 160)),
  );
  const details = el(`details.call${refused ? ".refused" : ""}`, {}, head);
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("pre")) return;
    details.append(el("h3", {}, "Asked"), el("pre", {}, pretty(readable(parameters))), el("h3", {}, "Answered"), el("pre", {}, pretty(answer)));
    if (call.fault) details.append(el("p.fault", {}, `Harmed on purpose: ${call.fault}`));
  });
  return el("li", {}, details);
}

const pretty = (value) => JSON.stringify(value, null, 2);

// Forms carry objects as JSON in text; shown as objects they can be read.
const readable = (parameters) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (typeof value !== "string" || !/^[[{]/.test(value)) return [name, value];
      try {
        return [name, JSON.parse(value)];
      } catch {
        return [name, value];
      }
    }),
  );
