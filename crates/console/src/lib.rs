//! The pages that people see: console, widget and demo shop, built by npm and embedded.
//!
//! `web/` holds them (Preact, TypeScript, Vite), `build.rs` builds them, [`asset`] hands them out with all that an
//! HTTP answer needs. Serving them, and refusing the demo where it is not asked for, is the gateway's work.

use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::fmt::Write as _;

/// `Content-Security-Policy` for the console's page: its own files and its own socket, nobody's frame, and no text
/// that becomes code (`require-trusted-types-for`).
pub const CSP_CONSOLE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// `Content-Security-Policy` for the demo shop: as strict, to show that the widget asks for nothing more.
pub const CSP_DEMO: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// `Cache-Control` for an [`Asset::immutable`] file: its name changes with its content.
pub const CACHE_IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `Cache-Control` for every other file: may be kept, must be asked about (`If-None-Match`) each time.
pub const CACHE_REVALIDATE: &str = "no-cache";

/// The files that `build.rs` left.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/web"]
struct Files;

/// One file, ready to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its path in the build, without a leading slash (`assets/console-3f2a.js`).
    pub path: String,
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The content as gzip wrote it at build time, where that is smaller; for clients that accept it.
    pub gzip: Option<Cow<'static, [u8]>>,
    /// For `ETag`, quotes included; the same for both forms, so to be sent as a weak one (`W/` + this) when both are served.
    pub etag: String,
    /// Whether the name changes with the content: [`CACHE_IMMUTABLE`], else [`CACHE_REVALIDATE`].
    pub immutable: bool,
}

/// The file behind a path of the site: `widget.js`, `console`, `demo`, `assets/…`, without a leading slash or query.
///
/// `None` for everything else. Paths are looked up in the list of embedded files, never on a disk, and those with a
/// segment such as `..`, an empty segment, a backslash or a percent sign are refused before that, in debug builds too.
pub fn asset(path: &str) -> Option<Asset> {
    let path = match path {
        "console" => "console.html",
        "demo" => "demo.html",
        "widget.js" => path,
        _ if path.starts_with("assets/") && plain(path) && !path.ends_with(".gz") => path,
        _ => return None,
    };
    let EmbeddedFile { data, metadata } = Files::get(path)?;
    let mut etag = String::with_capacity(34);
    etag.push('"');
    for byte in &metadata.sha256_hash()[..16] {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    Some(Asset {
        path: path.to_owned(),
        content_type: content_type(path),
        bytes: data,
        gzip: Files::get(&format!("{path}.gz")).map(|f| f.data),
        etag,
        immutable: path.starts_with("assets/"),
    })
}

/// Letters, digits, `-`, `_`, single dots inside a name, and slashes between names.
fn plain(path: &str) -> bool {
    path.split('/').all(|name| {
        !name.is_empty()
            && !name.starts_with('.')
            && !name.contains("..")
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths that a page's `src` and `href` name.
    fn linked(html: &str) -> Vec<String> {
        let after = |key: &str| -> Vec<String> {
            html.split(key).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
        };
        [after("src=\""), after("href=\"")].concat()
    }

    #[test]
    fn every_page_and_all_that_it_links_to_is_there() {
        for page in ["console", "demo"] {
            let html = asset(page).expect(page);
            assert_eq!(html.content_type, "text/html; charset=utf-8");
            assert!(!html.immutable);
            let text = std::str::from_utf8(&html.bytes).unwrap();
            for link in linked(text).iter().filter_map(|l| l.strip_prefix('/')) {
                let file = asset(link).unwrap_or_else(|| panic!("{page} links to {link}"));
                assert_ne!(file.content_type, "application/octet-stream", "{link}");
                assert_eq!(file.immutable, link.starts_with("assets/"));
            }
        }
        assert_eq!(asset("widget.js").unwrap().content_type, "text/javascript; charset=utf-8");
    }

    #[test]
    fn no_page_has_a_script_or_style_of_its_own_that_the_policy_would_refuse() {
        for page in ["console", "demo"] {
            let html = asset(page).unwrap();
            let text = std::str::from_utf8(&html.bytes).unwrap().to_lowercase();
            for tag in text.split("<script").skip(1) {
                assert!(tag.split('>').next().unwrap().contains("src="), "{page}: {tag}");
            }
            assert!(!text.contains("<style") && !text.contains("style=") && !text.contains(" on"), "{page}");
        }
    }

    #[test]
    fn nothing_outside_the_build_can_be_asked_for() {
        for path in [
            "",
            "/",
            "console.html",
            "demo.html",
            "index.html",
            "assets",
            "assets/",
            "assets//",
            "assets/.",
            "assets/..",
            "assets/../console.html",
            "assets/../../../../../../etc/passwd",
            "assets/..%2fconsole.html",
            "assets/%2e%2e/console.html",
            "assets/..\\console.html",
            "assets//etc/passwd",
            "assets/\0",
            "/etc/passwd",
            "../Cargo.toml",
            "..\\..\\Cargo.toml",
            "widget.js.gz",
            "console/../widget.js",
            "C:\\windows\\win.ini",
            "file:///etc/passwd",
        ] {
            assert_eq!(asset(path), None, "{path:?}");
        }
    }

    #[test]
    fn the_tag_follows_the_content() {
        let (widget, console) = (asset("widget.js").unwrap(), asset("console").unwrap());
        assert_eq!(widget.etag, asset("widget.js").unwrap().etag);
        assert_ne!(widget.etag, console.etag);
        assert!(widget.etag.len() == 34 && widget.etag.starts_with('"') && widget.etag.ends_with('"'));
    }

    #[test]
    fn gzip_is_only_there_where_it_helps_and_begins_as_gzip_does() {
        for path in ["widget.js", "console", "demo"] {
            if let Asset { gzip: Some(gzip), bytes, .. } = asset(path).unwrap() {
                assert!(gzip.len() < bytes.len() && gzip.starts_with(&[0x1f, 0x8b]), "{path}");
            }
        }
    }
}
