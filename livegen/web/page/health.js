// How things stand: one small line when something is wrong, and all the numbers behind a button.

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

// In the order of /livegen/out/health. A count that grows is worth a word.
const NUMBERS = [
  "half of the notes late by (ms)", "99 % by (ms)", "all by (ms)", "in time", "notes sent", "dropped", "passed over",
  "waiting", "inputs", "outputs", "journal in trouble", "late steps", "ISR", "ISRw", "staleness (sixteenths)",
];
const [P99, DROPPED, PASSED, WAITING, TROUBLE, STEPS] = [1, 5, 6, 7, 10, 11];
const ROUGH = 20; // milliseconds: notes as late as this sound late
const MANY = 100; // events that wait

export class Health {
  /** @param {HTMLElement} place @param {Link} link */
  constructor(place, link) {
    /** @type {number[]} */
    this.before = [];
    this.wrong = document.createElement("p");
    this.wrong.className = "health";
    this.wrong.hidden = true;
    const all = document.createElement("details");
    all.className = "health";
    const title = document.createElement("summary");
    title.textContent = "Numbers";
    this.list = document.createElement("ul");
    all.append(title, this.list);
    place.append(this.wrong, all);
    link.on("/livegen/out/health", (...numbers) => this.show(numbers));
  }

  /** The numbers as they were last told. @param {Node} tree */
  tree(tree) {
    const told = tree.CONTENTS?.out?.CONTENTS?.health?.VALUE;
    if (told?.length) this.show(told);
  }

  /** @param {number[]} numbers */
  show(numbers) {
    const said = this.complaints(numbers).join("; ");
    this.before = numbers;
    this.wrong.hidden = !said;
    this.wrong.textContent = said;
    this.list.replaceChildren(
      ...NUMBERS.map((name, at) => {
        const item = document.createElement("li");
        item.textContent = `${name}: ${Number((numbers[at] ?? 0).toFixed(3))}`;
        return item;
      }),
    );
  }

  /** @param {number[]} numbers @returns {string[]} */
  complaints(numbers) {
    const more = (/** @type {number} */ at) => numbers[at] > (this.before[at] ?? numbers[at]);
    return [
      numbers[TROUBLE] ? "the journal cannot be written" : "",
      more(DROPPED) ? `${numbers[DROPPED]} notes were too late and left out` : "",
      more(PASSED) ? `${numbers[PASSED]} of your notes came too fast` : "",
      more(STEPS) ? `the model is slow (${numbers[STEPS]} late steps)` : "",
      numbers[P99] > ROUGH ? `notes are up to ${Math.round(numbers[P99])} ms late` : "",
      numbers[WAITING] > MANY ? `${numbers[WAITING]} events wait` : "",
    ].filter(Boolean);
  }
}
