/** One message as a bubble, with its buttons below. */

import { hourOf } from "./clock.js";
import { icon, make, signButton } from "./elements.js";
import { withMarks } from "./texts.js";
import { word } from "./words.js";

const DRAWN = new Set(["photo", "sticker", "voice", "document", "contact", "location"]);

function attachment(message) {
  if (message.kind === "text") return null;
  const sign = DRAWN.has(message.kind) ? message.kind : "document";
  return make("div", { class: `attachment ${message.kind}` }, icon(sign), make("span", {}, word(`kind_${message.kind}`)));
}

function quote(message, phone) {
  if (!message.reply_to) return null;
  const earlier = phone.messages.get(message.reply_to);
  const text = earlier ? earlier.text || earlier.caption || word(`kind_${earlier.kind}`) : "…";
  return make("button", { type: "button", class: "quote", onclick: () => phone.showMessage(message.reply_to) },
    make("span", {}, text.slice(0, 140)));
}

function deletedNote(message, phone) {
  if (!message.deleted) return null;
  const key = message.deleted_by === "bot" ? "deleted_by_bot" : "deleted_by_user";
  return make("p", { class: "gone" }, word(key, { name: phone.person.first_name }));
}

function meta(message) {
  const marks = [];
  if (message.protect_content) {
    marks.push(make("span", { class: "lock", role: "img", "aria-label": word("protected"), title: word("protected") }, icon("lock")));
  }
  if (message.edited) {
    const before = message.versions.at(-1) ?? "";
    marks.push(make("span", { title: before ? word("edited_title", { text: before }) : null }, word("edited")));
  }
  marks.push(make("time", { datetime: new Date(message.date * 1000).toISOString() }, hourOf(message.date * 1000)));
  return make("p", { class: "meta" }, ...marks);
}

function keyboard(message, phone) {
  if (!message.keyboard.length || message.deleted) return null;
  const button = (given) => {
    if (given.url) {
      const onclick = (event) => phone.openLink(event, given.url);
      return make("a", { class: "key link", href: given.url, target: "_blank", rel: "noreferrer", onclick }, given.text);
    }
    const data = given.callback_data ?? "";
    const isPending = phone.pending.has(`${message.message_id}/${data}`);
    return make("button", {
      type: "button",
      class: isPending ? "key pending" : "key",
      "data-data": data,
      title: isPending ? word("waiting_answer") : null,
      onclick: () => phone.tap(message.message_id, data),
    }, given.text);
  };
  return make("div", { class: "keyboard" }, ...message.keyboard.map((row) => make("div", {}, ...row.map(button))));
}

/** The element for a message; make a new one whenever the message has changed. */
export function bubble(message, phone) {
  const shown = message.text || message.caption;
  const body = shown
    ? make("p", { class: "text" }, withMarks(shown, message.entities, phone.openLink, phone.sayCommand))
    : null;
  const who = message.from_bot ? word("from_bot") : word("from_person", { name: phone.person.first_name });
  const menu = message.deleted ? null : signButton("more", word("message_menu"), (event) => phone.menuFor(message, event.currentTarget), {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  });
  const classes = ["message", message.from_bot ? "theirs" : "own"];
  if (message.deleted) classes.push("deleted");
  if (message.protect_content) classes.push("kept");
  if (message.keyboard.length && !message.deleted) classes.push("keyed");
  if (message.kind === "service") classes.push("service");
  return make("li", { class: classes.join(" "), "data-id": message.message_id },
    make("div", { class: "line" },
      make("div", {
        class: "bubble",
        oncontextmenu: (event) => {
          if (message.deleted || getSelection().toString()) return;
          event.preventDefault();
          phone.menuFor(message, menu, { x: event.clientX, y: event.clientY });
        },
      }, make("span", { class: "unseen" }, who), quote(message, phone), attachment(message), deletedNote(message, phone), body, meta(message)),
      menu),
    keyboard(message, phone));
}
