/** What the page asks of the sandbox. */

async function ask(path, options) {
  const answer = await fetch(`/_control/${path}`, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error ?? answer.statusText);
  return body;
}

export const get = (path) => ask(path);

export const post = (path, wish = {}) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish) });

/** Call `onChats` with the ids that moved on, and `onState` whenever the line opens or breaks. */
export function listen(onChats, onState) {
  const events = new EventSource("/_control/events");
  events.onopen = () => onState(true);
  events.onerror = () => onState(false);
  events.onmessage = (event) => onChats(JSON.parse(event.data).chats);
}
