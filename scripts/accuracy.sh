#!/usr/bin/env bash
# Writes docs/accuracy.md: the tables of `milepost report` over simulated worlds and, where the judge and its recordings
# lie beside the workspace, its table over recorded sets.
#
#   scripts/accuracy.sh [--seeds N] [--jobs N] [--sets a,b]
#
# The judge needs Python with ../shared/judge/requirements.txt: PYTHON names it (default: a virtual environment under
# target/, made when it is missing).
. "$(dirname "$0")/common.sh"

seeds=20 jobs=2 sets=""
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds) seeds=$2 ;;
    --jobs) jobs=$2 ;;
    --sets) sets=$2 ;;
    *) echo "accuracy.sh: what is $1?" >&2; exit 2 ;;
  esac
  shift 2
done

judge=../shared/judge
data=${MILEPOST_DATA:-../shared/data}
out=target/accuracy
page=docs/accuracy.md
mkdir -p "$out"

cargo build --locked --release -p milepost-replay
milepost=target/release/milepost
echo "simulated worlds, $seeds seeds …" >&2
"$milepost" report all --seeds "$seeds" --jobs "$jobs" > "$out/simulated.md"

# The judge's table, cut to figures, values and goals, as Markdown.
judged() {
  local python=${PYTHON:-target/judge-venv/bin/python}
  if [ ! -x "$(command -v "$python")" ]; then
    python3 -m venv target/judge-venv
    target/judge-venv/bin/pip install -q -r "$judge/requirements.txt"
  fi
  echo "recorded sets …" >&2
  "$python" "$judge/judge.py" --milepost "$milepost" --data "$data" --out "$out/judge" --jobs "$jobs" \
    ${sets:+--sets "$sets"} --brief > "$out/judge.txt"
  awk -F' *[|] ' '
    /^figure / { print "| figure | value | n | known | goal | ok | best peer |"; print "|---|---|---|---|---|---|---|"; next }
    /^-- / || NF < 7 { next }
    { for (i = 1; i <= 7; i++) gsub(/^ +| +$/, "", $i); printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, $3, $4, $5, $6, $7 }
  ' "$out/judge.txt"
}

{
  cat <<'INTRO'
# How good it is

Written by `scripts/accuracy.sh`; do not edit. Two kinds of tables stand here, and they mean different things.

**Simulated worlds** (`milepost report`, first part): [worlds](simulator.md) whose hardness is pinned by a test, with the truth at every hundredth of a second. They show what no recording holds (a crash, a phone that slips, an outage of two minutes), over as many seeds as one likes. They are our own idea of a vehicle, a driver and a phone: a figure that holds here may fail on a road. The engine was developed against such worlds, and the seeds printed here are not kept apart from those; other seeds are a flag away (`--first-seed`), other worlds are not.

**Recorded sets** (the judge, second part): phones on roads and in pockets, with whatever truth others wrote down: button presses, a CAN bus, labels by hand. They are few, and most thresholds and models here were developed while looking at these very sets, so these figures are in-sample: what a stranger's recording gives may be worse, and only a blind run can tell by how much. Where a model was trained on a set, the row of that set says less still (`amazon_goal`).

Both count with the same definitions: spans match one to one at an overlap (IoU) of a half, errors of position and speed are taken at each state's own time, accelerations through a 1 Hz low-pass without delay, and what the engine leaves unknown counts against it (as 0 m/s or m/s², as 20° or 100 m off, as infinitely wrong). `n` says of how many (seconds, where it is a matter of time), `known` for which share of the time there was a value.

## Simulated worlds

INTRO
  echo "    milepost report all --seeds $seeds"
  echo
  echo "Times in the table of costs are of the machine that wrote this; its ratios carry over."
  echo
  cat "$out/simulated.md"
  echo "## Recorded sets"
  echo
  if [ -f "$judge/judge.py" ] && [ -d "$data" ]; then
    echo "    python ../shared/judge/judge.py --milepost target/release/milepost --data ../shared/data --out OUT --brief"
    echo
    judged
  else
    echo "Not measured: there is no judge at \`$judge\` or no data at \`$data\`."
  fi
} > "$out/accuracy.md"
mv "$out/accuracy.md" "$page"
echo "$page" >&2
