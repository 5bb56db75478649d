// Pages to look at, made by the command itself: a simulated drive, a day of 86 400 fixes, and nothing at all.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MILEPOST = process.env.MILEPOST ?? fileURLToPath(new URL("../../target/release/milepost", import.meta.url));
export const FOLDER = mkdtempSync(join(tmpdir(), "milepost-page-"));
export const cleanUp = () => rmSync(FOLDER, { recursive: true, force: true });

export const milepost = (...args) => execFileSync(MILEPOST, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** Replays a folder; gives where the page is and what the records say. */
export function replay(input, name, ...options) {
  const out = join(FOLDER, name);
  milepost("replay", input, "--out", out, ...options);
  const records = readFileSync(join(out, "records.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  return { page: join(out, "report.html"), records };
}

export const HOSTILE = "</script><script>window.hacked = 1</script><img src=http://127.0.0.1:9/x onerror=hacked=1><!-- \u2028\u2029 & {{DATA}}";

/** An aggressive hour on hills with the phone in use, whose driver's id and tag are hostile. */
export function drive() {
  milepost("simulate", "hilly_drive", "--seed", "3", "--out", join(FOLDER, "hilly"));
  const input = join(FOLDER, "hilly", "input");
  const first = Number(readFileSync(join(input, "gnss.csv"), "utf8").split("\n")[1].split(",")[0]);
  const text = `"${HOSTILE.replaceAll('"', '""')}"`;
  appendFileSync(join(input, "signals.csv"), ["driver_id", "vehicle_id", "tag"].map((kind) => `${first},${kind},${text},\n`).join(""));
  return input;
}

/** A day at one fix a second, 86 400 of them, round and round without IMU. */
export function longDay() {
  const input = join(FOLDER, "day");
  mkdirSync(input);
  const rows = ["t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m"];
  let x = 0, y = 0;
  for (let t = 0; t < 86_400; t++) {
    const bearing = (t / 7 + 40 * Math.sin(t / 130)) % 360, speed = 14 + 7 * Math.sin(t / 61);
    x += speed * Math.sin((bearing * Math.PI) / 180);
    y += speed * Math.cos((bearing * Math.PI) / 180);
    rows.push(`${1000 + t},${(48 + y / 111_195).toFixed(7)},${(2 + x / 74_400).toFixed(7)},,${speed.toFixed(2)},${((bearing + 360) % 360).toFixed(1)},5`);
  }
  writeFileSync(join(input, "gnss.csv"), `${rows.join("\n")}\n`);
  return input;
}

/** Tables without rows. */
export function nothing() {
  const input = join(FOLDER, "empty");
  mkdirSync(input);
  writeFileSync(join(input, "gnss.csv"), "t_s,lat,lon,alt_m,speed_mps,bearing_deg,hacc_m\n");
  return input;
}

/** A phone on a table: IMU, and never a position. */
export function noTrack() {
  const input = join(FOLDER, "table");
  mkdirSync(input);
  const rows = Array.from({ length: 3000 }, (_, i) => `${(10 + i / 50).toFixed(2)},0.01,0.02,9.81,0,0,0`);
  writeFileSync(join(input, "imu.csv"), `t_s,ax,ay,az,gx,gy,gz\n${rows.join("\n")}\n`);
  writeFileSync(join(input, "signals.csv"), "t_s,kind,value,confidence\n12,permission,denied,\n");
  return input;
}
