// Passkeys, double clicks, files read into a field, and a word when the line is lost. Everything else is the server's.
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

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
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
