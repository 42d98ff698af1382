//! Answers, and the headers that every one has.

use super::problem::Problem;
use crate::shell::Shell;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// An answer in the making.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Answer { status, headers, body: body.into() }
    }

    /// 204, 304 or 101.
    pub(crate) fn empty(status: StatusCode) -> Answer {
        Answer { status, headers: HeaderMap::with_capacity(12), body: Bytes::new() }
    }

    pub(crate) fn text(body: &'static str) -> Answer {
        Answer::new(StatusCode::OK, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn metrics(body: String) -> Answer {
        Answer::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", body)
    }

    pub(crate) fn json(status: StatusCode, value: &Value) -> Answer {
        Answer::new(status, "application/json", value.to_string())
    }

    /// `{"error":{"code","message","retry_ms"?}}`.
    pub(crate) fn problem(problem: &Problem, language: &'static str) -> Answer {
        let mut error = json!({ "code": problem.code, "message": problem.sentence(language) });
        if let Some(retry_ms) = problem.retry_ms {
            error["retry_ms"] = retry_ms.into();
        }
        let mut answer = Answer::json(problem.status, &json!({ "error": error }))
            .with(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
        if let Some(retry_ms) = problem.retry_ms {
            answer = answer.with(header::RETRY_AFTER, HeaderValue::from(retry_ms.div_ceil(1_000)));
        }
        if let Some(allow) = problem.allow {
            answer = answer.with(header::ALLOW, HeaderValue::from_static(allow));
        }
        if problem.status == StatusCode::UPGRADE_REQUIRED {
            answer = answer
                .with(header::UPGRADE, HeaderValue::from_static("websocket"))
                .with(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        // The rest of a body that was not read must not be taken for the next request.
        if matches!(problem.status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            answer = answer.with(header::CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Answer {
        self.headers.insert(name, value);
        self
    }

    /// The response, with the headers that every one has where it has not set its own.
    pub(crate) fn finish(self, shell: &Shell, head: bool) -> Response<Full<Bytes>> {
        let Answer { status, mut headers, body } = self;
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let mut or = |name: HeaderName, value: &'static str| {
                headers.entry(name).or_insert(HeaderValue::from_static(value));
            };
            or(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
            or(header::REFERRER_POLICY, "no-referrer");
            or(header::X_FRAME_OPTIONS, "DENY");
            or(header::CACHE_CONTROL, "no-store");
            or(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
            or(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
            or(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
            or(
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            );
            if shell.config.public_url.as_ref().is_some_and(crate::Origin::is_secure) {
                or(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
            }
        }
        if head {
            // hyper sends no body to HEAD, and takes the length from here.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}
