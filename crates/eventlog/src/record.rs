//! An event as it stands on disk: its fields, its body as JSON, and a checksum over all of them.

use conversation::{Candidate, Cid, ConversationId, Event, EventKind, Millis, Seq, Signal};

/// CRC-32 (IEEE 802.3) over everything of an event; every reading checks it.
pub fn checksum(conversation: ConversationId, seq: Seq, at: Millis, cid: Option<&str>, body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&conversation.0.to_le_bytes());
    crc.update(&seq.to_le_bytes());
    crc.update(&at.to_le_bytes());
    // The length keeps a cid from passing into the body unseen; no cid and an empty one differ.
    crc.update(&cid.map_or(u64::MAX, |cid| cid.len() as u64).to_le_bytes());
    crc.update(cid.unwrap_or_default().as_bytes());
    crc.update(body);
    crc.finalize()
}

/// Writes the body into `out`, which is emptied first.
///
/// # Errors
/// It cannot be JSON.
pub fn write_body(kind: &EventKind, out: &mut Vec<u8>) -> Result<(), String> {
    out.clear();
    serde_json::to_writer(out, kind).map_err(|error| error.to_string())
}

/// The body and its frame as an event again, or what is wrong.
///
/// # Errors
/// The checksum differs, or the body is not an event.
pub fn read_event(
    conversation: ConversationId,
    seq: Seq,
    at: Millis,
    cid: Option<&str>,
    body: &[u8],
    sum: u32,
) -> Result<Event, String> {
    let found = checksum(conversation, seq, at, cid, body);
    if found != sum {
        return Err(format!("its checksum is {found:08x} where {sum:08x} was written"));
    }
    let kind = serde_json::from_slice(body).map_err(|error| {
        format!(
            "its checksum is right, but this version of Relais cannot read what it says ({error}): another version \
             wrote it, and can read it"
        )
    })?;
    let cid = cid.map(Cid::new).transpose().map_err(|error| error.to_string())?;
    Ok(Event { conversation, seq, at, cid, kind })
}

/// Whether every number can be written: JSON writes infinities and NaN as `null`, which no number reads back.
pub fn is_finite(kind: &EventKind) -> bool {
    let signals = |signals: &[Signal]| signals.iter().all(|signal| signal.weight.is_finite());
    let candidates = |candidates: &[Candidate]| {
        candidates.iter().all(|c| c.score.is_finite() && c.terms.iter().all(|term| term.value.is_finite()))
    };
    match kind {
        EventKind::Analyzed { frustration, trend, signals: heard, .. } => {
            frustration.is_finite() && trend.is_finite() && signals(heard)
        }
        EventKind::TransferRequested { reason, .. } => {
            reason.score.is_finite()
                && reason.threshold.is_finite()
                && reason.signals.iter().all(|signal| signal.weight.is_finite())
        }
        EventKind::Offered { candidates: all, .. } | EventKind::Assigned { candidates: all, .. } => {
            candidates(all)
        }
        _ => true,
    }
}
