"use strict";
// Reads what examples/replay/src/page/pack.rs and core/engine/src/track.rs write: zigzag LEB128 varints in base64.

/** A reader of numbers. Numbers may have more than 32 bits, so no bit operators. */
function numbersOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  let at = 0;
  return () => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * unit;
      if (byte < 128 || byte === undefined) break;
    }
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
}

/** Reads a list of runs as its numbers. */
function numbersOfRuns(next) {
  const numbers = [];
  let number = 0;
  for (let runs = next(); runs > 0; runs--) {
    number += next();
    for (let length = next(); length > 0; length--) numbers.push(number++);
  }
  return numbers;
}

/** What a channel of a bucket holds when nothing is known. */
const NOTHING = -32768;

/** Buckets of time with the lowest and highest value of each channel: {start, width, index, low[], high[], quanta}. */
function decodeSeries(packed) {
  const next = numbersOf(packed.data);
  const index = Float64Array.from(numbersOfRuns(next));
  const low = [], high = [];
  for (let channel = 0; channel < packed.quanta.length; channel++) {
    const lows = new Int16Array(index.length).fill(NOTHING);
    const highs = new Int16Array(index.length).fill(NOTHING);
    let before = 0;
    for (const i of numbersOfRuns(next)) {
      before += next();
      lows[i] = before;
      highs[i] = before + next();
    }
    low.push(lows);
    high.push(highs);
  }
  return { start: packed.start_t_s, width: packed.width_s, index, low, high, quanta: packed.quanta };
}

/** A trip's points: {t, lat, lon, speed}, with NaN for unknown speeds. The version byte reads as a varint of -1. */
function decodeTrack(base64) {
  const next = numbersOf(base64);
  next();
  const n = next();
  const column = (scale) => {
    const values = new Float64Array(n);
    let value = 0, step = 0;
    for (let i = 0; i < n; i++) {
      step += next();
      value += step;
      values[i] = value / scale;
    }
    return values;
  };
  const t = column(1e3), lat = column(1e6), lon = column(1e6), speed = new Float64Array(n);
  let before = 0;
  for (let i = 0; i < n; i++) {
    before += next();
    speed[i] = before > 0 ? (before - 1) / 10 : NaN;
  }
  return { t, lat, lon, speed };
}
