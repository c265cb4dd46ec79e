// The status: whose turn it is, the tempo and its beat, the ports, the lateness and the response time, and errors.

import { spoken } from "./controls.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

const TURNS = { performer: "Your turn", player: "livegen plays", none: "Not connected" };
const SOURCES = { pulse: "as you play", tap: "tapped", clock: "MIDI clock", link: "Link", own: "as set" };
const UNSURE = 0.35; // of 1: a tempo less sure than this is drawn as a guess
const LIT = 120; // milliseconds that a light stays on
const TROUBLE = 12000; // milliseconds that an error is shown
const LOST = "The line to livegen is lost. Does it still run? This page tries again by itself.";
const ROUGH = 20; // milliseconds: a note as late as this sounds late

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class Status {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {string[]} names of the MIDI inputs that livegen hears */
    this.inputs = [];
    /** @type {{in: string[], out: string[]}} */
    this.open = { in: [], out: [] };
    /** @type {Map<string, HTMLElement>} */
    this.lights = new Map();
    /** @type {Map<number, number>} */
    this.questions = new Map();
    /** @type {(is: boolean) => void} */
    this.onSynth = () => {};
    this.lost = this.wasConnected = false;
    this.late = meter("lateness");
    this.quick = meter("response");
    this.ports = document.createElement("ul");
    this.ports.className = "ports";
    $("rig").append(this.quick.row, this.late.row, this.ports);
    link.on("/livegen/out/tempo", (bpm, sure, swing, source) => this.tempo(bpm, sure, source));
    link.on("/livegen/out/beat", (beat) => this.beat(beat === 1));
    link.on("/livegen/tempo", (bpm) => $("source").textContent || this.tempo(bpm));
    link.on("/livegen/out/lateness", (ms) => this.late.show(ms));
    link.on("/livegen/out/inputs", (names) => this.opened("in", names));
    link.on("/livegen/out/outputs", (names) => this.opened("out", names));
    link.on("/livegen/error", (code, text) => this.trouble(text));
    $("tap").addEventListener("pointerdown", () => link.send("/livegen/tap")); // at the touch, not at the release
    $("tap").addEventListener("keydown", (event) => event.key === "Enter" && link.send("/livegen/tap"));
  }

  /** @param {string} who @param {number} [bar] of a trade, from 1 @param {number} [bars] */
  turn(who, bar, bars) {
    this.who = who;
    document.body.dataset.turn = who;
    const text = TURNS[/** @type {keyof TURNS} */ (who)] ?? who;
    $("turn").textContent = bars ? `${text}: bar ${bar} of ${bars}` : text;
  }

  /** @param {boolean} connected */
  connection(connected) {
    if (!connected && this.wasConnected) this.trouble(LOST, 0);
    else if (connected && this.lost) this.quiet();
    this.lost = !connected;
    this.wasConnected ||= connected;
    this.turn(connected ? (this.known ?? "performer") : "none");
  }

  /** @param {Node} tree */
  tree(tree) {
    const nodes = tree.CONTENTS ?? {};
    this.known = nodes.out?.CONTENTS?.turn?.VALUE?.[0];
    this.opened("in", nodes.out?.CONTENTS?.inputs?.VALUE?.[0] ?? "");
    this.opened("out", nodes.out?.CONTENTS?.outputs?.VALUE?.[0] ?? "");
    const told = nodes.out?.CONTENTS?.tempo?.VALUE;
    if (told?.length) this.tempo(told[0], told[1], told[3]);
    else if (nodes.tempo?.VALUE) this.tempo(nodes.tempo.VALUE[0]);
  }

  /** @param {number} bpm @param {number} [sure] 0 to 1 @param {string} [source] the source of the beat */
  tempo(bpm, sure = 1, source = "") {
    $("tempo").textContent = String(Math.round(bpm));
    $("tempo").classList.toggle("unsure", sure < UNSURE);
    $("source").textContent = SOURCES[/** @type {keyof SOURCES} */ (source)] ?? source;
  }

  /** A beat, or the first of a bar. @param {boolean} bar */
  beat(bar) {
    flash($("beat"));
    $("beat").classList.toggle("bar", bar);
  }

  /** The MIDI ports that are open. @param {"in"|"out"} side @param {string} names */
  opened(side, names) {
    this.open[side] = names ? names.split(", ") : [];
    this.inputs = this.open.in;
    this.onSynth(this.open.out.some((name) => !name.startsWith("livegen")));
    const ports = [...this.open.in.map((name) => ({ name, kind: "in" })), ...this.open.out.map((name) => ({ name, kind: "out" }))];
    this.lights.clear();
    this.ports.replaceChildren(
      ...ports.map(({ name, kind }) => {
        const item = document.createElement("li");
        const light = document.createElement("span");
        light.className = `light ${kind}`;
        item.append(light, `${kind === "in" ? "hears" : "plays"} ${name}`);
        this.lights.set(`${kind} ${name}`, light);
        return item;
      }),
    );
  }

  /** A message came or went through a port. @param {string} name @param {"in"|"out"} kind */
  active(name, kind) {
    const light = this.lights.get(`${kind} ${name}`);
    if (light) flash(light);
  }

  /** A note of the player went out through every output. */
  sent() {
    for (const [port, light] of this.lights) if (port.startsWith("out ")) flash(light);
  }

  /** A note with this id was sent. @param {number} id */
  asked(id) {
    this.questions.set(id, performance.now());
    if (this.questions.size > 64) this.questions.delete(this.questions.keys().next().value ?? 0);
  }

  /** livegen answered the note with this id. @param {number} id */
  answered(id) {
    const asked = this.questions.get(id);
    if (asked === undefined) return;
    this.questions.delete(id);
    this.quick.show(performance.now() - asked);
  }

  /** @param {string} text @param {number} [ms] how long it is shown; 0: until it is over */
  trouble(text, ms = TROUBLE) {
    clearTimeout(this.calm);
    $("trouble").hidden = false;
    $("trouble").textContent = text;
    if (ms) this.calm = setTimeout(() => this.quiet(), ms);
  }

  quiet() {
    $("trouble").hidden = true;
  }
}

/** @param {HTMLElement} light */
function flash(light) {
  light.classList.add("on");
  clearTimeout(Number(light.dataset.timer));
  light.dataset.timer = String(setTimeout(() => light.classList.remove("on"), LIT));
}

/** A labelled bar for milliseconds. @param {string} name */
function meter(name) {
  const row = document.createElement("div");
  row.className = "meter";
  const label = document.createElement("span");
  label.textContent = spoken(name);
  const track = document.createElement("span");
  track.className = "track";
  const fill = document.createElement("span");
  fill.className = "fill";
  track.append(fill);
  const output = document.createElement("output");
  output.value = "–";
  row.append(label, track, output);
  const show = (/** @type {number} */ ms) => {
    output.value = `${ms.toFixed(1)} ms`;
    fill.style.setProperty("--fill", String(Math.min(1, ms / ROUGH)));
    fill.classList.toggle("high", ms > ROUGH);
  };
  return { row, show };
}
