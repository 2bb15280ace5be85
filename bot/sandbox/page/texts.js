/** A message's text with what is marked in it: bold, links, code. */

import { make } from "./elements.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "code", blockquote: "q" };

function linkFor(entity, text) {
  if (entity.type === "text_link") return entity.url;
  if (entity.type === "url") return /^https?:/.test(text) ? text : `https://${text}`;
  return entity.type === "email" ? `mailto:${text}` : null;
}

function wrapped(entity, text, inner, onLink, onCommand) {
  const link = linkFor(entity, text);
  if (link && /^(https?:|mailto:|tg:)/.test(link)) {
    return make("a", { href: link, target: "_blank", rel: "noreferrer", onclick: (event) => onLink(event, link) }, inner);
  }
  if (entity.type === "bot_command") {
    return make("button", { type: "button", class: "command", onclick: () => onCommand(text) }, inner);
  }
  if (entity.type === "spoiler") return make("span", { class: "spoiler", tabindex: "0" }, inner);
  return TAGS[entity.type] ? make(TAGS[entity.type], {}, inner) : inner;
}

/** A fragment in which every entity covers exactly its part of the text, nested ones included. */
export function withMarks(text, entities, onLink, onCommand) {
  const fragment = document.createDocumentFragment();
  const edges = new Set([0, text.length]);
  for (const { offset, length } of entities) edges.add(offset).add(Math.min(offset + length, text.length));
  const sorted = [...edges].sort((a, b) => a - b);
  for (let i = 0; i + 1 < sorted.length; i += 1) {
    const [from, to] = [sorted[i], sorted[i + 1]];
    let node = document.createTextNode(text.slice(from, to));
    for (const entity of entities.toReversed()) {
      if (entity.offset <= from && to <= entity.offset + entity.length) {
        const whole = text.slice(entity.offset, entity.offset + entity.length);
        node = wrapped(entity, whole, node, onLink, onCommand);
      }
    }
    fragment.append(node);
  }
  return fragment;
}
