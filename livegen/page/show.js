// Presets and cues: what was prepared for a show, at one touch.

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
  if (nodes.cue && place?.VALUE?.length) parts.push(...cues(place, link, Boolean(nodes.song), take));
  return parts;
}

/** Where the show is, and a large button that goes on. @param {Node} place @param {Link} link @param {boolean} songs @param {(made: Made, node: Node) => HTMLElement} take */
function cues(place, link, songs, take) {
  const here = document.createElement("p");
  here.className = "cue";
  here.setAttribute("role", "status");
  const show = (/** @type {any[]} */ ...[song, cue, number, count, next]) => {
    const where = song ? `${song}: ` : "";
    here.textContent = `${where}${cue || "before the first cue"} (${number} of ${count})${next ? `, then ${next}` : ""}`;
  };
  const row = document.createElement("div");
  row.className = "buttons";
  const go = button("Next cue", undefined, () => link.send("/livegen/cue", "next"));
  go.classList.add("choice");
  row.append(button("Back", undefined, () => link.send("/livegen/cue", "back")), go);
  if (songs) row.append(button("Next song", undefined, () => link.send("/livegen/song", "next")));
  return [take({ row: here, show }, place), row];
}
