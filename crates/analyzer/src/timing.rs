//! How early or late a transfer comes: Golden Transfer within Tolerance (Liu et al., AAAI 2021), as their code
//! computes it.

/// GT of one dialogue: `gold` and `said` are positions of transfers, `tolerance` T is 1, 2 or 3, `lambda` in
/// [0, 1) says how much milder a transfer that comes early is punished than one that comes late.
pub fn golden_transfer(gold: &[usize], said: &[usize], tolerance: f64, lambda: f64) -> f64 {
    if gold.is_empty() && said.is_empty() {
        return 1.0;
    }
    if gold.is_empty() || said.is_empty() {
        return 0.0;
    }
    let one = |p: usize, q: usize| {
        let off = p as f64 - q as f64;
        let sign = if off > 0.0 {
            1.0
        } else if off < 0.0 {
            -1.0
        } else {
            0.0
        };
        crate::math::exp(-(off * off) / (2.0 * tolerance * tolerance * (1.0 - lambda * sign)))
    };
    let sum: f64 = said.iter().map(|p| gold.iter().map(|q| one(*p, *q)).fold(0.0, f64::max)).sum();
    sum / said.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_late_and_never() {
        assert_eq!(golden_transfer(&[], &[], 1.0, 0.0), 1.0);
        assert_eq!(golden_transfer(&[3], &[], 1.0, 0.0), 0.0);
        assert_eq!(golden_transfer(&[3], &[3], 1.0, 0.0), 1.0);
        assert!((golden_transfer(&[3], &[4], 1.0, 0.0) - (-0.5f64).exp()).abs() < 1e-12);
        // With lambda, early (negative) widens and late narrows.
        assert!(golden_transfer(&[3], &[2], 1.0, 0.5) > golden_transfer(&[3], &[4], 1.0, 0.5));
    }
}
