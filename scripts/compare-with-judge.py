#!/usr/bin/env python3
"""The judge's figures of simulated drives, to be held against `milepost report` over the same ones.

    PYTHON scripts/compare-with-judge.py SCENARIO[,SCENARIO…] SEED[,SEED…]

Simulates each, replays the folder, scores it with ../shared/judge (whose requirements PYTHON must have), and prints
all figures pooled. Skipped with a reason where there is no judge. The judge reads a folder in order of time, while
`milepost report` hands things over when a host would get them: what rests on signals that come late differs for that.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JUDGE = ROOT.parent / "shared" / "judge"
MILEPOST = ROOT / "target" / "release" / "milepost"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if not (JUDGE / "score.py").exists():
        print(f"skipped: there is no judge at {JUDGE}")
        return
    sys.path.insert(0, str(JUDGE))
    from score import measure, rows, show
    from tally import add

    total = {}
    for scenario in sys.argv[1].split(","):
        for seed in sys.argv[2].split(","):
            with tempfile.TemporaryDirectory() as folder:
                add(total, measure(*judged(Path(folder), scenario, seed)))
    for figure, value, n, known in rows(total):
        print(f"{figure:56} {show(value):>9}  n {n}" + (f"  known {known:.1%}" if known is not None else ""))


def judged(folder, scenario, seed):
    """(case, output) of one simulated drive, as the judge takes them."""
    import numpy as np
    import pandas as pd
    from outputs import Output
    from plain import Case

    run("simulate", scenario, "--seed", seed, "--out", folder)
    run("replay", folder / "input", "--out", folder / "out")
    truth = pd.read_csv(folder / "truth.csv")
    series = {c: truth[c].to_numpy(float) for c in ("t", "lat", "lon", "speed", "a_long", "a_lat", "limit")}
    series["mount"] = truth["mount"].to_numpy(int)
    for axis in ("up", "fwd"):
        series[axis] = truth[[f"{axis}_{c}" for c in "xyz"]].to_numpy(float)
    np.savez(folder / "truth.npz", **series)
    case = Case(folder)
    case.set = "wsim"  # A world: potholes are timed by physics and not by a passenger's finger.
    case.series = lambda: series
    return case, Output(folder / "out")


def run(*args):
    subprocess.run([MILEPOST, *args], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
