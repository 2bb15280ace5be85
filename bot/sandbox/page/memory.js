/** What this browser remembers between visits: choices, drafts, and how far each chat was read. */

const NAME = "sandbox";

function read() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? {};
  } catch {
    return {};
  }
}

const kept = read();

export const recall = (name, otherwise) => kept[name] ?? otherwise;

export function remember(name, value) {
  kept[name] = value;
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    /* a browser that keeps nothing still works until it is closed */
  }
}
