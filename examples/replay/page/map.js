"use strict";
// The map: tracks, stops, events and gaps in metres at equal scales, on a canvas without tiles. Pans and zooms by
// mouse, touch and keys; the pointer shows its time everywhere.

/** Pointer to track or badge, px. */
const REACH_PX = 16;
/** Badges nearer than this to a more important one become dots, px. */
const CLUTTER_PX = 17;
/** What took shorter on the map is only a stretch of the track, without a badge, px. */
const SPAN_BADGE_PX = 70;

function makeMap(model, view, canvas) {
  const camera = { x: 0, y: 0, scale: 1 };
  let size = { width: 1, height: 1 };
  const trips = () => (view.trip ? [view.trip] : model.trips);
  const onScreen = ([x, y]) => [size.width / 2 + (x - camera.x) * camera.scale, size.height / 2 - (y - camera.y) * camera.scale];
  const inWorld = (px, py) => [camera.x + (px - size.width / 2) / camera.scale, camera.y - (py - size.height / 2) / camera.scale];
  const marks = [...model.stops, ...model.events].filter((m) => m.xy).sort((a, b) => a.kind.rank - b.kind.rank);
  let badges = [];

  /** Shows all of the trips that are looked at. */
  function fit() {
    let west = Infinity, east = -Infinity, south = Infinity, north = -Infinity;
    const see = (x, y) => {
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    };
    for (const trip of trips()) for (let i = 0; i < trip.x.length; i++) see(trip.x[i], trip.y[i]);
    if (!(west <= east)) for (const mark of marks) see(...mark.xy);
    if (!(west <= east)) return;
    camera.x = (west + east) / 2;
    camera.y = (south + north) / 2;
    const margin = Math.min(40, size.width / 8);
    camera.scale = Math.min((size.width - 2 * margin) / Math.max(east - west, 60), (size.height - 2 * margin) / Math.max(north - south, 60));
  }

  function zoom(factor, px = size.width / 2, py = size.height / 2) {
    const [x, y] = inWorld(px, py);
    camera.scale = Math.min(50, Math.max(1e-4, camera.scale * factor));
    const [x2, y2] = inWorld(px, py);
    camera.x += x - x2;
    camera.y += y - y2;
    draw();
  }

  /** Puts the part of a track between two times on the context's path; what is nearer than a pixel is left out. */
  function trace(context, trip, from, to) {
    const { t } = trip.track;
    const { scale } = camera;
    const left = size.width / 2 - camera.x * scale, top = size.height / 2 + camera.y * scale;
    let px = NaN, py = NaN;
    const first = Math.max(0, lastAtOrBefore(t, from));
    for (let i = first; i < t.length && t[i] <= to; i++) {
      const x = left + trip.x[i] * scale, y = top - trip.y[i] * scale;
      if (i > first && i < t.length - 1 && Math.abs(x - px) < 1 && Math.abs(y - py) < 1) continue;
      if (i === first) context.moveTo(x, y);
      else context.lineTo(x, y);
      px = x;
      py = y;
    }
  }

  function stroke(context, style, width, trip, from = trip.start, to = trip.end, dash = []) {
    context.beginPath();
    trace(context, trip, from, to);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }

  // The tracks are drawn anew only when they look otherwise; the pointer and the window of the charts come on top.
  const ground = document.createElement("canvas");
  let isStale = true;
  const paint = perFrame(() => {
    const fitted = fitCanvas(canvas);
    const { context } = fitted;
    if (fitted.width !== size.width || fitted.height !== size.height || ground.width !== canvas.width) isStale = true;
    size = fitted;
    if (isStale) paintGround();
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(ground, 0, 0);
    context.restore();
    if (!model.isPlaced) return;
    context.lineCap = context.lineJoin = "round";
    if (trips().some((trip) => view.from > trip.start || view.to < trip.end)) highlight(context);
    trips().forEach((trip) => ends(context, trip));
    drawMarks(context);
    pointer(context);
    scaleBar(context);
  });
  const draw = () => {
    isStale = true;
    paint();
  };

  function paintGround() {
    isStale = false;
    ground.width = canvas.width;
    ground.height = canvas.height;
    const context = ground.getContext("2d");
    const ratio = canvas.width / Math.max(1, size.width);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineCap = context.lineJoin = "round";
    grid(context);
    for (const trip of model.trips) if (view.trip && trip !== view.trip) stroke(context, colours.faint, 2, trip);
    for (const trip of trips()) {
      for (const event of model.events) {
        if (event.kind.span && event.trip === trip && view.shows(event)) {
          context.globalAlpha = 0.45;
          stroke(context, colours[event.kind.colour], 11, trip, event.start, event.end);
          context.globalAlpha = 1;
        }
      }
    }
    for (const trip of trips()) {
      stroke(context, colours.panel, 6, trip);
      stroke(context, colours[trip.colour], 3.5, trip);
      for (const gap of model.gaps) {
        if (gap.end <= trip.start || gap.start >= trip.end) continue;
        stroke(context, colours.panel, 5, trip, gap.start, gap.end);
        stroke(context, colours[trip.colour], 2, trip, gap.start, gap.end, [2, 6]);
      }
    }
  }

  /** The part of the tracks that the charts show, with a light edge. */
  function highlight(context) {
    for (const trip of trips()) {
      if (trip.end < view.from || trip.start > view.to) continue;
      stroke(context, colours.text, 7, trip, view.from, view.to);
      stroke(context, colours[trip.colour], 4, trip, view.from, view.to);
    }
  }

  function grid(context) {
    const step = niceStep(90 / camera.scale);
    const [west, north] = inWorld(0, 0), [east, south] = inWorld(size.width, size.height);
    context.strokeStyle = colours.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = Math.ceil(west / step) * step; x < east; x += step) {
      const [px] = onScreen([x, 0]);
      context.moveTo(Math.round(px) + 0.5, 0);
      context.lineTo(Math.round(px) + 0.5, size.height);
    }
    for (let y = Math.ceil(south / step) * step; y < north; y += step) {
      const [, py] = onScreen([0, y]);
      context.moveTo(0, Math.round(py) + 0.5);
      context.lineTo(size.width, Math.round(py) + 0.5);
    }
    context.stroke();
  }

  function ends(context, trip) {
    const n = trip.x.length;
    if (!n) return;
    const dot = (at, fill) => {
      const [x, y] = onScreen(at);
      context.beginPath();
      context.arc(x, y, 4.5, 0, 2 * Math.PI);
      context.fillStyle = fill;
      context.strokeStyle = colours[trip.colour];
      context.lineWidth = 2.5;
      context.fill();
      context.stroke();
    };
    dot([trip.x[0], trip.y[0]], colours.panel);
    dot([trip.x[n - 1], trip.y[n - 1]], colours[trip.colour]);
  }

  function drawMarks(context) {
    badges = [];
    const dots = [];
    for (const mark of marks) {
      if (!view.shows(mark)) continue;
      const [x, y] = onScreen(mark.xy);
      if (x < -20 || y < -20 || x > size.width + 20 || y > size.height + 20) continue;
      const isOpen = mark === view.open;
      if (mark.record.type === "driving.speeding" && !isOpen && mark.record.distance_m * camera.scale < SPAN_BADGE_PX) continue;
      const crowded = badges.some((b) => Math.abs(b.x - x) < CLUTTER_PX && Math.abs(b.y - y) < CLUTTER_PX);
      if (crowded && !isOpen) dots.push({ x, y, mark });
      else badges.push({ x, y, mark });
    }
    for (const { x, y, mark } of dots) {
      context.beginPath();
      context.arc(x, y, 2.5, 0, 2 * Math.PI);
      context.fillStyle = mark.stop ? colours.stop : colours[mark.kind.colour];
      context.fill();
    }
    for (const { x, y, mark } of badges.slice().reverse()) {
      drawBadge(context, x, y, mark.kind, { stop: mark.stop, hollow: mark.record.status === "unconfirmed", size: mark.kind.rank > 5 ? 7 : 9 });
      if (mark !== view.open) continue;
      context.beginPath();
      context.arc(x, y, 15, 0, 2 * Math.PI);
      context.strokeStyle = colours.text;
      context.lineWidth = 2;
      context.stroke();
    }
    badges.push(...dots);
  }

  function pointer(context) {
    const trip = view.hover === null ? null : tripAt(model, view.hover);
    const at = trip && placeAt(trip, view.hover);
    if (!at) return;
    const [x, y] = onScreen(at);
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.fillStyle = colours.text;
    context.strokeStyle = colours.panel;
    context.lineWidth = 3;
    context.fill();
    context.stroke();
    const speed = view.hoverValues?.[0];
    const words = `${timeText(model, view.hover)}${speed === null || speed === undefined ? "" : `  ${kmh(speed)}`}`;
    context.font = "600 12px system-ui, sans-serif";
    const width = context.measureText(words).width + 14;
    const left = Math.min(Math.max(4, x + 14), size.width - width - 4), top = Math.max(4, y - 34);
    context.beginPath();
    context.roundRect(left, top, width, 22, 6);
    context.fillStyle = colours.text;
    context.fill();
    context.fillStyle = colours.panel;
    context.textBaseline = "middle";
    context.fillText(words, left + 7, top + 11.5);
  }

  function scaleBar(context) {
    const length = niceStep(110 / camera.scale), px = length * camera.scale;
    const x = 14, y = size.height - 14;
    context.strokeStyle = context.fillStyle = colours.muted;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, y - 5);
    context.lineTo(x, y);
    context.lineTo(x + px, y);
    context.lineTo(x + px, y - 5);
    context.stroke();
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "alphabetic";
    context.fillText(length >= 1000 ? `${length / 1000} km` : `${length} m`, x + 5, y - 5);
  }

  /** The time and trip of the nearest point of a shown track, within reach. */
  function nearest(px, py) {
    const [x, y] = inWorld(px, py);
    let best = null, least = (REACH_PX / camera.scale) ** 2;
    for (const trip of trips()) {
      for (let i = 0; i < trip.x.length; i++) {
        const d = (trip.x[i] - x) ** 2 + (trip.y[i] - y) ** 2;
        if (d < least) [least, best] = [d, { trip, t: trip.track.t[i] }];
      }
    }
    return best;
  }

  const markAt = (px, py) => badges.find((b) => Math.hypot(b.x - px, b.y - py) < 11)?.mark ?? null;

  function hover(px, py) {
    const mark = markAt(px, py);
    canvas.title = mark ? `${mark.kind.label}, ${timeText(model, mark.start)}` : "";
    const found = nearest(px, py);
    canvas.style.cursor = mark ? "pointer" : found ? "crosshair" : "grab";
    view.setHover(mark ? mark.peak ?? mark.start : (found?.t ?? null));
  }

  function click(px, py) {
    const mark = markAt(px, py);
    if (mark) return view.setOpen(mark);
    const found = nearest(px, py);
    if (found && !view.trip) view.setTrip(found.trip);
  }

  gestures(canvas, {
    hover,
    click,
    leave: () => view.setHover(null),
    drag: (dx, dy) => {
      camera.x -= dx / camera.scale;
      camera.y += dy / camera.scale;
      draw();
    },
    pinch: (factor, px, py) => zoom(factor, px, py),
    wheel: (event, px, py) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), px, py);
    },
  });
  canvas.addEventListener("dblclick", (event) => zoom(2, event.offsetX, event.offsetY));
  canvas.addEventListener("keydown", (event) => {
    const pan = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (pan) {
      camera.x += pan[0] / camera.scale;
      camera.y += pan[1] / camera.scale;
      draw();
    } else if (event.key === "+" || event.key === "=") zoom(1.5);
    else if (event.key === "-") zoom(1 / 1.5);
    else if (event.key === "0") reset();
    else return;
    event.preventDefault();
  });

  function reset() {
    fit();
    draw();
  }
  new ResizeObserver(() => {
    const before = size.width;
    size = fitCanvas(canvas);
    if (before <= 1 || Math.abs(before - size.width) > 40) fit();
    draw();
  }).observe(canvas);
  view.on("trip", reset);
  for (const what of ["filter", "theme"]) view.on(what, draw);
  for (const what of ["hover", "window"]) view.on(what, paint);
  view.on("open", () => {
    const at = view.open?.xy;
    if (at) {
      const [x, y] = onScreen(at);
      const inside = x > 30 && y > 30 && x < size.width - 30 && y < size.height - 30;
      if (!inside) [camera.x, camera.y] = at;
    }
    draw();
  });
  return { zoom, reset, camera, onScreen, badges: () => badges };
}

/** 1, 2 or 5 times a power of ten, not above `x`. */
function niceStep(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * (x / power >= 5 ? 5 : x / power >= 2 ? 2 : 1);
}
