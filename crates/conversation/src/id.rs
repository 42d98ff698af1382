//! Ids and other small values, each a type of its own so that none is taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Milliseconds since 1970-01-01T00:00:00Z, as the server's clock tells; cores are given it as `now`.
pub type Millis = u64;

/// Position of an event in its conversation: 1, 2, 3 …, no gaps.
pub type Seq = u64;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {why}")]
pub struct IdError {
    /// Which kind of id was expected.
    pub what: &'static str,
    /// What is wrong with it, as the end of a sentence.
    pub why: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:expr, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name, or what is wrong with it.
            ///
            /// # Errors
            /// Empty, too long, or a character that the name may not have.
            pub fn new(text: &str) -> Result<Self, IdError> {
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() {
                    return Err(IdError { what: $what, why: "is empty" });
                }
                if text.chars().count() > $max {
                    return Err(IdError { what: $what, why: concat!("is longer than ", stringify!($max), " characters") });
                }
                if !text.chars().all(allowed) {
                    return Err(IdError { what: $what, why: "has a character that is not allowed in it" });
                }
                Ok(Self(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.to_string()
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": $max })
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    };
}

fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn printable(c: char) -> bool {
    !c.is_control()
}

name!(
    /// A site that carries the widget, as configured (`demo`, `shop`).
    SiteId, "a site", 64, plain
);
name!(
    /// A queue, as configured.
    QueueId, "a queue", 64, plain
);
name!(
    /// An advisor or supervisor: the name they sign in with.
    AdvisorId, "an advisor", 64, plain
);
name!(
    /// A skill, as configured; its level is 1–5.
    Skill, "a skill", 64, plain
);
name!(
    /// A language: the primary subtag of BCP 47, in lower case (`fr`, `en`).
    Lang, "a language", 8, |c| c.is_ascii_lowercase()
);
name!(
    /// A customer: `anon-…` for an unknown visitor, `id-…` for one that the site has signed for.
    CustomerId, "a customer", 200, printable
);
name!(
    /// The client's own id for one of its frames: the same `cid` is one event, for ever (law 10). An advisor's is
    /// kept apart from the customer's by [`Cid::of_advisor`]; what a client may choose itself is [`Cid::is_a_clients`].
    Cid, "cid", 160, |c| printable(c) || c == CID_SCOPE
);

/// Stands between an advisor and their own cid; no client may write it.
const CID_SCOPE: char = '\u{1f}';

impl Cid {
    /// Whether a client may have chosen it: 1–64 printable characters.
    pub fn is_a_clients(&self) -> bool {
        self.0.chars().count() <= crate::limits::CID_CHARS && self.0.chars().all(printable)
    }

    /// The advisor's `cid` in the one space of a conversation's cids, where a customer's can never meet it.
    pub fn of_advisor(advisor: &AdvisorId, cid: &Cid) -> Cid {
        Cid(format!("{advisor}{CID_SCOPE}{cid}").into())
    }

    /// The part that the client chose.
    pub fn chosen(&self) -> &str {
        self.0.rsplit_once(CID_SCOPE).map_or(&*self.0, |(_, cid)| cid)
    }
}

/// A conversation. Random, but never the control: who may see it is decided by a token or a role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConversationId(pub u64);

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ConversationId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let why = "must be 16 lower-case hexadecimal digits";
        let hex = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !hex {
            return Err(IdError { what: "a conversation", why });
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| IdError { what: "a conversation", why })
    }
}

impl schemars::JsonSchema for ConversationId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ConversationId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })
    }
}

impl TryFrom<String> for ConversationId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<ConversationId> for String {
    fn from(id: ConversationId) -> String {
        id.to_string()
    }
}

/// An offer: the conversation and the `seq` of its `offered` event, written `conversation-seq`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfferId {
    /// The conversation that is offered.
    pub conversation: ConversationId,
    /// The `seq` of the `offered` event.
    pub seq: Seq,
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.conversation, self.seq)
    }
}

impl fmt::Debug for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for OfferId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = IdError { what: "an offer", why: "must be a conversation, a dash and a number" };
        let (conversation, seq) = text.split_once('-').ok_or(bad.clone())?;
        Ok(Self {
            conversation: conversation.parse().map_err(|_| bad.clone())?,
            seq: seq.parse().map_err(|_| bad)?,
        })
    }
}

impl schemars::JsonSchema for OfferId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OfferId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}-[0-9]+$" })
    }
}

impl TryFrom<String> for OfferId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<OfferId> for String {
    fn from(id: OfferId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_their_text_and_refuse_what_is_not_theirs() {
        let id = ConversationId(0x00ab_cdef_0123_4567);
        assert_eq!(id.to_string(), "00abcdef01234567");
        assert_eq!(id.to_string().parse(), Ok(id));
        let offer = OfferId { conversation: id, seq: 12 };
        assert_eq!(offer.to_string().parse(), Ok(offer));
        for bad in ["", "1", "00ABCDEF01234567", "+0abcdef01234567", "00abcdef012345678"] {
            assert!(bad.parse::<ConversationId>().is_err(), "{bad}");
        }
        assert!("x-1".parse::<OfferId>().is_err());
        assert_eq!(QueueId::new("").unwrap_err().to_string(), "a queue is empty");
        assert!(QueueId::new("após").is_err());
        let cid = |n| Cid::new(&"c".repeat(n)).unwrap();
        assert!(cid(64).is_a_clients() && !cid(65).is_a_clients());
        let scoped = Cid::of_advisor(&AdvisorId::new("ines").unwrap(), &cid(64));
        assert!(!scoped.is_a_clients() && scoped.chosen() == cid(64).as_str());
        assert_eq!(Cid::new(scoped.as_str()).unwrap(), scoped, "it survives its text");
    }
}
