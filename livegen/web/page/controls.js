// A control for a node of the OSCQuery tree: a slider, a switch, a choice or a text field, depending on its range.

import { VALUES, WORDS } from "./words.js";

/** @typedef {import("./link.js").Node} Node */
/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./words.js").Words} Words */

const QUIET = 400; // milliseconds after a hand moved a control before a message from livegen moves it again
const UNITS = { "time.second": "s", "time.ms": "ms", "time.bpm": "bpm" }; // OSCQuery's names for them
const LARGEST = 2 ** 31 - 1;

/** A node's name, the last part of its address. @param {Node} node */
export function nameOf(node) {
  return node.FULL_PATH.split("/").pop() ?? "";
}

/** A name as people read it: `top_p` is "top p". @param {string} name */
export function spoken(name) {
  return name.replaceAll("_", " ");
}

/** The words that a node takes, if it lists them. @param {Node} node @returns {any[]|undefined} */
export function choices(node) {
  return node.RANGE?.[0]?.VALS;
}

/** Whether a node is a value to set, and not an action. @param {Node} node */
export function isSetting(node) {
  return node.ACCESS === 3 && !node.CONTENTS && node.TYPE?.length === 1;
}

/** @param {Node} node */
function isSwitch(node) {
  const range = node.RANGE?.[0];
  return node.TYPE === "T" || node.TYPE === "F" || (node.TYPE === "i" && range?.MIN === 0 && range?.MAX === 1);
}

/**
 * An element that shows and sets a node's value, in its own labelled row, with what it does below where `told`.
 * @param {Node} node @param {Link} link @param {boolean} [told]
 */
export function control(node, link, told = false) {
  const name = nameOf(node);
  const words = WORDS[name] ?? {};
  const row = document.createElement("div");
  row.className = "control";
  row.title = node.DESCRIPTION ?? "";
  row.dataset.address = node.FULL_PATH;
  const id = `control${node.FULL_PATH.replaceAll("/", "-")}`;
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = words.title ?? spoken(name);
  if (words.title) label.append(small(spoken(name)));
  const range = node.RANGE?.[0];
  const numbers = node.TYPE !== "s" && range?.MIN !== undefined && range?.MAX !== undefined && range.MAX < LARGEST;
  const make = isSwitch(node) ? makeSwitch : choices(node) ? makeChoice : numbers ? makeSlider : makeEntry;
  const { parts, show } = make(node, id, (value) => link.send(node.FULL_PATH, value));
  row.append(label, ...parts);
  if (make === makeSlider && words.low && words.high) {
    row.classList.add("dial");
    row.append(small(words.low), small(words.high));
  }
  if (node.DESCRIPTION) {
    const help = document.createElement("span");
    help.id = `${id}-help`;
    help.className = told ? "help" : "unseen";
    help.textContent = node.DESCRIPTION;
    parts[0].setAttribute("aria-describedby", help.id);
    row.append(help);
  }
  if (node.VALUE?.[0] !== undefined && node.VALUE[0] !== null) show(node.VALUE[0]);
  return { row, show };
}

/** @param {string} text */
function small(text) {
  const made = document.createElement("small");
  made.textContent = text;
  return made;
}

/** @typedef {{row: HTMLElement, show: (...values: any[]) => void}} Made */
/** @typedef {{parts: HTMLElement[], show: (value: any) => void}} Parts */

/** @param {Node} node @param {string} id @param {(value: any) => void} set @returns {Parts} */
function makeSwitch(node, id, set) {
  const button = document.createElement("button");
  button.id = id;
  button.type = "button";
  button.className = "switch";
  button.setAttribute("role", "switch");
  const show = (/** @type {any} */ value) => button.setAttribute("aria-checked", String(Boolean(value)));
  show(false);
  button.addEventListener("click", () => {
    const value = button.getAttribute("aria-checked") !== "true";
    show(value);
    set(value ? 1 : 0);
  });
  return { parts: [button], show };
}

/** @param {Node} node @param {string} id @param {(value: any) => void} set @returns {Parts} */
function makeSlider(node, id, set) {
  const { low, high, step, place, value } = fader(node);
  const slider = document.createElement("input");
  slider.id = id;
  slider.type = "range";
  slider.min = String(low);
  slider.max = String(high);
  slider.step = String(step);
  const output = document.createElement("output");
  output.htmlFor = id;
  const say = sayer(node, step);
  let moved = -QUIET;
  const tell = () => {
    output.value = say(value(Number(slider.value)));
    slider.style.setProperty("--fill", `${((Number(slider.value) - low) / (high - low)) * 100}%`);
    slider.setAttribute("aria-valuetext", output.value);
  };
  let later = 0;
  const show = (/** @type {any} */ shown) => {
    clearTimeout(later);
    const rest = moved + QUIET - performance.now();
    if (rest > 0) {
      later = setTimeout(() => show(shown), rest);
      return;
    }
    slider.value = String(place(shown));
    tell();
  };
  slider.addEventListener("input", () => {
    moved = performance.now();
    tell();
    set(value(Number(slider.value)));
  });
  slider.addEventListener("dblclick", () => node.VALUE && set(node.VALUE[0]));
  show(value(low));
  return { parts: [slider, output], show };
}

/** The ends and steps of a node's fader, the place on it of a value, and the value at a place. @param {Node} node */
function fader(node) {
  const { MIN = 0, MAX = 1 } = node.RANGE?.[0] ?? {};
  if (WORDS[nameOf(node)]?.log) {
    const value = (/** @type {number} */ at) => Number((2 ** at).toPrecision(3));
    return { low: Math.log2(MIN), high: Math.log2(MAX), step: 0.05, place: Math.log2, value };
  }
  const same = (/** @type {number} */ number) => number;
  const step = node.TYPE === "i" ? 1 : ([0.01, 0.05, 0.1, 0.5].find((fine) => (MAX - MIN) / fine <= 250) ?? 1);
  return { low: MIN, high: MAX, step, place: same, value: same };
}

/** How a node's value reads. @param {Node} node @param {number} step @returns {(value: number) => string} */
function sayer(node, step) {
  const named = node.UNIT?.[0] ?? "";
  const unit = UNITS[/** @type {keyof UNITS} */ (named)] ?? named;
  const words = WORDS[nameOf(node)]?.say;
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
  return (value) => words?.(value) || `${value.toFixed(digits)}${unit ? ` ${unit}` : ""}`;
}

/** @param {Node} node @param {string} id @param {(value: any) => void} set @returns {Parts} */
function makeChoice(node, id, set) {
  const select = document.createElement("select");
  select.id = id;
  for (const value of choices(node) ?? []) select.add(new Option(spoken(String(value)), String(value)));
  select.addEventListener("change", () => set(node.TYPE === "s" ? select.value : Number(select.value)));
  const show = (/** @type {any} */ value) => {
    if (![...select.options].some((option) => option.value === String(value))) {
      select.add(new Option(String(value), String(value))); // such as a mode of the user's own
    }
    select.value = String(value);
  };
  return { parts: [select], show };
}

/** @param {Node} node @param {string} id @param {(value: any) => void} set @returns {Parts} */
function makeEntry(node, id, set) {
  const entry = document.createElement("input");
  entry.id = id;
  entry.type = "text";
  entry.autocomplete = "off";
  entry.spellcheck = false;
  entry.addEventListener("change", () => entry.value && set(node.TYPE === "s" ? entry.value : Number(entry.value)));
  return { parts: [entry], show: (value) => document.activeElement !== entry && (entry.value = String(value)) };
}

/**
 * Large buttons of which one is chosen.
 * @param {Node} node @param {Link} link @param {string} title
 */
export function chooser(node, link, title) {
  const row = document.createElement("div");
  row.className = "chooser";
  row.setAttribute("role", "radiogroup");
  row.setAttribute("aria-label", title);
  const show = (/** @type {any} */ value) => {
    let chosen = [...row.children].find((button) => /** @type {HTMLElement} */ (button).dataset.value === String(value));
    if (!chosen && value !== "") row.append((chosen = radio(String(value))));
    for (const button of row.children) {
      button.setAttribute("aria-checked", String(button === chosen));
      /** @type {HTMLElement} */ (button).tabIndex = button === (chosen ?? row.firstChild) ? 0 : -1;
    }
  };
  const radio = (/** @type {string} */ value) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "choice";
    button.setAttribute("role", "radio");
    button.dataset.value = value;
    const [name, meant] = VALUES[nameOf(node)]?.[value] ?? [spoken(value), ""];
    button.textContent = name;
    if (meant) button.append(small(meant));
    button.addEventListener("click", () => link.send(node.FULL_PATH, value));
    return button;
  };
  row.append(...(choices(node) ?? []).map((value) => radio(String(value))));
  row.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const buttons = /** @type {HTMLElement[]} */ ([...row.children]);
    if (!step || !buttons.length) return;
    event.preventDefault();
    const here = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = buttons[(here + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  });
  show(node.VALUE?.[0] ?? ""); // none, until one is known
  return { row, show };
}
