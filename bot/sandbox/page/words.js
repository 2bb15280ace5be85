/** The page's own words, in the language chosen. */

const catalogues = {};
let chosen = "da";

export async function loadWords(language) {
  for (const code of ["da", "en"]) {
    catalogues[code] ??= await (await fetch(`words.${code}.json`)).json();
  }
  chosen = catalogues[language] ? language : "da";
  document.documentElement.lang = chosen;
}

export const language = () => chosen;

/** The word for a key, its {placeholders} filled in; an unknown key shows itself. */
export function word(key, values = {}) {
  const text = catalogues[chosen][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const hasWord = (key) => key in catalogues[chosen];

export function unreadWord(count) {
  return count === 1 ? word("unread_one") : word("unread", { count });
}
