// The memory as an instrument: slots, a fader between two of them, and ways to forget.

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */
/** @typedef {(made: import("./controls.js").Made, node: Node) => HTMLElement} Take */

/**
 * @param {Record<string, Node>} nodes of /livegen, by name @param {Link} link @param {HTMLElement[]} controls of its settings
 * @param {Take} take keeps an element in step with its node
 * @returns {HTMLElement[]}
 */
export function memoryPanel(nodes, link, controls, take) {
  const parts = [];
  if (nodes.save && nodes.recall) parts.push(...slots(nodes, link, take));
  parts.push(...controls);
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  if (nodes.rewind) buttons.append(button("Forget that", "Take back the last eight notes", () => link.send("/livegen/rewind", 8)));
  if (nodes.forget) buttons.append(button("Forget riffs", nodes.forget.DESCRIPTION, () => link.send("/livegen/forget", 1)));
  if (nodes.reset) buttons.append(button("Start again", nodes.reset.DESCRIPTION, () => link.send("/livegen/reset", 1)));
  if (buttons.children.length) parts.push(buttons);
  return parts;
}

/** A row of slots: a touch recalls one; after "Save to" it saves, after "Clear" it empties. @param {Record<string, Node>} nodes @param {Link} link @param {Take} take */
function slots(nodes, link, take) {
  const row = document.createElement("div");
  row.className = "slots";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Slots of the memory");
  let act = "recall";
  const names = ["save", "clear"].filter((name) => nodes[name]);
  const verbs = names.map((name) =>
    button(name === "save" ? "Save to …" : "Clear …", nodes[name].DESCRIPTION, () => choose(act === name ? "recall" : name)),
  );
  const choose = (/** @type {string} */ chosen) => {
    act = chosen;
    row.classList.toggle("armed", act !== "recall");
    verbs.forEach((verb, i) => verb.setAttribute("aria-pressed", String(names[i] === act)));
    [...row.children].forEach((slot, i) => slot.setAttribute("aria-label", `${act} slot ${i + 1}`));
  };
  const when = document.createElement("select");
  when.setAttribute("aria-label", "When a slot is recalled");
  const bar = nodes.metre?.VALUE?.[0] ?? 4;
  for (const [text, beats] of [["recall now", 0], ["on the next beat", 1], ["on the next bar", bar]]) {
    when.add(new Option(String(text), String(beats)));
  }
  for (let slot = 1; slot <= (nodes.save.RANGE?.[0]?.MAX ?? 0); slot++) {
    const one = button(String(slot), undefined, () => {
      if (act === "recall") link.send("/livegen/recall", slot, Number(when.value));
      else link.send(`/livegen/${act}`, slot);
      choose("recall");
    });
    row.append(one);
  }
  choose("recall");
  const show = (/** @type {number[]} */ ...full) => {
    [...row.children].forEach((slot, i) => slot.classList.toggle("full", full.includes(i + 1)));
  };
  const full = nodes.out?.CONTENTS?.slots;
  if (full) take({ row, show }, full);
  const choice = document.createElement("div");
  choice.className = "buttons";
  choice.append(...verbs, when);
  return [row, choice];
}

/** @param {string} text @param {string|undefined} help @param {() => void} act */
export function button(text, help, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  if (help) made.title = help;
  made.addEventListener("click", act);
  return made;
}
