// The sound of the page: unlocked by the first gesture, switched on and off, each note at its time.

import { CHANNEL } from "./drum_kit.js";
import { INSTRUMENTS } from "./instruments.js";
import { SEATS, Synth } from "./synth.js";

/** @typedef {import("./score.js").Who} Who */
/** @typedef {import("./synth.js").Seat} Seat */

/** Voices that accompany have instruments of their own. @type {Record<string, {instrument: string, pan: number}>} */
const PARTS = { bass: { instrument: "bass", pan: 0 }, chords: { instrument: "piano", pan: -0.4 } };
const SAME = 0.08; // seconds between a planned note and its sounding, within which they are one
const UNCONFIRMED = 0.15; // seconds after its time that a planned note sounds without being confirmed

/** @typedef {{key: string, pitch: number, start: number, channel: number, timer: number}} Waiting */

export class Sound {
  constructor() {
    /** @type {AudioContext|null} */
    this.context = null;
    /** @type {Synth|null} */
    this.synth = null;
    this.wanted = { performer: true, player: true, ...remembered("sound") };
    /** @type {Record<Who, Seat>} */
    this.seats = { performer: seat("performer"), player: seat("player") };
    this.elsewhere = false; // a synth or a DAW plays livegen's notes
    this.chosen = localStorage.getItem("sound") !== null;
    /** @type {Waiting[]} */
    this.waiting = [];
    this.serial = 0;
    /** @type {Map<number, string>} MIDI channel to the part of a voice that accompanies */
    this.parts = new Map();
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
      for (const [part, seat] of Object.entries(this.seats)) this.synth.seat(part, seat);
      this.seatParts();
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

  /** Give a part another instrument, volume or place; it is remembered. @param {Who} who @param {Partial<Seat>} changed */
  change(who, changed) {
    Object.assign(this.seats[who], changed);
    localStorage.setItem("seats", JSON.stringify(this.seats));
    this.synth?.seat(who, this.seats[who]);
    this.seatParts();
  }

  /** Know who accompanies. @param {Map<number, string>} parts MIDI channel to part */
  band(parts) {
    this.parts = parts;
  }

  /** Seat bass and chords: as loud as livegen. */
  seatParts() {
    const { volume } = this.seats.player;
    for (const [part, seat] of Object.entries(PARTS)) this.synth?.seat(part, { ...seat, volume });
  }

  /** The seat of who plays on a channel. @param {Who} who @param {number} channel */
  seatOf(who, channel) {
    const part = who === "player" ? this.parts.get(channel) : undefined;
    return part !== undefined && part in PARTS ? part : who;
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
    if (channel === CHANNEL) {
      this.synth.kit.hit(pitch, velocity);
      return;
    }
    const key = `${who} ${channel} ${pitch}`;
    if (who === "player") {
      const now = this.context.currentTime;
      const planned = this.waiting.find((one) => one.pitch === pitch && one.channel === channel && Math.abs(one.start - now) < SAME);
      if (planned) {
        this.drop(planned);
        this.synth.rename(planned.key, key);
        return;
      }
    }
    this.synth.on(key, this.seatOf(who, channel), pitch, velocity);
  }

  /** @param {Who} who @param {number} pitch @param {number} [channel] */
  off(who, pitch, channel = 1) {
    this.synth?.off(`${who} ${channel} ${pitch}`);
  }

  /** Give a decided note to the audio clock now, so that it sounds at its time. @param {number} pitch @param {number} velocity @param {number} wait seconds @param {number} [channel] */
  plan(pitch, velocity, wait, channel = 1) {
    if (!this.synth || !this.context || !this.sounds("player")) return;
    const start = this.context.currentTime + wait;
    const own = this.waiting.filter((old) => old.channel === channel); // each voice has its own plan
    for (const old of own) if (Math.abs(old.start - start) > 0.02 || old.pitch === pitch) this.cancel(old);
    const key = `planned ${(this.serial += 1)}`;
    this.synth.on(key, this.seatOf("player", channel), pitch, velocity, start);
    /** @type {Waiting} */
    const one = { key, pitch, start, channel, timer: 0 };
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

/** What this browser keeps under a name. @param {string} name */
function remembered(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {Who} who @returns {Seat} */
function seat(who) {
  const seat = { ...SEATS[who], ...remembered("seats")?.[who] };
  return seat.instrument in INSTRUMENTS ? seat : { ...SEATS[who] };
}
