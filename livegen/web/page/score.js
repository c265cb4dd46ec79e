// The notes of both, played and decided, for the roll, the keys and the sound. Times are in seconds.

import { CHANNEL } from "./drum_kit.js";

/** @typedef {"performer"|"player"} Who */
/** @typedef {{who: Who, pitch: number, velocity: number, start: number, end: number|null, id: number, channel: number}} Note */
/** @typedef {{pitch: number, velocity: number, start: number, end: number, channel?: number}} Planned */

const KEPT = 30; // seconds that a note is remembered after its end
const LONGEST = 20; // seconds: a note whose release was lost ends here
const TOGETHER = 0.02; // seconds between the notes of one chord
const FORGIVEN = 0.25; // seconds after its time that a planned note is removed if it did not sound

export class Score {
  constructor() {
    /** @type {Note[]} */
    this.notes = [];
    /** @type {Planned[]} */
    this.planned = [];
    /** @type {{at: number, bits: number}[]} */
    this.surprises = [];
    /** @type {{at: number, bar: boolean}[]} */
    this.beats = [];
    /** @type {Map<number, string>} MIDI channel to the colour of the voice that plays on it */
    this.voices = new Map();
    this.grid = { at: -Infinity, beat: 1, length: 0.5, metre: 4 }; // the latest beat, its length in seconds
  }

  /** A beat is now. @param {number} at @param {number} beat of the bar, from 1 */
  beat(at, beat) {
    this.beats.push({ at, bar: beat === 1 });
    Object.assign(this.grid, { at, beat });
  }

  /** The coming beats, unless the latest one is long past. @param {number} now @param {number} until */
  *beatsToCome(now, until) {
    const { at, beat, length, metre } = this.grid;
    if (now - at > 2 * length) return;
    for (let k = 1; at + k * length < until; k++) yield { at: at + k * length, bar: (beat - 1 + k) % metre === 0 };
  }

  /** A note begins. @param {Who} who @param {number} pitch @param {number} velocity @param {number} at @param {number} id @param {number} [channel] */
  on(who, pitch, velocity, at, id, channel = 1) {
    this.off(who, pitch, at, channel);
    this.notes.push({ who, pitch, velocity, start: at, end: null, id, channel });
    if (who === "player") {
      const sounds = (/** @type {Planned} */ note) => note.pitch === pitch && (note.channel ?? channel) === channel && note.start <= at + 0.1;
      this.planned = this.planned.filter((note) => !sounds(note));
    }
  }

  /** A note ends. @param {Who} who @param {number} pitch @param {number} at @param {number} [channel] */
  off(who, pitch, at, channel = 1) {
    for (const note of this.notes) {
      if (note.end === null && note.who === who && note.pitch === pitch && note.channel === channel) note.end = at;
    }
  }

  /** The player decided a note. A plan for another time replaces what was planned. @param {Planned} note */
  plan(note) {
    const another = (/** @type {Planned} */ old) => Math.abs(old.start - note.start) >= TOGETHER || old.pitch === note.pitch;
    // Each voice has its own plan.
    this.planned = this.planned.filter((old) => old.channel !== note.channel || !another(old));
    this.planned.push(note);
  }

  /** The performer played, so the player's decided notes are cancelled. */
  unplan() {
    this.planned = [];
  }

  /** Everything that sounds ends. @param {number} at */
  silence(at) {
    for (const note of this.notes) note.end ??= at;
    this.planned = [];
  }

  /** Those who sound a pitch now. @param {number} pitch @returns {Set<Who>} */
  sounding(pitch) {
    return new Set(this.notes.filter((note) => note.end === null && note.pitch === pitch && note.channel !== CHANNEL).map((note) => note.who));
  }

  /** The colour of the voice of livegen's that sounds a pitch now, or sounded last. @param {number} pitch */
  colour(pitch) {
    const note = this.notes.findLast((note) => note.who === "player" && note.pitch === pitch && note.channel !== CHANNEL);
    return this.voices.get(note?.channel ?? 0) ?? "player";
  }

  /** Whether anything visible moves. @param {number} now @param {number} past */
  moves(now, past) {
    const seen = (/** @type {{at: number}|undefined} */ last) => last !== undefined && last.at > now - past;
    if (this.planned.length || seen(this.beats.at(-1)) || seen(this.surprises.at(-1))) return true;
    return this.notes.some((note) => note.end === null || note.end > now - past);
  }

  /** Forget notes that are long past. @param {number} now */
  prune(now) {
    for (const note of this.notes) if (note.end === null && now - note.start > LONGEST) note.end = now;
    const first = this.notes[0];
    if (first && first.end !== null && first.end < now - KEPT) {
      this.notes = this.notes.filter((note) => note.end === null || note.end >= now - KEPT);
    }
    this.surprises = this.surprises.filter(({ at }) => at >= now - KEPT);
    this.beats = this.beats.filter(({ at }) => at >= now - KEPT);
    this.planned = this.planned.filter((note) => note.start > now - FORGIVEN);
  }
}
