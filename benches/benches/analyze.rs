//! What listening costs: microseconds a message by its length, beside VADER's published algorithm and TF-IDF with a
//! linear model, in the same run and interleaved. `cargo bench -p relais-benches --bench analyze`.
//!
//! Messages are made of real ones of our own test split, joined and cut to length, so that the words are words.

use analyzer::{Analyzer, Context, Thresholds, example, transfer};
use std::collections::HashMap;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

const DATA: [&str; 2] = [
    include_str!("../../crates/analyzer/data/en.test.jsonl"),
    include_str!("../../crates/analyzer/data/fr.test.jsonl"),
];
const LENGTHS: [usize; 4] = [20, 120, 1_000, 8_000];
const MESSAGES: usize = 400;
const ROUNDS: usize = 5;

/// TF-IDF over words and pairs of words with a linear model: what most people try first. Only its time is
/// measured, so its weights are the words' own log-odds.
struct TfIdf {
    weights: HashMap<String, (f32, f32)>,
}

impl TfIdf {
    fn terms(text: &str) -> Vec<String> {
        let low = text.to_lowercase();
        let words: Vec<&str> = low.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let pairs = words.windows(2).map(|pair| pair.join(" "));
        words.iter().map(|w| (*w).to_owned()).chain(pairs).collect()
    }

    fn learn(turns: &[(String, bool)]) -> TfIdf {
        let mut counts: HashMap<String, (f32, f32)> = HashMap::new();
        for (text, frustrated) in turns {
            for term in TfIdf::terms(text) {
                let slot = counts.entry(term).or_insert((1.0, 1.0));
                if *frustrated { slot.0 += 1.0 } else { slot.1 += 1.0 }
            }
        }
        let all = turns.len() as f32;
        let weights =
            counts.into_iter().map(|(term, (yes, no))| (term, ((all / (yes + no)).ln(), (yes / no).ln())));
        TfIdf { weights: weights.collect() }
    }

    fn score(&self, text: &str) -> f32 {
        let mut counts: HashMap<String, f32> = HashMap::new();
        for term in TfIdf::terms(text) {
            *counts.entry(term).or_default() += 1.0;
        }
        let (mut sum, mut square) = (0.0, 0.0f32);
        for (term, count) in &counts {
            if let Some((idf, weight)) = self.weights.get(term) {
                let value = (1.0 + count.ln()) * idf;
                sum += value * weight;
                square += value * value;
            }
        }
        sum / square.sqrt().max(1e-6)
    }
}

fn messages(turns: &[(String, bool)], length: usize) -> Vec<String> {
    let mut at = 0;
    (0..MESSAGES)
        .map(|_| {
            let mut message = String::new();
            while message.chars().count() < length {
                message.push_str(&turns[at % turns.len()].0);
                message.push(' ');
                at += 1;
            }
            message.chars().take(length).collect()
        })
        .collect()
}

fn main() {
    let mut turns = Vec::new();
    for text in DATA {
        for conversation in example::read(&mut text.as_bytes()).expect("committed data") {
            let labelled =
                conversation.turns.into_iter().filter_map(|turn| Some((turn.text, turn.frustrated?)));
            turns.extend(labelled);
        }
    }
    let analyzer = Analyzer::embedded();
    let thresholds = Thresholds::default();
    let vader = vader_parity::SentimentIntensityAnalyzer::new();
    let tfidf = TfIdf::learn(&turns);
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").expect("stdout");
    say(format!("{:>8}  {:<28} {:>10} {:>10} {:>14}", "chars", "", "median µs", "p99 µs", "messages/s"));
    for length in LENGTHS {
        let messages = messages(&turns, length);
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..ROUNDS {
            for message in &messages {
                for (which, times) in times.iter_mut().enumerate() {
                    // VADER reads long messages in quadratic time.
                    if which == 1 && length > 1_000 {
                        continue;
                    }
                    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
                    let began = Instant::now();
                    match which {
                        0 => {
                            let mut context = Context::default();
                            let analysis = analyzer.customer_turn(&mut context, message, None, None);
                            black_box(transfer(&context, &analysis, &thresholds));
                        }
                        1 => {
                            black_box(vader.polarity_scores(message));
                        }
                        _ => {
                            black_box(tfidf.score(message));
                        }
                    }
                    times.push(began.elapsed().as_nanos() as f64 / 1_000.0);
                }
            }
        }
        for (name, times) in ["analyzer, with its decision", "VADER", "TF-IDF, linear"].iter().zip(&mut times)
        {
            if times.is_empty() {
                continue;
            }
            times.sort_by(f64::total_cmp);
            let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
            let rate = 1e6 * times.len() as f64 / times.iter().sum::<f64>();
            say(format!("{length:>8}  {name:<28} {median:>10.1} {p99:>10.1} {rate:>14.0}"));
        }
    }
}
