//! Reasons in words, for the reader's language: « c’est inadmissible » — reproche, agacement 0,86.

use conversation::{Reason, ReasonCode};

/// The name of a signal's kind in `lang` (`fr`, else English); an unknown kind is its own name.
pub fn signal<'a>(kind: &'a str, lang: &str) -> &'a str {
    let names: Option<(&str, &str)> = match kind {
        "annoyance" => Some(("mots d’agacement", "words of annoyance")),
        "impatience" => Some(("impatience", "impatience")),
        "insult" => Some(("insulte", "insult")),
        "human_request" => Some(("souhaite une personne", "wants a person")),
        "leave_threat" => Some(("menace de partir", "threat to leave")),
        "legal_threat" => Some(("menace juridique", "legal threat")),
        "repeated_contact" => Some(("répétition", "repetition")),
        "waiting" => Some(("attente trop longue", "waiting too long")),
        "broken_promise" => Some(("promesse non tenue", "broken promise")),
        "not_heard" => Some(("ne se sent pas entendu", "does not feel heard")),
        "failure" => Some(("échec reproché", "failure held against us")),
        "urgency" => Some(("urgence", "urgency")),
        "irony" => Some(("ironie", "irony")),
        "thanks" => Some(("remerciement", "thanks")),
        "calm" => Some(("apaisement", "calm")),
        "capitals" => Some(("majuscules", "capitals")),
        "lengthening" => Some(("lettres étirées", "drawn-out letters")),
        "punctuation" => Some(("ponctuation insistante", "insistent punctuation")),
        "emoji" => Some(("émoji", "emoji")),
        "wording" => Some(("tournure", "wording")),
        "repeated_question" => Some(("question répétée", "repeated question")),
        "bot_failure" => Some(("échec du robot", "bot failure")),
        _ => None,
    };
    names.map_or(kind, |(fr, en)| if lang == "fr" { fr } else { en })
}

fn number(value: f32, lang: &str) -> String {
    let text = format!("{value:.2}");
    if lang == "fr" { text.replace('.', ",") } else { text }
}

/// From this weight on, in log-odds, what was heard is worth its name in the sentence.
const NAMED: f32 = 0.1;

/// Why, in one sentence that an advisor can read at a glance.
pub fn reason(reason: &Reason, lang: &str) -> String {
    let fr = lang == "fr";
    let lead = match (reason.code, fr) {
        (ReasonCode::ExplicitRequest, true) => "Demande à parler à une personne",
        (ReasonCode::ExplicitRequest, false) => "Asks to talk to a person",
        (ReasonCode::FrustrationPeak, true) => "Agacement net",
        (ReasonCode::FrustrationPeak, false) => "Clearly annoyed",
        (ReasonCode::FrustrationTrend, true) => "L’agacement monte",
        (ReasonCode::FrustrationTrend, false) => "Annoyance is building up",
        (ReasonCode::RepeatedQuestion, true) => "Repose la même question",
        (ReasonCode::RepeatedQuestion, false) => "Asks the same question again",
        (ReasonCode::BotLoop, true) => "Le bot tourne en rond",
        (ReasonCode::BotLoop, false) => "The bot is going round in circles",
        (ReasonCode::BotFailure, true) => "Le bot n’a pas su répondre",
        (ReasonCode::BotFailure, false) => "The bot could not answer",
        (ReasonCode::RepeatContact, true) => "Nous contacte à nouveau pour la même chose",
        (ReasonCode::RepeatContact, false) => "Has to contact us again",
        (ReasonCode::SensitiveTopic, true) => "Sujet délicat, réservé aux personnes",
        (ReasonCode::SensitiveTopic, false) => "A sensitive subject, kept for people",
        (ReasonCode::ScriptRule, true) => "Le script passe la main ici",
        (ReasonCode::ScriptRule, false) => "The script hands over here",
        (ReasonCode::AdvisorRequest, true) => "Transmis par un collègue",
        (ReasonCode::AdvisorRequest, false) => "Handed on by a colleague",
        (ReasonCode::Supervisor, true) => "Déplacé par la supervision",
        (ReasonCode::Supervisor, false) => "Moved by a supervisor",
        (ReasonCode::AdvisorLost, true) => "Le conseiller précédent a été déconnecté",
        (ReasonCode::AdvisorLost, false) => "The previous advisor was disconnected",
        (ReasonCode::QueueGone, true) => "Sa file d’attente n’existe plus",
        (ReasonCode::QueueGone, false) => "The queue that it waited in is gone",
    };
    let mut sentence = String::from(lead);
    if let Some(quote) = &reason.quote {
        let (open, close) = if fr { (" : «\u{a0}", "\u{a0}»") } else { (": “", "”") };
        sentence.push_str(open);
        sentence.push_str(quote);
        sentence.push_str(close);
    }
    let mut kinds: Vec<&str> = Vec::new();
    // A turn of phrase has no name that would say more than the quote does.
    for heard in reason.signals.iter().filter(|heard| heard.weight >= NAMED && heard.kind != "wording") {
        let name = signal(&heard.kind, lang);
        if !kinds.contains(&name) && kinds.len() < 3 {
            kinds.push(name);
        }
    }
    let scored = reason.score > 0.0 && (reason.code.is_frustration() || !kinds.is_empty());
    if !kinds.is_empty() || scored {
        sentence.push_str(" — ");
        sentence.push_str(&kinds.join(", "));
        if scored {
            if !kinds.is_empty() {
                sentence.push_str(if fr { " ; " } else { "; " });
            }
            sentence.push_str(if fr { "agacement " } else { "frustration " });
            sentence.push_str(&number(reason.score, lang));
        }
    }
    if let Some(note) = &reason.note {
        sentence.push_str(" — ");
        sentence.push_str(note);
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use conversation::Evidence;

    #[test]
    fn the_sentence_quotes_names_and_scores_in_the_readers_language() {
        let why = Reason {
            code: ReasonCode::FrustrationPeak,
            trigger_seq: Some(5),
            score: 0.861,
            threshold: 0.7,
            signals: vec![
                Evidence { kind: "annoyance".into(), weight: 2.0, seq: 5, start: 0, end: 4 },
                Evidence { kind: "wording".into(), weight: 1.5, seq: 5, start: 2, end: 9 },
                Evidence { kind: "repeated_contact".into(), weight: 1.0, seq: 5, start: 5, end: 9 },
                Evidence { kind: "courtesy".into(), weight: -1.0, seq: 5, start: 5, end: 9 },
            ],
            policy: "1".into(),
            note: None,
            quote: Some("c’est inadmissible !!".into()),
            cid: None,
        };
        assert_eq!(
            reason(&why, "fr"),
            "Agacement net : «\u{a0}c’est inadmissible !!\u{a0}» — mots d’agacement, répétition ; agacement 0,86"
        );
        assert_eq!(
            reason(&why, "en"),
            "Clearly annoyed: “c’est inadmissible !!” — words of annoyance, repetition; frustration 0.86"
        );
    }
}
