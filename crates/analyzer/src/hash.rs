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
    let mut tail = 0u64;
    for (i, byte) in chunks.remainder().iter().enumerate() {
        tail |= u64::from(*byte) << (8 * i);
    }
    finish(step(state, tail))
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
    }
}
