//! What Relais itself tells a customer, in French and in English.

use crate::moment;
use conversation::Lang;
use dispatcher::LocalTime;

fn pick(lang: &Lang, fr: impl Into<String>, en: impl Into<String>) -> String {
    if lang.as_str() == "fr" { fr.into() } else { en.into() }
}

pub(crate) fn handing_over(lang: &Lang) -> String {
    pick(
        lang,
        "Je vous mets en relation avec une personne de l’équipe. Elle verra tout notre échange : vous n’aurez rien à répéter.",
        "I am putting you through to one of our team. They will see our whole conversation: you will not have to repeat anything.",
    )
}

/// `opens`: when the hours next begin, by the clocks there.
pub(crate) fn nobody_there(lang: &Lang, opens: Option<LocalTime>) -> String {
    let (fr, en) = opens.map_or_else(Default::default, |at| {
        (
            format!(" ; nous rouvrons {} à {}", moment::day_fr(&at), moment::hour_fr(&at)),
            format!("; we open again {} at {}", moment::day_en(&at), moment::hour_en(&at)),
        )
    });
    pick(
        lang,
        format!(
            "Personne n’est disponible en ce moment{fr}. Vous pouvez laisser une adresse e‑mail ou un numéro de \
             téléphone : nous vous répondrons dès notre retour. Votre demande garde sa place."
        ),
        format!(
            "Nobody is available right now{en}. You can leave an e‑mail address or a phone number and we will get \
             back to you as soon as we are here. Your request keeps its place."
        ),
    )
}

/// `at`: from when on, by the clocks of the house where they are known.
pub(crate) fn callback_noted(lang: &Lang, number: &str, at: Option<Option<LocalTime>>) -> String {
    let (fr, en) = match at {
        None => ("dès que possible".to_owned(), "as soon as we can".to_owned()),
        Some(None) => {
            ("à partir du moment que vous avez choisi".to_owned(), "from the time you chose".to_owned())
        }
        Some(Some(at)) => (
            format!("{} à partir de {}", moment::day_fr(&at), moment::hour_fr(&at)),
            format!("{} from {}", moment::day_en(&at), moment::hour_en(&at)),
        ),
    };
    pick(
        lang,
        format!("C’est noté : nous vous rappelons au {number}, {fr}. Vous pouvez fermer cette fenêtre."),
        format!("Noted: we will call you at {number}, {en}. You can close this window."),
    )
}

pub(crate) fn still_nobody(lang: &Lang) -> String {
    pick(
        lang,
        "Personne n’est encore là pour vous lire. Laissez une adresse et nous vous répondrons, ou continuez avec \
         l’assistant automatique.",
        "Nobody is here to read this yet. Leave an address and we will get back to you, or go on with the automated \
         assistant.",
    )
}

/// The answer that brings the bot back, proposed where nobody is there.
pub(crate) fn go_on_with_bot(lang: &Lang) -> String {
    pick(lang, "Continuer avec l’assistant", "Go on with the assistant")
}

pub(crate) fn joined(lang: &Lang, name: &str) -> String {
    pick(lang, format!("{name} vous répond."), format!("{name} is with you now."))
}

pub(crate) fn supervisor_joined(lang: &Lang, name: &str) -> String {
    pick(lang, format!("{name} rejoint la conversation."), format!("{name} has joined the conversation."))
}

pub(crate) fn advisor_lost(lang: &Lang, name: &str) -> String {
    pick(
        lang,
        format!(
            "La connexion avec {name} s’est interrompue. Vous passez en tête de file ; la personne qui reprend verra tout l’échange."
        ),
        format!(
            "We lost the connection to {name}. You are at the front of the queue, and whoever takes over will see everything."
        ),
    )
}

pub(crate) fn handed_on(lang: &Lang) -> String {
    pick(
        lang,
        "Votre conversation est confiée à une autre personne de l’équipe, qui voit tout l’échange.",
        "Your conversation is being handed to a colleague, who can see everything so far.",
    )
}

pub(crate) fn back_to_bot(lang: &Lang, bot: &str) -> String {
    pick(
        lang,
        format!(
            "{bot}, l’assistant automatique, reprend la conversation. Vous pouvez redemander une personne à tout moment."
        ),
        format!("{bot}, the automatic assistant, is back. You can ask for a person again at any time."),
    )
}

pub(crate) fn message_left(lang: &Lang, address: &str) -> String {
    pick(
        lang,
        format!("C’est noté : nous vous répondrons à {address}."),
        format!("Noted: we will reply to {address}."),
    )
}

pub(crate) fn full(lang: &Lang) -> String {
    pick(
        lang,
        "Trop de personnes attendent en ce moment. Laissez-nous une adresse et nous vous répondrons, ou réessayez un peu plus tard.",
        "Too many people are waiting right now. Leave us an address and we will get back to you, or try again a little later.",
    )
}
