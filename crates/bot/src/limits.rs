//! Every limit of scripts and answers (law 7): what it bounds, its unit, and the answer to reaching it.
//! Those of a script are errors of [`crate::Script::compile`] with the line of the first item too many.

/// Bytes of a script's text; more: the script is refused.
pub const SCRIPT_BYTES: usize = 1024 * 1024;
/// Languages of a script; more: error.
pub const LANGUAGES: usize = 16;
/// Nodes; more: error.
pub const NODES: usize = 1_000;
/// Intents; more: error.
pub const INTENTS: usize = 256;
/// Examples of one intent in one language; more: error.
pub const EXAMPLES: usize = 200;
/// Examples of all intents in one language; more: error.
pub const EXAMPLES_IN_ALL: usize = 5_000;
/// Characters of an example; more: error.
pub const EXAMPLE_CHARS: usize = 200;
/// Phrases of `needs`, and sentences of `unless`, of one intent in one language; more: error.
pub const NEEDS: usize = 100;
/// Words that `…` in a phrase of `needs` may stand for; with more between them the phrase does not stand there.
pub const EVIDENCE_GAP: usize = 4;
/// Patterns of a whole script; more: error.
pub const PATTERNS: usize = 256;
/// Bytes of a pattern as written; more: error.
pub const PATTERN_BYTES: usize = 1_024;
/// Bytes of a pattern once compiled; more: error.
pub const PATTERN_COMPILED_BYTES: usize = 256 * 1024;
/// Slots; more: error.
pub const SLOTS: usize = 64;
/// Values of a slot that is a choice; more: error.
pub const SLOT_VALUES: usize = 64;
/// Characters of a slot's value; a longer one is cut (free text) or does not pass its check.
pub const SLOT_CHARS: usize = 200;
/// Actions; more: error.
pub const ACTIONS: usize = 64;
/// Headers of an action; more: error.
pub const HEADERS: usize = 16;
/// Bytes of the URL of a request, slots filled in; more: the action fails.
pub const URL_BYTES: usize = 2_048;
/// Bytes of the body of a request, slots filled in; more: the action fails.
pub const BODY_BYTES: usize = 16 * 1024;
/// Variants of a text; more: error.
pub const VARIANTS: usize = 8;
/// Characters of a text of the bot as written; more: error.
pub const TEXT_CHARS: usize = 2_000;
/// Choices written at one node; more: error. The offer of a person comes on top.
pub const CHOICES: usize = 8;
/// Characters of a choice; more: error.
pub const CHOICE_CHARS: usize = 80;
/// Branches of a node; more: error.
pub const BRANCHES: usize = 32;
/// Nodes passed through in one answer; more: `hand_over` with `bot_failure`.
pub const STEPS: usize = 32;
/// Calls that one message of the customer may cause, one after the other; more: `hand_over` with `bot_failure`.
pub const CALLS: u8 = 4;
/// Answers that are remembered to notice that the bot turns in circles.
pub const REMEMBERED_ANSWERS: usize = 8;
/// How often the same answer may be among the remembered; once more: `hand_over` with `bot_loop`.
pub const SAME_ANSWER: usize = 2;
/// The last answers; small talk that stands [`SAME_ANSWER`] times among them, or is the very last, gives way to the
/// offer of a person.
pub const LATE_ANSWERS: usize = 4;
/// Subjects of a conversation that are remembered for the advisor; more: the oldest is forgotten.
pub const TOPICS: usize = 8;
/// Characters of a message in which wishes and values are looked for; the rest is for people to read.
pub const HEARD_CHARS: usize = 1_000;
/// Mistyped words of a message, or of a part of it, that are compared with known ones; the others stay unknown.
pub const REPAIRED_WORDS: usize = 24;
/// Tries at a value that was asked for, beyond the failures that a script allows: who mistypes is not misunderstood.
pub const VALUE_TRIES: u8 = 1;
/// Parts of a message (sentences, clauses) that are matched one by one; the others only as a whole.
pub const CLAUSES: usize = 12;
/// Characters of a quote of what the customer said; the rest is an ellipsis.
pub const QUOTE_CHARS: usize = conversation::limits::QUOTE_CHARS;
/// Characters of the note to the advisor; the rest is an ellipsis.
pub const NOTE_CHARS: usize = 2_000;
/// Milliseconds that an action may take, as written.
pub const ACTION_MS: std::ops::RangeInclusive<u64> = 100..=30_000;

// What the bot says must fit what the protocol carries, with every slot at its longest.
const _: () = assert!(TEXT_CHARS + 2 * SLOT_CHARS < conversation::limits::TEXT_CHARS);
