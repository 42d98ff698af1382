//! Builds the pages in `web/` with npm and leaves them in `OUT_DIR/web`, from where `src/lib.rs` embeds them.
//! A clone needs Rust and Node and nothing else; the work tree stays clean (`web/node_modules` is ignored by git).
//!
//! * `WEB_DIST=FOLDER` takes pages that were built elsewhere: for packagers, who have no network and maybe no Node.
//! * `SKIP_WEB_BUILD=1` embeds a page that says so: for checks of the Rust code alone.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, io};

/// What the pages are made of, relative to the crate. Every path exists in a clone: cargo runs this again for ever
/// when one that it is told to watch is missing.
const SOURCES: [&str; 10] = [
    "build.rs",
    "web/src",
    "web/package.json",
    "web/package-lock.json",
    "web/tsconfig.json",
    "web/vite.config.ts",
    "web/vite.widget.config.ts",
    "web/gzip.ts",
    "web/console.html",
    "web/demo.html",
];

/// Files without which the build is not what `src/lib.rs` promises.
const PAGES: [&str; 3] = ["widget.js", "console.html", "demo.html"];

fn main() -> ExitCode {
    // Told as it is, not as Rust would quote it: what npm says has many lines.
    match pages() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The pages were not built. {error}");
            ExitCode::FAILURE
        }
    }
}

fn pages() -> Result<(), Box<dyn Error>> {
    for path in SOURCES {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=WEB_DIST");
    println!("cargo::rerun-if-env-changed=SKIP_WEB_BUILD");

    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("web");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;

    if let Some(dist) = env::var_os("WEB_DIST") {
        println!("cargo::rerun-if-changed={}", dist.display());
        copy(Path::new(&dist), &out).map_err(|e| format!("WEB_DIST={}: {e}", dist.display()))?;
    } else if env::var_os("SKIP_WEB_BUILD").is_some_and(|v| v != "0" && !v.is_empty()) {
        placeholder(&out)?;
    } else {
        build(Path::new("web"), &out)?;
    }
    for page in PAGES {
        if !out.join(page).is_file() {
            return Err(format!("the pages lack {page}: is it the folder that `npm run build` wrote?").into());
        }
    }
    Ok(())
}

/// `npm ci` where the packages are not those of the lock file, then both builds.
fn build(web: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    // Two builds with different target folders share web/node_modules; only one may fill it at a time.
    let lock = File::open("build.rs")?;
    lock.lock()?;
    if !installed(web) {
        npm(web, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    lock.unlock()?;
    for config in ["vite.config.ts", "vite.widget.config.ts"] {
        let out = out.as_os_str();
        npm(
            web,
            ["exec", "--no", "--", "vite", "build", "--logLevel", "warn", "--config", config, "--outDir"]
                .map(OsStr::new)
                .into_iter()
                .chain([out]),
        )?;
    }
    Ok(())
}

/// Whether `npm ci` has run since the lock file was last written.
fn installed(web: &Path) -> bool {
    let time = |path: &str| fs::metadata(web.join(path)).and_then(|m| m.modified()).ok();
    time("node_modules/.package-lock.json") > time("package-lock.json")
}

fn npm<S: AsRef<OsStr>>(web: &Path, args: impl IntoIterator<Item = S>) -> Result<(), Box<dyn Error>> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let args: Vec<_> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
    let said = args.join(OsStr::new(" ")).display().to_string();
    let run = Command::new(program).args(&args).current_dir(web).env("NO_COLOR", "1").output();
    let output = run.map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            "npm was not found, and it builds the pages that Relais serves. Install Node 20.19 or newer; \
            or set WEB_DIST to a folder with built pages; or, for the Rust code alone, SKIP_WEB_BUILD=1."
                .to_string()
        }
        _ => format!("npm {said} did not start: {e}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Err(format!(
        "npm {said} failed in {}:\n{}\n{}",
        web.display(),
        text(&output.stdout),
        text(&output.stderr)
    )
    .into())
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Pages that say that they were left out.
fn placeholder(out: &Path) -> io::Result<()> {
    let page = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Relais</title>\n\
        <p>This build was made with SKIP_WEB_BUILD: it has no pages. Build again without it.</p></html>\n";
    fs::write(out.join("console.html"), page)?;
    fs::write(out.join("demo.html"), page)?;
    fs::write(out.join("widget.js"), "console.warn('Relais: this build was made with SKIP_WEB_BUILD');\n")
}
