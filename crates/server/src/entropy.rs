//! The one source of randomness: the operating system's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Random bytes.
///
/// # Panics
/// The operating system has no randomness to give: nothing that is secret can be made then, so nothing may go on.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret can be made; going on would be worse"
    )]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A secret that can be read aloud by a program: 256 bits in URL-safe base 64.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A random number that is not zero.
pub fn number() -> u64 {
    u64::from_le_bytes(bytes::<8>()).max(1)
}
