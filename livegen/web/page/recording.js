// A session that was played: a small roll of all of it, and its sound, made in the browser.

import { CHANNEL } from "./drum_kit.js";
import { Synth } from "./synth.js";

/** @typedef {import("./score.js").Who} Who */
/** @typedef {{who: Who, onset: number, duration: number, pitch: number, velocity: number, channel: number}} Played */
/** @typedef {{name: string, seconds: number, marks: [number, string][], notes: Played[]}} Recorded */

const STEP = 25; // milliseconds between looks at what is due
const AHEAD = 0.12; // seconds that the audio clock is told a note before it sounds
const MARGIN = 6; // pixels above and below the notes
const FONT = "12px system-ui, sans-serif";

/** Draw all notes, the marks with their names, and where it plays. @param {HTMLCanvasElement} canvas @param {Recorded} recorded @param {number|null} at seconds */
export function drawRecorded(canvas, recorded, at) {
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const scale = Math.min(2, devicePixelRatio || 1);
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = wide * scale;
  canvas.height = high * scale;
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`);
  const pitches = recorded.notes.filter(({ channel }) => channel !== CHANNEL).map(({ pitch }) => pitch);
  const [low, top] = [Math.min(60, ...pitches) - 1, Math.max(72, ...pitches) + 1];
  const x = (/** @type {number} */ seconds) => (seconds / Math.max(1, recorded.seconds)) * wide;
  for (const { who, onset, duration, pitch, velocity, channel } of recorded.notes) {
    const drum = channel === CHANNEL;
    const y = drum ? high - 3 : MARGIN + (1 - (pitch - low) / (top - low)) * (high - 3 * MARGIN);
    pen.fillStyle = colour(who);
    pen.globalAlpha = 0.5 + velocity / 254;
    pen.fillRect(x(onset), y - 1.5, drum ? 1 : Math.max(1.5, x(duration)), drum ? 2 : 3);
  }
  pen.globalAlpha = 1;
  pen.font = FONT;
  for (const [time, text] of recorded.marks) {
    pen.fillStyle = colour("bar");
    pen.fillRect(x(time), 0, 1, high);
    pen.fillStyle = colour("faint");
    pen.fillText(text, Math.min(x(time) + 4, wide - pen.measureText(text).width - 4), 13);
  }
  if (at === null) return;
  pen.fillStyle = colour("now");
  pen.fillRect(x(at), 0, 2, high);
}

export class Player {
  constructor() {
    /** @type {Synth|null} */
    this.synth = null;
    /** @type {Recorded|null} */
    this.recorded = null;
    this.began = 0; // the audio clock's time at which its second 0 was
    this.next = 0; // the first note that was not begun
    /** @type {{key: string, end: number}[]} */
    this.sounding = [];
    this.timer = 0;
    /** @type {(at: number|null) => void} */
    this.onMove = () => {};
  }

  get clock() {
    return this.synth?.context.currentTime ?? 0;
  }

  /** Play from a second on; to be called in a gesture. @param {Recorded} recorded @param {number} from seconds @param {(at: number|null) => void} onMove told where it is; null at its end */
  play(recorded, from, onMove) {
    this.stop();
    const synth = (this.synth ??= new Synth(new AudioContext()));
    /** @type {AudioContext} */ (synth.context).resume();
    Object.assign(this, { recorded, onMove, began: this.clock + AHEAD - from, sounding: [] });
    this.next = recorded.notes.findIndex(({ onset }) => onset >= from);
    if (this.next < 0) this.next = recorded.notes.length;
    this.timer = setInterval(() => this.go(), STEP);
  }

  /** Begin and end what is due. */
  go() {
    const { synth, recorded } = this;
    if (!synth || !recorded) return;
    const at = this.clock - this.began;
    for (let note = recorded.notes[this.next]; note && note.onset <= at + AHEAD; note = recorded.notes[(this.next += 1)]) {
      this.strike(synth, note);
    }
    const due = this.sounding.filter(({ end }) => end <= at + STEP / 1000);
    this.sounding = this.sounding.filter((one) => !due.includes(one));
    for (const { key, end } of due) synth.off(key, this.began + end);
    if (this.next >= recorded.notes.length && !this.sounding.length && at > recorded.seconds) this.stop();
    else this.onMove(Math.max(0, at));
  }

  /** @param {Synth} synth @param {Played} note */
  strike(synth, { who, onset, duration, pitch, velocity, channel }) {
    if (channel === CHANNEL) {
      setTimeout(() => this.timer && synth.kit.hit(pitch, velocity), 1000 * Math.max(0, this.began + onset - this.clock));
      return;
    }
    const key = `${who} ${channel} ${pitch} ${this.next}`;
    synth.on(key, who, pitch, velocity, this.began + onset);
    this.sounding.push({ key, end: onset + duration });
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.recorded = null;
    this.synth?.panic();
    this.onMove(null);
    this.onMove = () => {};
  }
}
