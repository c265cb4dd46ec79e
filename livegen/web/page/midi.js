// A MIDI keyboard at this browser, where it has Web MIDI; requested only after a click.

/** @typedef {import("./sustain.js").Sustain} Sustain */

const PEDAL = 64; // its control, and the value from which on it is down

/** Whether this browser has Web MIDI. */
export const hasMidi = "requestMIDIAccess" in navigator;

/**
 * Play the notes and the pedal of the browser's MIDI inputs, except those that livegen hears itself, whose notes would come twice.
 * @param {Sustain} sustain takes the notes and the pedal @param {() => string[]} heard names of the inputs that livegen hears
 * @param {(sentence: string) => void} say
 */
export async function playMidi(sustain, heard, say) {
  try {
    const access = await navigator.requestMIDIAccess();
    const attend = () => {
      const names = [];
      for (const input of access.inputs.values()) {
        const name = input.name ?? "";
        const ours = name.startsWith("livegen") || heard().some((other) => other.includes(name) || name.includes(other));
        input.onmidimessage = ours ? null : (event) => play(event, sustain);
        if (!ours) names.push(name);
      }
      say(names.length ? `Playing: ${names.join(", ")}` : "No MIDI keyboard that livegen does not hear already.");
    };
    access.onstatechange = attend;
    attend();
  } catch (error) {
    say(`This browser gives no MIDI: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {MIDIMessageEvent} event @param {Sustain} sustain */
function play(event, sustain) {
  const [status, pitch, velocity] = event.data ?? [];
  if ((status & 0xf0) === 0x90) sustain.strike(pitch, velocity);
  if ((status & 0xf0) === 0x80) sustain.strike(pitch, 0);
  if ((status & 0xf0) === 0xb0 && pitch === PEDAL) sustain.press(velocity >= PEDAL);
}
