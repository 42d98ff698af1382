//! Clients' texts: each is a frame that reads the same when it is written again, or a sentence that names what is wrong.

use serde::Serialize;
use std::fmt::Debug;
use wire::decode::{BadFrame, advisor_frame, customer_frame};

/// Characters of a sentence about a broken frame: it goes to whoever sent it, and must not grow with what they sent.
const SENTENCE_CHARS: usize = 1_000;

pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    look(text, customer_frame);
    look(text, advisor_frame);
}

fn look<F: Serialize + Debug + PartialEq>(text: &str, decode: fn(&str) -> Result<F, BadFrame>) {
    match decode(text) {
        Ok(frame) => {
            let written = serde_json::to_string(&frame).expect("a frame can be written");
            let again = decode(&written).expect("and read again");
            assert_eq!(frame, again, "{text}");
        }
        Err(bad) => {
            assert!(!bad.message.is_empty(), "{text}");
            assert!(bad.message.chars().count() <= SENTENCE_CHARS, "{} of {text}", bad.message);
            let echoed = bad.cid.into_iter().chain(bad.reference).map(|name| name.chars().count());
            assert!(echoed.max() <= Some(256), "{text}");
        }
    }
}
