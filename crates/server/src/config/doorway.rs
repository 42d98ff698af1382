//! `[server]`: where the house is reached, and by whom.

use super::Files;
use gateway::{Network, Origin};
use settings::{Document, Problems, Table};
use std::net::SocketAddr;
use std::str::FromStr;

/// What `[server]` says.
#[derive(Debug)]
pub struct Doorway {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The console's own origin, where it is not the address in the browser.
    pub public_url: Option<Origin>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Who may read `/metrics`.
    pub metrics_from: Option<Vec<Network>>,
}

/// Where to listen unless something else is said.
fn usual() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// Reads it; without it, everything is as usual.
pub fn read(root: &Table<'_>) -> Doorway {
    let mut door =
        Doorway { listen: usual(), public_url: None, trusted_proxies: Vec::new(), metrics_from: None };
    let Some(table) = root.table("server") else { return door };
    door.listen = listen(&table).unwrap_or(door.listen);
    door.public_url = table.text("public_url").and_then(|text| match Origin::parse(&text) {
        Ok(origin) => Some(origin),
        Err(error) => {
            let instead = "such as \"https://chat.example.org\"";
            table.error(
                text.line,
                format!("`server.public_url` is \"{}\", which {error}", text.value),
                instead,
            );
            None
        }
    });
    door.trusted_proxies = networks(&table, "trusted_proxies");
    door.metrics_from = table.has("metrics_from").then(|| networks(&table, "metrics_from"));
    table.finish();
    door
}

fn listen(table: &Table<'_>) -> Option<SocketAddr> {
    if table.has("listen") && !table.is_text("listen") {
        table.know("listen");
        let what = "`server.listen` must be an address and a port in quotes";
        table.error(table.line_at("listen"), what, "such as \"127.0.0.1:8080\"");
        return None;
    }
    let text = table.text("listen")?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let port = text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(8080);
    table.error(
        text.line,
        format!("`server.listen` is \"{}\", but must be an IP address and a port", text.value),
        format!("\"127.0.0.1:{port}\" for this machine alone, \"0.0.0.0:{port}\" for everybody"),
    );
    None
}

/// The address that people open the console at, as far as a configuration says; nothing else of it is looked at.
///
/// # Errors
/// The file cannot be read, or what it says of the address cannot be used.
pub fn address(files: &Files) -> Result<String, String> {
    let problems = Problems::new();
    let document = Document::parse(&files.name(), &files.main()?, &problems);
    let door = document.as_ref().map(|document| read(&document.root(&problems)));
    match door {
        Some(door) if !problems.has_errors() => Ok(door.shown()),
        _ => {
            let told: Vec<String> = problems.into_sorted().iter().map(ToString::to_string).collect();
            Err(format!("{}; mend it, or name the console's address with --url", told.join("; ")))
        }
    }
}

impl Doorway {
    fn shown(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.to_string();
        }
        let mut listen = self.listen;
        if listen.ip().is_unspecified() {
            listen.set_ip(usual().ip());
        }
        format!("http://{listen}")
    }
}

fn networks(table: &Table<'_>, key: &str) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in table.texts(key) {
        match Network::from_str(&text) {
            Ok(network) => networks.push(network),
            Err(error) => {
                table.error(
                    text.line,
                    format!("{:?} in `{key}` {error}", text.value),
                    "such as \"10.0.0.0/8\"",
                );
            }
        }
    }
    networks
}
