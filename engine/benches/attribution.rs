//! The canonical attribution of a 2 KiB output over 32 MiB of text, on one core: prints the time to index and the time a claim.
//!
//! The text is what lies in the local crate registry: sources and README files, one document each. Run with
//! `cargo bench -p openledger-engine --bench attribution`; a folder as argument takes the text from there.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{ensure, Context, Result};
use openledger_engine::attributor;
use openledger_engine::index::{Document, Index};
use openledger_engine::lm::{generate, Sampling};

const TEXT: usize = 32 << 20;
const OUTPUT: usize = 2_048;
const ROUNDS: u64 = 31;

fn main() -> Result<()> {
    let given = std::env::args().nth(1).filter(|argument| !argument.starts_with("--"));
    let folder = match given {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var("HOME").context("HOME")?).join(".cargo/registry/src"),
    };
    let mut documents = Vec::new();
    let mut left = TEXT;
    collect(&folder, &mut documents, &mut left)?;
    ensure!(left == 0, "only {} bytes of text under {}", TEXT - left, folder.display());
    let count = documents.len();

    let begun = Instant::now();
    let index = Index::build(documents)?;
    println!("index: {count} documents, {TEXT} bytes, {:.2} s", begun.elapsed().as_secs_f64());

    let mut times = Vec::new();
    let mut segments = 0;
    for seed in 0..ROUNDS {
        let prompt = b"/// Returns ";
        let output = generate(&index, prompt, OUTPUT, Sampling { seed, ..Sampling::default() });
        let transcript = [prompt.as_slice(), &output].concat();
        let begun = Instant::now();
        let claim = attributor::claim(&index, &transcript, prompt.len() as u32);
        times.push(begun.elapsed());
        segments += claim.segments.len();
    }
    times.sort();
    let ms = |at: usize| times[at].as_secs_f64() * 1e3;
    let (least, median, most) = (ms(0), ms(times.len() / 2), ms(times.len() - 1));
    println!("claim of a {OUTPUT}-byte output: least {least:.2}, median {median:.2}, most {most:.2} ms");
    println!("segments a claim: {:.1} on average", segments as f64 / ROUNDS as f64);
    Ok(())
}

fn collect(folder: &Path, documents: &mut Vec<Document>, left: &mut usize) -> Result<()> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        if *left == 0 {
            return Ok(());
        }
        if path.is_dir() {
            collect(&path, documents, left)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            let mut bytes = std::fs::read(&path)?;
            bytes.truncate(*left);
            *left -= bytes.len();
            documents.push(Document { seq: documents.len() as u64 + 1, commons: false, bytes });
        }
    }
    Ok(())
}
