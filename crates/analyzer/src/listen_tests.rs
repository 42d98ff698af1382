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
    let (analysis, code) = decide("thanks for nothing");
    let reproach = analysis.signals.iter().find(|heard| heard.kind == SignalKind::Annoyance).expect("heard");
    assert_eq!((reproach.start, reproach.end), (0, 18), "{analysis:?}");
    assert_eq!(code, Some("frustration_peak"), "{analysis:?}");
    let sincere = decide("thanks for everything").0.frustration;
    assert!(analysis.frustration > 10.0 * sincere, "{analysis:?} against {sincere}");
    assert_eq!(decide("merci pour rien").1, Some("frustration_peak"));
}

#[test]
fn strong_words_hand_over_after_a_reply_of_the_bot_too() {
    let analyzer = Analyzer::embedded();
    for text in [
        "C’est la troisième fois que je vous écris, c’est inadmissible !!",
        "This is the third time I write to you, this is unacceptable!!",
        "c'est inadmissible",
        "J'en ai marre, vous êtes nuls",
        "thanks for nothing",
        "Merci pour rien",
        "ras le bol",
        "I'm fed up with your useless bot",
        "this is ridiculous",
        "c'est n'importe quoi votre service",
    ] {
        let mut context = Context::default();
        analyzer.customer_turn(&mut context, "Bonjour", None, None);
        analyzer.reply_turn(&mut context, Replier::Bot, "Bonjour, votre commande est en route.", None, true);
        let analysis = analyzer.customer_turn(&mut context, text, None, None);
        let trigger = transfer(&context, &analysis, &Thresholds::default());
        assert!(trigger.is_some_and(|trigger| trigger.code.starts_with("frustration")), "{analysis:?}");
    }
}

#[test]
fn a_wish_for_a_human_is_heard_in_many_words_and_not_in_near_misses() {
    let wants = |text: &str| decide(text).0.wants_human;
    for wish in [
        "un humain svp",
        "passez-moi quelqu'un",
        "talk to a real person",
        "conseiller svp",
        "agent",
        "je voudrais parler à un conseiller s'il vous plaît",
        "can I speak to a manager?",
        "mettez-moi en relation avec un technicien",
        "HUMAN. NOW.",
        "est-ce que je peux parler à quelqu'un ?",
        "let me talk to someone who can decide",
    ] {
        assert!(wants(wish), "{wish}");
    }
    for other in [
        "The advisor I spoke to was lovely.",
        "J'ai parlé à un conseiller charmant hier.",
        "mon conseiller bancaire m'a dit que tout était en ordre",
        "a table for two people please",
        "la technicienne est passée ce matin",
    ] {
        assert!(!wants(other), "{other}");
    }
}

#[test]
fn calm_first_questions_stay_with_the_bot() {
    for text in [
        "what are your hours?",
        "what are your opening hours",
        "which payment methods do you accept",
        "I can't pay my bill this month",
        "que savez-vous faire",
        "où en est ma commande",
        "suivre mon colis",
        "je n'ai toujours pas reçu ma commande",
        "how do I return an item?",
        "what are your delivery times",
        "are you an artificial intelligence",
        "quels sont vos horaires",
        "I have a problem with my order, it arrived broken",
        "Bonjour mon colis est arrivé cassé, que faire ?",
    ] {
        let (analysis, code) = decide(text);
        assert_eq!(code, None, "{text}: {analysis:?}");
    }
}

#[test]
fn a_signal_of_annoyance_never_speaks_for_calm() {
    use SignalKind::{Annoyance, BrokenPromise, Impatience, Insult, Irony, NotHeard};
    for text in ["great, another lost order, well done", "what a surprise", "bravo 👏", "Still nothing?"] {
        for heard in decide(text).0.signals {
            let annoyed =
                [Annoyance, BrokenPromise, Impatience, Insult, Irony, NotHeard].contains(&heard.kind);
            assert!(!annoyed || heard.weight >= 0.0, "{text}: {heard:?}");
        }
    }
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

#[test]
fn a_language_that_nobody_named_is_told_from_the_words() {
    let analyzer = Analyzer::embedded();
    for (text, lang) in [
        ("Voilà trois semaines que cette commande devait partir, où se trouve donc mon colis ?", *b"fr"),
        ("This parcel should have left three weeks ago, could somebody tell me where it went?", *b"en"),
    ] {
        let mut context = Context::default();
        analyzer.customer_turn(&mut context, text, None, None);
        assert_eq!(context.lang, Some(lang), "{text}");
    }
}

#[test]
fn a_span_of_wording_begins_and_ends_with_a_word() {
    let analyzer = Analyzer::embedded();
    for text in [
        "C’est la troisième fois que je vous écris, c’est long, et j'attends toujours qu'on m'appelle...",
        "Non, ça ne marche pas, c'est encore pareil, j'ai essayé d'appeler, l'appli s'éteint, voilà, d'accord ?",
    ] {
        let analysis = analyzer.customer_turn(&mut Context::default(), text, Some("fr"), None);
        let chars: Vec<char> = text.chars().collect();
        let mut seen = 0;
        for heard in analysis.signals.iter().filter(|heard| heard.kind == SignalKind::Wording) {
            let span: String = chars[heard.start as usize..heard.end as usize].iter().collect();
            let words: Vec<&str> = span.split([' ', '’', '\'', ',']).collect();
            let edges = [words[0], words[words.len() - 1]];
            assert!(
                words.len() == 1 || edges.iter().all(|word| word.chars().count() > 1),
                "“{span}” in {text}"
            );
            seen += 1;
        }
        assert!(seen > 0, "{text}");
    }
}
