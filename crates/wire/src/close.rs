//! Every close code, in one table, with what a client does next.

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Close {
    /// 1000: the client closed, or asked for it.
    Normal,
    /// 1003: a binary frame; the protocol is text. Do not reconnect with the same client.
    NotText,
    /// 1007: text that is not UTF-8 (RFC 6455, 8.1).
    NotUtf8,
    /// 1008: too many bad frames. Reconnect only after mending the client.
    Abuse,
    /// 1009: a frame over the limit.
    TooBig,
    /// 1012: the server restarts. Reconnect with jitter; everything acknowledged is kept.
    Restart,
    /// 1013: overloaded, or this client reads too slowly. Reconnect later.
    Overloaded,
    /// 4401: no valid session or token. Sign in.
    Unauthorised,
    /// 4403: the origin, or the account, may not do this.
    Forbidden,
    /// 4408: no first frame in time, or silence for too long. Reconnect.
    TimedOut,
    /// 4409: replaced by a newer connection of the same person. Do not reconnect.
    Replaced,
}

impl Close {
    /// Every code, for the published documents.
    pub const ALL: [Close; 11] = [
        Close::Normal,
        Close::NotText,
        Close::NotUtf8,
        Close::Abuse,
        Close::TooBig,
        Close::Restart,
        Close::Overloaded,
        Close::Unauthorised,
        Close::Forbidden,
        Close::TimedOut,
        Close::Replaced,
    ];

    /// The number on the wire.
    pub fn code(self) -> u16 {
        match self {
            Close::Normal => 1000,
            Close::NotText => 1003,
            Close::NotUtf8 => 1007,
            Close::Abuse => 1008,
            Close::TooBig => 1009,
            Close::Restart => 1012,
            Close::Overloaded => 1013,
            Close::Unauthorised => 4401,
            Close::Forbidden => 4403,
            Close::TimedOut => 4408,
            Close::Replaced => 4409,
        }
    }

    /// The reason text that goes along; also the label in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Close::Normal => "normal",
            Close::NotText => "not_text",
            Close::NotUtf8 => "not_utf8",
            Close::Abuse => "abuse",
            Close::TooBig => "too_big",
            Close::Restart => "restart",
            Close::Overloaded => "overloaded",
            Close::Unauthorised => "unauthorised",
            Close::Forbidden => "forbidden",
            Close::TimedOut => "timed_out",
            Close::Replaced => "replaced",
        }
    }

    /// Whether a client should come back by itself.
    pub fn reconnect(self) -> bool {
        matches!(self, Close::Restart | Close::Overloaded | Close::TimedOut)
    }
}
