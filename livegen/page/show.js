// Presets and cues: what was prepared for a show, at one touch.

import { choices } from "./controls.js";
import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

/** @param {Record<string, Node>} nodes of /livegen, by name @param {Link} link @returns {HTMLElement[]} */
export function showPanel(nodes, link) {
  const parts = [];
  const presets = nodes.preset ? (choices(nodes.preset) ?? []) : [];
  if (presets.length) {
    const row = document.createElement("div");
    row.className = "chooser";
    row.append(...presets.map((name) => button(String(name), undefined, () => link.send("/livegen/preset", name))));
    for (const one of row.children) one.className = "choice";
    parts.push(row);
  }
  return parts;
}
