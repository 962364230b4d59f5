// The pipeline's desk: draws the frame that the slider chooses. Counts, sentences and decoded error rows
// come from the kernel; only places on the page are computed here.

const NARROWEST = 700; // px: below, the picture scrolls sideways
const TOP = 52;
const TALL = 78;
const OUTPUT = TOP + TALL + 40;
const DEEP = 46;
const STRIP = OUTPUT + DEEP + 40;
const HIGH = 80;
const LEFT = 76;

const middle = { "text-anchor": "middle" };

function arrow(x0, y0, x1, y1, kind) {
  const [dx, dy] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
  const head = `M${x1} ${y1}l${-8 * dx + 4 * dy} ${-8 * dy + 4 * dx}l${-8 * dy} ${-8 * dx}z`;
  return svg("g", { class: `kl-arrow kl-${kind}` },
    svg("path", { class: "kl-shaft", d: `M${x0} ${y0}L${x1 - 6 * dx} ${y1 - 6 * dy}` }),
    svg("path", { class: "kl-head", d: head }));
}

function mark(x, y, taken) {
  return taken ? svg("circle", { class: "kl-taken", cx: x, cy: y, r: 4 })
    : svg("path", { class: "kl-refused", d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` });
}
const square = (x, y) => svg("rect", { class: "kl-object", x: x - 4, y: y - 4, width: 8, height: 8 });

// --- the picture ----------------------------------------------------------------------------------

function planned(width, stages) {
  const gap = width < 800 ? 24 : 38;
  const box = (width - 2 - gap * (stages - 1)) / stages;
  return { width, gap, box, x: (place) => 1 + (box + gap) * place };
}

function stageNodes(stage, place, rows, frame, plan) {
  const [x, bad] = [plan.x(place), frame.bad[place]];
  const kind = `kl-stage${stage.on ? "" : " kl-off"}${bad ? " kl-bad" : ""}`;
  const lines = [...(stage.note ? [stage.note] : []), ...frame.inside[place]];
  const nodes = [
    svg("title", {}, stage.full),
    svg("rect", { x, y: TOP, width: plan.box, height: TALL, rx: 6 }),
    text(x + 8, TOP + 15, stage.name, { class: "kl-name" }),
    text(x + 8, TOP + 32, stage.detail, { class: "kl-quiet" }),
    ...lines.map((said, row) => text(x + 8, TOP + 49 + 16 * row, said)),
  ];
  if (place + 1 < rows.stages.length) {
    nodes.push(arrow(x + plan.box + 3, TOP + 15, x + plan.box + plan.gap - 3, TOP + 15, "way"),
      text(x + plan.box + plan.gap / 2, TOP - 10, frame.passed[place], { class: "kl-strong", ...middle }));
  }
  const centre = x + plan.box / 2;
  if (frame.failed[place]) {
    nodes.push(arrow(centre, TOP + TALL + 2, centre, OUTPUT - 2, "trouble"),
      text(centre + 8, TOP + TALL + 18, frame.failed[place], { class: "kl-said-bad" }));
  }
  const up = { transform: frame.dropped, destination: frame.lost }[stage.id];
  if (up) {
    const lost = stage.id === "destination";
    nodes.push(arrow(centre, TOP - 2, centre, TOP - 20, lost ? "trouble" : "gone"),
      text(centre, TOP - 32, up, { class: lost ? "kl-said-bad" : "kl-strong", ...middle }));
  }
  return svg("g", { class: kind, "data-stage": stage.id }, ...nodes);
}

function outputNodes(rows, frame, plan) {
  const x = plan.x(1);
  const empty = !frame.kinds.length && !frame.onTheWay;
  const head = [frame.output, frame.onTheWay].filter(Boolean).join(" · ");
  const nodes = [svg("g", { class: `kl-output${empty ? " kl-off" : ""}` },
    svg("rect", { x, y: OUTPUT, width: plan.width - 1 - x, height: DEEP, rx: 6 }),
    text(x + 10, OUTPUT + 15, head, { class: "kl-strong" }),
    text(x + 10, OUTPUT + 32, frame.kinds.join(" · "), { class: "kl-quiet" }))];
  if (rows.backup) {
    const centre = plan.x(0) + plan.box / 2;
    nodes.push(svg("g", { class: "kl-backup" },
      arrow(centre, TOP + TALL + 2, centre, OUTPUT - 2, "copy"),
      svg("rect", { x: plan.x(0), y: OUTPUT, width: plan.box, height: DEEP, rx: 6 }),
      text(plan.x(0) + 8, OUTPUT + 15, frame.copied, { class: "kl-strong" }),
      text(plan.x(0) + 8, OUTPUT + 32, rows.backup, { class: "kl-quiet" })));
  }
  return nodes;
}

function stripNodes(rows, frame, words, plan) {
  const [bottom, end] = [STRIP + HIGH, plan.width - 10];
  const at = (place) => LEFT + (end - LEFT) * place;
  const nodes = [text(1, STRIP - 18, words["strip.title"], { class: "kl-quiet" })];
  for (const [level, label] of rows.levels) {
    const y = bottom - (HIGH - 6) * level;
    nodes.push(svg("path", { class: "kl-level", d: `M${LEFT} ${y}H${end}` }),
      text(LEFT - 8, y, label, { class: "kl-quiet", "text-anchor": "end" }));
  }
  nodes.push(svg("path", { class: "kl-axis", d: `M${LEFT} ${bottom}H${end}` }));
  for (const [place, age, taken, when] of rows.tries) {
    const y = bottom - (HIGH - 6) * age;
    nodes.push(svg("g", { class: when > frame.at ? "kl-later" : "kl-try" },
      svg("path", { class: taken ? "kl-stem-taken" : "kl-stem-refused", d: `M${at(place)} ${bottom}V${y}` }),
      mark(at(place), y, taken)));
  }
  for (const each of rows.objects) {
    const node = square(at(each.place), bottom);
    if (each.at > frame.at) node.classList.add("kl-later");
    nodes.push(node);
  }
  for (const [place, label] of rows.ticks) {
    const anchor = place === 1 ? "end" : place === 0 ? "start" : "middle";
    nodes.push(text(at(place), bottom + 17, label, { class: "kl-quiet", "text-anchor": anchor }));
  }
  nodes.push(svg("path", { class: "kl-now", d: `M${at(frame.now)} ${STRIP - 4}V${bottom + 5}` }));
  return nodes;
}

function legend(words) {
  const item = (picture, label) => signNode(14, 14, label, picture);
  return [item(mark(7, 7, true), words["strip.ok"]), item(mark(7, 7, false), words["strip.failed"]),
    item(square(7, 7), words["strip.object"])];
}

// --- error objects --------------------------------------------------------------------------------

function openedNodes(opened, words) {
  if (!opened.key) return [html("p", { class: "kl-quiet-text" }, words["opened.none"])];
  const field = (name, value) => [html("dt", {}, words[`opened.${name}`]), html("dd", {}, String(value))];
  const rows = opened.rows.map(([code, message, attempts, raw]) => html("dl", {},
    ...field("code", code), ...field("message", message), ...field("attempts", attempts),
    ...field("raw", raw)));
  return [html("code", {}, opened.key), ...rows, html("p", { class: "kl-quiet-text" }, opened.note)];
}

// --- the page -------------------------------------------------------------------------------------

function skeleton(words) {
  const button = (attributes, label) => html("button", { type: "button", ...attributes }, label);
  const parts = {
    ...pageParts(),
    subtitle: html("div", { class: "kl-quiet-text" }),
    picture: svg("svg", { role: "img" }),
    sum: html("p", { class: "kl-sum" }),
    slider: html("input", { type: "range", min: 0, step: 1, "aria-label": words["control.slider"] }),
    clock: html("div", { class: "kl-clock" }, button({ "data-step": "minute" }, words["control.minute"]),
      button({ "data-step": "ten" }, words["control.ten"])),
    switches: html("div", { class: "kl-switches" }),
    list: html("select", { size: 5, "aria-label": words["opened.title"] }),
    opened: html("div", { class: "kl-opened", role: "status" }),
  };
  parts.frame = quiet(html("div", { class: "kl-frame", role: "group", "aria-label": words.title }, parts.picture));
  parts.root = html("section", { class: "kinesis-lab kl-card kl-delivery" },
    html("header", {}, parts.title,
      html("div", {}, html("span", { class: "kl-quiet-text" }, words["control.time"]), parts.time)),
    parts.subtitle, parts.frame, parts.slider, made(parts.legend, {}, legend(words)),
    parts.sum, html("h4", {}, words["notice.title"]), parts.notice,
    html("div", { class: "kl-controls" }, parts.clock, parts.switches), parts.reply,
    html("h4", {}, words["opened.title"]),
    html("div", { class: "kl-errors" }, parts.list, parts.opened));
  return parts;
}

function render({ model, el }) {
  const words = model.get("words");
  const parts = skeleton(words);
  let rows, plan;
  let place = Infinity; // of the frame shown; the newest unless the slider says otherwise

  function took() {
    rows = model.get("rows");
    place = Infinity;
    for (const button of parts.clock.children) button.disabled = !rows.manual;
    rows.switches.forEach((row, index) => {
      const button = parts.switches.children[index] ?? parts.switches.appendChild(html("button", { type: "button" }));
      button.dataset.part = row.part;
      button.textContent = row.label;
      button.setAttribute("aria-pressed", String(row.on));
      quiet(button);
    });
    parts.title.textContent = rows.title;
    parts.subtitle.textContent = rows.subtitle;
    parts.slider.max = rows.frames.length - 1;
    layout();
  }
  function layout() {
    plan = planned(Math.max(parts.frame.clientWidth, NARROWEST), rows.stages.length);
    parts.picture.setAttribute("width", plan.width);
    parts.picture.setAttribute("height", STRIP + HIGH + 28);
    const scrolls = parts.frame.clientWidth < NARROWEST;
    if (scrolls) parts.frame.setAttribute("tabindex", "0"); // so that arrow keys reach what is not in view
    else parts.frame.removeAttribute("tabindex");
    parts.slider.style.marginLeft = scrolls ? "0" : `${LEFT - 9}px`; // half a thumb: it stands under its instant
    parts.slider.style.width = scrolls ? "100%" : `${plan.width - 10 - LEFT + 18}px`;
    show();
  }
  function show() {
    const frame = rows.frames[Math.max(0, Math.min(place, rows.frames.length - 1))];
    parts.picture.replaceChildren(...outputNodes(rows, frame, plan),
      ...rows.stages.map((stage, at) => stageNodes(stage, at, rows, frame, plan)),
      ...stripNodes(rows, frame, words, plan));
    parts.picture.setAttribute("aria-label", `${rows.title}. ${frame.sum}. ${frame.notice}`);
    parts.slider.value = Math.min(place, rows.frames.length - 1);
    parts.slider.setAttribute("aria-valuetext", frame.time);
    parts.slider.style.setProperty("--place", `${100 * frame.now}%`);
    parts.time.textContent = frame.time;
    parts.sum.textContent = frame.sum;
    tell(parts.notice, frame.notice);
    listed(frame);
  }
  function listed(frame) {
    const there = rows.objects.filter((each) => each.at <= frame.at);
    parts.list.replaceChildren(...there.reverse().map((each) => html("option", { value: each.key }, each.label)));
    parts.list.disabled = !there.length;
    parts.list.value = model.get("opened").chosen ?? "";
  }
  function openedNow() {
    parts.opened.replaceChildren(...openedNodes(model.get("opened"), words));
    parts.list.value = model.get("opened").chosen ?? "";
  }
  function slid() {
    place = parts.slider.valueAsNumber;
    if (place >= rows.frames.length - 1) place = Infinity;
    show();
  }
  function pushed(event) {
    const { step, part } = event.target.closest("button")?.dataset ?? {};
    if (step) model.send({ kind: "advance", step });
    if (part) model.send({ kind: "switch", part });
  }
  const replied = () => (parts.reply.textContent = model.get("reply"));
  const chose = () => model.send({ kind: "open", key: parts.list.value });

  parts.slider.addEventListener("input", slid);
  leaping(parts.slider, slid);
  parts.list.addEventListener("change", chose);
  parts.root.addEventListener("click", pushed);
  for (const control of [parts.slider, parts.list, ...parts.clock.children]) quiet(control);
  el.append(parts.root);
  took();
  openedNow();
  replied();
  return living({ model, changes: { rows: took, opened: openedNow, reply: replied }, node: parts.frame, layout });
}

export default { render };
