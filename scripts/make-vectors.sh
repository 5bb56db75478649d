#!/bin/bash
# make-vectors.sh: replays recordings with the `milepost` command, and puts into target/vectors/NAME what a test in
# another language needs to do the same through the library: frames.bin (packed frames for `push`),
# session.properties (how to open) and records.jsonl (what must come out). One recording is made here, one is a simulated
# drive; a phone's from ../shared/data (or MILEPOST_DATA) joins them where it is there.
# MILEPOST_COMMAND names a command that is built already.
. "$(dirname "$0")/common.sh"
need_rust
data=${MILEPOST_DATA:-../shared/data}
vectors=$TARGET/vectors

milepost=${MILEPOST_COMMAND:-}
if [ -z "$milepost" ]; then
  # With the whole workspace's features, as `cargo test` has built it before.
  cargo build --locked --workspace --exclude milepost-bindgen --bin milepost
  milepost=$TARGET/debug/milepost
fi

# vector NAME PLAIN_FOLDER CONFIG_JSON: the preset is the default one. The command always asks for states, and the
# summary shows every key: so must the library.
vector() {
  local folder=$vectors/$1 plain=$2 config=$3
  printf '%s' "$config" > "$folder/config.json"
  "$milepost" convert "$plain" --to frames --out "$folder/frames.bin"
  "$milepost" replay "$plain" --config "$folder/config.json" --out "$folder/replay"
  mv "$folder/replay/records.jsonl" "$folder/records.jsonl"
  rm -r "$folder/replay"
  {
    echo "preset=courier"
    echo "config=$config"
    echo "seed=$(sed -n 's/.*"seed": *\([0-9]*\).*/\1/p' "$plain/session.json")"
  } > "$folder/session.properties"
}

# made DIR: a plain folder, twelve minutes: parked, on foot, 1.2 km up a street with a hard stop in the middle, parked.
# Every kind of signal occurs, a seed of 64 bits, a jump of the wall clock, a phone without gyroscope at the end.
made() {
  mkdir -p "$1"
  cat > "$1/session.json" <<'S'
{"seed": 17293822569102704639, "platform": "android", "device": "made", "utc_offset_min": 60,
 "clock": [{"t_s": 0, "wall_ms": 1767600000000, "boot_id": "a"}, {"t_s": 300, "wall_ms": 1767600301500, "boot_id": "a"}]}
S
  cat > "$1/signals.csv" <<'S'
t_s,kind,value,confidence
0,consent,granted,
0,permission,always,
0.5,duty,on,
1,activity,still,0.9
2,provider,on,
2,charging,off,
3,power_save,off,
4,driver_id,Ümit 7,
5,vehicle_id,van 12,
10,steps,100,
60,activity,walking,0.8
80,steps,140,
110,vehicle_audio,connected:Car: one,
119,activity,automotive,0.95
130,speed_limit_mps,13.89,
200,screen,on,
201,lock,unlocked,
204,call,handheld,
214,call,none,
215,lock,locked,
216,screen,off,
230,tag,rain,
400,speed_limit_mps,,
440,vehicle_audio,disconnected,
445,activity,still,0.9
S
  # A speed by the second; the position follows from it, the acceleration is its derivative.
  awk -v imu="$1/imu.csv" -v gnss="$1/gnss.csv" '
    function speed(t) {
      if (t < 120) return 0
      if (t < 132) return t - 120
      if (t < 220) return 12
      if (t < 224) return 12 - 3 * (t - 220)
      if (t < 264) return 0
      if (t < 276) return t - 264
      if (t < 390) return 12
      if (t < 414) return 12 - 0.5 * (t - 390)
      return 0
    }
    BEGIN {
      print "t_s,ax,ay,az,gx,gy,gz" > imu
      print "t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m,arrived_t_s" > gnss
      way = 0; hz = 50
      for (k = 0; k <= 720 * hz; k++) {
        t = k / hz; v = speed(t); way += v / hz
        shake = (v > 0) ? 0.15 * ((k * 7919) % 101 - 50) / 50 : 0.01 * ((k * 31) % 11 - 5) / 5
        printf "%.3f,%.4f,%.4f,%.4f,", t, shake, (speed(t + 0.01) - speed(t - 0.01)) / 0.02 + shake, 9.81 - shake > imu
        if (t < 600) printf "%.4f,%.4f,%.4f\n", shake / 50, 0.001, shake / 80 > imu; else print ",," > imu
        if (k % hz == 0 && (t < 340 || t > 350))
          printf "%.3f,%.7f,13.4000000,34.5,%s,%s,%.1f,%.3f\n", t, 52.5 + way / 111320, (t % 60 == 59) ? "" : sprintf("%.2f", v),
            (v > 1) ? "0.0" : "", 4 + t % 3, t + 0.4 > gnss
      }
    }'
}

rm -rf "$vectors"
mkdir -p "$vectors/made"
made "$vectors/made/plain"
vector made "$vectors/made/plain" '{"states": true}'

# A simulated phone at 100 Hz in a drive that ends in the back of another vehicle: an impact with its window.
mkdir -p "$vectors/rear_end"
"$milepost" simulate rear_end --seed 7 --minutes 12 --out "$vectors/rear_end/simulated" >/dev/null
mv "$vectors/rear_end/simulated/input" "$vectors/rear_end/plain"
rm -r "$vectors/rear_end/simulated"
vector rear_end "$vectors/rear_end/plain" '{"states": true}'

recording=$data/ikhyd_iphone_obd/sample_trip.csv
if [ -e "$recording" ]; then
  mkdir -p "$vectors/sample_trip"
  "$milepost" convert "$recording" --to plain --out "$vectors/sample_trip/plain"
  vector sample_trip "$vectors/sample_trip/plain" '{"states": true, "manual": true}'
else
  echo "skipped: no $recording"
fi
