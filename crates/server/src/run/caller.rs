//! Calls to back offices, for the bot: only addresses that a script declares, a bounded number at once, each within
//! its time.

use super::Told;
use bot::HttpRequest;
use conversation::ConversationId;
use router::Input;
use serde_json::Value;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Calls under way at once; more wait, and their time runs.
const CALLS: usize = 64;
/// Bytes of an answer; more: the call has failed.
const ANSWER_BYTES: u64 = 256 * 1024;

/// The one who calls.
pub struct Caller {
    runtime: Handle,
    places: Arc<Semaphore>,
    agent: ureq::Agent,
    tell: SyncSender<Told>,
}

impl Caller {
    /// A caller whose answers go to `tell`.
    pub fn new(runtime: Handle, tell: SyncSender<Told>) -> Caller {
        // A redirect could lead where the script never pointed.
        let agent = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(true).build().into();
        Caller { runtime, places: Arc::new(Semaphore::new(CALLS)), agent, tell }
    }

    /// Calls; the answer, or why there is none, comes back as an input.
    pub fn call(&self, conversation: ConversationId, ticket: u64, request: HttpRequest, timeout_ms: u64) {
        let (agent, places, tell) = (self.agent.clone(), self.places.clone(), self.tell.clone());
        let runtime = self.runtime.clone();
        self.runtime.spawn(async move {
            let time = Duration::from_millis(timeout_ms);
            let called = tokio::time::timeout(time, async {
                let _place = places.acquire_owned().await.map_err(|_| "stopping".to_owned())?;
                let answer = runtime.spawn_blocking(move || ask(&agent, &request, time));
                answer.await.map_err(|_| "the call was broken off".to_owned())?
            });
            let result = called.await.unwrap_or_else(|_| Err("timeout".into()));
            let input = Input::CallDone { conversation, ticket, result };
            // The brain may have ended; then nobody waits for the answer.
            let _ =
                tokio::task::spawn_blocking(move || tell.send(Told::House(Box::new(input))).is_ok()).await;
        });
    }
}

fn ask(agent: &ureq::Agent, request: &HttpRequest, time: Duration) -> Result<Value, String> {
    let mut built = ureq::http::Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let said = |error: ureq::Error| match error {
        ureq::Error::StatusCode(status) => format!("status {status}"),
        ureq::Error::Timeout(_) => "timeout".to_owned(),
        other => other.to_string(),
    };
    let body = request.body.clone();
    if body.is_some() {
        built = built.header("content-type", "application/json");
    }
    let mut answer = match body {
        Some(body) => {
            let request = built.body(body).map_err(|error| error.to_string())?;
            agent.run(agent.configure_request(request).timeout_global(Some(time)).build()).map_err(said)?
        }
        None => {
            let request = built.body(()).map_err(|error| error.to_string())?;
            agent.run(agent.configure_request(request).timeout_global(Some(time)).build()).map_err(said)?
        }
    };
    let text = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_string().map_err(said)?;
    serde_json::from_str(&text).map_err(|_| "the answer is not JSON".to_owned())
}
