//! HTTP: pages, health, metrics, the JSON API, and the upgrade to a socket.

mod answer;
mod api;
pub(crate) mod backoff;
mod cookie;
mod pages;
mod problem;
mod request;
mod upgrade;

use crate::counters::Held;
use crate::limits;
use crate::shell::Shell;
use answer::Answer;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use problem::Problem;
use request::Asked;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::admission::Seat;

/// What one connection holds until it ends; an upgrade takes it along.
pub(crate) struct Places {
    /// Its place among all.
    pub(crate) _all: Seat,
    /// Its place among its address's; none for a trusted proxy's connection, whose visitor is known by request.
    pub(crate) address: Option<Seat>,
    /// Keeps the server's end waiting for this connection.
    pub(crate) _alive: tokio::sync::mpsc::Sender<()>,
}

/// One connection in HTTP, as its requests see it.
pub(crate) struct Caller {
    pub(crate) peer: IpAddr,
    /// Whether requests say in `X-Forwarded-For` who they come from.
    pub(crate) proxy: bool,
    /// Taken by the upgrade.
    pub(crate) places: Mutex<Option<Places>>,
}

/// Serves one connection until it ends, is upgraded, is too old, or the server stops.
pub(crate) async fn connection(
    shell: Arc<Shell>,
    stream: TcpStream,
    caller: Caller,
    in_http: Seat,
    mut stop: watch::Receiver<bool>,
) {
    let _in_http = in_http;
    let _held = Held::new(&shell.counters, |counters| &counters.http_open);
    let caller = Arc::new(caller);
    let service = service_fn(|request| {
        let (shell, caller) = (Arc::clone(&shell), Arc::clone(&caller));
        async move { Ok::<_, Infallible>(answer(&shell, &caller, request).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits::HEAD_MS))
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::HEAD_BYTES);
    let mut serving = pin!(server.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut serving => Some(ended),
        _ = stop.wait_for(|stop| *stop) => None,
        () = tokio::time::sleep(Duration::from_millis(limits::HTTP_MS)) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            serving.as_mut().graceful_shutdown();
            let last = Duration::from_millis(limits::HTTP_END_MS);
            tokio::time::timeout(last, serving).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}

async fn answer(shell: &Arc<Shell>, caller: &Caller, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let head = request.method() == Method::HEAD;
    let answer = match Asked::of(shell, caller, &request) {
        Ok(asked) => {
            let language = asked.language;
            match route(shell, caller, &asked, request).await {
                Ok(answer) => answer,
                Err(problem) => Answer::problem(&problem, language),
            }
        }
        Err(problem) => Answer::problem(&problem, request::language(request.headers())),
    };
    let response = answer.finish(shell, head);
    shell.counters.answered(response.status().as_u16());
    response
}

async fn route(
    shell: &Arc<Shell>,
    caller: &Caller,
    asked: &Asked,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    let read = matches!(*request.method(), Method::GET | Method::HEAD);
    let only_read = if read { Ok(()) } else { Err(Problem::method("GET, HEAD")) };
    let only = |method: Method| {
        if *request.method() == method { Ok(()) } else { Err(Problem::method(method.as_str())) }
    };
    match request.uri().path() {
        "/ws/customer" => {
            only(Method::GET)?;
            upgrade::customer(shell, caller, asked, request)
        }
        "/ws/advisor" => {
            only(Method::GET)?;
            upgrade::advisor(shell, caller, asked, request)
        }
        "/healthz" => only_read.map(|()| Answer::text("ok\n")),
        "/readyz" => {
            only_read?;
            if shell.access.ready() && !shell.door.is_shut() {
                Ok(Answer::text("ready\n"))
            } else {
                Err(Problem::NOT_READY)
            }
        }
        "/metrics" => {
            only_read?;
            if !shell.config.metrics_from.iter().any(|network| network.contains(asked.address)) {
                return Err(Problem::METRICS_FORBIDDEN);
            }
            Ok(Answer::metrics(shell.access.metrics()))
        }
        "/api/sign-in" => {
            only(Method::POST)?;
            api::sign_in(shell, asked, request).await
        }
        "/api/sign-out" => {
            only(Method::POST)?;
            api::sign_out(shell, asked)
        }
        "/api/password" => {
            only(Method::POST)?;
            api::password(shell, asked, request).await
        }
        "/api/me" => {
            only_read?;
            api::me(shell, asked)
        }
        path => {
            let found = pages::find(shell, path, asked)?;
            only_read?;
            Ok(found)
        }
    }
}
