//! Scenarios by name, for the command line and for tables over seeds.

use crate::phone::Keeping;
use crate::scenario::Scenario;
use crate::truth::Crash;
use crate::units::Duration;

/// A scenario that has a name.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// As on the command line.
    pub name: &'static str,
    /// What happens in it, in a line.
    pub about: &'static str,
    make: fn(u64) -> Scenario,
}

impl Named {
    /// The scenario for a seed.
    pub fn scenario(&self, seed: u64) -> Scenario {
        (self.make)(seed)
    }
}

/// The scenario of that name.
pub fn by_name(name: &str) -> Option<&'static Named> {
    SCENARIOS.iter().find(|s| s.name == name)
}

/// All of them, simplest first.
pub const SCENARIOS: [Named; 27] = [
    Named {
        name: "drive",
        about: "an hour at the wheel, phone fixed at any angle, errors as pinned",
        make: Scenario::drive,
    },
    Named { name: "short_drive", about: "ten minutes of the same", make: |s| Scenario::drive(s).minutes(10) },
    Named {
        name: "everyday_drive",
        about: "an hour with the phone kept anywhere, handled, dropped, slipping",
        make: Scenario::everyday_drive,
    },
    Named { name: "calm_drive", about: "an hour with a calm driver", make: |s| Scenario::drive(s).temper(0.0) },
    Named {
        name: "aggressive_drive",
        about: "an hour with an aggressive one",
        make: |s| Scenario::drive(s).temper(1.0),
    },
    Named {
        name: "hilly_drive",
        about: "twice the slopes, phone in use",
        make: |s| Scenario::drive(s).hills(0.045).phone_in_use(),
    },
    Named {
        name: "cup_holder",
        about: "the phone rattles in a cup holder",
        make: |s| Scenario::drive(s).kept_in(Keeping::CupHolder),
    },
    Named {
        name: "pocket",
        about: "the phone is in the driver's pocket",
        make: |s| Scenario::drive(s).kept_in(Keeping::Pocket),
    },
    Named {
        name: "slipping",
        about: "the phone slips after 20 minutes, sags all the time",
        make: |s| Scenario::drive(s).holder_sags(8.0).phone_slips_at(20.minutes()),
    },
    Named {
        name: "canyons",
        about: "a city of high houses",
        make: |s| Scenario::drive(s).in_a_city().urban_canyons(0.7),
    },
    Named {
        name: "outages",
        about: "30, 60 and 120 seconds without the receiver",
        make: |s| {
            Scenario::drive(s)
                .outage_at(12.minutes(), 30.seconds())
                .outage_at(25.minutes(), 60.seconds())
                .outage_at(40.minutes(), 120.seconds())
        },
    },
    Named {
        name: "tunnel",
        about: "a tunnel of three minutes",
        make: |s| Scenario::drive(s).minutes(30).tunnel(3.minutes()),
    },
    Named {
        name: "jam",
        about: "ten minutes of stop and go",
        make: |s| Scenario::drive(s).minutes(40).jam(10.minutes()),
    },
    Named {
        name: "level_crossing",
        about: "the gates are down for four minutes",
        make: |s| Scenario::drive(s).minutes(30).level_crossing(4.minutes()),
    },
    Named {
        name: "petrol_stop",
        about: "petrol, three minutes",
        make: |s| Scenario::drive(s).minutes(30).petrol_stop(),
    },
    Named {
        name: "no_fix_ever",
        about: "the receiver dies in the middle of a trip",
        make: |s| Scenario::drive(s).minutes(30).no_fix_after(15.minutes()),
    },
    Named {
        name: "rear_end",
        about: "a drive that ends in the back of another vehicle",
        make: |s| Scenario::crash(s, Crash::RearEnd, keeping(s)),
    },
    Named {
        name: "side_impact",
        about: "a drive that ends hit from the side",
        make: |s| Scenario::crash(s, Crash::Side, keeping(s)),
    },
    Named {
        name: "guard_rail",
        about: "a drive that ends at a guard rail",
        make: |s| Scenario::crash(s, Crash::GuardRail, keeping(s)),
    },
    Named {
        name: "roll_over",
        about: "a drive that ends on the roof",
        make: |s| Scenario::crash(s, Crash::RollOver, keeping(s)),
    },
    Named { name: "desk", about: "an hour on a desk with jumpy indoor positions", make: Scenario::desk },
    Named {
        name: "hand_work",
        about: "half an hour of a phone turned and pushed about in a hand, with rests",
        make: Scenario::hand_work,
    },
    Named { name: "stroll", about: "an hour on foot", make: Scenario::stroll },
    Named { name: "courier_day", about: "9 trips, 13 deliveries on foot, fifty lights", make: Scenario::courier_day },
    Named { name: "courier_week", about: "six such days with the nights between", make: Scenario::courier_week },
    Named { name: "office_week", about: "to an office and back, five days", make: Scenario::office_week },
    Named { name: "ride_hailing_week", about: "passengers, six days", make: Scenario::ride_hailing_week },
];

/// Mounted, in a pocket, loose: one after the other over the seeds.
fn keeping(seed: u64) -> Keeping {
    match seed % 3 {
        0 => Keeping::Holder,
        1 => Keeping::Pocket,
        _ => Keeping::Seat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for (i, one) in SCENARIOS.iter().enumerate() {
            assert!(SCENARIOS.iter().skip(i + 1).all(|other| other.name != one.name));
            assert_eq!(by_name(one.name).map(|n| n.about), Some(one.about));
        }
        assert!(by_name("teleport").is_none());
    }
}
