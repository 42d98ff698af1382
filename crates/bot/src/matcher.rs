//! Which intent a text is, in one language: a linear support vector machine per intent, fitted to the script's
//! examples when the script is compiled, against the other intents' examples and a background of sentences
//! that no script is about (see `fitting`).
//!
//! Features: stems, pairs of stems, and the letters' n-grams inside words (which carry typing mistakes), by
//! TF-IDF, of length 1, and the evidence that an intent needs. The length counts unknown words too, so that a
//! sentence that is mostly unknown scores low.

use crate::courtesy::without_courtesy;
use crate::evidence::{Evidence, Evident, is_sentence};
use crate::fitting::{self, Of};
use crate::limits;
use crate::words::{Word, Words};
use conversation::Lang;
use regex::Regex;
use settings::spelling;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A text as numbers: feature, weight.
pub(crate) type Features = Vec<(u32, f32)>;

/// How sure the matcher is of an intent, 0–1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Heard {
    /// Position of the intent in the script.
    pub(crate) intent: usize,
    /// 1 for an example or a pattern of the script; [`crate::hearing::SURE`] and more is enough to act on.
    pub(crate) score: f32,
}

/// The matcher of one language.
#[derive(Debug)]
pub(crate) struct Matcher {
    pub(crate) words: Words,
    small: &'static [&'static str],
    meanings: HashMap<String, Vec<u16>>,
    /// Stem → the stem that stands for it.
    synonyms: HashMap<String, String>,
    features: HashMap<String, u32>,
    idf: Vec<f32>,
    unknown_idf: f32,
    /// Weights by feature, then by intent.
    weights: Vec<f32>,
    bias: Vec<f32>,
    intents: usize,
    /// Examples as stems → intent.
    exact: HashMap<String, usize>,
    /// Words of the examples that a mistyped word may be, by length in characters.
    known: BTreeMap<usize, Vec<String>>,
    patterns: Vec<(usize, Regex)>,
    /// By intent.
    evidence: Vec<Evidence>,
    /// Sentences as stems that are known not to be an intent.
    never: HashSet<(usize, String)>,
}

/// A text as it is compared.
struct Text {
    cut: Vec<Word>,
    /// By intent.
    evident: Vec<Evident>,
}

/// What a matcher is made of, for one language.
pub(crate) struct Material<'a> {
    pub(crate) lang: &'a Lang,
    /// Examples by intent.
    pub(crate) examples: Vec<Vec<&'a str>>,
    pub(crate) patterns: Vec<(usize, Regex)>,
    /// Phrases of evidence by intent.
    pub(crate) needs: Vec<Vec<&'a str>>,
    /// Sentences that are not the intent, by intent.
    pub(crate) unless: Vec<Vec<&'a str>>,
    /// Canonical word → words that mean the same.
    pub(crate) synonyms: Vec<(String, Vec<String>)>,
}

/// Weights of the kinds of features: words, pairs of neighbours, letters inside a word, meanings (a word of the
/// thesaurus counts for all that are used for it), and what a small word counts for.
const WORD: f32 = 1.0;
const PAIR: f32 = 0.75;
const LETTERS: f32 = 0.4;
const MEANING: f32 = 0.8;
const SMALL: f32 = 0.6;
/// What the words that an intent needs count for, on top of being words.
const EVIDENCE: f32 = 1.5;
/// Characters from which on a mistyped word may be evidence.
const EVIDENT_CHARS: usize = 6;
impl Matcher {
    pub(crate) fn fit(material: Material<'_>) -> Matcher {
        let words = Words::new(material.lang);
        let mut synonyms = HashMap::new();
        for (canonical, others) in &material.synonyms {
            let Some(target) = words.cut(canonical).pop() else { continue };
            for other in others {
                if let Some(word) = words.cut(other).pop() {
                    synonyms.insert(word.stem, target.stem.clone());
                }
            }
        }
        let mut matcher = Matcher {
            meanings: meanings(&words, material.lang),
            small: crate::small_words::small_words(material.lang),
            words,
            synonyms,
            features: HashMap::new(),
            idf: Vec::new(),
            unknown_idf: 1.0,
            weights: Vec::new(),
            bias: vec![0.0; material.examples.len()],
            intents: material.examples.len(),
            exact: HashMap::new(),
            known: BTreeMap::new(),
            patterns: material.patterns,
            evidence: Vec::new(),
            never: HashSet::new(),
        };
        let stems = |text: &str| matcher.stems(text);
        let pairs = material.needs.iter().zip(&material.unless);
        matcher.evidence = pairs.map(|(needs, unless)| Evidence::read(needs, unless, stems)).collect();
        let mut texts: Vec<(Of, Text)> = Vec::new();
        for (intent, examples) in material.examples.iter().enumerate() {
            for example in examples {
                let text = matcher.text(example);
                matcher.exact.entry(key(&text.cut)).or_insert(intent);
                texts.push((Of::Intent(intent), text));
            }
        }
        for (intent, sentences) in material.unless.iter().enumerate() {
            for sentence in sentences.iter().filter(|text| is_sentence(text)) {
                let text = matcher.text(sentence);
                matcher.never.insert((intent, key(&text.cut)));
                texts.push((Of::Not(intent), text));
            }
        }
        for sentence in background(material.lang) {
            texts.push((Of::Nothing, matcher.text(sentence)));
        }
        matcher.learn_words(&texts);
        let rows: Vec<(Of, Features)> =
            texts.into_iter().map(|(of, text)| (of, matcher.features(&text))).collect();
        let machine = fitting::fit(&rows, matcher.features.len(), matcher.intents);
        matcher.weights = machine.weights;
        matcher.bias = machine.bias;
        matcher
    }

    /// Every word of a text, each with the stem that stands for it.
    fn all_words(&self, text: &str) -> Vec<Word> {
        let mut all = self.words.cut(text);
        for word in &mut all {
            if let Some(stem) = self.synonyms.get(&word.stem) {
                word.stem.clone_from(stem);
            }
        }
        all
    }

    fn stems(&self, text: &str) -> Vec<String> {
        self.all_words(text).into_iter().map(|word| word.stem).collect()
    }

    /// Cuts a text into the words that are compared: courtesy is left out where anything else is said.
    fn cut(&self, text: &str) -> Vec<Word> {
        let all = self.all_words(text);
        let rest = without_courtesy(&all);
        // "OK, thanks" is a thank-you, not an OK.
        let long = rest.iter().filter(|word| word.plain.chars().count() > 2).count();
        if rest.len() < 3 && long < 2 { all } else { rest }
    }

    fn learn_words(&mut self, texts: &[(Of, Text)]) {
        let mut counts: Vec<u32> = Vec::new();
        // How common a word is, the examples tell: what they are told apart from is chosen to be like them.
        let counted = |of: &Of| !matches!(of, Of::Not(_));
        let all = texts.iter().filter(|(of, _)| counted(of)).count();
        for (of, text) in texts {
            let mut names: Vec<String> = self.raw(text).into_iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let next = u32::try_from(self.features.len()).unwrap_or(u32::MAX);
                let id = *self.features.entry(name).or_insert(next) as usize;
                if id == counts.len() {
                    counts.push(0);
                }
                counts[id] += u32::from(counted(of));
            }
            for word in text.cut.iter().filter(|_| counted(of)) {
                if word.plain.chars().count() >= 4 && !word.plain.chars().any(|c| c.is_ascii_digit()) {
                    self.known.entry(word.plain.chars().count()).or_default().push(word.plain.clone());
                }
            }
        }
        for known in self.known.values_mut() {
            known.sort_unstable();
            known.dedup();
        }
        #[expect(clippy::cast_precision_loss, reason = "a script has far fewer texts than 2^23")]
        let of = |count: u32| ((all as f32 + 1.0) / (count.max(1) as f32 + 1.0)).ln() + 1.0;
        self.idf = counts.into_iter().map(of).collect();
        self.unknown_idf = of(1);
    }

    /// The features of a text; those that no example has only lengthen the vector.
    fn features(&self, text: &Text) -> Features {
        let mut found: BTreeMap<u32, f32> = BTreeMap::new();
        let mut square = 0.0_f32;
        for (name, weight) in self.raw(text) {
            match self.features.get(&name) {
                Some(id) => *found.entry(*id).or_default() += weight * self.idf[*id as usize],
                // Unknown pairs and letters follow from unknown words: only words count.
                None if name.starts_with('w') => square += (weight * self.unknown_idf).powi(2),
                None => {}
            }
        }
        square += found.values().map(|value| value * value).sum::<f32>();
        let length = square.sqrt().max(f32::MIN_POSITIVE);
        found.into_iter().map(|(id, value)| (id, value / length)).collect()
    }

    /// All intents, the surest first.
    pub(crate) fn hear(&self, text: &str) -> Vec<Heard> {
        let mut cut = self.cut(text);
        let mut sure = cut.clone();
        self.repair(&mut cut);
        // A debit is no debt: what was repaired in a short word is no evidence.
        for (word, repaired) in sure.iter_mut().zip(&cut) {
            if word.plain.chars().count() >= EVIDENT_CHARS {
                word.clone_from(repaired);
            }
        }
        let evident = self.evident_in(text, &sure);
        let known = Text { cut, evident };
        let mut heard = self.weigh(&known);
        let key = key(&known.cut);
        if let Some(intent) = self.exact.get(&key).filter(|_| !known.cut.is_empty()) {
            heard[*intent].score = 1.0;
        }
        for (intent, pattern) in &self.patterns {
            if pattern.is_match(text) {
                heard[*intent].score = 1.0;
            }
        }
        for heard in &mut heard {
            let lacks = known.evident[heard.intent] == Evident::Lacking;
            if lacks || self.never.contains(&(heard.intent, key.clone())) {
                heard.score = 0.0;
            }
        }
        sorted(heard)
    }

    /// The same, by the words alone: no example is known by heart, no pattern is tried.
    pub(crate) fn hear_words(&self, text: &str) -> Vec<Heard> {
        let text = self.text(text);
        let mut heard = self.weigh(&text);
        heard.retain(|heard| text.evident[heard.intent] != Evident::Lacking);
        sorted(heard)
    }

    /// Whether a text has the words without which an intent is not heard.
    pub(crate) fn may_be(&self, intent: usize, text: &str) -> bool {
        self.text(text).evident[intent] != Evident::Lacking
    }

    fn text(&self, text: &str) -> Text {
        let cut = self.cut(text);
        let evident = self.evident_in(text, &cut);
        Text { cut, evident }
    }

    /// What each intent needs, in the words as they are compared or as they were written: courtesy may be evidence.
    fn evident_in(&self, text: &str, cut: &[Word]) -> Vec<Evident> {
        let all = self.all_words(text);
        self.evidence.iter().map(|evidence| evidence.in_either(cut, &all)).collect()
    }

    /// Features by name, before weighting.
    fn raw(&self, text: &Text) -> Vec<(String, f32)> {
        let mut found = raw(&text.cut, self.small, &self.meanings);
        let given = text.evident.iter().enumerate().filter(|(_, evident)| **evident == Evident::Given);
        found.extend(given.map(|(intent, _)| (format!("e{intent}"), EVIDENCE)));
        found
    }

    /// A text as numbers, to be compared with [`likeness`].
    pub(crate) fn signature(&self, text: &str) -> Features {
        self.features(&self.text(text))
    }

    /// The words of a text that are compared.
    pub(crate) fn key(&self, text: &str) -> String {
        key(&self.cut(text))
    }

    /// Every intent in the order of the script.
    fn weigh(&self, text: &Text) -> Vec<Heard> {
        let mut scores = self.bias.clone();
        for (id, value) in self.features(text) {
            let from = id as usize * self.intents;
            for (score, weight) in scores.iter_mut().zip(&self.weights[from..from + self.intents]) {
                *score += weight * value;
            }
        }
        scores
            .into_iter()
            .enumerate()
            .map(|(intent, margin)| Heard { intent, score: f32::midpoint(margin, 1.0).clamp(0.0, 0.99) })
            .collect()
    }

    /// Replaces words that no example has by the nearest that one has, where it is very near.
    fn repair(&self, cut: &mut [Word]) {
        let mut tries = 0;
        for word in cut {
            let length = word.plain.chars().count();
            if length < 4
                || self.features.contains_key(&name(&word.stem))
                || word.plain.chars().any(|c| !c.is_alphabetic())
            {
                continue;
            }
            tries += 1;
            if tries > limits::REPAIRED_WORDS {
                return;
            }
            let limit = if length >= 8 { 2 } else { 1 };
            let near = self
                .known
                .range(length.saturating_sub(limit)..=length + limit)
                .flat_map(|(_, words)| words)
                // People seldom mistype the first letter; "teach" is not "reach".
                .filter(|known| starts_alike(&word.plain, known))
                .filter_map(|known| spelling::distance(&word.plain, known, limit).map(|edits| (edits, known)))
                .min();
            if let Some((_, known)) = near {
                word.plain.clone_from(known);
                word.stem = self.words.stem(known);
                if let Some(stem) = self.synonyms.get(&word.stem) {
                    word.stem.clone_from(stem);
                }
            }
        }
    }

    /// Whether a text has at most two words, courtesy aside, and none but these stems and small words.
    pub(crate) fn says_nothing_but(&self, text: &str, stems: &[&String]) -> bool {
        let rest = without_courtesy(&self.words.cut(text));
        rest.len() <= 2
            && rest
                .iter()
                .all(|word| self.small.contains(&word.plain.as_str()) || stems.contains(&&word.stem))
    }

    /// Whether a text is numbers and the small words around them: "on 15/12", « et 4521 ? ».
    pub(crate) fn says_only_numbers(&self, text: &str) -> bool {
        let words = self.words.cut(text);
        words.iter().any(|word| word.stem == "#")
            && words.iter().all(|word| word.stem == "#" || self.small.contains(&word.plain.as_str()))
    }

    /// How many words of a text are this language's small words, which its grammar needs and others do not have.
    pub(crate) fn small_words(&self, text: &str) -> usize {
        self.words.cut(text).iter().filter(|word| self.small.contains(&word.plain.as_str())).count()
    }

    /// How many words of a text say something beyond courtesy.
    pub(crate) fn substance(&self, text: &str) -> usize {
        without_courtesy(&self.words.cut(text)).len()
    }
}

/// How alike two texts are, 0–1: the cosine of their features.
pub(crate) fn likeness(a: &Features, b: &Features) -> f32 {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = 0.0;
    while let (Some((left, x)), Some((right, y))) = (a.peek(), b.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => a.next(),
            std::cmp::Ordering::Greater => b.next(),
            std::cmp::Ordering::Equal => {
                sum += x * y;
                a.next();
                b.next()
            }
        };
    }
    sum
}

/// Whether two words begin with the same letter, or with the same two swapped.
fn starts_alike(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.chars(), b.chars());
    let (a, b) = ((a.next(), a.next()), (b.next(), b.next()));
    a.0 == b.0 || (a.0 == b.1 && a.1 == b.0)
}

fn sorted(mut heard: Vec<Heard>) -> Vec<Heard> {
    heard.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.intent.cmp(&b.intent)));
    heard
}

fn name(stem: &str) -> String {
    format!("w{stem}")
}

fn key(cut: &[Word]) -> String {
    cut.iter().map(|word| word.stem.as_str()).collect::<Vec<_>>().join(" ")
}

/// Features by name, before weighting.
fn raw(cut: &[Word], small: &[&str], meanings: &HashMap<String, Vec<u16>>) -> Vec<(String, f32)> {
    let mut found = Vec::with_capacity(cut.len() * 6);
    let mut was_small = true;
    let mut before = "^";
    for word in cut {
        let is_small = small.contains(&word.plain.as_str());
        found.push((name(&word.stem), if is_small { SMALL } else { WORD }));
        found.push((
            format!("p{before} {}", word.stem),
            if is_small && was_small { PAIR * SMALL } else { PAIR },
        ));
        was_small = is_small;
        if let Some(all) = meanings.get(&word.stem) {
            let share = MEANING / (all.len() as f32).sqrt();
            found.extend(all.iter().map(|meaning| (format!("m{meaning}"), share)));
        }
        before = &word.stem;
        let letters: Vec<char> = std::iter::once('<').chain(word.plain.chars()).chain(['>']).collect();
        if (5..=24).contains(&letters.len()) && word.stem != "#" && !is_small {
            for gram in letters.windows(4) {
                found.push((format!("l{}", gram.iter().collect::<String>()), LETTERS));
            }
        }
    }
    found
}

fn meanings(words: &Words, lang: &Lang) -> HashMap<String, Vec<u16>> {
    let text = match lang.as_str() {
        "fr" => include_str!("thesaurus/fr.txt"),
        "en" => include_str!("thesaurus/en.txt"),
        _ => "",
    };
    let mut found: HashMap<String, Vec<u16>> = HashMap::new();
    for (meaning, line) in (0..).zip(text.lines().filter(|line| !line.starts_with('#'))) {
        for word in words.cut(line) {
            let known = found.entry(word.stem).or_default();
            if !known.contains(&meaning) {
                known.push(meaning);
            }
        }
    }
    found
}

/// Sentences that no script is about, so that the matcher knows what everything else sounds like.
fn background(lang: &Lang) -> impl Iterator<Item = &'static str> {
    let text = match lang.as_str() {
        "fr" => include_str!("background/fr.txt"),
        "en" => include_str!("background/en.txt"),
        _ => "",
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}
