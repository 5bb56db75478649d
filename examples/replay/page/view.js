"use strict";
// What is looked at: the window of time, the trip, the open event, the time under the pointer, hidden kinds. Whoever
// shows any of it listens here, and nobody else calls anybody else.

/** Narrower than this nothing more can be seen, s. */
const NARROWEST_S = 2;

function makeView(model) {
  const listeners = { window: [], trip: [], open: [], hover: [], filter: [], theme: [] };
  const tell = (what) => listeners[what].forEach((listener) => listener(view));
  const view = {
    from: model.from,
    to: model.to,
    trip: null,
    open: null,
    hover: null,
    hidden: new Set(),
    on: (what, listener) => listeners[what].push(listener),

    setWindow(from, to) {
      const width = Math.min(Math.max(to - from, NARROWEST_S), model.to - model.from);
      let start = (from + to - width) / 2;
      start = Math.min(Math.max(start, model.from), model.to - width);
      if (start === view.from && start + width === view.to) return;
      [view.from, view.to] = [start, start + width];
      tell("window");
    },

    /** Narrower (factor < 1) or wider about a time. */
    zoom(factor, about = (view.from + view.to) / 2) {
      view.setWindow(about + (view.from - about) * factor, about + (view.to - about) * factor);
    },

    setTrip(trip) {
      view.trip = trip;
      if (trip) {
        const margin = 0.03 * (trip.end - trip.start);
        view.setWindow(trip.start - margin, trip.end + margin);
      } else view.setWindow(model.from, model.to);
      tell("trip");
    },

    setOpen(mark) {
      view.open = mark;
      tell("open");
    },

    setHover(t) {
      if (t === view.hover) return;
      view.hover = t;
      tell("hover");
    },

    toggle(kind) {
      if (!view.hidden.delete(kind)) view.hidden.add(kind);
      tell("filter");
    },

    /** Is an event or a stop shown? */
    shows: (mark) => (!view.trip || mark.trip === view.trip) && !view.hidden.has(kindName(mark)),
    themeChanged: () => tell("theme"),
  };
  return view;
}

const kindName = (mark) => (mark.stop ? `stop.${mark.record.class}` : mark.record.type);
