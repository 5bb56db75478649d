"use strict";
// The series at the resolution of the screen: a pyramid of levels, each with buckets twice as wide, from which a chart
// takes some thousand points whatever the length of the day. Peaks stay at every level.

/** Levels of `series`, finest first: {index, low[], high[]}. */
function buildPyramid(series) {
  const levels = [series];
  for (let last = series; last.index.length > 1024 && levels.length < 32; last = levels.at(-1)) levels.push(coarser(last));
  return { series, levels };
}

function coarser(level) {
  const n = level.index.length, channels = level.low.length;
  const index = new Float64Array(n);
  const low = Array.from({ length: channels }, () => new Int16Array(n).fill(NOTHING));
  const high = Array.from({ length: channels }, () => new Int16Array(n).fill(NOTHING));
  let m = -1;
  for (let i = 0; i < n; i++) {
    const half = Math.floor(level.index[i] / 2);
    if (m < 0 || index[m] !== half) index[++m] = half;
    for (let c = 0; c < channels; c++) {
      const lowest = level.low[c][i], highest = level.high[c][i];
      if (lowest === NOTHING) continue;
      if (low[c][m] === NOTHING || lowest < low[c][m]) low[c][m] = lowest;
      if (high[c][m] === NOTHING || highest > high[c][m]) high[c][m] = highest;
    }
  }
  const cut = (columns) => columns.map((column) => column.slice(0, m + 1));
  return { index: index.slice(0, m + 1), low: cut(low), high: cut(high) };
}

/** Longer than this without a value, a line is broken, s. */
const BREAK_S = 3;

/**
 * What a chart of `pixels` width draws of the channels between two times: [times, values…], the low and the high of
 * each bucket after another, null for unknown. A bucket of margin on either side lets lines leave the chart.
 */
function envelope({ series, levels }, channels, from, to, pixels) {
  let k = 0;
  let first, last;
  for (; ; k++) {
    const width = series.width * 2 ** k;
    const { index } = levels[k];
    first = Math.max(0, lastAtOrBefore(index, (from - series.start) / width) - 1);
    last = Math.min(index.length - 1, lastAtOrBefore(index, (to - series.start) / width) + 2);
    if (last - first <= pixels || k === levels.length - 1) break;
  }
  const width = series.width * 2 ** k;
  const { index, low, high } = levels[k];
  const times = [], values = channels.map(() => []);
  const put = (t, i, columns) => {
    times.push(t);
    channels.forEach((channel, c) => {
      const q = i === null ? NOTHING : columns[channel][i];
      values[c].push(q === NOTHING ? null : q * series.quanta[channel]);
    });
  };
  let before = null;
  for (let i = first; i <= last; i++) {
    const t = series.start + index[i] * width;
    if (before !== null && t - before > Math.max(BREAK_S, 2.5 * width)) put(before + width, null);
    if (channels.some((channel) => low[channel][i] !== high[channel][i])) {
      put(t + 0.25 * width, i, low);
      put(t + 0.75 * width, i, high);
    } else {
      put(t + 0.5 * width, i, low);
    }
    before = t;
  }
  return [times, ...values];
}

/** The values at a time: the middle of each channel's bucket, or null. */
function valuesAt({ series }, t) {
  const i = lastAtOrBefore(series.index, (t - series.start) / series.width);
  if (i < 0 || t - series.start - series.index[i] * series.width > Math.max(1, 2 * series.width)) return null;
  return series.quanta.map((quantum, channel) => {
    const low = series.low[channel][i];
    return low === NOTHING ? null : ((low + series.high[channel][i]) / 2) * quantum;
  });
}
