//! What the binary carries with it: the lexicons of `config/lexicon`.

/// File names and texts.
pub const LEXICONS: &[(&str, &str)] = &[
    ("any.toml", include_str!("../../../config/lexicon/any.toml")),
    ("en.toml", include_str!("../../../config/lexicon/en.toml")),
    ("fr.toml", include_str!("../../../config/lexicon/fr.toml")),
];

/// The model that `relais train` made from `crates/analyzer/data`.
pub const MODEL: &[u8] = include_bytes!("../model/relais.model");

/// What is known of annoyance in general; `data/SOURCES.md` tells where it comes from.
pub const GENERAL: &[u8] = include_bytes!("../model/general.bin");

/// The encoder; `data/SOURCES.md` tells where it comes from.
pub const ENCODER: &[u8] = include_bytes!("../model/encoder.bin");
