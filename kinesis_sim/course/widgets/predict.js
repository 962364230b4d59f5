// A question that the learner answers before running the next cell. The kernel keeps the answer and
// writes `status` and `tone`; nothing is judged here. Native fields bring the keyboard.

let groups = 0;

// JupyterLab's shortcuts (arrows, Enter, digits) must not fire on what has the focus; it looks for
// this attribute on the focused element itself.
const QUIET = { "data-lm-suppress-shortcuts": "true" };

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function withHtml(tag, attributes, html) {
  const node = element(tag, attributes);
  node.innerHTML = html; // made and escaped by the kernel
  return node;
}

function choiceRow(group, [id, html]) {
  const input = element("input", { ...QUIET, type: "radio", name: group, value: id });
  return element("label", { class: "kl-choice" }, input, withHtml("span", {}, html));
}

function numberRow(labels, unit) {
  const input = element("input", { ...QUIET, type: "number", step: "any" });
  return element("label", { class: "kl-number" }, labels.number, input, unit);
}

function answerIn(form) {
  const number = form.querySelector('input[type="number"]');
  if (number) return number.value === "" ? null : number.valueAsNumber;
  return form.querySelector("input:checked")?.value ?? null;
}

// JupyterLab stops Enter in a field of an output before the browser would submit the form.
function enterSubmits(event, form) {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  event.stopPropagation();
  form.requestSubmit();
}

function render({ model, el }) {
  const labels = model.get("labels");
  const group = `kl-predict-${(groups += 1)}`;
  const choices = model.get("choices");
  const rows = choices.length
    ? choices.map((choice) => choiceRow(group, choice))
    : [numberRow(labels, model.get("unit"))];
  const status = element("p", { role: "status", class: "kl-status" });
  const form = element("form", { class: "kinesis-lab kl-predict" },
    element("p", { class: "kl-kicker" }, labels.title),
    element("fieldset", {}, withHtml("legend", {}, model.get("question")), ...rows),
    element("div", { class: "kl-foot" },
      element("button", { ...QUIET, type: "submit" }, labels.keep), status),
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
  }

  form.addEventListener("submit", submit);
  form.addEventListener("keydown", (event) => enterSubmits(event, form));
  model.on("change:status", showStatus);
  model.on("change:guess", showGuess);
  showGuess();
  showStatus();
  el.append(form);
  return () => {
    model.off("change:status", showStatus);
    model.off("change:guess", showGuess);
  };
}

export default { render };
