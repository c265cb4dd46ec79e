// The first minute of a newcomer: a phrase is played, livegen answers it, then the newcomer plays one key after another.
// What just happened is said in one line. It never comes again once it was gone through or put away.

/** @typedef {import("./keys.js").Keys} Keys */
/** @typedef {import("./coach.js").Coach} Coach */
/** @typedef {(pitch: number, velocity: number) => void} Strike */

/** @type {[number, number][]} pitches, and beats that they last */
const PHRASE = [[60, 0.5], [64, 0.5], [67, 0.5], [64, 0.5], [69, 0.5], [67, 0.5], [64, 1], [62, 0.5], [64, 0.5], [60, 1.5]];
const BEAT = 0.42; // seconds
const VELOCITIES = [96, 78, 88, 74];
const YOURS = [60, 64, 67, 69, 67];
const PATIENCE = 8; // seconds that an answer is waited for
const KEPT = "visited";
const touched = matchMedia("(hover: none)").matches;

export class FirstMinute {
  /** @param {{card: HTMLElement, hear: HTMLElement, skip: HTMLElement}} place @param {Keys} keys @param {Coach} coach @param {Strike} strike */
  constructor(place, keys, coach, strike) {
    this.place = place;
    this.keys = keys;
    this.coach = coach;
    this.strike = strike;
    /** @type {"offered"|"shown"|"answered"|"yours"|"last"|"over"} */
    this.step = localStorage.getItem(KEPT) ? "over" : "offered";
    /** @type {number[]} */
    this.timers = [];
    this.left = [...YOURS];
    this.sounding = 0; // the pitch that is being shown
    place.card.hidden = this.step === "over";
    place.hear.addEventListener("click", () => this.show());
    place.skip.addEventListener("click", () => this.end());
  }

  /** @param {number} seconds @param {() => void} then */
  after(seconds, then) {
    this.timers.push(setTimeout(then, seconds * 1000));
  }

  /** Play the phrase as if the newcomer did. */
  show() {
    this.step = "shown";
    this.place.card.hidden = true;
    this.coach.say("This phrase is yours, played for you ...");
    let at = 0.15;
    PHRASE.forEach(([pitch, beats], i) => {
      this.after(at, () => this.press(pitch, VELOCITIES[i % VELOCITIES.length] ?? 80));
      this.after(at + 0.9 * beats * BEAT, () => this.press(pitch, 0));
      at += beats * BEAT;
    });
    this.after(at + PATIENCE, () => this.step === "shown" && this.invite("This mode gives no answer by itself."));
  }

  /** @param {number} pitch @param {number} velocity */
  press(pitch, velocity) {
    this.sounding = velocity ? pitch : 0;
    this.strike(pitch, velocity);
  }

  /** The newcomer struck a key. @param {number} pitch */
  struck(pitch) {
    if (this.step === "offered") this.end();
    if (this.step === "shown" && pitch !== this.sounding) this.invite("You took over: good.");
    if (this.step !== "yours") return;
    if (pitch === this.left[0]) this.left.shift();
    this.guide();
    if (this.left.length) return;
    this.step = "last";
    this.coach.say("Now stop, and listen.");
    this.after(PATIENCE, () => this.end());
  }

  /** livegen struck a note. */
  answered() {
    if (this.step === "shown") {
      this.step = "answered";
      this.coach.say("... and this is livegen's answer. It made it up just now.");
    }
    if (this.step === "last") {
      this.end();
      this.coach.end("livegen answered you. Play whatever you like; it falls silent when you begin.");
    }
  }

  /** It is the performer's turn again. */
  over() {
    if (this.step === "answered") this.invite("");
  }

  /** @param {string} said */
  invite(said) {
    this.stop();
    this.step = "yours";
    this.coach.say(`${said} Your turn: ${touched ? "touch" : "press"} the keys that light up.`.trim());
    this.guide();
  }

  /** Light the key that is to be pressed next. */
  guide() {
    this.keys.guide(this.step === "yours" ? (this.left[0] ?? null) : null);
  }

  /** Stop what is being shown. */
  stop() {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
    if (this.sounding) this.press(this.sounding, 0);
  }

  /** It is gone through, or not wanted. */
  end() {
    this.stop();
    this.step = "over";
    this.guide();
    this.place.card.hidden = true;
    localStorage.setItem(KEPT, "yes");
  }
}
