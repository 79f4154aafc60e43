//! Indexing a text, attributing a 2 KiB output over it and making its openings, on one core.
//!
//! The text is what lies in the local crate registry: sources and README files, one document each. Run with
//! `cargo bench -p openledger-engine --bench attribution -- MIB [FOLDER]`; 32 MiB where no number is given, text from a folder where one is named.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use openledger_engine::index::{Document, Index};
use openledger_engine::model::{complete, InfiniGram, Sampling};
use openledger_engine::{attributor, settle};

const OUTPUT: usize = 2_048;
const ROUNDS: u64 = 31;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mib: usize = arguments.first().map_or(Ok(32), |mib| mib.parse()).context("MIB is a number")?;
    let folder = match arguments.get(1) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var("HOME").context("HOME")?).join(".cargo/registry/src"),
    };
    let text = mib << 20;
    let (mut documents, mut left) = (Vec::new(), text);
    collect(&folder, &mut documents, &mut left)?;
    ensure!(left == 0, "only {} bytes of text under {}", text - left, folder.display());
    let count = documents.len();

    let before = resident()?;
    let begun = Instant::now();
    let index = Index::build(documents)?;
    let segments = index.segments().len();
    println!(
        "index: {count} documents, {mib} MiB, {segments} segments, built and checked in {:.2} s",
        begun.elapsed().as_secs_f64()
    );
    println!("memory: {before} MiB before, {} MiB at most", peak()?);

    let (mut claiming, mut opening, mut parts) = (Vec::new(), Vec::new(), 0);
    for seed in 0..ROUNDS {
        let prompt = b"/// Returns ";
        let sampling = Sampling { seed, max_bytes: OUTPUT, ..Sampling::default() };
        let output = complete(&InfiniGram(&index), prompt, &sampling, &[], &mut |_| ControlFlow::Continue(()))?.output;
        let transcript = [prompt.as_slice(), &output].concat();
        let begun = Instant::now();
        let claim = attributor::claim(&index, &transcript, prompt.len() as u32);
        claiming.push(begun.elapsed());
        let begun = Instant::now();
        settle::Openings::default().of(&claim, &index)?;
        opening.push(begun.elapsed());
        parts += claim.segments.len();
    }
    say("claim of a 2 KiB output", claiming);
    say("its openings", opening);
    println!("segments a claim: {:.1} on average", parts as f64 / ROUNDS as f64);
    Ok(())
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |at: usize| times[at].as_secs_f64() * 1e3;
    println!("{what}: least {:.2}, median {:.2}, most {:.2} ms", ms(0), ms(times.len() / 2), ms(times.len() - 1));
}

/// Memory of this process now, and at most so far, in MiB; mapped files included.
fn resident() -> Result<u64> {
    status("VmRSS:")
}

fn peak() -> Result<u64> {
    status("VmHWM:")
}

fn status(name: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
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
