// The clock in the bar: the simulator's time, and the buttons that push it.
import { ask, now, on, setClock, state } from "./api.js";
import { el } from "./dom.js";

const HOUR = 3600;
const SPEEDS = [[1, "real time"], [60, "1 min a second"], [600, "10 min a second"], [3600, "1 h a second"]];
const timeOf = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dateOf = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

// complain(words): where one sees that a push could not be.
export function clockPanel(root, complain) {
  const push = (body) => ask("POST", "/control/clock", body).then(setClock, (error) => complain(error.message));
  const time = el("time.clock-time");
  const date = el("span.clock-date");
  const offset = el("span.clock-offset", { hidden: true, title: "How far this clock is ahead" });
  const small = el("small");
  const due = el("button.due", { type: "button", hidden: true, onclick: () => push({ to_next_due: true }) }, "To the next check-in", small);
  const speed = el("select", { "aria-label": "Speed of the clock" }, ...SPEEDS.map(([factor, words]) => el("option", { value: String(factor) }, words)));
  const keys = el(
    "div.clock-keys",
    {},
    el("button", { type: "button", onclick: () => push({ push_seconds: HOUR }) }, "+1 h"),
    el("button", { type: "button", onclick: () => push({ push_seconds: 24 * HOUR }) }, "+1 day"),
    due,
    speed,
  );
  root.append(el("div.clock-face", {}, time, date, offset), keys);

  function show() {
    const instant = now();
    time.textContent = timeOf.format(instant);
    time.dateTime = instant.toISOString();
    date.textContent = dateOf.format(instant);
    keys.hidden = !state.clock.travels;
    offset.hidden = Math.abs(state.clock.offset_seconds ?? 0) < 1;
    offset.textContent = `+${span(state.clock.offset_seconds ?? 0)}`;
    due.hidden = !state.clock.next_due;
    if (state.clock.next_due) small.textContent = `in ${span((Date.parse(state.clock.next_due) - instant) / 1000)}`;
  }

  // Running at speed is many small pushes: what the bot sees is the same as on a long day.
  setInterval(() => {
    const factor = Number(speed.value);
    if (factor > 1 && state.clock.travels) push({ push_seconds: (factor - 1) * 0.5 });
  }, 500);
  setInterval(show, 1000);
  on("clock", show);
  show();
}

function span(seconds) {
  if (seconds <= 0) return "no time";
  const minutes = Math.round(seconds / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  return [days && `${days} d`, hours && `${hours} h`, (rest || minutes === 0) && `${rest} min`].filter(Boolean).slice(0, 2).join(" ");
}
