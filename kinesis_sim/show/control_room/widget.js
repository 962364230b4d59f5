// The control room: asks the kernel for stretches of simulated time, draws the rows it answers with, one
// a simulated second, and lets dots run along the lines between two rows. Rates, lags, leases and every
// sentence come in `feed`; only places on the page are computed here.

const SHOWN = 60; // seconds in a lane
const TOP = 44;
const STEP = 92; // px from lane to lane
const CHART = 36;
const LIMIT = 0.7; // part of a chart's height at which a shard's limit is
const TRACK = 14;
const NODE = { width: 134, height: 42, line: 16 }; // height: of a name and a line
const NARROW = 640; // px: below, producers stand above the lanes and consumers under them
const GAP = 8;
const BOTH = 260; // px that a lane's name, what it refused and how full it is take beside one another
const BLANK = [46, 84]; // px between two columns, for the lines: in a narrow picture, in a wide one
const WIDE = 1000;
const LAG = 112; // px for who reads and how far behind
const PER_DOT = 22; // records a second that a dot stands for
const MOST_DOTS = 9;
const GOLDEN = 0.618; // spreads the throttled dots among the others
const DOT_MS = 1600; // how long a dot is on its way, at any speed
const MOST_ROUND = 2520; // divisible by every number of dots, so that none jumps when it starts over
const KEYS = { p: "play", s: "step", n: "jump", r: "restart", a: "ask", f: "full" };

// --- where things are -----------------------------------------------------------------------------

// Columns on a wide page; on a narrow one rows of boxes above and under the lanes, and no lines.
function planned(row, width) {
  const plan = { width, narrow: width < NARROW };
  if (plan.narrow) return rowsPlanned(plan, row);
  plan.bottom = TOP + STEP * row.shards.length;
  const blank = BLANK[Number(width >= WIDE)];
  plan.readers = width - NODE.width - 1;
  plan.left = 1 + NODE.width + blank;
  plan.right = plan.readers - blank - LAG - 8;
  plan.nodes = (kind) => {
    const gap = (plan.bottom - TOP) / row[kind].length;
    const x = kind === "senders" ? 1 : plan.readers;
    return row[kind].map((node, place) => ({ x, y: TOP + gap * (place + 0.5) - tall(node) / 2 - 6, width: NODE.width }));
  };
  return laned(plan, row, TOP);
}
function rowsPlanned(plan, row) {
  const across = plan.width >= 430 ? 3 : 2;
  const wide = (plan.width - 2 - GAP * (across - 1)) / across;
  const step = (kind) => Math.max(...row[kind].map(tall)) + GAP;
  const high = (kind) => step(kind) * Math.ceil(row[kind].length / across);
  const lanes = 22 + high("senders") + TOP;
  const tops = { senders: 22, readers: lanes + STEP * row.shards.length + 20 };
  plan.nodes = (kind) => row[kind].map((_, place) => ({ width: wide,
    x: 1 + (wide + GAP) * (place % across), y: tops[kind] + step(kind) * Math.floor(place / across) }));
  plan.left = 1;
  plan.right = plan.width - LAG - 10;
  plan.bottom = tops.readers + high("readers");
  return laned(plan, row, lanes);
}
function laned(plan, row, top) {
  plan.wide = (plan.right - plan.left) / SHOWN;
  plan.top = top;
  plan.end = top + STEP * row.shards.length;
  plan.lanes = new Map(row.shards.map(({ shard }, place) => [shard, top + STEP * place]));
  return plan;
}
const linesOf = ({ said, bad, lost }) => [said, bad, lost].filter(Boolean);
const tall = (node) => NODE.height + NODE.line * (linesOf(node).length - 1);
const middle = ({ y }, node) => y + tall(node) / 2;

// A line from a producer to a lane, or from a lane to a reader, with the dots that run along it.
function links(row, plan) {
  const found = [];
  if (plan.narrow) return found;
  const parts = new Map(row.shards.map((shard) => [shard.shard, shard.part]));
  const senders = plan.nodes("senders");
  row.senders.forEach((sender, place) => {
    for (const shard of sender.to) {
      if (!sender.rate || !plan.lanes.has(shard)) continue;
      const from = [1 + NODE.width, middle(senders[place], sender)];
      found.push({ from, to: [plan.left - 2, plan.lanes.get(shard) + 16 + CHART / 2],
        rate: sender.rate / sender.to.length, part: parts.get(shard), hue: "var(--kl-quiet)" });
    }
  });
  const readers = plan.nodes("readers");
  const names = row.readers.map((reader) => reader.name);
  for (const { shard, hue, tracks } of row.shards) {
    tracks.forEach((track, place) => {
      const to = names.indexOf(track.to);
      if (to < 0) return;
      found.push({ from: [plan.right + 8 + LAG, trackY(plan, shard, place)],
        to: [plan.readers, middle(readers[to], row.readers[to])], rate: track.pace, part: 0, hue });
    });
  }
  return found;
}
const trackY = (plan, shard, place) => plan.lanes.get(shard) + 16 + CHART + 11 + TRACK * place;

// --- what is drawn --------------------------------------------------------------------------------

const hatch = (id) => hatched(id, 4, svg("rect", { class: "kl-hollow", width: 4, height: 4 }));

function nodeOf(node, { x, y, width }, kind) {
  const { name, said, alive = true } = node;
  const drawn = svg("g", { class: "kl-node", "data-node": name, "data-kind": kind, "data-alive": alive },
    svg("rect", { x, y, width, height: tall(node), rx: 6 }),
    text(x + 8, y + 13, name, { class: "kl-strong" }),
    ...linesOf(node).map((line, place) =>
      text(x + 8, y + 30 + NODE.line * place, line, { class: line === said && alive ? "kl-quiet" : "kl-bad" })));
  if (!alive) drawn.append(svg("path", { class: "kl-cross", d: `M${x + width - 20} ${y + 8}l10 10m0-10l-10 10` }));
  return drawn;
}

function laneOf(shard, rows, plan, fill) {
  const narrow = plan.right - plan.left < BOTH;
  const y = plan.lanes.get(shard.shard);
  const [top, bottom] = [y + 16, y + 16 + CHART];
  const level = bottom - CHART * LIMIT;
  const lane = svg("g", { class: "kl-lane", "data-shard": shard.shard, style: `--hue:${shard.hue}` },
    text(plan.left, y + 6, shard.name, { class: "kl-strong" }),
    text(plan.left + 70, y + 6, shard.bad, { class: "kl-bad kl-throttled" }),
    text(plan.right - 5, y + 6, shard.bad && narrow ? "" : shard.said, { class: "kl-quiet", "text-anchor": "end" }),
    svg("rect", { class: "kl-chart", x: plan.left, y: top, width: plan.right - plan.left, height: CHART, rx: 3 }));
  rows.forEach((row, place) => {
    const one = row.shards.find((each) => each.shard === shard.shard);
    if (one) lane.append(...bars(one, plan.right - (rows.length - place) * plan.wide, bottom, plan.wide, fill));
  });
  lane.append(svg("path", { class: "kl-limit", d: `M${plan.left} ${level}H${plan.right}` }));
  shard.tracks.forEach((track, place) => lane.append(...trackOf(track, trackY(plan, shard.shard, place), plan)));
  return lane;
}

function bars({ full, refused }, x, bottom, wide, fill) {
  const width = Math.max(wide - 0.8, 0.8);
  const stored = CHART * LIMIT * Math.min(full, 1);
  const found = [svg("rect", { class: "kl-bar", x, y: bottom - stored, width, height: stored })];
  if (refused) {
    const height = Math.min(Math.max(CHART * LIMIT * refused, 3), CHART - stored);
    found.push(svg("rect", { class: "kl-refused", x, y: bottom - stored - height, width, height, fill }));
  }
  return found;
}

function trackOf(track, y, plan) {
  const x = Math.max(plan.right - (track.lag / 1000) * plan.wide, plan.left + 4);
  const said = plan.right + 8;
  return [
    svg("path", { class: "kl-lag", d: `M${x} ${y}H${plan.right}` }),
    svg("path", { class: "kl-reader", d: `M${x - 4} ${y - 5}v10l8-5z` }),
    text(said, y, track.trouble || track.name,
      { class: track.bad ? "kl-bad" : "kl-who" }),
    text(said + LAG - 4, y, track.said, { class: "kl-quiet", "text-anchor": "end" }),
  ];
}

function headings(words, plan) {
  const quiet = { class: "kl-quiet" };
  const { top, left, right, end, narrow, readers } = plan;
  const level = top - 30;
  const columns = [[1, narrow ? 12 : level, "senders"], [left, level, "shards"], [right + 8, level, "lag"],
    [narrow ? 1 : readers, narrow ? end + 8 : level, "readers"]];
  return [...columns.map(([x, y, key]) => text(x, y, words[`column.${key}`], quiet)),
    svg("path", { class: "kl-now", d: `M${right} ${top - 6}V${end - 8}` }),
    text(right - 4, top - 12, words["column.now"], { class: "kl-strong", "text-anchor": "end" })];
}

function still(row, rows, words, plan, id) {
  const fill = `url(#${id})`;
  const senders = plan.nodes("senders");
  const readers = plan.nodes("readers");
  return [hatch(id),
    ...links(row, plan).map(({ from, to, hue }) =>
      svg("path", { class: "kl-link", d: `M${from}L${to}`, stroke: hue })),
    ...headings(words, plan),
    ...row.shards.map((shard) => laneOf(shard, rows, plan, fill)),
    ...row.senders.map((sender, place) => nodeOf(sender, senders[place], "sender")),
    ...row.readers.map((reader, place) => nodeOf(reader, readers[place], "reader"))];
}

// Dots along the links at a phase from 0 to 1; those that a shard throttles are hollow and hatched.
function dots(row, plan, phase, id) {
  return links(row, plan).flatMap(({ from, to, rate, part, hue }) => {
    const count = Math.min(Math.ceil(rate / PER_DOT), MOST_DOTS);
    return Array.from({ length: count }, (_, place) => {
      const along = ((place + phase) / count) % 1;
      const [x, y] = [0, 1].map((axis) => from[axis] + (to[axis] - from[axis]) * along);
      const thrown = part > 0 && (place * GOLDEN) % 1 < part;
      return svg("circle", thrown ? { class: "kl-refused", cx: x, cy: y, r: 4.5, fill: `url(#${id})` }
        : { class: "kl-dot", cx: x, cy: y, r: 3, fill: hue });
    });
  });
}

function legend(words, id) {
  const item = (key, ...nodes) => signNode(26, 14, words[`legend.${key}`], ...nodes);
  return [
    item("stored", svg("rect", { class: "kl-bar", style: "--hue:var(--kl-hue-blue)", x: 2, y: 2, width: 20, height: 12 })),
    item("limit", svg("path", { class: "kl-limit", d: "M1 7H25" })),
    item("refused", svg("rect", { class: "kl-refused", x: 2, y: 2, width: 20, height: 11, fill: `url(#${id})` })),
    item("reader", svg("path", { class: "kl-lag", style: "--hue:var(--kl-hue-blue)", d: "M6 7H25" }),
      svg("path", { class: "kl-reader", d: "M2 2v10l8-5z" })),
  ];
}

// --- the controls ---------------------------------------------------------------------------------

const outerEdge = (node) => {
  const style = getComputedStyle(node);
  return ["paddingTop", "paddingBottom", "borderTopWidth", "borderBottomWidth"]
    .reduce((sum, name) => sum + parseFloat(style[name]), 0);
};
function outerHeight(node) {
  const { marginTop, marginBottom } = getComputedStyle(node);
  return node.offsetHeight ? node.offsetHeight + parseFloat(marginTop) + parseFloat(marginBottom) : 0;
}

function button(label, data = {}, ...more) {
  return html("button", { type: "button", "data-lm-suppress-shortcuts": "true", ...data }, label, ...more);
}

function toolbar(label, name, buttons) {
  return roving(html("div", { role: "toolbar", "aria-label": label, title: label, class: `kl-bar-${name}` }, ...buttons));
}

function skeleton(words) {
  const act = (name) => button(words[`control.${name}`], { "data-act": name, title: name[0].toUpperCase() });
  const parts = { ...pageParts(), ...playButton(words) };
  made(parts.play, { "data-act": "play" }, []);
  const timed = [parts.play, button(words["control.step"], { "data-act": "step" }),
    button(words["control.jump"], { "data-act": "jump" })];
  parts.timed = timed;
  parts.clock = toolbar(words["control.clock"], "clock", [...timed, act("again")]);
  parts.speed = html("select", { "data-lm-suppress-shortcuts": "true" },
    ...words.speeds.map((speed) => html("option", { value: speed }, `${speed}×`)));
  parts.ask = act("ask");
  parts.view = toolbar(words["control.view"], "view", [parts.ask, act("full")]);
  parts.faults = words.faults.map(([name, label], place) =>
    button(label, { "data-fault": name, "aria-pressed": "false", title: `${place + 1}` }));
  parts.cures = words.cures.map(([name, label], place) =>
    button(label, { "data-cure": name, "aria-pressed": "false", title: `Shift+${place + 1}` }));
  parts.cost = html("span", { class: "kl-cost" });
  parts.map = svg("svg", { role: "img" });
  parts.frame = html("div", { class: "kl-frame" }, parts.map);
  parts.question = html("div", { class: "kl-asks", role: "group", "aria-label": words["control.answer"] });
  parts.notice = html("p", { class: "kl-notice" });
  parts.heard = html("p", { role: "status", class: "kl-heard" });
  const bar = (key, name, buttons) => html("div", { class: "kl-controls" },
    html("span", { class: "kl-break" }, words[`control.${key}`]), toolbar(words[`control.${name}`], name, buttons));
  parts.root = html("section", { class: "kinesis-lab kl-card kl-room", "aria-label": words.title },
    html("header", {}, html("strong", { class: "kl-title" }, words.title), parts.time, parts.cost,
      html("span", { class: "kl-quiet-text" }, words.subtitle)),
    html("div", { class: "kl-controls" }, parts.clock,
      html("label", {}, words["control.speed"], parts.speed), parts.view),
    bar("break", "faults", parts.faults), bar("cure", "cures", parts.cures),
    parts.question, parts.reply, parts.frame, parts.legend,
    html("h3", {}, words["notice.title"]), parts.notice, parts.heard);
  return parts;
}

// --- the room -------------------------------------------------------------------------------------

function render({ model, el }) {
  const words = model.get("words");
  const id = freshId("room-hatch");
  const parts = skeleton(words);
  const layers = { still: svg("g"), dots: svg("g") };
  parts.map.append(layers.still, layers.dots);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let feed = model.get("feed");
  let shown = feed.rows.at(-1).n; // the second that the picture shows
  let answered = feed.answered;
  let asked = false; // one wish for time is under way at most
  let waiting; // the wish of a button pressed meanwhile
  let seeking = false; // on the way to the next event
  let playing, row, plan;
  let phase = 0;
  let spoken = shown; // the second whose notice was read out last
  let questioned;

  // --- the picture ----------------------------------------------------------------------------

  const newest = () => feed.rows.at(-1).n;
  const speed = () => Number(parts.speed.value);

  function draw() {
    const rows = [...feed.past, ...feed.rows].filter(({ n }) => n <= shown && n > shown - SHOWN);
    row = rows.at(-1);
    say();
    const room = Math.max(parts.frame.clientWidth, 300);
    const scale = magnified(room, TOP + STEP * row.shards.length);
    plan = planned(row, room / scale);
    const size = { width: plan.width * scale, height: plan.bottom * scale, viewBox: `0 0 ${plan.width} ${plan.bottom}` };
    for (const [name, value] of Object.entries(size)) parts.map.setAttribute(name, value);
    layers.still.replaceChildren(...still(row, rows, words, plan, id));
    drift();
  }
  // On a stage, in full screen or on a page of its own, the picture takes what the rest leaves.
  function magnified(room, height) {
    const filling = document.fullscreenElement === parts.root || parts.root.closest("[data-kl-fill]") !== null;
    parts.root.classList.toggle("kl-stage", filling);
    if (!filling) return 1;
    const others = [...parts.root.children].filter((each) => each !== parts.frame);
    const taken = others.reduce((sum, each) => sum + outerHeight(each), outerEdge(parts.root));
    return Math.max(1, Math.min(room / 860, (window.innerHeight - taken) / height));
  }
  function drift() {
    layers.dots.replaceChildren(...dots(row, plan, phase, id));
  }
  function say() {
    parts.time.textContent = row.time;
    parts.notice.textContent = row.notice;
    if (row.event && spoken !== row.n) parts.heard.textContent = row.notice; // numbers alone are not read out
    if (row.event) spoken = row.n;
    parts.cost.textContent = feed.cost;
    tell(parts.reply, feed.reply);
    parts.map.setAttribute("aria-label", `${words.title}, ${row.time}. ${row.notice}`);
    for (const each of parts.faults) each.setAttribute("aria-pressed", feed.faults[each.dataset.fault]);
    for (const each of parts.cures) {
      const [done, can] = feed.cures[each.dataset.cure];
      each.setAttribute("aria-pressed", done);
      each.setAttribute("aria-disabled", !can);
    }
    parts.ask.setAttribute("aria-pressed", feed.asks);
    for (const each of parts.timed) each.disabled = !feed.manual;
    asking();
  }

  // A question with its options; whoever asked by keyboard lands on the first.
  function asking() {
    const { text: said = "", options = [] } = feed.question ?? {};
    if (said === questioned) return;
    questioned = said;
    parts.question.hidden = !said;
    parts.question.replaceChildren(html("strong", {}, said),
      ...options.map(([option, label]) => html("span", { class: "kl-choice" },
        button(label, { "data-option": option }), ...(option ? [hands(option, label)] : []))));
    if (said) parts.question.querySelector("button").focus({ preventScroll: true });
    layoutLater();
  }
  // In a class hands are counted: a field beside each option, on the stage only.
  function hands(option, label) {
    return html("input", { type: "number", min: 0, max: 999, placeholder: "0", "data-votes": option,
      "data-lm-suppress-shortcuts": "true", "aria-label": words["control.hands"].replace("{option}", label) });
  }
  function counted() {
    const fields = [...parts.question.querySelectorAll("[data-votes]")];
    return Object.fromEntries(fields.map((field) => [field.dataset.votes, Math.trunc(Number(field.value))]));
  }
  function layoutLater() {
    if (parts.root.classList.contains("kl-stage")) requestAnimationFrame(draw);
  }

  // --- time: asked of the kernel, shown row by row ----------------------------------------------

  function ask(wish) {
    if (asked) {
      waiting = wish;
      return;
    }
    asked = true;
    parts.root.setAttribute("aria-busy", "true");
    model.send(wish);
  }
  function took() {
    feed = model.get("feed");
    if (feed.answered !== answered) {
      answered = feed.answered;
      asked = false;
      parts.root.removeAttribute("aria-busy");
    }
    if (newest() < shown) { // the scene began again
      stop();
      shown = newest();
    }
    shown = Math.max(shown, feed.rows[0].n); // who slept for long goes on where rows begin
    if (!playing) shown = newest();
    draw();
    if (asked) return;
    if (waiting) ask(waiting);
    else if (seeking && feed.more) ask({ kind: "jump" });
    else seeking = false;
    waiting = undefined;
  }
  function tick() {
    if (shown < newest()) {
      shown += 1;
      draw();
    }
    if (!asked && newest() - shown < speed()) ask({ kind: "advance", seconds: speed() });
  }
  function play() {
    if (playing) return stop();
    parts.play.setAttribute("aria-label", words["control.pause"]);
    parts.icon.setAttribute("d", ICONS.pause);
    const timer = setInterval(tick, 1000 / speed());
    const settle = calm.matches ? () => {} : animated();
    playing = () => {
      clearInterval(timer);
      settle();
    };
    tick();
  }
  function animated() {
    let last;
    let frame = requestAnimationFrame(function move(now) {
      phase = (phase + (now - (last ?? now)) / DOT_MS) % MOST_ROUND;
      last = now;
      drift();
      frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }
  function stop() {
    if (!playing) return;
    playing();
    playing = undefined;
    parts.play.setAttribute("aria-label", words["control.play"]);
    parts.icon.setAttribute("d", ICONS.play);
    shown = newest(); // the picture catches up with the kernel's clock
    draw();
  }

  // --- wishes -----------------------------------------------------------------------------------

  const acts = {
    play,
    step() {
      stop();
      ask({ kind: "advance", seconds: 1 });
    },
    jump() {
      stop();
      seeking = true;
      ask({ kind: "jump" });
    },
    full() {
      if (document.fullscreenElement) document.exitFullscreen();
      else parts.root.requestFullscreen?.();
    },
  };
  acts.restart = acts.again = () => {
    stop();
    ask({ kind: "restart" });
  };
  acts.ask = () => model.send({ kind: "ask", on: !feed.asks });
  const fault = (name) => model.send({ kind: "fault", name });
  const cure = (name) => feed.cures[name][1] && model.send({ kind: "cure", name });
  function guessed(option) {
    model.send({ kind: "guess", option, votes: counted() });
    parts.play.focus({ preventScroll: true });
    if (feed.manual && !playing) play();
  }

  function pushed({ target }) {
    const pressed = target.closest("button");
    const { fault: broken, cure: cured, option } = pressed?.dataset ?? {};
    if (broken) fault(broken);
    else if (cured) cure(cured);
    else if (option !== undefined) guessed(option);
    else if (pressed) acts[pressed.dataset.act]();
  }
  function keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    const digit = event.target === parts.speed ? NaN : Number(event.code.replace(/^(Digit|Numpad)/, ""));
    const [chosen] = (event.shiftKey ? words.cures : words.faults)[digit - 1] ?? [];
    const act = KEYS[event.key.toLowerCase()];
    if (chosen) (event.shiftKey ? cure : fault)(chosen);
    else if (act && (feed.manual || act === "full")) acts[act]();
    else return;
    event.preventDefault();
  }
  function faster() {
    if (!playing) return;
    stop();
    play();
  }

  parts.root.addEventListener("click", pushed);
  parts.root.addEventListener("keydown", keyed);
  parts.speed.addEventListener("change", faster);
  document.addEventListener("fullscreenchange", draw);
  window.addEventListener("resize", draw);
  el.append(parts.root);
  parts.legend.replaceChildren(...legend(words, id));
  draw();
  return living({ model, changes: { feed: took }, node: parts.frame, layout: draw,
    ended() {
      if (playing) playing();
      document.removeEventListener("fullscreenchange", draw);
      window.removeEventListener("resize", draw);
    } });
}

export default { render };
