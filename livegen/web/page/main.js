// Puts the page together: notes played here go to livegen; messages from livegen go to the roll, the keys and the sound.

import { Chart } from "./chart.js";
import { Coach } from "./coach.js";
import { Cockpit } from "./cockpit.js";
import { CHANNEL } from "./drum_kit.js";
import { Drop } from "./drop.js";
import { End } from "./end.js";
import { FirstMinute } from "./first_minute.js";
import { Health } from "./health.js";
import { Keys } from "./keys.js";
import { Learn } from "./learn.js";
import { Link } from "./link.js";
import { hasMidi, playMidi } from "./midi.js";
import { Roll } from "./roll.js";
import { Says } from "./says.js";
import { Score } from "./score.js";
import { Sheet } from "./sheet.js";
import { Sound } from "./sound.js";
import { SoundPanel } from "./sound_panel.js";
import { Status } from "./status.js";
import { Sustain } from "./sustain.js";
import { Takes } from "./takes.js";
import { Seating, showLegend, voiceColours, voiceParts } from "./voices.js";

const LIKELY_ENOUGH = 0.01;

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const now = () => performance.now() / 1000;

const link = new Link();
const score = new Score();
const sound = new Sound();
const coach = new Coach($("coach"));
const status = new Status(link);
const health = new Health($("rig"), link);
const sustain = new Sustain(play);
const keys = new Keys($("keys"), sustain.strike);
const roll = new Roll(/** @type {HTMLCanvasElement} */ ($("roll")), score, now);
const cockpit = new Cockpit(link);
const learn = new Learn(link);
const says = new Says($("says"), link);
new Takes(link);
new End($("end"));
const sheet = new Sheet($("sheet"), $("sheet-open"), link, play);
const chart = new Chart(link);
new Drop($("takes"), $("charts"));

const first = new FirstMinute({ card: $("first"), hear: $("first-hear"), skip: $("first-skip") }, keys, coach, play);

let answered = false;
// The ids of this page's notes begin at a random number, so that those of another page are not taken for ours.
const lowest = 1 + Math.floor(Math.random() * 2000) * 1_000_000;
let serial = lowest;
/** @type {Map<number, number>} pitch to the id of the note that holds it here */
const own = new Map();

/** The performer plays here. @param {number} pitch @param {number} velocity 0 releases */
function play(pitch, velocity) {
  sound.unlock();
  if (velocity) {
    first.struck(pitch);
    own.set(pitch, (serial += 1));
    status.asked(serial);
  }
  link.send("/livegen/note", pitch, velocity, 1, own.get(pitch) ?? 0);
  heard(pitch, velocity);
}

/** The performer's note sounds and is drawn. @param {number} pitch @param {number} velocity @param {number} [channel] */
function heard(pitch, velocity, channel = 1) {
  if (velocity) {
    sound.unplan();
    score.unplan();
    sound.on("performer", pitch, velocity, channel);
    score.on("performer", pitch, velocity, now(), serial, channel);
    if (first.step === "over") coach.saw(answered ? "again" : "heard");
  } else {
    sound.off("performer", pitch, channel);
    score.off("performer", pitch, now(), channel);
  }
  keys.show(pitch, score.sounding(pitch), score.colour(pitch));
}

// Notes that the performer plays elsewhere: on a MIDI keyboard, over OSC, on another page.
link.on("/livegen/out/heard", (id, pitch, velocity, channel, port) => {
  status.active(port, "in");
  if (id >= lowest && id <= serial) return;
  if (first.step === "offered") first.end();
  heard(pitch, velocity, channel);
});

link.on("/livegen/out/plan", (id, pitch, velocity, wait, duration, channel) => {
  if (channel === CHANNEL) return; // a hit is drawn and sounds when it comes
  score.plan({ pitch, velocity, start: now() + wait, end: now() + wait + duration, channel });
  sound.plan(pitch, velocity, wait, channel);
});

link.on("/livegen/out/note", (id, pitch, velocity, duration, channel) => {
  status.sent();
  sound.on("player", pitch, velocity, channel);
  score.on("player", pitch, velocity, now(), id, channel);
  keys.show(pitch, score.sounding(pitch), score.colour(pitch));
  if (first.step === "over") coach.saw("answered");
  first.answered();
  answered = true;
});

link.on("/livegen/out/off", (id, pitch, channel) => {
  sound.off("player", pitch, channel);
  score.off("player", pitch, now(), channel);
  keys.show(pitch, score.sounding(pitch), score.colour(pitch));
});

link.on("/livegen/out/next", (id, pitch, gap) => {
  status.answered(id);
  if (!cockpit.has("/livegen/out/likely")) keys.showLikely(new Map([[pitch, 0.4]]));
});

link.on("/livegen/out/likely", (...pairs) => {
  const likely = new Map();
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    if (pairs[i + 1] >= LIKELY_ENOUGH) likely.set(pairs[i], pairs[i + 1]);
  }
  keys.showLikely(likely);
});

link.on("/livegen/out/beat", (beat) => score.beat(now(), beat));
link.on("/livegen/out/tempo", (bpm) => (score.grid.length = 60 / bpm));
link.on("/livegen/metre", (beats) => (score.grid.metre = beats));
link.on("/livegen/out/surprise", (bits) => score.surprises.push({ at: now(), bits }));
link.on("/livegen/out/turn", (who, bar, bars) => {
  status.turn(who, bar, bars);
  if (who === "performer") {
    first.over();
    sound.unplan();
    score.unplan();
  }
});

// What was likely was so in the mode, and with the model, of before.
for (const name of ["mode", "model", "reset", "panic"]) link.on(`/livegen/${name}`, () => keys.showLikely(new Map()));

link.onState((connected) => {
  status.connection(connected);
  for (const id of ["cockpit", "says", "tap", "coach"]) $(id).toggleAttribute("inert", !connected); // asleep: nothing would come of it
  if (!connected) silence();
});
const seating = new Seating(link, (voices) => {
  score.voices = voiceColours(voices);
  sound.band(voiceParts(voices));
});
link.onTree((tree) => {
  cockpit.show(tree);
  status.tree(tree);
  health.tree(tree);
  says.tree(tree);
  chart.tree(tree, cockpit);
  seating.tree(tree.CONTENTS?.voice);
  showLegend($("legend-voices"), tree.CONTENTS?.voice);
  score.grid.metre = tree.CONTENTS?.metre?.VALUE?.[0] ?? 4;
});

function silence() {
  sound.panic();
  score.silence(now());
  for (const pitch of [...keys.shown.keys()]) keys.show(pitch, new Set());
  keys.showLikely(new Map());
}

function panic() {
  learn.set(false);
  sheet.stop();
  link.send("/livegen/panic");
  keys.liftAll();
  sustain.press(false);
  silence();
}

$("panic").addEventListener("click", panic);
addEventListener("keydown", (event) => event.key === "Escape" && panic());
$("down").addEventListener("click", () => keys.shift(-12));
$("up").addEventListener("click", () => keys.shift(12));
$("midi").hidden = !hasMidi;
$("midi").addEventListener("click", () => {
  sound.unlock();
  playMidi(sustain, () => status.inputs, (sentence) => ($("midi-note").textContent = sentence));
});

// The screen stays on while livegen is in use, where the browser lets a page ask for that.
const stayAwake = () => /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
addEventListener("pointerdown", stayAwake, { once: true });
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());

// Any gesture turns the sound on.
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => sound.unlock());
const soundPanel = new SoundPanel($("sound-parts"), sound);
sound.onChange = () => {
  soundPanel.show();
  $("unlock").hidden = first.step === "offered" || sound.running || !(sound.sounds("performer") || sound.sounds("player"));
  $("sound-note").hidden = !(sound.elsewhere && !sound.sounds("player"));
};
status.onSynth = (is) => sound.playedElsewhere(is);
sound.onChange();
link.open();

// For the browser's console, and for the tests.
Object.assign(window, { livegen: { link, score, sound, keys, roll, status, cockpit, health } });
