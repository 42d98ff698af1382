//! What the gateway itself answers to frames: errors that name what they answer.

use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::decode::BadFrame;
use wire::frame::server::ErrorFrame;
use wire::{AdvisorFrame, CustomerFrame, ErrorCode, ServerFrame};

/// What a frame is called by its client.
#[derive(Default)]
pub(super) struct Names {
    cid: Option<String>,
    reference: Option<String>,
    offer: Option<conversation::OfferId>,
}

impl Names {
    pub(super) fn of_bad(bad: &BadFrame) -> Names {
        Names { cid: bad.cid.clone(), reference: bad.reference.clone(), offer: None }
    }

    pub(super) fn of_customer(frame: &CustomerFrame) -> Names {
        Names { cid: frame.cid().map(|cid| cid.as_str().to_owned()), ..Names::default() }
    }

    pub(super) fn of_advisor(frame: &AdvisorFrame) -> Names {
        let cid = match frame {
            AdvisorFrame::Say(say) => Some(say.cid.as_str().to_owned()),
            AdvisorFrame::WriteNote(note) => Some(note.cid.as_str().to_owned()),
            _ => None,
        };
        let offer = match frame {
            AdvisorFrame::Accept(accept) => Some(accept.offer),
            AdvisorFrame::Decline(decline) => Some(decline.offer),
            _ => None,
        };
        Names { cid, reference: frame.reference().map(str::to_owned), offer }
    }
}

/// An error with its code's own sentence.
pub(super) fn error(code: ErrorCode, language: &str, names: Names, retry_ms: Option<u64>) -> Utf8Bytes {
    written(named(ErrorFrame::new(code, language), names, retry_ms))
}

/// The same, with what is wrong in particular.
pub(super) fn detailed(code: ErrorCode, language: &str, detail: &str) -> Utf8Bytes {
    let message = format!("{} {detail}", code.sentence(language));
    written(ErrorFrame { message, ..ErrorFrame::new(code, language) })
}

/// The sentence of a broken frame: what it is in the reader's language, then which part, in English.
pub(super) fn bad_frame(bad: BadFrame, language: &str) -> Utf8Bytes {
    let message = match bad.code {
        ErrorCode::BadFrame => format!("{} {}", bad.code.sentence(language), bad.message),
        _ => bad.code.sentence(language).to_owned(),
    };
    let names = Names { cid: bad.cid, reference: bad.reference, offer: None };
    written(named(ErrorFrame { message, ..ErrorFrame::new(bad.code, language) }, names, None))
}

fn named(error: ErrorFrame, names: Names, retry_ms: Option<u64>) -> ErrorFrame {
    ErrorFrame { cid: names.cid, reference: names.reference, offer: names.offer, retry_ms, ..error }
}

fn written(error: ErrorFrame) -> Utf8Bytes {
    // The frame is strings and numbers, which always serialise.
    serde_json::to_string(&ServerFrame::Error(error)).unwrap_or_default().into()
}
