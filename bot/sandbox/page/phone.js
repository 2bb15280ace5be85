/** One person's conversation with the bot. */

import { bubble } from "./bubble.js";
import { dayOf, fullOf } from "./clock.js";
import { Composer } from "./composer.js";
import { icon, make, signButton } from "./elements.js";
import { recall, remember } from "./memory.js";
import { alertIn, askPerson, showMenu, toast } from "./overlays.js";
import { get, post } from "./sandbox.js";
import { hasWord, unreadWord, word } from "./words.js";

const LONGEST_PENDING = 8000;

const roleOf = ({ role }) => (hasWord(`role_${role}`) ? word(`role_${role}`) : role);

function labelOf({ label, first_name: name, last_name: last }) {
  if (hasWord(`label_${label}`)) return word(`label_${label}`);
  return label && label !== name ? label : `${name} ${last}`.trim();
}

/** Who a person is, for lists: the role and what they do. */
export const described = (person) => [roleOf(person), labelOf(person)].filter(Boolean).join(" · ");

export class Phone {
  constructor(person, bot, onRead) {
    this.person = person;
    this.bot = bot;
    this.onRead = onRead;
    this.forget();
    this.openLink = this.openLink.bind(this);
    this.sayCommand = this.sayCommand.bind(this);
    this.head = make("header", { class: "head" });
    this.list = make("ol", { class: "messages", tabindex: "0" });
    this.list.addEventListener("scroll", () => {
      // Where text is broken anew the browser scrolls by itself: that is no reader going up.
      if (this.width === this.list.clientWidth) this.wasAtEnd = this.isAtEnd();
      this.showWayDown();
    });
    new ResizeObserver(() => {
      this.width = this.list.clientWidth;
      if (this.wasAtEnd) this.toEnd();
    }).observe(this.list);
    this.down = signButton("down", "", () => this.toEnd(), { class: "sign down", hidden: true });
    this.foot = make("div", { class: "foot" });
    this.composer = new Composer(this);
    this.element = make("section", { class: `phone ${person.role}`, id: `phone-${person.id}` },
      this.head, make("div", { class: "screen" }, this.list, this.down), this.foot);
    for (const event of ["pointerdown", "focusin", "wheel"]) {
      this.element.addEventListener(event, () => this.read(), { passive: true });
    }
    this.translate();
  }

  forget() {
    this.messages = new Map();
    this.elements = new Map();
    this.pending = new Map();
    this.commands = [];
    this.revision = 0;
    this.noticed = -1;
    this.epoch = null;
    this.isBlocked = false;
    this.list?.replaceChildren();
  }

  translate() {
    const { person } = this;
    const label = word("conversation_with", { name: person.first_name, bot: this.bot.name });
    this.element.setAttribute("aria-label", label);
    this.list.setAttribute("aria-label", label);
    this.down.setAttribute("aria-label", word("newest"));
    this.down.title = word("newest");
    this.badge = make("span", { class: "badge", hidden: true });
    this.head.replaceChildren(
      make("span", { class: "face" }, make("span", { "aria-hidden": "true" }, person.first_name.slice(0, 1)), this.badge),
      make("div", { class: "name" },
        make("h2", {}, person.first_name, " ", make("span", { class: "role" }, roleOf(person))),
        make("p", {}, labelOf(person))),
      signButton("more", word("more_for", { name: person.first_name }), (event) => this.personMenu(event.currentTarget), {
        "aria-haspopup": "menu",
        "aria-expanded": "false",
      }));
    this.composer.translate();
    this.redraw();
  }

  redraw() {
    this.list.replaceChildren();
    this.elements.clear();
    for (const message of this.messages.values()) this.draw(message);
    this.showFoot();
    this.showUnread();
    this.toEnd();
  }

  /** Bring the screen up to date with what the sandbox knows; asked again meanwhile, it looks once more. */
  async refresh() {
    this.isStale = true;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
    await this.looking;
  }

  async look() {
    while (this.isStale) {
      this.isStale = false;
      await this.take();
    }
  }

  async take() {
    let chat = await get(`chat/${this.person.id}?since=${this.revision}&notices_after=${Math.max(this.noticed, 0)}`);
    if (this.epoch !== null && chat.epoch !== this.epoch) {
      this.forget();
      chat = await get(`chat/${this.person.id}`);
    }
    this.epoch = chat.epoch;
    const isAtEnd = this.isAtEnd();
    this.revision = chat.revision;
    this.commands = chat.commands;
    this.isBlocked = chat.is_blocked;
    this.isDeactivated = chat.is_deactivated;
    this.takeNotices(chat.notices);
    for (const message of chat.messages) {
      this.messages.set(message.message_id, message);
      this.draw(message);
    }
    this.showFoot();
    if (isAtEnd) this.toEnd();
    this.showUnread();
    this.showWayDown();
  }

  takeNotices(notices) {
    const isFirst = this.noticed < 0;
    for (const notice of notices) {
      this.noticed = notice.n;
      this.settle(notice.message_id, notice.data);
      if (isFirst || !notice.text) continue;
      if (notice.alert) alertIn(this.element, notice.text);
      else toast(notice.text, this.element);
    }
    this.noticed = Math.max(this.noticed, 0);
  }

  draw(message) {
    const element = bubble(message, this);
    const old = this.elements.get(message.message_id);
    const hadFocus = old?.contains(document.activeElement);
    if (old) old.replaceWith(element);
    else this.append(message, element);
    this.elements.set(message.message_id, element);
    if (hadFocus) (element.querySelector(".key") ?? this.composer.field).focus();
  }

  append(message, element) {
    const day = dayOf(message.date * 1000);
    if (this.list.dataset.day !== day || !this.list.children.length) {
      this.list.dataset.day = day;
      this.list.append(make("li", { class: "day" }, make("span", {}, day)));
    }
    this.list.append(element);
  }

  showFoot() {
    const name = this.person.first_name;
    const big = (text, act) => make("button", { type: "button", class: "firm wide", onclick: act }, text);
    if (this.isDeactivated) {
      this.foot.replaceChildren(make("p", { class: "closed" }, word("deactivated", { name })));
    } else if (this.isBlocked) {
      this.foot.replaceChildren(make("p", { class: "closed" }, word("blocked", { name })), big(word("unblock"), () => this.act("unblock")));
    } else if (!this.messages.size) {
      this.list.replaceChildren(make("li", { class: "empty" }, icon("contact"), word("empty_chat", { name, bot: this.bot.name })));
      this.foot.replaceChildren(big(word("start"), () => this.act("start")));
    } else {
      this.list.querySelector(".empty")?.remove();
      if (!this.foot.contains(this.composer.element)) this.foot.replaceChildren(this.composer.element);
      const last = [...this.messages.values()].findLast((message) => message.from_bot && message.reply_keyboard);
      this.composer.offer(last?.reply_keyboard);
    }
  }

  // Where the reader is.

  isAtEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  showWayDown() {
    this.down.hidden = this.isAtEnd();
  }

  showMessage(id) {
    const element = this.elements.get(id);
    element?.scrollIntoView({ block: "center" });
    element?.classList.add("pointed");
    setTimeout(() => element?.classList.remove("pointed"), 1600);
  }

  unread() {
    const read = recall("read", {})[this.person.id] ?? 0;
    return [...this.messages.values()].filter((m) => m.from_bot && !m.deleted && m.message_id > read).length;
  }

  read() {
    const newest = Math.max(0, ...this.messages.keys());
    if ((recall("read", {})[this.person.id] ?? 0) === newest) return;
    remember("read", { ...recall("read", {}), [this.person.id]: newest });
    this.showUnread();
  }

  showUnread() {
    const count = this.unread();
    this.badge.hidden = !count;
    this.badge.replaceChildren(String(count), make("span", { class: "unseen" }, ` ${unreadWord(count)}`));
    this.onRead();
  }

  // What the person does.

  async act(name, wish = {}) {
    try {
      await post(name, { user: this.person.id, ...wish });
    } catch (error) {
      toast(error.message, this.element);
      return false;
    }
    await this.refresh();
    this.toEnd();
    this.read();
    return true;
  }

  async tap(messageId, data) {
    const name = `${messageId}/${data}`;
    this.pending.set(name, setTimeout(() => this.settle(messageId, data), LONGEST_PENDING));
    this.draw(this.messages.get(messageId));
    try {
      await post("tap", { user: this.person.id, message_id: messageId, data });
    } catch (error) {
      toast(error.message, this.element);
      this.settle(messageId, data);
    }
  }

  settle(messageId, data) {
    const name = `${messageId}/${data}`;
    if (!this.pending.has(name)) return;
    clearTimeout(this.pending.get(name));
    this.pending.delete(name);
    if (this.messages.has(messageId)) this.draw(this.messages.get(messageId));
  }

  sayCommand(text) {
    this.act("say", { text });
  }

  /** A link that starts this bot is pressed in the person's name; any other opens beside the page. */
  openLink(event, link) {
    const found = link.match(/^https?:\/\/t\.me\/(\w+)\?start=([\w-]+)/);
    if (!found || found[1].toLowerCase() !== this.bot.username.toLowerCase()) return;
    event.preventDefault();
    this.act("start", { payload: found[2] });
    toast(word("link_opened", { name: this.person.first_name }), this.element);
  }

  async startWithCode() {
    const given = await askPerson({
      title: word("start_code_title"),
      help: word("start_code_help"),
      confirm: word("start_code_confirm"),
      field: { label: word("start_code_label") },
    });
    if (given) this.act("start", { payload: given.trim().replace(/^.*[?&]start=/, "") });
  }

  personMenu(anchor) {
    const blocking = this.isBlocked
      ? { sign: "check", label: word("unblock"), act: () => this.act("unblock") }
      : { sign: "lock", label: word("block"), act: () => this.act("block"), isGrave: true };
    showMenu(anchor, [{ sign: "contact", label: word("start_code"), act: () => this.startWithCode() }, blocking], {
      label: word("more_for", { name: this.person.first_name }),
    });
  }

  menuFor(message, anchor, point) {
    const text = message.text || message.caption;
    const entries = [{ sign: "reply", label: word("reply"), act: () => this.composer.reply(message) }];
    if (!message.from_bot && text) entries.push({ sign: "edit", label: word("edit"), act: () => this.composer.edit(message) });
    if (text && !message.protect_content) {
      entries.push({ sign: "document", label: word("copy"), act: () => this.copy(text) });
    }
    entries.push({ sign: "close", label: word("delete"), act: () => this.act("delete", { message_id: message.message_id }), isGrave: true });
    showMenu(anchor, entries, { label: `${word("message_menu")}, ${fullOf(message.date * 1000)}`, point });
  }

  async copy(text) {
    await navigator.clipboard?.writeText(text);
    toast(word("copied"), this.element);
  }
}
