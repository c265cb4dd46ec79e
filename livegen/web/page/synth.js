// Two voices made of oscillators, a struck one for the performer and a blown one for the player, in a small room.

/** @typedef {import("./score.js").Who} Who */
/** @typedef {{gain: GainNode, sources: OscillatorNode[], start: number, fade: number}} Voice */

const MOST = 48; // voices that sound at once; one more ends the oldest
const WET = 0.22; // the share of the room in the sound
const ROOM = 1.6; // seconds until the room is still
// Strengths of the overtones, from the fundamental on.
const TONES = {
  performer: [1, 0.42, 0.2, 0.11, 0.05, 0.025],
  player: [1, 0.08, 0.36, 0.05, 0.17, 0.02, 0.07],
};
const SHAPES = {
  performer: { attack: 0.004, decay: 0.9, sustain: 0.16, fade: 0.16, bright: 5, detune: 3, pan: -0.18, loud: 0.26 },
  player: { attack: 0.012, decay: 0.5, sustain: 0.45, fade: 0.22, bright: 3.2, detune: 7, pan: 0.18, loud: 0.2 },
};

export class Synth {
  /** @param {BaseAudioContext} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, Voice>} */
    this.voices = new Map();
    this.master = new GainNode(context, { gain: 0.8 });
    const limiter = new DynamicsCompressorNode(context, { threshold: -14, knee: 12, ratio: 8, attack: 0.003, release: 0.2 });
    this.meter = new AnalyserNode(context, { fftSize: 2048 });
    const room = new ConvolverNode(context, { buffer: this.room(ROOM) });
    this.wet = new GainNode(context, { gain: WET });
    this.mix = new GainNode(context);
    this.mix.connect(this.master);
    this.mix.connect(room).connect(this.wet).connect(this.master);
    this.master.connect(limiter).connect(this.meter).connect(context.destination);
    this.seats = { performer: this.seat("performer"), player: this.seat("player") };
    this.waves = { performer: this.wave("performer"), player: this.wave("player") };
  }

  /** A place in the room, with its own volume. @param {Who} who */
  seat(who) {
    const pan = new StereoPannerNode(this.context, { pan: SHAPES[who].pan });
    const gain = new GainNode(this.context);
    gain.connect(pan).connect(this.mix);
    return gain;
  }

  /** @param {Who} who */
  wave(who) {
    const real = new Float32Array(TONES[who].length + 1);
    const imag = Float32Array.from([0, ...TONES[who]]);
    return new PeriodicWave(this.context, { real, imag });
  }

  /** The echo of a small room: noise that dies away. The same each time. @param {number} seconds */
  room(seconds) {
    const { sampleRate } = this.context;
    const buffer = new AudioBuffer({ numberOfChannels: 2, length: Math.ceil(seconds * sampleRate), sampleRate });
    let state = 1;
    for (let channel = 0; channel < 2; channel++) {
      const data = buffer.getChannelData(channel);
      let soft = 0;
      for (let i = 0; i < data.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0; // a plain linear congruential generator
        soft += 0.35 * (state / 2 ** 31 - soft);
        data[i] = soft * Math.exp((-5 * i) / data.length);
      }
    }
    return buffer;
  }

  /**
   * Sound a note from a time of the audio clock on (at the soonest, now).
   * @param {string} key names the note for `off` @param {Who} who @param {number} pitch @param {number} velocity 1-127
   * @param {number} [at] seconds
   */
  on(key, who, pitch, velocity, at = 0) {
    const { context } = this;
    const shape = SHAPES[who];
    const start = Math.max(at, context.currentTime);
    const hertz = 440 * 2 ** ((pitch - 69) / 12);
    this.off(key, start);
    if (this.voices.size >= MOST) this.off(this.voices.keys().next().value ?? "", start);
    const peak = shape.loud * (velocity / 127) ** 1.4 + 0.01;
    const decay = shape.decay * Math.min(1.6, 2 ** ((60 - pitch) / 24)); // high strings decay sooner
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(peak, start + shape.attack);
    gain.gain.setTargetAtTime(peak * shape.sustain, start + shape.attack, decay);
    const bright = Math.min(hertz * (1 + shape.bright * (0.4 + velocity / 127)), 14000);
    const filter = new BiquadFilterNode(context, { type: "lowpass", frequency: bright, Q: 0.4 });
    filter.frequency.setValueAtTime(bright, start);
    filter.frequency.setTargetAtTime(Math.min(hertz * 2, bright), start + shape.attack, decay * 0.7);
    const sources = [-shape.detune / 2, shape.detune / 2].map((detune) => {
      const source = new OscillatorNode(context, { frequency: hertz, detune, periodicWave: this.waves[who] });
      source.connect(filter);
      source.start(start);
      return source;
    });
    filter.connect(gain).connect(this.seats[who]);
    this.voices.set(key, { gain, sources, start, fade: shape.fade });
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
