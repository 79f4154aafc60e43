//! Indexing a text, attributing a 2 KiB output over it and making its openings.
//!
//! `cargo bench -p openledger-engine --bench attribution -- MIB [FOLDER]`, MIB being 32 where no number is given, 1 and 256 the other
//! sizes that are published. The text is the Rust sources and Markdown under the folder, else those of the local crate registry, one document
//! each. Where that is less than was asked for, the rest is made: paragraphs of words drawn from the real text by their frequency, a twentieth of
//! them copied from what came before. How much was made is printed, since made text has other repetitions than real text.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use openledger_engine::index::{Document, Index};
use openledger_engine::model::{complete, InfiniGram, Sampling};
use openledger_engine::{attributor, settle};

const OUTPUT: usize = 2_048;
const ROUNDS: u64 = 31;
/// Bytes of a document that is made.
const MADE_DOCUMENT: usize = 16 * 1024;

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
    let real = text - left;
    make(&mut documents, &mut left);
    let (count, made) = (documents.len(), text - real);
    println!(
        "text: {mib} MiB in {count} documents, {} kB from {}, {} kB made",
        real / 1000,
        folder.display(),
        made / 1000
    );

    let before = resident()?;
    let begun = Instant::now();
    let index = Index::build(documents)?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "index: {} segments, built and checked in {seconds:.2} s on {} cores, {:.1} MiB a second",
        index.segments().len(),
        std::thread::available_parallelism().map_or(1, usize::from),
        mib as f64 / seconds
    );
    // The documents are counted in both; pages of mapped segments are counted too, which the system takes back where it needs them.
    let most = peak()?;
    println!(
        "memory: {} kB before, {} kB at most, {:.2} bytes a byte of text beside the text itself",
        before,
        most,
        (most.saturating_sub(before) * 1024) as f64 / text as f64
    );

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

/// Memory of this process now, and at most so far, in KiB; mapped files included.
fn resident() -> Result<u64> {
    status("VmRSS:")
}

fn peak() -> Result<u64> {
    status("VmHWM:")
}

fn status(name: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()?)
}

fn push(documents: &mut Vec<Document>, bytes: Vec<u8>) {
    documents.push(Document { seq: documents.len() as u64 + 1, commons: false, bytes });
}

fn collect(folder: &Path, documents: &mut Vec<Document>, left: &mut usize) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut entries: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
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
            push(documents, bytes);
        }
    }
    Ok(())
}

/// Makes text until nothing is left: words of the documents so far, as often as they stand there, and copies of earlier paragraphs.
fn make(documents: &mut Vec<Document>, left: &mut usize) {
    if *left == 0 {
        return;
    }
    let known: Vec<u8> = documents.iter().flat_map(|document| document.bytes.iter().copied()).take(8 << 20).collect();
    let mut words: Vec<&[u8]> =
        known.split(|byte| byte.is_ascii_whitespace()).filter(|word| (1..24).contains(&word.len())).collect();
    if words.len() < 1_000 {
        words =
            ["the", "of", "and", "river", "stone", "a", "to", "returns", "value", "which", "is", "not", "in", "code"]
                .map(str::as_bytes)
                .to_vec();
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % end.max(1) as u64) as usize
    };
    let mut paragraphs: Vec<Vec<u8>> = Vec::new();
    let mut made = Vec::new();
    while *left > 0 {
        let mut bytes = Vec::new();
        while bytes.len() < MADE_DOCUMENT.min(*left) {
            if !paragraphs.is_empty() && below(20) == 0 {
                bytes.extend_from_slice(&paragraphs[below(paragraphs.len())]);
                continue;
            }
            let mut paragraph = Vec::new();
            for _ in 0..40 + below(80) {
                paragraph.extend_from_slice(words[below(words.len())]);
                paragraph.push(b' ');
            }
            paragraph.push(b'\n');
            bytes.extend_from_slice(&paragraph);
            if paragraphs.len() < 4_096 {
                paragraphs.push(paragraph);
            }
        }
        bytes.truncate(*left);
        *left -= bytes.len();
        made.push(bytes);
    }
    drop(words);
    made.into_iter().for_each(|bytes| push(documents, bytes));
}
