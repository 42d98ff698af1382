//! Every error code, and its sentence in the reader's language.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $fr:literal $en:literal;)*) => {
        /// Why a frame did not have its effect. The connection stays, unless a close code follows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// The code on the wire, and the label in metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$name => $code,)* }
            }

            /// The sentence in French (`fr`) or else English.
            pub fn sentence(self, lang: &str) -> &'static str {
                match (self, lang == "fr") { $((ErrorCode::$name, true) => $fr, (ErrorCode::$name, false) => $en,)* }
            }
        }
    };
}

codes! {
    /// Not JSON, no `type`, an unknown `type` or field, a wrong value: `message` names the part.
    BadFrame "bad_frame" "Cette trame n’est pas comprise." "This frame is not understood.";
    /// Over 8,000 characters.
    TextTooLong "text_too_long" "Ce message est trop long (8 000 caractères au plus)." "This message is too long (8,000 characters at most).";
    /// Nothing but white space.
    TextEmpty "text_empty" "Ce message est vide." "This message is empty.";
    /// Over the rate; `retry_ms` says when.
    SlowDown "slow_down" "Vous allez trop vite ; merci de patienter un instant." "You are going too fast; please wait a moment.";
    /// A frame other than `hello` came first.
    HelloFirst "hello_first" "La première trame doit être `hello`." "The first frame must be `hello`.";
    /// A second `hello`.
    HelloTwice "hello_twice" "`hello` a déjà été reçu sur cette connexion." "`hello` was already received on this connection.";
    /// No such site.
    UnknownSite "unknown_site" "Ce site n’est pas connu." "This site is not known.";
    /// The conversation's token, the session or the signed identity is not valid.
    Unauthorised "unauthorised" "L’accès n’est pas autorisé : jeton absent, périmé ou falsifié." "Not authorised: the token is missing, expired or forged.";
    /// The person may not do this.
    Forbidden "forbidden" "Vous n’avez pas le droit de faire cela." "You may not do this.";
    /// No such conversation, or not one that this person may see.
    UnknownConversation "unknown_conversation" "Cette conversation est introuvable." "There is no such conversation.";
    /// It is over; a new one may be opened.
    Closed "closed" "Cette conversation est terminée ; vous pouvez en ouvrir une nouvelle." "This conversation is over; you can start a new one.";
    /// The conversation has as many events as it can have.
    ConversationFull "conversation_full" "Cette conversation est trop longue ; merci d’en ouvrir une nouvelle." "This conversation is too long; please start a new one.";
    /// The offer lapsed, was withdrawn or is somebody else's.
    OfferGone "offer_gone" "Cette proposition n’est plus valable." "This offer is no longer open.";
    /// The advisor does not have this conversation.
    NotYours "not_yours" "Cette conversation n’est pas entre vos mains." "This conversation is not in your hands.";
    /// The advisor holds as much as they can.
    NoSeat "no_seat" "La capacité de ce conseiller est atteinte." "This advisor's capacity is reached.";
    /// The advisor says that they are not available.
    NotThere "not_there" "Ce conseiller n’est pas disponible en ce moment." "This advisor is not available right now.";
    /// No such queue.
    UnknownQueue "unknown_queue" "Cette file n’existe pas." "There is no such queue.";
    /// No such advisor.
    UnknownAdvisor "unknown_advisor" "Ce conseiller n’existe pas." "There is no such advisor.";
    /// A value that is not in the list, or out of range.
    BadValue "bad_value" "Une valeur n’est pas acceptée." "A value is not accepted.";
    /// What is asked does not fit where the conversation is now.
    WrongState "wrong_state" "Ce n’est pas possible dans l’état actuel de la conversation." "This is not possible in the conversation's present state.";
    /// Too much is waiting.
    Full "full" "Nous ne pouvons pas prendre davantage de demandes pour le moment." "We cannot take more requests at the moment.";
    /// The log refuses to write: nothing is accepted until a restart.
    NotDurable "not_durable" "Votre message n’a pas pu être enregistré ; merci de réessayer dans un moment." "Your message could not be stored; please try again in a moment.";
}
