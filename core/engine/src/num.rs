//! Small maths that must be the same on every machine: 3-vectors, rounding, angles. Nothing here decides anything.

/// A vector in the phone or vehicle frame.
pub type Vec3 = [f64; 3];

/// Standard gravity (CGPM 1901).
pub const G_MPS2: f64 = 9.80665;

/// a · b
pub fn dot(a: Vec3, b: Vec3) -> f64 {
    let ([a0, a1, a2], [b0, b1, b2]) = (a, b);
    a0 * b0 + a1 * b1 + a2 * b2
}

/// a × b
pub fn cross(a: Vec3, b: Vec3) -> Vec3 {
    let ([a0, a1, a2], [b0, b1, b2]) = (a, b);
    [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
}

/// a + k·b
pub fn axpy(a: Vec3, k: f64, b: Vec3) -> Vec3 {
    let ([a0, a1, a2], [b0, b1, b2]) = (a, b);
    [a0 + k * b0, a1 + k * b1, a2 + k * b2]
}

/// k·a
pub fn scale(k: f64, a: Vec3) -> Vec3 {
    a.map(|x| k * x)
}

/// |a|
pub fn norm(a: Vec3) -> f64 {
    dot(a, a).sqrt()
}

/// a / |a|, `None` for a vector too short to have a direction.
pub fn unit(a: Vec3) -> Option<Vec3> {
    let n = norm(a);
    (n > 1e-9).then(|| scale(1.0 / n, a))
}

/// Rounds half away from zero to so many decimals; −0 becomes 0.
pub fn round(x: f64, decimals: u8) -> f64 {
    let k = match decimals {
        0 => 1.0,
        1 => 1e1,
        2 => 1e2,
        3 => 1e3,
        4 => 1e4,
        5 => 1e5,
        6 => 1e6,
        _ => 1e7,
    };
    let scaled = x * k;
    let rounded = scaled.round() / k;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// An angle in degrees brought to 0 ≤ a < 360.
pub fn wrap_360(deg: f64) -> f64 {
    // Within 10⁶ turns a remainder by hand is as good, and no call.
    let turns = deg / 360.0;
    let r = if turns.abs() < 1e6 { deg - 360.0 * (turns as i64) as f64 } else { deg % 360.0 };
    let r = if r < 0.0 { r + 360.0 } else { r };
    if r >= 360.0 { 0.0 } else { r + 0.0 }
}

/// An angle in degrees brought to −180 < a ≤ 180.
pub fn wrap_180(deg: f64) -> f64 {
    // As nearly always; and a small angle loses no digits to 360.
    if deg > -180.0 && deg <= 180.0 {
        return deg;
    }
    let r = wrap_360(deg);
    if r > 180.0 { r - 360.0 } else { r }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_wrap() {
        assert_eq!(wrap_360(-1e-20), 0.0);
        assert_eq!(wrap_360(725.0), 5.0);
        assert_eq!(wrap_180(270.0), -90.0);
        assert!(round(-0.0001, 2).is_sign_positive());
    }
}
