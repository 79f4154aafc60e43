//! The committed vectors are what the code makes today. A wanted change: run the example `regenerate_vectors`.

#![allow(clippy::unwrap_used)]

#[path = "support/vectors.rs"]
mod vectors;

use serde_json::Value;

#[test]
fn the_committed_vectors_are_those_that_the_code_makes() {
    let folder = std::path::Path::new("vectors");
    for (name, made) in vectors::all() {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let committed: Value = serde_json::from_str(&text).unwrap();
        assert!(committed == made, "vectors/{name} is stale");
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), vectors::all().len());
}
