// Draws a scene: marks of `kit/scene.py` as SVG, for a width and an instant.

const BEFORE = { start: 0, middle: 0.5, end: 1 }; // how much of a text stands left of its place
const BAND = 0.36; // the part of a ring's radius that its slices take
let scenes = 0;

const onWidth = (x, width) => (typeof x === "number" ? x : x[0] + x[1] * width);
const lives = ([, , , { since, until }], at) =>
  at === null || ((since === undefined || since <= at) && (until === undefined || at < until));

/** Where a mark is at an instant, and what it says there. @returns {[any, any, any, any]} */
function moved([kind, role, points, more], at) {
  const [, places, said] = more.moves?.findLast(([since]) => at === null || since <= at) ?? [0, points, more.said];
  return [kind, role, places, { ...more, said }];
}

function hatchOf(id, stroke, ...under) {
  return svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    ...under, svg("path", { d: "M0 0V6", stroke, "stroke-width": 2.2 }));
}

function headOf([[x0, y0], [x1, y1]]) {
  const turn = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
  return { d: "M0 0l-9-4v8z", transform: `translate(${x1} ${y1}) rotate(${turn})` };
}

function lineOf(role, places, { begin, end }) {
  const d = `M${places.map(([x, y]) => `${x} ${y}`).join("L")}`;
  const nodes = [svg("path", { class: `kl-${role}`, d, fill: "none" })];
  if (end) nodes.push(svg("path", { class: `kl-${role} kl-head`, ...headOf(places.slice(-2)) }));
  const [[x, y]] = places;
  if (begin) nodes.push(svg("path", { class: `kl-${begin}`, d: `M${x + 1} ${y}l-9-5v10z` }));
  return nodes;
}

// A piece of a ring: two arcs each way, for one cannot go all the way round.
function sliceOf([x, y], r, [from, to]) {
  const around = (radius, turn) =>
    [x + radius * Math.sin(2 * Math.PI * turn), y - radius * Math.cos(2 * Math.PI * turn)];
  const arc = (radius, turn, sweep) => `A${radius} ${radius} 0 0 ${sweep} ${around(radius, turn)}`;
  const [middle, inner] = [(from + to) / 2, r * (1 - BAND)];
  return `M${around(r, from)}${arc(r, middle, 1)}${arc(r, to, 1)}` +
    `L${around(inner, to)}${arc(inner, middle, 0)}${arc(inner, from, 0)}Z`;
}

function shapeOf(kind, role, places, { r = 0, turn, said, align = "start", row, strength }) {
  const [[x, y], [x1, y1] = [0, 0]] = places;
  const look = { class: `kl-${role}`, ...(strength && { "fill-opacity": strength }) };
  if (kind === "dot") return svg("circle", { ...look, cx: x, cy: y, r });
  if (kind === "slice") return svg("path", { ...look, d: sliceOf([x, y], r, turn) });
  if (kind === "text") {
    const node = text(x, y, said, { ...look, "text-anchor": align });
    return row ? made(node, { "data-row": row }, []) : node;
  }
  if (kind === "shape") return svg("path", { ...look, d: `M${places.map((place) => place.join(" ")).join("L")}Z` });
  return svg("rect", { ...look, x: Math.min(x, x1), y: Math.min(y, y1),
    width: Math.max(Math.abs(x1 - x), 0.5), height: Math.abs(y1 - y), rx: r });
}

function markNode([kind, role, points, more], width) {
  const places = points.map(([x, y]) => [onWidth(x, width), y]);
  const nodes = kind === "line" ? lineOf(role, places, more) : [shapeOf(kind, role, places, more)];
  const { hue, tip, data } = more;
  if (nodes.length === 1 && !hue && !tip && !data) return nodes[0];
  const group = svg("g", hue ? { style: `--hue:${hue}` } : {}, ...nodes);
  if (tip) group.append(svg("title", {}, tip));
  for (const [name, value] of Object.entries(data ?? {})) group.setAttribute(`data-${name}`, value);
  return group;
}

// Texts of a row give way to those before them and stay inside; only what is on the page has a length.
function settle(node, width) {
  const taken = new Map();
  for (const said of node.querySelectorAll("text[data-row]")) {
    const wide = said.getComputedTextLength();
    if (!wide) continue;
    const before = wide * BEFORE[said.getAttribute("text-anchor")];
    const start = clamp(Number(said.getAttribute("x")) - before, 0, Math.max(width - wide, 0));
    const others = taken.get(said.dataset.row) ?? [];
    if (others.some(([from, to]) => start < to + 8 && from < start + wide + 8)) {
      said.remove();
      continue;
    }
    said.setAttribute("x", start + before);
    taken.set(said.dataset.row, [...others, [start, start + wide]]);
  }
}

// Puts what of a scene is there at an instant (all with null) into an SVG element of `width` px.
function drawScene(node, scene, width, at = null) {
  const id = (node.dataset.hatch ??= `kl-hatch-${(scenes += 1)}`);
  const marks = scene.marks.filter((mark) => lives(mark, at));
  made(node, { width, height: scene.height, style: `--hatch:url(#${id});--hatch-purple:url(#${id}-purple)` }, []);
  const paper = svg("rect", { width: 6, height: 6, fill: "var(--kl-paper)" });
  const hatches = svg("defs", {}, hatchOf(id, "var(--kl-text-bad)", paper), hatchOf(`${id}-purple`, "var(--kl-hue-purple)"));
  node.replaceChildren(hatches, ...marks.map((mark) => markNode(moved(mark, at), width)));
  settle(node, width);
}

