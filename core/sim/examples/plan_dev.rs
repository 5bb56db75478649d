#![allow(clippy::all, clippy::unwrap_used)]
use milepost_sim::{Policy, live, by_name};
use milepost_engine::config::{Config, Preset};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let name = &a[1];
    let policy = match a[3].as_str() { "plan" => Policy::Plan, "on" => Policy::AlwaysOn, "act" => Policy::ActivityOnly, _ => Policy::FenceAndTimer };
    let preset = if name.starts_with("ride") { Preset::RideHailing } else if name.starts_with("off") { Preset::PrivateCar } else { Preset::Courier };
    let (lo, hi) = a[2].split_once('-').unwrap();
    for seed in lo.parse::<u64>().unwrap()..=hi.parse().unwrap() {
        let s = by_name(name).unwrap().scenario(seed);
        let mut config = Config::preset(preset);
        config.trip.stop_timeout_s = 300.0;
        let life = live(&s, &config, policy);
        let b = &life.bill;
        let driving: f64 = life.truth.trips.iter().map(|t| t.span.end_s - t.span.start_s).sum();
        let starts = life.starts();
        let found = starts.iter().filter(|s| s.1.is_some()).count();
        let mut m: Vec<f64> = starts.iter().filter(|s| s.1.is_some()).filter_map(|s| s.0).collect();
        m.sort_by(f64::total_cmp);
        let pairs: Vec<(f64, f64)> = starts.iter().filter_map(|s| Some((s.0?, s.1?.missed_start_m.unwrap_or(0.0)))).collect();
        let good = pairs.iter().filter(|(a, d)| (a - d).abs() <= (0.3 * a).max(25.0)).count();
        println!("   declared right {}/{}; sums {:.0} of {:.0}", good, pairs.len(), pairs.iter().map(|p| p.1).sum::<f64>(), pairs.iter().map(|p| p.0).sum::<f64>());
        let q = |p: f64| m.get(((m.len() as f64 - 1.0) * p) as usize).copied().unwrap_or(f64::NAN);
        println!("{name} {seed} {policy:?}: driving {:.0} min, gnss {:.0} ({:.2}x, allowed {:.0}), rest {:.1}, cand {} max {:.0} s, imu {:.0}, wakes {}, net {}, uploads {}, kills {}, trips {}/{} recs {}, missed med {:.0} p90 {:.0} max {:.0}",
            driving/60., b.gnss_s/60., b.gnss_s/driving, (1.1*driving + 120.0*b.candidates as f64)/60., b.gnss_at_rest_s/60., b.candidates, b.longest_candidate_s, b.imu_s/60., b.wake_ups, b.network_fixes, b.uploads, b.kills, found, starts.len(), life.trips.len(), q(0.5), q(0.9), q(1.0));
        if a.len() > 4 {
            for ((t, s), _) in life.truth.trips.iter().zip(&starts).zip(0..) {
                println!("  {:.0}-{:.0} {:.0} m: missed {:?} declared {:?} start {:?}", t.span.start_s, t.span.end_s, t.distance_m, s.0.map(|x| x.round()), s.1.map(|t| t.missed_start_m), s.1.map(|x| x.start_t_s.time().seconds() - t.span.start_s));
            }
            for p in &life.plans { println!("  plan {:.0} {:?} imu {} {} tick {:?}", p.t.seconds(), p.gnss, p.imu_hz, p.reason.name(), p.next_tick.map(|t| t.seconds().round())); }
        }
    }
}
