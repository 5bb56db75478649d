"""Trains the model of bare positions (core/engine/src/trip/mode/bare.rs): driving or on foot from positions every few
seconds that come without speed or accuracy. Boosted trees over what the steps before (and, where it is asked later,
after) look like; data: amazon_goal (CC-BY-4.0, Eftelioglu et al., IWCTS 2022).

    pip install lightgbm pandas
    python scripts/train/bare_positions.py DATA/amazon_goal [--emit > core/engine/src/trip/mode/bare_trees.rs]

Prints 5-fold figures by trajectory: right causally, one step later, five and six steps later; with --emit, the tables.
"""
import io
import sys
import zipfile
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

STEP_S = 4.5  # as `step.rs`
FAST_MPS, SLOW_CLOCK_S, WALK_MPS, MIN_TURN_M, STRAIGHT_M = 5.0, 5.5, (0.6, 2.2), 2.0, 2.0  # as `bare_features.rs`
BEFORE, AFTER = (2, 4, 8, 16), (2, 4, 6)
UNKNOWN = -2.0
LATE, FOLDS = (0, 1, 5, 6), 5
TREES, LEAVES, RATE = 100, 8, 0.2


def load(folder):
    """Steps (seconds, east, north) and labels at their ends, of every fragment."""
    out = []
    for archive in sorted(Path(folder).glob("*.zip")):
        with zipfile.ZipFile(archive) as z:
            for name in sorted(n for n in z.namelist() if n.endswith(".csv")):
                d = pd.read_csv(io.BytesIO(z.read(name)))
                t = pd.to_datetime(d.timestamp)
                t = (t - t.iloc[0]).dt.total_seconds().to_numpy()
                kept = [0]
                for i in range(1, len(t)):
                    if t[i] - t[kept[-1]] >= STEP_S:
                        kept.append(i)
                steps = np.column_stack([np.diff(t[kept]), np.diff(d.x.to_numpy()[kept]), np.diff(d.y.to_numpy()[kept])])
                out.append((steps, (d.groundtruth == "Driving").to_numpy()[kept][1:]))
    return out


def features(steps, i, late):
    """What is asked of step i, with so many steps after it known. The order is that of `bare_features.rs`."""
    dt, length = steps[:, 0], np.hypot(steps[:, 1], steps[:, 2])
    v = length / dt
    end = min(len(steps), i + 1 + late)  # nothing from here on is known
    past, later = slice(max(0, i - 15), i + 1), slice(i + 1, end)
    at = lambda values, k: values[k] if 0 <= k < end else UNKNOWN
    out = [at(v, i), at(v, i - 1), at(v, i - 2), at(dt, i), at(dt, i - 1)]
    for w in BEFORE:
        out += window(steps, v, length, max(0, i + 1 - w), i + 1)
    out.append(turn(steps, length, i - 1, end))
    fast = np.flatnonzero(v[past] > FAST_MPS)
    out.append(dt[past][fast[-1] + 1:].sum() if len(fast) else UNKNOWN)
    out.append(np.mean(dt[past] > SLOW_CLOCK_S))
    out.append(np.mean((v[past] > WALK_MPS[0]) & (v[past] < WALK_MPS[1])))
    out += [at(v, i + 1), at(v, i + 2), at(dt, i + 1), turn(steps, length, i, end)]
    for w in AFTER:
        out += window(steps, v, length, i + 1, i + 1 + w) if i + 1 + w <= end else [UNKNOWN] * 4
    fast = np.flatnonzero(v[later] > FAST_MPS)
    out.append(dt[later][:fast[0]].sum() if len(fast) else UNKNOWN)
    return out


def window(steps, v, length, a, b):
    """Mean speed along the way, straightness, fastest and slowest step."""
    path, chord = length[a:b].sum(), np.hypot(*steps[a:b, 1:].sum(0))
    return [path / steps[a:b, 0].sum(), chord / (path + STRAIGHT_M), v[a:b].max(), v[a:b].min()]


def turn(steps, length, i, end):
    """Cosine of the turn from step i to the next."""
    if i < 0 or i + 1 >= end or min(length[i], length[i + 1]) < MIN_TURN_M:
        return UNKNOWN
    return steps[i, 1:] @ steps[i + 1, 1:] / (length[i] * length[i + 1])


def rows(fragments, late):
    x = [features(s, i, late) for s, y in fragments for i in range(len(y))]
    return np.array(x), np.concatenate([y for _, y in fragments])


def train(tables):
    """Trees over all tables at once: one model for every look-ahead."""
    model = lightgbm.LGBMClassifier(n_estimators=TREES, learning_rate=RATE, num_leaves=LEAVES, min_child_samples=100,
                                    colsample_bytree=0.6, subsample=0.7, subsample_freq=1, reg_lambda=10, random_state=1,
                                    n_jobs=1, deterministic=True, force_col_wise=True, verbose=-1)
    return model.fit(np.vstack([x for x, _ in tables]), np.concatenate([y for _, y in tables]))


def main():
    fragments = load(sys.argv[1])
    by_fragment = np.repeat(np.arange(len(fragments)), [len(y) for _, y in fragments])
    tables = {late: rows(fragments, late) for late in LATE}
    if "--emit" in sys.argv:
        return emit(train(list(tables.values())))
    hits, points = dict.fromkeys(LATE, 0), len(by_fragment)
    for fold in range(FOLDS):
        held = by_fragment % FOLDS == fold
        model = train([(x[~held], y[~held]) for x, y in tables.values()])
        for late, (x, y) in tables.items():
            hits[late] += (model.predict(x[held]) == y[held]).sum()
    print("right, steps later:", {late: round(float(h) / points, 4) for late, h in hits.items()}, "of", points)


def emit(model):
    print("//! Written by `scripts/train/bare_positions.py` from amazon_goal (CC-BY-4.0, Eftelioglu et al., IWCTS 2022):")
    print("//! boosted trees. Each tree is a list of questions `(feature, threshold, next if ≤, next if >)`; a negative next")
    print("//! is the end: −1 − the place of the answer, in thousandths of the log odds for driving.")
    print('\n#![allow(clippy::approx_constant, reason = "a learned threshold may be close to one")]')
    print("\n/// A question: feature, threshold, and where to go.\npub type Question = (u8, f32, i8, i8);")
    print("\n/// The trees.\npub const TREES: [([Question; %d], [i16; %d]); %d] = [" % (LEAVES - 1, LEAVES, TREES))
    for tree in model.booster_.dump_model()["tree_info"]:
        questions, answers = [], []
        walk(tree["tree_structure"], questions, answers)
        ask = ", ".join("(%d, %s, %d, %d)" % (f, number(t), a, b) for f, t, a, b in questions)
        print("    ([%s],\n     [%s])," % (ask, ", ".join(str(a) for a in answers)))
    print("];")


def walk(node, questions, answers):
    """Appends the node and what is below; returns its place as a `next`."""
    if "leaf_value" in node:
        answers.append(round(1000 * node["leaf_value"]))
        return -len(answers)
    here = len(questions)
    questions.append(None)
    low = walk(node["left_child"], questions, answers)
    high = walk(node["right_child"], questions, answers)
    questions[here] = (node["split_feature"], node["threshold"], low, high)
    return here


def number(x):
    text = "%.4g" % x
    return text if "." in text or "e" in text else text + ".0"


if __name__ == "__main__":
    main()
