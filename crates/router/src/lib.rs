//! The brain: inputs to events and effects, one file per phase of a conversation.
