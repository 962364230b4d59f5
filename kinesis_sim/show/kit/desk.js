// A picture's page: its scene, a slider over its frames, a legend, a table beside it, what to notice,
// and controls that send wishes. All of it comes in `page`, made by the kernel.

function legendNode([sign, said]) {
  const node = svg("svg", { class: "kl-scene", "aria-hidden": "true" });
  drawScene(node, sign, 34);
  return html("span", {}, node, said);
}

function sideNodes(side) {
  const cells = side.rows.flatMap(([what, amount]) => [html("span", {}, what), html("span", {}, amount)]);
  return [html("h4", {}, side.title), html("div", { class: "kl-table" }, ...cells),
    ...side.notes.map((note) => html("p", { class: "kl-quiet-text" }, note))];
}

// A slider or a choice sends the place of its step once it is let go.
function stepsNode(row, send) {
  const made = (row.choice ? choice : slider)({ name: row.id, label: row.label, steps: row.steps });
  made.input.addEventListener("change", () => send({ ...row.wish, value: Number(made.input.value) }));
  leaping(quiet(made.input), made.say);
  return { steps: made, input: made.input, node: made.node };
}

function controlNode(row, send) {
  if (row.steps.length) return stepsNode(row, send);
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

function told({ button, input, steps }, row) {
  if (steps) {
    input.disabled = !row.enabled;
    if (document.activeElement !== input || input.tagName === "SELECT") input.value = row.value;
    return steps.say();
  }
  button.textContent = row.label;
  button.disabled = !row.enabled;
  if (row.pressed !== null) button.setAttribute("aria-pressed", String(row.pressed));
  if (input && document.activeElement !== input) input.value = row.value;
}

function skeleton(name, words) {
  const parts = {
    ...pageParts(),
    ...playButton(words),
    picture: svg("svg", { class: "kl-scene", role: "img" }),
    slider: quiet(html("input", { type: "range", min: 0, step: 1, "aria-label": words.slider })),
    side: html("div", { class: "kl-side" }),
    controls: html("div", { class: "kl-controls", role: "group", "aria-label": words.controls }),
  };
  parts.frame = html("div", { class: "kl-frame" }, parts.picture, parts.slider, parts.play, parts.legend);
  parts.root = html("section", { class: `kinesis-lab kl-card kl-desk kl-${name}` },
    html("header", {}, html("div", {}, parts.title, parts.subtitle),
      html("div", {}, parts.time, html("span", { class: "kl-quiet-text" }, "UTC"))),
    html("div", { class: "kl-body" }, parts.frame, parts.side),
    html("h4", {}, words.notice), parts.notice, parts.controls, parts.reply);
  return parts;
}

function render({ model, el }) {
  const parts = skeleton(model.get("name"), model.get("page").words);
  const controls = new Map();
  let page = model.get("page");
  let scene, width;
  let place = Infinity; // of the frame shown; the newest unless the slider says otherwise

  function took() {
    page = model.get("page");
    playing.stop();
    place = Infinity;
    parts.play.hidden = !page.play || page.frames.length < 2;
    parts.title.textContent = page.title;
    parts.subtitle.textContent = page.subtitle;
    parts.slider.max = page.frames.length - 1;
    parts.slider.hidden = page.frames.length < 2;
    parts.legend.replaceChildren(...page.legend.map(legendNode));
    parts.side.replaceChildren(...(page.side ? sideNodes(page.side) : []));
    parts.side.hidden = !page.side;
    for (const row of page.controls) {
      if (!controls.has(row.id)) {
        controls.set(row.id, controlNode(row, (wish) => model.send(wish)));
        const { node } = controls.get(row.id);
        node.classList.toggle("kl-apart", row.apart);
        parts.controls.append(node);
      }
      told(controls.get(row.id), row);
    }
    layout();
  }
  function layout() {
    width = Math.max(parts.frame.clientWidth, 300);
    scene = page.scenes.findLast(({ least }) => least <= width) ?? page.scenes[0];
    parts.slider.style.marginLeft = `${scene.left - 9}px`; // half a thumb: it stands under its instant
    parts.slider.style.width = `${width - scene.left - scene.right + 18}px`;
    show();
  }
  function show() {
    const last = page.frames.length - 1;
    const at = clamp(place, 0, last);
    const [instant, time, notice] = page.frames[at];
    drawScene(parts.picture, scene, width, instant);
    parts.picture.setAttribute("aria-label", `${page.title}. ${notice}`);
    standAt(parts.slider, last ? at / last : 1, time);
    parts.time.textContent = time;
    tell(parts.notice, notice);
  }
  function slid() {
    playing.stop();
    place = parts.slider.valueAsNumber;
    if (place >= page.frames.length - 1) place = Infinity;
    show();
  }
  // Plays the frames by the instants that they are of.
  const at = () => page.frames[clamp(place, 0, page.frames.length - 1)][0];
  const ends = () => [page.frames[0][0], page.frames.at(-1)[0]];
  const playing = player({ button: parts.play, icon: parts.icon, words: page.words, ms: page.play, at,
    rows: () => ({ moments: page.frames.map(([instant]) => instant), begin: ends()[0], now: ends()[1] }),
    placeOf: (instant) => (instant - ends()[0]) / (ends()[1] - ends()[0] || 1),
    instantAt: (part) => ends()[0] + part * (ends()[1] - ends()[0]),
    show(instant) {
      place = Math.max(0, page.frames.findLastIndex(([of]) => of <= instant));
      show();
    } });
  const replied = () => (parts.reply.textContent = model.get("reply"));

  parts.slider.addEventListener("input", slid);
  leaping(parts.slider, slid);
  el.append(parts.root);
  took();
  replied();
  return living({ model, changes: { page: took, reply: replied }, node: parts.frame, layout, ended: playing.stop });
}

export default { render };
