// Exam preparation: a hall to choose in, one question at a time, a report. The engine behind it keeps every
// answer; what is shown here is its `view`, and what is pressed goes back as a wish. The same script runs in a
// notebook and on the page, where a small model stands for the kernel.

const ALARMS = [10, 5, 1]; // minutes left that are said aloud
const MINUTE_MS = 60000;
const LOOK_MS = 500; // between looks at a JupyterLab that starts in a tab of its own
const LOOKS = 240; // two minutes
const LEADS = 4; // times that the cell is looked for: what is drawn above it pushes it away
const MOVING = new Set(["go", "practice", "mock", "resume", "home", "end"]);
let exams = 0;

// The focus stays where it was when a view is drawn anew: by these names.
function named(name, node) {
  node.dataset.name = name;
  return quiet(node);
}

function pressed(name, label, act) {
  const button = named(name, html("button", { type: "button" }, label));
  button.addEventListener("click", act);
  return button;
}

function field(label, input) {
  return html("label", { class: "kl-field" }, html("span", {}, label), input);
}

function picking(name, rows, chosen) {
  const options = rows.map(([value, said]) => html("option", { value }, said));
  const select = /** @type {HTMLSelectElement} */ (named(name, html("select", {}, ...options)));
  if (chosen) select.value = chosen;
  return select;
}

// --- the hall -----------------------------------------------------------------------------------------------

function hallForm(title, about, fields, button, act) {
  const form = html("form", { class: "kl-hall" },
    html("h3", {}, title), html("p", { class: "kl-about" }, about), html("div", { class: "kl-fields" }, ...fields, button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
  return form;
}

function submitting(name, label) {
  return named(name, html("button", { type: "submit" }, label));
}

function practiceForm(hall, labels, wish) {
  const what = picking("what", hall.practice, hall.practice[0][0]);
  const count = picking("practice-count", hall.counts.map((n) => [n, n]), 10);
  return hallForm(labels["hall.practice"], labels["hall.practice-about"],
    [field(labels["hall.what"], what), field(labels["hall.questions"], count)],
    submitting("begin-practice", labels["hall.begin-practice"]),
    () => wish({ do: "practice", what: what.value, count: Number(count.value) }));
}

function mockForm(hall, labels, wish) {
  const exam = picking("exam", hall.exams);
  const count = picking("mock-count", hall.counts.map((n) => [n, n]), 20);
  const pace = picking("pace", hall.paces);
  const fields = [field(labels["hall.exam"], exam), field(labels["hall.questions"], count), field(labels["hall.time"], pace)];
  return hallForm(labels["hall.mock"], labels["hall.mock-about"], fields,
    submitting("begin-mock", labels["hall.begin-mock"]),
    () => wish({ do: "mock", exam: exam.value, count: Number(count.value), pace: pace.value }));
}

function goalForm(hall, labels, wish) {
  const exam = picking("goal-exam", hall.exams);
  const day = /** @type {HTMLInputElement} */ (named("day", html("input", { type: "date", min: hall.today })));
  const form = hallForm(labels["hall.goal"], labels["hall.goal-about"],
    [field(labels["hall.exam"], exam), field(labels["hall.day"], day)],
    submitting("keep-day", labels["hall.keep-day"]),
    () => wish({ do: "goal", family: exam.value, day: day.value }));
  form.append(...hall.goals.map((said) => html("p", {}, said)));
  return form;
}

function drawHall({ hall }, labels, wish) {
  const parts = [html("p", {}, hall.standing)];
  if (hall.open) {
    const [sitting, said] = hall.open;
    const go = pressed("go-on", labels["hall.go-on"], () => wish({ do: "resume", sitting }));
    parts.push(html("p", { class: "kl-open" }, said, " ", go));
  }
  parts.push(practiceForm(hall, labels, wish), mockForm(hall, labels, wish), goalForm(hall, labels, wish));
  if (hall.last) {
    parts.push(pressed("last", labels["hall.review"], () => wish({ do: "resume", sitting: hall.last })));
  }
  parts.push(html("p", { class: "kl-about" }, labels.notice));
  return parts;
}

// --- a question ---------------------------------------------------------------------------------------------

function evidence(place, proof, labels, wish) {
  const button = pressed(`show-${place}`, labels["report.show-me"], () => wish({ do: "show", question: place }));
  const shown = html("div", { class: "kl-proof" });
  shown.innerHTML = proof; // made and escaped by the kernel
  for (const code of shown.querySelectorAll("pre")) named(`code-${place}`, code).tabIndex = 0; // it scrolls
  return html("div", {}, button, shown);
}

function learned(result, place, proof, labels, wish) {
  const parts = result.taught ? [withHtml("p", { class: "kl-taught" }, result.taught)] : [];
  return result.provable ? [...parts, evidence(place, proof, labels, wish)] : parts;
}

// A mock exam keeps what is chosen at once; in practice a button asks for the verdict.
function listen(form, view, tools) {
  const { question } = view;
  const { asked } = question;
  const place = question.number - 1;
  const kind = KINDS[asked.kind];
  const send = (answer) => tools.wish({ do: "answer", question: place, answer });
  form.addEventListener("change", (event) => {
    if (kind.once) grey(form);
    const chosen = form.querySelectorAll('input[type="checkbox"]:checked').length;
    if (asked.kind === "multi" && chosen > asked.count) {
      event.target.checked = false;
      tools.tell(tools.labels["sitting.too-many"].replace("{count}", asked.count), "wait");
    } else if (question.mode === "mock") {
      send(kind.answer(form, asked));
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = kind.answer(form, asked);
    if (question.mode === "mock" || question.result) return;
    if (answer === null) return tools.tell(tools.labels.blank, "wait");
    if (asked.more && answer.length !== asked.count) return tools.tell(asked.more, "wait");
    if (kind.once && new Set(answer).size < answer.length) return tools.tell(tools.labels.twice, "wait");
    send(answer);
  });
  form.addEventListener("keydown", (event) => enterSubmits(event, form));
}

function drawForm(view, tools, group) {
  const { question } = view;
  const { asked, result } = question;
  const { labels, wish } = tools;
  const legend = named("stem", html("legend", { tabindex: "-1" },
    html("span", { class: "kl-kicker" }, asked.label),
    withHtml("span", { class: "kl-stem" }, `${asked.stem} ${asked.instruction}`)));
  const fields = KINDS[asked.kind].fields(asked, group, labels);
  const form = html("form", { class: "kl-question" }, html("fieldset", {}, legend, ...fields));
  refill(form, asked, question.answer);
  form.querySelectorAll("input, select").forEach((input, n) => named(`field-${n}`, input));
  listen(form, view, tools);
  if (result) {
    const why = html("div", { class: "kl-why" });
    for (const input of form.querySelectorAll("input, select")) input.disabled = true;
    explain(result, asked, form, why);
    if (view.say !== result.verdict) why.prepend(withHtml("p", { class: "kl-status" }, result.verdict));
    form.append(why, ...learned(result, question.number - 1, question.proof, labels, wish));
  } else if (question.mode === "practice") {
    form.append(submitting("check", labels["sitting.check"]));
  }
  return form;
}

function drawNavigator(question, labels, wish) {
  const rows = question.places.map(({ state, flagged, says }, place) => {
    const button = pressed(`place-${place}`, `${place + 1}${flagged ? " ⚑" : ""}`, () => wish({ do: "go", question: place }));
    button.dataset.state = state;
    button.setAttribute("aria-label", says);
    if (place === question.number - 1) button.setAttribute("aria-current", "step");
    return html("li", {}, button);
  });
  return html("nav", { "aria-label": labels["sitting.navigator"] }, html("ol", { class: "kl-places" }, ...rows));
}

function drawMoves(question, labels, wish) {
  const place = question.number - 1;
  const previous = pressed("previous", labels["sitting.previous"], () => wish({ do: "go", question: place - 1 }));
  const next = pressed("next", labels["sitting.next"], () => wish({ do: "go", question: place + 1 }));
  previous.toggleAttribute("disabled", place === 0);
  next.toggleAttribute("disabled", question.number === question.total);
  const flag = pressed("flag", labels["sitting.flag"], () => wish({ do: "flag", question: place, on: !question.flagged }));
  flag.setAttribute("aria-pressed", String(question.flagged));
  const buttons = [previous, next, flag];
  if (question.mode === "mock" && question.answer !== null) {
    buttons.push(pressed("clear", labels["sitting.clear"], () => wish({ do: "clear", question: place })));
  }
  buttons.push(
    pressed("end", labels["sitting.end"], () => wish({ do: "end" })),
    pressed("leave", labels["sitting.leave"], () => wish({ do: "home" })),
  );
  return html("div", { class: "kl-moves" }, ...buttons);
}

function drawQuestion(view, tools, group) {
  const { question } = view;
  const { labels, wish } = tools;
  return [
    html("h3", {}, question.title),
    drawForm(view, tools, group),
    drawMoves(question, labels, wish),
    ...tools.clock.parts(question),
    drawNavigator(question, labels, wish),
    html("p", { class: "kl-about" }, labels["sitting.keys"]),
  ];
}

// --- time ---------------------------------------------------------------------------------------------------

// Counts down between views. It is quiet: hidden until asked for, and spoken at three minutes only.
function countdown(labels, tell, wish) {
  let until = null;
  let shown = false;
  let said = new Set();
  const face = html("span", { role: "timer", "aria-live": "off", class: "kl-time" });
  const left = () => (until === null ? null : Math.max(until - performance.now(), 0));
  const minutes = (ms) => {
    const count = Math.ceil(ms / MINUTE_MS);
    return labels[count === 1 ? "time.left-one" : "time.left-many"].replace("{count}", count);
  };
  function tick() {
    const ms = left();
    if (ms === null) return;
    face.textContent = `${Math.floor(ms / MINUTE_MS)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
    const alarm = ALARMS.find((each) => ms <= each * MINUTE_MS && ms > (each - 1) * MINUTE_MS && !said.has(each));
    if (alarm) {
      said.add(alarm);
      tell(minutes(ms), "wait");
    }
    if (ms === 0) {
      until = null;
      wish({ do: "look" });
    }
  }
  const timer = setInterval(tick, 1000);
  function take(question) {
    const ms = question?.left ?? null;
    until = ms === null ? null : performance.now() + ms;
    if (ms === null) said = new Set();
    else for (const each of ALARMS) if (ms <= (each - 1) * MINUTE_MS) said.add(each);
    tick();
  }
  function parts(question) {
    if (question.mode !== "mock") return [];
    const pace = picking("pace", question.paces, question.pace);
    pace.addEventListener("change", () => wish({ do: "pace", pace: pace.value }));
    const choosing = field(labels["hall.time"], pace);
    if (question.left === null) return [html("div", { class: "kl-timing" }, choosing)];
    face.hidden = !shown;
    const button = pressed("time", labels[shown ? "time.hide" : "time.show"], () => {
      shown = !shown;
      face.hidden = !shown;
      button.textContent = labels[shown ? "time.hide" : "time.show"];
      button.setAttribute("aria-expanded", String(shown));
    });
    button.setAttribute("aria-expanded", String(shown));
    return [html("div", { class: "kl-timing" }, choosing, button, face)];
  }
  return {
    take,
    parts,
    say: () => { const ms = left(); tell(ms === null ? labels["time.none"] : minutes(ms), "plain"); },
    stop: () => clearInterval(timer),
  };
}

// --- a report -----------------------------------------------------------------------------------------------

function drawDomains(report, labels) {
  if (!report.domains.length) return [];
  const heads = ["domain", "weight", "right", "percent"].map((name) => html("th", { scope: "col" }, labels[`report.${name}`]));
  const rows = report.domains.map(([name, ...rest]) =>
    html("tr", {}, html("th", { scope: "row" }, name), ...rest.map((cell) => html("td", {}, cell))));
  return [html("table", { class: "kl-domains" }, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows))];
}

function drawWrong({ place, asked, yours, result, proof }, labels, wish) {
  const stem = withHtml("h4", { class: "kl-stem" }, `${place + 1}. ${asked.stem} ${asked.instruction}`);
  if (!result) return html("article", { class: "kl-wrong" }, stem);
  const options = asked.options.map(([, said], row) => {
    const line = html("li", {}, withHtml("span", {}, said), ...marked(result.options[row]));
    line.append(withHtml("span", { class: "kl-because" }, result.options[row].why));
    return line;
  });
  return html("article", { class: "kl-wrong" }, stem,
    withHtml("p", {}, yours), withHtml("p", {}, result.verdict),
    ...(result.why ? [withHtml("p", {}, result.why)] : []),
    html("ul", {}, ...options),
    ...result.sources.map((source) => withHtml("p", { class: "kl-source" }, source)),
    ...learned(result, place, proof, labels, wish));
}

function drawReport({ report }, labels, wish) {
  return [
    named("report", html("h3", { tabindex: "-1" }, report.title)),
    html("p", { class: "kl-total" }, report.total),
    ...drawDomains(report, labels),
    ...report.notes.map((note) => html("p", { class: "kl-about" }, note)),
    html("h3", {}, report.heading),
    ...report.wrong.map((wrong) => drawWrong(wrong, labels, wish)),
    pressed("home", labels["report.home"], () => wish({ do: "home" })),
  ];
}

// --- all of it ----------------------------------------------------------------------------------------------

// While it starts, JupyterLab forgets the cell that an address names. Once the notebook stands, it goes where the
// address changes to, so it is led there. With a key held, and outside JupyterLab, a link is a link.
function follow(event) {
  const link = /** @type {HTMLAnchorElement | null} */ (event.target.closest(".kl-taught a"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!/\/lab(\/workspaces\/[^/]+)?\/tree\//.test(location.pathname)) return;
  const tab = window.open(link.href, "_blank");
  if (!tab) return; // the browser may open it by the link itself
  event.preventDefault();
  let looks = LOOKS;
  let leads = LEADS;
  const looking = setInterval(() => {
    if (tab.closed || !(looks -= 1)) return clearInterval(looking);
    if (!tab.document?.querySelector(".jp-NotebookPanel .jp-Cell")) return;
    tab.location.hash = ""; // an address that stays as it was leads nowhere
    tab.location.hash = link.hash;
    if (!(leads -= 1)) clearInterval(looking);
  }, LOOK_MS);
}

function isTyping(target) {
  return target.matches('select, textarea, input[type="number"], input[type="date"]');
}

// What a key does in a question: 1–9 choose, N, P and F press their buttons, T tells the time.
function strike(key, root, clock) {
  if (key === "t") return clock.say();
  const button = { n: "next", p: "previous", f: "flag" }[key];
  const node = button
    ? root.querySelector(`[data-name="${button}"]`)
    : root.querySelectorAll(".kl-choice input")[Number(key) - 1];
  if (!node || node.disabled) return;
  node.focus();
  node.click();
}

// Wherever the focus is in a question, but for fields in which one types.
function isShortcut(event, root) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  return root.querySelector(".kl-question") !== null && /^[1-9npft]$/i.test(event.key);
}

function render({ model, el }) {
  const group = `kl-exam-${(exams += 1)}`;
  const labels = model.get("labels");
  const status = html("p", { role: "status", class: "kl-status" });
  const body = html("div", { class: "kl-body" });
  const root = html("section", { class: "kinesis-lab kl-asking kl-exam", "aria-label": labels.title },
    html("p", { class: "kl-title" }, labels.title), body, status);
  let moving = ""; // the press whose view is on its way; views of earlier presses do not end the wait
  const typed = []; // while another question is on its way: keys are meant for that one
  function wish(wanted) {
    const press = `${group}-${Math.random().toString(36).slice(2)}`;
    if (MOVING.has(wanted.do)) moving = press;
    model.send({ ...wanted, press });
  }
  function tell(text, tone) {
    status.innerHTML = text; // made and escaped by the kernel, or a label
    status.dataset.tone = tone;
  }
  const clock = countdown(labels, tell, wish);
  const tools = { labels, wish, tell, clock };
  let seen = "";

  // A new question, or a new screen, takes the focus to its head; else it stays where it was.
  function draw() {
    const view = model.get("view");
    const here = `${view.screen} ${view.question?.number ?? ""}`;
    const focused = body.contains(document.activeElement) ? document.activeElement : null;
    const name = focused?.getAttribute("data-name") ?? null;
    const parts = { hall: drawHall, question: drawQuestion, report: drawReport }[view.screen];
    const drawn = view.screen === "question" ? drawQuestion(view, tools, group) : parts(view, labels, wish);
    body.replaceChildren(...drawn);
    clock.take(view.question);
    tell(view.say, view.tone);
    if (seen && (name || focused)) {
      const same = here === seen ? body.querySelector(`[data-name="${name}"]:not(:disabled)`) : null;
      /** @type {HTMLElement | null} */ (same ?? body.querySelector('[data-name="stem"], [data-name="report"], select'))?.focus();
    }
    seen = here;
    arrived(view.press);
  }
  function arrived(press) {
    if (press === moving) moving = "";
    while (typed.length && !moving) strike(typed.shift(), root, clock);
  }
  root.addEventListener("keydown", (event) => {
    if (!isShortcut(event, root)) return;
    event.preventDefault();
    event.stopPropagation();
    if (moving) typed.push(event.key.toLowerCase());
    else strike(event.key.toLowerCase(), root, clock);
  });
  root.addEventListener("click", follow);
  model.on("change:view", draw);
  draw();
  el.append(root);
  return () => {
    clock.stop();
    model.off("change:view", draw);
  };
}

export default { render };
