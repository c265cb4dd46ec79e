// Takes: start one, name it, and save it or the last phrase as MIDI or ABC.

/** @typedef {import("./link.js").Link} Link */

const FILES = [
  ["Phrase .mid", "/phrase.mid"],
  ["Phrase ABC", "/phrase.abc"],
  ["Take .mid", "/take.mid"],
  ["Take ABC", "/take.abc"],
];

export class Takes {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.place = /** @type {HTMLElement} */ (document.getElementById("takes"));
    this.said = document.createElement("p");
    this.said.className = "note";
    this.said.setAttribute("role", "status");
    this.place.append(this.naming(), this.files(), this.said, this.earlier());
  }

  naming() {
    const row = document.createElement("form");
    row.className = "take-row";
    const name = document.createElement("input");
    name.type = "text";
    name.placeholder = "name of the take";
    name.setAttribute("aria-label", "Name of the take");
    name.maxLength = 60;
    name.autocomplete = "off";
    const start = document.createElement("button");
    start.textContent = "Start";
    row.append(name, start);
    row.addEventListener("submit", (event) => {
      event.preventDefault();
      const plain = name.value.toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "") || "take";
      this.link.send("/livegen/take", plain);
      this.said.textContent = `The take ${plain} has begun.`;
      name.value = "";
      name.blur(); // so that the computer's keys play again
    });
    this.link.onTree((tree) => (row.hidden = !tree.CONTENTS?.take));
    return row;
  }

  files() {
    const row = document.createElement("div");
    row.className = "buttons";
    for (const [text, path] of FILES) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", () => this.get(path));
      row.append(button);
    }
    return row;
  }

  /** The journals of earlier sessions, read when the list is opened. */
  earlier() {
    const box = document.createElement("details");
    const title = document.createElement("summary");
    title.textContent = "Earlier sessions";
    const list = document.createElement("ul");
    list.className = "journals";
    box.append(title, list);
    box.addEventListener("toggle", async () => {
      if (!box.open) return;
      const answer = await fetch("/journals").catch(() => null);
      /** @type {{name: string, changed: string, playing: boolean}[]} */
      const journals = answer?.ok ? await answer.json() : [];
      list.replaceChildren(...journals.filter(({ playing }) => !playing).map((journal) => row(journal)));
      if (!list.children.length) list.textContent = "None yet.";
    });
    const row = (/** @type {{name: string, changed: string}} */ { name, changed }) => {
      const item = document.createElement("li");
      const when = document.createElement("span");
      when.textContent = new Date(changed).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
      item.append(when);
      for (const kind of ["mid", "abc"]) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = kind === "mid" ? ".mid" : "ABC";
        button.setAttribute("aria-label", `${button.textContent} of ${when.textContent}`);
        button.addEventListener("click", () => this.get(`/journals/${name}.${kind}`));
        item.append(button);
      }
      return item;
    };
    return box;
  }

  /** Download a file, and copy it too when it is text. @param {string} path */
  async get(path) {
    this.said.textContent = "One moment …";
    const answer = await fetch(path).catch(() => null);
    if (!answer?.ok) {
      this.said.textContent = (await answer?.text().catch(() => "")) || "livegen does not answer.";
      return;
    }
    const blob = await answer.blob();
    const name = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? path.slice(1);
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
    this.said.textContent = `Saved ${name}.`;
    if (path.endsWith(".abc")) {
      const copied = await navigator.clipboard?.writeText(await blob.text()).then(() => true, () => false);
      if (copied) this.said.textContent = `Saved ${name}, and copied.`;
    }
  }
}
