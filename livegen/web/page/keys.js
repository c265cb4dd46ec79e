// The keyboard on the page, for mouse, fingers and computer keys; lit by the notes that sound and those likely next.

/** @typedef {(pitch: number, velocity: number) => void} Strike  velocity 0 releases */

const PITCH_CLASSES = "C Db D Eb E F F# G Ab A Bb B".split(" "); // as in music/pitch.py
const WHITE = [0, 2, 4, 5, 7, 9, 11];
// The computer's keys from C on, by their place and not by the letters printed on them.
const CODES =
  "KeyA KeyW KeyS KeyE KeyD KeyF KeyT KeyG KeyY KeyH KeyU KeyJ KeyK KeyO KeyL KeyP Semicolon Quote".split(" ");
const PRINTED = "A W S E D F T G Y H U J K O L P ; '".split(" ");
const [LOWEST, HIGHEST] = [21, 108]; // a piano's
const WIDTH = 44; // pixels for a white key
const TYPED = 92; // the velocity of a computer key

/** The name of a pitch: 60 is C4. @param {number} pitch */
export function pitchName(pitch) {
  return `${PITCH_CLASSES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

export class Keys {
  /** @param {HTMLElement} place @param {Strike} strike */
  constructor(place, strike) {
    this.place = place;
    this.strike = strike;
    this.typedFrom = 60; // what the computer key A plays
    this.from = 48;
    /** @type {Map<number, HTMLElement>} */
    this.keys = new Map();
    /** @type {Map<string|number, number>} the pitch that each finger and each computer key holds */
    this.held = new Map();
    /** @type {Map<number, number>} */
    this.likely = new Map();
    /** @type {Map<number, [Set<string>, string]>} who sounds each pitch, and the colour of livegen's voice */
    this.shown = new Map();
    /** @type {number|null} the pitch that is asked for */
    this.guided = null;
    this.printed = PRINTED;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(place);
    this.readLayout();
  }

  /** Read the letters printed on this computer's keys, where the browser knows them. */
  async readLayout() {
    const layout = await /** @type {any} */ (navigator).keyboard?.getLayoutMap?.().catch(() => null);
    if (!layout?.size) return;
    this.printed = CODES.map((code, i) => (layout.get(code) ?? PRINTED[i]).toUpperCase());
    this.draw(true);
  }

  /** @param {boolean} [again] */
  draw(again = false) {
    const whites = Math.max(8, Math.min(29, Math.floor(this.place.clientWidth / WIDTH)));
    // The octave of the computer keys is in the middle, and the lowest key is a white one.
    const spare = Math.floor((whites - 6) / 14);
    const from = Math.max(24, this.typedFrom - 12 * spare);
    if (!again && whites === this.keysWide && from === this.from) return;
    this.keysWide = whites;
    this.from = from;
    this.keys.clear();
    const row = document.createDocumentFragment();
    for (let pitch = from, white = 0; white <= whites && pitch <= HIGHEST; pitch++) {
      const isWhite = WHITE.includes(pitch % 12);
      if (isWhite && white === whites) break;
      const key = this.key(pitch, isWhite);
      key.style.setProperty("--at", String(white));
      if (isWhite) white += 1;
      else if (white === whites) break;
      this.keys.set(pitch, key);
      row.append(key);
    }
    this.place.style.setProperty("--whites", String(whites));
    this.place.replaceChildren(row);
    const first = this.keys.get(this.typedFrom) ?? this.keys.get(from);
    if (first) first.tabIndex = 0;
    // The new keys carry the lights of the old ones.
    for (const [pitch, [who, colour]] of [...this.shown]) this.show(pitch, who, colour);
    this.guide(this.guided);
    this.showLikely(this.likely);
  }

  /** @param {number} pitch @param {boolean} isWhite */
  key(pitch, isWhite) {
    const key = document.createElement("button");
    const typed = this.printed[pitch - this.typedFrom];
    key.className = isWhite ? "key white" : "key black";
    key.type = "button";
    key.tabIndex = -1;
    key.dataset.pitch = String(pitch);
    key.setAttribute("aria-label", pitchName(pitch) + (typed ? `, computer key ${typed}` : ""));
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = typed ?? "";
    key.append(hint);
    if (pitch % 12 === 0) {
      const name = document.createElement("span");
      name.className = "octave";
      name.textContent = pitchName(pitch);
      key.append(name);
    }
    return key;
  }

  listen() {
    const { place } = this;
    place.addEventListener("pointerdown", (event) => {
      const pitch = pitchAt(event.target);
      if (pitch === null) return;
      event.preventDefault();
      /** @type {HTMLElement} */ (event.target).releasePointerCapture?.(event.pointerId);
      this.press(event.pointerId, pitch, velocityAt(event));
    });
    place.addEventListener("pointermove", (event) => {
      if (!this.held.has(event.pointerId)) return;
      const pitch = pitchAt(document.elementFromPoint(event.clientX, event.clientY));
      if (pitch !== null && pitch !== this.held.get(event.pointerId)) this.press(event.pointerId, pitch, velocityAt(event));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, (event) => this.lift(/** @type {PointerEvent} */ (event).pointerId));
    }
    place.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch plays a long note
    place.addEventListener("keydown", (event) => this.walk(event));
    place.addEventListener("keyup", (event) => {
      if (event.code === "Enter" || event.code === "Space") this.lift("focus");
    });
    place.addEventListener("focusout", () => this.lift("focus"));
    addEventListener("keydown", (event) => this.type(event));
    addEventListener("keyup", (event) => this.lift(event.code));
    addEventListener("blur", () => this.liftAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.liftAll());
  }

  /** Arrow keys move from key to key; Enter and the space bar play. @param {KeyboardEvent} event */
  walk(event) {
    const pitch = pitchAt(event.target);
    if (pitch === null) return;
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.code] ?? 0;
    const next = this.keys.get(pitch + step);
    if (step && next) {
      /** @type {HTMLElement} */ (event.target).tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if ((event.code === "Enter" || event.code === "Space") && !event.repeat) {
      this.press("focus", pitch, TYPED);
    } else if (!event.code.startsWith("Arrow") && event.code !== "Enter" && event.code !== "Space") return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  type(event) {
    const busy = /** @type {Element} */ (event.target).closest?.("input[type=text], select, textarea, dialog");
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || busy) return;
    const place = CODES.indexOf(event.code);
    if (place >= 0) {
      event.preventDefault(); // Firefox searches at ' and /
      this.press(event.code, this.typedFrom + place, TYPED);
    }
    if (event.code === "KeyZ") this.shift(-12);
    if (event.code === "KeyX") this.shift(12);
  }

  /** Move the keys by semitones. @param {number} semitones */
  shift(semitones) {
    const from = this.typedFrom + semitones;
    if (from < LOWEST + 3 || from + CODES.length > HIGHEST + 6) return;
    this.liftAll();
    this.typedFrom = from;
    this.draw(true);
  }

  /** @param {string|number} finger @param {number} pitch @param {number} velocity */
  press(finger, pitch, velocity) {
    this.lift(finger);
    const struck = ![...this.held.values()].includes(pitch);
    this.held.set(finger, pitch);
    if (struck) this.strike(pitch, velocity);
  }

  /** @param {string|number} finger */
  lift(finger) {
    const pitch = this.held.get(finger);
    if (pitch === undefined) return;
    this.held.delete(finger);
    if (![...this.held.values()].includes(pitch)) this.strike(pitch, 0);
  }

  liftAll() {
    for (const finger of [...this.held.keys()]) this.lift(finger);
  }

  /** Show which of the two sounds a pitch. @param {number} pitch @param {Set<string>} who @param {string} [colour] of livegen's voice */
  show(pitch, who, colour = "player") {
    if (who.size) this.shown.set(pitch, [who, colour]);
    else this.shown.delete(pitch);
    const key = this.keys.get(pitch);
    key?.classList.toggle("performer", who.has("performer"));
    key?.classList.toggle("player", who.has("player"));
    key?.style.setProperty("--voice", `var(--${colour})`);
  }

  /** Ask for one key by its light. @param {number|null} pitch */
  guide(pitch) {
    this.guided = pitch;
    this.place.querySelector(".guide")?.classList.remove("guide");
    if (pitch !== null) this.keys.get(pitch)?.classList.add("guide");
  }

  /** Light each key by how probable it is next. @param {Map<number, number>} likely pitch to probability */
  showLikely(likely) {
    for (const pitch of this.likely.keys()) this.keys.get(pitch)?.style.removeProperty("--likely");
    this.likely = likely;
    for (const [pitch, probability] of likely) {
      this.keys.get(pitch)?.style.setProperty("--likely", probability.toFixed(3));
    }
  }
}

/** @param {EventTarget|null} target */
function pitchAt(target) {
  const key = /** @type {HTMLElement|null} */ (target)?.closest?.(".key");
  return key ? Number(/** @type {HTMLElement} */ (key).dataset.pitch) : null;
}

/** Further down the key is louder. @param {PointerEvent} event */
function velocityAt(event) {
  const key = /** @type {HTMLElement} */ (document.elementFromPoint(event.clientX, event.clientY)?.closest(".key"));
  if (!key) return TYPED;
  const { top, height } = key.getBoundingClientRect();
  return Math.round(52 + 62 * Math.max(0, Math.min(1, (event.clientY - top) / height)));
}
