// Passkeys, double clicks, forms that outlive a sign-in, files read into a field, and a word when the line is lost.
// Everything else is the server's.
"use strict";

const PAGE = "/console/sign-in";

function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function textOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpacked(asked) {
  const options = { ...asked, challenge: bytesOf(asked.challenge) };
  if (asked.user) options.user = { ...asked.user, id: bytesOf(asked.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (asked[list]) options[list] = asked[list].map((one) => ({ ...one, id: bytesOf(one.id) }));
  }
  return options;
}

function packed(credential) {
  const response = {};
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  for (const part of parts) {
    if (credential.response[part]) response[part] = textOf(credential.response[part]);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, type, rawId: textOf(credential.rawId), response, clientExtensionResults: {} });
}

async function post(path, fields) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
  return answer.json();
}

async function signIn(csrf) {
  const asked = await post("/console/sign-in/options", { csrf });
  if (asked.again) return asked.again;
  const publicKey = unpacked(asked.options);
  const credential = asked.enrols
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  const proved = await post("/console/sign-in/prove", { csrf, credential: packed(credential) });
  if (proved.refused) throw new Error("refused");
  return proved.to ?? PAGE;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("#passkey");
  if (!button) return;
  button.disabled = true;
  const refused = document.getElementById("passkey-refused");
  refused.hidden = true;
  try {
    location.assign(await signIn(button.dataset.csrf));
  } catch {
    refused.hidden = false;
    button.disabled = false;
    button.focus();
  }
});

// A form is sent only while whoever filled it in is signed in: until then everything typed stays in the page.
const HERE = "/console/here";

async function whoIsHere() {
  try {
    const answer = await fetch(HERE, { redirect: "manual", cache: "no-store" });
    return answer.ok ? await answer.json() : { who: null };
  } catch {
    return null;
  }
}

function say(what) {
  const box = document.getElementById("signed-out");
  box.hidden = what === null;
  for (const one of box.querySelectorAll("[data-when]")) one.hidden = one.dataset.when !== what;
}

async function mayBeSent() {
  const here = await whoIsHere();
  lineIs(here === null);
  if (here === null) return false;
  const isSame = here.who === document.body.dataset.reader;
  say(isSame ? null : here.who === null ? "ended" : "other");
  if (isSame) {
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = here.csrf;
  }
  return isSame;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const isGuarded = form.method === "post" && document.body.dataset.reader && !event.defaultPrevented;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  if (!isGuarded || form.dataset.may) {
    if ("stays" in form.dataset) setTimeout(() => allowAgain(form), 1000);
    return undefined;
  }
  event.preventDefault();
  form.dataset.may = (await mayBeSent()) ? "yes" : "";
  delete form.dataset.sent;
  if (form.dataset.may) form.requestSubmit(event.submitter);
  return undefined;
});

function allowAgain(form) {
  delete form.dataset.sent;
  delete form.dataset.may;
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) allowAgain(form);
});
document.addEventListener("visibilitychange", async () => {
  const box = document.getElementById("signed-out");
  if (document.visibilityState === "visible" && !box.hidden && (await mayBeSent())) {
    box.hidden = false;
    say("back");
  }
});

// What was typed and not sent is not left behind without a question.
function isChanged(form) {
  return [...form.elements].some((one) => one.tagName === "TEXTAREA" && one.value !== one.dataset.first);
}
for (const area of document.querySelectorAll("form[data-unsaved] textarea")) area.dataset.first ??= "";
window.addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll("form[data-unsaved]")];
  if (forms.some((form) => !form.dataset.sent && isChanged(form))) event.preventDefault();
});

// A file from one's own machine fills in the text field beneath; without script its text is pasted.
for (const chooser of document.querySelectorAll("input[data-fills]")) {
  chooser.parentElement.hidden = false;
  chooser.addEventListener("change", async () => {
    if (chooser.files.length) document.getElementById(chooser.dataset.fills).value = await chooser.files[0].text();
  });
}

function lineIs(lost) {
  document.getElementById("offline").hidden = !lost;
}
document.addEventListener("htmx:error", () => lineIs(true));
document.addEventListener("htmx:response:error", () => lineIs(true));
document.addEventListener("htmx:after:swap", () => lineIs(false));
