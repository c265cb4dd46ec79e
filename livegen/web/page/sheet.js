// The last phrase and its answer as staff notation, drawn by abcjs (MIT, abcjs.LICENSE), which is loaded when it is first shown.

import { copy, download } from "./downloads.js";
import { CHANNEL } from "./drum_kit.js";
import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */

const NAMES = { performer: "you", player: "livegen" };
const WIDE = 150; // pixels that a bar takes at least
const ROOMY = 600; // pixels from which on the notes are drawn larger
const WRITTEN = 400; // milliseconds until the last notes are in the journal

/** @type {Promise<any>|null} */
let abcjs = null;

/** @returns {Promise<any>} */
function load() {
  abcjs ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = "abcjs.js";
    script.onload = () => done(/** @type {any} */ (window).ABCJS);
    script.onerror = fail;
    document.head.append(script);
  });
  return abcjs;
}

export class Sheet {
  /**
   * @param {HTMLElement} place @param {HTMLElement} toggle opens and closes it @param {Link} link
   * @param {(pitch: number, velocity: number) => void} strike a note of the performer's; velocity 0 releases it
   */
  constructor(place, toggle, link, strike) {
    this.place = place;
    this.link = link;
    this.strike = strike;
    /** @type {number[]} */
    this.timers = [];
    /** @type {Set<number>} the pitches that are being played again */
    this.held = new Set();
    this.toggle = toggle;
    this.staves = document.createElement("div");
    this.staves.className = "staves";
    this.said = document.createElement("p");
    this.said.className = "note";
    this.said.setAttribute("role", "status");
    /** @type {number[]} the slots that are full */
    this.full = [];
    this.slots = 0;
    place.append(this.buttons(), this.said, this.staves);
    toggle.addEventListener("click", () => this.show(place.hidden));
    link.on("/livegen/out/turn", (who) => who === "performer" && this.shown && setTimeout(() => this.draw(), WRITTEN));
    link.on("/livegen/panic", () => this.stop());
    link.onState((connected) => connected || this.stop());
    link.on("/livegen/out/slots", (...full) => (this.full = full));
    link.onTree((tree) => {
      this.slots = tree.CONTENTS?.save?.RANGE?.[0]?.MAX ?? 0;
      this.full = tree.CONTENTS?.out?.CONTENTS?.slots?.VALUE ?? [];
    });
  }

  get shown() {
    return !this.place.hidden;
  }

  buttons() {
    const row = document.createElement("div");
    row.className = "sheet-tools";
    const say = (/** @type {string} */ text) => (this.said.textContent = text);
    row.append(
      button("More like this", "livegen hears its answer as if you had played it, and answers that", () => this.again()),
      button("Keep", "Keep this place in the music in a slot of the memory", () => this.keep()),
      button("Copy", "Copy both as ABC", () => copy("/phrase.abc", say)),
      button(".mid", "Both as a MIDI file", () => download("/phrase.mid", say)),
      button("ABC", "Both as ABC", () => download("/phrase.abc", say)),
      button("Close", undefined, () => this.show(false)),
    );
    return row;
  }

  /** Play livegen's answer as if the performer did, so that livegen takes it up. */
  async again() {
    this.stop();
    const answer = await fetch("/phrase.json").catch(() => null);
    /** @type {import("./recording.js").Played[]} */
    const notes = answer?.ok ? (await answer.json()).notes : [];
    const lines = notes.filter(({ who, channel }) => who === "player" && channel !== CHANNEL);
    this.said.textContent = lines.length ? "" : "livegen has played nothing yet.";
    for (const { onset, duration, pitch, velocity } of lines) {
      const at = onset - (lines[0]?.onset ?? 0);
      this.after(at, () => this.sound(pitch, velocity));
      this.after(at + duration, () => this.sound(pitch, 0));
    }
  }

  /** @param {number} seconds @param {() => void} then */
  after(seconds, then) {
    this.timers.push(setTimeout(then, 1000 * seconds));
  }

  /** @param {number} pitch @param {number} velocity */
  sound(pitch, velocity) {
    if (velocity) this.held.add(pitch);
    else this.held.delete(pitch);
    this.strike(pitch, velocity);
  }

  /** End what is played again. */
  stop() {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
    for (const pitch of [...this.held]) this.sound(pitch, 0);
  }

  /** Keep the place in the music in the first slot that is free. */
  keep() {
    const free = Array.from({ length: this.slots }, (_, i) => i + 1).find((slot) => !this.full.includes(slot));
    this.said.textContent = free
      ? `Kept. Slot ${free} of the memory goes on from here.`
      : "All slots of the memory are full: clear one first.";
    if (free) this.link.send("/livegen/save", free);
  }

  /** @param {boolean} on */
  show(on) {
    this.place.hidden = !on;
    this.toggle.setAttribute("aria-pressed", String(on));
    this.said.textContent = "";
    if (on) this.draw();
  }

  async draw() {
    if (!this.staves.children.length) this.staves.textContent = "One moment …";
    const [library, answer] = await Promise.all([load(), fetch("/phrase.abc")]).catch(() => [null, null]);
    if (!library || !answer) return void (this.said.textContent = "livegen does not answer.");
    const text = await answer.text();
    if (!answer.ok) return void this.staves.replaceChildren(text);
    this.staves.replaceChildren();
    for (const { name, abc } of parts(text)) this.staff(library, name, abc);
  }

  /** @param {any} library @param {string} name @param {string} abc */
  staff(library, name, abc) {
    const title = document.createElement("h2");
    title.textContent = NAMES[/** @type {keyof NAMES} */ (name)] ?? name;
    const paper = document.createElement("div");
    paper.className = `staff ${name}`;
    paper.dataset.abc = abc;
    this.staves.append(title, paper);
    const wide = Math.max(240, this.staves.clientWidth - 30);
    const scale = wide > ROOMY ? 1.4 : 1;
    const perLine = Math.max(1, Math.floor(wide / scale / WIDE));
    styled(() =>
      library.renderAbc(paper, abc, {
        ...{ staffwidth: wide / scale, wrap: { minSpacing: 1.4, maxSpacing: 2.4, preferredMeasuresPerLine: perLine } },
        ...{ scale, add_classes: true, paddingtop: 0, paddingbottom: 6, paddingleft: 0, paddingright: 0 },
      }),
    );
  }
}

/**
 * Draw with a library that writes style attributes, and a style sheet for dragging, which our content policy forbids; the former
 * are set by script, which it allows, and nothing here is dragged.
 * @param {() => void} draw
 */
function styled(draw) {
  const { setAttribute } = Element.prototype;
  const { insertBefore } = Node.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") /** @type {any} */ (this).style.cssText = value;
    else setAttribute.call(this, name, value);
  };
  Node.prototype.insertBefore = /** @type {any} */ (
    function (/** @type {Node} */ node, /** @type {Node|null} */ before) {
      return node instanceof SVGStyleElement ? node : insertBefore.call(this, node, before);
    }
  );
  try {
    draw();
  } finally {
    Object.assign(Element.prototype, { setAttribute });
    Object.assign(Node.prototype, { insertBefore });
  }
}

/**
 * The parts of a tune, each as a tune of its own without the bars before and after it, in the order in which they begin.
 * @param {string} text ABC @returns {{name: string, abc: string}[]}
 */
export function parts(text) {
  const lines = text.split("\n");
  const key = lines.findIndex((line) => line.startsWith("K:"));
  const head = lines.slice(0, key + 1).filter((line) => /^[XMLK]:/.test(line));
  const found = lines.slice(key + 1).join("\n").split(/^V:\d+ name=/m);
  if (found.length === 1) found.unshift("");
  return found
    .slice(1)
    .map((part) => {
      const [first = "", ...music] = part.split("\n");
      const named = found[0] === "" && text.includes("\nV:");
      const bars = (named ? music : [first, ...music]).join(" ").replace("|]", "").split("|");
      const rests = (/** @type {string} */ bar) => /^[\s\dz/]*$/.test(bar);
      const begin = bars.findIndex((bar) => !rests(bar));
      const end = bars.findLastIndex((bar) => !rests(bar));
      return { name: named ? first : "performer", begin, abc: `${head.join("\n")}\n${bars.slice(begin, end + 1).join("|")}|]` };
    })
    .sort((one, other) => one.begin - other.begin);
}
