//! Bot scripts: their grammar, their checks, and what the bot answers.
