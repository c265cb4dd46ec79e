// Who hears whom, as a picture: an arrow goes from each voice that is heard to the one that hears it.

import { button } from "./memory.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */
/** @typedef {import("./controls.js").Made} Made */

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 360; // units of the picture, about pixels
const HEAD = 9; // of an arrow
const CLEAR = [46, 28]; // between the middle of a voice and an arrow's end, to a side and up or down
const ASIDE = 5; // by which an arrow lies beside the one that goes back

export class BandView {
  /** @param {[string, string][]} voices the name and the colour of each @param {string} performer its name, and its colour's @param {string} nobody */
  constructor(voices, performer, nobody) {
    this.names = [performer, ...voices.map(([name]) => name)];
    this.colours = new Map([[performer, performer], ...voices]);
    this.performer = performer;
    this.nobody = nobody;
    this.high = this.names.length > 6 ? WIDE : WIDE * 0.6;
    this.chosen = ""; // the voice whose ears are set
    /** @type {Map<string, string[]>} a voice to those that it hears, the first of whom it answers */
    this.heard = new Map();
    /** @type {Map<string, (heard: string[]) => void>} */
    this.set = new Map();
    this.element = document.createElement("div");
    this.element.className = "band";
    this.picture = document.createElementNS(SVG, "svg");
    this.picture.setAttribute("viewBox", `0 0 ${WIDE} ${this.high}`);
    this.picture.setAttribute("aria-hidden", "true");
    this.says = document.createElement("p");
    this.says.className = "note";
    this.says.setAttribute("role", "status");
    const stage = document.createElement("div");
    stage.className = "band-stage";
    stage.setAttribute("role", "group");
    stage.setAttribute("aria-label", "Who hears whom");
    this.buttons = new Map(this.names.map((name, i) => [name, this.place(name, i)]));
    stage.append(this.picture, ...this.buttons.values());
    this.element.append(stage, this.says);
    this.draw();
  }

  /** The ears of a voice. @param {string} name @param {Node} node of its setting `hears` @param {Link} link @returns {Made} */
  ears(name, node, link) {
    this.set.set(name, (heard) => link.send(node.FULL_PATH, ...(heard.length ? heard : [this.nobody])));
    const show = (/** @type {string[]} */ ...told) => {
      this.heard.set(name, told.filter((other) => other !== this.nobody));
      this.draw();
    };
    return { row: this.element, show };
  }

  /** @param {string} name @param {number} i */
  place(name, i) {
    const made = button(name === this.performer ? "you" : name, undefined, () => this.touch(name));
    const [x, y] = this.at(i);
    made.style.left = `${(100 * x) / WIDE}%`;
    made.style.top = `${(100 * y) / this.high}%`;
    made.style.setProperty("--voice", `var(--${this.colours.get(name)})`);
    return made;
  }

  /** The middle of a voice: you are at the left, the voices go round. @param {number} i */
  at(i) {
    const angle = Math.PI + (2 * Math.PI * i) / this.names.length;
    return [WIDE / 2 + Math.cos(angle) * (WIDE / 2 - 50), this.high / 2 + Math.sin(angle) * (this.high / 2 - 28)];
  }

  /** The first touch chooses who listens; further ones, whom it hears. @param {string} name */
  touch(name) {
    const listener = this.chosen;
    if (name === listener) this.chosen = "";
    else if (!listener) this.chosen = this.set.has(name) ? name : "";
    else {
      const heard = this.heard.get(listener) ?? [];
      this.set.get(listener)?.(heard.includes(name) ? heard.filter((other) => other !== name) : [...heard, name]);
    }
    this.draw();
  }

  draw() {
    const { chosen } = this;
    const ears = this.heard.get(chosen) ?? [];
    for (const [name, made] of this.buttons) {
      made.classList.toggle("listens", name === chosen);
      made.classList.toggle("heard", ears.includes(name));
      const pressed = chosen && name !== chosen ? ears.includes(name) : name === chosen;
      made.setAttribute("aria-pressed", String(pressed));
      const called = name === this.performer ? "you" : name;
      made.setAttribute("aria-label", chosen && name !== chosen ? `${called}, heard by ${chosen}` : `${called}: set whom it hears`);
    }
    const called = ears.map((name) => (name === this.performer ? "you" : name));
    const answers = called.length > 1 ? `, and answers ${called[0]}` : "";
    this.says.textContent = chosen
      ? `${chosen} hears ${listed(called) || "nobody"}${answers}. Touch those whom it shall hear; ${chosen} again when done.`
      : "An arrow goes to the one that hears; a thick one, to the one that answers. Touch a voice to set whom it hears.";
    this.picture.replaceChildren(...[...this.heard].flatMap(([to, heard]) => heard.map((from, i) => this.arrow(from, to, i === 0))));
  }

  /** @param {string} from @param {string} to @param {boolean} answered */
  arrow(from, to, answered) {
    const [[x, y], [toX, toY]] = [this.at(this.names.indexOf(from)), this.at(this.names.indexOf(to))];
    const far = Math.max(1, Math.hypot(toX - x, toY - y));
    const [alongX, alongY] = [(toX - x) / far, (toY - y) / far];
    const point = (/** @type {number} */ along, /** @type {number} */ aside) =>
      `${(x + alongX * along - alongY * aside).toFixed(1)} ${(y + alongY * along + alongX * aside).toFixed(1)}`;
    const start = Math.min(CLEAR[0] / Math.abs(alongX), CLEAR[1] / Math.abs(alongY), far * 0.35);
    const end = far - start;
    const made = document.createElementNS(SVG, "path");
    const head = `M${point(end - HEAD, ASIDE - HEAD * 0.7)}L${point(end, ASIDE)}L${point(end - HEAD, ASIDE + HEAD * 0.7)}`;
    made.setAttribute("d", `M${point(start, ASIDE)}L${point(end, ASIDE)}${head}`);
    made.setAttribute("data-arrow", `${from} ${to}`);
    made.classList.toggle("answered", answered);
    made.classList.toggle("dim", Boolean(this.chosen) && to !== this.chosen);
    made.style.stroke = `var(--${this.colours.get(from)})`;
    return made;
  }
}

/** @param {string[]} names */
function listed(names) {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
}
