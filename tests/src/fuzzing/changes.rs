//! Seeded changes of known inputs: the same seed gives the same bytes.

/// Words that open doors which single bytes do not.
const WORDS: &[&str] = &[
    "\0",
    "\r\n",
    "\r\n\r\n",
    "\"",
    "{",
    "}",
    "[[",
    "]]",
    "=",
    "null",
    "-1",
    "1e308",
    "18446744073709551616",
    "\u{202e}",
    "é",
    "𝕏",
    "\\ud800",
    "\"type\":",
    "\"cid\":\"a\"",
    "{{",
    "}}",
    "'''",
    "\"\"\"",
    "Content-Length: 99999999",
    "Transfer-Encoding: chunked",
    "Upgrade: websocket",
    "\u{1}\u{ff}",
    "[queues.care]",
    "goto = \"start\"",
];

/// A source of changed inputs.
pub struct Changes {
    random: u64,
}

impl Changes {
    /// A source that depends on the seed alone.
    pub fn new(seed: u64) -> Changes {
        Changes { random: seed }
    }

    /// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    pub fn draw(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }

    /// One of the seeds, changed in one to eight places.
    pub fn of(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.draw(seeds.len())].clone();
        for _ in 0..=self.draw(8) {
            self.change(&mut input, seeds);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.draw(input.len() + 1);
        let end = (at + 1 + self.draw(16)).min(input.len());
        match self.draw(7) {
            0 if at < input.len() => input[at] ^= 1 << self.draw(8),
            1 if at < input.len() => input[at] = self.draw(256) as u8,
            2 => drop(input.drain(at.min(end)..end)),
            3 => {
                let again: Vec<u8> = input[at.min(end)..end].to_vec();
                let times = 1 + self.draw(40);
                input.splice(at..at, again.repeat(times));
            }
            4 => {
                let word = WORDS[self.draw(WORDS.len())];
                input.splice(at..at, word.bytes());
            }
            5 => {
                let other = &seeds[self.draw(seeds.len())];
                let from = self.draw(other.len() + 1);
                let to = (from + self.draw(200)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            _ => input.truncate(at),
        }
    }
}
