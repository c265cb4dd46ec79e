// Takes: start one, name it, and save it or the last phrase as MIDI or ABC.

import { download } from "./downloads.js";

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

  /** @param {string} path */
  get(path) {
    return download(path, (sentence) => (this.said.textContent = sentence));
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

  /** The page of all sessions and their takes. */
  earlier() {
    const link = document.createElement("a");
    link.className = "button wide-link";
    link.href = "sessions.html";
    link.target = "_blank"; // the stage stays
    link.textContent = "All takes and sessions";
    return link;
  }
}
