//! Where something stands that is named by a path, such as `queues.care.steps[1].after_s`.

use crate::document::{Entry, Node, Tree};
use crate::table::Table;

impl Table<'_> {
    /// The line of what `path` names below this table, as deep as it was written: for checks of values that were
    /// read as a whole. Marks nothing as known.
    pub fn line_at(&self, path: &str) -> u32 {
        descend(self.entries, path).unwrap_or(self.line())
    }
}

/// Names may have dots in them: the longest that fits is meant.
fn descend(entries: &[Entry], path: &str) -> Option<u32> {
    let fits = |entry: &&Entry| {
        path.strip_prefix(&entry.key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let entry = entries.iter().filter(fits).max_by_key(|entry| entry.key.len())?;
    Some(within(&entry.node, &path[entry.key.len()..]).unwrap_or(entry.line))
}

fn within(node: &Node, rest: &str) -> Option<u32> {
    match &node.value {
        Tree::Table(entries) => descend(entries, rest.strip_prefix('.')?),
        Tree::List(items) => {
            let (place, rest) = rest.strip_prefix('[')?.split_once(']')?;
            let item = items.get(place.parse::<usize>().ok()?)?;
            Some(within(item, rest).unwrap_or(item.line))
        }
        Tree::Text(_) | Tree::Integer(_) | Tree::Float(_) | Tree::Flag(_) | Tree::Date(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Document, Problems};

    #[test]
    fn a_path_leads_to_its_line_or_as_near_as_was_written() {
        let text = "top = 1\n[queues.care]\nweight = 2\nsteps = [\n  { after_s = 30 },\n  { after_s = 60, add = [\n    \"a\",\n    \"b\",\n  ] },\n]\n[queues.\"care.fr\"]\nweight = 3\n";
        let problems = Problems::new();
        let document = Document::parse("f", text, &problems).unwrap();
        let root = document.root(&problems);
        for (path, line) in [
            ("top", 1),
            ("queues.care", 2),
            ("queues.care.weight", 3),
            ("queues.care.missing", 2),
            ("queues.care.steps[0].after_s", 5),
            ("queues.care.steps[1].add[1]", 8),
            ("queues.care.steps[9].add", 4),
            ("queues.care.fr.weight", 12),
            ("nowhere", 1),
        ] {
            assert_eq!(root.line_at(path), line, "{path}");
        }
    }
}
