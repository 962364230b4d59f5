// The shard map: lays out the kernel's rows for the instant that the slider chooses, and draws them.
// Everything that is known about shards, hashes, retention and words comes in `rows`, `pins` and
// `words`; the clock and the pins are moved by messages. Only places on the page are computed here.

const STEPS = 1000; // of the slider
const PLAY_MS = 12000;
const LETTER = 6.5; // px of an average letter at 11.5 px, on the safe side

function titled(node, words) {
  node.append(svg("title", {}, words));
  return node;
}

const clipped = (words, room) => {
  const most = Math.max(Math.floor(room / LETTER), 2);
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`;
};

// To the second, as a person reads a clock.
const written = (at) => new Date(at).toISOString().replace("T", " ").slice(0, 19);

// --- the axis -------------------------------------------------------------------------------------

// Between the corners of a bent axis: column 0 is the instant, column 1 the place from 0 to 1.
function along(corners, value, from, to) {
  const right = corners.findIndex((corner) => corner[from] >= value);
  if (right === 0) return corners[0][to];
  if (right < 0) return corners[corners.length - 1][to];
  const [low, high] = [corners[right - 1], corners[right]];
  const part = (value - low[from]) / (high[from] - low[from]);
  return low[to] + part * (high[to] - low[to]);
}
const placeOf = (rows, at) => along(rows.axis, at, 0, 1);
const instantAt = (rows, place) => Math.round(along(rows.axis, place, 1, 0));

function stateOf(lane, at) {
  if (lane.expires !== null && lane.expires <= at) return "expired";
  return lane.closed !== null && lane.closed <= at ? "closed" : "open";
}

// --- the ring -------------------------------------------------------------------------------------

const RING = { width: 290, height: 222, x: 145, y: 108, radius: 72, band: 25 };

function around(radius, turn) {
  const angle = 2 * Math.PI * turn;
  return [RING.x + radius * Math.sin(angle), RING.y - radius * Math.cos(angle)];
}

function slice(from, to) {
  const middle = (from + to) / 2; // two arcs each way: one arc cannot go all the way round
  const [outer, inner] = [RING.radius, RING.radius - RING.band];
  const arc = (radius, turn, sweep) => `A${radius} ${radius} 0 0 ${sweep} ${around(radius, turn)}`;
  return `M${around(outer, from)}${arc(outer, middle, 1)}${arc(outer, to, 1)}` +
    `L${around(inner, to)}${arc(inner, middle, 0)}${arc(inner, from, 0)}Z`;
}

function ringPins(pins, lanes, at) {
  const placed = pins.map((pin) => ({ pin, place: around(RING.radius + 9, pin.turn) }));
  const nodes = [];
  for (const right of [true, false]) {
    let low = -Infinity;
    const side = placed.filter(({ place: [x] }) => (x >= RING.x) === right);
    for (const { pin, place: [x, y] } of side.sort((one, other) => one.place[1] - other.place[1])) {
      low = Math.max(y, low + 15);
      const home = lanes.find((lane) => lane.shard === newest(pin.homes, at)?.[1]);
      const room = right ? RING.width - x - 9 : x - 9;
      const name = text(right ? x + 9 : x - 9, low, clipped(pin.key, room), {
        class: "kl-small", "text-anchor": right ? "start" : "end",
      });
      const dot = svg("circle", { class: "kl-pin", cx: x, cy: y, r: 5, fill: home?.hue ?? "none" });
      nodes.push(titled(svg("g", { "data-pin": pin.key }, dot, name), pin.key));
    }
  }
  return nodes;
}

function drawRing(node, rows, pins, words, at) {
  const open = rows.lanes.filter((lane) => lane.opened <= at && stateOf(lane, at) === "open");
  const slices = open.map((lane) =>
    titled(svg("path", { class: "kl-slice", d: slice(lane.from, lane.to), fill: lane.hue,
      "data-shard": lane.shard }), `${lane.name}: ${lane.range}`));
  const numbers = open.filter((lane) => lane.to - lane.from > 0.03).map((lane) => {
    const [x, y] = around(RING.radius - RING.band / 2, (lane.from + lane.to) / 2);
    return text(x, y, lane.shard, { class: "kl-number", style: `fill:${lane.ink}`, "text-anchor": "middle" });
  });
  if (!open.length) slices.push(svg("path", { class: "kl-nothing", d: slice(0, 0.9999) }));
  node.replaceChildren(
    ...slices, ...numbers,
    text(RING.x, RING.y - 9, words.ring, { class: "kl-quiet", "text-anchor": "middle" }),
    text(RING.x, RING.y + 9, "0 … 2¹²⁸−1", { "text-anchor": "middle" }),
    ...ringPins(pins, rows.lanes, at),
  );
}

// --- the lanes ------------------------------------------------------------------------------------

function planned(rows, width) {
  const count = Math.max(rows.lanes.length, 1);
  const tall = Math.max(16, Math.min(44, 400 / count - 18));
  const plan = { width, left: 78, right: 14, top: 32, tall, step: tall + 18 };
  plan.bottom = plan.top + Math.max(count * plan.step, 190);
  plan.x = (at) => plan.left + (width - plan.left - plan.right) * placeOf(rows, at);
  plan.tops = new Map(rows.lanes.map((lane, row) => [lane.shard, plan.top + row * plan.step]));
  const largest = Math.max(1, ...rows.dots.map((dot) => dot[3] + dot[5]));
  plan.r = (bytes) => Math.max(2, rows.largestDot * Math.sqrt((plan.tall / 44) * (bytes / largest)));
  return plan;
}

function refused(x, y, r) {
  const d = r * 0.7;
  return svg("g", { class: "kl-refused" }, svg("circle", { cx: x, cy: y, r }),
    svg("path", { d: `M${x - d} ${y + d}L${x + d} ${y - d}M${x - r} ${y}L${x} ${y - r}M${x} ${y + r}L${x + r} ${y}` }));
}

// One node per dot, made once per layout; moving the slider only shows, hides and greys them.
function dotNodes(rows, plan) {
  const hues = new Map(rows.lanes.map((lane) => [lane.shard, lane.hue]));
  const nodes = [];
  for (const [at, shard, records, bytes, throttled, throttledBytes, level] of rows.dots) {
    const top = plan.tops.get(shard);
    if (top === undefined) continue;
    const margin = Math.min(8, plan.tall / 3);
    const height = (part) => top + margin + (plan.tall - 2 * margin) * (part % 1);
    const x = plan.x(at);
    const node = svg("g", { class: "kl-dot" });
    if (records) node.append(svg("circle", { cx: x, cy: height(level), r: plan.r(bytes), fill: hues.get(shard) }));
    if (throttled) node.append(refused(x, height(level + 0.5), Math.max(3.5, plan.r(throttledBytes))));
    nodes.push({ at, node });
  }
  return nodes;
}

function laneNodes(rows, plan, words, at) {
  return rows.lanes.filter((lane) => lane.opened <= at).map((lane) => {
    const top = plan.tops.get(lane.shard);
    const state = stateOf(lane, at);
    const [x, end] = [plan.x(lane.opened), plan.x(Math.min(lane.closed ?? at, at))];
    const box = svg("rect", { class: "kl-lane", x, y: top, width: Math.max(end - x, 2),
      height: plan.tall, rx: 6, style: `--hue:${lane.hue}` });
    const middle = top + plan.tall / 2;
    const two = plan.tall >= 30;
    const name = text(plan.left - 10, middle - (two ? 8 : 0), lane.name,
      { class: two ? "kl-name" : "kl-small", "text-anchor": "end" });
    const said = text(plan.left - 10, middle + 9, words[state],
      { class: "kl-small kl-quiet", "text-anchor": "end" });
    const group = svg("g", { "data-shard": lane.shard, "data-state": state }, box, name);
    if (two) group.append(said);
    return titled(group, `${lane.name} (${words[state]}): ${lane.range}`);
  });
}

function stemNodes(rows, plan, at) {
  return rows.beats.filter((beat) => beat.at <= at).flatMap((beat) => {
    const tops = [...beat.old, ...beat.new].map((shard) => plan.tops.get(shard));
    if (tops.includes(undefined)) return [];
    const x = plan.x(beat.at);
    const heights = tops.map((top) => top + plan.tall / 2);
    const line = `M${x} ${Math.min(...heights)}V${Math.max(...heights)}`;
    const end = x + 10 + beat.label.length * LETTER;
    const now = plan.x(at); // its line is crossed by no label
    const fits = end < plan.width && (end < now || now < x + 10);
    const label = text(fits ? x + 10 : x - 10, heights[beat.old.length - 1], beat.label,
      { class: "kl-small kl-halo", "text-anchor": fits ? "start" : "end" });
    return [svg("path", { class: "kl-stem-halo", d: line }), svg("path", { class: "kl-stem", d: line }),
      ...heights.map((y) => svg("circle", { class: "kl-node", cx: x, cy: y, r: 3.6 })), label];
  });
}

function pinTags(rows, pins, plan, at) {
  const keys = new Map();
  for (const pin of pins) {
    const home = newest(pin.homes, at)?.[1];
    if (plan.tops.has(home)) keys.set(home, [...(keys.get(home) ?? []), pin.key]);
  }
  return [...keys].map(([shard, names]) => {
    const label = clipped(names.join(", "), plan.width - plan.left - plan.right - 16);
    const end = Math.max(plan.x(at), plan.left + label.length * LETTER + 16);
    const y = plan.tops.get(shard) + plan.tall + 8;
    const hue = rows.lanes.find((lane) => lane.shard === shard).hue;
    return svg("g", { "data-home": shard },
      svg("circle", { class: "kl-pin", cx: end - 5, cy: y, r: 4.5, fill: hue }),
      text(end - 14, y, label, { class: "kl-small kl-halo", "text-anchor": "end" }));
  });
}

function linesOfTime(rows, plan, words, at, horizon) {
  const now = plan.x(at);
  const nodes = [svg("path", { class: "kl-now", d: `M${now} ${plan.top - 8}V${plan.bottom}` })];
  const here = at === rows.now ? words.now : words.shown;
  const half = (here.length * LETTER) / 2;
  const middle = Math.min(now, plan.width - half);
  nodes.push(text(middle, plan.top - 17, here, { class: "kl-small kl-strong", "text-anchor": "middle" }));
  if (horizon <= rows.begin) return nodes;
  const x = plan.x(horizon);
  const wide = (words.horizon.length * LETTER) / 2;
  const label = Math.max(plan.left + wide - 40, Math.min(x, middle - half - wide - 8));
  nodes.unshift(
    svg("path", { class: "kl-horizon", d: `M${x} ${plan.top - 8}V${plan.bottom}` }),
    text(label, plan.top - 17, words.horizon, { class: "kl-small kl-quiet", "text-anchor": "middle" }),
  );
  return nodes;
}

function trimmedPart(rows, plan, words, horizon) {
  if (horizon <= rows.begin) return [];
  const wide = plan.x(horizon) - plan.left;
  const nodes = [svg("rect", { class: "kl-trimmed", x: plan.left, y: plan.top - 8, width: wide,
    height: plan.bottom - plan.top + 8 })];
  if (wide > words.gone.length * LETTER + 16) {
    nodes.push(text(plan.left + 8, plan.bottom - 9, words.gone, { class: "kl-small kl-quiet" }));
  }
  return nodes;
}

function axisNodes(rows, plan) {
  const y = plan.bottom;
  const end = plan.width - plan.right;
  const nodes = [svg("path", { class: "kl-axis", d: `M${plan.left} ${y}H${end}` })];
  const taken = [];
  const ends = rows.ticks.filter(([place]) => place === 0 || place === 1);
  for (const [place, label, quiet] of [...ends, ...rows.ticks]) {
    const x = plan.left + (end - plan.left) * place;
    const middle = Math.min(x, plan.width - (label.length * LETTER) / 2);
    if (taken.some((other) => Math.abs(middle - other) < label.length * LETTER + 8)) continue;
    taken.push(middle);
    if (!quiet) nodes.push(svg("path", { class: "kl-axis", d: `M${x} ${y}v5` }));
    nodes.push(text(place === 1 ? plan.width : x, y + 15, label,
      { class: "kl-tick", "text-anchor": place === 1 ? "end" : "middle" }));
  }
  for (const [earlier, later] of rows.breaks) {
    const x = (plan.x(earlier) + plan.x(later)) / 2;
    nodes.push(svg("path", { class: "kl-gap", d: `M${x - 5} ${y}h10` }),
      svg("path", { class: "kl-axis kl-mark", d: `M${x - 7} ${y + 5}l6-10M${x} ${y + 5}l6-10` }));
  }
  return nodes;
}

function legendItems(rows, words) {
  const item = (picture, label) => signNode(22, 14, label, ...picture);
  const hue = rows.lanes[0]?.hue ?? "currentColor";
  const items = [item([svg("circle", { cx: 14, cy: 7, r: 5, fill: hue })], rows.dotLabel)];
  if (rows.dots.some((dot) => dot[4])) items.push(item([refused(14, 7, 5)], words.throttled));
  if (rows.lanes.some((lane) => lane.closed !== null)) {
    const box = svg("rect", { class: "kl-lane", x: 2, y: 1.5, width: 18, height: 11, rx: 3, style: `--hue:${hue}` });
    items.push(item([svg("g", { "data-state": "closed" }, box)], words["closed-shard"]));
  }
  if (rows.breaks.length) {
    const mark = svg("path", { class: "kl-axis kl-mark", d: "M4 12l6-10M11 12l6-10" });
    items.push(item([mark], words.squeezed));
  }
  return items;
}

// --- the page -------------------------------------------------------------------------------------

function skeleton(words) {
  const say = (name) => words[`control.${name}`];
  const parts = {
    ...pageParts(),
    ...playButton(words),
    ring: svg("svg", { class: "kl-ring", width: RING.width, height: RING.height, role: "img" }),
    lanes: svg("svg", { class: "kl-lanes", role: "img" }),
    slider: html("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": say("slider") }),
    marks: html("div", { class: "kl-marks", "aria-hidden": "true" }),
    clock: html("div", { role: "toolbar", class: "kl-clock", "aria-label": say("clock") }),
    key: html("input", { type: "text", maxlength: 256, placeholder: say("key-hint"), spellcheck: "false",
      autocomplete: "off" }),
  };
  const wishes = [["second", "+1 s"], ["minute", "+1 min"], ["hour", "+1 h"], ["next", say("next")]];
  parts.clock.append(...wishes.map(([wish, label]) => html("button", { type: "button", "data-wish": wish }, label)));
  roving(parts.clock);
  parts.field = html("div", { class: "kl-key" }, html("label", {}, say("key"), parts.key), parts.reply);
  parts.track = html("div", { class: "kl-track" }, parts.marks, parts.slider);
  parts.right = html("div", { class: "kl-right" },
    html("p", { class: "kl-caption" }, words.lanes), parts.lanes, parts.track, parts.legend);
  parts.root = html("section", { class: "kinesis-lab kl-card kl-map" },
    html("header", {}, html("div", {}, parts.title, parts.subtitle),
      html("div", {}, html("span", { class: "kl-quiet-text" }, say("time")), parts.time)),
    html("div", { class: "kl-body" },
      html("div", { class: "kl-left" }, parts.ring,
        html("div", { class: "kl-said" }, html("h3", {}, words["notice.title"]), parts.notice)),
      parts.right),
    html("div", { class: "kl-controls" }, parts.play, parts.clock, parts.field));
  quietAll(parts.root);
  return parts;
}

function render({ model, el }) {
  const words = model.get("words");
  const parts = skeleton(words);
  const layers = { back: svg("g"), dots: svg("g"), front: svg("g") };
  let rows, plan, dots;
  let at = 0;

  function layout() {
    const width = Math.max(parts.right.clientWidth, 300);
    rows = model.get("rows");
    plan = planned(rows, width);
    dots = dotNodes(rows, plan);
    layers.dots.replaceChildren(...dots.map((dot) => dot.node));
    const height = plan.bottom + 26;
    for (const [name, value] of Object.entries({ width, height })) parts.lanes.setAttribute(name, value);
    parts.lanes.replaceChildren(...axisNodes(rows, plan), layers.back, layers.dots, layers.front);
    parts.legend.replaceChildren(...legendItems(rows, words));
    alignTo(parts.track, plan.left, plan.right);
    parts.marks.replaceChildren(...rows.moments.slice(1, -1).map((moment) =>
      html("i", { style: `left:${placeOf(rows, moment) * 100}%` })));
    parts.title.textContent = rows.stream;
    for (const button of parts.clock.children) button.disabled = !rows.manual;
    show(model.get("at") ?? rows.now);
  }

  function show(instant) {
    at = Math.min(Math.max(instant, rows.begin), rows.now);
    const horizon = along(rows.horizon, at, 0, 1);
    const pins = model.get("pins");
    layers.back.replaceChildren(...trimmedPart(rows, plan, words, horizon), ...laneNodes(rows, plan, words, at));
    for (const dot of dots) {
      dot.node.style.display = dot.at <= at ? "" : "none";
      dot.node.classList.toggle("kl-gone", dot.at < horizon);
    }
    layers.front.replaceChildren(...linesOfTime(rows, plan, words, at, horizon),
      ...stemNodes(rows, plan, at), ...pinTags(rows, pins, plan, at));
    drawRing(parts.ring, rows, pins, words, at);
    within(parts.lanes);
    say();
  }

  function say() {
    const notice = newest(rows.notices, at)?.[1] ?? "";
    tell(parts.notice, notice);
    parts.subtitle.textContent = newest(rows.subtitles, at)?.[1] ?? "";
    parts.time.textContent = written(at);
    parts.lanes.setAttribute("aria-label", `${words.lanes}. ${notice}`);
    parts.ring.setAttribute("aria-label", `${words.ring}. ${parts.subtitle.textContent}`);
    standAt(parts.slider, placeOf(rows, at), written(at));
  }

  // --- the slider and playing ---------------------------------------------------------------------

  function keep() {
    model.set("at", at >= rows.now ? null : at);
    model.save_changes();
  }
  function slid() {
    const place = parts.slider.valueAsNumber / STEPS;
    show(place >= 1 ? rows.now : instantAt(rows, place));
  }
  const { stop, jump } = player({
    button: parts.play, icon: parts.icon, words, ms: PLAY_MS, rows: () => rows, at: () => at, show: (instant) => show(instant),
    placeOf: (instant) => placeOf(rows, instant), instantAt: (place) => instantAt(rows, place),
    stopped: () => keep(),
  });

  walking(parts.slider, 10, { stop, slid, jump, done: keep });

  // --- wishes to the kernel -----------------------------------------------------------------------

  function pushed(event) {
    const wish = event.target.closest("button")?.dataset.wish;
    if (!wish) return;
    stop();
    model.send(wish === "next" ? { kind: "next" } : { kind: "advance", step: wish });
  }
  function asked(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (parts.key.value) model.send({ kind: "pin", key: parts.key.value });
    parts.key.value = "";
  }

  const repaint = () => show(at);
  const replied = () => (parts.reply.textContent = model.get("reply"));
  const moved = () => show(model.get("at") ?? rows.now);
  parts.slider.addEventListener("change", keep);
  parts.clock.addEventListener("click", pushed);
  parts.key.addEventListener("keydown", asked);
  el.append(parts.root);
  replied();
  layout();
  const changes = { rows: layout, pins: repaint, reply: replied, at: moved };
  return living({ model, changes, node: parts.right, layout, ended: stop });
}

export default { render };
