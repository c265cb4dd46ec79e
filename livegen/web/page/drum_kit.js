// A drum kit made in the browser, of sine waves and noise: which key is which drum, and how each of them sounds.

export const CHANNEL = 10; // of drums, in General MIDI
export const DRUMS = ["kick", "snare", "closed hat", "open hat", "low tom", "mid tom", "high tom", "crash", "ride"];
const [KICK, SNARE, CLOSED, OPEN, LOW, MIDDLE, HIGH, CRASH, RIDE] = DRUMS.keys();
// Keys of General MIDI and of Roland's TD-11; of what is none of these the snare.
/** @type {Map<number, number>} */
const KEYS = new Map(
  /** @type {[number, number[]][]} */ ([
    [KICK, [35, 36]], [SNARE, [37, 38, 39, 40]], [CLOSED, [22, 42, 44, 54, 69, 70, 82]], [OPEN, [26, 46]],
    [LOW, [41, 43, 58, 61, 64, 66]], [MIDDLE, [45, 47, 60, 63, 65]], [HIGH, [48, 50, 62, 76, 77]],
    [CRASH, [49, 52, 55, 57]], [RIDE, [51, 53, 56, 59]],
  ]).flatMap(([drum, keys]) => keys.map((key) => /** @type {[number, number]} */ ([key, drum]))),
);

/** @typedef {{from?: number, to?: number, bend?: number, body?: number, ring?: number, noise?: number, above?: number, hiss?: number, metal?: number}} Shape
 *  A skin that sounds `from` one pitch `to` another (hertz) within `bend` seconds, as loud as `body`, for `ring` seconds;
 *  noise as loud as `noise` `above` a pitch, for `hiss` seconds; `metal` is the loudness of six inharmonic partials. */
/** @type {Shape[]} */
const SHAPES = [
  { from: 160, to: 48, bend: 0.03, body: 1, ring: 0.16, noise: 0.12, above: 1500, hiss: 0.008 },
  { from: 240, to: 185, bend: 0.02, body: 0.35, ring: 0.07, noise: 0.5, above: 1400, hiss: 0.09 },
  { noise: 0.26, above: 7500, hiss: 0.025, metal: 0.04 },
  { noise: 0.24, above: 6500, hiss: 0.16, metal: 0.05 },
  { from: 130, to: 82, bend: 0.05, body: 0.7, ring: 0.2, noise: 0.06, above: 900, hiss: 0.015 },
  { from: 175, to: 118, bend: 0.05, body: 0.65, ring: 0.17, noise: 0.06, above: 900, hiss: 0.015 },
  { from: 235, to: 165, bend: 0.05, body: 0.6, ring: 0.14, noise: 0.06, above: 900, hiss: 0.015 },
  { noise: 0.36, above: 3500, hiss: 0.5, metal: 0.06 },
  { noise: 0.07, above: 6000, hiss: 0.12, metal: 0.09 },
];
const METAL = [263, 400, 421, 474, 587, 845]; // hertz, an octave below where they sound
const SILENT = 7; // times its fall after which a sound has ended

/** The drum of a key. @param {number} key */
export function drumOf(key) {
  return KEYS.get(key) ?? SNARE;
}

export class DrumKit {
  /** @param {BaseAudioContext} context @param {AudioNode} out */
  constructor(context, out) {
    this.context = context;
    this.gain = new GainNode(context, { gain: 0.5 });
    this.gain.connect(out);
    this.noise = new AudioBuffer({ length: Math.ceil(2 * context.sampleRate), sampleRate: context.sampleRate });
    let state = 9;
    const data = this.noise.getChannelData(0);
    for (let i = 0; i < data.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0; // a linear congruential generator: the same noise each time
      data[i] = state / 2 ** 31;
    }
    /** @type {{gain: GainNode, until: number}|null} */
    this.open = null; // the open hat, which the closed one ends
    this.hits = 0;
  }

  /** Sound a hit now. @param {number} key @param {number} velocity 1-127 */
  hit(key, velocity) {
    const { context } = this;
    const now = context.currentTime;
    const drum = drumOf(key);
    const shape = SHAPES[drum];
    const gain = new GainNode(context, { gain: (velocity / 127) ** 1.5 });
    gain.connect(this.gain);
    this.hits += 1;
    if (shape.body) this.skin(shape, now, gain);
    if (shape.noise) this.hiss(shape, now, gain, velocity);
    if (shape.metal) this.metal(shape, now, gain);
    if (drum === CLOSED && this.open) this.open.gain.gain.setTargetAtTime(0, now, 0.01);
    if (drum === OPEN || drum === CLOSED) this.open = drum === OPEN ? { gain, until: now + 1 } : null;
  }

  /** @param {Shape} shape @param {number} now @param {AudioNode} to */
  skin({ from = 0, to: end = 0, bend = 0, body = 0, ring = 0 }, now, to) {
    const source = new OscillatorNode(this.context, { frequency: from });
    source.frequency.setValueAtTime(from, now);
    source.frequency.setTargetAtTime(end, now, bend);
    this.sound(source, body, ring, now, to);
  }

  /** @param {Shape} shape @param {number} now @param {AudioNode} to @param {number} velocity */
  hiss({ noise = 0, above = 0, hiss = 0 }, now, to, velocity) {
    const source = new AudioBufferSourceNode(this.context, { buffer: this.noise, loop: true });
    const filter = new BiquadFilterNode(this.context, { type: "highpass", frequency: above * (1.3 - 0.3 * (velocity / 127)), Q: 0.5 });
    source.connect(filter);
    this.sound(source, noise, hiss, now, to, filter);
  }

  /** @param {Shape} shape @param {number} now @param {AudioNode} to */
  metal({ metal = 0, hiss = 0 }, now, to) {
    for (const hertz of METAL) {
      const source = new OscillatorNode(this.context, { type: "square", frequency: 2 * hertz });
      const filter = new BiquadFilterNode(this.context, { type: "highpass", frequency: 5000 });
      source.connect(filter);
      this.sound(source, metal / 2, hiss * 1.5, now, to, filter);
    }
  }

  /** Sound a source that falls to a third in `fall` seconds. @param {AudioScheduledSourceNode} source @param {number} loud
   * @param {number} fall @param {number} now @param {AudioNode} to @param {AudioNode} [through] */
  sound(source, loud, fall, now, to, through = source) {
    const gain = new GainNode(this.context, { gain: loud });
    gain.gain.setValueAtTime(loud, now);
    gain.gain.setTargetAtTime(0, now + 0.002, fall);
    through.connect(gain).connect(to);
    source.start(now);
    source.stop(now + SILENT * fall + 0.01);
  }
}
