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
    let mut k = 13.0;
    while k >= 1.0 {
        sum = 1.0 + sum * r / k;
        k -= 1.0;
    }
    // 2^n, made from its bits: n is within ±1010 here, so the exponent is a normal one.
    sum * f64::from_bits(((n as i64 + 1023) as u64) << 52)
}

/// The natural logarithm of a positive number, by Newton's iteration on [`exp`] from the exponent's bits.
pub fn ln(x: f64) -> f64 {
    if x <= 0.0 {
        return -700.0;
    }
    let exponent = ((x.to_bits() >> 52) & 0x7FF) as i64 - 1023;
    let mut y = exponent as f64 * std::f64::consts::LN_2;
    for _ in 0..6 {
        let e = exp(y);
        y += 2.0 * (x - e) / (x + e);
    }
    y
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
