// Takes and earlier sessions: look at one, play it, export it, delete it, train on several.

import { download, toClipboard } from "./downloads.js";
import { button } from "./memory.js";
import { Player, drawRecorded } from "./recording.js";

/** @typedef {{name: string, path: string, bytes: number, changed: string, playing: boolean}} Row */
/** @typedef {import("./recording.js").Recorded} Recorded */

const SURE = 4000; // milliseconds in which the second touch deletes
const LEAD_IN = 0.5; // seconds of silence before the first note

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const say = (/** @type {string} */ sentence) => ($("said").textContent = sentence);

const player = new Player();
/** @type {Map<string, string>} the paths of the sessions that are ticked, by their names */
const ticked = new Map();

class Session {
  /** @param {Row} row */
  constructor(row) {
    this.row = row;
    /** @type {Recorded|null} */
    this.recorded = null;
    this.when = new Date(row.changed).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    this.place = document.createElement("li");
    this.place.className = "session";
    this.about = document.createElement("span");
    this.about.className = "about";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `All notes of ${this.when}; a touch plays from there`);
    this.canvas.addEventListener("click", (event) => this.play((event.offsetX / this.canvas.clientWidth) * (this.recorded?.seconds ?? 0)));
    this.listen = button("Play", undefined, () => (player.recorded && player.recorded === this.recorded ? player.stop() : this.play(this.beginning())));
    this.body = document.createElement("div");
    this.body.hidden = true;
    this.body.append(this.canvas, this.buttons());
    this.place.append(this.title(), this.body);
  }

  title() {
    const line = document.createElement("div");
    line.className = "name";
    const tick = document.createElement("input");
    tick.type = "checkbox";
    tick.setAttribute("aria-label", `Train on ${this.when}`);
    tick.addEventListener("change", () => {
      if (tick.checked) ticked.set(this.row.name, this.row.path);
      else ticked.delete(this.row.name);
      showTraining();
    });
    this.open = button(this.row.playing ? "This session" : this.when, undefined, () => this.show(this.body.hidden));
    this.open.setAttribute("aria-expanded", "false");
    line.append(tick, this.open, this.about);
    return line;
  }

  buttons() {
    const row = document.createElement("div");
    row.className = "buttons";
    const get = (/** @type {string} */ kind) => () => download(`/journals/${this.row.name}.${kind}`, say);
    row.append(this.listen, button(".mid", "Save as MIDI", get("mid")), button("ABC", "Save as ABC", get("abc")));
    if (!this.row.playing) row.append(this.deleting());
    return row;
  }

  /** A button that deletes at its second touch. */
  deleting() {
    let armed = 0;
    const calm = () => {
      armed = 0;
      made.textContent = "Delete";
      made.classList.remove("sure");
    };
    const made = button("Delete", undefined, async () => {
      if (!armed) {
        made.textContent = "Delete it?";
        made.classList.add("sure");
        armed = setTimeout(calm, SURE);
        return;
      }
      clearTimeout(armed);
      calm();
      await this.remove();
    });
    return made;
  }

  async remove() {
    const answer = await fetch(`/journals/${this.row.name}`, { method: "DELETE" }).catch(() => null);
    if (!answer?.ok) return void say((await answer?.text().catch(() => "")) || "livegen does not answer.");
    if (player.recorded && player.recorded === this.recorded) player.stop();
    ticked.delete(this.row.name);
    showTraining();
    this.place.remove();
    say(`Deleted ${this.when}: its files end in .deleted until you remove them.`);
  }

  /** @param {boolean} on */
  async show(on) {
    this.body.hidden = !on;
    this.open?.setAttribute("aria-expanded", String(on));
    if (!on) return;
    if (!this.recorded) {
      this.about.textContent = "One moment …";
      const answer = await fetch(`/journals/${this.row.name}.json`).catch(() => null);
      this.about.textContent = "";
      if (!answer?.ok) {
        this.about.textContent = (await answer?.text().catch(() => "")) || "livegen does not answer.";
        this.canvas.hidden = this.listen.hidden = true;
        return;
      }
      this.recorded = await answer.json();
    }
    const { seconds, notes } = /** @type {Recorded} */ (this.recorded);
    const yours = notes.filter(({ who }) => who === "performer").length;
    this.about.textContent = `${minutes(seconds)}, ${yours} notes of yours, ${notes.length - yours} of livegen's`;
    this.draw(null);
  }

  /** @param {number|null} at seconds */
  draw(at) {
    if (this.recorded) drawRecorded(this.canvas, this.recorded, at);
    this.listen.textContent = at === null ? "Play" : "Stop";
  }

  /** Just before its first note: nobody listens through the silence before that. */
  beginning() {
    return Math.max(0, (this.recorded?.notes[0]?.onset ?? 0) - LEAD_IN);
  }

  /** @param {number} from seconds */
  play(from) {
    if (this.recorded) player.play(this.recorded, from, (at) => this.draw(at));
  }
}

/** @param {number} seconds */
function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;
}

function showTraining() {
  $("train").hidden = !ticked.size;
  $("train-command").textContent = `livegen train mine ${[...ticked.values()].map((path) => `--data "${path}"`).join(" ")}`;
}

$("train-start").addEventListener("click", async () => {
  const answer = await fetch("/training", { method: "POST", body: [...ticked.keys()].join("\n") }).catch(() => null);
  if (answer?.ok) location.href = "training.html";
  else say((await answer?.text().catch(() => "")) || "livegen does not answer.");
});
$("train-copy").addEventListener("click", async () => {
  say((await toClipboard($("train-command").textContent ?? "")) ? "Copied." : "This browser lets no page copy; select the command.");
});

const answer = await fetch("/journals").catch(() => null);
/** @type {Row[]} */
const rows = answer?.ok ? await answer.json() : [];
const sessions = rows.map((row) => new Session(row));
$("sessions").append(...sessions.map(({ place }) => place));
say(answer?.ok ? (rows.length ? "" : "Nothing was played yet.") : "livegen does not answer.");
sessions[0]?.show(true);
addEventListener("resize", () => sessions.forEach((session) => session.draw(null)));
Object.assign(window, { livegen: { player, sessions, link: { connected: true } } });
