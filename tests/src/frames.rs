//! Every good frame with its fields, for tests that break them one by one.

use serde_json::{Value, json};

/// A field of a good frame: may it be left out, and the JSON types that it takes.
pub struct Field(pub &'static str, pub bool, pub &'static [&'static str]);

/// An id that nobody has.
pub const ID: &str = "00000000000000aa";

/// Every frame of customers, whole, with its fields.
pub fn customers() -> Vec<(Value, Vec<Field>)> {
    let text = |name| Field(name, true, &["string"]);
    let maybe = |name| Field(name, false, &["string", "null"]);
    vec![
        (json!({ "type": "message", "cid": "c", "text": "t" }), vec![text("cid"), text("text")]),
        (json!({ "type": "human", "cid": "c" }), vec![text("cid")]),
        (json!({ "type": "close", "cid": "c" }), vec![text("cid")]),
        (json!({ "type": "typing", "on": true }), vec![Field("on", true, &["boolean"])]),
        (json!({ "type": "seen", "seq": 1 }), vec![Field("seq", true, &["number"])]),
        (
            json!({ "type": "survey", "cid": "c", "satisfaction": 3, "listened": 3, "comment": "c" }),
            vec![
                text("cid"),
                Field("satisfaction", true, &["number"]),
                Field("listened", false, &["number", "null"]),
                maybe("comment"),
            ],
        ),
        (
            json!({ "type": "leave_message", "cid": "c", "address": "a@b.fr", "text": "t" }),
            vec![text("cid"), text("address"), maybe("text")],
        ),
        (
            json!({ "type": "callback", "cid": "c", "number": "+33 1 23 45 67 89", "from": 1, "text": "t" }),
            vec![text("cid"), text("number"), Field("from", false, &["number", "null"]), maybe("text")],
        ),
        (
            json!({ "type": "hello", "site": "demo", "lang": "fr", "seq": 1, "token": "t", "epoch": "e", "conversation": ID }),
            vec![
                text("site"),
                maybe("lang"),
                maybe("conversation"),
                maybe("token"),
                maybe("epoch"),
                Field("seq", false, &["number", "null"]),
                maybe("identity"),
                Field("page", false, &["object", "null", "array"]),
                Field("previous", false, &["object", "null", "array"]),
            ],
        ),
    ]
}

/// Every frame of advisors and supervisors, whole, with its fields.
pub fn advisors() -> Vec<(Value, Vec<Field>)> {
    let text = |name| Field(name, true, &["string"]);
    let maybe = |name| Field(name, false, &["string", "null"]);
    let of = |kind: &str, more: Value| {
        let mut frame = json!({ "type": kind, "conversation": ID });
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            frame[key] = value;
        }
        frame
    };
    let mut frames = vec![
        (json!({ "type": "presence", "status": "away" }), vec![text("status"), maybe("reason")]),
        (json!({ "type": "accept", "offer": format!("{ID}-3") }), vec![text("offer")]),
        (
            json!({ "type": "decline", "offer": format!("{ID}-3"), "reason": "busy" }),
            vec![text("offer"), text("reason"), maybe("note")],
        ),
        (
            of("message", json!({ "cid": "c", "text": "t" })),
            vec![text("conversation"), text("cid"), text("text")],
        ),
        (
            of("note", json!({ "cid": "c", "text": "t", "mentions": ["tom"] })),
            vec![text("conversation"), text("cid"), text("text"), Field("mentions", false, &["array"])],
        ),
        (
            of("transfer", json!({ "to": { "queue": "care" } })),
            vec![text("conversation"), Field("to", true, &["object", "array"]), maybe("note")],
        ),
        (of("return_to_bot", json!({})), vec![text("conversation"), maybe("node")]),
        (
            of("feedback", json!({ "seq": 2, "verdict": "frustrated" })),
            vec![
                text("conversation"),
                Field("seq", true, &["number"]),
                text("verdict"),
                Field("span", false, &["object", "null", "array"]),
                maybe("note"),
            ],
        ),
        (of("close", json!({ "outcome": "resolved" })), vec![text("conversation"), text("outcome")]),
        (of("typing", json!({ "on": true })), vec![text("conversation"), Field("on", true, &["boolean"])]),
        (of("seen", json!({ "seq": 1 })), vec![text("conversation"), Field("seq", true, &["number"])]),
        (of("assign", json!({ "advisor": "tom" })), vec![text("conversation"), text("advisor")]),
        (of("requeue", json!({})), vec![text("conversation"), maybe("queue")]),
        (
            json!({ "type": "set_policy", "queue": "care", "peak": 0.5, "reason": "r" }),
            vec![
                text("queue"),
                Field("peak", false, &["number", "null"]),
                Field("trend", false, &["number", "null"]),
                text("reason"),
            ],
        ),
        (
            json!({ "type": "hello", "token": "t" }),
            vec![maybe("token"), maybe("epoch"), Field("seq", false, &["number", "null"]), maybe("lang")],
        ),
    ];
    for kind in ["take", "open", "join", "listen"] {
        frames.push((of(kind, json!({})), vec![text("conversation")]));
    }
    frames
}
