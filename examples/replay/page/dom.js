"use strict";
// Making elements. Texts of the data only ever become text nodes: a tag may say what it likes.

/** An element: h("p", {class: "x", onclick: f}, "text", child…). */
function h(name, attributes = {}, ...children) {
  return dress(document.createElement(name), attributes, children);
}

/** The same for SVG. */
function svg(name, attributes = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function dress(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const byId = (id) => document.getElementById(id);

/** A line drawing of 16 × 16. */
const icon = (path, attributes = {}) =>
  svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", ...attributes }, svg("path", { d: path }));

/** The badge of an event or a stop in lists. */
function badge(kind, { stop = false, hollow = false } = {}) {
  const colour = stop ? "var(--stop)" : `var(--${kind.colour})`;
  return h("span", { class: `badge${stop ? " square" : ""}${hollow ? " hollow" : ""}`, style: `--c:${colour}` }, icon(kind.icon));
}

/** Colours of the theme by name, read again when it changes. */
let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = new Proxy({}, { get: (_, name) => style.getPropertyValue(`--${String(name)}`).trim() || "gray" });
}
readColours();

/** A canvas as large as its box, in device pixels; returns a context in CSS pixels. */
function fitCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const paths = new Map();
/** Draws the badge of an event or a stop on a canvas. */
function drawBadge(context, x, y, kind, { stop = false, hollow = false, size = 9 } = {}) {
  const colour = stop ? colours.stop : colours[kind.colour];
  context.beginPath();
  if (stop) context.roundRect(x - size, y - size, 2 * size, 2 * size, 4);
  else context.arc(x, y, size, 0, 2 * Math.PI);
  context.fillStyle = stop || hollow ? colours.panel : colour;
  context.strokeStyle = stop || hollow ? colour : colours.panel;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  if (!paths.has(kind.icon)) paths.set(kind.icon, new Path2D(kind.icon));
  context.save();
  context.translate(x, y);
  context.scale(size / 10, size / 10);
  context.translate(-8, -8);
  context.strokeStyle = stop || hollow ? colour : "#fff";
  context.lineWidth = 1.8;
  context.lineCap = context.lineJoin = "round";
  context.stroke(paths.get(kind.icon));
  context.restore();
}

/** At most once a frame. */
function perFrame(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      work();
    });
  };
}
