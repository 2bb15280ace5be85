/** The sandbox's clock: shown ticking, moved on request. */

import { get, post } from "./sandbox.js";
import { language, word } from "./words.js";

let ahead = 0;
let zone = "Europe/Copenhagen";

export const locale = () => (language() === "da" ? "da-DK" : "en-GB");

export function format(moment, options) {
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options }).format(moment);
}

export const sandboxNow = () => new Date(Date.now() + ahead);

export const hourOf = (moment) => format(moment, { hour: "2-digit", minute: "2-digit" });

export const dayOf = (moment) => format(moment, { weekday: "long", day: "numeric", month: "long" });

export const fullOf = (moment) => `${dayOf(moment)} ${hourOf(moment)}`;

function take(answer) {
  ahead = new Date(answer.now).getTime() - Date.now();
  zone = answer.zone;
  return word("clock_moved", { time: fullOf(sandboxNow()) });
}

export const readClock = async () => take(await get("clock"));

export const moveClock = async (wish) => take(await post("clock", wish));

/** The sandbox's present as a datetime-local field wants it. */
export function localField() {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    }).formatToParts(sandboxNow()).map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
