//! Bot scripts: their grammar, their checks, and what the bot answers.
//!
//! Core: a script comes in as text, a message as text, `now` as a number; acts go out. Nothing here knows a
//! clock, a runtime or a network: an HTTP action is an [`Act::Call`] that somebody else makes and answers with
//! [`Input::ActionDone`].
//!
//! What holds by construction, whatever a script or a customer says:
//! - the first answer says that it comes from a bot, and every answer offers a person;
//! - a failure inside (an unknown node, a hole that nothing fills, an action that failed without a path for it,
//!   turning in circles, an empty answer) is an [`Act::HandOver`] (law 9);
//! - a customer's text never changes where a request goes (see `request`);
//! - every list, text and loop has a limit (law 7): [`limits`].
//!
//! Suggested reading order: `script` (what a script is), `grammar/` (how it is written), `checks`
//! (what `relais check` says about it), `words`, `matcher`, `fitting`, `evidence`, `hearing` and `assent` (understanding),
//! `slot` and `date` (values), `request` (actions), `answer` (one turn), `memory`.

mod ambiguity;
mod answer;
mod assent;
mod checks;
mod choosing;
mod condition;
mod courtesy;
mod date;
mod evidence;
mod fitting;
mod grammar;
mod hearing;
pub mod limits;
mod listening;
mod matcher;
pub mod memory;
mod note;
mod phrases;
mod request;
mod script;
mod slot;
mod small_words;
mod template;
mod turn;
mod typography;
mod words;

pub use answer::{Act, HttpRequest, Input};
pub use memory::Memory;
pub use request::Method;
pub use script::{Script, Understood, Variables};
