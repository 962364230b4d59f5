// The load mixer: sends the places of its controls, and draws the rows that the kernel answers with.
// How full a shard was, what it refused and every sentence come in `rows`; only places on the page are
// computed here.

const LEFT = 96; // px for the names of lanes
const RIGHT = 74; // px for what was refused
const TOP = 22;

// --- the map --------------------------------------------------------------------------------------

function planned(rows, width) {
  const tall = Math.max(20, Math.min(44, 260 / rows.lanes.length - 8));
  const plan = { width, tall, step: tall + 8, end: width - RIGHT };
  plan.bottom = TOP + plan.step * rows.lanes.length;
  plan.wide = (plan.end - LEFT) / rows.columns;
  plan.tops = new Map(rows.lanes.map((lane, row) => [lane.shard, TOP + row * plan.step]));
  return plan;
}

const hatch = (id) => hatched(id, 5, svg("rect", { class: "kl-hollow", width: 5, height: 5 }));

function laneNodes(lane, plan) {
  const y = plan.tops.get(lane.shard);
  const middle = y + plan.tall / 2;
  const two = plan.tall >= 32;
  const nodes = [
    svg("rect", { class: "kl-lane", x: LEFT - 2, y: y - 2, width: plan.end - LEFT + 4,
      height: plan.tall + 4, rx: 4, stroke: lane.hue }),
    text(LEFT - 10, middle - (two ? 8 : 0), lane.name, { class: "kl-name", "text-anchor": "end" }),
    text(plan.width, middle, lane.refused,
      { class: lane.throttled ? "kl-count kl-bad" : "kl-count kl-quiet", "text-anchor": "end" }),
  ];
  if (two) nodes.push(text(LEFT - 10, middle + 9, lane.full, { class: "kl-quiet", "text-anchor": "end" }));
  return nodes;
}

function cellNode([shard, column, strength, refused, said], plan, hue, fill) {
  const [x, y] = [LEFT + column * plan.wide, plan.tops.get(shard)];
  const width = Math.max(plan.wide - 1.5, 1);
  const high = refused ? Math.max(plan.tall * refused, 5) : 0;
  const cell = svg("g", { class: "kl-cell", "data-shard": shard }, svg("title", {}, said));
  if (strength) {
    const top = plan.tall * refused;
    cell.append(svg("rect", { x, y: y + top, width, height: plan.tall - top, fill: hue, "fill-opacity": strength }));
  }
  if (refused) cell.append(svg("rect", { class: "kl-refused", x, y, width, height: high, fill }));
  return cell;
}

function axisNodes(rows, plan, words) {
  const y = plan.bottom;
  const nodes = [svg("path", { class: "kl-axis", d: `M${LEFT} ${y}H${plan.end}` })];
  for (const [place, label] of rows.ticks) {
    const x = LEFT + (plan.end - LEFT) * place;
    nodes.push(svg("path", { class: "kl-axis", d: `M${x} ${y}v5` }),
      text(x, y + 15, label, { class: "kl-quiet", "text-anchor": "middle" }));
  }
  nodes.push(svg("path", { class: "kl-now", d: `M${plan.end} ${TOP - 6}V${y}` }),
    text(plan.end, TOP - 13, words.now, { class: "kl-strong", "text-anchor": "end" }),
    text(plan.width, TOP - 13, words["column.refused"], { class: "kl-quiet", "text-anchor": "end" }));
  return nodes;
}

function draw(node, rows, words, width, id) {
  const plan = planned(rows, width);
  const hues = new Map(rows.lanes.map((lane) => [lane.shard, lane.hue]));
  node.setAttribute("width", width);
  node.setAttribute("height", plan.bottom + 26);
  node.setAttribute("aria-label", `${rows.caption}. ${rows.notice}`);
  node.replaceChildren(hatch(id), ...rows.lanes.flatMap((lane) => laneNodes(lane, plan)),
    ...rows.cells.map((cell) => cellNode(cell, plan, hues.get(cell[0]), `url(#${id})`)),
    ...axisNodes(rows, plan, words));
}

function legend(rows, words, id) {
  const hue = rows.lanes[0].hue;
  const scale = rows.scale.map((strength, step) =>
    svg("rect", { x: 16 * step, width: 16, height: 14, fill: hue, "fill-opacity": strength }));
  const refused = svg("rect", { class: "kl-refused", x: 1, y: 1, width: 18, height: 12, fill: `url(#${id})` });
  return [signNode(80, 14, words["legend.full"], ...scale), signNode(20, 14, words["legend.refused"], refused)];
}

// --- the controls ---------------------------------------------------------------------------------

function render({ model, el }) {
  const words = model.get("words");
  const id = freshId("hatch");
  const controls = model.get("controls").map((each) => (each.slider ? slider(each) : choice(each)));
  const parts = {
    takes: html("span", { class: "kl-quiet-text" }),
    caption: html("p", { class: "kl-caption" }),
    map: svg("svg", { role: "img" }),
    ...pageParts(),
  };
  const frame = html("div", { class: "kl-frame" }, parts.map);
  const root = html("section", { class: "kinesis-lab kl-card kl-mixing kl-mixer", "aria-label": words["mixer.title"] },
    html("header", {}, html("strong", { class: "kl-title" }, words["mixer.title"]),
      html("span", { class: "kl-quiet-text" }, words["mixer.subtitle"])),
    html("div", { class: "kl-controls" }, ...controls.map((control) => control.node)),
    parts.takes, parts.caption, frame, parts.legend,
    html("h3", {}, words["notice.title"]), parts.notice);
  quietAll(root);

  const mix = mixing({ model, root, controls, shown: () => layout(),
    busy: () => tell(parts.notice, words["mixer.running"]) });
  function layout() {
    const rows = model.get("rows");
    parts.takes.textContent = rows.takes;
    parts.caption.textContent = rows.caption;
    draw(parts.map, rows, words, Math.max(frame.clientWidth, 300), id);
    parts.legend.replaceChildren(...legend(rows, words, id));
    if (!mix.isAsking()) tell(parts.notice, rows.notice);
  }

  mix.answered();
  el.append(root);
  return living({ model, changes: { rows: mix.answered }, node: frame, layout });
}

export default { render };
