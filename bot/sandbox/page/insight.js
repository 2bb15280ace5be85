/** The side panel: what the service did, and why. */

import { make, signButton } from "./elements.js";
import { recall, remember } from "./memory.js";
import { get } from "./sandbox.js";
import { hasWord, word } from "./words.js";

const PAUSE = 400;
const EVERY = 5000;

export class Insight {
  constructor(element) {
    this.element = element;
    this.isOpen = recall("panel", false);
    this.lines = make("ul", { class: "lines" });
    setInterval(() => this.isOpen && !document.hidden && this.soon(), EVERY);
  }

  translate(onClose) {
    this.onClose = onClose;
    this.element.setAttribute("aria-label", word("panel_title"));
    this.element.replaceChildren(
      make("header", {}, make("h2", {}, word("panel_title")), signButton("close", word("panel_hide"), () => onClose())),
      this.lines);
    this.element.hidden = !this.isOpen;
    this.shown = undefined;
    this.read();
  }

  toggle() {
    this.isOpen = !this.isOpen;
    remember("panel", this.isOpen);
    this.element.hidden = !this.isOpen;
    this.read();
  }

  /** Read again in a moment, once, however often this is asked. */
  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.read();
    }, PAUSE);
  }

  async read() {
    if (!this.isOpen) return;
    const lines = await get("insight").catch(() => []);
    const shown = JSON.stringify(lines);
    if (shown === this.shown) return;
    this.shown = shown;
    this.lines.replaceChildren(...(lines.length ? lines.map(line) : [make("li", { class: "nothing" }, word("panel_empty"))]));
  }
}

function line({ title, text, tone }) {
  const known = hasWord(`tone_${tone}`);
  return make("li", { class: known ? `tone-${tone}` : null },
    known ? make("span", { class: "tone" }, word(`tone_${tone}`)) : null,
    make("h3", {}, title ?? ""),
    make("p", {}, text ?? ""));
}
