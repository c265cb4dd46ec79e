// The sound of the page: unlocked by the first gesture, switched on and off, each note at its time.

import { Synth } from "./synth.js";

/** @typedef {import("./score.js").Who} Who */

const SAME = 0.08; // seconds between a planned note and its sounding, within which they are one
const UNCONFIRMED = 0.15; // seconds after its time that a planned note sounds without being confirmed

/** @typedef {{key: string, pitch: number, start: number, timer: number}} Waiting */

export class Sound {
  constructor() {
    /** @type {AudioContext|null} */
    this.context = null;
    /** @type {Synth|null} */
    this.synth = null;
    this.wanted = { performer: true, player: true, ...remembered() };
    this.elsewhere = false; // a synth or a DAW plays livegen's notes
    this.chosen = localStorage.getItem("sound") !== null;
    /** @type {Waiting[]} */
    this.waiting = [];
    this.serial = 0;
    /** @type {() => void} */
    this.onChange = () => {};
  }

  get running() {
    return this.context?.state === "running";
  }

  /** Turn the sound on; to be called in a gesture, since browsers allow it only then. */
  async unlock() {
    if (!this.context) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.synth = new Synth(this.context);
      this.context.onstatechange = () => this.onChange();
    }
    if (this.context.state !== "running") await this.context.resume();
    this.onChange();
  }

  /** Whether the notes of one of the two sound here. @param {Who} who */
  sounds(who) {
    return this.wanted[who] && !(who === "player" && this.elsewhere && !this.chosen);
  }

  /** @param {Who} who @param {boolean} wanted */
  want(who, wanted) {
    this.wanted[who] = wanted;
    this.chosen = true;
    localStorage.setItem("sound", JSON.stringify(this.wanted));
    if (!wanted) this.hush(who);
    this.onChange();
  }

  /** A synth elsewhere plays livegen's notes: here they are silent, unless somebody chose otherwise. @param {boolean} is */
  playedElsewhere(is) {
    if (is === this.elsewhere) return;
    this.elsewhere = is;
    if (!this.sounds("player")) this.hush("player");
    this.onChange();
  }

  /** @param {Who} who @param {number} pitch @param {number} velocity @param {number} [channel] */
  on(who, pitch, velocity, channel = 1) {
    if (!this.synth || !this.context || !this.sounds(who)) return;
    const key = `${who} ${channel} ${pitch}`;
    if (who === "player") {
      const now = this.context.currentTime;
      const planned = this.waiting.find((one) => one.pitch === pitch && Math.abs(one.start - now) < SAME);
      if (planned) {
        this.drop(planned);
        this.synth.rename(planned.key, key);
        return;
      }
    }
    this.synth.on(key, who, pitch, velocity);
  }

  /** @param {Who} who @param {number} pitch @param {number} [channel] */
  off(who, pitch, channel = 1) {
    this.synth?.off(`${who} ${channel} ${pitch}`);
  }

  /** Give a decided note to the audio clock now, so that it sounds at its time. @param {number} pitch @param {number} velocity @param {number} wait seconds */
  plan(pitch, velocity, wait) {
    if (!this.synth || !this.context || !this.sounds("player")) return;
    const start = this.context.currentTime + wait;
    for (const old of [...this.waiting]) if (Math.abs(old.start - start) > 0.02 || old.pitch === pitch) this.cancel(old);
    const key = `planned ${(this.serial += 1)}`;
    this.synth.on(key, "player", pitch, velocity, start);
    /** @type {Waiting} */
    const one = { key, pitch, start, timer: 0 };
    one.timer = setTimeout(() => this.cancel(one), (wait + UNCONFIRMED) * 1000);
    this.waiting.push(one);
  }

  /** Cancel all decided notes. */
  unplan() {
    for (const one of [...this.waiting]) this.cancel(one);
  }

  /** @param {Waiting} one */
  cancel(one) {
    this.drop(one);
    this.synth?.off(one.key, 0, 0.03);
  }

  /** @param {Waiting} one */
  drop(one) {
    clearTimeout(one.timer);
    this.waiting = this.waiting.filter((other) => other !== one);
  }

  /** @param {Who} who */
  hush(who) {
    if (who === "player") this.unplan();
    for (const key of [...(this.synth?.voices.keys() ?? [])]) if (key.startsWith(who)) this.synth?.off(key);
  }

  panic() {
    this.unplan();
    this.synth?.panic();
  }
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem("sound") ?? "{}");
  } catch {
    return {};
  }
}
