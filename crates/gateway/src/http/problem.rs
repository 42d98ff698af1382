//! What HTTP answers when it cannot do what is asked: status, code, and a sentence in the reader's language.

use hyper::StatusCode;

/// One such answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    fr: &'static str,
    en: &'static str,
    /// What to put into the sentence's `{}`.
    part: Option<String>,
    /// When to try again.
    pub(crate) retry_ms: Option<u64>,
    /// For `Allow`.
    pub(crate) allow: Option<&'static str>,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident $status:ident $code:literal $fr:literal $en:literal;)*) => {
        impl Problem {
            $($(#[$doc])* pub(crate) const $name: Problem = Problem {
                status: StatusCode::$status, code: $code, fr: $fr, en: $en,
                part: None, retry_ms: None, allow: None,
            };)*
            #[cfg(test)]
            const ALL: &'static [Problem] = &[$(Problem::$name),*];
        }
    };
}

problems! {
    BAD_REQUEST BAD_REQUEST "bad_request"
        "Cette requête n’est pas comprise : {}." "This request is not understood: {}.";
    NOT_SIGNED_IN UNAUTHORIZED "unauthorised"
        "Vous n’êtes pas connecté·e." "You are not signed in.";
    WRONG_SIGN_IN UNAUTHORIZED "unauthorised"
        "Ces identifiants ne sont pas valables, ou ne le sont plus." "These credentials are not valid, or no longer.";
    WRONG_ORIGIN FORBIDDEN "forbidden_origin"
        "Cette origine n’a pas accès : {}." "This origin has no access: {}.";
    METRICS_FORBIDDEN FORBIDDEN "forbidden"
        "Les métriques ne sont pas accessibles depuis cette adresse." "Metrics cannot be read from this address.";
    NOT_FOUND NOT_FOUND "not_found"
        "Il n’y a rien à cette adresse." "There is nothing at this address.";
    METHOD METHOD_NOT_ALLOWED "method_not_allowed"
        "Cette méthode n’est pas admise ici ; admises : {}." "This method is not allowed here; allowed: {}.";
    TOO_SLOW REQUEST_TIMEOUT "request_timeout"
        "La requête n’est pas arrivée à temps." "The request did not arrive in time.";
    TOO_LARGE PAYLOAD_TOO_LARGE "too_large"
        "Le corps de la requête dépasse 4 Kio." "The request's body is over 4 KiB.";
    NOT_JSON UNSUPPORTED_MEDIA_TYPE "unsupported_media_type"
        "Le corps doit être du JSON (Content-Type: application/json)."
        "The body must be JSON (Content-Type: application/json).";
    UPGRADE UPGRADE_REQUIRED "upgrade_required"
        "Cette adresse est celle d’une connexion WebSocket (version 13)."
        "This is the address of a WebSocket connection (version 13).";
    TOO_MANY TOO_MANY_REQUESTS "too_many"
        "Trop de connexions depuis cette adresse ; merci de patienter."
        "Too many connections from this address; please wait.";
    TOO_MANY_SIGN_INS TOO_MANY_REQUESTS "too_many"
        "Trop d’essais ; merci de patienter un instant." "Too many attempts; please wait a moment.";
    OVERLOADED SERVICE_UNAVAILABLE "overloaded"
        "Le serveur est surchargé ; merci de réessayer." "The server is overloaded; please try again.";
    NOT_READY SERVICE_UNAVAILABLE "not_ready"
        "Le serveur n’accepte pas de conversations pour le moment." "The server does not accept conversations now.";
    BAD_PASSWORD UNPROCESSABLE_ENTITY "bad_password"
        "Un mot de passe a entre 10 et 256 caractères." "A password has between 10 and 256 characters.";
    NOT_STORED SERVICE_UNAVAILABLE "not_durable"
        "La modification n’a pas pu être enregistrée ; merci de réessayer."
        "The change could not be stored; please try again.";
}

impl Problem {
    /// 400, with the offending part.
    pub(crate) fn bad_request(part: impl Into<String>) -> Problem {
        Problem { part: Some(part.into()), ..Problem::BAD_REQUEST }
    }

    /// 403: the page's origin may not.
    pub(crate) fn wrong_origin(part: impl Into<String>) -> Problem {
        Problem { part: Some(part.into()), ..Problem::WRONG_ORIGIN }
    }

    /// 405.
    pub(crate) fn method(allow: &str) -> Problem {
        let allow = match allow {
            "GET" => "GET",
            "POST" => "POST",
            _ => "GET, HEAD",
        };
        Problem { part: Some(allow.into()), allow: Some(allow), ..Problem::METHOD }
    }

    /// The same, with when to try again.
    pub(crate) fn after(self, retry_ms: u64) -> Problem {
        Problem { retry_ms: Some(retry_ms), ..self }
    }

    /// The sentence.
    pub(crate) fn sentence(&self, language: &str) -> String {
        let sentence = if language == "fr" { self.fr } else { self.en };
        sentence.replace("{}", self.part.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_said_in_both_languages() {
        for problem in Problem::ALL {
            assert!(problem.status.is_client_error() || problem.status.is_server_error());
            assert_ne!(problem.sentence("fr"), problem.sentence("en"));
            assert_eq!(problem.fr.contains("{}"), problem.en.contains("{}"), "{}", problem.en);
            assert!(problem.fr.ends_with('.') && problem.en.ends_with('.'));
        }
        let bad = Problem::bad_request("`Host` is missing");
        assert_eq!(bad.sentence("en"), "This request is not understood: `Host` is missing.");
    }
}
