//! Writes `provenance/vectors/*.json` anew: `cargo run -p openledger-provenance --example regenerate_vectors`, at the repository's root.

#![allow(missing_docs)]

#[path = "../tests/support/vectors.rs"]
mod vectors;

fn main() -> std::io::Result<()> {
    let folder = std::path::Path::new("provenance/vectors");
    std::fs::create_dir_all(folder)?;
    for (name, value) in vectors::all() {
        std::fs::write(folder.join(name), format!("{value:#}\n"))?;
    }
    Ok(())
}
