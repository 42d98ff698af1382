//! Chance from a seed: SplitMix64 (Steele, Lea & Flood, 'Fast splittable pseudorandom number generators', OOPSLA
//! 2014) and the distributions of a contact centre.

/// A stream of chance; the same seed gives the same stream for ever (law 12).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A stream of its own for each pair.
    pub fn new(seed: u64, stream: u64) -> Dice {
        let mut dice = Dice(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        dice.bits();
        dice
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, neither included.
    pub fn share(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.bits() >> 32) as usize * n.max(1)) >> 32
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }

    /// Log-normal with this mean and coefficient of variation: what handling times look like (Brown et al.,
    /// 'Statistical analysis of a telephone call center', JASA 2005). A variation of 0 is the mean.
    pub fn log_normal(&mut self, mean: f64, variation: f64) -> f64 {
        let sigma2 = (1.0 + variation * variation).ln();
        let (u, v) = (self.share(), self.share());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        mean * (sigma2.sqrt() * normal - sigma2 / 2.0).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distributions_have_their_means_and_a_seed_its_stream() {
        let n = 200_000;
        let mean = |mut draw: Box<dyn FnMut() -> f64>| (0..n).map(|_| draw()).sum::<f64>() / f64::from(n);
        let (mut a, mut b) = (Dice::new(1, 1), Dice::new(1, 2));
        assert!((mean(Box::new(move || a.exponential(60.0))) - 60.0).abs() < 1.0);
        assert!((mean(Box::new(move || b.log_normal(300.0, 0.8))) - 300.0).abs() < 3.0);
        assert_eq!(Dice::new(7, 3).bits(), Dice::new(7, 3).bits());
        assert_ne!(Dice::new(7, 3).bits(), Dice::new(7, 4).bits());
    }
}
