//! Forgetting: what stays of an event when the person behind it is forgotten. It stands at the same place and still
//! applies, so that sequences have no gaps and figures stay true; nothing that the person said, wrote, left or was
//! called is in it.

use conversation::{CustomerId, EventKind, Reason, Survey};

/// The customer of every conversation that was forgotten.
///
/// No longer than any real one (`id-…`, `anon-…`), so that the event without the person always fits where it was.
pub const FORGOTTEN: &str = "gone";

/// The event without the person. Scores, kinds of signals, owners, advisors and times stay, and so does the cid of
/// the frame, a random text by which it is recognised for ever (law 10).
///
/// # Errors
/// Never for [`FORGOTTEN`]; the type wants it.
pub fn redacted(kind: &EventKind) -> Result<EventKind, conversation::id::IdError> {
    let mut kind = kind.clone();
    match &mut kind {
        EventKind::Opened { customer, profile, page, .. } => {
            *customer = CustomerId::new(FORGOTTEN)?;
            *profile = None;
            *page = None;
        }
        EventKind::Message { text, choices, .. } => {
            text.clear();
            choices.clear();
        }
        EventKind::MessageLeft { address } => address.clear(),
        EventKind::CallbackAsked { number, .. } => number.clear(),
        EventKind::BotMoved { memory } => *memory = serde_json::json!({}),
        EventKind::TransferRequested { reason, .. } => {
            let Reason { note, quote, .. } = reason;
            (*note, *quote) = (None, None);
        }
        EventKind::Declined { note, .. } | EventKind::Feedback { note, .. } => *note = None,
        EventKind::Note { text, .. } => text.clear(),
        EventKind::SurveyAnswered { survey: Survey { comment, .. } } => *comment = None,
        EventKind::Closed { .. }
        | EventKind::HumanAsked
        | EventKind::Analyzed { .. }
        | EventKind::Offered { .. }
        | EventKind::Assigned { .. }
        | EventKind::Owner { .. }
        | EventKind::ReturnedToBot { .. }
        | EventKind::Joined { .. }
        | EventKind::PolicyChanged { .. }
        | EventKind::SurveyAsked => {}
    }
    Ok(kind)
}
