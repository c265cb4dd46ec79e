// A sustain pedal: the Shift key, or the pedal of a MIDI keyboard of this browser. While it is down, a key that is let go
// sounds on, and livegen hears it as held.

/** @typedef {(pitch: number, velocity: number) => void} Strike  velocity 0 releases */

export class Sustain {
  /** @param {Strike} play */
  constructor(play) {
    this.play = play;
    this.down = false;
    /** @type {Set<number>} the keys that only the pedal holds */
    this.kept = new Set();
    this.strike = this.strike.bind(this);
    addEventListener("keydown", (event) => event.key === "Shift" && !event.repeat && this.press(true));
    addEventListener("keyup", (event) => event.key === "Shift" && this.press(false));
    addEventListener("blur", () => this.press(false));
  }

  /** Strike or release a key. @param {number} pitch @param {number} velocity */
  strike(pitch, velocity) {
    if (!velocity && this.down) {
      this.kept.add(pitch);
      return;
    }
    if (velocity && this.kept.delete(pitch)) this.play(pitch, 0); // struck again: the first ends
    this.play(pitch, velocity);
  }

  /** @param {boolean} down */
  press(down) {
    this.down = down;
    if (down) return;
    for (const pitch of this.kept) this.play(pitch, 0);
    this.kept.clear();
  }
}
