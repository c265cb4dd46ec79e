// A file that is dropped on the page, or chosen: music is played to livegen as if you played it, a chart is played over.

import { button } from "./memory.js";

const LARGEST = 4 * 1024 * 1024; // bytes; livegen refuses more
const MUSIC = ".mid,.midi,.kar,.rmi,.smf,.musicxml,.xml,.mxl,.abc,.txt";
const CHARTS = ".txt,.chart,.musicxml,.xml,.mxl,.html,.htm,.irealb";
const LINK = /\birealb(?:ook)?:\/\/\S/i; // of iReal Pro's
const WRITING = "input, textarea"; // where a paste is the text's own

export class Drop {
  /** @param {HTMLElement} place for music @param {HTMLElement} charts for charts */
  constructor(place, charts) {
    this.said = this.chooser(place, "Play a file to livegen", "/play", MUSIC);
    this.saidOfCharts = this.chooser(charts, "Use a chart of your own", "/chart", CHARTS);
    addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.some((type) => type === "Files" || type === "text/plain")) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("dropping");
    });
    addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      if (event.dataTransfer?.files.length) {
        event.preventDefault();
        this.take(event.dataTransfer.files, "/drop");
      } else this.takeLink(event.dataTransfer, event);
    });
    addEventListener("paste", (event) => {
      if (!(/** @type {Element} */ (event.target).closest?.(WRITING))) this.takeLink(event.clipboardData, event);
    });
  }

  /** A button that chooses a file, and the place for what is said of it. @param {HTMLElement} place @param {string} text @param {string} address @param {string} endings */
  chooser(place, text, address, endings) {
    const said = document.createElement("p");
    said.className = "note";
    said.setAttribute("role", "status");
    const chosen = document.createElement("input");
    chosen.type = "file";
    chosen.accept = endings;
    chosen.hidden = true;
    chosen.addEventListener("change", () => {
      this.take(chosen.files, address);
    });
    const row = document.createElement("div");
    row.className = "buttons";
    row.append(button(text, undefined, () => chosen.click()), chosen);
    place.append(row, said);
    return said;
  }

  /** A link of iReal Pro's that is dropped or pasted. @param {DataTransfer|null} from @param {Event} event */
  takeLink(from, event) {
    const text = from?.getData("text/plain") ?? "";
    if (!LINK.test(text)) return;
    event.preventDefault();
    this.send(new File([text], "link.irealb"), "/chart");
  }

  /** @param {FileList|null} files @param {string} address */
  async take(files, address) {
    const file = files?.[0];
    if (file) await this.send(file, address);
  }

  /** @param {File} file @param {string} address */
  async send(file, address) {
    const where = address === "/chart" ? this.saidOfCharts : this.said;
    if (file.size > LARGEST) {
      where.textContent = `${file.name} is larger than 4 MiB; cut it into smaller files.`;
      return;
    }
    where.textContent = `Reading ${file.name}.`;
    try {
      const answer = await fetch(`${address}?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
      if (!answer.ok) where.textContent = (await answer.text()).trim();
      else this.say(file.name, await answer.json(), where);
    } catch {
      where.textContent = "livegen does not answer; is it running?";
    }
  }

  /** @param {string} name @param {any} about @param {HTMLElement} where */
  say(name, about, where) {
    where.textContent = "";
    if (about.chart === undefined) this.said.textContent = playing(name, about);
    else this.saidOfCharts.textContent = charted(about);
  }
}

/** @param {string} name @param {{notes: number, seconds: number, passed_over: string[]}} about */
function playing(name, about) {
  const length = about.seconds < 60 ? `${Math.ceil(about.seconds)} s` : `${Math.round(about.seconds / 60)} min`;
  const left = about.passed_over.length ? ` Passed over: ${about.passed_over.join(", ")}.` : "";
  return `livegen hears ${name}: ${about.notes} notes, ${length}. Panic stops it.${left}`;
}

/** @param {{chart: string, bars: number, key: string, charts: number}} about */
function charted(about) {
  const others = about.charts > 1 ? `, the first of ${about.charts}` : "";
  return `livegen plays over ${about.chart}: ${about.bars} bars in ${about.key}${others}.`;
}
