// The picture for a projector or a stream (`/visuals`): notes, the surprise of each, chords, the beat. Nothing to click.
// `?transparent` leaves the ground out, for OBS.

import { CHANNEL } from "./drum_kit.js";
import { Link } from "./link.js";
import { Score } from "./score.js";
import { voiceColours } from "./voices.js";
import { Wall } from "./wall.js";

const SURE = 0.5; // a chord that is less certain than that is shown fainter

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const now = () => performance.now() / 1000;

document.body.classList.toggle("transparent", new URLSearchParams(location.search).has("transparent"));

const link = new Link();
const score = new Score();
const wall = new Wall(/** @type {HTMLCanvasElement} */ ($("wall")), score, now);

link.on("/livegen/out/heard", (id, pitch, velocity, channel) => {
  if (!velocity) return score.off("performer", pitch, now(), channel);
  score.unplan();
  score.on("performer", pitch, velocity, now(), id, channel);
});
link.on("/livegen/out/plan", (id, pitch, velocity, wait, duration, channel) => {
  if (channel !== CHANNEL) score.plan({ pitch, velocity, start: now() + wait, end: now() + wait + duration, channel });
});
link.on("/livegen/out/note", (id, pitch, velocity, duration, channel) => score.on("player", pitch, velocity, now(), id, channel));
link.on("/livegen/out/off", (id, pitch, channel) => score.off("player", pitch, now(), channel));
link.on("/livegen/out/surprise", (bits) => score.surprises.push({ at: now(), bits }));
link.on("/livegen/out/beat", (beat) => score.beat(now(), beat));
link.on("/livegen/out/tempo", (bpm) => (score.grid.length = 60 / bpm));
link.on("/livegen/metre", (beats) => (score.grid.metre = beats));
link.on("/livegen/out/turn", (who) => {
  document.body.dataset.turn = who;
  if (who === "performer") score.unplan();
});
link.on("/livegen/out/chord", (chord, next, sure) => {
  $("chord").hidden = !chord;
  $("chord").classList.toggle("unsure", sure < SURE);
  $("chord-now").textContent = chord;
  $("chord-next").textContent = next ? `→ ${next}` : "";
});
link.on("/livegen/panic", () => score.silence(now()));
link.onTree((tree) => {
  score.voices = voiceColours(tree.CONTENTS?.voice);
  score.grid.metre = tree.CONTENTS?.metre?.VALUE?.[0] ?? 4;
});
link.onState((connected) => connected || score.silence(now()));
/** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
link.open();

// For the browser's console, and for the tests.
Object.assign(window, { livegen: { link, score, wall } });
