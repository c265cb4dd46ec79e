// The roll for a wall: large, without names; a ring opens around each note of yours, wider the more it surprised.

import { isHit } from "./drum_lanes.js";
import { Roll } from "./roll.js";

const SURPRISING = 12; // bits that open the widest ring
const RING = 1.4; // seconds that a ring takes to open and to go
const PULSE = 0.3; // seconds that a beat is seen
const TOGETHER = 0.15; // seconds between a note and what is said of its surprise, at most

export class Wall extends Roll {
  get strip() {
    return 0;
  }

  get thickest() {
    return this.height / 22;
  }

  /** @param {number} now */
  draw(now) {
    const { pen } = this;
    this.instant = now;
    this.lanes.follow(this.score.notes);
    this.follow();
    pen.clearRect(0, 0, this.width, this.height);
    this.drawPulse(now);
    this.drawRings(now);
    for (const note of this.score.planned) this.drawPlanned(note, now);
    for (const note of this.score.notes) if (!isHit(note)) this.drawNote(note, now);
    this.lanes.draw(pen, this.score.notes, this.floor);
    this.drawNow(now);
  }

  /** The beat: the foot of the picture lights up, at the first of a bar more than at others. @param {number} now */
  drawPulse(now) {
    const last = this.score.beats.at(-1);
    const left = last ? 1 - (now - last.at) / PULSE : 0;
    if (!last || left <= 0) return;
    const { pen } = this;
    const high = (last.bar ? 0.5 : 0.22) * this.height;
    const light = pen.createLinearGradient(0, this.height, 0, this.height - high);
    light.addColorStop(0, this.colours[document.body.dataset.turn ?? ""] ?? this.colours.now);
    light.addColorStop(1, "transparent");
    pen.globalAlpha = (last.bar ? 0.4 : 0.22) * (this.calm.matches ? 0.3 : left * left);
    pen.fillStyle = light;
    pen.fillRect(0, this.height - high, this.width, high);
    pen.globalAlpha = 1;
  }

  /** Around each note of the performer's a disc, larger the more it surprised; when it is new, a ring opens to its edge. @param {number} now */
  drawRings(now) {
    const { pen } = this;
    pen.fillStyle = pen.strokeStyle = this.colours.surprise;
    for (const { at, bits } of this.score.surprises) {
      const note = this.score.notes.findLast(({ who, start }) => who === "performer" && Math.abs(start - at) < TOGETHER);
      if (!note || at < now - this.past) continue;
      const age = this.calm.matches ? 1 : Math.min(1, (now - at) / RING);
      const wide = this.thickest / 2 + Math.min(1, bits / SURPRISING) * (this.height / 6);
      this.disc(note, wide * (1 - (1 - age) ** 3));
      pen.globalAlpha = 0.16;
      pen.fill();
      pen.globalAlpha = 1 - age;
      pen.lineWidth = 2 + (1 - age) * (this.height / 120);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  /** @param {import("./score.js").Note} note @param {number} radius */
  disc({ start, pitch }, radius) {
    this.pen.beginPath();
    this.pen.arc(this.x(start) + this.thickest / 3, this.y(pitch), radius, 0, 2 * Math.PI);
  }
}
