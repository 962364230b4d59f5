// Load under the capacity line: lays out the kernel's rows and draws them. What is known about
// shards, limits, prices and words comes in `rows` and `words`; buttons send wishes. Only places on
// the page are computed here.

const LETTER = 6.4; // px of an average letter at 11.5 px, on the safe side
const TALL = 250;
const EDGE = { left: 40, right: 12, top: 34, bottom: 26 };

// --- the chart ------------------------------------------------------------------------------------

function planned(rows, width) {
  const span = Math.max(rows.end - rows.begin, 1);
  const bottom = TALL - EDGE.bottom;
  return {
    width, bottom, left: EDGE.left, right: width - EDGE.right, top: EDGE.top,
    x: (at) => EDGE.left + (width - EDGE.left - EDGE.right) * (at - rows.begin) / span,
    y: (shards) => bottom - (bottom - EDGE.top) * shards / rows.top,
  };
}

function scaleNodes(rows, plan, words) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 1000, 10000];
  const step = steps.find((each) => rows.top / each <= 6) ?? rows.top;
  const nodes = [text(2, 10, words.axis, { class: "kl-small kl-quiet" })];
  for (let shards = 0; shards <= rows.top; shards += step) {
    const y = plan.y(shards);
    nodes.push(svg("path", { class: "kl-grid", d: `M${plan.left} ${y}H${plan.right}` }),
      text(plan.left - 8, y, shards, { class: "kl-small", "text-anchor": "end" }));
  }
  let free = -Infinity;
  for (const [at, label] of rows.ticks) {
    const [x, half] = [plan.x(at), (label.length * LETTER) / 2];
    if (x - half < free || x + half > plan.width) continue;
    free = x + half + 8;
    nodes.push(text(x, plan.bottom + 14, label, { class: "kl-small kl-quiet", "text-anchor": "middle" }));
  }
  return nodes;
}

function barNodes(rows, plan) {
  return rows.bars.flatMap(([at, stored, offered, throttled]) => {
    const x = plan.x(at);
    const width = Math.max(plan.x(Math.min(at + rows.width, rows.now)) - x, 0.5);
    const y = plan.y(stored);
    const nodes = [svg("rect", { class: "kl-stored", x, y, width, height: plan.bottom - y })];
    if (throttled) {
      const height = Math.max(y - plan.y(offered), 4);
      nodes.push(svg("rect", { class: "kl-throttled", x, y: y - height, width, height },
        svg("title", {}, `${throttled}`)));
    }
    return nodes;
  });
}

function lineOf(rows, plan) {
  const ends = [...rows.capacity.slice(1).map(([at]) => at), rows.now];
  const steps = rows.capacity.map(([at, shards], row) =>
    `${row ? "L" : "M"}${plan.x(at)} ${plan.y(shards)}H${plan.x(ends[row])}`);
  return svg("path", { class: "kl-capacity", d: steps.join("") });
}

function markNodes(rows, plan) {
  let free = -Infinity;
  return rows.marks.flatMap(([at, what, shards]) => {
    const [x, y, half] = [plan.x(at), plan.y(shards), (what.length * LETTER) / 2];
    const middle = Math.min(Math.max(x, plan.left + half), plan.right - half);
    const nodes = [svg("circle", { class: "kl-mark", cx: x, cy: y, r: 4.5 }, svg("title", {}, what))];
    if (middle - half > free) { // above all else: the axis leaves room there
      free = middle + half + 6;
      nodes.push(text(middle, EDGE.top + 2, what, { class: "kl-small kl-halo", "text-anchor": "middle" }));
    }
    return nodes;
  });
}

function futureNodes(rows, plan, words) {
  const x = plan.x(rows.now);
  const half = (words.now.length * LETTER) / 2;
  const middle = Math.min(Math.max(x, 112 + half), plan.width - half);
  const nodes = [svg("path", { class: "kl-now", d: `M${x} ${plan.top - 10}V${plan.bottom}` }),
    text(middle, 10, words.now, { class: "kl-small kl-strong", "text-anchor": "middle" })];
  if (rows.ahead.length) {
    const points = rows.ahead.map(([at, load]) => `${plan.x(at)} ${plan.y(load)}`);
    nodes.unshift(svg("path", { class: "kl-ahead", d: `M${points.join("L")}` }));
  }
  return nodes;
}

const hatch = () => svg("defs", {}, svg("pattern",
  { id: "kl-refused-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
  svg("path", { class: "kl-stroke", d: "M0 0V6" })));

function legendNodes(rows, words) {
  const item = (node, label) => html("span", {},
    svg("svg", { width: 22, height: 14, "aria-hidden": "true" }, node), label);
  const nodes = [
    item(svg("rect", { class: "kl-stored", x: 1, y: 2, width: 20, height: 10 }), words.load),
    item(svg("path", { class: "kl-capacity", d: "M1 7H21" }), words.line),
  ];
  if (rows.ahead.length) nodes.push(item(svg("path", { class: "kl-ahead", d: "M1 7H21" }), words.ahead));
  if (rows.bars.some((bar) => bar[3])) {
    nodes.push(item(svg("rect", { class: "kl-throttled", x: 1, y: 2, width: 20, height: 10 }), words.throttled));
  }
  return nodes;
}

// --- the page -------------------------------------------------------------------------------------

function skeleton(words) {
  const say = (name) => words[`control.${name}`];
  const button = (wish, label) => html("button", { type: "button", "data-wish": wish }, label);
  const parts = {
    title: html("strong", { class: "kl-stream" }),
    subtitle: html("span", { class: "kl-quiet-text" }),
    time: html("strong", { class: "kl-time" }),
    chart: svg("svg", { class: "kl-chart", role: "img", height: TALL }),
    legend: html("div", { class: "kl-legend" }),
    costs: html("div", { class: "kl-costs" }),
    notes: html("div", { class: "kl-quiet-text" }),
    notice: html("p", { role: "status", class: "kl-notice" }),
    reply: html("p", { role: "status", class: "kl-reply" }),
    target: html("input", { type: "number", min: 1, step: 1, "aria-label": say("target") }),
    mode: button("mode", ""),
  };
  parts.left = html("div", { class: "kl-left" }, parts.chart, parts.legend);
  parts.controls = html("div", { class: "kl-controls", role: "group", "aria-label": say("tools") },
    button("play", say("clock")), button("split", say("split")), button("merge", say("merge")),
    html("span", { class: "kl-scale" }, button("scale", "UpdateShardCount"), parts.target), parts.mode);
  parts.root = html("section", { class: "kinesis-lab kl-capacity-desk" },
    html("header", {}, html("div", {}, parts.title, parts.subtitle), parts.time),
    html("div", { class: "kl-body" }, parts.left,
      html("div", { class: "kl-cost" }, html("h4", {}, words["cost.title"]), parts.costs, parts.notes)),
    parts.notice, parts.controls, parts.reply);
  for (const control of parts.root.querySelectorAll("button, input")) {
    control.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab leaves their keys alone
  }
  return parts;
}

function render({ model, el }) {
  const words = model.get("words");
  const parts = skeleton(words);

  function layout() {
    const rows = model.get("rows");
    const width = Math.max(parts.left.clientWidth, 280);
    const plan = planned(rows, width);
    parts.chart.setAttribute("width", width);
    parts.chart.replaceChildren(hatch(), ...scaleNodes(rows, plan, words), ...barNodes(rows, plan),
      ...futureNodes(rows, plan, words), lineOf(rows, plan), ...markNodes(rows, plan));
    parts.chart.setAttribute("aria-label", `${rows.title}. ${rows.notice}`);
    parts.legend.replaceChildren(...legendNodes(rows, words));
    parts.title.textContent = rows.title;
    parts.subtitle.textContent = rows.subtitle;
    parts.time.textContent = rows.time;
    parts.costs.replaceChildren(...rows.costs.flatMap(([what, usd]) => [html("span", {}, what), html("span", {}, usd)]));
    parts.notes.replaceChildren(...rows.notes.map((note) => html("p", {}, note)));
    parts.mode.textContent = rows.switch;
    if (parts.notice.textContent !== rows.notice) parts.notice.textContent = rows.notice;
    if (document.activeElement !== parts.target) parts.target.value = rows.shards;
  }
  function pushed(event) {
    const kind = event.target.closest("button")?.dataset.wish;
    if (kind === "scale") model.send({ kind, target: parts.target.valueAsNumber || 0 });
    else if (kind) model.send({ kind });
  }
  function entered(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    model.send({ kind: "scale", target: parts.target.valueAsNumber || 0 });
  }
  const replied = () => (parts.reply.textContent = model.get("reply"));

  model.on("change:rows", layout);
  model.on("change:reply", replied);
  parts.controls.addEventListener("click", pushed);
  parts.target.addEventListener("keydown", entered);
  el.append(parts.root);
  replied();
  const watcher = new ResizeObserver(layout);
  watcher.observe(parts.left);
  layout();
  return () => {
    watcher.disconnect();
    model.off("change:rows", layout);
    model.off("change:reply", replied);
  };
}

export default { render };
