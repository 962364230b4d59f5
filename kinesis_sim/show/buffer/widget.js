// Firehose's buffers: lays out the kernel's rows for the instant that the slider chooses, and draws
// them. What fires first, what closed an object, sizes and sentences come in `rows` and `words`; the
// controls send their places. Only places on the page are computed here.

const STEPS = 1000; // of the slider
const PLAY_MS = 14000;
const FLASH = 0.012; // of the axis: how long a scale that fired is seen to have fired
const HEIGHT = 190;
const EDGE = { left: 8, right: 62, top: 44, bottom: 38 };
const STRIP = 74;

function spanOf(ms) {
  if (ms < 1200000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7200000) return `${Math.round(ms / 60000)} min`;
  return `${Math.floor(ms / 3600000)} h ${Math.floor((ms % 3600000) / 60000)} min`;
}

function written(rows, at) {
  const when = new Date(at);
  const clock = when.toISOString().slice(11, 19);
  if (rows.clocks.seconds) return clock;
  return `${rows.clocks.days[(when.getUTCDay() + 6) % 7]} ${clock.slice(0, 5)}`;
}

// --- buffers --------------------------------------------------------------------------------------

function scalesOf(rows, lane, at) {
  const [, held, opened, first, due, fired, said] =
    newest(rows.levels[lane], at) ?? [0, 0, null, "", null, "", "0 KiB"];
  const hint = newest(rows.hints, at) ?? rows.hints[0];
  const age = opened === null ? 0 : at - opened;
  const flash = newest(rows.levels[lane], at)?.[5] ?
    at - newest(rows.levels[lane], at)[0] <= FLASH * (rows.end - rows.begin) : false;
  return { held, said, age, due, hint, ahead: flash ? fired : first, flash,
    size: flash && fired === "size" ? 1 : Math.min(held / hint[1], 1),
    interval: flash && fired === "interval" ? 1 : Math.min(age / hint[2], 1) };
}

function race(state, words, at) {
  if (state.flash) return words.fired;
  if (state.due !== null) return filled(words.fires, { span: spanOf(Math.max(state.due - at, 0)) });
  return words.waits;
}

function glass(x, scale, state, words, at) {
  const [low, high, wide] = [48, 172, 100];
  const middle = x + wide / 2;
  const most = state.hint[scale === "size" ? 3 : 4];
  const fired = state.flash && state.ahead === scale; // a glass that fired is seen full for a moment
  const now = fired ? most : scale === "size" ? state.said : spanOf(state.age);
  const tall = (high - low - 6) * state[scale];
  const nodes = [
    text(middle, 10, words[scale], { class: "kl-name", "text-anchor": "middle" }),
    text(middle, 28, filled(words.full, { most }), { class: "kl-small kl-quiet", "text-anchor": "middle" }),
    svg("rect", { class: `kl-fill kl-by-${scale}`, x: x + 9, y: high - 3 - tall, width: wide - 18, height: tall, rx: 4 }),
    svg("rect", { class: "kl-glass", x: x + 6, y: low, width: wide - 12, height: high - low, rx: 8 }),
    svg("path", { class: "kl-mark", d: [1, 2, 3].map((n) => `M${x + wide - 20} ${high - (high - low) * n / 4}h14`).join("") }),
    text(middle, high + 20, now, { class: "kl-value", "text-anchor": "middle" }),
    text(middle, high + 38, scale === "size" ? words.held : words.age, { class: "kl-small kl-quiet", "text-anchor": "middle" }),
  ];
  const ahead = scale === state.ahead || (state.ahead === "backlog" && scale === "interval");
  if (ahead) {
    nodes.push(svg("rect", { class: state.flash ? "kl-first kl-flash" : "kl-first",
      x: x + 1, y: low - 5, width: wide - 2, height: high - low + 10, rx: 11 }));
    const said = race(state, words, at).split(" ");
    const half = said.length > 5 ? Math.ceil(said.length / 2) : said.length;
    [said.slice(0, half), said.slice(half)].forEach((line, row) => nodes.push(
      text(middle, high + 57 + 15 * row, line.join(" "), { class: "kl-small kl-bad", "text-anchor": "middle" })));
  }
  return svg("g", { "data-scale": scale, "data-first": ahead }, ...nodes);
}

function glassNodes(rows, words, at) {
  const state = scalesOf(rows, 0, at);
  return [glass(0, "size", state, words, at), glass(128, "interval", state, words, at)];
}

function laneNodes(rows, words, at, plan) {
  const nodes = [text(66, EDGE.top - 12, words.size, { class: "kl-small kl-strong" }),
    text(154, EDGE.top - 12, words.interval, { class: "kl-small kl-strong" })];
  rows.lanes.forEach(([name, hue], lane) => {
    const y = plan.base(lane) - plan.tall / 2;
    const state = scalesOf(rows, lane, at);
    nodes.push(svg("rect", { x: 0, y: y - 6, width: 5, height: 12, fill: hue }),
      text(10, y, name.length > 8 ? `${name.slice(0, 7)}…` : name, { class: "kl-small" }));
    for (const [scale, x] of Object.entries({ size: 66, interval: 154 })) {
      const ahead = scale === state.ahead;
      nodes.push(
        svg("rect", { class: `kl-fill kl-by-${scale}`, x, y: y - 5, width: 72 * state[scale], height: 10, rx: 3 }),
        svg("rect", { class: ahead ? "kl-first" : "kl-glass kl-thin", x, y: y - 5, width: 72, height: 10, rx: 3 }));
      if (ahead) nodes.push(svg("path", { class: "kl-tip", d: `M${x - 9} ${y - 5}v10l8-5z` }));
    }
  });
  return nodes;
}

// --- the lake -------------------------------------------------------------------------------------

function planned(rows, width) {
  const count = Math.max(rows.lanes.length, 1);
  const tall = HEIGHT / count;
  const [left, right] = [EDGE.left, width - EDGE.right];
  const room = tall - (count === 1 ? 14 : 4);
  const gap = (right - left) * count / Math.max(rows.objects.length, 1);
  return {
    count, tall, left, right, width, bottom: EDGE.top + HEIGHT,
    wide: clamp(gap * 0.6, 1, 18),
    x: (at) => left + (right - left) * (at - rows.begin) / Math.max(rows.end - rows.begin, 1),
    base: (lane) => EDGE.top + (lane + 1) * tall,
    high: (bytes) => Math.min(bytes / rows.top, 1) * room,
  };
}

// By what closed it: full for size, pale with an edge for time, hatched for what was held up.
function closed(trigger, x, y, width, height, id) {
  const node = svg("rect", { class: `kl-object kl-by-${trigger}`, x, y, width, height });
  if (trigger === "backlog") node.setAttribute("fill", `url(#${id})`);
  if (width < 3) node.classList.add("kl-narrow");
  return node;
}

function objectNodes(rows, plan, id) {
  return rows.objects.filter(([, lane]) => lane < plan.count).map(([at, lane, bytes, trigger, , said]) => {
    const tall = Math.max(plan.high(bytes), 2);
    const node = closed(trigger, plan.x(at) - plan.wide / 2, plan.base(lane) - tall, plan.wide, tall, id);
    node.append(svg("title", {}, said));
    return { at, node };
  });
}

function lakeNodes(rows, plan, words, at) {
  const hint = newest(rows.hints, at) ?? rows.hints[0];
  const nodes = [text(plan.left, 10, words.lake, { class: "kl-small kl-quiet" })];
  for (let lane = 0; lane < plan.count; lane += 1) {
    const last = lane === plan.count - 1;
    nodes.push(svg("path", { class: last ? "kl-axis" : "kl-grid", d: `M${plan.left} ${plan.base(lane)}H${plan.right}` }));
    if (hint[1] > rows.top) continue;
    const y = plan.base(lane) - plan.high(hint[1]);
    nodes.push(svg("path", { class: "kl-hint", d: `M${plan.left} ${y}H${plan.right}` }));
    if (lane === 0) nodes.push(text(plan.right + 5, y, hint[3], { class: "kl-small kl-quiet" }));
  }
  if (hint[1] > rows.top) {
    nodes.push(text(plan.left, plan.bottom + 31, filled(words.top, { size: hint[3] }), { class: "kl-small kl-quiet kl-halo" }));
  }
  let free = -Infinity;
  for (const [tick, label] of rows.ticks) {
    if (plan.x(tick) - 20 < free) continue;
    free = plan.x(tick) + 22;
    nodes.push(text(plan.x(tick), plan.bottom + 15, label, { class: "kl-small kl-quiet", "text-anchor": "middle" }));
  }
  return nodes;
}

function expectedNodes(rows, plan, words, at) {
  if (at < rows.now) return [];
  return rows.levels.flatMap((levels, lane) => {
    const level = newest(levels, at);
    if (!level || level[2] === null || level[4] === null || at <= level[2]) return [];
    const [, held, opened, first, due] = level;
    const grown = Math.min(held * (due - opened) / (at - opened), newest(rows.hints, at)[1]);
    const tall = Math.max(plan.high(grown), 2);
    const x = plan.x(Math.min(due, rows.end)) - plan.wide / 2;
    return [svg("rect", { class: `kl-expected kl-by-${first}`, x, y: plan.base(lane) - tall, width: plan.wide, height: tall },
      svg("title", {}, words.expected))];
  });
}

function presentNodes(rows, plan, words, at) {
  const x = plan.x(at);
  const said = words[at >= rows.now ? "now" : "shown"];
  const middle = clamp(x, plan.left + said.length * 3.4, plan.width - said.length * 3.4);
  return [svg("path", { class: "kl-now", d: `M${x} ${EDGE.top - 6}V${plan.bottom + 5}` }),
    text(middle, EDGE.top - 13, said, { class: "kl-small kl-strong kl-halo", "text-anchor": "middle" })];
}

// What is behind as an area, refused writes as hollow marks, losses as crosses.
function stripNodes(rows, plan, words, at) {
  const low = plan.bottom + STRIP + 14;
  const most = Math.max(...rows.backlog.map(([, held]) => held), 1);
  const shown = rows.backlog.filter(([since]) => since <= at);
  let d = "";
  shown.forEach(([since, held], row) => {
    const until = shown[row + 1]?.[0] ?? at;
    const tall = 36 * held / most;
    d += `M${plan.x(since)} ${low}v${-tall}H${plan.x(until)}v${tall}z`;
  });
  const nodes = [svg("path", { class: "kl-behind", d }),
    svg("path", { class: "kl-axis", d: `M${plan.left} ${low}H${plan.right}` }),
    text(plan.left, low + 12, `${words.backlog}: ${shown.at(-1)?.[2] ?? ""}`, { class: "kl-small" })];
  let free = -Infinity;
  for (const since of rows.tries) {
    const x = plan.x(since);
    if (since > at || x < free) continue;
    free = x + 5;
    nodes.push(refused(x, low - 46));
  }
  free = -Infinity;
  for (const since of rows.losses) {
    const x = plan.x(since);
    if (since > at || x < free) continue;
    free = x + 6;
    nodes.push(cross(x, low - 8));
  }
  return nodes;
}
const refused = (cx, cy) => svg("circle", { class: "kl-refused", cx, cy, r: 3.6 });
const cross = (x, y) => svg("path", { class: "kl-lost", d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8` });

function sizeNodes(rows, words, at) {
  const counts = rows.classes.map(() => 0);
  for (const [since, , , , kind] of rows.objects) if (since <= at) counts[kind] += 1;
  const most = Math.max(...counts, 1);
  return [html("h3", {}, words.sizes), ...rows.classes.flatMap((label, kind) => {
    const bar = html("i", { style: `width:${counts[kind] ? Math.max(100 * counts[kind] / most, 3) : 0}%` });
    return [html("span", { class: "kl-class" }, label), html("span", { class: "kl-bar" }, bar),
      html("span", { class: "kl-count" }, String(counts[kind]))];
  })];
}

function legendNodes(rows, words, id) {
  const item = (node, label) => signNode(16, 16, label, node);
  const seen = new Set(["size", "interval", ...rows.objects.map(([, , , trigger]) => trigger)]);
  const nodes = ["size", "interval", "backlog", "update"].filter((name) => seen.has(name))
    .map((name) => item(closed(name, 2, 1, 12, 14, id), words[`legend.${name}`]));
  if (rows.tries.length) nodes.push(item(refused(8, 8), words["legend.tried"]));
  if (rows.losses.length) nodes.push(item(cross(8, 8), words["legend.lost"]));
  return nodes;
}

// --- controls -------------------------------------------------------------------------------------

function skeleton(words, controls) {
  const parts = {
    ...pageParts(),
    ...playButton(words),
    buffers: svg("svg", { class: "kl-buffers", width: 232, role: "img" }),
    lake: svg("svg", { class: "kl-lake", role: "img" }),
    sizes: html("div", { class: "kl-sizes" }),
    slider: html("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": words["control.slider"] }),
  };
  parts.right = html("div", { class: "kl-right" }, parts.lake);
  parts.track = html("div", { class: "kl-track" }, parts.slider);
  parts.root = html("section", { class: "kinesis-lab kl-card kl-mixing kl-buffer", "aria-label": words.lake },
    html("header", {}, html("div", {}, parts.title, parts.subtitle),
      html("div", {}, html("span", { class: "kl-quiet-text" }, words["control.time"]), " ", parts.time)),
    html("div", { class: "kl-body" }, parts.buffers, parts.right, parts.sizes,
      parts.play, parts.track),
    parts.legend,
    html("h3", {}, words["notice.title"]), parts.notice);
  if (controls.length) {
    parts.root.append(html("div", { class: "kl-controls" }, ...controls.map((control) => control.node)),
      html("p", { class: "kl-quiet-text" }, words["mixer.length"]));
  }
  quietAll(parts.root);
  return parts;
}

function render({ model, el }) {
  const words = model.get("words");
  const id = freshId("held-up");
  const controls = model.get("controls").map((each) => (each.slider ? slider(each) : choice(each)));
  const parts = skeleton(words, controls);
  const layers = { back: svg("g"), objects: svg("g"), front: svg("g") };
  let rows, plan, objects, following = true;
  let at = 0;

  function layout() {
    rows = model.get("rows");
    plan = planned(rows, Math.max(parts.right.clientWidth, 260));
    objects = objectNodes(rows, plan, id);
    layers.objects.replaceChildren(...objects.map(({ node }) => node));
    const height = plan.bottom + EDGE.bottom + (rows.tries.length || rows.losses.length ? STRIP + 14 : 0);
    for (const [name, value] of Object.entries({ width: plan.width, height })) parts.lake.setAttribute(name, value);
    parts.buffers.setAttribute("height", plan.bottom + 28);
    parts.lake.replaceChildren(hatched(id, 5), layers.back, layers.objects, layers.front);
    alignTo(parts.track, plan.left, plan.width - plan.x(rows.now));
    parts.legend.replaceChildren(...legendNodes(rows, words, id));
    parts.title.textContent = rows.stream;
    show(following ? rows.now : at);
  }

  function show(instant) {
    at = clamp(instant, rows.begin, rows.now);
    following = at >= rows.now;
    parts.buffers.replaceChildren(...(rows.lanes.length > 1 ? laneNodes(rows, words, at, plan)
      : rows.lanes.length ? glassNodes(rows, words, at) : []));
    layers.back.replaceChildren(...lakeNodes(rows, plan, words, at));
    for (const object of objects) object.node.style.display = object.at <= at ? "" : "none";
    layers.front.replaceChildren(...expectedNodes(rows, plan, words, at), ...presentNodes(rows, plan, words, at),
      ...(rows.tries.length || rows.losses.length ? stripNodes(rows, plan, words, at) : []));
    parts.sizes.replaceChildren(...sizeNodes(rows, words, at));
    [parts.buffers, parts.lake].forEach(within);
    say();
  }

  function say() {
    const notice = mix.isAsking() ? words["mixer.running"] : newest(rows.notices, at)?.[1] ?? "";
    tell(parts.notice, notice);
    parts.subtitle.textContent = (newest(rows.subtitles, at) ?? rows.subtitles[0])?.[1] ?? "";
    parts.time.textContent = written(rows, at);
    parts.lake.setAttribute("aria-label", `${words.lake}. ${notice}`);
    parts.buffers.setAttribute("aria-label", parts.subtitle.textContent);
    standAt(parts.slider, placeOf(at), written(rows, at));
  }

  // --- time ---------------------------------------------------------------------------------------

  const instantAt = (place) => Math.round(rows.begin + place * (rows.now - rows.begin));
  function slid() {
    show(instantAt(parts.slider.valueAsNumber / STEPS));
  }
  const placeOf = (instant) => (instant - rows.begin) / Math.max(rows.now - rows.begin, 1);
  const { stop, jump } = player({
    button: parts.play, icon: parts.icon, words, ms: PLAY_MS, rows: () => rows, at: () => at, show: (instant) => show(instant),
    placeOf, instantAt,
  });

  walking(parts.slider, 5, { stop, slid, jump });
  const mix = mixing({ model, root: parts.root, controls,
    busy() {
      stop();
      say();
    },
    shown() {
      if (controls.length) following = true;
      stop();
      layout();
    } });
  el.append(parts.root);
  mix.answered();
  return living({ model, changes: { rows: mix.answered }, node: parts.right, layout, ended: stop });
}

export default { render };
