//! The published documents: JSON Schemas and the AsyncAPI 3 description, generated from the very types that parse
//! and write the frames.

use crate::close::Close;
use crate::error::ErrorCode;
use crate::frame::{AdvisorFrame, CustomerFrame, ServerFrame};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Customer frames, advisor frames and server frames in one schema (JSON Schema 2020-12).
pub fn json_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let customer = generator.subschema_for::<CustomerFrame>();
    let advisor = generator.subschema_for::<AdvisorFrame>();
    let server = generator.subschema_for::<ServerFrame>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "relais.v1",
        "anyOf": [customer, advisor, server],
        "$defs": generator.take_definitions(false),
    })
}

/// The AsyncAPI 3 document of both sockets.
pub fn asyncapi() -> Value {
    let mut generator = SchemaSettings::draft07()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let customer = generator.subschema_for::<CustomerFrame>();
    let advisor = generator.subschema_for::<AdvisorFrame>();
    let server = generator.subschema_for::<ServerFrame>();
    let codes: Vec<String> =
        ErrorCode::ALL.iter().map(|c| format!("`{}`: {}", c.as_str(), c.sentence("en"))).collect();
    let closes: Vec<String> = Close::ALL
        .iter()
        .map(|c| format!("{} {}{}", c.code(), c.word(), if c.reconnect() { " (reconnect)" } else { "" }))
        .collect();
    let channel = |address: &str, what: &str, receive: &str| {
        json!({
            "address": address,
            "description": what,
            "messages": {
                receive: { "$ref": format!("#/components/messages/{receive}") },
                "server": { "$ref": "#/components/messages/server" },
            },
        })
    };
    let operation = |action: &str, channel: &str, message: &str| {
        json!({
            "action": action,
            "channel": { "$ref": format!("#/channels/{channel}") },
            "messages": [{ "$ref": format!("#/channels/{channel}/messages/{message}") }],
        })
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "relais.v1",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!(
                "WebSocket, text frames, each frame one JSON object whose `type` says what it is. Subprotocol `relais.v1`. \
                 Errors: {}. Close codes: {}.", codes.join(" "), closes.join(", ")),
            "license": { "name": "Apache-2.0" },
        },
        "servers": { "local": { "host": "127.0.0.1:8080", "protocol": "ws" } },
        "defaultContentType": "application/json",
        "channels": {
            "customer": channel("/ws/customer", "The chat widget's socket.", "customer"),
            "advisor": channel("/ws/advisor", "The console's socket, for advisors and supervisors.", "advisor"),
        },
        "operations": {
            "receiveCustomerFrame": operation("receive", "customer", "customer"),
            "sendToCustomer": operation("send", "customer", "server"),
            "receiveAdvisorFrame": operation("receive", "advisor", "advisor"),
            "sendToAdvisor": operation("send", "advisor", "server"),
        },
        "components": {
            "messages": {
                "customer": { "name": "customer", "title": "Customer → server", "payload": customer },
                "advisor": { "name": "advisor", "title": "Advisor → server", "payload": advisor },
                "server": { "name": "server", "title": "Server → client", "payload": server },
            },
            "schemas": generator.take_definitions(false),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_in_the_documents_leads_somewhere() {
        fn walk(document: &Value, node: &Value, seen: &mut usize) {
            match node {
                Value::Object(map) => {
                    if let Some(Value::String(to)) = map.get("$ref") {
                        let pointer = to.strip_prefix('#').expect("a local reference");
                        assert!(document.pointer(pointer).is_some(), "{to} leads nowhere");
                        *seen += 1;
                    }
                    map.values().for_each(|value| walk(document, value, seen));
                }
                Value::Array(list) => list.iter().for_each(|value| walk(document, value, seen)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        for document in [json_schema(), asyncapi()] {
            let mut seen = 0;
            walk(&document, &document, &mut seen);
            assert!(seen > 20, "{seen} references");
        }
    }
}
