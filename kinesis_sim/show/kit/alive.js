// A widget whose kernel does not answer says so. After a press or a key the page asks ("ping"); the
// kernel answers ("pong") when it is free. `script` in widget.py wraps every widget's render in this.

const SILENCE_MS = 5000;

function alive(render) {
  return ({ model, el }) => {
    const notice = html("p", { "aria-live": "polite", class: "kl-silent" });
    notice.hidden = true;
    let waiting = 0;
    let asked = 0;
    function ask() {
      if (waiting) return;
      asked += 1;
      model.set("ping", asked);
      model.save_changes();
      waiting = setTimeout(() => {
        notice.textContent = model.get("silence");
        notice.hidden = false;
      }, SILENCE_MS);
    }
    function answered() {
      if (model.get("pong") < asked) return;
      clearTimeout(waiting);
      waiting = 0;
      notice.hidden = true;
    }
    model.on("change:pong", answered);
    el.addEventListener("click", ask);
    el.addEventListener("change", ask);
    const ended = render({ model, el });
    el.append(notice);
    return () => {
      clearTimeout(waiting);
      model.off("change:pong", answered);
      if (typeof ended === "function") ended();
    };
  };
}
