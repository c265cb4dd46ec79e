// Every live setting, drawn from the OSCQuery tree: a new setting appears here by itself, under its group (TAGS).

import { chooser, control, isSetting, nameOf } from "./controls.js";
import { drumPanel } from "./drum_panel.js";
import { memoryPanel } from "./memory.js";
import { More } from "./more.js";
import { hideIfEmpty, showPanel } from "./show.js";
import { voicesPanel } from "./voices.js";
import { FRONT, WORDS } from "./words.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

const CHOICES = ["mode", "model", "turn"]; // which are large buttons
const MORPH = "morph"; // which is with the slots

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class Cockpit {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {Map<string, ((...values: any[]) => void)[]>} what shows the value of an address */
    this.shown = new Map();
    /** @type {Set<string>} */
    this.addresses = new Set();
    this.drawn = "";
    this.more = new More($("more"));
    link.on("*", (address, ...values) => this.say(address, values));
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
      if (node.VALUE?.length && node.VALUE[0] !== null) this.say(node.FULL_PATH, node.VALUE);
    }
  }

  /** @param {Node} tree */
  draw(tree) {
    this.shown.clear();
    const nodes = tree.CONTENTS ?? {};
    const take = (/** @type {import("./controls.js").Made} */ made, /** @type {Node} */ node) => this.take(made, node);
    for (const name of ["mode", "model"]) {
      this.fill(`${name}s`, nodes[name] ? [take(chooser(nodes[name], this.link, name), nodes[name])] : []);
    }
    this.fill("feel", FRONT.flatMap((name) => (nodes[name] ? this.front(nodes[name]) : [])));
    this.fill("memory", memoryPanel(nodes, this.link, nodes[MORPH] ? [this.one(nodes[MORPH])] : [], take));
    this.fill("show", showPanel(nodes, this.link, take));
    this.fill("drummer", drumPanel(tree, this.link, take));
    const front = [...CHOICES, ...FRONT, MORPH];
    const rest = Object.values(nodes).filter((node) => isSetting(node) && !front.includes(nameOf(node)));
    this.more.show([...grouped(rest)].map(([group, found]) => [group, found.map((node) => this.one(node, true))]));
    this.fill("voices", voicesPanel(nodes.voice, this.link, (node) => this.one(node), take));
  }

  /** Put elements into a panel, below its title; an empty panel is hidden. @param {string} id @param {HTMLElement[]} parts */
  fill(id, parts) {
    const panel = $(id);
    for (const old of [...panel.children]) if (old.tagName !== "H2") old.remove();
    panel.append(...parts);
    hideIfEmpty(panel);
  }

  /** @param {Node} node @param {boolean} [told] what it does is said below it */
  one(node, told = false) {
    return this.take(control(node, this.link, told), node);
  }

  /** A setting that is turned on a stage. @param {Node} node @returns {HTMLElement[]} */
  front(node) {
    const name = nameOf(node);
    if (!CHOICES.includes(name)) return [this.one(node)];
    const title = document.createElement("h3");
    title.textContent = WORDS[name]?.title ?? name;
    return [title, this.take(chooser(node, this.link, title.textContent), node)];
  }

  /** Keep an element in step with a node. @param {import("./controls.js").Made} made @param {Node} node */
  take({ row, show }, node) {
    this.shown.set(node.FULL_PATH, [...(this.shown.get(node.FULL_PATH) ?? []), show]);
    return row;
  }

  /** Show a value wherever it is shown. @param {string} address @param {any[]} values */
  say(address, values) {
    for (const show of this.shown.get(address) ?? []) show(...values);
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

/** All nodes with a value or an action. @param {Node} node @returns {Node[]} */
function walk(node) {
  const below = Object.values(node.CONTENTS ?? {}).flatMap(walk);
  return node.TYPE === undefined ? below : [node, ...below];
}
