/** The field in which a person writes: text, replies, edits, commands and test attachments. */

import { icon, make, signButton } from "./elements.js";
import { recall, remember } from "./memory.js";
import { showMenu } from "./overlays.js";
import { word } from "./words.js";

const ATTACHMENTS = {
  photo: { photo: [] },
  sticker: { sticker: {} },
  voice: { voice: {} },
  document: { document: {} },
  contact: { contact: { phone_number: "+4570100000", first_name: "Bo" } },
  location: { location: { latitude: 55.676, longitude: 12.568 } },
};

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.about = null;
    this.isEditing = false;
    this.chosen = -1;
    this.id = `write-${phone.person.id}`;
    this.field = make("textarea", {
      id: this.id,
      rows: "1",
      "aria-autocomplete": "list",
      "aria-controls": `${this.id}-commands`,
      oninput: () => this.changed(),
      onkeydown: (event) => this.key(event),
      onblur: () => setTimeout(() => this.hints.replaceChildren(), 150),
      onfocus: () => this.changed(),
    });
    this.banner = make("div", { class: "banner", hidden: true });
    this.hints = make("ul", { class: "hints", id: `${this.id}-commands`, role: "listbox" });
    this.quick = make("div", { class: "quick" });
    this.bar = make("div", { class: "bar" });
    this.element = make("div", { class: "composer" }, this.hints, this.banner, this.bar, this.quick);
    this.field.value = recall("drafts", {})[phone.person.id] ?? "";
    this.translate();
  }

  translate() {
    const name = this.phone.person.first_name;
    this.field.setAttribute("aria-label", word("write", { name }));
    this.field.placeholder = word("write", { name });
    this.field.title = word("command_open");
    this.hints.setAttribute("aria-label", word("commands"));
    this.quick.setAttribute("aria-label", word("quick_answers"));
    this.sender = signButton("send", word("send"), () => this.send(), { class: "sign sender" });
    const attach = signButton("plus", word("attach"), (event) => this.attach(event.currentTarget), {
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    });
    this.bar.replaceChildren(attach, this.field, this.sender);
    this.showBanner();
    this.grow();
  }

  attach(anchor) {
    const entries = Object.entries(ATTACHMENTS).map(([kind, message]) => ({
      sign: kind,
      label: word(`attach_${kind}`),
      act: () => this.phone.act("send", { message }),
    }));
    showMenu(anchor, entries, { label: word("attach") });
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
  }

  changed() {
    this.grow();
    remember("drafts", { ...recall("drafts", {}), [this.phone.person.id]: this.isEditing ? "" : this.field.value });
    this.showHints();
  }

  showHints() {
    const begun = this.field.value;
    const fitting = /^\/\w*$/.test(begun) ? this.phone.commands.filter(({ command }) => `/${command}`.startsWith(begun)) : [];
    this.chosen = fitting.length ? 0 : -1;
    this.hints.replaceChildren(...fitting.map(({ command, description }, index) =>
      make("li", {
        role: "option",
        "aria-selected": String(index === 0),
        onpointerdown: (event) => {
          event.preventDefault();
          this.send(`/${command}`);
        },
      }, make("strong", {}, `/${command}`), make("span", {}, description))));
  }

  moveHint(step) {
    const options = [...this.hints.children];
    this.chosen = (this.chosen + step + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.chosen)));
    options[this.chosen].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const isHinting = this.hints.children.length > 0;
    if (event.isComposing) return;
    if (isHinting && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.moveHint(event.key === "ArrowDown" ? 1 : -1);
    } else if (isHinting && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.field.value = `${this.hints.children[this.chosen].querySelector("strong").textContent} `;
      this.changed();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send(isHinting ? this.hints.children[this.chosen].querySelector("strong").textContent : undefined);
    } else if (event.key === "Escape") {
      if (isHinting) this.hints.replaceChildren();
      else this.leave();
    }
  }

  reply(message) {
    this.leave();
    this.about = message;
    this.showBanner();
    this.field.focus();
  }

  edit(message) {
    this.about = message;
    this.isEditing = true;
    this.field.value = message.text || message.caption;
    this.showBanner();
    this.grow();
    this.field.focus();
  }

  /** Give up the reply or the edit; what was typed as a new message stays. */
  leave() {
    if (this.isEditing) this.field.value = "";
    this.about = null;
    this.isEditing = false;
    this.showBanner();
    this.grow();
  }

  showBanner() {
    this.banner.hidden = !this.about;
    if (!this.about) return;
    const said = this.about.text || this.about.caption || word(`kind_${this.about.kind}`);
    this.banner.replaceChildren(
      icon(this.isEditing ? "edit" : "reply"),
      make("p", {}, make("strong", {}, word(this.isEditing ? "editing" : "replying_to")), " ", said.slice(0, 120)),
      signButton("close", word(this.isEditing ? "stop_editing" : "stop_replying"), () => this.leave()),
    );
  }

  async send(text = this.field.value) {
    if (!text.trim()) return;
    const { about, isEditing } = this;
    const isDone = isEditing
      ? await this.phone.act("edit", { message_id: about.message_id, text })
      : await this.phone.act("say", { text, ...(about ? { reply_to: about.message_id } : {}) });
    if (!isDone) return;
    this.field.value = "";
    this.leave();
    this.changed();
    this.field.focus();
  }

  /** Show the keyboard the bot has put under the field, if any. */
  offer(markup) {
    const rows = markup?.keyboard ?? [];
    this.quick.replaceChildren(...rows.map((row) =>
      make("div", {}, ...row.map(({ text }) => make("button", { type: "button", class: "key", onclick: () => this.send(text) }, text)))));
  }
}
