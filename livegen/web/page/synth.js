// Sounds notes with the instruments of the page, each part on its own seat in a small room; never louder than a limit.

import { DrumKit } from "./drum_kit.js";
import { INSTRUMENTS } from "./instruments.js";

/** @typedef {import("./score.js").Who} Who */
/** @typedef {{gain: GainNode, sources: AudioScheduledSourceNode[], start: number, fade: number}} Voice */
/** @typedef {{instrument: string, volume: number, pan: number}} Seat  volume 0 to 1, pan -1 to 1 */

const MOST = 48; // voices that sound at once; one more ends the oldest
const WET = 0.16; // the share of the room in the sound
const ROOM = 1.6; // seconds until the room is still
const CEILING = 0.88; // of full scale, which nothing exceeds: -1.1 dB
const LINEAR = 0.6; // up to there the limit changes nothing
const HAMMER = 0.012; // seconds in which the noise of a stroke falls to a third
/** @type {Record<Who, Seat>} */
export const SEATS = {
  performer: { instrument: "piano", volume: 0.8, pan: -0.18 },
  player: { instrument: "lead", volume: 0.8, pan: 0.18 },
};

export class Synth {
  /** @param {BaseAudioContext} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, Voice>} */
    this.voices = new Map();
    this.master = new GainNode(context, { gain: 0.8 });
    const limiter = new DynamicsCompressorNode(context, { threshold: -14, knee: 12, ratio: 8, attack: 0.003, release: 0.2 });
    const ceiling = new WaveShaperNode(context, { curve: bent() });
    this.meter = new AnalyserNode(context, { fftSize: 2048 });
    const room = new ConvolverNode(context, { buffer: this.room(ROOM) });
    this.wet = new GainNode(context, { gain: WET });
    this.mix = new GainNode(context);
    this.mix.connect(this.master);
    this.mix.connect(room).connect(this.wet).connect(this.master);
    this.master.connect(limiter).connect(ceiling).connect(this.meter).connect(context.destination);
    this.kit = new DrumKit(context, this.mix);
    this.noise = this.hiss(0.1);
    /** @type {Map<number[], PeriodicWave>} */
    this.waves = new Map();
    /** @type {Map<string, {seat: Seat, gain: GainNode, pan: StereoPannerNode}>} */
    this.seats = new Map();
    for (const [part, seat] of Object.entries(SEATS)) this.seat(part, seat);
  }

  /** Give a part an instrument, a volume and a place. What sounds keeps its instrument. @param {string} part @param {Seat} seat */
  seat(part, seat) {
    const { context } = this;
    let there = this.seats.get(part);
    if (!there) {
      there = { seat, gain: new GainNode(context), pan: new StereoPannerNode(context) };
      there.gain.connect(there.pan).connect(this.mix);
      this.seats.set(part, there);
    }
    there.seat = seat;
    there.gain.gain.value = seat.volume ** 2 / 0.64; // as in the ear; 0.8 changes nothing
    there.pan.pan.value = seat.pan;
  }

  /** @param {number[]} partials */
  wave(partials) {
    let wave = this.waves.get(partials);
    if (!wave) {
      const real = new Float32Array(partials.length + 1);
      wave = new PeriodicWave(this.context, { real, imag: Float32Array.from([0, ...partials]), disableNormalization: true });
      this.waves.set(partials, wave);
    }
    return wave;
  }

  /** A short noise, the same each time. @param {number} seconds */
  hiss(seconds) {
    const { sampleRate } = this.context;
    const buffer = new AudioBuffer({ length: Math.ceil(seconds * sampleRate), sampleRate });
    const next = noise();
    buffer.getChannelData(0).forEach((_, i, data) => (data[i] = next()));
    return buffer;
  }

  /** The echo of a small room: noise that dies away. The same each time. @param {number} seconds */
  room(seconds) {
    const { sampleRate } = this.context;
    const buffer = new AudioBuffer({ numberOfChannels: 2, length: Math.ceil(seconds * sampleRate), sampleRate });
    const next = noise();
    for (let channel = 0; channel < 2; channel++) {
      const data = buffer.getChannelData(channel);
      let soft = 0;
      for (let i = 0; i < data.length; i++) {
        soft += 0.35 * (next() - soft);
        data[i] = soft * Math.exp((-5 * i) / data.length);
      }
    }
    return buffer;
  }

  /**
   * Sound a note from a time of the audio clock on (at the soonest, now).
   * @param {string} key names the note for `off` @param {string} part @param {number} pitch @param {number} velocity 1-127
   * @param {number} [at] seconds
   */
  on(key, part, pitch, velocity, at = 0) {
    const { context } = this;
    const there = this.seats.get(part);
    const instrument = INSTRUMENTS[there?.seat.instrument ?? ""];
    if (!there || !instrument) return;
    const start = Math.max(at, context.currentTime);
    this.off(key, start);
    if (this.voices.size >= MOST) this.off(this.voices.keys().next().value ?? "", start);
    const hertz = 440 * 2 ** ((pitch - 69) / 12);
    const force = velocity / 127;
    const gain = new GainNode(context, { gain: instrument.loud * force ** 1.4 + 0.01 });
    const bright = Math.min(hertz * (2 + 14 * force ** 1.5), 14000); // a soft note is a dull one
    const filter = new BiquadFilterNode(context, { type: "lowpass", frequency: bright, Q: 0.4 });
    filter.connect(gain).connect(there.gain);
    /** @type {AudioScheduledSourceNode[]} */
    const sources = instrument.layers.map((layer) => this.layer(layer, instrument, pitch, start, filter));
    if (instrument.vibrato) sources.push(this.vibrato(instrument.vibrato, sources, start));
    if (instrument.struck) sources.push(this.stroke(instrument.struck * force, start, filter));
    this.voices.set(key, { gain, sources, start, fade: instrument.fade });
  }

  /** @param {import("./instruments.js").Layer} layer @param {import("./instruments.js").Instrument} instrument
   * @param {number} pitch @param {number} start @param {AudioNode} to */
  layer({ partials, decay, sustain }, { attack }, pitch, start, to) {
    const { context } = this;
    const source = new OscillatorNode(context, { frequency: 440 * 2 ** ((pitch - 69) / 12), periodicWave: this.wave(partials) });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(1, start + attack);
    gain.gain.setTargetAtTime(sustain, start + attack, decay * Math.min(2, 2 ** ((60 - pitch) / 24))); // high strings die sooner
    source.connect(gain).connect(to);
    source.start(start);
    return source;
  }

  /** @param {{cents: number, hertz: number, after: number}} vibrato @param {AudioScheduledSourceNode[]} sources @param {number} start */
  vibrato({ cents, hertz, after }, sources, start) {
    const source = new OscillatorNode(this.context, { frequency: hertz });
    const depth = new GainNode(this.context, { gain: 0 });
    depth.gain.setValueAtTime(0, start + after);
    depth.gain.linearRampToValueAtTime(cents, start + 2 * after);
    source.connect(depth);
    for (const each of sources) depth.connect(/** @type {OscillatorNode} */ (each).detune);
    source.start(start);
    return source;
  }

  /** @param {number} loud @param {number} start @param {AudioNode} to */
  stroke(loud, start, to) {
    const source = new AudioBufferSourceNode(this.context, { buffer: this.noise });
    const gain = new GainNode(this.context, { gain: loud });
    gain.gain.setValueAtTime(loud, start);
    gain.gain.setTargetAtTime(0, start, HAMMER);
    source.connect(gain).connect(to);
    source.start(start);
    return source;
  }

  /** End a note. @param {string} key @param {number} [at] seconds of the audio clock @param {number} [fade] seconds */
  off(key, at = 0, fade = 0) {
    const voice = this.voices.get(key);
    if (!voice) return;
    this.voices.delete(key);
    const end = Math.max(at, this.context.currentTime, voice.start);
    const last = fade || voice.fade;
    if (voice.start > this.context.currentTime + 0.002) {
      for (const source of voice.sources) {
        source.disconnect(); // it has not begun, and must not
        source.stop();
      }
      return;
    }
    voice.gain.gain.cancelAndHoldAtTime?.(end);
    voice.gain.gain.setTargetAtTime(0, end, last / 4);
    for (const source of voice.sources) source.stop(end + last * 1.6);
  }

  /** Whether a note of this name sounds or waits. @param {string} key */
  has(key) {
    return this.voices.has(key);
  }

  /** Give a note another name. @param {string} from @param {string} to */
  rename(from, to) {
    const voice = this.voices.get(from);
    if (!voice) return;
    this.off(to);
    this.voices.delete(from);
    this.voices.set(to, voice);
  }

  /** Silence, at once; the room is muted until its echo is gone. */
  panic() {
    for (const key of [...this.voices.keys()]) this.off(key, 0, 0.03);
    const { gain } = this.wet;
    const now = this.context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setTargetAtTime(0, now, 0.01);
    gain.setTargetAtTime(WET, now + ROOM, 0.1);
  }

  /** The loudness now: root mean square, 0 to 1. */
  level() {
    const samples = new Float32Array(this.meter.fftSize);
    this.meter.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  }
}

/** Numbers from -1 to 1, the same each time: a linear congruential generator. */
function noise() {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

/** The curve of the limit: straight up to LINEAR, then bent towards CEILING. */
function bent() {
  const curve = new Float32Array(4097);
  for (let i = 0; i < curve.length; i++) {
    const x = (2 * i) / (curve.length - 1) - 1;
    const over = Math.max(0, Math.abs(x) - LINEAR);
    const size = over ? LINEAR + (CEILING - LINEAR) * Math.tanh(over / (CEILING - LINEAR)) : Math.abs(x);
    curve[i] = Math.sign(x) * size;
  }
  return curve;
}
