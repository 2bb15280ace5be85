/** The bar above: the clock, who is shown, the language, beginning anew. */

import { dayOf, hourOf, localField, moveClock, sandboxNow } from "./clock.js";
import { icon, make } from "./elements.js";
import { askPerson, closeMenu, showPopover, toast } from "./overlays.js";
import { post } from "./sandbox.js";
import { described } from "./phone.js";
import { language, unreadWord, word } from "./words.js";

export class Top {
  constructor(element, page) {
    this.element = element;
    this.page = page;
    this.isOnline = true;
    setInterval(() => this.tick(), 1000);
  }

  translate() {
    this.time = make("strong", { class: "hour" });
    this.day = make("span", { class: "day-name" });
    this.state = make("p", { class: "state", role: "status" });
    this.total = make("p", { class: "total" });
    const move = (key, wish) => make("button", {
      type: "button", title: word(`${key}_long`), "aria-label": word(`${key}_long`), onclick: () => this.move(wish),
    }, word(key));
    this.element.replaceChildren(
      make("div", { class: "title" }, make("h1", {}, word("title")), make("p", {}, word("subtitle")), this.state, this.total),
      make("div", { class: "clock", role: "group", "aria-label": word("clock") },
        make("p", { class: "now" }, this.time, this.day),
        make("div", { class: "moves" },
          move("clock_10_minutes", { skip_seconds: 600 }),
          move("clock_1_hour", { skip_seconds: 3600 }),
          move("clock_morning", { next: "08:00" }),
          make("button", { type: "button", onclick: () => this.setClock() }, word("clock_set")))),
      make("div", { class: "choices" }, this.peopleButton(), this.panelButton(), this.languages(),
        make("button", { type: "button", class: "quiet", onclick: () => this.reset() }, word("reset"))));
    this.tick();
    this.showState(this.isOnline);
  }

  tick() {
    if (!this.time) return;
    const now = sandboxNow();
    const [hour, day] = [hourOf(now), dayOf(now)];
    if (this.time.textContent !== hour) this.time.textContent = hour;
    if (this.day.textContent !== day) this.day.textContent = day;
  }

  showState(isOnline) {
    this.isOnline = isOnline;
    this.state.className = isOnline ? "state" : "state broken";
    this.state.textContent = word(isOnline ? "online" : "offline");
  }

  showUnread(count) {
    if (this.total) this.total.textContent = count ? unreadWord(count) : "";
  }

  async move(wish) {
    try {
      toast(await moveClock(wish));
    } catch (error) {
      toast(error.message);
    }
    this.tick();
  }

  async setClock() {
    const moment = await askPerson({
      title: word("clock_set_title"),
      help: word("clock_set_help"),
      confirm: word("clock_set_confirm"),
      field: { label: word("clock_set_label"), attributes: { type: "datetime-local", value: localField() } },
    });
    if (moment) this.move({ set: moment });
  }

  peopleButton() {
    const button = make("button", {
      type: "button", class: "quiet", "aria-haspopup": "dialog", "aria-expanded": "false",
      onclick: () => showPopover(button, this.peopleList(), word("people_title")),
    }, icon("people"), make("span", { class: "label" }, word("people")));
    return button;
  }

  peopleList() {
    const rows = this.page.people.map((person) => make("label", { class: "person" },
      make("input", {
        type: "checkbox",
        checked: this.page.isShown(person),
        onchange: (event) => this.page.show(person, event.target.checked),
      }),
      make("span", {}, make("strong", {}, person.first_name), ` ${described(person)}`)));
    const seat = make("button", {
      type: "button",
      class: "quiet",
      onclick: async () => {
        closeMenu();
        await post("cast");
        await this.page.readPeople();
      },
    }, word("people_seat"));
    return make("div", {}, make("h2", {}, word("people_title")), ...(rows.length ? rows : [make("p", {}, word("people_none")), seat]));
  }

  panelButton() {
    this.panel = make("button", {
      type: "button", class: "quiet", "aria-pressed": String(this.page.insight.isOpen), title: word("panel_show"),
      onclick: () => {
        this.page.insight.toggle();
        this.panel.setAttribute("aria-pressed", String(this.page.insight.isOpen));
      },
    }, icon("panel"), make("span", { class: "label" }, word("panel")));
    return this.panel;
  }

  languages() {
    const one = (code, name, full) => make("button", {
      type: "button", lang: code, title: full, "aria-label": full, "aria-pressed": String(language() === code),
      onclick: () => this.page.speak(code),
    }, name);
    return make("div", { class: "languages", role: "group", "aria-label": word("language") },
      one("da", "DA", "Dansk"), one("en", "EN", "English"));
  }

  async reset() {
    const isSure = await askPerson({
      title: word("reset_title"), help: word("reset_help"), confirm: word("reset_confirm"), isGrave: true,
    });
    if (!isSure) return;
    try {
      await post("reset");
      await this.page.begin();
      toast(word("reset_done"));
    } catch (error) {
      toast(error.message);
    }
  }
}
