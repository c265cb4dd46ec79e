// Puts the page together: notes played here go to livegen; messages from livegen go to the roll, the keys and the sound.

import { Coach } from "./coach.js";
import { Cockpit } from "./cockpit.js";
import { Keys } from "./keys.js";
import { Learn } from "./learn.js";
import { Link } from "./link.js";
import { hasMidi, playMidi } from "./midi.js";
import { Roll } from "./roll.js";
import { Score } from "./score.js";
import { Sound } from "./sound.js";
import { Status } from "./status.js";
import { Takes } from "./takes.js";
import { voiceColours } from "./voices.js";

const LIKELY_ENOUGH = 0.01;

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const now = () => performance.now() / 1000;

const link = new Link();
const score = new Score();
const sound = new Sound();
const coach = new Coach($("coach"));
const status = new Status(link);
const keys = new Keys($("keys"), play);
const roll = new Roll(/** @type {HTMLCanvasElement} */ ($("roll")), score, now);
const cockpit = new Cockpit(link);
const learn = new Learn(link);
new Takes(link);

let answered = false;
// The ids of this page's notes begin at a random number, so that those of another page are not taken for ours.
const first = 1 + Math.floor(Math.random() * 2000) * 1_000_000;
let serial = first;
/** @type {Map<number, number>} pitch to the id of the note that holds it here */
const own = new Map();

/** The performer plays here. @param {number} pitch @param {number} velocity 0 releases */
function play(pitch, velocity) {
  sound.unlock();
  if (velocity) {
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
    coach.saw(answered ? "again" : "heard");
  } else {
    sound.off("performer", pitch, channel);
    score.off("performer", pitch, now(), channel);
  }
  keys.show(pitch, score.sounding(pitch));
}

// Notes that the performer plays elsewhere: on a MIDI keyboard, over OSC, on another page.
link.on("/livegen/out/heard", (id, pitch, velocity, channel, port) => {
  status.active(port, "in");
  if (id < first || id > serial) heard(pitch, velocity, channel);
});

link.on("/livegen/out/plan", (id, pitch, velocity, wait, duration) => {
  score.plan({ pitch, velocity, start: now() + wait, end: now() + wait + duration });
  sound.plan(pitch, velocity, wait);
});

link.on("/livegen/out/note", (id, pitch, velocity, duration, channel) => {
  status.sent();
  sound.on("player", pitch, velocity, channel);
  score.on("player", pitch, velocity, now(), id, channel);
  keys.show(pitch, score.sounding(pitch));
  coach.saw("answered");
  answered = true;
});

link.on("/livegen/out/off", (id, pitch, channel) => {
  sound.off("player", pitch, channel);
  score.off("player", pitch, now(), channel);
  keys.show(pitch, score.sounding(pitch));
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
link.on("/livegen/out/turn", (who) => {
  status.turn(who);
  if (who === "performer") {
    sound.unplan();
    score.unplan();
  }
});
link.on("/livegen/out/line", (text) => {
  $("line").hidden = false;
  $("line-text").textContent = text || "–";
});

link.onState((connected) => {
  status.connection(connected);
  if (!connected) silence();
});
link.onTree((tree) => {
  cockpit.show(tree);
  status.tree(tree);
  score.voices = voiceColours(tree.CONTENTS?.voice);
  score.grid.metre = tree.CONTENTS?.metre?.VALUE?.[0] ?? 4;
  $("line").hidden = !cockpit.has("/livegen/out/line");
});

function silence() {
  sound.panic();
  score.silence(now());
  for (const pitch of keys.keys.keys()) keys.show(pitch, new Set());
}

function panic() {
  learn.set(false);
  link.send("/livegen/panic");
  keys.liftAll();
  silence();
}

$("panic").addEventListener("click", panic);
addEventListener("keydown", (event) => event.key === "Escape" && panic());
$("down").addEventListener("click", () => keys.shift(-12));
$("up").addEventListener("click", () => keys.shift(12));
$("midi").hidden = !hasMidi;
$("midi").addEventListener("click", () => {
  sound.unlock();
  playMidi(play, () => status.inputs, (sentence) => ($("midi-note").textContent = sentence));
});

// The screen stays on while livegen is in use, where the browser lets a page ask for that.
const stayAwake = () => /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
addEventListener("pointerdown", stayAwake, { once: true });
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());

// Any gesture turns the sound on.
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => sound.unlock());
const switches = { performer: $("sound-performer"), player: $("sound-player") };
for (const who of /** @type {("performer"|"player")[]} */ (["performer", "player"])) {
  switches[who].addEventListener("click", () => sound.want(who, !sound.sounds(who)));
}
sound.onChange = () => {
  for (const who of /** @type {("performer"|"player")[]} */ (["performer", "player"])) {
    switches[who].setAttribute("aria-checked", String(sound.sounds(who)));
  }
  $("unlock").hidden = sound.running || !(sound.sounds("performer") || sound.sounds("player"));
  $("sound-note").hidden = !(sound.elsewhere && !sound.sounds("player"));
};
status.onSynth = (is) => sound.playedElsewhere(is);
sound.onChange();
link.open();

// For the browser's console, and for the tests.
Object.assign(window, { livegen: { link, score, sound, keys, roll, status, cockpit } });
