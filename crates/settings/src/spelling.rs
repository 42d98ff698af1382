//! 'Did you mean …': the nearest of the words that were possible.

/// Edits (insert, remove, replace, swap neighbours) between two words, at most `limit`; `None` beyond it.
/// Optimal string alignment: Damerau 1964, restricted so that no part is edited twice.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut next: Vec<usize> = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        next[0] = i;
        let mut best = i;
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut cost = (row[j - 1] + usize::from(!same)).min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            next[j] = cost;
            best = best.min(cost);
        }
        if best > limit {
            return None;
        }
        std::mem::swap(&mut before, &mut row);
        std::mem::swap(&mut row, &mut next);
    }
    Some(row[b.len()]).filter(|edits| *edits <= limit)
}

/// The nearest of the candidates, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            distance(&lower, &candidate.to_lowercase(), limit).map(|edits| (edits, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean "x"?`, or an empty text.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|found| format!("did you mean \"{found}\"?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        assert_eq!(distance("timeout", "timeuot", 2), Some(1));
        assert_eq!(distance("abc", "abc", 0), Some(0));
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("ab", "xy", 1), None);
        assert_eq!(nearest("tiemout", ["url", "timeout"]), Some("timeout"));
        assert_eq!(nearest("Languages", ["languages"]), Some("languages"));
        assert_eq!(nearest("colour", ["timeout", "url"]), None);
        assert_eq!(did_you_mean("queu", ["queue", "quiet"]), "did you mean \"queue\"?");
    }
}
