//! Visitors' pages that were refused, told in the log in words that say what to change: often enough to be found,
//! rarely enough that no stranger can fill a disk with them.

use crate::origin::Origin;
use conversation::{Millis, SiteId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Milliseconds before the same refusal is told again.
const AGAIN_MS: u64 = 60_000;
/// Different refusals that are told within [`AGAIN_MS`]; more: not told, until the first of them may be told again.
const DIFFERENT: usize = 32;
/// Characters of an origin that are told.
const SHOWN_CHARS: usize = 100;

/// What was told, and when.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<String, Millis>>);

impl Refusals {
    /// Tells it, unless it was told a short while ago.
    pub(crate) fn tell(&self, sentence: &str, now: Millis) {
        if self.is_due(sentence, now) {
            tracing::warn!("{sentence}");
        }
    }

    fn is_due(&self, sentence: &str, now: Millis) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now.saturating_sub(*at) < AGAIN_MS);
        if told.len() >= DIFFERENT || told.contains_key(sentence) {
            return false;
        }
        told.insert(sentence.to_owned(), now);
        true
    }
}

/// Why a page may not carry the widget of a site that exists, and which key to change.
pub(crate) fn wrong_origin(site: &SiteId, origin: Option<&str>) -> String {
    match origin {
        None => format!(
            "a client without `Origin` was refused for site \"{site}\": `no_origin = true` in [sites.{site}] lets in \
             clients that are no browsers"
        ),
        Some(origin) => match Origin::parse(origin) {
            Ok(origin) => format!(
                "a page at {} was refused for site \"{site}\": it is not among the `origins` of [sites.{site}]; if the \
                 page is yours, add \"{}\" to them",
                shown(origin.as_str()),
                shown(origin.as_str())
            ),
            Err(_) => format!(
                "a page without an address of its own (`Origin: {}`) was refused for site \"{site}\": serve it from an \
                 http:// or https:// address, and name that in the `origins` of [sites.{site}]",
                shown(origin)
            ),
        },
    }
}

/// A page that names a site which does not exist.
pub(crate) fn unknown_site(site: &SiteId, origin: Option<&str>) -> String {
    let page = origin.map_or_else(|| "a client".to_owned(), |origin| format!("a page at {}", shown(origin)));
    format!(
        "{page} was refused: it asks for site \"{site}\" and there is no [sites.{site}]; `data-site` on the page must \
         be the name of a site in the configuration"
    )
}

fn shown(origin: &str) -> String {
    origin.chars().filter(|c| !c.is_control()).take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> SiteId {
        SiteId::new("shop").unwrap()
    }

    #[test]
    fn a_refusal_names_the_page_the_site_and_the_key_to_change() {
        let said = wrong_origin(&shop(), Some("HTTP://Localhost:5500"));
        for part in ["http://localhost:5500", "`origins`", "[sites.shop]", "add \"http://localhost:5500\""] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert!(wrong_origin(&shop(), Some("null")).contains("http:// or https://"));
        assert!(wrong_origin(&shop(), None).contains("no_origin = true"));
        assert!(unknown_site(&shop(), Some("https://a.example")).contains("[sites.shop]"));
    }

    #[test]
    fn the_same_is_told_once_a_minute_and_many_different_ones_are_not_all_told() {
        let refusals = Refusals::default();
        assert!(refusals.is_due("a", 1_000));
        assert!(!refusals.is_due("a", 1_000 + AGAIN_MS - 1));
        assert!(refusals.is_due("b", 2_000));
        assert!(refusals.is_due("a", 1_000 + AGAIN_MS));
        let flood = (0..1_000).filter(|n| refusals.is_due(&format!("page {n}"), 100_000)).count();
        assert!(flood < DIFFERENT, "{flood} lines within a minute");
        assert!(refusals.is_due("c", 100_000 + AGAIN_MS));
    }
}
