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

function withHtml(tag, attributes, source) {
  const node = html(tag, attributes);
  node.innerHTML = source; // made and escaped by the kernel
  return node;
}

