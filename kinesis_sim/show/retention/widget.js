// What a stream keeps, over its history: lays out the kernel's frames and draws the chosen one. What
// is known about retention, readers, prices and words comes in `rows` and `words`; buttons send
// wishes. Only places on the page are computed here.

const LETTER = 6.5; // px of an average letter at 11.5 px, on the safe side
const TOP = 34;
const BARS = 84;
const BAND = 22;
const STEPS = 1000;
const NARROW = 640;

// --- places ---------------------------------------------------------------------------------------

function planned(rows, width) {
  const narrow = width < NARROW;
  const left = narrow ? 92 : 128;
  const right = narrow ? width - 10 : width - 216;
  const lane = narrow ? 56 : 42;
  const base = TOP + BARS;
  const readers = base + (narrow ? 28 : 20);
  const bands = readers + lane * rows.readers.length + 26;
  const span = Math.max(rows.now - rows.begin, 1);
  return {
    width, narrow, left, right, lane, base, readers, bands, foot: bands + BAND * rows.bands.length,
    panel: right + 20,
    x: (at) => left + (right - left) * clamp((at - rows.begin) / span, 0, 1),
  };
}

// --- parts of the picture -------------------------------------------------------------------------

function trimmedNodes(frame, plan) {
  const width = plan.x(frame.horizon) - plan.left;
  if (width <= 0) return [];
  return [svg("rect", { class: "kl-trimmed", x: plan.left, y: TOP - 4, width, height: plan.foot - TOP + 4 })];
}

function recordNodes(rows, frame, plan) {
  const edge = plan.x(frame.horizon);
  const nodes = [];
  for (const [at, records] of rows.spans) {
    if (at > frame.at) break;
    const [left, right] = [plan.x(at), plan.x(Math.min(at + rows.width, frame.at))];
    const height = (BARS * records) / rows.most;
    const cut = clamp(edge, left, right);
    const gap = right - left > 3 ? 1 : 0;
    for (const [from, to, kind] of [[left, cut, "kl-gone"], [cut, right, "kl-kept"]]) {
      const width = to - from - gap;
      if (width > 0) nodes.push(svg("rect", { class: kind, x: from, y: plan.base - height, width, height }));
    }
  }
  nodes.push(svg("path", { class: "kl-grid", d: `M${plan.left} ${plan.base}H${plan.right}` }));
  return nodes;
}

function recordWords(rows, frame, plan, words) {
  const nodes = [
    text(plan.left - 12, plan.base - 44, words.records, { class: "kl-strong", "text-anchor": "end" }),
    text(plan.left - 12, plan.base - 26, rows.widthLabel, { class: "kl-small kl-quiet", "text-anchor": "end" }),
  ];
  const [kept, gone] = frame.records;
  if (plan.narrow) return [...nodes, text(plan.left, plan.base + 14, `${kept}, ${gone}`, { class: "kl-small kl-halo" })];
  return [...nodes, text(plan.panel, plan.base - 44, kept, { class: "kl-strong" }),
    text(plan.panel, plan.base - 26, gone, { class: "kl-small kl-quiet" })];
}

function cross(x, y, reach) {
  return svg("path", { class: "kl-cross",
    d: `M${x - reach} ${y - reach}l${2 * reach} ${2 * reach}M${x + reach} ${y - reach}l${-2 * reach} ${2 * reach}` });
}

function placeNodes(frame, reader, plan, y) {
  const x = plan.x(reader.place);
  const nodes = [];
  if (reader.waiting) {
    nodes.push(svg("path", { class: "kl-lag", d: `M${Math.max(x, plan.x(frame.horizon))} ${y}H${plan.x(frame.at)}` }));
  }
  for (const [from, to] of reader.gaps) {
    const left = plan.x(from);
    nodes.push(svg("rect", { class: "kl-lost", x: left, y: y - 6, width: Math.max(plan.x(to) - left, 4), height: 12 }));
  }
  nodes.push(svg("path", { class: reader.fallen ? "kl-reader kl-fallen" : "kl-reader",
    d: `M${x - 8} ${y + 11}h16L${x} ${y - 5}z` }));
  if (reader.fallen) nodes.push(cross(x, y + 5, 4.5));
  return nodes;
}

function readerNodes(rows, frame, plan) {
  return rows.readers.flatMap(([name, more], row) => {
    const reader = frame.readers[row];
    const y = plan.readers + plan.lane * row + 14;
    const tone = reader.fallen ? "kl-strong kl-bad" : "";
    const nodes = [
      svg("path", { class: "kl-grid", d: `M${plan.left} ${y}H${plan.right}` }),
      text(plan.left - 12, more ? y - 8 : y, name, { class: "kl-name", "text-anchor": "end" }),
    ];
    if (more) nodes.push(text(plan.left - 12, y + 8, more, { class: "kl-small kl-quiet", "text-anchor": "end" }));
    if (reader.place !== null) nodes.push(...placeNodes(frame, reader, plan, y));
    if (plan.narrow) {
      nodes.push(text(plan.left, y + 24, reader.said.join(", "), { class: `kl-small kl-halo ${tone}` }));
    } else {
      const lines = reader.said.map((line, place) => text(plan.panel, y + 16 * place - 8 * (reader.said.length - 1), line,
        { class: place ? "kl-small kl-quiet" : `kl-said ${tone}` }));
      nodes.push(...lines);
    }
    return nodes;
  });
}

function bandNodes(rows, frame, plan, words) {
  const nodes = [text(plan.left - 12, plan.bands - 12, words.retention, { class: "kl-name", "text-anchor": "end" })];
  rows.bands.forEach(([end, price], tier) => {
    const y = plan.foot - BAND * (tier + 0.5);
    const force = tier === frame.tier ? "kl-small kl-strong" : "kl-small";
    const said = tier === frame.tier ? `▸ ${price}` : price;
    nodes.push(svg("path", { class: "kl-grid", d: `M${plan.left} ${y - BAND / 2}H${plan.right}` }),
      text(plan.left - 12, y, end, { class: force, "text-anchor": "end" }));
    if (!plan.narrow) nodes.push(text(plan.panel, y, said, { class: force }));
    else if (tier === frame.tier) nodes.push(text(plan.left, plan.bands - 12, said, { class: `${force} kl-halo` }));
  });
  return nodes;
}

function stairNodes(rows, frame, plan) {
  const steps = rows.steps.filter(([since]) => since <= frame.at);
  let path = "";
  let free = plan.left;
  const labels = [];
  steps.forEach(([since, level, label], row) => {
    const end = steps[row + 1]?.[0] ?? frame.at;
    const [x, y] = [plan.x(since), plan.foot - BAND * level];
    path += `${row ? "L" : "M"}${x} ${y}H${plan.x(end)}`;
    const wide = label.length * LETTER + 4;
    if (x + 5 >= free && x + 5 + wide < plan.right) {
      labels.push(text(x + 5, y - 8, label, { class: "kl-small kl-strong kl-step-label kl-halo" }));
      free = x + 9 + wide;
    }
  });
  return [svg("path", { class: "kl-step", d: path }),
    svg("path", { class: "kl-foot", d: `M${plan.left} ${plan.foot}H${plan.right}` }), ...labels];
}

function lineNodes(frame, plan, words) {
  const [now, edge] = [plan.x(frame.at), plan.x(frame.horizon)];
  const half = (frame.word.length * LETTER) / 2;
  const nodes = [svg("path", { class: "kl-now", d: `M${now} ${TOP - 14}V${plan.foot}` }),
    text(clamp(now, half, plan.width - half), TOP - 22, frame.word, { class: "kl-small kl-strong", "text-anchor": "middle" })];
  if (edge > plan.left) {
    const wide = words.horizon.length * (LETTER + 0.6);
    const start = Math.max(Math.min(edge - wide / 2, now - half - wide - 12), 0);
    nodes.push(svg("path", { class: "kl-horizon", d: `M${edge} ${TOP - 14}V${plan.foot}` }),
      text(start, TOP - 22, words.horizon, { class: "kl-small kl-strong kl-step-label" }));
  }
  if (frame.real !== null && plan.x(frame.real) > plan.left) {
    const real = plan.x(frame.real);
    nodes.push(svg("path", { class: "kl-really", d: `M${real} ${TOP - 4}V${plan.base}` }),
      text(real + 5, TOP + 4, words.real, { class: "kl-small kl-quiet kl-halo" }));
  }
  return nodes;
}

function tickNodes(rows, plan) {
  const taken = [];
  const nodes = [];
  const ends = rows.ticks.filter(([place]) => place === 1);
  for (const [place, label] of [...ends, ...rows.ticks]) {
    const half = (label.length * LETTER) / 2;
    const middle = Math.min(plan.left + (plan.right - plan.left) * place, plan.right - (place === 1 ? half : 0));
    if (taken.some((other) => Math.abs(middle - other) < 2 * half + 8)) continue;
    taken.push(middle);
    nodes.push(text(middle, plan.foot + 14, label, { class: "kl-small kl-quiet", "text-anchor": "middle" }));
  }
  return nodes;
}

function legendNodes(frame, words) {
  const item = (name, ...nodes) => signNode(22, 16, words[`legend.${name}`], ...nodes);
  const box = (kind) => svg("rect", { class: kind, x: 2, y: 3, width: 18, height: 10 });
  const nodes = [item("record", box("kl-kept"))];
  if (frame.gone) nodes.push(item("trimmed", box("kl-gone")));
  if (frame.readers.length) {
    nodes.push(item("reader", svg("path", { class: "kl-lag", d: "M8 9H22" }),
      svg("path", { class: "kl-reader", d: "M2 14h12L8 2z" })));
  }
  if (frame.readers.some((reader) => reader.gaps.length)) nodes.push(item("lost", box("kl-lost")));
  if (frame.readers.some((reader) => reader.fallen)) {
    nodes.push(item("fallen", svg("path", { class: "kl-reader kl-fallen", d: "M4 14h14L11 2z" }), cross(11, 10, 3.5)));
  }
  return nodes;
}

// --- the page -------------------------------------------------------------------------------------

function skeleton(words) {
  const say = (name) => words[`control.${name}`];
  const button = (wish, label) => html("button", { type: "button", "data-wish": wish }, label);
  const parts = {
    ...pageParts(),
    chart: svg("svg", { class: "kl-chart", role: "img" }),
    slider: html("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": say("slider") }),
    cost: html("p", { class: "kl-quiet-text kl-cost" }),
    less: button("less", say("less")),
    more: button("more", say("more")),
    call: button("call", say("call")),
    clock: button("clock", say("clock")),
    read: button("read", say("read")),
    whatIf: html("span", { class: "kl-what-if" }),
  };
  parts.track = html("div", { class: "kl-track" }, parts.slider);
  parts.controls = html("div", { class: "kl-controls", role: "group", "aria-label": say("tools") },
    parts.less, parts.more, parts.whatIf, parts.call, parts.clock, parts.read);
  parts.body = html("div", { class: "kl-body" }, parts.chart, parts.track);
  parts.root = html("section", { class: "kinesis-lab kl-card kl-retention" },
    html("header", {}, html("div", {}, parts.title, parts.subtitle), parts.time),
    parts.body, parts.legend, parts.notice, parts.cost, parts.controls,
    html("p", { class: "kl-quiet-text kl-hint" }, say("hint")), parts.reply);
  quietAll(parts.root);
  return parts;
}

function render({ model, el }) {
  const words = model.get("words");
  const parts = skeleton(words);
  let rows, plan;
  let chosen = 0; // the frame that is shown
  let since = null; // the instant that the slider was moved to, null while it follows the present

  function layout() {
    rows = model.get("rows");
    plan = planned(rows, Math.max(parts.body.clientWidth, 300));
    parts.chart.setAttribute("width", plan.width);
    parts.chart.setAttribute("height", plan.foot + 26);
    alignTo(parts.track, plan.left, plan.width - plan.right);
    parts.title.textContent = rows.title;
    parts.whatIf.textContent = rows.whatIf;
    parts.call.disabled = !rows.supposed;
    parts.clock.disabled = !rows.manual;
    parts.read.disabled = !rows.readable;
    show(Math.min(chosen, rows.frames.length - 1));
  }

  function show(number) {
    chosen = number;
    const frame = rows.frames[number];
    parts.chart.replaceChildren(hatched("kl-lost-hatch", 6), ...trimmedNodes(frame, plan), ...recordNodes(rows, frame, plan),
      ...stairNodes(rows, frame, plan), ...lineNodes(frame, plan, words), ...bandNodes(rows, frame, plan, words),
      ...readerNodes(rows, frame, plan), ...recordWords(rows, frame, plan, words), ...tickNodes(rows, plan));
    parts.chart.setAttribute("aria-label", `${rows.title}. ${frame.notice}`);
    parts.legend.replaceChildren(...legendNodes(frame, words));
    parts.subtitle.textContent = frame.subtitle;
    parts.time.textContent = frame.time;
    parts.cost.textContent = frame.cost;
    tell(parts.notice, frame.notice);
    standAt(parts.slider, (frame.at - rows.begin) / Math.max(rows.now - rows.begin, 1), frame.time);
  }

  function choose(number) {
    show(clamp(number, 0, rows.frames.length - 1));
    since = chosen === rows.frames.length - 1 ? null : rows.frames[chosen].at;
  }
  function slid() {
    const at = rows.begin + (rows.now - rows.begin) * parts.slider.valueAsNumber / STEPS;
    const after = rows.frames.findIndex((frame) => frame.at > at);
    choose(after < 0 ? rows.frames.length - 1 : after - 1);
  }
  function keyed(event) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    const ends = { Home: -Infinity, End: Infinity };
    const step = steps[event.key] ?? ends[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen + step);
  }

  function pushed(event) {
    const wish = event.target.closest("button")?.dataset.wish;
    if (!wish) return;
    if (wish === "less" || wish === "more") model.send({ kind: "suppose", step: wish === "more" ? 1 : -1, at: since });
    else {
      since = null;
      model.send({ kind: wish });
    }
  }
  const changed = () => {
    chosen = Infinity; // what changed is seen at the present
    layout();
  };
  const replied = () => (parts.reply.textContent = model.get("reply"));

  parts.slider.addEventListener("input", slid);
  parts.slider.addEventListener("keydown", keyed);
  parts.controls.addEventListener("click", pushed);
  el.append(parts.root);
  replied();
  chosen = Infinity;
  layout();
  return living({ model, changes: { rows: changed, reply: replied }, node: parts.body, layout });
}

export default { render };
