//! What must be heard, whatever the model.

use crate::{Analyzer, Context, Replier, SignalKind, Thresholds, transfer};

fn decide(text: &str) -> (crate::Analysis, Option<&'static str>) {
    let analyzer = Analyzer::embedded();
    let mut context = Context::default();
    let analysis = analyzer.customer_turn(&mut context, text, None, None);
    let trigger = transfer(&context, &analysis, &Thresholds::default());
    (analysis, trigger.map(|trigger| trigger.code))
}

#[test]
fn a_grievance_is_handed_over_with_its_words() {
    let text = "C'est la troisième fois que je vous écris, c'est inadmissible !!";
    let (analysis, code) = decide(text);
    assert_eq!(code, Some("frustration_peak"), "{analysis:?}");
    let quote = |kind: SignalKind| -> String {
        let heard = analysis.signals.iter().find(|heard| heard.kind == kind).expect("heard");
        text.chars().skip(heard.start as usize).take((heard.end - heard.start) as usize).collect()
    };
    assert_eq!(quote(SignalKind::Annoyance), "inadmissible");
    assert_eq!(quote(SignalKind::RepeatedContact), "la troisième fois");
    assert_eq!(analysis.lang, "fr");
}

#[test]
fn a_calm_question_stays() {
    let (analysis, code) = decide("Bonjour, où en est ma commande 4521 ?");
    assert_eq!(code, None, "{analysis:?}");
    assert!(analysis.frustration < 0.2, "{analysis:?}");
}

#[test]
fn a_wish_for_a_human_is_granted() {
    assert_eq!(decide("I want to talk to a real person").1, Some("explicit_request"));
    assert_eq!(decide("je veux parler à un conseiller svp").1, Some("explicit_request"));
}

#[test]
fn thanks_for_nothing_is_no_thanks() {
    let (analysis, _) = decide("thanks for nothing");
    let reproach = analysis.signals.iter().find(|heard| heard.kind == SignalKind::Annoyance).expect("heard");
    assert_eq!((reproach.start, reproach.end), (0, 18), "{analysis:?}");
    assert!(reproach.weight > 0.0, "{analysis:?}");
    let sincere = decide("thanks for everything").0.frustration;
    assert!(analysis.frustration > 10.0 * sincere, "{analysis:?} against {sincere}");
    assert_eq!(decide("merci pour rien").1, Some("frustration_peak"));
}

#[test]
fn contributions_sum_to_the_log_odds() {
    let analyzer = Analyzer::embedded();
    let mut context = Context::with_earlier_contacts(2);
    for text in ["Bonjour", "toujours rien ???", "NON MAIS C'EST UNE HONTE 😡", ""] {
        let analysis = analyzer.customer_turn(&mut context, text, Some("fr"), Some(3));
        analyzer.reply_turn(&mut context, Replier::Bot, "Je n'ai pas compris.", Some(5), false);
        let p = 1.0 / (1.0 + (-analysis.log_odds()).exp());
        assert!((p - analysis.frustration).abs() < 1e-4, "{analysis:?}");
    }
}
