//! Reading `proto/vectors`, for tests.

use serde_json::Value;

/// Bytes written in hexadecimal.
pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// The vectors in a file, which has some.
pub fn vectors(text: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(!all.is_empty());
    all
}

/// A text in a vector, empty where there is none.
pub fn string<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_default()
}
