// The page's side of the exam: a model as widgets have it, whose kernel is the server that sent this page.
import exam from "../exam.js"; // at the root of the page, too

const place = /** @type {HTMLElement} */ (document.getElementById("exam"));
const lang = place.dataset.lang;
// A window keeps its seat at a reload, and another window has another.
const seat = sessionStorage.getItem("seat") ?? crypto.randomUUID();
sessionStorage.setItem("seat", seat);

// The widgets' colours follow what JupyterLab says of its theme; here the system says it.
const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => { document.body.dataset.jpThemeLight = String(!dark.matches); };
dark.addEventListener("change", shade);
shade();

const listeners = new Map();
const state = { ping: 0, pong: 0 };
let waiting = Promise.resolve();

function take(fresh) {
  for (const [name, value] of Object.entries(fresh)) {
    state[name] = value;
    for (const react of listeners.get(`change:${name}`) ?? []) react();
  }
}

async function ask(wish) {
  const answer = await fetch("/wish", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ seat, lang, wish }),
  });
  const told = await answer.json();
  if (answer.ok) take(told);
  else refused(told.message, wish);
}

// A wish that came to nothing is said where all else is said; before there is such a place, on the page itself.
function refused(message, { press }) {
  const said = document.createElement("p");
  said.textContent = message;
  if (state.view) take({ view: { ...state.view, press, say: said.innerHTML, tone: "bad" } });
  else place.append(said);
}

// Silence is said by what waits for "pong"; the view stays, and nothing waits for this wish any longer.
function unheard(wish) {
  take({ view: { ...state.view, press: wish.press } });
}

// One wish after the other, as they were made.
function send(wish) {
  waiting = waiting.then(() => ask(wish)).catch(() => unheard(wish));
  return waiting;
}

const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; },
  save_changes: () => fetch("/health").then(() => take({ pong: state.ping }), () => {}),
  send,
  on: (name, react) => listeners.set(name, [...(listeners.get(name) ?? []), react]),
  off: (name, react) => listeners.set(name, (listeners.get(name) ?? []).filter((other) => other !== react)),
};

await ask({ do: "look" });
if (state.view) exam.render({ model, el: place });
