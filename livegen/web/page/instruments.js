// The instruments of the page, made of sine waves, nothing sampled. A note is a sum of layers, and each dies away in its
// own time, as the partials of a string do. The layers of a note have one frequency and begin together, so they do not
// beat. `loud` makes the instruments equally loud (see tests/web/page/test_instruments.py).

/**
 * @typedef {object} Layer
 * @property {number[]} partials strengths from the fundamental on
 * @property {number} decay seconds in which it falls to a third, at middle C
 * @property {number} sustain the share that stays while the key is down
 */
/**
 * @typedef {object} Instrument
 * @property {string} title
 * @property {number} loud
 * @property {number} attack seconds
 * @property {number} fade seconds, once the key is let go
 * @property {Layer[]} layers
 * @property {number} [struck] the strength of the noise with which it begins
 * @property {{cents: number, hertz: number, after: number}} [vibrato] `after` seconds
 */

/** Partials that fall by a power of their number. @param {number} first @param {number} last @param {number} power */
function falling(first, last, power) {
  return Array.from({ length: last }, (_, i) => (i + 1 < first ? 0 : (i + 1) ** -power));
}

/** @type {Record<string, Instrument>} */
export const INSTRUMENTS = {
  piano: {
    title: "Piano",
    loud: 0.3,
    attack: 0.003,
    fade: 0.18,
    struck: 0.25,
    layers: [
      { partials: [0.6, 0.34, 0.16, 0.08, 0.04], decay: 0.35, sustain: 0 },
      { partials: [0.55, 0.2, 0.08, 0.03], decay: 3.2, sustain: 0 },
      { partials: [0, 0, 0, 0, 0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01, 0.008], decay: 0.12, sustain: 0 },
    ],
  },
  plucked: {
    title: "Plucked",
    loud: 0.36,
    attack: 0.002,
    fade: 0.12,
    struck: 0.12,
    layers: [
      { partials: falling(1, 6, 1.6), decay: 0.25, sustain: 0 },
      { partials: [0.5, 0.14, 0.05], decay: 1.5, sustain: 0 },
      { partials: falling(4, 14, 1.3), decay: 0.06, sustain: 0 },
    ],
  },
  organ: {
    title: "Organ",
    loud: 0.16,
    attack: 0.015,
    fade: 0.09,
    layers: [{ partials: [0.8, 0.55, 0.35, 0.3, 0, 0.16, 0, 0.14], decay: 1, sustain: 1 }],
  },
  lead: {
    title: "Lead",
    loud: 0.23,
    attack: 0.012,
    fade: 0.14,
    vibrato: { cents: 9, hertz: 5.4, after: 0.4 },
    layers: [
      { partials: [0.8, 0.32, 0.3, 0.12, 0.1, 0.05], decay: 0.6, sustain: 0.7 },
      { partials: falling(3, 12, 1.1), decay: 0.14, sustain: 0 },
    ],
  },
  bass: {
    title: "Bass",
    loud: 0.32,
    attack: 0.005,
    fade: 0.1,
    struck: 0.1,
    layers: [
      { partials: [0.8, 0.4, 0.16, 0.06], decay: 1.2, sustain: 0.25 },
      { partials: falling(3, 9, 1.2), decay: 0.1, sustain: 0 },
    ],
  },
};
