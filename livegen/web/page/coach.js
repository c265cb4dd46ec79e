// A line of advice, which disappears once it is not needed any more.

const touched = matchMedia("(hover: none)").matches;
const STEPS = [
  touched ? "Play a phrase: touch the keys. Then stop." : "Play a phrase: press A S D F G, or click the keys. Then stop.",
  "livegen listens. Play a few notes more; when you stop, it answers.",
  "livegen answers you. Play again whenever you like; it falls silent at once.",
  `Now try another mode. ${touched ? "Panic silences" : "Panic, or Escape, silences"} everything.`,
];
const LAST = 20000; // milliseconds that the last line stays

export class Coach {
  /** @param {HTMLElement} line */
  constructor(line) {
    this.line = line;
    this.step = 0;
    this.say(STEPS[0] ?? "");
  }

  /** @param {string} sentence */
  say(sentence) {
    this.line.textContent = sentence;
  }

  /** Something happened that may lead to the next line. @param {"heard"|"answered"|"again"} what */
  saw(what) {
    const next = { heard: 0, answered: 1, again: 2 }[what];
    if (next !== this.step && !(what === "answered" && this.step === 0)) return;
    this.step = next + 1;
    this.say(STEPS[this.step] ?? "");
    if (this.step === STEPS.length - 1) this.end(STEPS[this.step] ?? "");
  }

  /** The last line, after which nothing is advised. @param {string} sentence */
  end(sentence) {
    this.step = STEPS.length;
    this.say(sentence);
    setTimeout(() => this.say(""), LAST);
  }
}
