//! Names of policies and questions, broken into lines that fit beside bars and figures.

/// Letters that fit beside the bars, and lines.
const LETTERS: usize = 32;
const LINES: usize = 3;

/// A name in as few lines as it needs, broken between words; what does not fit ends in an ellipsis.
pub(crate) fn in_lines(name: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in name.split_whitespace() {
        let line = lines
            .last_mut()
            .filter(|line| line.is_empty() || line.chars().count() + 1 + word.chars().count() <= LETTERS);
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(word.to_owned()),
        }
    }
    let more = lines.len() > LINES;
    lines.truncate(LINES);
    let last = lines.len() - 1;
    for (nth, line) in lines.iter_mut().enumerate() {
        if line.chars().count() > LETTERS || more && nth == last {
            *line = line.chars().take(LETTERS - 1).chain(['…']).collect();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_broken_between_words_and_nothing_of_it_is_lost() {
        assert_eq!(in_lines("ours"), ["ours"]);
        let name = "one more French-speaking advisor from 10 to 14";
        assert_eq!(in_lines(name), ["one more French-speaking advisor", "from 10 to 14"]);
        assert_eq!(in_lines(""), [""]);
        assert_eq!(in_lines(&"ab ".repeat(60)).len(), LINES);
        for line in in_lines(&"x".repeat(60)).iter().chain(&in_lines(&"word ".repeat(40))) {
            assert!(line.chars().count() <= LETTERS && line.ends_with(['…', 'd']), "{line}");
        }
    }
}
