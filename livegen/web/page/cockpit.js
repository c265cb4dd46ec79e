// Every live setting, drawn from the OSCQuery tree: a new setting appears here by itself, under its group (TAGS).

import { chooser, control, isSetting } from "./controls.js";
import { memoryPanel } from "./memory.js";
import { hideIfEmpty, showPanel } from "./show.js";
import { voicesPanel } from "./voices.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

// The groups that have panels of their own, in the first two rows of the page; all others are under "All the rest".
const [CHOICE, FEEL, MEMORY] = ["Choice", "Feel", "Memory"];

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
    const groups = grouped(Object.values(nodes).filter(isSetting));
    const drawn = (/** @type {string} */ group) => (groups.get(group) ?? []).map((node) => this.one(node));
    for (const name of ["mode", "model"]) {
      this.fill(`${name}s`, nodes[name] ? [this.take(chooser(nodes[name], this.link, name), nodes[name])] : []);
    }
    const take = (/** @type {import("./controls.js").Made} */ made, /** @type {Node} */ node) => this.take(made, node);
    this.fill("feel", drawn(FEEL));
    this.fill("memory", memoryPanel(nodes, this.link, drawn(MEMORY), take));
    this.fill("show", showPanel(nodes, this.link, take));
    const rest = [...groups.keys()].filter((group) => ![CHOICE, FEEL, MEMORY].includes(group));
    this.fill("more", rest.map((group) => section(group, drawn(group))));
    this.fill("voices", voicesPanel(nodes.voice, this.link, (node) => this.one(node), take));
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

/** The settings under the headings where musicians look for them, in the order of the tree. @param {Node[]} nodes */
function grouped(nodes) {
  /** @type {Map<string, Node[]>} */
  const groups = new Map();
  for (const node of nodes) {
    const group = node.TAGS?.[0];
    if (group) groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  return groups;
}

/** @param {string} title @param {HTMLElement[]} controls */
function section(title, controls) {
  const box = document.createElement("section");
  const heading = document.createElement("h3");
  heading.textContent = title;
  box.append(heading, ...controls);
  return box;
}

/** All nodes with a value or an action. @param {Node} node @returns {Node[]} */
function walk(node) {
  const below = Object.values(node.CONTENTS ?? {}).flatMap(walk);
  return node.TYPE === undefined ? below : [node, ...below];
}
