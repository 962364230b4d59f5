// The questions of a lesson, one fieldset each. An answer goes to the kernel; only then do the key and
// the explanations come back, as an entry of `results`. Native fields bring the keyboard.

let quizzes = 0;

// JupyterLab's shortcuts (arrows, Enter, digits) must not fire on what has the focus; it looks for
// this attribute on the focused element itself.
const QUIET = { "data-lm-suppress-shortcuts": "true" };

function plain(said) {
  return withHtml("span", {}, said).textContent;
}

// Each kind of question is a pair: the fields it shows, and the answer that stands in them (null: blank).

function ticks(type) {
  return {
    fields: (question, group) =>
      question.options.map(([id, said]) => {
        const input = html("input", { ...QUIET, type, name: group, value: id });
        return html("label", { class: "kl-choice" }, input, withHtml("span", {}, said));
      }),
    answer: (form) => {
      const chosen = [...form.querySelectorAll("input:checked")].map((input) => input.value);
      return chosen.length ? chosen : null;
    },
  };
}

function picker(rowHtml, options, labels) {
  const choices = options.map(([id, said]) => html("option", { value: id }, plain(said)));
  const select = html("select", QUIET, html("option", { value: "" }, labels.choose), ...choices);
  return html("label", { class: "kl-picker" }, withHtml("span", {}, rowHtml), select);
}

// A place takes an answer that no other place has: what is taken elsewhere is greyed.
function grey(form) {
  const selects = [...form.querySelectorAll("select")];
  for (const select of selects) {
    const taken = selects.filter((other) => other !== select).map((other) => other.value);
    for (const option of select.options) option.disabled = option.value !== "" && taken.includes(option.value);
  }
}

function picked(form) {
  const values = [...form.querySelectorAll("select")].map((select) => select.value);
  return values.includes("") ? null : values;
}

const KINDS = {
  single: ticks("radio"),
  multi: ticks("checkbox"),
  order: {
    fields: (question, group, labels) =>
      question.options.map((_, place) =>
        picker(labels.place.replace("#", place + 1), question.options, labels)),
    answer: picked,
    once: true,
  },
  match: {
    fields: (question, group, labels) =>
      question.prompts.map(([, said]) => picker(said, question.options, labels)),
    answer: (form, question) => {
      const values = picked(form);
      return values && Object.fromEntries(question.prompts.map(([id], row) => [id, values[row]]));
    },
  },
  numeric: {
    fields: (question, group, labels) => {
      const input = html("input", { ...QUIET, type: "number", step: "any" });
      return [html("label", { class: "kl-number" }, labels.number, input, plain(question.unit))];
    },
    answer: (form) => {
      const input = form.querySelector("input");
      return input.value === "" ? null : input.valueAsNumber;
    },
  },
};

function marked({ marks, right }) {
  return marks ? [html("span", { class: "kl-mark", "data-right": right }, marks)] : [];
}

// The explanations stand where the options stand; where options are picked from lists, below them.
function explain(result, question, form, why) {
  if (result.why) why.append(withHtml("p", {}, result.why));
  const rows = form.querySelectorAll(".kl-choice");
  question.options.forEach(([, said], place) => {
    const option = result.options[place];
    const text = withHtml("span", { class: "kl-because" }, option.why);
    if (rows.length) rows[place].lastChild.append(...marked(option), text);
    else why.append(html("p", {}, withHtml("strong", {}, said), text));
  });
  why.append(...result.sources.map((source) => withHtml("p", { class: "kl-source" }, source)));
}

// The experiment behind the answer: run by the kernel when asked for.
function prover(model, question, labels) {
  const button = html("button", { ...QUIET, type: "button", class: "kl-show-me" }, labels["show-me"]);
  const proof = html("div", { class: "kl-proof", "aria-live": "polite" });
  button.addEventListener("click", () => {
    model.set("asked", "");
    model.set("asked", question.id);
    model.save_changes();
  });
  model.on("change:proofs", () => {
    const told = model.get("proofs")[question.id];
    if (told) proof.innerHTML = told; // made and escaped by the kernel
  });
  return html("div", {}, button, proof);
}

function questionForm(model, question, group, given) {
  const labels = model.get("labels");
  const kind = KINDS[question.kind];
  const legend = html("legend", {},
    html("span", { class: "kl-kicker" }, question.label),
    withHtml("span", { class: "kl-stem" }, `${question.stem} ${question.instruction}`));
  const fields = html("fieldset", {}, legend, ...kind.fields(question, group, labels));
  const button = html("button", { ...QUIET, type: "submit" }, labels.answer);
  const status = html("p", { ...QUIET, role: "status", class: "kl-status", tabindex: "-1" });
  const why = html("div", { class: "kl-why" });
  const foot = html("div", { class: "kl-foot" }, button, status);
  const form = html("form", { class: "kl-question" }, fields, foot, why);

  function want(text) {
    status.textContent = text;
    status.dataset.tone = "wait";
  }

  if (kind.once) form.addEventListener("change", () => grey(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = kind.answer(form, question);
    if (answer === null) return want(labels.blank);
    if (question.more && answer.length !== question.count) return want(question.more);
    if (kind.once && new Set(answer).size < answer.length) return want(labels.twice);
    given[question.id] = answer;
    model.set("submitted", { ...model.get("submitted"), ...given });
    model.save_changes();
  });

  form.addEventListener("keydown", (event) => enterSubmits(event, form));

  function show(result) {
    if (!result || form.dataset.answered) return;
    const focused = form.contains(document.activeElement);
    form.dataset.answered = "true";
    for (const field of form.querySelectorAll("input, select")) field.disabled = true;
    button.remove();
    status.innerHTML = result.verdict;
    status.dataset.tone = result.right ? "good" : "bad";
    explain(result, question, form, why);
    if (result.provable) why.append(prover(model, question, labels));
    if (focused) status.focus(); // the button that had the focus is gone
  }
  return { form, show };
}

function render({ model, el }) {
  const quiz = (quizzes += 1);
  const questions = model.get("questions");
  const given = {}; // what was answered here: the kernel's echo of an earlier answer knows no later one
  const forms = questions.map((question, number) =>
    questionForm(model, question, `kl-quiz-${quiz}-${number}`, given));
  const score = html("p", { role: "status", class: "kl-score" });
  const root = html("section",
    { class: "kinesis-lab kl-quiz", "aria-label": model.get("title") },
    html("p", { class: "kl-title" }, model.get("title")),
    ...forms.map(({ form }) => form),
    score,
  );

  function refresh() {
    const results = model.get("results");
    questions.forEach((question, number) => forms[number].show(results[question.id]));
    score.textContent = model.get("score");
  }
  model.on("change:results", refresh);
  refresh();
  el.append(root);
  return () => model.off("change:results", refresh);
}

export default { render };
