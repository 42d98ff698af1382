//! `[limits]`: how much the gateway takes, in all, from one address, for one site and from one connection.

use gateway::Limits;
use settings::Table;
use wire::session::Rates;

/// The table as it is written; what is not written stays as it is.
pub fn read(root: &Table<'_>) -> (Limits, Rates) {
    let (mut limits, mut rates) = (Limits::default(), Rates::default());
    let Some(table) = root.table("limits") else { return (limits, rates) };
    let count = |key: &str, value: &mut usize| {
        if let Some(written) = table.integer(key, 1..=1_000_000) {
            *value = written.value as usize;
        }
    };
    count("connections", &mut limits.connections);
    count("http", &mut limits.http);
    count("ungreeted", &mut limits.ungreeted);
    count("per_address", &mut limits.per_address);
    let pace = |key: &str, value: &mut f32| {
        if let Some(written) = table.float(key, 1.0..=1_000_000.0) {
            *value = written.value as f32;
        }
    };
    pace("address_burst", &mut limits.address_burst);
    pace("address_per_s", &mut limits.address_per_s);
    pace("site_burst", &mut limits.site_burst);
    pace("site_per_s", &mut limits.site_per_s);
    pace("words_burst", &mut rates.words.burst);
    pace("words_per_s", &mut rates.words.per_s);
    pace("acts_burst", &mut rates.acts.burst);
    pace("acts_per_s", &mut rates.acts.per_s);
    pace("hints_burst", &mut rates.hints.burst);
    pace("hints_per_s", &mut rates.hints.per_s);
    if let Some(written) = table.duration("drain", 1_000..=300_000) {
        limits.drain_ms = written.value;
    }
    table.finish();
    (limits, rates)
}
