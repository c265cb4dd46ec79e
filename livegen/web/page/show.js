// Presets and cues, prepared for a show, at one touch.

import { chooser, choices } from "./controls.js";
import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */
/** @typedef {import("./controls.js").Made} Made */

/**
 * @param {Record<string, Node>} nodes of /livegen, by name @param {Link} link
 * @param {(made: Made, node: Node) => HTMLElement} take keeps an element in step with its node
 * @returns {HTMLElement[]}
 */
export function showPanel(nodes, link, take) {
  const parts = [];
  if (nodes.preset && choices(nodes.preset)?.length) parts.push(take(chooser(nodes.preset, link, "Presets"), nodes.preset));
  const place = nodes.out?.CONTENTS?.cue;
  if (nodes.cue && place) {
    parts.push(take(cues(link, Boolean(nodes.song)), place));
    link.send("/livegen/cue"); // asks for the current place
  }
  return parts;
}

/**
 * The place in the show, and a large button for the next cue. Hidden without cues, as an empty panel is.
 * @param {Link} link @param {boolean} songs
 */
function cues(link, songs) {
  const row = document.createElement("div");
  const here = document.createElement("p");
  here.className = "cue";
  here.setAttribute("role", "status");
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  const go = button("Next cue", undefined, () => link.send("/livegen/cue", "next"));
  go.classList.add("choice");
  buttons.append(button("Back", undefined, () => link.send("/livegen/cue", "back")), go);
  if (songs) buttons.append(button("Next song", undefined, () => link.send("/livegen/song", "next")));
  row.append(here, buttons);
  const show = (/** @type {any[]} */ ...[song, cue, number, count, next]) => {
    row.hidden = !count;
    if (row.parentElement) hideIfEmpty(row.parentElement);
    const where = song ? `${song}: ` : "";
    here.textContent = `${where}${cue || "before the first cue"} (${number} of ${count})${next ? `, then ${next}` : ""}`;
  };
  show("", "", 0, 0, "");
  return { row, show };
}

/** Hide a panel that shows nothing below its title. @param {HTMLElement} panel */
export function hideIfEmpty(panel) {
  const parts = /** @type {HTMLElement[]} */ ([...panel.children]);
  panel.hidden = !parts.some((part) => part.tagName !== "H2" && !part.hidden);
}
