//! One socket after the upgrade.

mod advisor;
mod customer;
mod farewell;
mod relay;
mod reply;

use crate::access::Site;
use crate::admission::Seat;
use crate::counters::Held;
use crate::http::Places;
use crate::limits;
use crate::origin::Origin;
use crate::shell::Shell;
use bytes::Bytes;
use conversation::AdvisorId;
use conversation::limits as protocol;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

pub(crate) use relay::Relay;

/// What is known of the other end before it has said anything.
pub(crate) enum Greeting {
    /// A customer's client.
    Customer {
        /// The page that opened it, where a browser says.
        origin: Option<String>,
        /// The origin of this server's own pages.
        own: Option<Origin>,
    },
    /// An advisor's client.
    Advisor {
        /// Whose session came along.
        account: Option<AdvisorId>,
    },
}

/// What a socket holds until its first frame.
pub(crate) struct Unspoken {
    pub(crate) greeting: Greeting,
    /// The visitor's address.
    pub(crate) address: IpAddr,
    /// Its place among those that have not spoken.
    pub(crate) _seat: Seat,
    pub(crate) _held: Held,
}

/// Everything that a socket starts with.
pub(crate) struct Start {
    pub(crate) unspoken: Unspoken,
    /// The mark of the session that opened it, 0 where none did.
    pub(crate) session: u64,
    pub(crate) language: &'static str,
    pub(crate) places: Places,
}

/// Turns the bare stream into a socket and starts its task.
pub(crate) async fn start(shell: Arc<Shell>, stream: TcpStream, read_already: Bytes, start: Start) {
    // Acknowledgement and event are two small writes: waiting for each other (Nagle) would cost a round trip.
    let _ = stream.set_nodelay(true);
    let config = WebSocketConfig::default()
        .read_buffer_size(limits::READ_BUFFER_BYTES)
        .write_buffer_size(limits::WRITE_BUFFER_BYTES)
        .max_write_buffer_size(limits::WRITE_BUFFER_MAX_BYTES)
        .max_message_size(Some(protocol::FRAME_BYTES))
        .max_frame_size(Some(protocol::FRAME_BYTES));
    let socket = if read_already.is_empty() {
        WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await
    } else {
        WebSocketStream::from_partially_read(stream, read_already.into(), Role::Server, Some(config)).await
    };
    let relay = Relay::new(shell, socket, start);
    tokio::spawn(Box::new(relay).run());
}

/// Whether a page of this origin may speak for a site.
fn origin_may(site: &Site, origin: Option<&str>, own: Option<&Origin>) -> bool {
    match origin {
        None => site.allow_no_origin,
        Some(origin) => Origin::parse(origin)
            .is_ok_and(|origin| site.origins.contains(&origin) || (site.own_origin && Some(&origin) == own)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sites_own_pages_speak_for_it() {
        let origin = |text: &str| Origin::parse(text).unwrap();
        let site =
            Site { origins: vec![origin("https://shop.example")], own_origin: false, allow_no_origin: false };
        let own = origin("https://chat.example");
        let may = |site: &Site, from| origin_may(site, from, Some(&own));
        assert!(may(&site, Some("https://shop.example")));
        for other in ["http://shop.example", "https://shop.example:444", "https://chat.example", "null", ""] {
            assert!(!may(&site, Some(other)), "{other}");
        }
        assert!(!may(&site, None));
        let demo = Site { own_origin: true, allow_no_origin: true, ..site };
        assert!(may(&demo, Some("https://chat.example")) && may(&demo, None));
        assert!(!origin_may(&demo, Some("https://chat.example"), None));
    }
}
