// "Drummer": large buttons for drums on and off, a fill, the style and how hard it plays.

import { choices, spoken } from "./controls.js";

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */
/** @typedef {import("./controls.js").Made} Made */

const [OFF, PLAYS, MODE] = ["off", "drums", "accompany"];
const STEPS = [["soft", 0.15], ["medium", 0.5], ["hard", 0.85]];
const VOICE = "drums"; // the name of the voice that `--with drums` adds
const ANY = "any style";

/**
 * The panel's elements; none if livegen has no drums. A drummer that is a voice of its own is the one that is steered.
 * @param {Node} tree @param {Link} link @param {(made: Made, node: Node) => HTMLElement} take
 */
export function drumPanel(tree, link, take) {
  const own = tree.CONTENTS?.voice?.CONTENTS?.[VOICE]?.CONTENTS;
  const nodes = own?.intensity ? own : (tree.CONTENTS ?? {});
  const { mode, style, intensity } = nodes;
  const fill = tree.CONTENTS?.fill;
  if (!mode || !style || !intensity || !fill) return [];
  return [
    row(take(onOff(nodes, link), mode), fillButton(fill, link)),
    take(stepsOf(intensity, link), intensity),
    take(styleOf(style, link), style),
  ];
}

/** On is the mode in which a drummer plays; off is the mode before. @param {Record<string, Node>} nodes @param {Link} link */
function onOff({ mode, drums }, link) {
  let former = "call_and_response";
  const button = big("Drums");
  button.id = "drums-on";
  const show = (/** @type {any} */ value) => {
    button.setAttribute("aria-pressed", String(value === MODE));
    if (value !== MODE) former = String(value);
  };
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    if (on && drums) link.send(drums.FULL_PATH, PLAYS);
    link.send(mode.FULL_PATH, on ? MODE : former);
  });
  button.title = "the mode accompany, in which the drummer plays with you";
  show(mode.VALUE?.[0] ?? OFF);
  return { row: button, show };
}

/** @param {Node} node @param {Link} link */
function fillButton(node, link) {
  const button = big("Fill");
  button.id = "drums-fill";
  button.title = node.DESCRIPTION ?? "";
  button.addEventListener("click", () => link.send(node.FULL_PATH));
  return button;
}

/** @param {Node} node @param {Link} link */
function stepsOf(node, link) {
  const buttons = STEPS.map(([name, value]) => {
    const button = big(String(name));
    button.dataset.value = String(value);
    button.addEventListener("click", () => link.send(node.FULL_PATH, value));
    return button;
  });
  const show = (/** @type {any} */ value) => {
    const near = (/** @type {HTMLElement} */ button) => Math.abs(Number(button.dataset.value) - value);
    const chosen = buttons.reduce((best, button) => (near(button) < near(best) ? button : best));
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen && near(button) < 0.1));
  };
  const made = row(...buttons);
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", "How hard the drummer plays");
  made.id = "drums-intensity";
  show(node.VALUE?.[0] ?? 0.5);
  return { row: made, show };
}

/** @param {Node} node @param {Link} link */
function styleOf(node, link) {
  const select = document.createElement("select");
  select.id = "drums-style";
  select.setAttribute("aria-label", "The style that the drummer plays in");
  for (const value of choices(node) ?? []) select.add(new Option(value === "any" ? ANY : spoken(String(value)), String(value)));
  select.addEventListener("change", () => link.send(node.FULL_PATH, select.value));
  const show = (/** @type {any} */ value) => (select.value = String(value));
  show(node.VALUE?.[0] ?? "any");
  return { row: select, show };
}

/** @param {string} name */
function big(name) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "choice", textContent: name });
  return button;
}

/** @param {HTMLElement[]} parts */
function row(...parts) {
  const made = document.createElement("div");
  made.className = "drum-row";
  made.append(...parts);
  return made;
}
