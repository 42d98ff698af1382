//! The one hash of the analyzer: the same on every machine and in every version, since models are made of it.

/// Hash of some bytes: 8 at a time, multiplied and rotated, with the finisher of MurmurHash3 (public domain).
pub fn bytes(bytes: &[u8]) -> u64 {
    let mut state = 0x9E37_79B9_7F4A_7C15u64 ^ (bytes.len() as u64);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut eight = [0u8; 8];
        eight.copy_from_slice(chunk);
        state = step(state, u64::from_le_bytes(eight));
    }
    finish(step(state, tail(chunks.remainder())))
}

/// Up to 7 bytes as a number, the first one lowest; looked at in overlapping parts, since a loop's end is guessed wrong
/// at every other word.
fn tail(bytes: &[u8]) -> u64 {
    let at = |place: usize| u64::from(bytes[place]) << (8 * place);
    let four =
        |from: usize| bytes[from..].first_chunk().map_or(0, |four| u64::from(u32::from_le_bytes(*four)));
    match bytes.len() {
        0 => 0,
        n @ 1..4 => at(0) | at(n / 2) | at(n - 1),
        n => four(0) | four(n - 4) << (8 * (n - 4)),
    }
}

/// Hash of two hashes, in this order.
pub fn pair(a: u64, b: u64) -> u64 {
    finish(step(step(0x51_7C_C1_B7_27_22_0A_95, a), b))
}

#[inline]
fn step(state: u64, value: u64) -> u64 {
    (state.rotate_left(5) ^ value).wrapping_mul(0x517C_C1B7_2722_0A95)
}

#[inline]
fn finish(mut state: u64) -> u64 {
    state ^= state >> 33;
    state = state.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    state ^= state >> 33;
    state = state.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    state ^ (state >> 33)
}

#[cfg(test)]
mod tests {
    #[test]
    fn models_on_disk_depend_on_these_numbers() {
        assert_ne!(super::bytes(b"inadmissible"), super::bytes(b"inadmissibles"));
        assert_ne!(super::pair(1, 2), super::pair(2, 1));
        assert_ne!(super::bytes(b""), super::bytes(b"\0"));
        assert_eq!(super::bytes("déjà, encore une fois !".as_bytes()), 0x717D_3E07_8C2F_7E88);
    }

    #[test]
    fn a_tail_is_its_bytes_in_order() {
        for length in 0..8u8 {
            let bytes: Vec<u8> = (0..length).map(|at| 0xA1 + 7 * at).collect();
            let mut eight = [0; 8];
            eight[..bytes.len()].copy_from_slice(&bytes);
            assert_eq!(super::tail(&bytes), u64::from_le_bytes(eight));
        }
    }
}
