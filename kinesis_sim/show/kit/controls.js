// Controls that several widgets have: a named slider, a choice, fields of a form, and playing a history.

const ICONS = { play: "M4 2.5v11l9-5.5z", pause: "M4 3h3v10H4zM9.5 3h3v10h-3z" };
const CALM_MS = 1200; // per moment, for who prefers reduced motion

function slider({ name, label, steps }) {
  const said = html("b", { "aria-hidden": "true" }); // the slider itself says it
  const input = html("input", { type: "range", min: 0, max: steps.length - 1, step: 1, "data-name": name });
  const say = () => {
    said.textContent = steps[input.value];
    input.setAttribute("aria-valuetext", steps[input.value]);
    input.style.setProperty("--place", `${(input.value / (steps.length - 1)) * 100}%`);
  };
  input.addEventListener("input", say);
  return { input, say, node: html("label", {}, html("span", {}, label, said), input) };
}

function choice({ name, label, steps }) {
  const options = steps.map((step, place) => html("option", { value: place }, step));
  const input = html("select", { "data-name": name }, ...options);
  return { input, say: () => {}, node: html("label", {}, html("span", {}, label), input) };
}

/** What the head and the foot of a picture consist of; it puts more beside them. @returns {any} */
function pageParts() {
  return {
    title: html("strong", { class: "kl-title" }),
    subtitle: html("span", { class: "kl-quiet-text" }),
    time: html("strong", { class: "kl-time" }),
    legend: html("div", { class: "kl-legend" }),
    notice: html("p", { role: "status", class: "kl-notice" }),
    reply: html("p", { role: "status", class: "kl-reply" }),
  };
}

function playButton(words) {
  const icon = svg("path", { d: ICONS.play });
  const play = quiet(html("button", { type: "button", class: "kl-play", "aria-label": words["control.play"] },
    svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, icon)));
  return { play, icon };
}

// A slider over time stands at a place from 0 to 1, and says the instant.
function standAt(input, place, said) {
  input.value = Math.round(place * input.max);
  input.setAttribute("aria-valuetext", said);
  input.style.setProperty("--place", `${place * 100}%`);
}

// Buttons in a row are one stop of the tab key; arrows move between them.
function roving(bar) {
  const buttons = [...bar.children];
  const current = (chosen) => buttons.forEach((each) => each.setAttribute("tabindex", each === chosen ? 0 : -1));
  current(buttons[0]);
  bar.addEventListener("focusin", ({ target }) => current(target));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const place = buttons.indexOf(event.target) + step + buttons.length;
    buttons[place % buttons.length].focus();
    event.preventDefault();
  });
  return bar;
}

// Reacts to what changes in the model and to a node's width, until what it answers is called.
function living({ model, changes, node, layout, ended = () => {} }) {
  for (const [name, react] of Object.entries(changes)) model.on(`change:${name}`, react);
  const watcher = new ResizeObserver(layout);
  watcher.observe(node);
  return () => {
    ended();
    watcher.disconnect();
    for (const [name, react] of Object.entries(changes)) model.off(`change:${name}`, react);
  };
}

// PageUp and PageDown go ten steps of a slider.
function leaping(input, slid) {
  input.addEventListener("keydown", (event) => {
    const step = { PageUp: 10, PageDown: -10 }[event.key];
    if (!step) return;
    event.preventDefault();
    input.value = input.valueAsNumber + step;
    slid();
  });
}

// JupyterLab stops Enter in a field of an output before the browser would submit the form.
function enterSubmits(event, form) {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  event.stopPropagation();
  form.requestSubmit();
}

// Plays a history in `ms`, or from moment to moment for who prefers that. `rows` and `at` give what is shown
// now; `placeOf` and `instantAt` turn instants into places from 0 to 1 and back. The button plays and stops.
function player({ button, icon, words, ms, rows, at, show, placeOf, instantAt, stopped = () => {} }) {
  let playing;

  function next(step) {
    const { moments } = rows();
    return (step > 0 ? moments.find((moment) => moment > at()) : moments.findLast((moment) => moment < at())) ?? at();
  }
  const jump = (step) => show(next(step));
  function asPlaying(on) {
    button.setAttribute("aria-label", words[on ? "control.pause" : "control.play"]);
    icon.setAttribute("d", on ? ICONS.pause : ICONS.play);
  }
  function stop() {
    if (!playing) return;
    playing();
    playing = undefined;
    asPlaying(false);
    stopped();
  }
  function smoothly() {
    const from = placeOf(at());
    let started, frame = requestAnimationFrame(function move(now) {
      started ??= now;
      const place = from + (now - started) / ms;
      show(place >= 1 ? rows().now : instantAt(place));
      if (place >= 1) stop();
      else frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }
  function inSteps() {
    const timer = setInterval(() => (at() >= rows().now ? stop() : jump(1)), CALM_MS);
    return () => clearInterval(timer);
  }
  function play() {
    if (playing) return stop();
    if (at() >= rows().now) show(rows().begin);
    asPlaying(true);
    playing = matchMedia("(prefers-reduced-motion: reduce)").matches ? inSteps() : smoothly();
  }
  button.addEventListener("click", play);
  return { stop, jump, next };
}

