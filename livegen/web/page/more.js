// "More": every setting that is not turned on a stage, by its group, with what it does; searched by a word of either.

export class More {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.search = document.createElement("input");
    Object.assign(this.search, { type: "text", placeholder: "search", autocomplete: "off", spellcheck: false });
    this.search.setAttribute("aria-label", "Search the settings");
    this.search.addEventListener("input", () => this.filter());
    this.found = document.createElement("p");
    this.found.className = "note";
    this.found.setAttribute("role", "status");
    this.groups = document.createElement("div");
    this.groups.className = "groups";
    place.append(this.search, this.found, this.groups);
  }

  /** @param {[string, HTMLElement[]][]} groups */
  show(groups) {
    const open = new Set([...this.groups.children].filter((box) => box.hasAttribute("open")).map((box) => box.id));
    this.groups.replaceChildren(...groups.map(([title, controls]) => group(title, controls)));
    for (const box of this.groups.children) box.toggleAttribute("open", open.has(box.id));
    if (this.search.value) this.filter();
  }

  /** Show the settings in whose name or help every word is; all, in closed groups, without a word. */
  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const box of this.groups.children) {
      let here = 0;
      for (const row of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(".control"))) {
        const text = `${row.textContent} ${row.dataset.address}`.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) here += 1;
      }
      /** @type {HTMLElement} */ (box).hidden = !here;
      box.toggleAttribute("open", Boolean(words.length && here));
      found += here;
    }
    this.found.textContent = words.length && !found ? "No setting has this word." : "";
  }
}

/** @param {string} title @param {HTMLElement[]} controls */
function group(title, controls) {
  const box = document.createElement("details");
  box.id = `more-${title.toLowerCase()}`;
  const summary = document.createElement("summary");
  const heading = document.createElement("h3");
  heading.textContent = title;
  const rows = document.createElement("div");
  rows.className = "columns";
  rows.append(...controls);
  summary.append(heading);
  box.append(summary, rows);
  return box;
}
