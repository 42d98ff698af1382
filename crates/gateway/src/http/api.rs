//! The JSON API: signing in and out, who one is, one's password.

use super::answer::Answer;
use super::cookie;
use super::problem::Problem;
use super::request::Asked;
use crate::access::{Me, SignedIn};
use crate::counters::{SignIn, Turned};
use crate::limits;
use crate::shell::Shell;
use conversation::{AdvisorId, Millis};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{self, HeaderMap};
use hyper::{Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How somebody signs in: a one-time code, or a name and a password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    code: Option<String>,
    name: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    password: String,
}

/// `POST /api/sign-in`. A client that is no browser sends no `Origin`, and may; a browser always does.
pub(crate) async fn sign_in(
    shell: &Arc<Shell>,
    asked: &Asked,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    asked.only_own_pages(true)?;
    let proof: Proof = body(request).await?;
    let account = match &proof {
        Proof { code: Some(_), name: None, password: None } => None,
        Proof { code: None, name: Some(name), password: Some(_) } => Some(name.clone()),
        _ => return Err(Problem::bad_request("`code`, or `name` and `password`")),
    };
    let now = shell.access.now();
    let attempt = shell.backoff.attempt(account.as_deref(), asked.address, now).map_err(|retry_ms| {
        shell.counters.turned(Turned::SignIn);
        Problem::TOO_MANY_SIGN_INS.after(retry_ms)
    })?;
    let refusal = tokio::time::sleep(Duration::from_millis(limits::REFUSED_SIGN_IN_MS));
    match checked(shell, proof, now).await? {
        Some(signed_in) => {
            shell.backoff.forgive(&attempt);
            shell.counters.sign_in(SignIn::Accepted);
            // Whoever signs in anew has left the session they had.
            if let Some(old) = &asked.session {
                end(shell, old);
            }
            let cookie = cookie::set(&signed_in, asked.is_secure()).ok_or(Problem::NOT_STORED)?;
            Ok(said(&signed_in.advisor, &signed_in.me).with(header::SET_COOKIE, cookie))
        }
        None => {
            shell.counters.sign_in(SignIn::Refused);
            refusal.await;
            Err(Problem::WRONG_SIGN_IN)
        }
    }
}

async fn checked(shell: &Arc<Shell>, proof: Proof, now: Millis) -> Result<Option<SignedIn>, Problem> {
    if let Some(code) = proof.code {
        let short = code.len() <= limits::SECRET_CHARS;
        return Ok(if short { shell.access.redeem(&code, now) } else { None });
    }
    let (Some(name), Some(password)) = (proof.name, proof.password) else { return Ok(None) };
    blocking(shell, move |shell| shell.access.password(&name, &password, now)).await
}

/// `POST /api/sign-out`: the session ends, its sockets are closed, the cookie goes.
pub(crate) fn sign_out(shell: &Shell, asked: &Asked) -> Result<Answer, Problem> {
    asked.only_own_pages(false)?;
    if let Some(secret) = &asked.session {
        end(shell, secret);
    }
    let mut answer = Answer::empty(StatusCode::NO_CONTENT);
    if let Some(cookie) = cookie::unset(asked.is_secure()) {
        answer = answer.with(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

fn end(shell: &Shell, secret: &str) {
    shell.access.sign_out(secret);
    shell.connections.end_session(shell.connections.session_mark(secret));
}

/// `GET /api/me`.
pub(crate) fn me(shell: &Shell, asked: &Asked) -> Result<Answer, Problem> {
    let who = signed_in(shell, asked)?;
    let me = shell.access.me(&who).ok_or(Problem::NOT_SIGNED_IN)?;
    Ok(said(&who, &me))
}

/// `POST /api/password`.
pub(crate) async fn password(
    shell: &Arc<Shell>,
    asked: &Asked,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    asked.only_own_pages(false)?;
    let who = signed_in(shell, asked)?;
    let NewPassword { password } = body(request).await?;
    if !limits::PASSWORD_CHARS.contains(&password.chars().count()) {
        return Err(Problem::BAD_PASSWORD);
    }
    let now = shell.access.now();
    let kept = blocking(shell, move |shell| shell.access.set_password(&who, &password, now)).await?;
    if kept { Ok(Answer::empty(StatusCode::NO_CONTENT)) } else { Err(Problem::NOT_STORED) }
}

fn signed_in(shell: &Shell, asked: &Asked) -> Result<AdvisorId, Problem> {
    let secret = asked.session.as_deref().ok_or(Problem::NOT_SIGNED_IN)?;
    shell.access.session(secret, shell.access.now()).ok_or(Problem::NOT_SIGNED_IN)
}

fn said(who: &AdvisorId, me: &Me) -> Answer {
    Answer::json(StatusCode::OK, &json!({ "advisor": who, "role": me.role, "name": me.name }))
}

/// Runs what takes long on a thread of its own, a few at a time, and refuses when too many wait.
async fn blocking<T: Send + 'static>(
    shell: &Arc<Shell>,
    work: impl FnOnce(&Shell) -> T + Send + 'static,
) -> Result<T, Problem> {
    let overloaded = || Problem::OVERLOADED.after(1_000);
    let waiting = shell.passwords_waiting.try_acquire().map_err(|_| overloaded())?;
    let turn = shell.passwords.acquire().await.map_err(|_| overloaded())?;
    drop(waiting);
    let theirs = Arc::clone(shell);
    let done = tokio::task::spawn_blocking(move || work(&theirs)).await;
    drop(turn);
    done.map_err(|_| overloaded())
}

/// The body as JSON, within its size and time.
async fn body<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::NOT_JSON);
    }
    let bytes = bytes(request.into_body()).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // What serde quotes of a wrong value may be a credential: its place is enough.
        Problem::bad_request(format!("JSON, line {}, column {}", error.line(), error.column()))
    })
}

async fn bytes(body: Incoming) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > limits::BODY_BYTES as u64 {
        return Err(Problem::TOO_LARGE);
    }
    let collecting = Limited::new(body, limits::BODY_BYTES).collect();
    match tokio::time::timeout(Duration::from_millis(limits::BODY_MS), collecting).await {
        Err(_) => Err(Problem::TOO_SLOW),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::TOO_LARGE),
        Ok(Err(_)) => Err(Problem::bad_request("the body ended early")),
    }
}

/// A form of another site's page cannot send this type without being asked first (CORS).
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
