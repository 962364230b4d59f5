// A question that the learner answers before running the next cell. The kernel keeps the answer and
// writes `status` and `tone`; nothing is judged here. Native fields bring the keyboard.

let groups = 0;

// JupyterLab's shortcuts (arrows, Enter, digits) must not fire on what has the focus; it looks for
// this attribute on the focused element itself.
const QUIET = { "data-lm-suppress-shortcuts": "true" };

function choiceRow(group, [id, said]) {
  const input = html("input", { ...QUIET, type: "radio", name: group, value: id });
  return html("label", { class: "kl-choice" }, input, withHtml("span", {}, said));
}

function numberRow(labels, unit) {
  const input = html("input", { ...QUIET, type: "number", step: "any" });
  return html("label", { class: "kl-number" }, labels.number, input, unit);
}

function answerIn(form) {
  const number = form.querySelector('input[type="number"]');
  if (number) return number.value === "" ? null : number.valueAsNumber;
  return form.querySelector("input:checked")?.value ?? null;
}

// Shift+Enter leaves the next cell selected. Then, and only then, the question takes the focus, so that the
// keyboard is where the answer goes; running all cells, or going on by hand, moves nothing.
function takeFocus(el, form) {
  const next = el.closest(".jp-Cell")?.nextElementSibling;
  if (!next?.classList.contains("jp-mod-active") || next.contains(document.activeElement?.closest(".cm-editor") ?? null)) return;
  form.querySelector("input")?.focus();
}

// What is kept leads on: the next cell takes the focus, so that Shift+Enter runs it. In a field it would do
// nothing, as JupyterLab's keys are the field's there.
function goOn(el) {
  const next = el.closest(".jp-Cell")?.nextElementSibling;
  if (next?.classList.contains("jp-Cell")) next.focus();
}

function render({ model, el }) {
  const labels = model.get("labels");
  const group = `kl-predict-${(groups += 1)}`;
  const choices = model.get("choices");
  const rows = choices.length
    ? choices.map((choice) => choiceRow(group, choice))
    : [numberRow(labels, model.get("unit"))];
  const status = html("p", { role: "status", class: "kl-status" });
  const form = html("form", { class: "kinesis-lab kl-predict" },
    html("p", { class: "kl-kicker" }, labels.title),
    html("fieldset", {}, withHtml("legend", {}, model.get("question")), ...rows),
    html("div", { class: "kl-foot" },
      html("button", { ...QUIET, type: "submit" }, labels.keep), status),
  );

  function say(text, tone) {
    status.innerHTML = text;
    status.dataset.tone = tone;
  }
  function showGuess() {
    const guess = model.get("guess");
    if (guess === null) return;
    const number = form.querySelector('input[type="number"]');
    if (number) number.value = guess;
    else for (const radio of form.querySelectorAll("input")) radio.checked = radio.value === guess;
  }
  function showStatus() {
    say(model.get("status"), model.get("tone"));
  }
  function submit(event) {
    event.preventDefault();
    const answer = answerIn(form);
    if (answer === null) return say(labels.missing, "wait");
    model.set("guess", answer);
    model.save_changes();
    goOn(el);
  }

  form.addEventListener("submit", submit);
  form.addEventListener("keydown", (event) => enterSubmits(event, form));
  model.on("change:status", showStatus);
  model.on("change:guess", showGuess);
  showGuess();
  showStatus();
  el.append(form);
  if (model.get("guess") === null) requestAnimationFrame(() => takeFocus(el, form));
  return () => {
    model.off("change:status", showStatus);
    model.off("change:guess", showGuess);
  };
}

export default { render };
