//! Writes `provenance/vectors/*.json` anew: `cargo run -p openledger-provenance --example regenerate_vectors`.

#![allow(missing_docs)]

#[path = "../tests/support/vectors.rs"]
mod vectors;

fn main() -> std::io::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    std::fs::create_dir_all(&folder)?;
    for (name, value) in vectors::all() {
        std::fs::write(folder.join(name), format!("{value:#}\n"))?;
    }
    Ok(())
}
