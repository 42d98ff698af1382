//! The embedded model is what the committed data makes, byte for byte; its figures do not fall; and what every
//! analysis promises holds on any text.

use analyzer::example::{self, Conversation};
use analyzer::train::{Examples, Settings, fit};
use analyzer::{Analyzer, Context, Model, Replier, Thresholds, evaluate, transfer};
use proptest::prelude::*;

const TRAIN: [&str; 3] = [
    include_str!("../data/en.train.jsonl"),
    include_str!("../data/fr.train.jsonl"),
    include_str!("../data/scripts.train.jsonl"),
];
const TEST: [&str; 2] = [include_str!("../data/en.test.jsonl"), include_str!("../data/fr.test.jsonl")];
const MODEL: &[u8] = include_bytes!("../model/relais.model");

fn read(files: &[&str]) -> Vec<Conversation> {
    files.iter().flat_map(|text| example::read(&mut text.as_bytes()).expect("committed data")).collect()
}

#[test]
fn the_committed_data_makes_the_embedded_model_byte_for_byte() {
    let base = Analyzer::without_model(&[]).unwrap();
    let settings = Settings::default();
    let examples = Examples::new(&base, &read(&TRAIN), &settings);
    let model = fit(&examples, &settings, &mut |_| {}).unwrap();
    assert!(model.bytes() == MODEL, "`relais train` on crates/analyzer/data makes another model: commit it");
}

#[test]
fn figures_on_conversations_that_it_did_not_learn_from_do_not_fall() {
    let analyzer = Analyzer::embedded();
    for (lang, text) in ["en", "fr"].iter().zip(TEST) {
        let sets = [((*lang).to_owned(), read(&[text]))];
        let report = evaluate::report(&analyzer, &sets, &Thresholds::default(), None);
        let set = &report.sets[0];
        let told = format!("{lang}: AUC {}, recall {}, {:?}", set.auc, set.recall_at_5, set.transfer);
        assert!(set.auc.value > 0.85, "{told}");
        assert!(set.recall_at_5.value > 0.45, "{told}");
        assert!(set.calibration_error < 0.06, "{told}, calibration error {}", set.calibration_error);
        let calm = set.transfer;
        assert!(calm.calm_transferred_for_frustration * 100 <= calm.calm * 15, "{told}");
    }
}

#[test]
fn what_scripts_answer_by_themselves_stays_with_the_bot() {
    let analyzer = Analyzer::embedded();
    let (mut asked, mut handed_over) = (0, Vec::new());
    for conversation in read(&TRAIN[2..]) {
        let turn = &conversation.turns[0];
        let mut context = Context::default();
        let analysis = analyzer.customer_turn(&mut context, &turn.text, conversation.lang.as_deref(), None);
        let trigger = transfer(&context, &analysis, &Thresholds::default());
        if turn.human_request == Some(true) {
            assert!(analysis.wants_human, "{}", turn.text);
        } else {
            asked += 1;
            handed_over.extend(trigger.map(|trigger| (trigger.code, turn.text.clone())));
        }
    }
    assert!(asked > 1_000 && handed_over.len() * 100 <= asked, "of {asked}: {handed_over:#?}");
}

#[test]
fn damaged_and_foreign_models_are_refused_in_words() {
    let refused = |bytes: &[u8]| Analyzer::with(Some(bytes), &[]).unwrap_err()[0].to_string();
    assert!(refused(b"").contains("no Relais model"));
    assert!(refused(b"GIF89a..........").contains("no Relais model"));
    let mut damaged = MODEL.to_vec();
    damaged[5_000] ^= 1;
    assert!(refused(&damaged).contains("damaged"));
    assert!(refused(&MODEL[..MODEL.len() - 9]).contains("damaged"));
    assert!(refused(&vec![0; 5 * 1024 * 1024]).contains("at most"));
    assert_eq!(Model::read(MODEL).unwrap().bytes(), MODEL);
}

#[test]
fn the_order_of_turns_matters() {
    let analyzer = Analyzer::embedded();
    let score = |turns: &[&str]| {
        let mut context = Context::default();
        turns
            .iter()
            .map(|text| analyzer.customer_turn(&mut context, text, Some("fr"), None).frustration)
            .last()
    };
    let (angry, calm) = ("C'est inadmissible, vous êtes des incapables !!", "Mon numéro est le 4521.");
    assert!(score(&[angry, calm]) > score(&[calm, calm]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_heard_with_spans_inside_and_contributions_that_sum(texts in prop::collection::vec(any::<String>(), 1..4), piece in "[ a-zA-Zéà'!?.😡👏\n]{0,80}") {
        let analyzer = Analyzer::embedded();
        let mut context = Context::default();
        let mut again = Context::default();
        for text in texts.iter().chain([&piece]) {
            let analysis = analyzer.customer_turn(&mut context, text, None, Some(5));
            let second = analyzer.customer_turn(&mut again, text, None, Some(5));
            prop_assert_eq!(&analysis, &second);
            let chars = text.chars().count() as u32;
            for heard in &analysis.signals {
                prop_assert!(heard.start < heard.end && heard.end <= chars, "{:?} in {:?}", heard, text);
                prop_assert!(heard.weight.is_finite());
            }
            let p = 1.0 / (1.0 + (-f64::from(analysis.log_odds())).exp());
            prop_assert!((p - f64::from(analysis.frustration)).abs() < 1e-4);
            prop_assert!((0.0..=1.0).contains(&analysis.frustration) && (-1.0..=1.0).contains(&analysis.trend));
            let _ = transfer(&context, &analysis, &Thresholds::default());
            for context in [&mut context, &mut again] {
                analyzer.reply_turn(context, Replier::Bot, text, None, true);
            }
        }
        let kept = serde_json::to_string(&context).unwrap();
        prop_assert!(kept.len() < 2_000, "{}", kept);
        prop_assert_eq!(serde_json::from_str::<Context>(&kept).unwrap(), context);
    }
}
