//! The few functions of numbers that models are made with, written out so that every machine gets the same bits:
//! additions, multiplications, divisions and square roots of IEEE 754 only, no platform's `libm`.

/// The exponential function, to about 1 unit in the last place of an f64: argument reduction by ln 2 and a
/// polynomial of degree 13.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let x = x.clamp(-700.0, 700.0);
    let n = (x * std::f64::consts::LOG2_E).round();
    let r = (x - n * 6.931_471_803_691_238e-1) - n * 1.908_214_929_270_587_7e-10;
    let mut sum = 1.0;
    for inverse in INVERSES.iter().rev() {
        sum = 1.0 + sum * r * inverse;
    }
    // 2^n, made from its bits: n is within ±1010 here, so the exponent is a normal one.
    sum * f64::from_bits(((n as i64 + 1023) as u64) << 52)
}

/// 1/1, 1/2, … 1/13.
const INVERSES: [f64; 13] = {
    let mut inverses = [0.0; 13];
    let mut k = 0;
    while k < 13 {
        inverses[k] = 1.0 / (k as f64 + 1.0);
        k += 1;
    }
    inverses
};

/// The natural logarithm of a positive, normal number: its exponent, and of what is left, between √½ and √2, the series
/// of the inverse hyperbolic tangent.
pub fn ln(x: f64) -> f64 {
    if x <= 0.0 {
        return -700.0;
    }
    let mut exponent = ((x.to_bits() >> 52) & 0x7FF) as i64 - 1023;
    let mut rest = f64::from_bits((x.to_bits() & 0x000F_FFFF_FFFF_FFFF) | (1023 << 52));
    if rest > std::f64::consts::SQRT_2 {
        rest *= 0.5;
        exponent += 1;
    }
    let s = (rest - 1.0) / (rest + 1.0);
    let square = s * s;
    let (mut power, mut sum, mut k) = (s, 0.0, 1.0);
    while k < 24.0 {
        sum += power / k;
        power *= square;
        k += 2.0;
    }
    exponent as f64 * std::f64::consts::LN_2 + 2.0 * sum
}

/// 1 / (1 + e^−x).
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_platform() {
        for i in -600..600 {
            let x = f64::from(i) / 7.3;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "exp({x})");
            let p = f64::from(i + 601) / 11.0;
            assert!((ln(p) - p.ln()).abs() < 1e-12, "ln({p}) {} {}", ln(p), p.ln());
        }
        assert_eq!(sigmoid(0.0), 0.5);
    }
}
