// The fields of a question and what is said after its answer: for the quiz of a lesson and for exams. Native
// fields bring the keyboard. `script` puts this file before the widget's own.

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

// Put an answer that was given into the fields.
function refill(form, question, answer) {
  if (answer === null) return;
  const inputs = [...form.querySelectorAll(".kl-choice input")];
  for (const input of inputs) input.checked = answer.includes(input.value);
  const selects = [...form.querySelectorAll("select")];
  const values = question.kind === "match" ? question.prompts.map(([id]) => answer[id]) : answer;
  selects.forEach((select, row) => { select.value = values[row] ?? ""; });
  const number = form.querySelector('input[type="number"]');
  if (number) number.value = answer;
}

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
