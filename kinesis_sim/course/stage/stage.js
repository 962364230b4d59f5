// A widget without Jupyter: what its script sends goes to this page's own server, one wish at a time, and
// the state that comes back is what the kernel would have synced.

const at = location.pathname.split("/").at(-2) ?? ""; // "", or which of the two side by side
const listeners = new Map();
let state = {};
let dirty = {};
let under = Promise.resolve();

function take(fresh) {
  const changed = Object.keys(fresh).filter((key) => JSON.stringify(fresh[key]) !== JSON.stringify(state[key]));
  Object.assign(state, fresh);
  for (const key of changed) for (const react of listeners.get(`change:${key}`) ?? []) react();
}
async function answered(wish) {
  const body = JSON.stringify({ ...wish, at });
  const answer = await fetch("/wish", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (answer.ok) take(await answer.json());
}
const ask = (wish) => (under = under.then(() => answered(wish)).catch(() => {})); // silence is told by the widget
const model = {
  get: (key) => state[key],
  set(key, value) {
    dirty[key] = value;
    take({ [key]: value });
  },
  save_changes() {
    const changes = dirty;
    dirty = {};
    ask({ state: changes });
  },
  send: (content) => ask({ content }),
  on: (name, react) => listeners.set(name, [...(listeners.get(name) ?? []), react]),
  off: (name, react) => listeners.set(name, (listeners.get(name) ?? []).filter((other) => other !== react)),
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const coloured = () => (document.body.dataset.jpThemeLight = String(!dark.matches));
dark.addEventListener("change", coloured);
coloured();
async function begin() {
  state = await (await fetch("state")).json();
  const { default: widget } = await import(new URL("widget.js", location.href).href);
  widget.render({ model, el: document.getElementById("here") });
  document.addEventListener("keydown", heard);
}
/** A key pressed with nothing in focus is the widget's: nothing else is on this page. */
function heard(event) {
  const root = document.getElementById("here")?.firstElementChild;
  if (event.target !== document.body || !root) return;
  if (!root.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
}
begin();
