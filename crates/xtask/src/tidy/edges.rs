//! Who may name whom: the table in ARCHITECTURE.md against what cargo resolved.

use super::Complaint;
use crate::tree::Tree;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = "ARCHITECTURE.md";

/// Crates that bring a runtime, a clock's alarm, a random source, a disk or a socket.
const RUNTIMES: [&str; 12] = [
    "async-std",
    "fastrand",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "tokio",
];

/// One row of the table of allowed edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub core: bool,
    pub may_name: BTreeSet<String>,
}

/// The table: rows `| crate | kind | crates |` below a head that begins so.
pub fn table(tree: &Tree) -> Vec<Row> {
    let lines = tree.text(TABLE).lines().skip_while(|line| !line.starts_with("| crate | kind | may name |"));
    lines
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [name, kind, may_name] = cells.get(..3)?.try_into().ok()?;
            let quoted =
                |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
            Some(Row {
                name: quoted(name).into_iter().next()?,
                core: kind == "core",
                may_name: quoted(may_name).into_iter().collect(),
            })
        })
        .collect()
}

/// The crates that the table calls cores.
pub fn cores(tree: &Tree) -> Vec<String> {
    table(tree).into_iter().filter(|row| row.core).map(|row| row.name).collect()
}

/// A package of the workspace, as cargo knows it.
struct Package<'a> {
    name: &'a str,
    manifest: &'a str,
    /// Names of what it depends on, tests' dependencies left out.
    needs: Vec<(&'a str, bool)>,
}

/// The workspace's packages; a dependency comes with whether it is a path of ours.
fn packages(metadata: &Value) -> Vec<Package<'_>> {
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let all = metadata["packages"].as_array().into_iter().flatten();
    all.filter(|package| package["id"].as_str().is_some_and(|id| members.contains(id)))
        .map(|package| Package {
            name: package["name"].as_str().unwrap_or_default(),
            manifest: package["manifest_path"].as_str().unwrap_or_default(),
            needs: package["dependencies"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|need| need["kind"].as_str() != Some("dev"))
                .filter_map(|need| Some((need["name"].as_str()?, need["path"].is_string())))
                .collect(),
        })
        .collect()
}

fn with_metadata(tree: &Tree, rule: impl FnOnce(&Value) -> Vec<Complaint>) -> Vec<Complaint> {
    match tree.metadata() {
        Ok(metadata) => rule(metadata),
        Err(why) => vec![Complaint::of("Cargo.toml", why)],
    }
}

/// Every edge between our crates is in the table.
pub fn edges(tree: &Tree) -> Vec<Complaint> {
    let rows = table(tree);
    if rows.is_empty() {
        return vec![Complaint::of(TABLE, "has no table of allowed edges")];
    }
    let mut complaints = shells_below_cores(&rows);
    complaints.extend(with_metadata(tree, |metadata| {
        packages(metadata)
            .iter()
            .flat_map(|package| {
                let ours = package.needs.iter().filter(|(_, ours)| *ours).map(|(name, _)| *name);
                refused(&rows, package.name, ours)
            })
            .collect()
    }));
    complaints
}

/// Edges that the table itself should not allow: a core may name cores alone.
fn shells_below_cores(rows: &[Row]) -> Vec<Complaint> {
    let core = |name: &String| rows.iter().any(|row| row.core && row.name == *name);
    let of_cores = rows.iter().filter(|row| row.core);
    of_cores
        .flat_map(|row| row.may_name.iter().filter(|name| !core(name)).map(move |name| (row, name)))
        .map(|(row, name)| Complaint::of(TABLE, format!("{} is a core and may not name {name}", row.name)))
        .collect()
}

fn refused<'a>(rows: &[Row], name: &str, needs: impl Iterator<Item = &'a str>) -> Vec<Complaint> {
    let row = rows.iter().find(|row| row.name == name);
    needs
        .filter(|need| row.is_none_or(|row| !row.may_name.contains(*need)))
        .map(|need| Complaint::of(TABLE, format!("does not allow {name} to name {need}")))
        .collect()
}

/// Nothing below a core, at any depth, brings a runtime.
pub fn runtimes(tree: &Tree) -> Vec<Complaint> {
    let cores: BTreeSet<String> = cores(tree).into_iter().collect();
    with_metadata(tree, |metadata| {
        let names: BTreeMap<&str, &str> = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let below: BTreeMap<&str, Vec<&str>> = metadata["resolve"]["nodes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|node| Some((node["id"].as_str()?, built_into(node))))
            .collect();
        let mut complaints = vec![];
        for (id, name) in names.iter().filter(|(id, name)| id.contains("path+") && cores.contains(**name)) {
            let mut reached = BTreeSet::new();
            let mut open = vec![*id];
            while let Some(next) = open.pop() {
                for need in below.get(next).into_iter().flatten().filter(|need| reached.insert(**need)) {
                    open.push(need);
                }
            }
            for need in reached.iter().filter_map(|id| names.get(id)).filter(|need| RUNTIMES.contains(need)) {
                let manifest = format!("crates/{name}/Cargo.toml");
                complaints.push(Complaint::of(
                    &manifest,
                    format!("a core has {need} below it: `cargo tree -i {need}`"),
                ));
            }
        }
        complaints
    })
}

/// What is compiled into a package on the machines that we serve: neither its tests' nor its build's dependencies,
/// nor those of loom or of systems like Windows.
fn built_into(node: &Value) -> Vec<&str> {
    let foreign = |target: &str| {
        ["loom", "windows", "wasm", "hermit", "wasi", "redox"].iter().any(|f| target.contains(f))
    };
    let linked = |need: &&Value| {
        need["dep_kinds"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|kind| kind["kind"].is_null() && !kind["target"].as_str().is_some_and(foreign))
    };
    node["deps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(linked)
        .filter_map(|need| need["pkg"].as_str())
        .collect()
}

/// Every library that a crate of ours names has a line in the architecture that says why.
pub fn reasons(tree: &Tree) -> Vec<Complaint> {
    with_metadata(tree, |metadata| {
        let theirs: BTreeSet<&str> = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|package| package["source"].is_null())
            .flat_map(|package| package["dependencies"].as_array().into_iter().flatten())
            .filter(|need| !need["path"].is_string())
            .filter_map(|need| need["name"].as_str())
            .collect();
        let given: BTreeSet<&str> = reasons_given(tree.text(TABLE)).collect();
        let unexplained = theirs.difference(&given).map(|name| format!("does not say why {name} is needed"));
        let left_over = given.difference(&theirs).map(|name| format!("explains {name}, which nobody names"));
        unexplained.chain(left_over).map(|what| Complaint::of(TABLE, what)).collect()
    })
}

/// The names in the first column of the table of dependencies.
fn reasons_given(text: &str) -> impl Iterator<Item = &str> {
    let rows = text.lines().skip_while(|line| !line.starts_with("| dependency |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
}

/// Every package takes the workspace's lints.
pub fn lints(tree: &Tree) -> Vec<Complaint> {
    with_metadata(tree, |metadata| {
        let root = crate::tree::root();
        let path = |package: &Package<'_>| {
            let inside = std::path::Path::new(package.manifest).strip_prefix(root);
            inside
                .map_or_else(|_| package.manifest.to_owned(), |inside| inside.to_string_lossy().into_owned())
        };
        packages(metadata)
            .iter()
            .map(path)
            .filter(|manifest| !takes_lints(tree.text(manifest)))
            .map(|manifest| Complaint::of(&manifest, "`[lints] workspace = true` is missing"))
            .collect()
    })
}

fn takes_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "# A\n\n| crate | kind | may name |\n|---|---|---|\n| `conversation` | core | – |\n\
        | `router` | core | `conversation`, `wire` |\n| `gateway` | shell | `router` |\n\nAfter.\n";

    fn rows(text: &str) -> Vec<Row> {
        table(&Tree::of(&[(TABLE, text)]))
    }

    #[test]
    fn the_table_is_read() {
        let rows = rows(ROWS);
        assert_eq!(rows.len(), 3);
        assert!(rows[1].core && !rows[2].core);
        assert_eq!(rows[1].may_name.iter().map(String::as_str).collect::<Vec<_>>(), ["conversation", "wire"]);
        assert!(rows[0].may_name.is_empty());
    }

    #[test]
    fn an_edge_that_is_not_in_the_table_is_refused() {
        let rows = rows(ROWS);
        assert_eq!(refused(&rows, "router", ["wire", "conversation"].into_iter()), []);
        assert_eq!(refused(&rows, "router", ["gateway"].into_iter()).len(), 1);
        assert_eq!(refused(&rows, "unheard", ["wire"].into_iter()).len(), 1);
    }

    #[test]
    fn a_table_that_lets_a_core_name_a_shell_is_refused() {
        let said = shells_below_cores(&rows(&ROWS.replace("`wire`", "`gateway`")));
        assert_eq!(said, [Complaint::of(TABLE, "router is a core and may not name gateway")]);
    }

    #[test]
    fn reasons_are_the_first_column() {
        let text = "| dependency | why |\n|---|---|\n| `tokio` | sockets |\n| `hyper`, `hyper-util` | `http` |\n\n| `no` |\n";
        assert_eq!(reasons_given(text).collect::<Vec<_>>(), ["tokio", "hyper", "hyper-util"]);
    }

    #[test]
    fn lints_are_taken_from_the_workspace_or_not() {
        assert!(takes_lints("[package]\n[lints]\nworkspace = true\n"));
        assert!(!takes_lints("[package]\n[lints.rust]\nunused = \"allow\"\n"));
    }
}
