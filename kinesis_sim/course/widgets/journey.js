// One event on its way: places, roads, and a token that the kernel moves step by step. What a step
// does, and what it says, is worked out in the kernel; here is only where things stand on the page.

// place -> [x, y, does it work in this lesson]; x and y of the box's top left corner. Both layouts say a
// text of 13 px at their full size, and are drawn no smaller than 11 px.
const WIDE = {
  width: 860, height: 330, box: [150, 42], least: 730, turn: 40,
  places: {
    bike: [10, 60, true],
    app: [190, 60, true],
    stream: [390, 60, true],
    billing: [690, 8, true],
    map: [690, 60, true],
    audit: [690, 112, true],
    firehose: [500, 170, true],
    lake: [690, 170, true],
    flink: [500, 222, false],
    counts: [690, 222, false],
    camera: [10, 274, true],
    video: [390, 274, false],
    player: [690, 274, false],
  },
};
const NARROW = {
  width: 470, height: 372, box: [138, 36], least: 400, turn: 14,
  places: {
    bike: [2, 4, true],
    app: [2, 64, true],
    stream: [2, 146, true],
    billing: [330, 98, true],
    map: [330, 146, true],
    audit: [330, 194, true],
    firehose: [166, 242, true],
    lake: [330, 242, true],
    flink: [166, 290, false],
    counts: [330, 290, false],
    camera: [2, 334, true],
    video: [166, 334, false],
    player: [330, 334, false],
  },
};
const ROADS = [
  ["bike", "app"], ["app", "stream"], ["stream", "billing"], ["stream", "map"], ["stream", "audit"],
  ["stream", "firehose"], ["firehose", "lake"], ["stream", "flink"], ["flink", "counts"],
  ["camera", "video"], ["video", "player"],
];
const BELOW = new Set(["firehose", "flink"]); // roads that leave the stream downwards

function corners({ places, box: [width, height], turn }, from, to) {
  const [x, y] = places[from];
  const [u, v] = places[to];
  const middle = v + height / 2;
  if (x === u) return [[x + width / 2, y + height], [x + width / 2, v]];
  if (from === "stream" && BELOW.has(to)) {
    const down = x + width / 2 - (to === "flink" ? 20 : -20);
    return [[down, y + height], [down, middle], [u, middle]];
  }
  const start = [x + width, y + height / 2];
  if (start[1] === middle) return [start, [u, middle]];
  return [start, [u - turn, start[1]], [u - turn, middle], [u, middle]];
}

function road(layout, from, to) {
  const path = `M${corners(layout, from, to).map((point) => point.join(" ")).join("L")}`;
  const built = layout.places[from][2] && layout.places[to][2];
  return svg("path", { class: "kl-road", d: path, "data-built": built, "marker-end": "url(#kl-journey-tip)" });
}

function place({ places, box: [width, height] }, name, labels) {
  const [x, y, built] = places[name];
  const shape = svg("rect", { x, y, width, height, rx: 6 });
  const text = svg("text", { x: x + width / 2, y: y + height / 2 }, labels[`place.${name}`]);
  const parts = [shape, text];
  if (name === "stream") {
    const under = { class: "kl-under", x: x + width / 2 + 8, y: y - 10, style: "text-anchor:start" };
    parts.push(svg("text", under, labels.name));
  }
  return svg("g", { class: "kl-place", "data-place": name, "data-built": built }, ...parts);
}

function picture(layout, labels) {
  const roads = new Map(ROADS.map(([from, to]) => [`${from}-${to}`, road(layout, from, to)]));
  const places = new Map(Object.keys(layout.places).map((name) => [name, place(layout, name, labels)]));
  const tip = svg("marker", { id: "kl-journey-tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7,
    markerHeight: 7, orient: "auto" }, svg("path", { d: "M0 0L8 4L0 8z" }));
  const token = svg("circle", { class: "kl-token", r: 8 });
  const root = svg("svg", { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "img", "aria-label": labels.title,
    style: `min-width:${layout.least}px` },
  svg("defs", {}, tip), ...roads.values(), ...places.values(), token);
  return { layout, root, roads, places, token };
}

function render({ model, el }) {
  const labels = model.get("labels");
  const steps = model.get("steps");
  let drawn = picture(WIDE, labels);
  const frame = html("div", { class: "kl-frame", role: "group", "aria-label": labels.title }, drawn.root);
  const status = html("p", { role: "status", class: "kl-told" });
  const past = html("ol", { class: "kl-past" });
  const next = html("button", { type: "button" }, labels.next);
  const again = html("button", { type: "button" }, labels.again);
  const root = html("section",
    { class: "kinesis-lab kl-journey", "aria-label": labels.title, "data-lm-suppress-shortcuts": "true" },
    html("p", { class: "kl-title" }, labels.title), frame,
    html("div", { class: "kl-buttons" }, next, again), status, past);

  function show() {
    const told = model.get("told");
    const step = steps[told.length - 1];
    status.replaceChildren(...(step ? [html("strong", {}, `${told.length}. ${step.title}`),
      html("span", { class: "kl-state", "data-built": step.built }, step.state), html("br"),
      withHtml("span", {}, told.at(-1))] : [labels.waiting]));
    past.replaceChildren(...told.slice(0, -1).map((text) => withHtml("li", {}, text)));
    const [, to] = step ? step.road : [null, "bike"];
    const [x, y] = drawn.layout.places[to];
    drawn.token.style.transform = `translate(${x}px, ${y}px)`;
    drawn.token.dataset.built = step ? step.built : true;
    for (const [name, node] of drawn.places) node.dataset.here = name === to;
    for (const [name, node] of drawn.roads) node.dataset.here = Boolean(step) && name === step.road.join("-");
    next.disabled = told.length === steps.length;
    again.disabled = told.length === 0;
  }

  function fit() {
    const room = frame.clientWidth;
    if (!room) return;
    const layout = room < WIDE.least ? NARROW : WIDE;
    if (layout !== drawn.layout) {
      drawn = picture(layout, labels);
      frame.replaceChildren(drawn.root);
      show();
    }
    if (room < layout.least) frame.setAttribute("tabindex", "0"); // arrow keys reach what is not in view
    else frame.removeAttribute("tabindex");
  }

  const sizes = new ResizeObserver(fit);
  next.addEventListener("click", () => model.send({ kind: "next" }));
  again.addEventListener("click", () => model.send({ kind: "again" }));
  model.on("change:told", show);
  show();
  el.append(root);
  sizes.observe(frame);
  return () => {
    sizes.disconnect();
    model.off("change:told", show);
  };
}

export default { render };
