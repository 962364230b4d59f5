// An HLS player of the smallest kind: asks the kernel for one segment after the other, and hands them to
// the browser's own decoder (Media Source Extensions). What playlists say was read by the kernel.

const INIT = -1; // the place of what stands before all segments

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** The message of a browser that cannot play this; empty where it can. */
function hindrance(words, codecs) {
  if (typeof MediaSource === "undefined") return words["no-source"];
  return MediaSource.isTypeSupported(`video/mp4; codecs="${codecs}"`) ? "" : filled(words.undecodable, { codecs });
}

function screen(words) {
  const parts = {
    title: html("strong", { class: "kl-title" }),
    notice: html("p", { role: "status" }),
    video: quiet(html("video", { muted: "", playsinline: "", controls: "", "aria-label": words.list })),
    list: html("ol", { "aria-label": words.list }),
    play: quiet(html("button", { type: "button" }, words.play)),
    again: quiet(html("button", { type: "button" }, words.again)),
    fetched: html("p", { role: "status", class: "kl-quiet-text" }),
    playlist: html("pre", { tabindex: "0" }),
  };
  parts.video.muted = true;
  parts.root = html("section", { class: "kinesis-lab kl-player" },
    html("header", {}, parts.title), parts.notice,
    html("div", { class: "kl-screen" }, parts.video, parts.list),
    html("div", {}, parts.play, " ", parts.again), parts.fetched,
    html("details", {}, quiet(html("summary", {}, words.playlist)), parts.playlist));
  return parts;
}

function render({ model, el }) {
  const words = model.get("words");
  const parts = screen(words);
  const { video } = parts;
  let rows = model.get("rows");
  let source, buffer, url; // of the media that plays; none before the button was pressed
  let next = INIT; // segments are counted as the playlist counts them
  let asked = /** @type {number | null} */ (null); // the segment under way
  let [fetched, bytes] = [0, 0];
  const starts = new Map(); // where each segment begins, in seconds of the buffer

  function took() {
    rows = model.get("rows");
    parts.title.textContent = rows.title;
    parts.notice.textContent = rows.notice;
    parts.playlist.textContent = rows.playlist;
    parts.list.replaceChildren(...rows.fragments.map(([time, length]) =>
      html("li", {}, ...(time ? [time, html("br")] : []), length)));
    parts.play.disabled = !rows.fragments.length;
    marked();
  }
  function told(said) {
    parts.fetched.textContent = said;
  }
  function counted() {
    told(filled(words.fetched, { count: fetched, all: rows.fragments.length, bytes }));
  }
  function marked() {
    const at = [...starts].findLast(([, start]) => start <= video.currentTime + 0.01)?.[0];
    [...parts.list.children].forEach((node, place) => {
      node.toggleAttribute("data-has", starts.has(rows.first + place));
      if (rows.first + place === at) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    });
  }
  function left() {
    if (url) URL.revokeObjectURL(url);
    [source, buffer, url, asked] = [undefined, undefined, undefined, null];
  }
  function begin() {
    left();
    const why = hindrance(words, rows.codecs);
    if (why) return told(why);
    [next, fetched, bytes] = [INIT, 0, 0];
    starts.clear();
    source = new MediaSource();
    const own = source;
    source.addEventListener("sourceopen", () => {
      if (own !== source || buffer) return;
      buffer = own.addSourceBuffer(`video/mp4; codecs="${rows.codecs}"`);
      buffer.addEventListener("updateend", appended);
      buffer.addEventListener("error", () => told(words.failed));
      ask();
    });
    url = URL.createObjectURL(source);
    video.src = url;
    video.play().catch(() => {}); // a browser that wants to be asked has its own button
  }
  function ask() {
    if (!buffer || asked !== null) return;
    if (next !== INIT) next = Math.max(next, rows.first); // a live playlist has moved on
    if (next < rows.first + rows.fragments.length) {
      asked = next;
      model.send({ kind: "segment", number: next });
    } else if (rows.over && source.readyState === "open") {
      source.endOfStream();
    }
  }
  function came() {
    const segment = model.get("segment");
    if (!buffer || segment.number !== asked) return;
    if (!segment.data) {
      left();
      return told(segment.why);
    }
    const data = bytesOf(segment.data);
    bytes += data.length;
    buffer.appendBuffer(data);
  }
  function appended() {
    if (asked !== null && asked !== INIT) {
      const ranges = buffer.buffered;
      const end = ranges.length ? ranges.end(ranges.length - 1) : 0;
      starts.set(asked, end - model.get("segment").seconds);
      if (!fetched && ranges.length) video.currentTime = ranges.start(0);
      fetched += 1;
    }
    next = asked === INIT ? rows.first : next + 1;
    asked = null;
    counted();
    marked();
    ask();
  }
  // Where nothing was filmed there is nothing to wait for: go on where the next picture is.
  function overGap() {
    const ranges = video.buffered;
    for (let place = 0; place < ranges.length; place += 1) {
      if (ranges.start(place) > video.currentTime) {
        video.currentTime = ranges.start(place);
        return;
      }
    }
  }

  parts.play.addEventListener("click", begin);
  parts.again.addEventListener("click", () => model.send({ kind: "again" }));
  video.addEventListener("timeupdate", marked);
  video.addEventListener("waiting", overGap);
  const grown = () => {
    took();
    ask();
  };
  model.on("change:rows", grown);
  model.on("change:segment", came);
  el.append(parts.root);
  took();
  return () => {
    video.pause();
    left();
    model.off("change:rows", grown);
    model.off("change:segment", came);
  };
}

export default { render };
