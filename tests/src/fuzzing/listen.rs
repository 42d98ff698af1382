//! Any bytes as a conversation: no panic, spans inside the text, contributions that sum.

use analyzer::{Analyzer, Context, Replier, Thresholds, cli, transfer};
use std::sync::LazyLock;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(Analyzer::embedded);

/// Turns of one input.
const TURNS: usize = 6;

pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _ = cli::line(&ANALYZER, &Thresholds::default(), None, &text, 1);
    let mut context = Context::default();
    for part in text.split('\u{1}').take(TURNS) {
        let analysis = ANALYZER.customer_turn(&mut context, part, None, None);
        let chars = part.chars().count() as u32;
        assert!(analysis.signals.iter().all(|heard| heard.start < heard.end && heard.end <= chars));
        let p = 1.0 / (1.0 + (-f64::from(analysis.log_odds())).exp());
        assert!((p - f64::from(analysis.frustration)).abs() < 1e-3);
        let _ = transfer(&context, &analysis, &Thresholds::default());
        ANALYZER.reply_turn(&mut context, Replier::Bot, part, None, true);
    }
}
