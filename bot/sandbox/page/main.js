/** The page: everybody's phone side by side, or one at a time where there is little room. */

import { readClock } from "./clock.js";
import { icon, make } from "./elements.js";
import { Insight } from "./insight.js";
import { recall, remember } from "./memory.js";
import { closeMenu } from "./overlays.js";
import { Phone } from "./phone.js";
import { get, listen, post } from "./sandbox.js";
import { Top } from "./top.js";
import { language, loadWords, unreadWord, word } from "./words.js";

const NARROW = matchMedia("(max-width: 760px)");
const FIRST_SHOWN = 5;

class Page {
  constructor() {
    this.stage = document.querySelector("#stage");
    this.tabs = document.querySelector("#tabs");
    this.phones = new Map();
    this.people = [];
    this.insight = new Insight(document.querySelector("#insight"));
    this.top = new Top(document.querySelector("#top"), this);
    NARROW.addEventListener("change", () => this.arrange());
  }

  async open() {
    this.about = await get("about");
    await loadWords(recall("language", this.about.language));
    await readClock();
    this.translate();
    await this.readPeople();
    listen((topics) => this.changed(topics), (isOnline) => this.lineChanged(isOnline));
  }

  translate() {
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
    this.top.translate();
    this.insight.translate(() => {
      this.insight.toggle();
      this.top.panel.setAttribute("aria-pressed", "false");
      this.top.panel.focus();
    });
    for (const phone of this.phones.values()) phone.translate();
    this.arrange();
  }

  async speak(code) {
    closeMenu();
    remember("language", code);
    await loadWords(code);
    this.translate();
    document.querySelector(`.languages [lang="${language()}"]`)?.focus();
  }

  async begin() {
    for (const phone of this.phones.values()) phone.element.remove();
    this.phones.clear();
    remember("read", {});
    remember("drafts", {});
    await readClock();
    await this.readPeople();
    this.insight.read();
  }

  async readPeople() {
    this.people = await get("users");
    await Promise.all(this.people.filter((person) => this.isShown(person)).map((person) => this.seat(person)));
    this.arrange();
  }

  async seat(person) {
    if (this.phones.has(person.id)) return;
    const phone = new Phone(person, this.about.bot, () => this.showTabs());
    this.phones.set(person.id, phone);
    await phone.refresh();
    phone.toEnd();
  }

  isShown(person) {
    const chosen = recall("shown", {})[person.id];
    return chosen ?? this.usual().includes(person);
  }

  /** Those shown before anybody chose: with six people, one resource person waits in the wings. */
  usual() {
    const panel = this.people.filter(({ role }) => role === "resource_person");
    const spare = this.people.length > FIRST_SHOWN && panel.length > 2 ? panel.slice(2) : [];
    return this.people.filter((person) => !spare.includes(person)).slice(0, 8);
  }

  async show(person, isShown) {
    remember("shown", { ...recall("shown", {}), [person.id]: isShown });
    if (isShown) await this.seat(person);
    this.arrange();
  }

  arrange() {
    const shown = this.people.filter((person) => this.isShown(person) && this.phones.has(person.id));
    const phones = shown.map((person) => this.phones.get(person.id));
    const active = phones.find(({ person }) => person.id === recall("tab")) ?? phones[0];
    for (const phone of phones) phone.element.classList.toggle("inactive", NARROW.matches && phone !== active);
    const wanted = phones.length ? phones.map(({ element }) => element) : [this.nobody()];
    if (wanted.length !== this.stage.children.length || wanted.some((element, i) => element !== this.stage.children[i])) {
      this.stage.replaceChildren(...wanted);
    }
    this.active = active;
    this.shown = phones;
    this.showTabs();
    for (const phone of phones) phone.toEnd();
    if (NARROW.matches) active?.read();
  }

  nobody() {
    const seat = async () => {
      await post("cast");
      await this.readPeople();
    };
    return make("div", { class: "nobody" }, icon("people"), make("p", {}, word("people_none")),
      make("button", { type: "button", class: "firm", onclick: seat }, word("people_seat")));
  }

  showTabs() {
    if (!this.shown) return;
    let total = 0;
    this.tabs.replaceChildren(...this.shown.map((phone) => {
      const count = phone.unread();
      total += count;
      return make("button", {
        type: "button",
        class: phone.person.role,
        "aria-pressed": String(phone === this.active),
        onclick: () => this.turnTo(phone),
      }, phone.person.first_name,
      count ? make("span", { class: "badge" }, String(count), make("span", { class: "unseen" }, ` ${unreadWord(count)}`)) : null);
    }));
    this.top.showUnread(total);
    document.title = total ? `(${total}) ${word("title")}` : word("title");
  }

  turnTo(phone) {
    remember("tab", phone.person.id);
    this.arrange();
    phone.read();
    [...this.tabs.children].find((tab) => tab.getAttribute("aria-pressed") === "true")?.focus();
  }

  async changed(topics) {
    this.insight.soon();
    if (topics.includes(-1)) {
      await readClock();
      this.top.tick();
    }
    const unknown = topics.filter((topic) => topic > 0 && !this.people.some(({ id }) => id === topic));
    if (unknown.length || topics.includes(-1)) await this.readPeople();
    for (const topic of topics) await this.phones.get(topic)?.refresh();
    if (NARROW.matches && !document.hidden) this.active?.read();
  }

  async lineChanged(isOnline) {
    this.top.showState(isOnline);
    if (!isOnline) return;
    await readClock();
    await this.readPeople();
    for (const phone of this.phones.values()) await phone.refresh();
  }
}

new Page().open();
