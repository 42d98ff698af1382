//! A model as a file: `RELAISM5`, the length and text of a JSON header, the tables in little-endian, the
//! words, and a checksum of it all. Its version is that checksum, so that two models never share a name.

use crate::context::TERMS;
use crate::evidence::Ground;
use crate::hash;
use crate::model::{Head, Model, Voice};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a model's file begins with; the digit is the format's version.
pub const MAGIC: &[u8; 8] = b"RELAISM5";
/// Bytes of the largest file that is read.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Header {
    /// The voice of all languages that have none of their own comes first, under an empty name.
    voices: Vec<VoiceHeader>,
    human: HeadHeader,
    /// The words of each language, and how many bytes they take, a line each.
    words: Vec<(String, usize)>,
    /// The encoder that it goes with.
    encoder: u64,
}

#[derive(Serialize, Deserialize)]
struct VoiceHeader {
    lang: String,
    words: HeadHeader,
    slope: f32,
    shift: f32,
    context: Vec<f32>,
    human_from: [f32; Ground::COUNT],
}

#[derive(Serialize, Deserialize)]
struct HeadHeader {
    intercept: f32,
    kinds: Vec<f32>,
    unit: f32,
    buckets: usize,
    hidden: Vec<f32>,
}

impl HeadHeader {
    fn of(head: &Head) -> HeadHeader {
        HeadHeader {
            intercept: head.intercept,
            kinds: head.kinds.to_vec(),
            unit: head.unit,
            buckets: head.table.len(),
            hidden: head.hidden.to_vec(),
        }
    }

    fn head(self, table: &[u8]) -> Result<Head, String> {
        Ok(Head {
            intercept: self.intercept,
            kinds: self.kinds.try_into().map_err(|_| foreign("the number of signals"))?,
            table: table.as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two)).collect(),
            unit: self.unit,
            hidden: self.hidden.try_into().map_err(|_| foreign("the size of its encoder"))?,
        })
    }
}

fn foreign(what: &str) -> String {
    format!("this model was made by another version of Relais: {what} differs")
}

impl Model {
    /// The file's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let lists: Vec<(String, String)> = self
            .words
            .iter()
            .map(|(lang, words)| (lang.clone(), words.iter().map(|word| format!("{word}\n")).collect()))
            .collect();
        let header = Header {
            voices: self
                .voices
                .iter()
                .map(|(lang, voice)| VoiceHeader {
                    lang: lang.clone(),
                    words: HeadHeader::of(&voice.words),
                    slope: voice.slope,
                    shift: voice.shift,
                    context: voice.context.to_vec(),
                    human_from: voice.human_from,
                })
                .collect(),
            human: HeadHeader::of(&self.human),
            words: lists.iter().map(|(lang, list)| (lang.clone(), list.len())).collect(),
            encoder: self.encoder,
        };
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let mut bytes = MAGIC.to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header);
        let words = self.voices.iter().map(|(_, voice)| &voice.words);
        for head in words.chain([&self.human]) {
            bytes.extend(head.table.iter().flat_map(|weight| weight.to_le_bytes()));
        }
        bytes.extend(lists.iter().flat_map(|(_, list)| list.bytes()));
        let sum = hash::bytes(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// Reads a file. A corrupt or foreign one is refused with a sentence.
    pub fn read(bytes: &[u8]) -> Result<Model, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!("a model has at most {MAX_BYTES} bytes, this has {}", bytes.len()));
        }
        let Some((magic, body)) = bytes.split_first_chunk::<8>() else {
            return Err(format!("this is no Relais model: it has only {} bytes", bytes.len()));
        };
        if magic != MAGIC {
            return Err(
                "this is no Relais model, or one of another version: it does not begin with RELAISM5".into(),
            );
        }
        let Some((rest, sum)) = body.split_last_chunk::<8>() else {
            return Err("this model is cut short".into());
        };
        if hash::bytes(&bytes[..bytes.len() - 8]).to_le_bytes() != *sum {
            return Err("this model is damaged: its checksum is wrong".into());
        }
        let short = || "this model is cut short".to_owned();
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, rest) = rest.split_at_checked(length).ok_or_else(short)?;
        let header: Header =
            serde_json::from_slice(header).map_err(|error| foreign(&format!("its header ({error})")))?;
        let heads = header.voices.iter().map(|voice| &voice.words).chain([&header.human]);
        if heads.into_iter().any(|head| head.buckets != 0 && head.buckets != crate::wording::BUCKETS) {
            return Err(foreign("the size of its tables"));
        }
        if header.voices.first().is_none_or(|voice| !voice.lang.is_empty()) {
            return Err(foreign("the order of its languages"));
        }
        let mut rest = rest;
        let mut voices = Vec::new();
        for voice in header.voices {
            let (table, after) = rest.split_at_checked(2 * voice.words.buckets).ok_or_else(short)?;
            rest = after;
            let context =
                <[f32; TERMS]>::try_from(voice.context).map_err(|_| foreign("the number of facts"))?;
            let words = voice.words.head(table)?;
            let (slope, shift, human_from) = (voice.slope, voice.shift, voice.human_from);
            voices.push((voice.lang, Voice { words, slope, shift, context, human_from }));
        }
        let (human, rest) = rest.split_at_checked(2 * header.human.buckets).ok_or_else(short)?;
        let mut rest = rest;
        let mut words = BTreeMap::new();
        for (lang, length) in header.words {
            let (list, after) = rest.split_at_checked(length).ok_or_else(short)?;
            rest = after;
            let list = std::str::from_utf8(list).map_err(|_| foreign("its list of words"))?;
            words.insert(lang, list.lines().map(str::to_owned).collect());
        }
        if !rest.is_empty() {
            return Err(foreign("its length"));
        }
        let model = Model {
            version: format!("{:016x}", u64::from_le_bytes(*sum)),
            voices,
            human: header.human.head(human)?,
            words,
            encoder: header.encoder,
            both: Vec::new(),
        };
        let of_head = |head: &Head| -> Vec<f32> {
            head.kinds.iter().chain(&head.hidden).copied().chain([head.intercept, head.unit]).collect()
        };
        let of_voice = |(_, voice): &(String, Voice)| -> Vec<f32> {
            let more = voice.context.into_iter().chain(voice.human_from).chain([voice.slope, voice.shift]);
            of_head(&voice.words).into_iter().chain(more).collect()
        };
        let mut numbers = model.voices.iter().flat_map(of_voice).chain(of_head(&model.human));
        if numbers.any(|n| !n.is_finite()) {
            return Err("this model holds a number that is none".into());
        }
        Ok(model.interleave())
    }
}
