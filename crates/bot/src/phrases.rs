//! What every bot says in French and English unless its script says it otherwise; in another language a script
//! has to bring these texts.

use conversation::Lang;

/// Name of the text in `[texts]`, French, English. Several variants are used one after the other.
pub(crate) const PHRASES: [(&str, &[&str], &[&str]); 18] = [
    (
        "greeting",
        &[
            "Bonjour ! Je suis {bot}, un assistant automatique. Posez votre question en quelques mots ; un conseiller peut prendre le relais à tout moment.",
        ],
        &[
            "Hello! I am {bot}, an automated assistant. Ask your question in a few words; a member of our team can take over at any time.",
        ],
    ),
    (
        "introduction",
        &["Bonjour, je suis {bot}, un assistant automatique : un robot, pas une personne."],
        &["Hello, I am {bot}, an automated assistant: a bot, not a person."],
    ),
    (
        "not_understood",
        &[
            "Je n’ai pas compris « {quote} ». Pouvez-vous le dire autrement, ou choisir un sujet ci-dessous ?",
            "Je ne comprends toujours pas « {quote} ». Essayez avec un ou deux mots simples, ou choisissez ci-dessous.",
        ],
        &[
            "I did not understand “{quote}”. Could you put it another way, or pick a subject below?",
            "I still do not understand “{quote}”. Try one or two simple words, or pick a subject below.",
        ],
    ),
    (
        "maybe",
        &["Je ne suis pas sûr de comprendre « {quote} ». Est-ce de ceci qu’il s’agit ?"],
        &["I am not sure I understand “{quote}”. Is it about this?"],
    ),
    (
        "which",
        &["Vous me parlez de plusieurs choses. Par laquelle commençons-nous ?"],
        &["You mention more than one thing. Which shall we start with?"],
    ),
    (
        "choose",
        &["Laquelle de ces réponses ? Choisissez ci-dessous, ou dites-le-moi en quelques mots."],
        &["Which of these? Pick one below, or tell me in a few words."],
    ),
    (
        "noted",
        &["C’est noté. Pour continuer, choisissez ci-dessous, ou dites-le-moi en quelques mots."],
        &["Noted. To go on, pick one below, or tell me in a few words."],
    ),
    (
        "denied",
        &["D’accord. Dites-le-moi alors autrement, en quelques mots."],
        &["All right. Then put it another way, in a few words."],
    ),
    (
        "number",
        &[
            "Je ne sais pas à quoi correspond « {quote} ». Dites-moi en quelques mots de quoi il s’agit, ou choisissez un sujet ci-dessous.",
        ],
        &[
            "I do not know what “{quote}” refers to. Tell me in a few words what it is about, or pick a subject below.",
        ],
    ),
    (
        "again",
        &["Ma réponse est celle que vous lisez ci-dessus : je n’en sais pas plus. Un conseiller, si."],
        &["My answer is the one above: that is all I know. One of our team knows more."],
    ),
    (
        "offer",
        &["J’ai l’impression de ne pas vous aider. Voulez-vous que je passe le relais à un conseiller ?"],
        &["I do not seem to be of much help. Shall I pass you on to someone on our team?"],
    ),
    ("wrong", &["« {quote} » n’est pas ce que j’attendais."], &["“{quote}” is not what I expected."]),
    ("patience", &["Je cherche encore, un instant."], &["I am still looking, one moment please."]),
    (
        "stuck",
        &[
            "Je n’ai pas compris « {quote} », et je ne veux pas vous faire perdre de temps. Je passe le relais à un conseiller, avec tout ce que vous m’avez dit.",
        ],
        &[
            "I did not understand “{quote}”, and I do not want to waste your time. I am passing you on to someone on our team, with everything you have told me.",
        ],
    ),
    (
        "failure",
        &[
            "Un problème technique m’empêche de vous répondre. Je passe le relais à un conseiller, avec tout ce que vous m’avez dit.",
        ],
        &[
            "A technical problem keeps me from answering. I am passing you on to someone on our team, with everything you have told me.",
        ],
    ),
    (
        "circles",
        &[
            "Je tourne en rond et je m’en excuse. Je passe le relais à un conseiller, avec tout ce que vous m’avez dit.",
        ],
        &[
            "I am going round in circles, sorry about that. I am passing you on to someone on our team, with everything you have told me.",
        ],
    ),
    (
        "handing_over",
        &["Bien sûr. Je passe le relais à un conseiller, avec tout ce que vous m’avez dit."],
        &["Of course. I am passing you on to someone on our team, with everything you have told me."],
    ),
    ("human", &["Parler à un conseiller"], &["Talk to a person"]),
];

/// A text in a language, if it is one of the two.
pub(crate) fn phrase(name: &str, lang: &Lang) -> Option<&'static [&'static str]> {
    let (_, fr, en) = PHRASES.iter().find(|(known, _, _)| *known == name)?;
    match lang.as_str() {
        "fr" => Some(fr),
        "en" => Some(en),
        _ => None,
    }
}

/// Words, folded, of which one must stand in a text that says that a bot is speaking; none is asked of a
/// language that is not here.
pub(crate) fn bot_words(lang: &Lang) -> &'static [&'static str] {
    match lang.as_str() {
        "fr" => &["robot", "automatique", "automatise", "virtuel", "virtuelle", "bot", "chatbot"],
        "en" => &["robot", "automated", "automatic", "virtual", "bot", "chatbot"],
        _ => &[],
    }
}

/// A place in a list of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// From 0.
    From(usize),
    /// The last.
    Last,
}

/// The place that a short text (folded) names: « le premier », 'the second one'.
pub(crate) fn place(lang: &Lang, said: &str) -> Option<Place> {
    let (around, ordinals): (&[&str], [&[&str]; 5]) = match lang.as_str() {
        "fr" => (
            &["le", "la", "l", "choix", "option", "reponse", "plutot", "svp", "numero", "c", "est"],
            [
                &["premier", "premiere", "1er", "1ere"],
                &["deuxieme", "second", "seconde", "2e", "2eme"],
                &["troisieme", "3e", "3eme"],
                &["quatrieme", "4e", "4eme"],
                &["dernier", "derniere"],
            ],
        ),
        "en" => (
            &["the", "one", "choice", "option", "answer", "please", "number", "it", "s", "is"],
            [&["first", "1st"], &["second", "2nd"], &["third", "3rd"], &["fourth", "4th"], &["last"]],
        ),
        _ => return None,
    };
    let mut words = said.split(' ').filter(|word| !around.contains(word));
    let word = words.next()?;
    if words.next().is_some() {
        return None;
    }
    let at = ordinals.iter().position(|forms| forms.contains(&word))?;
    Some(if at == 4 { Place::Last } else { Place::From(at) })
}

/// Words of the note to the advisor: subjects, not understood, technical problem, and the colon.
pub(crate) struct NoteWords {
    pub(crate) topics: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) failure: &'static str,
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
    pub(crate) colon: &'static str,
}

/// The words of the note in a language; English for one that is not here.
pub(crate) fn note_words(lang: &Lang) -> NoteWords {
    match lang.as_str() {
        "fr" => NoteWords {
            topics: "Sujets",
            unknown: "Non compris par le robot",
            failure: "Incident du robot",
            open: "« ",
            close: " »",
            colon: " : ",
        },
        _ => NoteWords {
            topics: "Subjects",
            unknown: "Not understood by the bot",
            failure: "Trouble of the bot",
            open: "“",
            close: "”",
            colon: ": ",
        },
    }
}
