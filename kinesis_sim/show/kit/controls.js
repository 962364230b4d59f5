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
// now; `placeOf` and `instantAt` turn instants into places from 0 to 1 and back.
function player({ button, icon, words, ms, rows, at, show, placeOf, instantAt, stopped = () => {} }) {
  let playing;

  function jump(step) {
    const { moments } = rows();
    const next = step > 0 ? moments.find((moment) => moment > at()) : moments.findLast((moment) => moment < at());
    show(next ?? at());
  }
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
  return { play, stop, jump };
}

