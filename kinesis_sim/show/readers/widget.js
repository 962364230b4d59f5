// The readers' desk: draws the frame that the slider chooses. Where each reader is, how far behind and
// every sentence come in `rows`, worked out by the kernel for each second; only places on the page are
// computed here.

const TOP = 34;
const RECORDS = 34; // px for a shard's line of records
const TRACK = 19;
const GAP = 14;
const WIDE = 640; // px: narrower, a reader's name stands above its bar
const JUMP = 10; // frames

const marker = (x, y) => svg("path", { class: "kl-reader", d: `M${x + 1} ${y}l-9-5v10z` });

// --- the picture ----------------------------------------------------------------------------------

function planned(rows, width) {
  const wide = width >= WIDE;
  const plan = { width, wide, left: wide ? 150 : 12, end: width - (wide ? 186 : 12), step: wide ? TRACK : 2 * TRACK };
  plan.tall = RECORDS + plan.step * Math.max(1, rows.readers.length) + GAP;
  plan.bottom = TOP + (wide ? 0 : 12) + plan.tall * rows.lanes.length;
  plan.x = (place) => plan.left + (plan.end - plan.left) * place;
  plan.y = (row) => TOP + (wide ? 0 : 12) + plan.tall * row + (wide ? 0 : 12);
  return plan;
}

function laneNodes(lane, row, rows, frame, plan) {
  const y = plan.y(row);
  const name = plan.wide ? text(0, y + 11, lane.name, { class: "kl-name" })
    : text(0, y - 11, lane.name, { class: "kl-name" });
  const box = svg("rect", { class: "kl-lane", x: plan.left - 6, y, width: plan.end - plan.left + 12, height: 22, rx: 5 });
  const dots = lane.dots.filter(([, , , at]) => at <= frame.at).map(([place, r, height, at]) =>
    svg("circle", { class: at < frame.through[row] ? "kl-dot kl-past" : "kl-dot",
      cx: plan.x(place), cy: y + 11 + 5 * height, r }));
  const tracks = frame.tracks[row].flatMap((track, place) =>
    trackNodes(track, rows.readers[place], y + RECORDS + plan.step * place, frame, plan));
  return svg("g", { "data-shard": lane.shard, style: `--hue:${lane.hue}` }, name, box, ...dots, ...tracks);
}

function trackNodes(track, reader, y, frame, plan) {
  const bar = plan.wide ? y : y + TRACK - 2;
  const name = svg("tspan", {}, reader.name);
  const kind = svg("tspan", { class: "kl-quiet", dx: 6 }, reader.kind);
  const label = svg("text", { x: plan.wide ? 10 : 0, y, "dominant-baseline": "central" }, name, kind);
  if (!track) return [label, said("", frame.none, false, y, plan)].flat();
  const [place, lag, who, bad] = track;
  const x = plan.x(place);
  return [svg("g", { class: bad ? "kl-track kl-bad" : "kl-track", "data-reader": reader.name },
    label, svg("path", { class: "kl-bar", d: `M${x} ${bar}H${plan.x(frame.now)}` }), marker(x, bar),
    ...said(lag, who, bad, y, plan))];
}

function said(lag, who, bad, y, plan) {
  const x = plan.wide ? plan.end + 62 : plan.end;
  if (plan.wide) {
    return [text(x, y, lag, { class: "kl-lag", "text-anchor": "end" }),
      text(x + 10, y, who, { class: bad ? "kl-who" : "kl-who kl-quiet" })];
  }
  return [text(x, y, [who, lag].filter(Boolean).join(" · "), { class: "kl-lag", "text-anchor": "end" })];
}

function axisNodes(rows, frame, words, plan) {
  const y = plan.bottom;
  const nodes = [svg("path", { class: "kl-axis", d: `M${plan.left} ${y}H${plan.end}` })];
  let before = -Infinity;
  for (const [place, label] of rows.ticks) {
    const x = plan.x(place);
    if (x - before < 74 && place !== 1) continue;
    if (place !== 1 && plan.end - x < 74) continue;
    before = x;
    const anchor = plan.wide ? "middle" : place === 0 ? "start" : place === 1 ? "end" : "middle";
    nodes.push(svg("path", { class: "kl-axis", d: `M${x} ${y}v5` }),
      text(x, y + 15, label, { class: "kl-quiet", "text-anchor": anchor }));
  }
  const [oldest, label] = rows.oldest;
  const now = plan.x(frame.now);
  const last = frame.at === rows.frames[rows.frames.length - 1].at;
  const here = last ? words.now : words.shown;
  const half = here.length * 3.6;
  const middle = Math.min(now, plan.wide ? now : plan.end - half);
  nodes.push(svg("path", { class: "kl-oldest", d: `M${plan.x(oldest)} ${TOP - 8}V${plan.wide ? y : TOP}` }),
    svg("path", { class: "kl-now", d: `M${now} ${TOP - 8}V${y}` }),
    text(middle, TOP - 18, here, { class: "kl-strong", "text-anchor": "middle" }));
  if (middle - half > plan.x(oldest) + label.length * 7) {
    nodes.push(text(plan.x(oldest) - 6, TOP - 18, label, { class: "kl-quiet" }));
  }
  if (plan.wide) nodes.push(text(plan.end + 72, TOP - 18, words["column.lag"], { class: "kl-quiet" }));
  return nodes;
}

function legend(rows, words) {
  const hue = rows.lanes[0]?.hue ?? "currentColor";
  const item = (picture, label) => html("span", { style: `--hue:${hue}` },
    svg("svg", { width: 34, height: 14, "aria-hidden": "true" }, ...picture), label);
  return [
    item([svg("circle", { class: "kl-dot", cx: 26, cy: 7, r: 4.5 })], rows.dotLabel),
    item([svg("path", { class: "kl-bar", d: "M10 7H34" }), marker(10, 7)], words["legend.reader"]),
  ];
}

// --- the page -------------------------------------------------------------------------------------

function skeleton(words) {
  const button = (attributes, label) => html("button", { type: "button", ...attributes }, label);
  const parts = {
    title: html("strong", { class: "kl-title" }),
    subtitle: html("span", { class: "kl-quiet-text" }),
    time: html("strong", { class: "kl-time" }),
    picture: svg("svg", { role: "img" }),
    legend: html("div", { class: "kl-legend" }),
    notice: html("p", { role: "status", class: "kl-notice" }),
    reply: html("p", { role: "status", class: "kl-reply" }),
    slider: html("input", { type: "range", min: 0, step: 1, "aria-label": words["control.slider"] }),
    clock: html("div", { class: "kl-clock" }, button({ "data-step": "second" }, words["control.second"]),
      button({ "data-step": "ten" }, words["control.ten"])),
    switches: html("div", { class: "kl-switches" }),
  };
  parts.frame = html("div", { class: "kl-frame" }, parts.picture);
  parts.root = html("section", { class: "kinesis-lab kl-readers" },
    html("header", {}, html("div", {}, parts.title, parts.subtitle),
      html("div", {}, html("span", { class: "kl-quiet-text" }, words["control.time"]), parts.time)),
    parts.frame, parts.slider, parts.legend,
    html("h4", {}, words["notice.title"]), parts.notice,
    html("div", { class: "kl-controls" }, parts.clock, parts.switches), parts.reply);
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
      button.dataset.what = row.what;
      button.textContent = row.label;
      button.setAttribute("aria-pressed", String(row.on));
      quiet(button);
    });
    parts.title.textContent = rows.title;
    parts.subtitle.textContent = rows.subtitle;
    parts.slider.max = rows.frames.length - 1;
    parts.legend.replaceChildren(...legend(rows, words));
    layout();
  }
  function layout() {
    plan = planned(rows, Math.max(parts.frame.clientWidth, 300));
    parts.picture.setAttribute("width", plan.width);
    parts.picture.setAttribute("height", plan.bottom + 26);
    parts.slider.style.marginLeft = `${plan.left - 9}px`; // half a thumb: it stands under its instant
    parts.slider.style.width = `${plan.end - plan.left + 18}px`;
    show();
  }
  function show() {
    const at = Math.max(0, Math.min(place, rows.frames.length - 1));
    const frame = { ...rows.frames[at], none: words["state.none"] };
    parts.picture.replaceChildren(...axisNodes(rows, frame, words, plan),
      ...rows.lanes.map((lane, row) => laneNodes(lane, row, rows, frame, plan)));
    parts.picture.setAttribute("aria-label", `${rows.title}. ${frame.notice}`);
    parts.slider.value = at;
    parts.slider.setAttribute("aria-valuetext", frame.time);
    parts.slider.style.setProperty("--place", `${100 * frame.now}%`);
    parts.time.textContent = frame.time;
    if (parts.notice.textContent !== frame.notice) parts.notice.textContent = frame.notice;
  }
  function slid() {
    place = parts.slider.valueAsNumber;
    if (place >= rows.frames.length - 1) place = Infinity;
    show();
  }
  function keyed(event) {
    const step = { PageUp: JUMP, PageDown: -JUMP }[event.key];
    if (!step) return;
    event.preventDefault();
    parts.slider.value = parts.slider.valueAsNumber + step;
    slid();
  }
  function pushed(event) {
    const { step, what } = event.target.closest("button")?.dataset ?? {};
    if (step) model.send({ kind: "advance", step });
    if (what) model.send({ kind: "switch", what });
  }
  const replied = () => (parts.reply.textContent = model.get("reply"));

  parts.slider.addEventListener("input", slid);
  parts.slider.addEventListener("keydown", keyed);
  parts.root.addEventListener("click", pushed);
  for (const control of [parts.slider, ...parts.clock.children]) quiet(control);
  model.on("change:rows", took);
  model.on("change:reply", replied);
  el.append(parts.root);
  took();
  replied();
  const watcher = new ResizeObserver(layout);
  watcher.observe(parts.frame);
  return () => {
    watcher.disconnect();
    model.off("change:rows", took);
    model.off("change:reply", replied);
  };
}

export default { render };
