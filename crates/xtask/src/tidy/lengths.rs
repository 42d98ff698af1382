//! A file is read in one sitting. A ratchet: those that are longer today are named with their length, which may only
//! shrink; whoever makes one shorter takes the new length down here.

use super::Complaint;
use crate::tree::Tree;

/// Lines of a file that is read in one sitting.
const LINES_MAX: usize = 500;

/// Files that are longer, and how long.
const LONGER: [(&str, usize); 3] = [
    ("crates/dispatcher/src/reference.rs", 600),
    ("tests/tests/broken_frames.rs", 481),
    ("tests/tests/journeys.rs", 425),
];

/// A named file may be this much shorter before its entry has to follow.
const SLACK: usize = 20;

pub fn lengths(tree: &Tree) -> Vec<Complaint> {
    held(tree, &LONGER)
}

fn held(tree: &Tree, longer: &[(&str, usize)]) -> Vec<Complaint> {
    let read = [".rs", ".ts", ".tsx", ".mjs", ".css"];
    let mut complaints = vec![];
    let written =
        |path: &str| read.iter().any(|ending| path.ends_with(ending)) && !path.contains("/generated/");
    for (path, text) in tree.texts.iter().filter(|(path, _)| written(path)) {
        let lines = text.lines().count();
        let limit = longer.iter().find(|(long, _)| long == path).map_or(LINES_MAX, |(_, limit)| *limit);
        if lines > limit {
            complaints
                .push(Complaint::of(path, format!("{lines} lines, over its {limit}: cut it by its nouns")));
        } else if limit > LINES_MAX && lines + SLACK < limit {
            complaints
                .push(Complaint::of(path, format!("has come down to {lines} lines: the ratchet follows")));
        }
    }
    let gone = longer.iter().filter(|(path, _)| !tree.texts.contains_key(*path));
    complaints.extend(gone.map(|(path, _)| Complaint::of(path, "is gone: take it out of the ratchet")));
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_do_not_grow_and_no_new_one_comes() {
        let of = |lines: usize| "x\n".repeat(lines);
        let found =
            |lines: usize, longer: &[(&str, usize)]| held(&Tree::of(&[("a.rs", &of(lines))]), longer).len();
        assert_eq!(found(LINES_MAX, &[]), 0);
        assert_eq!(found(LINES_MAX + 1, &[]), 1);
        assert_eq!(found(600, &[("a.rs", 600)]), 0);
        assert_eq!(found(601, &[("a.rs", 600)]), 1);
        assert_eq!(found(579, &[("a.rs", 600)]), 1);
        assert_eq!(found(1, &[("b.rs", 600)]), 1);
    }
}
