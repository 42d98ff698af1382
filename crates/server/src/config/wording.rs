//! What the parser of typed values says (`expected u16`), in words of people who write configuration.

use serde::Serialize;
use serde_json::Value;
use settings::spelling;

/// The rest of a sentence that begins with the setting's name, and what to write instead (may be empty).
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub what: String,
    pub instead: String,
}

/// Words an error of the value at `path`; `default` is the whole that the path leads into, to take an example from.
pub fn told(error: &str, path: &str, default: &impl Serialize) -> Told {
    let key = last_key(path);
    if let Some(rest) = error.strip_prefix("unknown field ") {
        let (field, known) = names(rest);
        let instead = match spelling::nearest(&field, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.is_empty() => String::new(),
            None => format!("known here: {}", known.join(", ")),
        };
        return Told { what: "is not a setting".into(), instead };
    }
    if let Some(rest) = error.strip_prefix("unknown variant ") {
        let (word, known) = names(rest);
        let instead = spelling::did_you_mean(&word, known.iter().map(String::as_str));
        let all: Vec<String> = known.iter().map(|word| format!("\"{word}\"")).collect();
        return Told { what: format!("is \"{word}\", but must be one of {}", all.join(", ")), instead };
    }
    let halves = error.strip_prefix("invalid type: ").or_else(|| error.strip_prefix("invalid value: "));
    if let Some((found, wanted)) = halves.and_then(|rest| rest.rsplit_once(", expected ")) {
        let what = format!("must be {}, not {}", wanted_in_words(wanted), found_in_words(found));
        return Told { what, instead: example(key, wanted, default, path) };
    }
    Told { what: format!(": {error}"), instead: String::new() }
}

/// `steps[1].after_s` is about `after_s`.
fn last_key(path: &str) -> &str {
    let path = path.rsplit('.').next().unwrap_or(path);
    path.split('[').next().unwrap_or(path)
}

/// The words between backticks: the first, and the others.
fn names(text: &str) -> (String, Vec<String>) {
    let mut all = text.split('`').skip(1).step_by(2).map(str::to_owned);
    (all.next().unwrap_or_default(), all.collect())
}

fn wanted_in_words(wanted: &str) -> String {
    match wanted {
        "u8" => "a whole number from 0 to 255".into(),
        "u16" => "a whole number from 0 to 65535".into(),
        "u32" | "u64" | "usize" => "a whole number, 0 or more".into(),
        "i64" | "i32" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a string" | "string or map" => "a text in quotes".into(),
        "a sequence" => "a list in [ ]".into(),
        "a map" => "a table in { }".into(),
        struct_ if struct_.starts_with("struct ") => "a table in { }".into(),
        other => other.replace('`', "\""),
    }
}

fn found_in_words(found: &str) -> String {
    if let Some(text) = found.strip_prefix("string ") {
        return format!("the text {text}");
    }
    match found {
        "map" => "a table".into(),
        "sequence" => "a list".into(),
        "null" | "unit value" => "nothing".into(),
        other => other.split('`').nth(1).unwrap_or(other).to_owned(),
    }
}

/// `as in weight = 2`: the default where there is one, so that the example means something.
fn example(key: &str, wanted: &str, default: &impl Serialize, path: &str) -> String {
    if key == "hours" && wanted == "a string" {
        return "name hours that have a table of their own: hours = \"office\", and [hours.office]".into();
    }
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    let value = serde_json::to_value(default).ok().and_then(|value| value.pointer(&pointer).cloned());
    let plain = |value: &Value| value.as_f64().is_some_and(|number| number != 0.0) || value.is_boolean();
    let example = match (value.filter(plain), wanted) {
        (Some(value), _) => value.to_string(),
        (None, "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64") => "2".into(),
        (None, "f32" | "f64") => "0.5".into(),
        (None, "a boolean") => "true".into(),
        (None, "a sequence") => "[\"…\"]".into(),
        (None, _) if key == "skills" => "{ orders = 2 }".into(),
        (None, _) => return String::new(),
    };
    format!("as in {key} = {example}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher::policy::{Offers, Queue};
    use serde::de::DeserializeOwned;

    fn of<T: Default + Serialize + DeserializeOwned + std::fmt::Debug>(json: &str) -> (String, Told) {
        let value: Value = serde_json::from_str(json).unwrap();
        let error = serde_path_to_error::deserialize::<_, T>(value).unwrap_err();
        let path = error.path().to_string();
        let told = told(&error.into_inner().to_string(), &path, &T::default());
        (path, told)
    }

    #[test]
    fn nothing_is_said_in_the_words_of_a_programming_language() {
        let cases = [
            of::<Queue>(r#"{"weight":"deux"}"#),
            of::<Queue>(r#"{"weight":-1}"#),
            of::<Queue>(r#"{"weight":2.5}"#),
            of::<Queue>(r#"{"priority":300}"#),
            of::<Queue>(r#"{"hard_from":"a"}"#),
            of::<Queue>(r#"{"hours":{"mon":[]}}"#),
            of::<Queue>(r#"{"skills":["a"]}"#),
            of::<Queue>(r#"{"steps":5}"#),
            of::<Queue>(r#"{"steps":[5]}"#),
            of::<Queue>(r#"{"steps":[{"any_language":"yes"}]}"#),
            of::<Queue>(r#"{"steps":[{"after":30}]}"#),
            of::<Queue>(r#"{"language":"requird"}"#),
            of::<Queue>(r#"{"when_closed":5}"#),
            of::<Queue>(r#"{"overflow":5}"#),
            of::<Offers>(r#"{"expires_s":"soon"}"#),
            of::<Offers>(r#"{"at_onec":1}"#),
        ];
        for (path, Told { what, instead }) in &cases {
            let all = format!("{path} {what} {instead}");
            for word in
                [" u8", " u16", " u32", " f32", "struct", "map", "sequence", "boolean", "variant", "expected"]
            {
                assert!(!all.contains(word), "{all}");
            }
        }
    }

    #[test]
    fn it_says_what_is_wrong_and_what_to_write() {
        let expect = |(path, told): (String, Told), at: &str, what: &str, instead: &str| {
            assert_eq!((path.as_str(), told.what.as_str(), told.instead.as_str()), (at, what, instead));
        };
        expect(
            of::<Queue>(r#"{"weight":"deux"}"#),
            "weight",
            "must be a whole number from 0 to 65535, not the text \"deux\"",
            "as in weight = 2",
        );
        expect(
            of::<Offers>(r#"{"expires_s":"soon"}"#),
            "expires_s",
            "must be a whole number, 0 or more, not the text \"soon\"",
            "as in expires_s = 20",
        );
        expect(of::<Offers>(r#"{"at_onec":1}"#), "at_onec", "is not a setting", "did you mean \"at_once\"?");
        expect(
            of::<Queue>(r#"{"language":"requird"}"#),
            "language",
            "is \"requird\", but must be one of \"required\", \"preferred\"",
            "did you mean \"required\"?",
        );
        let (path, hours) = of::<Queue>(r#"{"hours":{"mon":[]}}"#);
        assert_eq!((path.as_str(), hours.what.as_str()), ("hours", "must be a text in quotes, not a table"));
        assert!(hours.instead.contains("[hours.office]"), "{}", hours.instead);
    }
}
