// The questions of a lesson, one fieldset each. An answer goes to the kernel; only then do the key and
// the explanations come back, as an entry of `results`.

let quizzes = 0;

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
    refill(form, question, result.answer); // as it was given, perhaps on another day
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
    { class: "kinesis-lab kl-quiz kl-asking", "aria-label": model.get("title") },
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
