// The button that ends livegen, where it was started as an app: the address of the page says so. Two presses, for a stage.

const AS_APP = "#app";
const SURE_WITHIN = 4000; // milliseconds

export class End {
  /** @param {HTMLElement} panel the panel, which is hidden elsewhere */
  constructor(panel) {
    panel.hidden = location.hash !== AS_APP;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.said = document.createElement("p");
    this.said.className = "note";
    this.said.setAttribute("role", "status");
    const row = document.createElement("div");
    row.className = "buttons";
    row.append(this.button);
    panel.append(row, this.said);
    this.ask(false);
    this.button.addEventListener("click", () => (this.asked ? this.end() : this.ask(true)));
  }

  /** @param {boolean} asked whether the next press ends livegen */
  ask(asked) {
    this.asked = asked;
    this.button.textContent = asked ? "Press again to end" : "End livegen";
    clearTimeout(this.wait);
    if (asked) this.wait = setTimeout(() => this.ask(false), SURE_WITHIN);
  }

  async end() {
    this.ask(false);
    try {
      const answer = await fetch("/end", { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      const { kept } = await answer.json();
      this.button.disabled = true;
      this.said.textContent = `livegen has ended. Your music is in ${kept}. This page can be closed.`;
    } catch (error) {
      this.said.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}
