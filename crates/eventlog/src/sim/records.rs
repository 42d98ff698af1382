//! The simulated log's bytes: records of a length, a CRC-32 and that many bytes of JSON; the first names the epoch,
//! every other is one batch, whole or not at all.

use crate::error::LogError;
use conversation::Event;

/// Length and checksum.
const HEAD: usize = 8;

/// What is on a disk.
pub struct Read {
    /// None on an empty disk.
    pub epoch: Option<String>,
    pub events: Vec<Event>,
    /// Bytes of whole records.
    pub whole: usize,
    /// What of the end is no whole record, in a sentence.
    pub torn: Option<String>,
}

/// The record of the epoch.
pub fn head(epoch: &str) -> Vec<u8> {
    frame(epoch.as_bytes())
}

/// The record of a batch.
pub fn record(batch: &[Event]) -> Result<Vec<u8>, LogError> {
    let body = serde_json::to_vec(batch)
        .map_err(|error| LogError::Storage { doing: "write to the log", why: error.to_string() })?;
    Ok(frame(&body))
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&sum(body).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// The length is summed as well: a record of noughts is none.
fn sum(body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&(body.len() as u32).to_le_bytes());
    crc.update(body);
    crc.finalize()
}

/// Reads every whole record. What follows the last one was torn by the last write, unless a whole record comes after
/// it: then the middle is damaged, and dropping it would lose what was acknowledged.
pub fn read(bytes: &[u8]) -> Result<Read, LogError> {
    let mut read = Read { epoch: None, events: Vec::new(), whole: 0, torn: None };
    while let Some(body) = body(&bytes[read.whole..]) {
        if read.epoch.is_none() {
            read.epoch = Some(String::from_utf8_lossy(body).into_owned());
        } else {
            let batch: Vec<Event> = serde_json::from_slice(body).map_err(|error| LogError::Damaged {
                position: read.events.len() as u64 + 1,
                why: format!("its checksum is right, but its body is not a batch: {error}"),
            })?;
            read.events.extend(batch);
        }
        read.whole += HEAD + body.len();
    }
    let rest = bytes.len() - read.whole;
    if rest > 0 {
        if (read.whole + 1..bytes.len())
            .any(|start| body(&bytes[start..]).is_some_and(|body| !body.is_empty()))
        {
            let why = String::from("its record is not what was written, and others follow it");
            return Err(LogError::Damaged { position: read.events.len() as u64 + 1, why });
        }
        read.torn = Some(format!(
            "the log ended in a batch that was cut off while it was written, never acknowledged: {rest} bytes of it were dropped"
        ));
    }
    Ok(read)
}

/// The body of the record that begins here, if it is whole.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (written, rest) = rest.split_first_chunk::<4>()?;
    let body = rest.get(..u32::from_le_bytes(*length) as usize)?;
    (sum(body) == u32::from_le_bytes(*written)).then_some(body)
}
