//! The accept loop, and the end of it.

use crate::access::Access;
use crate::address;
use crate::admission::Admission;
use crate::config::GatewayConfig;
use crate::connections::Connections;
use crate::counters::Turned;
use crate::http::backoff::Backoff;
use crate::http::{self, Caller, Places};
use crate::inbound::{Door, Inbox, Refused};
use crate::limits;
use crate::refusals::Refusals;
use crate::shell::Shell;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use wire::Close;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Whether [`Connections::close_all`] was called in time; else the gateway closed everything itself.
    pub in_time: bool,
    /// Sockets that were still open at the very end and were cut.
    pub cut: usize,
}

/// Binds the port, with the backlog and send buffer of [`limits`]. Accepted sockets inherit the buffer, so that a
/// slow reader's share of the kernel is bounded too.
///
/// # Errors
/// The address is in use, or may not be bound.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(limits::SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(limits::BACKLOG)
}

/// Serves HTTP and sockets on one port until `shutdown` resolves. Then, in this order: no connection is accepted and
/// no frame read any more; the inbox is told [`crate::Inbound::Quiet`]; whoever owns the brain acknowledges all that
/// was told before, and calls [`Connections::close_all`] with [`Close::Restart`]; every socket is closed after what
/// was sent to it; this function returns. The second step is waited for [`crate::Limits::drain_ms`] at most.
///
/// Needs a tokio runtime with time and I/O, of either flavour.
pub async fn serve(
    listener: TcpListener,
    config: GatewayConfig,
    access: Arc<dyn Access>,
    inbox: impl Inbox,
    connections: Arc<Connections>,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let drain = Duration::from_millis(config.limits.drain_ms);
    let shell = Arc::new(Shell {
        door: Door::new(inbox),
        counters: Arc::clone(connections.counters()),
        admission: Arc::new(Admission::new(config.limits.clone(), config.unlimited.clone())),
        backoff: Backoff::new(),
        refusals: Refusals::default(),
        passwords: Semaphore::new(limits::PASSWORDS_AT_ONCE),
        passwords_waiting: Semaphore::new(limits::PASSWORDS_WAITING),
        config,
        access,
        connections,
    });
    let pump = tokio::spawn({
        let connections = Arc::clone(&shell.connections);
        async move { connections.pump().await }
    });
    let (stop, stopped) = watch::channel(false);
    let (alive, mut all_gone) = mpsc::channel::<()>(1);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => accept(&shell, stream, peer, alive.clone(), stopped.clone()),
            Err(error) => {
                // Most are the business of one connection; those that are not (no descriptors left) pass with time.
                tracing::warn!(%error, "a connection could not be accepted");
                if !is_one_connections(&error) {
                    tokio::time::sleep(Duration::from_millis(limits::ACCEPT_AGAIN_MS)).await;
                }
            }
        }
    }
    drop(listener);
    drop(alive);
    shell.door.shut();
    let _ = stop.send(true);
    tracing::info!(sockets = shell.connections.len(), "no more connections are accepted");
    loop {
        match shell.door.quiet() {
            Ok(()) => break,
            Err(Refused::Full) => tokio::time::sleep(Duration::from_millis(limits::GONE_AGAIN_MS)).await,
            Err(Refused::Over) => {
                // Nobody is there to say that everything is acknowledged.
                shell.connections.close_all(Close::Restart);
                break;
            }
        }
    }
    let in_time = tokio::time::timeout(drain, all_gone.recv()).await.is_ok();
    if !in_time {
        shell.connections.close_all(Close::Restart);
        let last = Duration::from_millis(limits::CLOSE_MS + 500);
        let _ = tokio::time::timeout(last, all_gone.recv()).await;
    }
    pump.abort();
    Drained { in_time, cut: shell.connections.len() }
}

fn accept(
    shell: &Arc<Shell>,
    stream: TcpStream,
    peer: SocketAddr,
    alive: mpsc::Sender<()>,
    stop: watch::Receiver<bool>,
) {
    shell.counters.accepted.fetch_add(1, Relaxed);
    let peer = address::plain(peer.ip());
    let proxy = shell.config.trusted_proxies.iter().any(|network| network.contains(peer));
    let admission = &shell.admission;
    let seats = || {
        let all = admission.any()?;
        let in_http = admission.http()?;
        let address = if proxy { None } else { admission.address(peer, shell.access.now())? };
        Ok((all, in_http, address))
    };
    match seats() {
        Ok((all, in_http, address)) => {
            let caller = Caller {
                peer,
                proxy,
                places: Mutex::new(Some(Places { _all: all, address, _alive: alive })),
            };
            tokio::spawn(http::connection(Arc::clone(shell), stream, caller, in_http, stop));
        }
        Err(why) => {
            shell.counters.turned(why);
            // As much as can be said without waiting; a connection over the limit is worth no task.
            let _ = stream.try_write(turned_away(why).as_bytes());
        }
    }
}

fn turned_away(why: Turned) -> String {
    let (status, code, message) = match why {
        Turned::PerAddress | Turned::AddressPace => {
            ("429 Too Many Requests", "too_many", "Too many connections from this address; please wait.")
        }
        _ => ("503 Service Unavailable", "overloaded", "The server is overloaded; please try again."),
    };
    let body = format!(r#"{{"error":{{"code":"{code}","message":"{message}","retry_ms":5000}}}}"#);
    format!(
        "HTTP/1.1 {status}\r\nretry-after: 5\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn is_one_connections(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_without_waiting_has_the_length_that_it_says() {
        for why in [Turned::PerAddress, Turned::Connections] {
            let text = turned_away(why);
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{} {head}", body.len());
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
        }
    }
}
