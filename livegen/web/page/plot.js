// Curves with their axes on a canvas, in the colours of the style sheet.

/** @typedef {{name: string, colour: string, points: [number, number][], dashed?: boolean}} Curve */
/** @typedef {{across: string, up: string, ticks?: string[], fromZero?: boolean}} Axes  ticks: names of 0, 1, 2 and so on */

const LEFT = 52; // pixels of the margins
const FOOT = 42;
const TOP = 10;
const RIGHT = 14;
const LINES = 4; // across the picture
const NAMES = 8; // below it, at most
const FONT = "13px system-ui, sans-serif";

/** @param {HTMLCanvasElement} canvas @param {Curve[]} curves @param {Axes} axes */
export function plot(canvas, curves, axes) {
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const scale = Math.min(2, devicePixelRatio || 1);
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = wide * scale;
  canvas.height = high * scale;
  pen.scale(scale, scale);
  pen.font = FONT;
  const style = getComputedStyle(canvas);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const all = curves.flatMap(({ points }) => points);
  if (!all.length) return;
  const [first, last] = [Math.min(...all.map(([x]) => x)), Math.max(...all.map(([x]) => x), 1)];
  const ys = all.map(([, y]) => y);
  const space = Math.max(0.02, (Math.max(...ys) - Math.min(...ys)) * 0.1);
  const [low, top] = [axes.fromZero ? 0 : Math.min(...ys) - space, Math.max(...ys) + space];
  const x = (/** @type {number} */ at) => LEFT + ((at - first) / Math.max(1, last - first)) * (wide - LEFT - RIGHT);
  const y = (/** @type {number} */ bits) => TOP + (1 - (bits - low) / (top - low)) * (high - TOP - FOOT);
  pen.textAlign = "right";
  for (let i = 0; i <= LINES; i++) {
    const bits = low + ((top - low) * i) / LINES;
    pen.fillStyle = colour("line");
    pen.fillRect(LEFT, y(bits), wide - LEFT - RIGHT, 1);
    pen.fillStyle = colour("faint");
    pen.fillText(bits.toFixed(2), LEFT - 8, y(bits) + 4);
  }
  pen.textAlign = "center";
  const step = Math.max(1, Math.ceil((last - first) / NAMES));
  for (let at = first; at <= last; at += step) pen.fillText(axes.ticks?.[at] ?? String(at), x(at), high - FOOT + 18);
  pen.fillText(axes.across, LEFT + (wide - LEFT) / 2, high - 6);
  for (const { colour: named, points, dashed } of curves) {
    pen.strokeStyle = pen.fillStyle = colour(named);
    pen.lineWidth = 2.5;
    pen.setLineDash(dashed ? [6, 5] : []);
    pen.beginPath();
    for (const [at, bits] of points) pen.lineTo(x(at), y(bits));
    pen.stroke();
    for (const [at, bits] of points.length < 60 ? points : []) pen.fillRect(x(at) - 2.5, y(bits) - 2.5, 5, 5);
  }
  pen.setLineDash([]);
}

/** The names of the curves, each after its colour. @param {Curve[]} curves */
export function legend(curves) {
  const place = document.createElement("p");
  place.className = "curves";
  for (const { name, colour, dashed } of curves) {
    const line = document.createElement("span");
    line.className = dashed ? "stroke dashed" : "stroke";
    line.style.borderColor = `var(--${colour})`;
    const whole = document.createElement("span");
    whole.append(line, name);
    place.append(whole);
  }
  return place;
}
