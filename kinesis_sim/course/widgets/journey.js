// One event on its way: places, roads, and a token that the kernel moves step by step. What a step
// does, and what it says, is worked out in the kernel; here is only where things stand on the page.

const SIZE = { width: 860, height: 330 };
const BOX = { width: 150, height: 42 };

// place -> [x, y, is it built]; x and y of the box's top left corner
const PLACES = {
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
};
const ROADS = [
  ["bike", "app"], ["app", "stream"], ["stream", "billing"], ["stream", "map"], ["stream", "audit"],
  ["stream", "firehose"], ["firehose", "lake"], ["stream", "flink"], ["flink", "counts"],
  ["camera", "video"], ["video", "player"],
];
const BELOW = new Set(["firehose", "flink"]); // roads that leave the stream downwards

function corners(from, to) {
  const [x, y] = PLACES[from];
  const [u, v] = PLACES[to];
  const middle = v + BOX.height / 2;
  if (from === "stream" && BELOW.has(to)) {
    const down = x + BOX.width / 2 - (to === "flink" ? 20 : -20);
    return [[down, y + BOX.height], [down, middle], [u, middle]];
  }
  const start = [x + BOX.width, y + BOX.height / 2];
  if (start[1] === middle) return [start, [u, middle]];
  const turn = u - 40;
  return [start, [turn, start[1]], [turn, middle], [u, middle]];
}

function road(from, to) {
  const path = `M${corners(from, to).map((point) => point.join(" ")).join("L")}`;
  const built = PLACES[from][2] && PLACES[to][2];
  return svg("path", { class: "kl-road", d: path, "data-built": built, "marker-end": "url(#kl-journey-tip)" });
}

function place(name, labels) {
  const [x, y, built] = PLACES[name];
  const shape = svg("rect", { x, y, width: BOX.width, height: BOX.height, rx: 6 });
  const text = svg("text", { x: x + BOX.width / 2, y: y + BOX.height / 2 }, labels[`place.${name}`]);
  const parts = [shape, text];
  if (name === "stream") parts.push(svg("text", { class: "kl-under", x: x + BOX.width / 2, y: y - 9 }, labels.name));
  return svg("g", { class: "kl-place", "data-place": name, "data-built": built }, ...parts);
}

function picture(labels) {
  const roads = new Map(ROADS.map(([from, to]) => [`${from}-${to}`, road(from, to)]));
  const places = new Map(Object.keys(PLACES).map((name) => [name, place(name, labels)]));
  const tip = svg("marker", { id: "kl-journey-tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7,
    markerHeight: 7, orient: "auto" }, svg("path", { d: "M0 0L8 4L0 8z" }));
  const token = svg("circle", { class: "kl-token", r: 8 });
  const root = svg("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img", "aria-label": labels.title },
    svg("defs", {}, tip), ...roads.values(), ...places.values(), token);
  return { root, roads, places, token };
}

function render({ model, el }) {
  const labels = model.get("labels");
  const steps = model.get("steps");
  const drawn = picture(labels);
  const status = html("p", { role: "status", class: "kl-told" });
  const past = html("ol", { class: "kl-past" });
  const next = html("button", { type: "button" }, labels.next);
  const again = html("button", { type: "button" }, labels.again);
  const root = html("section",
    { class: "kinesis-lab kl-journey", "aria-label": labels.title, "data-lm-suppress-shortcuts": "true" },
    html("p", { class: "kl-title" }, labels.title), drawn.root,
    html("div", { class: "kl-buttons" }, next, again), status, past);

  function show() {
    const told = model.get("told");
    const step = steps[told.length - 1];
    status.replaceChildren(...(step ? [html("strong", {}, `${told.length}. ${step.title}`),
      html("span", { class: "kl-state", "data-built": step.built }, step.state), html("br"),
      withHtml("span", {}, told.at(-1))] : [labels.waiting]));
    past.replaceChildren(...told.slice(0, -1).map((text) => withHtml("li", {}, text)));
    const [, to] = step ? step.road : [null, "bike"];
    const [x, y] = PLACES[to];
    drawn.token.style.transform = `translate(${x}px, ${y}px)`;
    drawn.token.dataset.built = step ? step.built : true;
    for (const [name, node] of drawn.places) node.dataset.here = name === to;
    for (const [name, node] of drawn.roads) node.dataset.here = Boolean(step) && name === step.road.join("-");
    next.disabled = told.length === steps.length;
    again.disabled = told.length === 0;
  }

  next.addEventListener("click", () => model.send({ kind: "next" }));
  again.addEventListener("click", () => model.send({ kind: "again" }));
  model.on("change:told", show);
  show();
  el.append(root);
  return () => model.off("change:told", show);
}

export default { render };
