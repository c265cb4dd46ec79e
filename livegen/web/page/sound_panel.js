// "Sound here": for each part whether this page sounds it, with which instrument, how loud, and from where.

import { INSTRUMENTS } from "./instruments.js";

/** @typedef {import("./score.js").Who} Who */
/** @typedef {import("./sound.js").Sound} Sound */

/** @type {[Who, string][]} */
const PARTS = [["performer", "you"], ["player", "livegen"]];

export class SoundPanel {
  /** @param {HTMLElement} place @param {Sound} sound */
  constructor(place, sound) {
    this.sound = sound;
    /** @type {Map<Who, HTMLElement>} */
    this.switches = new Map();
    for (const [who, name] of PARTS) place.append(...this.part(who, name));
  }

  /** @param {Who} who @param {string} name */
  part(who, name) {
    const { sound } = this;
    const on = document.createElement("button");
    Object.assign(on, { id: `sound-${who}`, className: "switch", type: "button", role: "switch" });
    on.addEventListener("click", () => sound.want(who, !sound.sounds(who)));
    this.switches.set(who, on);
    const choice = document.createElement("select");
    choice.id = `sound-${who}-instrument`;
    for (const [key, { title }] of Object.entries(INSTRUMENTS)) choice.append(new Option(title, key));
    choice.value = sound.seats[who].instrument;
    choice.addEventListener("change", () => sound.change(who, { instrument: choice.value }));
    return [
      row(name, on),
      row(`${name}, instrument`, choice),
      row(`${name}, volume`, ...this.slider(who, "volume", 0, (volume) => `${Math.round(100 * volume)} %`)),
      row(`${name}, left to right`, ...this.slider(who, "pan", -1, side)),
    ];
  }

  /** @param {Who} who @param {"volume"|"pan"} what @param {number} least @param {(value: number) => string} words */
  slider(who, what, least, words) {
    const slider = document.createElement("input");
    Object.assign(slider, { id: `sound-${who}-${what}`, type: "range", min: least, max: 1, step: 0.02 });
    slider.value = String(this.sound.seats[who][what]);
    const output = document.createElement("output");
    const show = () => {
      const value = Number(slider.value);
      slider.style.setProperty("--fill", `${(100 * (value - least)) / (1 - least)}%`);
      output.textContent = words(value);
      slider.setAttribute("aria-valuetext", output.textContent);
    };
    slider.addEventListener("input", () => {
      this.sound.change(who, { [what]: Number(slider.value) });
      show();
    });
    show();
    return [slider, output];
  }

  /** Show what sounds here now. */
  show() {
    for (const [who, on] of this.switches) on.setAttribute("aria-checked", String(this.sound.sounds(who)));
  }
}

/** As on mixing desks: L20. @param {number} pan */
function side(pan) {
  return Math.abs(pan) < 0.01 ? "middle" : `${pan < 0 ? "L" : "R"}${Math.round(100 * Math.abs(pan))}`;
}

/** @param {string} name @param {HTMLElement} part @param {HTMLElement[]} rest */
function row(name, part, ...rest) {
  const row = document.createElement("div");
  row.className = "control";
  const label = document.createElement("label");
  label.htmlFor = part.id;
  label.textContent = name;
  row.append(label, part, ...rest);
  return row;
}
