//! What `--demo` adds: people with one-time links, and a back office that knows a few orders.

use crate::command;
use conversation::Millis;
use conversation::{AdvisorId, Lang, Skill};
use eventlog::accounts::{Account, Accounts, Role};
use std::net::SocketAddr;

/// The demo's people: sign-in name, shown name, role, skills, languages, capacity.
type Person = (&'static str, &'static str, Role, &'static [(&'static str, u8)], &'static [&'static str], u16);

const PEOPLE: [Person; 4] = [
    ("ines", "Inès", Role::Advisor, &[("orders", 4), ("returns", 3)], &["fr", "en"], 6),
    ("tom", "Tom", Role::Advisor, &[("orders", 2), ("returns", 4)], &["en", "fr"], 6),
    ("karim", "Karim", Role::Advisor, &[("orders", 3)], &["fr"], 6),
    ("claire", "Claire", Role::Supervisor, &[("orders", 5), ("returns", 5)], &["fr", "en"], 4),
];

/// Makes the demo's people where they are not there yet, and a link for each.
///
/// # Errors
/// The accounts cannot be written.
pub fn people(accounts: &Accounts, listen: SocketAddr) -> Result<Vec<(String, String)>, String> {
    let mut links = Vec::new();
    for (id, shown, role, skills, langs, capacity) in PEOPLE {
        let id = AdvisorId::new(id).map_err(|error| error.to_string())?;
        let mut account = Account::new(id.clone(), shown, role);
        account.skills =
            skills.iter().filter_map(|(skill, level)| Some((Skill::new(skill).ok()?, *level))).collect();
        account.langs = langs.iter().filter_map(|lang| Lang::new(lang).ok()).collect();
        account.capacity = capacity;
        if accounts.get(&id).map_err(|error| error.to_string())?.is_none() {
            accounts.add(&account).map_err(|error| error.to_string())?;
        }
        let link = command::user::link(accounts, &id, &format!("http://{listen}"))?;
        let what = if role == Role::Supervisor { "supervisor" } else { "advisor" };
        links.push((format!("{shown} ({what}, {})", langs.join(" and ")), link));
    }
    Ok(links)
}

/// The demo shop's back office: `demo/orders/NUMBER`.
pub fn order(path: &str, now: Millis) -> Option<String> {
    let number = path.strip_prefix("demo/orders/")?;
    let digits = number.trim_start_matches(['#', 'F', 'C', 'M', '-']);
    if digits.is_empty() || digits.len() > 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(serde_json::json!({ "order": number, "status": "unknown" }).to_string());
    }
    // The same number always tells the same story, and each story can be met.
    let status = match digits.bytes().last() {
        Some(b'0') => "unknown",
        Some(b'1' | b'4' | b'7') => "shipped",
        Some(b'2' | b'5') => "prepared",
        Some(b'3' | b'8') => "delivered",
        _ => "delayed",
    };
    let carrier = if digits.len().is_multiple_of(2) { "Colissimo" } else { "Chronopost" };
    Some(
        serde_json::json!({ "order": number, "status": status, "carrier": carrier,
            "tracking": format!("6A{:0>11}", digits), 
            "eta": day(now, 3), "shipped": day(now, -2), "delivered": day(now, -1) })
        .to_string(),
    )
}

/// The date some days from `now`, in UTC, as ISO 8601 writes it.
fn day(now: Millis, days: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(now as i64 + days * 86_400_000)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
