// The piano roll: played notes run to the left, notes that the player has decided come from the right.

import { DrumLanes, isHit } from "./drum_lanes.js";
import { pitchName } from "./keys.js";

/** @typedef {import("./score.js").Score} Score */

const SURPRISE = 12; // bits that reach the top of the line under the roll
const IDLE = 0.25; // seconds between frames while nothing moves
const SECOND = 104; // pixels that a second takes where there is room
const PAUSE = 2; // seconds without a note after which a new line begins
const STRIP = 46; // pixels of that line
const TIGHT = 200; // pixels of height below which the notes get the room of that line
const LETTER = 6; // pixels of half a line of text
const BLACK = [1, 3, 6, 8, 10];

export class Roll {
  /** @param {HTMLCanvasElement} canvas @param {Score} score @param {() => number} now seconds */
  constructor(canvas, score, now) {
    this.canvas = canvas;
    this.score = score;
    this.now = now;
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("this browser cannot draw");
    this.pen = pen;
    this.low = 48;
    this.high = 84;
    this.frames = 0;
    this.drawn = -Infinity;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.colours = readColours();
    this.lanes = new DrumLanes(this);
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.fit();
    const frame = () => {
      const now = this.now();
      // While nothing moves it is drawn now and then, to leave the machine to the music.
      if (now - this.drawn > IDLE || this.score.moves(now, this.past)) {
        this.frames += 1;
        this.drawn = now;
        this.score.prune(now);
        this.draw(now);
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  fit() {
    const { canvas } = this;
    const scale = Math.min(2, devicePixelRatio || 1);
    this.drawn = -Infinity;
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    canvas.width = Math.round(this.width * scale);
    canvas.height = Math.round(this.height * scale);
    this.pen.setTransform(scale, 0, 0, scale, 0, 0);
    const span = Math.max(5.5, Math.min(16, this.width / SECOND));
    this.past = span * 0.76; // seconds to the left of now
    this.future = span - this.past;
  }

  /** The x of a time. With reduced motion the page does not scroll, but turns when it is full. @param {number} at */
  x(at) {
    const span = this.past + this.future;
    const origin = this.calm.matches ? Math.floor(this.now() / this.past) * this.past : this.instant - this.past;
    return ((at - origin) / span) * this.width;
  }

  /** The height of a note where there is room, in pixels. */
  get thickest() {
    return 24;
  }

  /** The height of the line of surprise. */
  get strip() {
    return this.height < TIGHT ? 0 : STRIP;
  }

  /** The y below the notes. */
  get floor() {
    return this.height - this.strip - this.lanes.height;
  }

  /** The y of a pitch. @param {number} pitch */
  y(pitch) {
    return this.floor * (1 - (pitch - this.low + 0.5) / (this.high - this.low + 1));
  }

  /** Widen the view, gently, to all visible notes. */
  follow() {
    let [low, high] = [55, 79];
    for (const note of [...this.score.notes, ...this.score.planned]) {
      if (note.end !== null && note.end < this.instant - this.past) continue;
      if ("channel" in note && isHit(note)) continue;
      low = Math.min(low, note.pitch - 2);
      high = Math.max(high, note.pitch + 2);
    }
    const ease = this.calm.matches ? 1 : 0.06;
    this.low += (low - this.low) * ease;
    this.high += (high - this.high) * ease;
  }

  /** @param {number} now */
  draw(now) {
    const { pen } = this;
    this.instant = now;
    this.lanes.follow(this.score.notes);
    this.follow();
    pen.fillStyle = this.colours.ground;
    pen.fillRect(0, 0, this.width, this.height);
    this.drawLanes();
    this.drawBeats();
    for (const note of this.score.planned) this.drawPlanned(note, now);
    for (const note of this.score.notes) if (!isHit(note)) this.drawNote(note, now);
    this.drawOctaves();
    this.lanes.draw(pen, this.score.notes, this.floor);
    this.drawNow(now);
    this.drawSurprise();
  }

  drawLanes() {
    const { pen } = this;
    const lane = this.y(0) - this.y(1);
    for (let pitch = Math.floor(this.low); pitch <= Math.ceil(this.high); pitch++) {
      const top = this.y(pitch) - lane / 2;
      if (top + lane > this.floor + 1) continue;
      if (BLACK.includes(pitch % 12)) {
        pen.fillStyle = this.colours.lane;
        pen.fillRect(0, top, this.width, lane);
      } else if (pitch % 12 === 0) {
        pen.fillStyle = this.colours.line;
        pen.fillRect(0, top + lane - 0.5, this.width, 1);
      }
    }
  }

  /** The names of the octaves, over the notes, each on ground of its own, so that none is ever cut. */
  drawOctaves() {
    const { pen } = this;
    pen.font = "11px system-ui, sans-serif";
    for (let pitch = Math.ceil(this.low / 12) * 12; pitch <= this.high; pitch += 12) {
      const middle = Math.round(Math.max(LETTER, Math.min(this.floor - LETTER, this.y(pitch))));
      pen.fillStyle = this.colours.ground;
      pen.fillRect(3, middle - LETTER, 23, 2 * LETTER);
      pen.fillStyle = this.colours.faint;
      pen.fillText(pitchName(pitch), 6, middle + 4); // whole, also at the edge
    }
  }

  drawBeats() {
    const { pen } = this;
    for (const { at, bar } of [...this.score.beats, ...this.score.beatsToCome(this.instant, this.instant + this.future)]) {
      pen.fillStyle = bar ? this.colours.bar : this.colours.line;
      pen.fillRect(Math.round(this.x(at)), 0, bar ? 2 : 1, this.height - this.strip);
    }
  }

  /** @param {import("./score.js").Planned} note @param {number} now */
  drawPlanned(note, now) {
    const { pen } = this;
    const [left, top, wide, high] = this.box(note.pitch, Math.max(note.start, now), note.end);
    pen.strokeStyle = pen.fillStyle = this.colourOf({ who: "player", channel: note.channel ?? 0 });
    pen.globalAlpha = 0.9;
    pen.lineWidth = 1.5;
    pen.setLineDash([5, 4]);
    rounded(pen, left, top, wide, high);
    pen.stroke();
    pen.globalAlpha = 0.16;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([]);
  }

  /** The colour of whose note it is, of a band by its voice. @param {{who: string, channel: number}} note */
  colourOf({ who, channel }) {
    return this.colours[who === "player" ? (this.score.voices.get(channel) ?? who) : who];
  }

  /** @param {import("./score.js").Note} note @param {number} now */
  drawNote(note, now) {
    const end = note.end ?? now;
    const [left, top, wide, high] = this.box(note.pitch, note.start, end);
    if (left + wide < 0) return;
    const { pen } = this;
    pen.fillStyle = this.colourOf(note);
    if (note.end === null) {
      pen.globalAlpha = 0.22;
      rounded(pen, left - 4, top - 4, wide + 8, high + 8);
      pen.fill();
    }
    pen.globalAlpha = 0.6 + 0.4 * (note.velocity / 127);
    rounded(pen, left, top, wide, high);
    pen.fill();
    pen.globalAlpha = 1;
    if (note.who === "player") return;
    pen.fillStyle = this.colours.ground; // a notch distinguishes the two without colour
    pen.fillRect(left + 3, top + high / 2 - 1, Math.min(8, Math.max(0, wide - 6)), 2);
  }

  /** @param {number} pitch @param {number} start @param {number} end */
  box(pitch, start, end) {
    const lane = this.y(0) - this.y(1);
    const high = Math.max(6, Math.min(this.thickest, lane * 0.9));
    const left = this.x(start);
    return [left, this.y(pitch) - high / 2, Math.max(5, this.x(end) - left), high];
  }

  /** @param {number} now */
  drawNow(now) {
    this.pen.fillStyle = this.colours[document.body.dataset.turn ?? ""] ?? this.colours.now; // the colour of whose turn it is
    this.pen.fillRect(Math.round(this.x(now)), 0, 2, this.height - this.strip);
  }

  drawSurprise() {
    const { pen, height } = this;
    if (!this.strip) return;
    const floor = height - 6;
    pen.fillStyle = this.colours.strip;
    pen.fillRect(0, height - STRIP, this.width, STRIP);
    pen.fillStyle = this.colours.faint;
    pen.font = "11px system-ui, sans-serif";
    pen.fillText("surprise", 6, height - STRIP + 14);
    if (!this.score.surprises.length) return;
    pen.strokeStyle = pen.fillStyle = this.colours.surprise;
    pen.lineWidth = 2;
    pen.beginPath();
    for (const [i, { at, bits }] of this.score.surprises.entries()) {
      const [x, y] = [this.x(at), floor - (Math.min(bits, SURPRISE) / SURPRISE) * (STRIP - 14)];
      if (i && at - this.score.surprises[i - 1].at < PAUSE) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      pen.fillRect(x - 2, y - 2, 4, 4);
    }
    pen.stroke();
  }
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} wide @param {number} high */
function rounded(pen, x, y, wide, high) {
  pen.beginPath();
  pen.roundRect(x, y, wide, high, Math.min(5, high / 2, wide / 2));
}

/** The colours, read from the style sheet so that they are defined once. @returns {Record<string, string>} */
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = "ground lane line bar faint now strip surprise performer player voice-2 voice-3 voice-4".split(" ");
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
