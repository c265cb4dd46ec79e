// The lanes under the roll, one for each drum that was hit lately: hits run to the left like the notes above.

import { CHANNEL, DRUMS, drumOf } from "./drum_kit.js";

/** @typedef {import("./score.js").Note} Note */
/** @typedef {import("./roll.js").Roll} Roll */

const LANE = 15; // pixels
const NAME = 66; // pixels that the longest name takes

/** Whether a note is a hit. @param {{channel: number}} note */
export function isHit(note) {
  return note.channel === CHANNEL;
}

export class DrumLanes {
  /** @param {Roll} roll */
  constructor(roll) {
    this.roll = roll;
    /** @type {number[]} the drums that have a lane, from the top */
    this.drums = [];
  }

  /** The height of all lanes, in pixels. */
  get height() {
    return this.drums.length * LANE;
  }

  /** Give each drum that was hit a lane, cymbals above, the kick below. @param {Note[]} notes */
  follow(notes) {
    const hit = new Set(notes.filter(isHit).map((note) => drumOf(note.pitch)));
    this.drums = [...DRUMS.keys()].filter((drum) => hit.has(drum)).reverse();
  }

  /** @param {CanvasRenderingContext2D} pen @param {Note[]} notes @param {number} top */
  draw(pen, notes, top) {
    if (!this.drums.length) return;
    const { roll } = this;
    pen.fillStyle = roll.colours.strip;
    pen.fillRect(0, top, roll.width, this.height);
    for (const note of notes.filter(isHit)) {
      const lane = this.drums.indexOf(drumOf(note.pitch));
      const [x, y] = [roll.x(note.start), top + (lane + 0.5) * LANE];
      if (lane < 0 || x < -LANE) continue;
      const half = 2 + 4 * (note.velocity / 127); // louder is larger
      pen.fillStyle = roll.colourOf(note);
      pen.globalAlpha = 0.55 + 0.45 * (note.velocity / 127);
      if (note.who === "performer") pen.fillRect(x, y - half, 2 * half, 2 * half);
      else disc(pen, x + half, y, half); // another shape distinguishes the two without colour
      pen.globalAlpha = 1;
    }
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = roll.colours.strip;
    pen.fillRect(0, top, NAME, this.height); // names are read above hits that are long past
    for (const [lane, drum] of this.drums.entries()) {
      const y = top + lane * LANE;
      pen.fillStyle = roll.colours.line;
      pen.fillRect(0, y, roll.width, 1);
      pen.fillStyle = roll.colours.faint;
      pen.fillText(DRUMS[drum], 6, y + 11);
    }
  }
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} half */
function disc(pen, x, y, half) {
  pen.beginPath();
  pen.arc(x, y, half, 0, 2 * Math.PI);
  pen.fill();
}
