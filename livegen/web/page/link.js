// The one connection to livegen: OSC over a WebSocket, the OSCQuery tree over HTTP; opened again when it is lost.

import { decode, encode } from "./osc.js";

const SOONEST = 250; // milliseconds before the first new attempt; each further one waits longer
const LATEST = 3000;
const LOOK = 3000; // milliseconds between looks at whether anything was heard
const MOST_QUIET = 3; // looks: a connection that brings nothing, not even a pong, is dead
const READING = 1000; // milliseconds that reading the tree may take
const KEPT = 6; // connections that a browser keeps to one server; after as many attempts the tree may take longer

/**
 * @typedef {Object} Node  one node of the OSCQuery tree
 * @property {string} FULL_PATH
 * @property {string} [TYPE]
 * @property {number} [ACCESS]
 * @property {string} [DESCRIPTION]
 * @property {any[]} [VALUE]
 * @property {{MIN?: number, MAX?: number, VALS?: any[]}[]} [RANGE]
 * @property {string[]} [UNIT]
 * @property {string[]} [TAGS]  of a setting: the group that it is in
 * @property {Object<string, Node>} [CONTENTS]
 */

export class Link {
  constructor() {
    this.connected = false;
    /** @type {Map<string, ((...args: any[]) => void)[]>} */
    this.ears = new Map();
    /** @type {((connected: boolean) => void)[]} */
    this.stateEars = [];
    /** @type {((tree: Node) => void)[]} */
    this.treeEars = [];
    /** @type {WebSocket|null} */
    this.socket = null;
    /** @type {WebSocket|null} whose listening has begun */
    this.begun = null;
    this.wait = SOONEST;
    this.quiet = 0; // looks since anything was heard
    /** @type {Set<Map<string, any[]>>} for each tree under way, the messages received since it was requested */
    this.news = new Set();
    this.on("/livegen/pong", () => this.begin());
    setInterval(() => this.look(), LOOK);
  }

  /** Call `ear` with the arguments of each message to `address`. @param {string} address @param {(...args: any[]) => void} ear */
  on(address, ear) {
    this.ears.set(address, [...(this.ears.get(address) ?? []), ear]);
  }

  /** @param {(connected: boolean) => void} ear */
  onState(ear) {
    this.stateEars.push(ear);
  }

  /** Call `ear` with the tree each time it is read. @param {(tree: Node) => void} ear */
  onTree(ear) {
    this.treeEars.push(ear);
  }

  /** Send a message; lost, as with UDP, while there is no connection. @param {string} address @param {...any} args */
  send(address, ...args) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encode(address, ...args));
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.opened();
    socket.onmessage = (event) => this.heard(event.data);
    socket.onclose = () => this.closed();
    this.socket = socket;
    this.quiet = 0;
  }

  /** Listen. The tree is read only after the pong, which shows that livegen has obeyed, so that no message is missed. */
  opened() {
    this.socket?.send(JSON.stringify({ COMMAND: "LISTEN", DATA: "//*" }));
    this.send("/livegen/ping");
  }

  /** Read the tree, in as many attempts as it takes; then we are connected. */
  async begin() {
    const socket = this.socket;
    if (this.begun === socket) return;
    this.begun = socket;
    // The browser may ask over a kept connection that is dead, which only a timeout shows; then it takes another.
    for (let tries = 1; !(await this.readTree(socket, READING * 1.5 ** Math.max(0, tries - KEPT))); tries += 1) {
      if (socket !== this.socket) return; // another socket has replaced it
      await new Promise((go) => setTimeout(go, SOONEST));
    }
    this.wait = SOONEST;
    this.connected = true;
    for (const ear of this.stateEars) ear(true);
  }

  /** A broken network is silent: after a while without messages we ping, and without a pong we connect again. */
  look() {
    if (!this.socket) return; // one is about to be opened
    this.quiet += 1;
    if (this.quiet >= MOST_QUIET) this.lose();
    else this.send("/livegen/ping");
  }

  /** Drop a socket without waiting until it has closed, which takes long when nobody answers. */
  lose() {
    const socket = this.socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.closed();
  }

  closed() {
    this.socket = null;
    if (this.connected) {
      this.connected = false;
      for (const ear of this.stateEars) ear(false);
    }
    setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(LATEST, this.wait * 2);
  }

  /** Whether the tree was read before the socket was replaced. @param {WebSocket|null} socket @param {number} patience */
  async readTree(socket = this.socket, patience = READING) {
    const news = new Map();
    this.news.add(news);
    const tree = await askForTree(patience);
    this.news.delete(news);
    if (!tree || !socket || socket !== this.socket) return false;
    renew(tree, news);
    for (const ear of this.treeEars) ear(tree);
    return true;
  }

  /** @param {ArrayBuffer|string} data */
  heard(data) {
    this.quiet = 0;
    if (typeof data === "string") {
      if (data.includes("PATH_")) this.readTree(); // a node was added, renamed or removed
      return;
    }
    for (const { address, args } of decode(data)) {
      for (const news of this.news) news.set(address, args);
      for (const ear of this.ears.get(address) ?? []) ear(...args);
      for (const ear of this.ears.get("*") ?? []) ear(address, ...args);
    }
  }
}

/** The tree, or null if it cannot be read. @param {number} patience milliseconds @returns {Promise<Node|null>} */
async function askForTree(patience) {
  const signal = AbortSignal.timeout(patience);
  try {
    const answer = await fetch("/livegen", { headers: { Accept: "application/json" }, signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Put values that came while a tree was under way into it, for they are newer. @param {Node} node @param {Map<string, any[]>} news */
function renew(node, news) {
  const heard = news.get(node.FULL_PATH);
  if (heard) node.VALUE = heard;
  for (const below of Object.values(node.CONTENTS ?? {})) renew(below, news);
}
