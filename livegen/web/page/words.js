// What a setting is called on a stage, and what its values mean, in a musician's words. A setting without a row here keeps its own name.

import { pitchName } from "./keys.js";

/**
 * @typedef {Object} Words
 * @property {string} [title]
 * @property {string} [low] what the least value is
 * @property {string} [high] what the greatest is
 * @property {boolean} [log] a fader moves it by factors, so that once and twice are as far apart as half and once
 * @property {(value: number) => string} [say] a value in words
 */

const NOTE = { say: pitchName };
const NEAR = 0.04; // of a factor: nearer than any ear tells

/** The settings that are turned on a stage, in this order; all others are under "More". */
export const FRONT = ["density", "temperature", "memory", "answer", "patience", "turn"];

/** @type {Record<string, Words>} by the last part of the address */
export const WORDS = {
  density: { title: "How many notes", low: "sparse", high: "busy", log: true, say: factor("as many as it likes", "as many") },
  temperature: { title: "Adventurous", low: "safe", high: "wild", say: steps([[0.5, "very safe"], [0.85, "safe"], [1.15, "as it learnt"], [1.5, "bold"], [9, "wild"]]) },
  memory: { title: "Led by what you play", low: "not", high: "fully", say: steps([[0.01, "not at all"], [0.34, "a little"], [0.67, "half"], [0.99, "much"], [9, "fully"]]) },
  answer: { title: "Length of its answers", low: "short", high: "long", log: true, say: factor("as long as yours", "as long") },
  patience: { title: "Waits for you", low: "eager", high: "patient", log: true, say: factor("as usual", "as long", 2) },
  turn: { title: "It answers when" },
  morph: { title: "Between two slots", low: "one", high: "other" },
  lowest: NOTE,
  highest: NOTE,
  zone: NOTE,
  channel_in: { say: steps([[0.5, "all"]]) },
  program_out: { say: steps([[0.5, "none"]]) },
  likely: { say: steps([[0.5, "none"]]) },
  loops: { say: steps([[0.5, "no limit"]]) },
};

/** @type {Record<string, Record<string, [string, string]>>} of a setting, each value's name and what it means */
export const VALUES = {
  mode: {
    call_and_response: ["Call and response", "you play, it answers"],
    continuation: ["Continuation", "you stop, it goes on"],
    duet: ["Duet", "both at once"],
    autonomous: ["Autonomous", "it plays always"],
    harmonise: ["Harmonise", "under your notes"],
    accompany: ["Accompany", "drums, bass or chords"],
    trade: ["Trade", "bars in turn"],
  },
  model: {
    folk: ["Folk", "dance tunes"],
    piano: ["Piano", "chords, too"],
    songs: ["Songs", "sung melodies"],
    markov: ["Markov", "learns from you"],
    carnatic: ["Carnatic", "ragas"],
    drums: ["Drums", "a drummer"],
    untrained: ["Untrained", "scales"],
    "stand-in": ["Stand-in", "from your notes"],
  },
  turn: { auto: ["You pause", "it hears that you are done"], pedal: ["You say so", "a button, or the pedal"] },
};

/** @param {string} one at `usual` @param {string} than as in "twice as long" @param {number} [usual] @returns {(value: number) => string} */
function factor(one, than, usual = 1) {
  return (value) => {
    const times = value / usual;
    const near = (/** @type {number} */ goal) => Math.abs(times / goal - 1) < NEAR;
    if (near(1)) return one;
    if (near(0.5)) return `half ${than}`;
    if (near(2)) return `twice ${than}`;
    return `${times.toFixed(times < 1 ? 2 : 1)} times ${than}`;
  };
}

/** @param {[number, string][]} rows a value below each number is called so; above the last it has no words @returns {(value: number) => string} */
function steps(rows) {
  return (value) => rows.find(([below]) => value < below)?.[1] ?? "";
}
