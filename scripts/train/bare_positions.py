"""Trains the model of bare positions (core/engine/src/trip/mode/bare.rs): driving or on foot from positions every few
seconds that come without speed or accuracy. A hidden Markov model with some phases for each of the two, by EM with the
labels given; data: amazon_goal (CC-BY-4.0, Eftelioglu et al., IWCTS 2022).

    python scripts/train/bare_positions.py DATA/amazon_goal [--emit > core/engine/src/trip/mode/bare_tables.rs]

Prints 5-fold figures by trajectory: right causally, one point later and six points later.
"""
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

SPEEDS = np.array([0.03, 0.15, 0.4, 0.8, 1.2, 1.7, 2.3, 3.2, 4.5, 6.5, 10.0, 16.0])  # m/s, edges of the bins
SLOW_CLOCK_S = 5.5  # a longer step is another symbol: loggers slow down at rest
LATE = [0, 1, 6]
PHASES, ROUNDS, FOLDS = 7, 40, 5


def load(folder):
    """Symbols (one per step) and labels (one per point) of every fragment."""
    out = []
    for archive in sorted(Path(folder).glob("*.zip")):
        with zipfile.ZipFile(archive) as z:
            for name in sorted(n for n in z.namelist() if n.endswith(".csv")):
                d = pd.read_csv(io.BytesIO(z.read(name)))
                t = pd.to_datetime(d.timestamp)
                dt = (t - t.iloc[0]).dt.total_seconds().diff().to_numpy()[1:]
                v = np.hypot(np.diff(d.x), np.diff(d.y)) / dt
                out.append((symbols(v, dt), (d.groundtruth == "Driving").to_numpy()))
    return out


def symbols(v, dt):
    return np.searchsorted(SPEEDS, v) + (len(SPEEDS) + 1) * (dt > SLOW_CLOCK_S)


def train(fragments, seed=1):
    """(start, move, emit) with PHASES phases on foot, then PHASES driving."""
    n, m = 2 * PHASES, 2 * (len(SPEEDS) + 1)
    rng = np.random.default_rng(seed)
    driving = np.arange(n) >= PHASES
    start, move, emit = np.ones(n) / n, rng.random((n, n)) + 4 * np.eye(n), rng.random((n, m)) + 0.5
    move[driving[:, None] != driving[None, :]] *= 0.1
    move /= move.sum(1, keepdims=True)
    emit /= emit.sum(1, keepdims=True)
    xs, ys = np.array([x for x, _ in fragments]), np.array([y for _, y in fragments])  # all are of one length
    for _ in range(ROUNDS):
        e = emit.T[xs] * (driving == ys[:, 1:, None])
        f, g, c = np.zeros_like(e), np.ones_like(e), np.zeros(xs.shape)
        for k in range(xs.shape[1]):
            f[:, k] = (start if k == 0 else f[:, k - 1] @ move) * e[:, k]
            c[:, k] = f[:, k].sum(1)
            f[:, k] /= c[:, k, None]
        for k in range(xs.shape[1] - 2, -1, -1):
            g[:, k] = (e[:, k + 1] * g[:, k + 1]) @ move.T / c[:, k + 1, None]
        p = f * g
        s, b = 0.5 + p[:, 0].sum(0), np.full((m, n), 0.5)
        np.add.at(b, xs, p)
        a = 0.3 + move * np.einsum("fki,fkj->ij", f[:, :-1] / c[:, 1:, None], e[:, 1:] * g[:, 1:], optimize=True)
        start, move, emit = s / s.sum(), a / a.sum(1, keepdims=True), b.T / b.T.sum(1, keepdims=True)
    return start, move, emit


def right(model, fragments):
    start, move, emit = model
    driving = np.arange(len(start)) >= PHASES
    hits, points = np.zeros(len(LATE)), 0
    for x, y in fragments:
        e, f = emit[:, x].T, []
        for k in range(len(x)):
            q = (start if k == 0 else f[-1] @ move) * e[k]
            f.append(q / q.sum())
        for j, late in enumerate(LATE):
            for k in range(len(y)):  # the first point has no step of its own: it goes with the second
                i = max(k - 1, 0)
                later = np.ones(len(start))
                for q in range(min(i + late, len(x) - 1), i, -1):
                    later = move @ (e[q] * later)
                p = f[i] * later
                hits[j] += (p[driving].sum() > 0.5 * p.sum()) == y[k]
        points += len(y)
    return hits, points


def main():
    fragments = load(sys.argv[1])
    if "--emit" in sys.argv:
        return emit_tables(train(fragments))
    hits, points = np.zeros(len(LATE)), 0
    for fold in range(FOLDS):
        model = train([f for i, f in enumerate(fragments) if i % FOLDS != fold])
        h, n = right(model, fragments[fold::FOLDS])
        hits, points = hits + h, points + n
        print("fold", fold, dict(zip(LATE, (h / n).round(4))), flush=True)
    print("right, points later:", dict(zip(LATE, (hits / points).round(4))), "of", points)


def emit_tables(model):
    names = ("START", "MOVE", "EMIT")
    print("//! Written by `scripts/train/bare_positions.py` from amazon_goal (CC-BY-4.0, Eftelioglu et al., IWCTS 2022).")
    for name, table in zip(names, model):
        rows = np.atleast_2d(table)
        cells = lambda r: "[" + ", ".join(f"{x:.4f}" for x in np.maximum(r, 1e-4)) + "]"
        shape = f"[f64; {rows.shape[1]}]" if table.ndim == 1 else f"[[f64; {rows.shape[1]}]; {rows.shape[0]}]"
        body = cells(rows[0]) if table.ndim == 1 else "[\n" + "".join(f"    {cells(r)},\n" for r in rows) + "]"
        print(f"\n/// {name.lower()}\npub const {name}: {shape} = {body};")


if __name__ == "__main__":
    main()
