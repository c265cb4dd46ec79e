// The chart, bar by bar, with the bar that plays; the chord now and the next one, of the chart or as they are heard.

import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./cockpit.js").Cockpit} Cockpit */
/** @typedef {{beats: number, chords: [number, string][]}} Bar */
/** @typedef {{title: string, key: string, beats: number, sections: {name: string, bar: number}[], bars: Bar[]}} Layout */
/** @typedef {{names: string[], chart: Layout|null}} Charts */

const SURE = 0.5; // a chord that is less certain than that is shown fainter
const MOST = 12; // semitones that a chart is transposed at most
const OFF = "off";
const LEAST = 4; // letters for which a bar has room, at least

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class Chart {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {HTMLElement[]} */
    this.bars = [];
    /** @type {HTMLElement[]} */
    this.sections = [];
    this.spot = { bar: 0, section: 0, stays: 0, semitones: 0 };
    this.wait = -1; // beats until the next chord, where that is known
    /** @type {[string, string, number, number]|[]} */
    this.told = []; // the chord that the tree knew
    this.reads = 0;
    this.choice = chooser((name) => link.send("/livegen/chart", name));
    $("charts").append(this.choice.row);
    this.stay = button("Stay", "Stay in the section that plays, until this is pressed again", () => this.toggle());
    this.shift = document.createElement("output");
    $("chart-tools").append(this.stay, ...this.transposers(), button("End", "Play without the chart", () => link.send("/livegen/chart", OFF)));
    link.on("/livegen/out/bar", (bar, bars, section, stays, semitones) => this.place({ bar, section, stays, semitones }));
    link.on("/livegen/out/chord", (now, next, sure, wait) => this.chord(now, next, sure, wait));
    link.on("/livegen/out/beat", () => this.count());
  }

  /** Read the chart that plays, and the names of those that there are. */
  async read() {
    const read = (this.reads += 1);
    try {
      const answer = await fetch("/chart", { headers: { Accept: "application/json" } });
      /** @type {Charts} */
      const found = await answer.json();
      if (read === this.reads) this.show(found);
    } catch {
      // The connection is lost; when it is back, the tree is read, and so is this.
    }
  }

  /** What the tree knows of the place and the chord. @param {import("./link.js").Node} tree @param {Cockpit} cockpit */
  tree(tree, cockpit) {
    const node = tree.CONTENTS?.chart;
    if (node && !cockpit.shown.has(node.FULL_PATH)) cockpit.take({ row: this.choice.row, show: () => this.read() }, node);
    const said = tree.CONTENTS?.out?.CONTENTS;
    const [bar = 0, , section = 0, stays = 0, semitones = 0] = said?.bar?.VALUE ?? [];
    Object.assign(this.spot, { bar, section, stays, semitones });
    const [now, next, sure] = said?.chord?.VALUE ?? []; // of a chart that counts still; one that was heard is over
    this.told = now === undefined ? [] : [now, next, sure, -1];
    this.read();
  }

  /** @param {Charts} charts */
  show({ names, chart }) {
    this.choice.show(names, chart?.title ?? OFF);
    document.body.classList.toggle("charted", Boolean(chart));
    if (!chart && !$("chart").hidden) $("chord").hidden = true; // until one is heard
    if (chart && this.told.length) this.chord(...this.told);
    this.told = [];
    $("chart").hidden = !chart;
    (chart ? $("chart-now") : $("heard")).append($("chord")); // large above the chart, or over the notes
    this.count(0);
    $("chart-title").textContent = chart?.title ?? "";
    this.bars = (chart?.bars ?? []).map((bar, i) => drawn(bar, i, chart?.sections.find((section) => section.bar === i + 1)?.name));
    $("chart-bars").style.setProperty("--in-row", String(chart && chart.beats > 6 ? 2 : 4));
    $("chart-bars").replaceChildren(...this.bars);
    this.sections = (chart?.sections ?? []).map(({ name, bar }, i) => {
      const go = button(name || `Bar ${bar}`, `Go to bar ${bar} at the next bar line`, () => this.link.send("/livegen/section", String(i + 1)));
      go.setAttribute("aria-label", `Go to section ${name || i + 1}, bar ${bar}`);
      return go;
    });
    $("chart-sections").replaceChildren(...this.sections);
    this.stay.hidden = this.sections.length < 2;
    this.place(this.spot);
  }

  /** @param {{bar: number, section: number, stays: number, semitones: number}} spot */
  place(spot) {
    if (spot.semitones !== this.spot.semitones) this.read(); // its chords have other names
    this.spot = spot;
    for (const [i, bar] of this.bars.entries()) mark(bar, "aria-current", i + 1 === spot.bar);
    for (const [i, go] of this.sections.entries()) mark(go, "aria-current", i + 1 === spot.section);
    this.stay.setAttribute("aria-pressed", String(spot.stays > 0));
    this.shift.value = spot.semitones > 0 ? `+${spot.semitones}` : String(spot.semitones);
    const here = this.bars[spot.bar - 1];
    $("chart-place").textContent = here ? `bar ${spot.bar} of ${this.bars.length}` : "";
    if (here) this.bringIntoSight(here);
  }

  /** The row of the bar that plays, with the next row below it. @param {HTMLElement} bar */
  bringIntoSight(bar) {
    const box = $("chart-bars");
    const top = bar.offsetTop - box.offsetTop;
    const next = top + 2 * bar.offsetHeight;
    if (top < box.scrollTop || next > box.scrollTop + box.clientHeight) box.scrollTop = top;
  }

  /** @param {string} now @param {string} next @param {number} sure @param {number} wait beats until the next, -1: not known */
  chord(now, next, sure, wait) {
    $("chord").hidden = false;
    $("chord").classList.toggle("unsure", sure < SURE);
    $("chord-now").textContent = now;
    $("chord-next").textContent = next;
    const longest = Math.max(now.length, next.length + 3);
    $("chord").style.setProperty("--letters-now", String(longest)); // of the two, one below the other
    $("chord").style.setProperty("--letters", String(now.length + next.length + 5)); // beside each other
    this.wait = wait;
    this.count(0);
  }

  /** Beats have passed: how many are left until the next chord. @param {number} [beats] */
  count(beats = 1) {
    this.wait = this.wait < 0 ? -1 : Math.max(0, this.wait - beats);
    const left = Math.ceil(this.wait - 0.2);
    $("chord-wait").textContent = left > 0 && !$("chart").hidden ? `in ${left}` : "";
  }

  toggle() {
    if (this.spot.stays) this.link.send("/livegen/vamp");
    else this.link.send("/livegen/vamp", String(this.spot.section));
  }

  /** Down, by how much now, up. */
  transposers() {
    const by = (/** @type {number} */ step) => () => {
      const wanted = this.spot.semitones + step;
      if (Math.abs(wanted) <= MOST) this.link.send("/livegen/transpose", wanted);
    };
    const [down, up] = [button("−", "A semitone lower", by(-1)), button("+", "A semitone higher", by(1))];
    down.setAttribute("aria-label", "Transpose down");
    up.setAttribute("aria-label", "Transpose up");
    this.shift.setAttribute("aria-label", "semitones above what is written");
    return [down, this.shift, up];
  }
}

/** @param {HTMLElement} element @param {string} attribute @param {boolean} is */
function mark(element, attribute, is) {
  if (is) element.setAttribute(attribute, "true");
  else element.removeAttribute(attribute);
}

/** A bar: its chords, each as wide as it is long. @param {Bar} bar @param {number} at @param {string} [section] */
function drawn({ beats, chords }, at, section) {
  const item = document.createElement("li");
  if (section) {
    const letter = document.createElement("b");
    letter.textContent = section;
    item.append(letter);
  }
  const letters = chords.reduce((sum, [, name]) => sum + name.length + 1, section ? 2 : 0);
  item.style.setProperty("--letters", String(Math.max(LEAST, letters)));
  for (const [i, [beat, name]] of chords.entries()) {
    const chord = document.createElement("span");
    chord.textContent = name;
    chord.style.flexGrow = String((chords[i + 1]?.[0] ?? beats) - beat);
    item.append(chord);
  }
  if (!chords.length) {
    item.classList.add("same");
    item.append("%");
  }
  item.title = `bar ${at + 1}`;
  return item;
}

/** A choice of the charts that there are. @param {(name: string) => void} choose */
function chooser(choose) {
  const row = document.createElement("div");
  row.className = "control";
  const label = document.createElement("label");
  label.htmlFor = "chart-choice";
  label.textContent = "chart";
  const select = document.createElement("select");
  select.id = "chart-choice";
  select.addEventListener("change", () => choose(select.value));
  row.append(label, select);
  const show = (/** @type {string[]} */ names, /** @type {string} */ title) => {
    select.replaceChildren(...[OFF, ...names].map((name) => new Option(name === OFF ? "none" : name.replaceAll("-", " "), name)));
    const file = names.find((name) => title.toLowerCase() === name.replaceAll("-", " "));
    if (title !== OFF && !file) select.add(new Option(title, title)); // of a file, or of another title than its name
    select.value = file ?? title;
  };
  return { row, show };
}
