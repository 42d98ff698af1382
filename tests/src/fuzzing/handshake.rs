//! What comes over a connection before and after the upgrade, to a real gateway on a real port: it is answered or
//! closed, and the next visitor is served.

use conversation::{AdvisorId, ConversationId, Millis, SiteId};
use gateway::{
    Access, Connections, GatewayConfig, Identity, Inbound, Inbox, Me, Page, Refused, SignedIn, Site,
};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::Instant;

/// Longer than every limit that ends a connection.
const WITHIN: Duration = Duration::from_secs(20);
/// Every so many inputs, somebody else asks.
const OTHERS: u64 = 32;

pub fn run(input: &[u8]) {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // A refused sign-in takes its time, on purpose.
    if input.starts_with(b"POST /api/") {
        return;
    }
    let address = *ADDRESS.get_or_init(started);
    let answer = answer(address, input, true);
    if !answer.is_empty() {
        assert!(answer.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&answer));
    }
    if COUNT.fetch_add(1, Ordering::Relaxed).is_multiple_of(OTHERS) {
        let asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let well = self::answer(address, asked, false);
        assert!(well.starts_with(b"HTTP/1.1 200 "), "{:?}", String::from_utf8_lossy(&well));
    }
}

/// Everything that comes back until the end. `hangs_up`: nothing more is said, and may be noticed before the answer.
fn answer(address: SocketAddr, input: &[u8], hangs_up: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the gateway accepts");
    stream.set_read_timeout(Some(WITHIN)).expect("a time");
    // It may have hung up already; what it said is read all the same.
    let _ = stream.write_all(input);
    if hangs_up {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let mut part = [0; 4_096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => return answer,
            Ok(read) => answer.extend_from_slice(&part[..read]),
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                panic!("no end; so far {:?}", String::from_utf8_lossy(&answer))
            }
            Err(_) => return answer,
        }
    }
}

/// A gateway that serves until the process ends.
fn started() -> SocketAddr {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = RUNTIME.get_or_init(|| runtime.expect("a runtime"));
    let inside = runtime.enter();
    let listener = gateway::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(inside);
    let house = Arc::new(Empty { began: Instant::now() });
    let connections = Arc::new(Connections::new());
    runtime.spawn(gateway::serve(
        listener,
        GatewayConfig::default(),
        house,
        Ear,
        connections,
        std::future::pending(),
    ));
    address
}

/// Hears everything, and says nothing.
struct Ear;

impl Inbox for Ear {
    fn tell(&self, _: Inbound) -> Result<(), Refused> {
        Ok(())
    }
}

/// A house with one site, and nobody in it.
struct Empty {
    began: Instant,
}

impl Access for Empty {
    fn now(&self) -> Millis {
        1_700_000_000_000 + self.began.elapsed().as_millis() as u64
    }
    fn site(&self, id: &SiteId) -> Option<Site> {
        (id.as_str() == "demo").then(|| Site { origins: vec![], own_origin: true, allow_no_origin: true })
    }
    fn conversation_token_valid(&self, _: ConversationId, _: &str) -> bool {
        false
    }
    fn identity(&self, _: &SiteId, _: &str, _: Millis) -> Result<Identity, String> {
        Err("nobody is known here".into())
    }
    fn session(&self, _: &str, _: Millis) -> Option<AdvisorId> {
        None
    }
    fn token(&self, token: &str, _: Millis) -> Option<AdvisorId> {
        (token == "t").then(|| AdvisorId::new("ines").ok()).flatten()
    }
    fn redeem(&self, _: &str, _: Millis) -> Option<SignedIn> {
        None
    }
    fn password(&self, _: &str, _: &str, _: Millis) -> Option<SignedIn> {
        None
    }
    fn set_password(&self, _: &AdvisorId, _: &str, _: Millis) -> bool {
        false
    }
    fn sign_out(&self, _: &str) {}
    fn me(&self, _: &AdvisorId) -> Option<Me> {
        None
    }
    fn ready(&self) -> bool {
        true
    }
    fn metrics(&self) -> String {
        String::new()
    }
    fn page(&self, path: &str) -> Option<Page> {
        assert!(!path.contains("..") && !path.starts_with('/'), "{path:?} leads out");
        None
    }
}
