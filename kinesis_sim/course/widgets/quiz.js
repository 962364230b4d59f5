// The questions of a lesson, one fieldset each. An answer goes to the kernel; only then do the key and
// the explanations come back, as an entry of `results`. Native fields bring the keyboard.

let quizzes = 0;

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

function plain(html) {
  return withHtml("span", {}, html).textContent;
}

// Each kind of question is a pair: the fields it shows, and the answer that stands in them (null: blank).

function ticks(type) {
  return {
    fields: (question, group) =>
      question.options.map(([id, html]) => {
        const input = element("input", { type, name: group, value: id });
        return element("label", { class: "kl-choice" }, input, withHtml("span", {}, html));
      }),
    answer: (form) => {
      const chosen = [...form.querySelectorAll("input:checked")].map((input) => input.value);
      return chosen.length ? chosen : null;
    },
  };
}

function picker(rowHtml, options, labels) {
  const choices = options.map(([id, html]) => element("option", { value: id }, plain(html)));
  const select = element("select", {}, element("option", { value: "" }, labels.choose), ...choices);
  return element("label", { class: "kl-picker" }, withHtml("span", {}, rowHtml), select);
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
  },
  match: {
    fields: (question, group, labels) =>
      question.prompts.map(([, html]) => picker(html, question.options, labels)),
    answer: (form, question) => {
      const values = picked(form);
      return values && Object.fromEntries(question.prompts.map(([id], row) => [id, values[row]]));
    },
  },
  numeric: {
    fields: (question, group, labels) => {
      const input = element("input", { type: "number", step: "any", inputmode: "decimal" });
      return [element("label", { class: "kl-number" }, labels.number, input, plain(question.unit))];
    },
    answer: (form) => {
      const input = form.querySelector("input");
      return input.value === "" ? null : input.valueAsNumber;
    },
  },
};

function explanation({ text, marks, why }) {
  const mark = marks ? [element("span", { class: "kl-mark" }, marks)] : [];
  const option = withHtml("strong", {}, text);
  return element("li", {}, option, ...mark, element("br"), withHtml("span", {}, why));
}

function explanations(result) {
  const nodes = result.why ? [withHtml("p", {}, result.why)] : [];
  if (result.options.length) nodes.push(element("ul", {}, ...result.options.map(explanation)));
  nodes.push(...result.sources.map((source) => withHtml("p", { class: "kl-source" }, source)));
  return nodes;
}

function questionForm(model, question, group) {
  const labels = model.get("labels");
  const kind = KINDS[question.kind];
  const legend = element("legend", {},
    element("span", { class: "kl-kicker" }, question.label),
    withHtml("span", { class: "kl-stem" }, `${question.stem} ${question.instruction}`));
  const fields = element("fieldset", {}, legend, ...kind.fields(question, group, labels));
  const button = element("button", { type: "submit" }, labels.answer);
  const status = element("p", { role: "status", class: "kl-status", tabindex: "-1" });
  const why = element("div", { class: "kl-why" });
  const form = element("form", { class: "kl-question" }, fields, button, status, why);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = kind.answer(form, question);
    if (answer === null) {
      status.textContent = labels.blank;
      status.dataset.tone = "wait";
      return;
    }
    model.set("submitted", { ...model.get("submitted"), [question.id]: answer });
    model.save_changes();
  });

  function show(result) {
    if (!result || form.dataset.answered) return;
    const focused = form.contains(document.activeElement);
    form.dataset.answered = "true";
    for (const field of form.querySelectorAll("input, select")) field.disabled = true;
    button.remove();
    status.innerHTML = result.verdict;
    status.dataset.tone = result.right ? "good" : "bad";
    why.append(...explanations(result));
    if (focused) status.focus(); // the button that had the focus is gone
  }
  return { form, show };
}

function render({ model, el }) {
  const quiz = (quizzes += 1);
  const questions = model.get("questions");
  const forms = questions.map((question, number) =>
    questionForm(model, question, `kl-quiz-${quiz}-${number}`));
  const score = element("p", { role: "status", class: "kl-score" });
  const root = element("section",
    { class: "kinesis-lab kl-quiz", "aria-label": model.get("title"), "data-lm-suppress-shortcuts": "true" },
    element("p", { class: "kl-title" }, model.get("title")),
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
