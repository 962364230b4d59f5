// What every widget's script starts with: elements of HTML and SVG, and small reckoning. `script` in
// widget.py puts this file before the widget's own.

const SVG = "http://www.w3.org/2000/svg";

function made(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
const html = (tag, attributes = {}, ...children) =>
  made(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  made(document.createElementNS(SVG, tag), attributes, children);
const text = (x, y, words, attributes = {}) =>
  svg("text", { x, y, "dominant-baseline": "central", ...attributes }, words);
const quiet = (node) => made(node, { "data-lm-suppress-shortcuts": "true" }, []); // JupyterLab leaves its keys alone
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const newest = (rows, at) => rows.findLast(([since]) => since <= at);
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Escape leads out of what a cell shows, to the cell: there JupyterLab's keys work again.
function leave(event) {
  const shown = event.key === "Escape" && event.target instanceof Element && event.target.closest(".kinesis-lab");
  if (shown) shown.closest(".jp-Cell")?.focus();
}
if (!document.documentElement.dataset.klLeaves) document.addEventListener("keydown", leave, true);
document.documentElement.dataset.klLeaves = "true"; // every widget brings this script

let numbered = 0;
const freshId = (name) => `kl-${name}-${(numbered += 1)}`;

// What is new is said; what stays as it is would be read out again.
function tell(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

// A pattern of slanted strokes, over what lies under them.
function hatched(id, size, ...under) {
  return svg("defs", {}, svg("pattern",
    { id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    ...under, svg("path", { class: "kl-stroke", d: `M0 0V${size}` })));
}

// A sign of some px, and what it means.
function signNode(width, height, words, ...nodes) {
  return html("span", {}, svg("svg", { width, height, "aria-hidden": "true" }, ...nodes), words);
}

function withHtml(tag, attributes, source) {
  const node = html(tag, attributes);
  node.innerHTML = source; // made and escaped by the kernel
  return node;
}

