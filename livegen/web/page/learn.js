// Binds a knob or fader to a setting: press "Bind", touch the setting, move the knob.

import { spoken } from "./controls.js";
import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */

export class Learn {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.cockpit = /** @type {HTMLElement} */ (document.getElementById("cockpit"));
    const row = document.createElement("div");
    row.className = "buttons";
    this.start = button("Bind a knob or fader", undefined, () => this.set(!this.on));
    row.append(this.start);
    this.said = document.createElement("p");
    this.said.className = "note";
    this.said.setAttribute("role", "status");
    document.getElementById("rig")?.append(row, this.said);
    link.onTree((tree) => (row.hidden = !tree.CONTENTS?.learn));
    link.on("/livegen/out/learned", (control, what) => {
      this.set(false);
      this.said.textContent = `${control} moves ${spoken(what)}.`;
    });
    // Captured before the setting gets the touch, which points at it and does not move it.
    for (const kind of ["pointerdown", "click", "keydown"]) {
      this.cockpit.addEventListener(kind, (event) => this.point(event), { capture: true });
    }
    this.set(false);
  }

  /** @param {boolean} on */
  set(on) {
    if (this.on && !on) this.link.send("/livegen/learn");
    this.on = on;
    this.cockpit.classList.toggle("learning", on);
    this.start.setAttribute("aria-pressed", String(on));
    if (on) this.said.textContent = "Touch the setting that it should move; Escape cancels.";
  }

  /** @param {Event} event */
  point(event) {
    if (!this.on) return;
    if (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ") return;
    const row = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest(".control[data-address]"));
    if (!row) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "click") return; // the click that follows the touch
    const what = (row.dataset.address ?? "").replace("/livegen/", "");
    this.link.send("/livegen/learn", what);
    this.said.textContent = `Now move the knob or fader for ${spoken(what)}.`;
  }
}
