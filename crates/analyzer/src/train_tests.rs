//! What learning promises.

use super::*;

/// How a customer's `yes please` is learned from after that reply.
fn learned_after(reply: &str) -> (Ground, usize) {
    let line = format!(
        r#"{{"id":"c","lang":"en","turns":[{{"role":"bot","text":"{reply}"}},
        {{"role":"customer","text":"yes please","frustrated":false,"human_request":true}}]}}"#
    );
    let conversations = crate::example::read(&mut line.replace('\n', "").as_bytes()).unwrap();
    let analyzer = Analyzer::without_model(&[]).unwrap();
    let examples = Examples::new(&analyzer, &conversations, &Settings::default());
    (examples.examples[0].ground, examples.examples[0].row.sparse.len())
}

/// A conversation of a calm turn and a frustrated one, with how many people would feel each.
fn felt(lang: &str, [calm, angry]: [(&str, u32); 2]) -> Vec<Conversation> {
    let turn = |(text, felt): (&str, u32), label: bool| {
        format!(r#"{{"role":"customer","text":"{text}","frustrated":{label},"felt":{felt}}}"#)
    };
    let turns = [turn(calm, false), turn(angry, true)].join(",");
    let line = format!(r#"{{"id":"{lang}","lang":"{lang}","turns":[{turns}]}}"#);
    crate::example::read(&mut line.as_bytes()).unwrap()
}

#[test]
fn an_answer_is_learned_from_as_it_will_be_heard_in_the_light_of_what_the_bot_offered() {
    let (ground, plain) = learned_after("Your parcel left this morning.");
    assert_eq!(ground, Ground::Wording);
    let (ground, offered) = learned_after("Would you like to talk to an adviser?");
    assert_eq!(ground, Ground::People);
    assert!(offered > plain, "{offered} features, {plain} without the offer");
}

#[test]
fn the_turn_after_a_wish_is_learned_from_in_its_light() {
    let features = |wish: bool| {
        let line = format!(
            r#"{{"id":"c","lang":"en","turns":[
            {{"role":"customer","text":"hello","frustrated":false,"human_request":{wish}}},
            {{"role":"customer","text":"yes please","frustrated":false,"human_request":false}}]}}"#
        );
        let conversations = crate::example::read(&mut line.replace('\n', "").as_bytes()).unwrap();
        let analyzer = Analyzer::without_model(&[]).unwrap();
        let examples = Examples::new(&analyzer, &conversations, &Settings::default()).examples;
        [0, 1].map(|turn| examples[turn].row.sparse.len())
    };
    let ([before, after_none], [same, after_a_wish]) = (features(false), features(true));
    assert_eq!(before, same);
    assert!(after_a_wish > after_none, "{after_a_wish} features, {after_none} after no wish");
}

#[test]
fn the_most_frequent_word_stands_first() {
    let words = [("rare", 1), ("the", 9), ("also", 3), ("and", 3)].map(|(word, n)| (word.to_owned(), n));
    assert_eq!(by_frequency(&BTreeMap::from(words)), ["the", "also", "and", "rare"]);
}

#[test]
fn what_people_would_feel_moves_the_target_of_the_language_that_it_was_guessed_for_alone() {
    let conversations = ["en", "fr"].map(|lang| felt(lang, [("calm", 40), ("angry", 80)])).concat();
    let settings = Settings { felt: 0.5, ..Settings::default() };
    let analyzer = Analyzer::without_model(&[]).unwrap();
    let examples = Examples::new(&analyzer, &conversations, &settings).examples;
    let targets: Vec<_> = examples.iter().map(|example| (example.target, example.felt_target)).collect();
    assert_eq!(targets, [(0.0, Some(0.2)), (1.0, Some(0.9)), (0.0, None), (1.0, None)]);
}

#[test]
fn the_lexicons_strengths_add_a_share_to_what_the_language_with_a_voice_of_its_own_has_learned() {
    let conversations = [
        felt("en", [("a question", 0), ("this is ridiculous", 80)]),
        felt("fr", [("une question", 0), ("c'est inadmissible", 80)]),
    ]
    .concat();
    let analyzer = Analyzer::without_model(&[]).unwrap();
    let learn = |strengths: f64| {
        let settings = Settings { strengths, ..Settings::default() };
        let examples = Examples::new(&analyzer, &conversations, &settings);
        fit(&examples, &settings, &mut |_| {}).unwrap().voices
    };
    let (without, with) = (learn(0.0), learn(0.5));
    let annoyance =
        |voices: &[(String, Voice)], place: usize| voices[place].1.words.kinds[SignalKind::Annoyance.index()];
    assert_eq!((with[0].0.as_str(), with[1].0.as_str()), ("", "en"));
    assert_eq!(annoyance(&with, 0), annoyance(&without, 0));
    assert!((annoyance(&with, 1) - annoyance(&without, 1) - 0.5).abs() < 1e-5);
}
