// What `livegen evaluate` measured: how many bits a note each model needs, as bars, and how it learns within a tune, as curves.

import { legend, plot } from "./plot.js";

/** @typedef {{name: string, rhythm: number, pitch: number, total: number, by_position: Record<string, number>}} Row */
/** @typedef {{models: string[], table: string, rows: Record<string, Row[]>, age: number}} Evaluation */

const FORMS = /** @type {Record<string, string>} */ ({ written: "As written", performed: "Performed, with every repeat" });
const COLOURS = ["player", "performer", "voice-2", "voice-3", "voice-4", "surprise"];

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const say = (/** @type {string} */ sentence) => ($("said").textContent = sentence);

/** @type {(() => void)[]} */
const pictures = [];

/** @param {string} tag @param {string} text @param {string} [kind] */
function made(tag, text, kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = kind;
  return element;
}

/** A bar for each model, of rhythm and pitch, the best first. @param {Row[]} rows */
function bars(rows) {
  const most = Math.max(...rows.map(({ total }) => total));
  const list = made("ul", "", "bars");
  for (const { name, rhythm, pitch, total } of [...rows].sort((a, b) => a.total - b.total)) {
    const item = document.createElement("li");
    const track = made("span", "", "track");
    for (const [kind, bits] of /** @type {[string, number][]} */ ([["rhythm", rhythm], ["pitch", pitch]])) {
      const part = made("span", "", kind);
      part.style.width = `${(100 * bits) / most}%`;
      part.title = `${kind} ${bits.toFixed(2)} bits`;
      track.append(part);
    }
    item.append(made("span", name), track, made("output", total.toFixed(2)));
    list.append(item);
  }
  return list;
}

/** @param {Row[]} rows */
function curves(rows) {
  const starts = [...new Set(rows.flatMap(({ by_position }) => Object.keys(by_position).map(Number)))].sort((a, b) => a - b);
  const found = rows.slice(0, COLOURS.length).map(({ name, by_position }, i) => ({
    name,
    colour: COLOURS[i],
    points: starts.flatMap((start, at) => (start in by_position ? [/** @type {[number, number]} */ ([at, by_position[start]])] : [])),
  }));
  return { found, ticks: starts.map(String) };
}

/** @param {string} form @param {Row[]} rows */
function picture(form, rows) {
  const said = made("p", "", "curves");
  for (const kind of ["rhythm", "pitch"]) {
    const name = made("span", kind);
    name.prepend(made("span", "", `swatch ${kind}`));
    said.append(name);
  }
  said.append(made("span", "bits a note; fewer is better"));
  const parts = [made("h3", FORMS[form] ?? form), bars(rows), said];
  const { found, ticks } = curves([...rows].sort((a, b) => a.total - b.total));
  if (ticks.length < 2) return parts;
  const canvas = document.createElement("canvas");
  canvas.className = "plot";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Bits a note by how many notes of the tune were heard");
  pictures.push(() => plot(canvas, found, { across: "after so many notes of the tune; bits a note", up: "bits", ticks, fromZero: true }));
  return [...parts, canvas, legend(found)];
}

/** @param {Evaluation} evaluation @param {boolean} open */
function show({ models, table, rows, age }, open) {
  const place = made("li", "", "session");
  const when = new Date(Date.now() - 1000 * age).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const drawn = Object.entries(rows).filter(([, each]) => each.length);
  const box = document.createElement("details");
  box.open = open && !drawn.length;
  const text = made("pre", table);
  text.tabIndex = 0;
  box.append(made("summary", "All figures"), text);
  place.append(made("h2", `${models.join(", ")}, ${when}`), ...drawn.flatMap(([form, each]) => picture(form, each)), box);
  return place;
}

const answer = await fetch("/evaluations").catch(() => null);
/** @type {Evaluation[]} */
const evaluations = answer?.ok ? await answer.json() : [];
$("evaluations").append(...evaluations.map((each, i) => show(each, i === 0)));
const nothing = "Nothing was measured yet: `livegen evaluate` measures a model, and this page shows what it found.";
say(answer?.ok ? (evaluations.length ? "" : nothing) : "livegen does not answer.");
const draw = () => pictures.forEach((each) => each());
draw();
addEventListener("resize", draw);
Object.assign(window, { livegen: { evaluations, link: { connected: true } } });
