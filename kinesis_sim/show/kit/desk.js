// A picture's page: its scene, a slider over its frames, a legend, a table beside it, what to notice,
// and controls that send wishes. All of it comes in `page`, made by the kernel.

// Between the corners of a bent axis: column 0 is the instant, column 1 the place from 0 to 1.
function along(corners, value, from, to) {
  const right = corners.findIndex((corner) => corner[from] >= value);
  if (right === 0) return corners[0][to];
  if (right < 0) return corners.at(-1)[to];
  const [low, high] = [corners[right - 1], corners[right]];
  return low[to] + ((value - low[from]) / (high[from] - low[from])) * (high[to] - low[to]);
}

function legendNode([sign, said]) {
  const node = svg("svg", { class: "kl-scene", "aria-hidden": "true" });
  drawScene(node, sign, 34);
  return html("span", {}, node, said);
}

function sideNodes(side) {
  const cells = side.rows.flatMap(([what, amount]) => [html("span", {}, what), html("span", {}, amount)]);
  return [html("h3", {}, side.title), html("div", { class: "kl-table" }, ...cells),
    ...side.notes.map((note) => html("p", { class: "kl-quiet-text" }, note))];
}

// A slider or a choice sends the place of its step once it is let go; one of a mix, those of all.
function stepsNode(row, send, mix) {
  const made = (row.choice ? choice : slider)({ name: row.id, label: row.label, steps: row.steps });
  made.input.addEventListener("change", () =>
    (row.wish.kind === "mix" ? mix() : send({ ...row.wish, value: Number(made.input.value) })));
  leaping(quiet(made.input), made.say);
  return { steps: made, input: made.input, node: made.node };
}

// A field sends what is written in it, and is empty again.
function fieldNode({ label, hint, wish }, send) {
  const field = quiet(html("input", { type: "text", placeholder: hint, spellcheck: "false", autocomplete: "off" }));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (field.value) send({ ...wish, value: field.value });
    field.value = "";
  });
  return { field, node: html("label", { class: "kl-field" }, label, field) };
}

function controlNode(row, send, mix) {
  if (row.hint) return fieldNode(row, send);
  if (row.steps.length) return stepsNode(row, send, mix);
  if (!Object.keys(row.wish).length) return { node: html("strong", { class: "kl-word" }) };
  const button = quiet(html("button", { type: "button", "data-id": row.id }));
  if (row.value === null) {
    button.addEventListener("click", () => send(row.wish));
    return { button, node: button };
  }
  const input = quiet(html("input", { type: "number", min: 1, step: 1, "aria-label": row.said }));
  const wish = () => send({ ...row.wish, value: input.valueAsNumber || 0 });
  button.addEventListener("click", wish);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    wish();
  });
  return { button, input, node: html("span", { class: "kl-pair" }, button, input) };
}

function told({ button, input, field, node, steps }, row) {
  if (field) return;
  if (steps) {
    input.disabled = !row.enabled;
    if (document.activeElement !== input || input.tagName === "SELECT") input.value = row.value;
    return steps.say();
  }
  if (!button) return void (node.textContent = row.label);
  button.textContent = row.label;
  button.disabled = !row.enabled;
  if (row.pressed !== null) button.setAttribute("aria-pressed", String(row.pressed));
  if (input && document.activeElement !== input) input.value = row.value;
}

// What was opened of the things on a shelf: its key, its rows field by field, and what else to say.
function openedNodes({ key, rows, note }, { fields, none }) {
  if (!key) return [html("p", { class: "kl-quiet-text" }, none)];
  const lists = rows.map((values) => html("dl", {}, ...values.flatMap((value, place) =>
    [html("dt", {}, fields[place]), html("dd", {}, String(value))])));
  return [html("code", {}, key), ...lists, html("p", { class: "kl-quiet-text" }, note)];
}

function shelfParts({ title }) {
  const list = quiet(html("select", { size: 5, "aria-label": title }));
  const opened = html("div", { class: "kl-opened", role: "status" });
  return { list, opened, node: html("div", {}, html("h3", {}, title), html("div", { class: "kl-shelf" }, list, opened)) };
}

function skeleton(name, words, mixes) {
  const parts = {
    ...pageParts(),
    ...playButton(words),
    picture: svg("svg", { class: "kl-scene", role: "img" }),
    below: svg("svg", { class: "kl-scene", "aria-hidden": "true" }), // the picture's text tells of it
    slider: quiet(html("input", { type: "range", min: 0, step: 1, "aria-label": words.slider })),
    marks: html("div", { class: "kl-marks", "aria-hidden": "true" }),
    track: html("div", { class: "kl-track" }),
    side: html("div", { class: "kl-side" }),
    lead: html("p", { class: "kl-lead" }),
    paper: html("div", { class: "kl-paper" }),
    clock: html("div"),
    note: html("p", { class: "kl-quiet-text kl-note" }),
    controls: html("div", { class: "kl-controls", role: "group", "aria-label": words.controls }),
    hint: html("p", { class: "kl-quiet-text kl-hint" }),
  };
  parts.paper.append(parts.picture);
  parts.track.append(parts.marks, parts.slider);
  parts.clock.append(parts.time, html("span", { class: "kl-quiet-text" }, "UTC"));
  const body = html("div", { class: "kl-body" });
  parts.frame = html("div", { class: "kl-frame" }, parts.paper, parts.track, parts.play, parts.below, parts.legend);
  body.append(parts.frame, parts.side);
  parts.root = html("section", { class: `kinesis-lab kl-card kl-desk kl-${name}` },
    html("header", {}, html("div", {}, parts.title, parts.subtitle), parts.clock),
    body, parts.lead, html("h3", {}, words.notice), parts.notice, parts.note, parts.controls, parts.hint, parts.reply);
  if (mixes) { // what is played may be of another height: they stay in their place
    parts.controls.classList.add("kl-mix");
    body.before(parts.controls, parts.hint);
  }
  return parts;
}

function render({ model, el }) {
  const parts = skeleton(model.get("name"), model.get("page").words, Boolean(model.get("page").busy));
  const controls = new Map();
  const bars = new Map();
  let page = model.get("page");
  const shelf = page.shelf && shelfParts(page.shelf);
  let scene, below, width;
  let place = Infinity; // of the frame shown; the newest unless the slider says otherwise
  let since = null; // the instant that the slider was moved to, null while it follows the present
  /** @type {any} */
  let asked = null; // what a mix under way is made of

  function took() {
    const wanted = asked && places();
    page = model.get("page");
    asked = null;
    parts.root.removeAttribute("aria-busy");
    playing.stop();
    place = page.shown === null ? Infinity : framed(page.shown);
    if (page.shown !== null) rest();
    parts.play.hidden = !page.play || page.frames.length < 2;
    parts.title.textContent = page.title;
    parts.hint.textContent = page.hint;
    parts.slider.max = page.frames.length - 1;
    parts.track.hidden = page.frames.length < 2;
    const inner = page.axis ? page.moments.filter((moment) => moment > ends()[0] && moment < ends()[1]) : [];
    parts.marks.replaceChildren(...inner.map((moment) => html("i", { style: `left:${placeOf(moment) * 100}%` })));
    parts.legend.replaceChildren(...page.legend.map(legendNode));
    parts.side.replaceChildren(...(page.side ? sideNodes(page.side) : []));
    parts.side.hidden = !page.side;
    parts.below.toggleAttribute("hidden", !page.below.length);
    for (const row of page.controls) {
      if (!controls.has(row.id)) {
        controls.set(row.id, controlNode(row, wished, mix));
        const { node } = controls.get(row.id);
        node.classList.toggle("kl-apart", row.apart);
        barOf(row).append(node);
      }
      told(controls.get(row.id), { ...row, value: wanted?.[row.id] ?? row.value });
    }
    for (const bar of bars.values()) if (!bar.querySelector("[tabindex]")) roving(bar);
    layout();
    mix();
  }
  function barOf({ bar }) {
    if (!bar) return parts.controls;
    if (!bars.has(bar)) {
      bars.set(bar, html("div", { class: "kl-bar", role: "toolbar", "aria-label": bar }));
      parts.controls.append(bars.get(bar));
    }
    return bars.get(bar);
  }
  // The places of a mix are played one wish at a time: meanwhile they may move on, and the newest count.
  const mixed = () => page.controls.filter(({ wish }) => wish.kind === "mix");
  const places = () => Object.fromEntries(mixed().map(({ id }) => [id, Number(controls.get(id).input.value)]));
  function mix() {
    const chosen = places();
    if (asked || mixed().every(({ id, value }) => chosen[id] === value)) return;
    asked = chosen;
    playing.stop();
    parts.root.setAttribute("aria-busy", "true");
    tell(parts.notice, page.busy);
    model.send({ kind: "mix", places: chosen });
  }
  function layout() {
    const room = parts.frame.clientWidth;
    width = Math.max(room, page.scenes[0].least, 300);
    [scene, below] = [page.scenes, page.below].map((layouts) => layouts.findLast(({ least }) => least <= width));
    const scrolls = width > room + 1;
    if (scrolls) quiet(made(parts.paper, { tabindex: 0, role: "group", "aria-label": page.title }, []));
    else for (const name of parts.paper.getAttributeNames().slice(1)) parts.paper.removeAttribute(name);
    parts.track.style.marginLeft = scrolls ? "0" : `${scene.left - 9}px`; // half a thumb: it stands under its instant
    parts.track.style.width = scrolls ? "100%" : `${(width - scene.left - scene.right) * scene.till + 18}px`;
    show();
  }
  function show() {
    const last = page.frames.length - 1;
    const at = clamp(place, 0, last);
    const [instant, time, notice, { subtitle = page.subtitle, lead = "", note = "", heard = "" } = {}] = page.frames[at];
    parts.subtitle.textContent = subtitle;
    parts.lead.textContent = lead;
    parts.note.textContent = note;
    drawScene(parts.picture, scene, width, instant);
    if (below) drawScene(parts.below, below, width, instant);
    parts.picture.setAttribute("aria-label", [page.title, lead, notice, heard].filter(Boolean).join(". ").replaceAll("..", "."));
    standAt(parts.slider, last ? placeOf(instant) : 1, time);
    parts.time.textContent = time;
    parts.clock.hidden = !time;
    tell(parts.notice, asked ? page.busy : notice);
    if (shelf) listed(instant);
  }
  // The newest first; what was not there yet cannot be opened.
  function listed(instant) {
    const there = page.shelf.items.filter(([from]) => from <= instant).reverse();
    shelf.list.replaceChildren(...there.map(([, key, label]) => html("option", { value: key }, label)));
    shelf.list.disabled = !there.length;
    shelf.list.value = model.get("opened").chosen ?? "";
  }
  function openedNow() {
    if (!shelf) return;
    shelf.opened.replaceChildren(...openedNodes(model.get("opened"), page.shelf));
    shelf.list.value = model.get("opened").chosen ?? "";
  }
  function choose(frame) {
    playing.stop();
    place = Math.max(frame, 0);
    rest();
    show();
  }
  function rest() {
    if (place >= page.frames.length - 1) place = Infinity;
    since = place === Infinity ? null : at();
  }
  // The slider stands where its instant does, and goes from frame to frame by arrows, by ten or by moments with PageUp.
  const slid = () => choose(framed(instantAt(parts.slider.valueAsNumber / parts.slider.max)));
  function keyed(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!step) return;
    event.preventDefault();
    const leaps = page.moments.length && Math.abs(step) > 1;
    choose(leaps ? framed(playing.next(step)) : Math.min(place, page.frames.length - 1) + step);
  }
  function wished(wish) {
    if (!("at" in wish)) since = null;
    model.send("at" in wish ? { ...wish, at: since } : wish);
  }
  const at = () => page.frames[clamp(place, 0, page.frames.length - 1)][0];
  const moments = () => (page.moments.length ? page.moments : page.frames.map(([instant]) => instant));
  const ends = () => [page.frames[0][0], page.frames.at(-1)[0]];
  const framed = (instant) => Math.max(0, page.frames.findLastIndex(([of]) => of <= instant + 1e-6));
  const corners = () => page.axis ?? [[ends()[0], 0], [ends()[1], 1]];
  const placeOf = (instant) => along(corners(), instant, 0, 1);
  const instantAt = (part) => along(corners(), part, 1, 0);
  const playing = player({ button: parts.play, icon: parts.icon, words: page.words, ms: page.play, at,
    rows: () => ({ moments: moments(), begin: ends()[0], now: ends()[1] }),
    placeOf, instantAt,
    show(instant) {
      if (framed(instant) === place) return; // it is drawn
      place = framed(instant);
      show();
    },
    stopped: rest });
  const replied = () => (parts.reply.textContent = model.get("reply"));

  parts.slider.addEventListener("input", slid);
  parts.slider.addEventListener("keydown", keyed);
  if (shelf) {
    shelf.list.addEventListener("change", () => model.send({ kind: "open", key: shelf.list.value }));
    parts.root.append(shelf.node);
  }
  el.append(parts.root);
  took();
  openedNow();
  replied();
  const changes = { page: took, opened: openedNow, reply: replied };
  return living({ model, changes, node: parts.frame, layout, ended: playing.stop });
}

export default { render };
