//! What the tests need beside Rust: Node, a Chromium, promtool. Installed where the system lets us, else named.

use std::path::PathBuf;
use std::process::Command;

/// The oldest Node that the pages' build runs on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Something that the tests start.
struct Need {
    what: &'static str,
    why: &'static str,
    /// Any of these on the `PATH` will do.
    programs: &'static [&'static str],
    /// The package of Debian and its kin.
    package: &'static str,
}

const CHROMIUM: Need = Need {
    what: "Chromium",
    why: "the browser test drives two of its pages",
    programs: &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"],
    package: "chromium",
};

const PROMTOOL: Need = Need {
    what: "promtool",
    why: "it checks /metrics and the alert rules",
    programs: &["promtool"],
    package: "prometheus",
};

/// The browser that the tests drive.
pub fn chromium() -> Option<PathBuf> {
    std::env::var_os("CHROMIUM").map(PathBuf::from).or_else(|| CHROMIUM.found())
}

impl Need {
    fn found(&self) -> Option<PathBuf> {
        self.programs.iter().find_map(|name| on_path(name))
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Makes sure that everything is there, or says exactly what is not.
pub fn setup() -> Result<(), String> {
    node()?;
    let missing = |needs: [&'static Need; 2]| -> Vec<&'static Need> {
        needs.into_iter().filter(|need| need.found().is_none()).collect()
    };
    let wanted = missing([&CHROMIUM, &PROMTOOL]);
    if !wanted.is_empty() && may_install() {
        install(&wanted)?;
    }
    let still = missing([&CHROMIUM, &PROMTOOL]);
    let still: Vec<_> =
        still.into_iter().filter(|need| need.what != "Chromium" || chromium().is_none()).collect();
    if still.is_empty() {
        return Ok(());
    }
    let mut said = String::from("Please install, then run this again:\n");
    for need in &still {
        said += &format!("  {} ({})\n", need.what, need.why);
    }
    let packages: Vec<_> = still.iter().map(|need| need.package).collect();
    said += &format!(
        "On Debian and Ubuntu: sudo apt-get install --no-install-recommends {}\n",
        packages.join(" ")
    );
    said += "A Chromium elsewhere is taken from the variable CHROMIUM.";
    Err(said)
}

fn may_install() -> bool {
    let id = Command::new("id").arg("-u").output();
    let root = id.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    root && on_path("apt-get").is_some()
}

fn install(needs: &[&Need]) -> Result<(), String> {
    let apt = |args: &[&str]| {
        let status = Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("apt-get {} ended with {status}", args.join(" "))),
            Err(e) => Err(format!("apt-get did not start: {e}")),
        }
    };
    let packages = needs.iter().map(|need| need.package);
    apt(&["update", "-q"])?;
    apt(&["install", "-q", "-y", "--no-install-recommends"].into_iter().chain(packages).collect::<Vec<_>>())
}

fn node() -> Result<(), String> {
    let (major, minor) = NODE_MIN;
    let wanted = format!("Node {major}.{minor} or newer with npm builds the pages: https://nodejs.org/");
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|_| format!("node was not found. {wanted}"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if version(&said).is_none_or(|have| have < NODE_MIN) {
        return Err(format!("node says that it is {said}. {wanted}"));
    }
    Command::new("npm").arg("--version").output().map_err(|_| format!("npm was not found. {wanted}"))?;
    Ok(())
}

/// Major and minor of `v20.19.0`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        assert_eq!(version("v20.19.5"), Some((20, 19)));
        assert!(version("v20.9.0").unwrap() < NODE_MIN);
        assert!(version("v22.1.0").unwrap() > NODE_MIN);
        assert_eq!(version("node"), None);
    }
}
