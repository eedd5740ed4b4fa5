// The panel beside the phones: the log of every call.
import { on, state } from "./api.js";
import { el } from "./dom.js";
import { callLog } from "./log.js";

export function toolsPanel(root, toggle) {
  toggle.addEventListener("click", () => {
    root.hidden = !root.hidden;
    toggle.setAttribute("aria-expanded", String(!root.hidden));
  });
  root.append(el("h2", {}, "Every call of the bot"), callLog(on, state));
}
