// What you say about turns, as buttons and computer keys: your turn, another answer, finish.

/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Node} Node */

// By the place of a key, next to those that play: B, N and M on most layouts.
/** @type {Record<string, string>} */
const CODES = { KeyN: "reply", KeyB: "again", KeyM: "stop" };

export class Says {
  /** @param {HTMLElement} place @param {Link} link */
  constructor(place, link) {
    this.place = place;
    for (const one of this.buttons()) {
      one.addEventListener("click", () => link.send(`/livegen/${one.dataset.says}`));
    }
    addEventListener("keydown", (event) => {
      const busy = /** @type {Element} */ (event.target).closest?.("input[type=text], select, textarea, dialog");
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || busy) return;
      const verb = CODES[event.code];
      if (verb) link.send(`/livegen/${verb}`);
    });
    this.readLayout();
  }

  /** @returns {HTMLElement[]} */
  buttons() {
    return [...this.place.querySelectorAll("button")];
  }

  /** What livegen says about each. @param {Node} tree */
  tree(tree) {
    for (const one of this.buttons()) one.title = tree.CONTENTS?.[one.dataset.says ?? ""]?.DESCRIPTION ?? "";
  }

  /** Show the letters printed on this computer's keys, where the browser knows them. */
  async readLayout() {
    const layout = await /** @type {any} */ (navigator).keyboard?.getLayoutMap?.().catch(() => null);
    if (!layout?.size) return;
    for (const [code, verb] of Object.entries(CODES)) {
      const key = this.place.querySelector(`[data-says=${verb}] kbd`);
      if (key && layout.has(code)) key.textContent = layout.get(code).toUpperCase();
    }
  }
}
