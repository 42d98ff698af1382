//! From a client's text to a frame, or to a sentence that names the offending part.

use crate::error::ErrorCode;
use crate::frame::advisor::Destination;
use crate::frame::{AdvisorFrame, CustomerFrame};
use conversation::{Cid, limits};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a text is not a frame, and what of it can be echoed.
#[derive(Clone, Debug, PartialEq)]
pub struct BadFrame {
    /// `bad_frame`, `text_too_long` or `text_empty`.
    pub code: ErrorCode,
    /// Names the offending part; for developers of clients, in English.
    pub message: String,
    /// The frame's `cid`, where it has a readable one.
    pub cid: Option<String>,
    /// The frame's `ref`, where it has a readable one.
    pub reference: Option<String>,
}

/// Whether it can be dialled.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 40
        && text.chars().all(|c| c.is_ascii_digit() || "+().-/ ".contains(c))
        && text.chars().filter(char::is_ascii_digit).count() >= 6
}

/// A customer's frame.
///
/// # Errors
/// [`BadFrame`], with `bad_frame` for everything that is not a frame and `text_too_long` for words over the limit.
pub fn customer_frame(text: &str) -> Result<CustomerFrame, BadFrame> {
    let frame = decode::<CustomerFrame>(text, &CustomerFrame::TYPES, |kind, value| match kind {
        "hello" => probe::<crate::frame::customer::Hello>(value),
        "message" => probe::<crate::frame::customer::Message>(value),
        "human" | "close" => probe::<crate::frame::customer::Act>(value),
        "typing" => probe::<crate::frame::customer::Typing>(value),
        "seen" => probe::<crate::frame::customer::Seen>(value),
        "survey" => probe::<crate::frame::customer::SurveyAnswer>(value),
        "leave_message" => probe::<crate::frame::customer::LeaveMessage>(value),
        "callback" => probe::<crate::frame::customer::Callback>(value),
        _ => None,
    })?;
    if let Some(cid) = frame.cid() {
        clients_own(cid, None)?;
    }
    match &frame {
        CustomerFrame::Message(message) => said(&message.text, "text", Some(message.cid.as_str()), None)?,
        CustomerFrame::LeaveMessage(left) => {
            said(&left.address, "address", Some(left.cid.as_str()), None)?;
            if left.address.chars().count() > 200 {
                return Err(
                    BadFrame::new("`address` is longer than 200 characters").with_cid(left.cid.as_str())
                );
            }
            if let Some(text) = &left.text {
                said(text, "text", Some(left.cid.as_str()), None)?;
            }
        }
        CustomerFrame::Callback(asked) => {
            said(&asked.number, "number", Some(asked.cid.as_str()), None)?;
            if !is_number(&asked.number) {
                return Err(BadFrame::new(
                    "`number` is no telephone number: six digits at least, `+ ( ) . - /` and spaces between them, \
                     40 characters at most",
                )
                .with_cid(asked.cid.as_str()));
            }
            if let Some(text) = &asked.text {
                said(text, "text", Some(asked.cid.as_str()), None)?;
            }
        }
        CustomerFrame::Survey(survey) => {
            let in_range = |n: u8| (1..=5).contains(&n);
            if !in_range(survey.satisfaction) {
                return Err(BadFrame::new("`satisfaction` must be 1 to 5").with_cid(survey.cid.as_str()));
            }
            if !survey.listened.is_none_or(in_range) {
                return Err(BadFrame::new("`listened` must be 1 to 5").with_cid(survey.cid.as_str()));
            }
            if survey.comment.as_deref().is_some_and(|text| text.chars().count() > limits::TEXT_CHARS) {
                return Err(BadFrame::too_long("comment").with_cid(survey.cid.as_str()));
            }
        }
        CustomerFrame::Hello(hello) => {
            let page = hello.page.as_ref();
            let fields = [
                ("token", hello.token.as_deref(), 256),
                ("epoch", hello.epoch.as_deref(), 64),
                ("identity", hello.identity.as_deref(), 8_192),
                ("page.url", page.and_then(|p| p.url.as_deref()), 2_048),
                ("page.title", page.and_then(|p| p.title.as_deref()), 512),
                ("page.referrer", page.and_then(|p| p.referrer.as_deref()), 2_048),
            ];
            for (name, value, max) in fields {
                if value.is_some_and(|text| text.chars().count() > max) {
                    return Err(BadFrame::new(format!("`{name}` is longer than {max} characters")));
                }
            }
        }
        CustomerFrame::Human(_)
        | CustomerFrame::Typing(_)
        | CustomerFrame::Seen(_)
        | CustomerFrame::Close(_) => {}
    }
    Ok(frame)
}

/// An advisor's frame.
///
/// # Errors
/// As [`customer_frame`].
pub fn advisor_frame(text: &str) -> Result<AdvisorFrame, BadFrame> {
    use crate::frame::advisor as a;
    let frame = decode::<AdvisorFrame>(text, AdvisorFrame::TYPES, |kind, value| match kind {
        "hello" => probe::<a::AdvisorHello>(value),
        "presence" => probe::<a::SetPresence>(value),
        "accept" => probe::<a::Accept>(value),
        "decline" => probe::<a::Decline>(value),
        "message" => probe::<a::Say>(value),
        "note" => probe::<a::WriteNote>(value),
        "take" => probe::<a::Take>(value),
        "transfer" => probe::<a::Transfer>(value),
        "return_to_bot" => probe::<a::ReturnToBot>(value),
        "feedback" => probe::<a::GiveFeedback>(value),
        "close" => probe::<a::CloseConversation>(value),
        "typing" => probe::<a::AdvisorTyping>(value),
        "seen" => probe::<a::AdvisorSeen>(value),
        "open" => probe::<a::Open>(value),
        "assign" => probe::<a::Assign>(value),
        "requeue" => probe::<a::Requeue>(value),
        "join" => probe::<a::Join>(value),
        "listen" => probe::<a::Listen>(value),
        "set_policy" => probe::<a::SetPolicy>(value),
        _ => None,
    })?;
    let reference = frame.reference();
    if reference.is_some_and(|text| text.chars().count() > 256) {
        return Err(BadFrame::new("`ref` is longer than 256 characters"));
    }
    if let AdvisorFrame::Say(a::Say { cid, .. }) | AdvisorFrame::WriteNote(a::WriteNote { cid, .. }) = &frame
    {
        clients_own(cid, reference)?;
    }
    match &frame {
        AdvisorFrame::Say(say) => said(&say.text, "text", Some(say.cid.as_str()), reference)?,
        AdvisorFrame::WriteNote(note) => said(&note.text, "text", Some(note.cid.as_str()), reference)?,
        AdvisorFrame::Transfer(transfer) => {
            if !matches!(
                &transfer.to,
                Destination { queue: Some(_), advisor: None } | Destination { queue: None, advisor: Some(_) }
            ) {
                return Err(
                    BadFrame::new("`to` must have exactly one of `queue` and `advisor`").with_ref(reference)
                );
            }
            optional_text(transfer.note.as_deref(), "note", reference)?;
        }
        AdvisorFrame::Decline(decline) => optional_text(decline.note.as_deref(), "note", reference)?,
        AdvisorFrame::GiveFeedback(feedback) => {
            optional_text(feedback.note.as_deref(), "note", reference)?;
            if feedback.span.is_some_and(|span| span.start >= span.end) {
                return Err(BadFrame::new("`span.end` must be greater than `span.start`").with_ref(reference));
            }
        }
        AdvisorFrame::SetPolicy(policy) => {
            for (name, value) in [("peak", policy.peak), ("trend", policy.trend)] {
                if !value.is_none_or(|v| (0.0..=1.0).contains(&v)) {
                    return Err(BadFrame::new(format!("`{name}` must be 0 to 1")).with_ref(reference));
                }
            }
        }
        AdvisorFrame::AdvisorHello(_)
        | AdvisorFrame::SetPresence(_)
        | AdvisorFrame::Accept(_)
        | AdvisorFrame::Take(_)
        | AdvisorFrame::ReturnToBot(_)
        | AdvisorFrame::CloseConversation(_)
        | AdvisorFrame::AdvisorTyping(_)
        | AdvisorFrame::AdvisorSeen(_)
        | AdvisorFrame::Open(_)
        | AdvisorFrame::Assign(_)
        | AdvisorFrame::Requeue(_)
        | AdvisorFrame::Join(_)
        | AdvisorFrame::Listen(_) => {}
    }
    Ok(frame)
}

impl BadFrame {
    fn new(message: impl Into<String>) -> BadFrame {
        BadFrame { code: ErrorCode::BadFrame, message: message.into(), cid: None, reference: None }
    }

    fn too_long(field: &str) -> BadFrame {
        let message = format!("`{field}` is longer than {} characters", limits::TEXT_CHARS);
        BadFrame { code: ErrorCode::TextTooLong, ..BadFrame::new(message) }
    }

    fn with_cid(mut self, cid: &str) -> BadFrame {
        self.cid = Some(cid.into());
        self
    }

    fn with_ref(mut self, reference: Option<&str>) -> BadFrame {
        self.reference = reference.map(Into::into);
        self
    }
}

fn said(text: &str, field: &str, cid: Option<&str>, reference: Option<&str>) -> Result<(), BadFrame> {
    // Bytes are at least characters, so a short text is never counted.
    let error = if text.len() > limits::TEXT_CHARS && text.chars().count() > limits::TEXT_CHARS {
        BadFrame::too_long(field)
    } else if text.trim().is_empty() {
        BadFrame { code: ErrorCode::TextEmpty, ..BadFrame::new(format!("`{field}` is empty")) }
    } else {
        return Ok(());
    };
    Err(BadFrame { cid: cid.map(Into::into), ..error }.with_ref(reference))
}

fn clients_own(cid: &Cid, reference: Option<&str>) -> Result<(), BadFrame> {
    if cid.is_a_clients() {
        return Ok(());
    }
    let message = format!("`cid` must be 1 to {} printable characters", limits::CID_CHARS);
    Err(BadFrame::new(message).with_ref(reference))
}

fn optional_text(text: Option<&str>, field: &str, reference: Option<&str>) -> Result<(), BadFrame> {
    text.map_or(Ok(()), |text| said(text, field, None, reference))
}

fn decode<F: DeserializeOwned>(
    text: &str,
    types: &[&str],
    probe: impl Fn(&str, Value) -> Option<String>,
) -> Result<F, BadFrame> {
    match serde_json::from_str::<F>(text) {
        Ok(frame) => Ok(frame),
        // The slow road is only for broken frames: read it as a plain value to say which part is broken.
        Err(error) => Err(explain(text, types, &error, probe)),
    }
}

fn explain(
    text: &str,
    types: &[&str],
    error: &serde_json::Error,
    probe: impl Fn(&str, Value) -> Option<String>,
) -> BadFrame {
    let mut object = match serde_json::from_str::<Value>(text) {
        Err(syntax) => return BadFrame::new(format!("not JSON: {syntax}")),
        Ok(Value::Object(object)) => object,
        Ok(_) => return BadFrame::new("a frame must be a JSON object"),
    };
    let echo = |name: &str, max: usize| {
        object.get(name).and_then(Value::as_str).filter(|text| text.chars().count() <= max).map(String::from)
    };
    let (cid, reference) = (echo("cid", limits::CID_CHARS), echo("ref", 256));
    let message = match object.remove("type") {
        None => "`type` is missing".to_owned(),
        Some(Value::String(kind)) if types.contains(&kind.as_str()) => {
            probe(&kind, Value::Object(object)).unwrap_or_else(|| format!("`{kind}`: {error}"))
        }
        Some(Value::String(kind)) => {
            let kind: String = kind.chars().take(64).collect();
            format!("`type` {kind:?} is not known; it must be one of {}", types.join(", "))
        }
        Some(_) => "`type` must be a string".to_owned(),
    };
    BadFrame { cid, reference, ..BadFrame::new(message) }
}

fn probe<T: DeserializeOwned>(value: Value) -> Option<String> {
    let error = serde_path_to_error::deserialize::<_, T>(value).err()?;
    let path = error.path().to_string();
    let inner: String = error.into_inner().to_string().chars().take(300).collect();
    Some(if path == "." { inner } else { format!("`{path}`: {inner}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, Option<String>) {
        let bad = customer_frame(text).unwrap_err();
        (format!("{} {}", bad.code.as_str(), bad.message), bad.cid)
    }

    #[test]
    fn every_broken_frame_is_told_which_part_is_broken() {
        let long = format!(r#"{{"type":"message","cid":"c","text":"{}"}}"#, "é".repeat(8_001));
        let cases = [
            ("", "bad_frame not JSON: EOF while parsing a value at line 1 column 0", None),
            ("[]", "bad_frame a frame must be a JSON object", None),
            ("{}", "bad_frame `type` is missing", None),
            (r#"{"type":1}"#, "bad_frame `type` must be a string", None),
            (r#"{"type":"message","text":"a"}"#, "bad_frame missing field `cid`", None),
            (
                r#"{"type":"message","cid":"c","text":3}"#,
                "bad_frame `text`: invalid type: integer `3`, expected a string",
                Some("c"),
            ),
            (
                r#"{"type":"message","cid":"c","text":"a","extra":1}"#,
                "bad_frame `extra`: unknown field `extra`, expected `cid` or `text`",
                Some("c"),
            ),
            (r#"{"type":"message","cid":"","text":"a"}"#, "bad_frame `cid`: cid is empty", Some("")),
            (r#"{"type":"message","cid":"c","text":" \n"}"#, "text_empty `text` is empty", Some("c")),
            (&long, "text_too_long `text` is longer than 8000 characters", Some("c")),
            (
                r#"{"type":"survey","cid":"s","satisfaction":6}"#,
                "bad_frame `satisfaction` must be 1 to 5",
                Some("s"),
            ),
        ];
        for (text, expected, cid) in cases {
            assert_eq!(refused(text), (expected.to_owned(), cid.map(String::from)), "{text:.80}");
        }
        assert!(refused(r#"{"type":"nope"}"#).0.contains("must be one of hello, message"));
    }

    #[test]
    fn a_text_at_the_limit_is_accepted() {
        let text = format!(r#"{{"type":"message","cid":"c","text":"{}"}}"#, "é".repeat(8_000));
        assert!(customer_frame(&text).is_ok());
    }

    #[test]
    fn a_transfer_goes_to_exactly_one_place() {
        let frame = |to: &str| {
            format!(r#"{{"type":"transfer","ref":"r","conversation":"00000000000000aa","to":{to}}}"#)
        };
        assert!(advisor_frame(&frame(r#"{"queue":"care"}"#)).is_ok());
        for to in [r#"{}"#, r#"{"queue":"care","advisor":"ines"}"#] {
            let bad = advisor_frame(&frame(to)).unwrap_err();
            assert!(bad.message.contains("exactly one"), "{bad:?}");
            assert_eq!(bad.reference.as_deref(), Some("r"));
        }
    }
}
