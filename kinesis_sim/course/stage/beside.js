// Two rooms of the same second and seed: the buttons above press the same button in both.

const rooms = () => [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument);
const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-press]"));
for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const room of rooms()) {
      const same = /** @type {HTMLButtonElement | null} */ (room?.querySelector(`[data-act="${button.dataset.press}"]`));
      same?.click();
    }
  });
}
