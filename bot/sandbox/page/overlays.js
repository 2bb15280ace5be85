/** Menus, dialogs and short notices. All can be used and left by keyboard. */

import { icon, make } from "./elements.js";
import { word } from "./words.js";

let openMenu = null;

export function closeMenu({ returnFocus = false } = {}) {
  if (!openMenu) return;
  const { element, anchor } = openMenu;
  openMenu = null;
  element.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (returnFocus) anchor.focus();
}

function place(element, anchor, point) {
  document.body.append(element);
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const edge = (anchor.closest(".phone")?.getBoundingClientRect().right ?? innerWidth) + 8;
  const left = point ? point.x : box.left + width <= edge ? box.left : box.right - width;
  const below = point ? point.y : box.bottom + 4;
  const top = below + height > innerHeight - 8 ? (point ? point.y : box.top - 4) - height : below;
  element.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  element.style.top = `${Math.max(8, top)}px`;
}

function walk(event, items) {
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length).focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    closeMenu({ returnFocus: true });
  }
}

/** Open a menu of `{ sign, label, act, isGrave }` at its button, or at a point. */
export function showMenu(anchor, entries, { label, point } = {}) {
  const wasHere = openMenu?.anchor === anchor;
  closeMenu();
  if (wasHere && !point) return;
  const items = entries.map(({ sign, label: text, act, isGrave }) =>
    make("button", {
      type: "button",
      role: "menuitem",
      class: isGrave ? "grave" : null,
      onclick: () => {
        closeMenu({ returnFocus: true });
        act();
      },
    }, sign ? icon(sign) : null, text));
  const element = make("div", { class: "menu", role: "menu", "aria-label": label, onkeydown: (e) => walk(e, items) }, ...items);
  openMenu = { element, anchor };
  anchor.setAttribute("aria-expanded", "true");
  place(element, anchor, point);
  items[0]?.focus();
}

/** Open a panel with any content at its button. */
export function showPopover(anchor, content, label) {
  const wasHere = openMenu?.anchor === anchor;
  closeMenu();
  if (wasHere) return;
  const leave = (event) => event.key === "Escape" && closeMenu({ returnFocus: true });
  const element = make("div", { class: "menu popover", role: "dialog", "aria-label": label, onkeydown: leave }, content);
  openMenu = { element, anchor };
  anchor.setAttribute("aria-expanded", "true");
  place(element, anchor);
  element.querySelector("input, button")?.focus();
}

for (const leaving of ["pointerdown", "focusin"]) {
  addEventListener(leaving, ({ target }) => {
    if (openMenu && !openMenu.element.contains(target) && !openMenu.anchor.contains(target)) closeMenu();
  });
}
addEventListener("resize", () => closeMenu());

/** Ask one thing. Resolves to the field's value (or true without a field), or to null when left. */
export function askPerson({ title, help, confirm, field, isGrave }) {
  return new Promise((resolve) => {
    const input = field && make("input", { id: "asked", autocomplete: "off", required: true, ...field.attributes });
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "asked-title" });
    const decide = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const form = make("form", {
      method: "dialog",
      onsubmit: (event) => {
        event.preventDefault();
        decide(input ? input.value : true);
      },
    },
    make("h2", { id: "asked-title" }, title),
    make("p", {}, help),
    input ? make("label", { for: "asked" }, field.label) : null,
    input ?? null,
    make("div", { class: "choices" },
      make("button", { type: "button", class: "quiet", onclick: () => decide(null) }, word("cancel")),
      make("button", { type: "submit", class: isGrave ? "firm grave" : "firm" }, confirm)));
    dialog.append(form);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      decide(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    input?.focus();
  });
}

/** Say something short in a corner, or inside an element; it goes by itself. */
export function toast(text, inside = document.body) {
  let tray = inside.querySelector(":scope > .toasts");
  if (!tray) {
    tray = make("div", { class: "toasts", role: "status" });
    inside.append(tray);
  }
  const note = make("p", { class: "toast" }, text);
  tray.append(note);
  setTimeout(() => note.remove(), 3200 + text.length * 45);
}

/** Show an answer that wants to be acknowledged. */
export function alertIn(inside, text) {
  const box = make("div", { class: "alert", role: "alertdialog", "aria-modal": "false", "aria-label": text },
    make("p", {}, text),
    make("button", { type: "button", class: "firm", onclick: () => box.remove() }, word("ok")));
  inside.append(box);
  box.querySelector("button").focus();
}
