//! A world to drive in: vehicle, phone, sensors, GNSS, couriers, with the truth beside it. For hosts only.
