/** Elements without templates: text is always text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  send: "M4 12 20 4l-5 16-4-6.500Z",
  plus: "M12 5v14M5 12h14",
  more: "M12 5.500v.01M12 12v.01M12 18.500v.01",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 6 4 11l6 5v-3.500c5 0 8 1 10 5-.500-6-4-9.500-10-9.500Z",
  edit: "M5 19h3.500L19 8.500 15.500 5 5 15.500Z",
  check: "M5 12.500 10 17 19 7",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6Z",
  photo: "M4 5h16v14H4ZM4 16l5-5 4 4 3-2.500 4 3.500M15.500 9v.01",
  sticker: "M5 5h14v9l-5 5H5ZM14 19v-5h5M9 10v.01M14 10v.01",
  voice: "M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4ZM6.500 11a5.500 5.500 0 0 0 11 0M12 16.500V20",
  document: "M7 3.500h7l4 4V20.500H7ZM14 3.500v4h4M10 12h5M10 15.500h5",
  contact: "M12 4a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7ZM5 20c.500-4 3-6 7-6s6.500 2 7 6",
  location: "M12 3.500a6 6 0 0 1 6 6c0 4-6 11-6 11s-6-7-6-11a6 6 0 0 1 6-6ZM12 9.500v.01",
  down: "M6 9l6 6 6-6",
  people: "M9 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM3.500 19c.300-3.500 2.200-5 5.500-5s5.200 1.500 5.500 5M16 6a2.500 2.500 0 1 1 0 5M17 14c2.200.300 3.300 1.800 3.500 4.500",
  panel: "M4 5h16v14H4ZM14.500 5v14",
};

/** Make an element: `make("button", { class: "x", onclick: f }, "text", other)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.document);
  svg.append(path);
  return svg;
}

/** A button that shows a sign and says in words what it does. */
export function signButton(sign, label, onclick, extra = {}) {
  return make("button", { type: "button", class: "sign", "aria-label": label, title: label, onclick, ...extra }, icon(sign));
}
