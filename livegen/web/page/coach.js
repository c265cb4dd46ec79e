// A line of advice for the first minute, which then disappears.

const STEPS = [
  matchMedia("(hover: none)").matches
    ? "Play a phrase: touch the keys. Then stop."
    : "Play a phrase: press A S D F G, or click the keys. Then stop.",
  "livegen listens. Play a few notes more; when you stop, it answers.",
  "livegen answers you. Play again whenever you like; it falls silent at once.",
  "Now try another mode. Panic, or Escape, silences everything.",
];
const LAST = 20000; // milliseconds that the last line stays

export class Coach {
  /** @param {HTMLElement} line */
  constructor(line) {
    this.line = line;
    this.step = 0;
    this.say();
  }

  say() {
    this.line.textContent = STEPS[this.step] ?? "";
  }

  /** Something happened that may lead to the next line. @param {"heard"|"answered"|"again"} what */
  saw(what) {
    const next = { heard: 0, answered: 1, again: 2 }[what];
    if (next !== this.step && !(what === "answered" && this.step === 0)) return;
    this.step = next + 1;
    this.say();
    if (this.step === STEPS.length - 1) {
      setTimeout(() => {
        this.step = STEPS.length;
        this.say();
      }, LAST);
    }
  }
}
