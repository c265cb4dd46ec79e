// A band: the settings of each voice, and which voices it hears.

import { BandView } from "./band_view.js";
import { isSetting } from "./controls.js";
import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */
/** @typedef {import("./controls.js").Made} Made */

const COLOURS = ["player", "voice-2", "voice-3", "voice-4"];
const NOBODY = "nobody";
const PERFORMER = "performer";

/** The colour of each voice, by its MIDI channel. @param {Node|undefined} node of /livegen/voice @returns {Map<number, string>} */
export function voiceColours(node) {
  const voices = Object.values(node?.CONTENTS ?? {});
  return new Map(voices.map((voice, i) => [voice.CONTENTS?.channel_out?.VALUE?.[0], COLOURS[i % COLOURS.length]]));
}

/** The part of each voice that accompanies (bass, chords, drums), by its MIDI channel. @param {Node|undefined} node @returns {Map<number, string>} */
export function voiceParts(node) {
  const found = new Map();
  for (const { CONTENTS } of Object.values(node?.CONTENTS ?? {})) {
    if (CONTENTS?.mode?.VALUE?.[0] === "accompany") found.set(CONTENTS.channel_out?.VALUE?.[0], CONTENTS.part?.VALUE?.[0]);
  }
  return found;
}

/** What decides how a voice sounds here, and its colour. */
const SEATING = ["mode", "part", "channel_out"];

/** Keeps those who draw and sound the voices in step with settings that change while they play. */
export class Seating {
  /** @param {Link} link @param {(node: Node|undefined) => void} seat is called with the voices, whenever one has another seat */
  constructor(link, seat) {
    this.link = link;
    this.seat = seat;
    /** @type {Node|undefined} of /livegen/voice */
    this.node = undefined;
    /** @type {Set<string>} addresses */
    this.followed = new Set();
  }

  /** Know the voices. @param {Node|undefined} node of /livegen/voice */
  tree(node) {
    this.node = node;
    for (const [voice, { CONTENTS }] of Object.entries(node?.CONTENTS ?? {})) {
      for (const name of SEATING) this.follow(voice, name, CONTENTS?.[name]?.FULL_PATH);
    }
    this.seat(node);
  }

  /** @param {string} voice @param {string} name of its setting @param {string|undefined} address */
  follow(voice, name, address) {
    if (address === undefined || this.followed.has(address)) return;
    this.followed.add(address);
    this.link.on(address, (...told) => {
      const setting = this.node?.CONTENTS?.[voice]?.CONTENTS?.[name];
      if (!setting) return;
      setting.VALUE = told;
      this.seat(this.node);
    });
  }
}

/** Name the voices of a band in the legend, each in its colour. @param {HTMLElement} place @param {Node|undefined} node */
export function showLegend(place, node) {
  const names = Object.keys(node?.CONTENTS ?? {});
  const parts = (names.length > 1 ? names : ["livegen"]).flatMap((name, i) => {
    const dot = document.createElement("span");
    dot.className = "dot player";
    dot.style.background = `var(--${COLOURS[i % COLOURS.length]})`;
    return [dot, ` ${name} `];
  });
  place.replaceChildren(...parts);
}

/**
 * The picture of who hears whom, and a box for each voice.
 * @param {Node|undefined} node of /livegen/voice @param {Link} link @param {(node: Node) => HTMLElement} draw a setting
 * @param {(made: Made, node: Node) => HTMLElement} take keeps an element in step with its node
 */
export function voicesPanel(node, link, draw, take) {
  const voices = Object.entries(node?.CONTENTS ?? {});
  const view = new BandView(voices.map(([name], i) => [name, COLOURS[i % COLOURS.length]]), PERFORMER, NOBODY);
  const boxes = voices.map(([name, voice], i) => {
    const box = document.createElement("details");
    box.className = "voice";
    box.style.setProperty("--voice", `var(--${COLOURS[i % COLOURS.length]})`);
    const title = document.createElement("summary");
    title.textContent = name;
    const controls = document.createElement("div");
    controls.className = "columns";
    const { hears, ...rest } = voice.CONTENTS ?? {};
    if (hears) {
      const others = voices.map(([other]) => other).filter((other) => other !== name);
      controls.append(take(matrixRow(hears, [PERFORMER, ...others], link), hears));
      take(view.ears(name, hears, link), hears);
    }
    controls.append(...Object.values(rest).filter(isSetting).map(draw));
    box.append(title, controls);
    return box;
  });
  return view.set.size ? [view.element, ...boxes] : boxes;
}

/** The names that a voice hears: it answers the one chosen first. @param {Node} node @param {string[]} names @param {Link} link @returns {Made} */
function matrixRow(node, names, link) {
  const row = document.createElement("div");
  row.className = "control";
  row.title = node.DESCRIPTION ?? "";
  const label = document.createElement("span");
  label.textContent = "hears";
  const matrix = document.createElement("div");
  matrix.className = "matrix";
  matrix.setAttribute("role", "group");
  matrix.setAttribute("aria-label", node.DESCRIPTION ?? "hears");
  /** @type {string[]} */
  let heard = [];
  const buttons = names.map((name) =>
    button(name, undefined, () => {
      const next = heard.includes(name) ? heard.filter((other) => other !== name) : [...heard, name];
      link.send(node.FULL_PATH, ...(next.length ? next : [NOBODY]));
    }),
  );
  matrix.append(...buttons);
  row.append(label, matrix);
  const show = (/** @type {string[]} */ ...told) => {
    heard = told.filter((name) => name !== NOBODY);
    buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(heard.includes(names[i]))));
  };
  show();
  return { row, show };
}
