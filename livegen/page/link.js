// The one connection to livegen: OSC over a WebSocket, the OSCQuery tree over HTTP; opened again when it is lost.

import { decode, encode } from "./osc.js";

const SOONEST = 250; // milliseconds before the first new attempt; each further one waits longer
const LATEST = 3000;

/**
 * @typedef {Object} Node  one node of the OSCQuery tree
 * @property {string} FULL_PATH
 * @property {string} [TYPE]
 * @property {number} [ACCESS]
 * @property {string} [DESCRIPTION]
 * @property {any[]} [VALUE]
 * @property {{MIN?: number, MAX?: number, VALS?: any[]}[]} [RANGE]
 * @property {string[]} [UNIT]
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
    this.wait = SOONEST;
  }

  /** Call `ear` with the arguments of each message to `address`. @param {string} address @param {(...args: any[]) => void} ear */
  on(address, ear) {
    this.ears.set(address, [...(this.ears.get(address) ?? []), ear]);
  }

  /** @param {(connected: boolean) => void} ear */
  onState(ear) {
    this.stateEars.push(ear);
  }

  /** Call `ear` with the tree each time it was read. @param {(tree: Node) => void} ear */
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
  }

  async opened() {
    this.wait = SOONEST;
    this.socket?.send(JSON.stringify({ COMMAND: "LISTEN", DATA: "//*" }));
    await this.readTree();
    this.connected = true;
    for (const ear of this.stateEars) ear(true);
  }

  closed() {
    if (this.connected) {
      this.connected = false;
      for (const ear of this.stateEars) ear(false);
    }
    setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(LATEST, this.wait * 2);
  }

  async readTree() {
    const answer = await fetch("/livegen", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const tree = await answer.json();
    for (const ear of this.treeEars) ear(tree);
  }

  /** @param {ArrayBuffer|string} data */
  heard(data) {
    if (typeof data === "string") {
      if (data.includes("PATH_")) this.readTree(); // a node was added, renamed or removed
      return;
    }
    for (const { address, args } of decode(data)) {
      for (const ear of this.ears.get(address) ?? []) ear(...args);
      for (const ear of this.ears.get("*") ?? []) ear(address, ...args);
    }
  }
}
