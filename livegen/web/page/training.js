// Trainings: the loss while one runs, the verdict, and what the model before and the one after make of the same beginning.

import { Link } from "./link.js";
import { button } from "./memory.js";
import { legend, plot } from "./plot.js";
import { Player, drawRecorded } from "./recording.js";

/** @typedef {{title: string, notes: [number, number, number][]}} Example */
/**
 * @typedef {Object} Run
 * @property {string} name
 * @property {string} unit
 * @property {"training"|"judging"|"kept"|"refused"|"stopped"|"failed"} state
 * @property {[number|null, number][]} losses
 * @property {number|null} share
 * @property {string} sentence
 * @property {string} [table]
 * @property {Example[]} [listen]
 * @property {number} age in seconds
 */

const LOOK = 1500; // milliseconds between two looks
const QUIET = 180; // seconds without news after which a training has probably ended
const VELOCITY = 90;
const STATES = {
  training: "learning",
  judging: "made, and being judged",
  kept: "trained",
  refused: "not kept",
  stopped: "stopped",
  failed: "failed",
};
const TITLES = /** @type {Record<string, string>} */ ({ yours: "Yours", before: "Before", after: "After" });

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const say = (/** @type {string} */ sentence) => ($("said").textContent = sentence);

const player = new Player();
const link = new Link();

class Training {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.drawn = "";
    this.place = document.createElement("li");
    this.place.className = "session";
    this.title = document.createElement("h2");
    this.canvas = document.createElement("canvas");
    this.canvas.className = "plot";
    this.canvas.setAttribute("role", "img");
    this.verdict = document.createElement("p");
    this.rest = document.createElement("div");
    this.place.append(this.title, this.verdict, this.canvas, this.rest);
    /** @type {Run|null} */
    this.run = null;
  }

  /** @param {Run} run */
  show(run) {
    this.run = run;
    const lost = isAtWork(run) && run.age > QUIET;
    const share = run.state === "training" && run.share !== null ? `, ${Math.round(100 * run.share)} %` : "";
    this.title.textContent = `${run.name}: ${STATES[run.state]}${share}`;
    this.verdict.textContent = lost ? `There was no news for ${Math.round(run.age / 60)} minutes; it has probably ended.` : run.sentence;
    const form = JSON.stringify([run.state, run.losses, run.listen]);
    if (form === this.drawn) return;
    this.drawn = form;
    this.draw();
    this.rest.replaceChildren(...this.curves().slice(1).length ? [legend(this.curves())] : [], ...this.listening(), ...this.figures());
  }

  /** Each epoch, or of a training on one's own music each round after the base as 0. */
  curves() {
    const losses = this.run?.losses ?? [];
    const from = losses[0]?.[0] === null ? 0 : 1;
    const held = losses.map(([, bits], i) => /** @type {[number, number]} */ ([from + i, bits]));
    const trained = losses.flatMap(([bits], i) => (bits === null ? [] : [/** @type {[number, number]} */ ([from + i, bits])]));
    const curves = [{ name: "held out", colour: "player", points: held }];
    return trained.length ? [...curves, { name: "training", colour: "performer", points: trained, dashed: true }] : curves;
  }

  draw() {
    const { run, canvas } = this;
    canvas.hidden = !run?.losses.length;
    if (!run || canvas.hidden) return;
    const rounds = run.losses[0][0] === null;
    const bits = run.losses.map(([, held]) => held);
    canvas.setAttribute(
      "aria-label",
      `Bits a ${run.unit} on what was held out: ${bits[0].toFixed(3)} at first, ${Math.min(...bits).toFixed(3)} at best, after ${bits.length} ${rounds ? "rounds" : "epochs"}`,
    );
    plot(canvas, this.curves(), { across: `${rounds ? "round" : "epoch"}; bits a ${run.unit}, fewer is better`, up: "bits" });
  }

  /** The same beginning, gone on with by both. */
  listening() {
    return (this.run?.listen ?? []).map(({ title, notes }) => {
      const recorded = recording(title, notes);
      const row = document.createElement("div");
      row.className = "example";
      const roll = document.createElement("canvas");
      roll.setAttribute("aria-hidden", "true");
      const listen = button(TITLES[title] ?? title, undefined, () => {
        if (player.recorded === recorded) return player.stop();
        player.play(recorded, 0, (at) => {
          listen.textContent = at === null ? (TITLES[title] ?? title) : "Stop";
          drawRecorded(roll, recorded, at);
        });
      });
      row.append(listen, roll);
      requestAnimationFrame(() => drawRecorded(roll, recorded, null));
      return row;
    });
  }

  figures() {
    const { run } = this;
    const parts = [];
    if (run?.state === "kept") {
      const row = document.createElement("div");
      row.className = "buttons";
      row.append(button(`Play with ${run.name}`, undefined, () => playWith(run.name)));
      parts.push(row);
    }
    if (run?.table) {
      const box = document.createElement("details");
      const summary = document.createElement("summary");
      summary.textContent = "All figures";
      const table = document.createElement("pre");
      table.textContent = run.table;
      table.tabIndex = 0;
      box.append(summary, table);
      parts.push(box);
    }
    return parts;
  }
}

/** @param {Run} run */
function isAtWork({ state }) {
  return state === "training" || state === "judging";
}

/** @param {string} name @param {[number, number, number][]} notes @returns {import("./recording.js").Recorded} */
function recording(name, notes) {
  const who = name === "yours" ? "performer" : "player";
  const played = notes.map(([onset, duration, pitch]) => ({ who: /** @type {import("./score.js").Who} */ (who), onset, duration, pitch, velocity: VELOCITY, channel: 1 }));
  return { name, marks: [], notes: played, seconds: Math.max(0, ...played.map(({ onset, duration }) => onset + duration)) };
}

/** @param {string} model */
function playWith(model) {
  link.send("/livegen/model", model);
  say(`livegen plays with ${model} now.`);
}

/** @type {Map<string, Training>} */
const shown = new Map();
let stopped = false;

async function look() {
  const answer = await fetch("/training").catch(() => null);
  if (!answer?.ok) return say("livegen does not answer.");
  /** @type {{running: boolean, possible: string, said: string, runs: Run[]}} */
  const { running, possible, said, runs } = await answer.json();
  $("stop").hidden = !running;
  const names = runs.map(({ name }) => name).join(", ");
  if (running) stopped = false;
  const waiting = running && !runs.some((run) => isAtWork(run) && run.age < QUIET) ? "The training has begun; it reads what you played." : "";
  const nothing = names ? "" : "Nothing was trained yet: choose sessions to train on, or run `livegen train`.";
  const now = waiting || (stopped ? "Stopped." : said) || possible || nothing;
  if (now !== $("said").dataset.told) say(($("said").dataset.told = now));
  for (const run of runs) {
    let training = shown.get(run.name);
    if (!training) {
      training = new Training(run.name);
      shown.set(run.name, training);
      $("runs").append(training.place);
    }
    training.show(run);
  }
}

$("stop").addEventListener("click", async () => {
  stopped = true;
  await fetch("/training", { method: "DELETE" }).catch(() => null);
  await look();
});

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, LOOK);
}

addEventListener("resize", () => shown.forEach((training) => training.draw()));
Object.assign(window, { livegen: { player, shown, link } });
link.open();
watch();
