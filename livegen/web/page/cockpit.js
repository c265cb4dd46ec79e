// Every live setting, drawn from the OSCQuery tree: what livegen learns to do appears here by itself.

import { chooser, control, isSetting, nameOf } from "./controls.js";
import { memoryPanel } from "./memory.js";
import { hideIfEmpty, showPanel } from "./show.js";
import { voicesPanel } from "./voices.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

// What is moved while playing stands first; all that is not named here stands under "All the rest".
const FEEL = "temperature memory follow touch answer patience density in_register".split(" ");
const GROUPS = {
  Notes: "top_p guard lowest highest polyphony quietest loudest longest loops harmony likely",
  Harmony: "scale key strictness chord chord_strictness zone raga tonic tala",
  Time: "tempo metre begin end quantise sync send_clock offset phase swing",
  Wires: "channel_in channel_out thru echo late controls pickup dead_band",
};
const ELSEWHERE = "mode model preset take cue song".split(" "); // they have panels of their own

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class Cockpit {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {Map<string, (...values: any[]) => void>} */
    this.shown = new Map();
    /** @type {Set<string>} */
    this.addresses = new Set();
    this.drawn = "";
    link.on("*", (address, ...values) => this.shown.get(address)?.(...values));
  }

  /** Whether livegen has an address. @param {string} address */
  has(address) {
    return this.addresses.has(address);
  }

  /** Draw the tree. What is drawn already only takes its values. @param {Node} tree */
  show(tree) {
    this.addresses = new Set(walk(tree).map((node) => node.FULL_PATH));
    const form = JSON.stringify(tree, (key, value) => (key === "VALUE" ? undefined : value));
    if (form !== this.drawn) this.draw(tree);
    this.drawn = form;
    $("cockpit").hidden = false; // only when it is whole, so that nothing moves
    for (const node of walk(tree)) {
      if (node.VALUE?.length && node.VALUE[0] !== null) this.shown.get(node.FULL_PATH)?.(...node.VALUE);
    }
  }

  /** @param {Node} tree */
  draw(tree) {
    this.shown.clear();
    const nodes = tree.CONTENTS ?? {};
    const settings = Object.values(nodes).filter(isSetting);
    const rest = settings.filter((node) => ![...ELSEWHERE, ...FEEL].includes(nameOf(node)));
    for (const name of ["mode", "model"]) {
      this.fill(`${name}s`, nodes[name] ? [this.take(chooser(nodes[name], this.link, name), nodes[name])] : []);
    }
    this.fill("feel", FEEL.filter((name) => nodes[name] && isSetting(nodes[name])).map((name) => this.one(nodes[name])));
    const taken = new Set();
    const take = (/** @type {import("./controls.js").Made} */ made, /** @type {Node} */ node) => this.take(made, node);
    this.fill("memory", memoryPanel(nodes, this.link, (node) => taken.add(nameOf(node)) && this.one(node), take));
    this.fill("show", showPanel(nodes, this.link, take));
    this.fill("more", this.groups(rest.filter((node) => !taken.has(nameOf(node)))));
    this.fill("voices", voicesPanel(nodes.voice, this.link, (node) => this.one(node), take));
  }

  /** Settings under the headings where musicians look for them; what no heading names comes last. @param {Node[]} nodes */
  groups(nodes) {
    const left = new Map(nodes.map((node) => [nameOf(node), node]));
    const boxes = [];
    for (const [title, names] of Object.entries({ ...GROUPS, More: [...left.keys()].join(" ") })) {
      const found = names.split(" ").filter((name) => left.has(name));
      const box = document.createElement("section");
      const heading = document.createElement("h3");
      heading.textContent = title;
      box.append(heading, ...found.map((name) => this.one(/** @type {Node} */ (left.get(name)))));
      for (const name of found) left.delete(name);
      if (found.length) boxes.push(box);
    }
    return boxes;
  }

  /** Put elements into a panel, below its title; an empty panel is hidden. @param {string} id @param {HTMLElement[]} parts */
  fill(id, parts) {
    const panel = $(id);
    for (const old of [...panel.children]) if (old.tagName !== "H2") old.remove();
    panel.append(...parts);
    hideIfEmpty(panel);
  }

  /** @param {Node} node */
  one(node) {
    return this.take(control(node, this.link), node);
  }

  /** Keep an element in step with a node. @param {import("./controls.js").Made} made @param {Node} node */
  take({ row, show }, node) {
    this.shown.set(node.FULL_PATH, show);
    return row;
  }
}

/** All nodes with a value or an action. @param {Node} node @returns {Node[]} */
function walk(node) {
  const below = Object.values(node.CONTENTS ?? {}).flatMap(walk);
  return node.TYPE === undefined ? below : [node, ...below];
}
