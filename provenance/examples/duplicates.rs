//! Measures the rule for duplicates on real texts: `cargo run -p openledger-provenance --example duplicates -- FOLDER`.
//!
//! Takes every file under the folder whose name starts with README (the crates in `~/.cargo/registry/src`, say), in order of path, as if
//! that were the order of commits. Prints how surely edited copies are caught, and how surely a text is ruled a copy although most of its
//! 32-byte windows are its own. Chances are computed, not drawn: from the part of 64 regions, evenly spread, that count.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "it measures; no chain runs it"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use openledger_provenance::duplicate::{NEEDED_REGIONS, NEEDED_SHINGLES, REGIONS, REGION_BYTES, SHINGLE_BYTES};
use openledger_provenance::{CHUNK_BYTES, WINDOW_BYTES};

/// Regions of a text that are looked at.
const SAMPLES: usize = 64;
type Edit = (&'static str, fn(&[u8]) -> Vec<u8>);

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| {
        let home = std::env::var("HOME").unwrap_or_default();
        format!("{home}/.cargo/registry/src")
    });
    let (mut files, mut texts) = (BTreeSet::new(), Vec::new());
    collect(Path::new(&folder), &mut files)?;
    let mut known = BTreeSet::new();
    for file in &files {
        let text = std::fs::read(file)?;
        if text.len() >= 512 && known.insert(text.clone()) {
            texts.push(text);
        }
    }
    let bytes: usize = texts.iter().map(Vec::len).sum();
    println!("{} texts that differ, {bytes} bytes", texts.len());
    println!("{NEEDED_REGIONS} of {REGIONS} regions of {REGION_BYTES} bytes, {NEEDED_SHINGLES} shingles of {SHINGLE_BYTES} bytes");
    ordinary(&texts);
    copies(&texts);
    Ok(())
}

fn collect(folder: &Path, files: &mut BTreeSet<std::path::PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else if name.starts_with("readme") {
            files.insert(entry.path());
        }
    }
    Ok(())
}

/// Where each shingle (or window) stands: text and place.
type Index<'a> = HashMap<&'a [u8], Vec<(usize, usize)>>;

fn index(texts: &[Vec<u8>], size: usize) -> Index<'_> {
    let mut index = Index::new();
    for (number, text) in texts.iter().enumerate() {
        for (place, part) in text.windows(size).enumerate() {
            index.entry(part).or_default().push((number, place));
        }
    }
    index
}

/// The part of a text's regions that the best single earlier text holds, and that any holds.
fn held(text: &[u8], index: &Index<'_>, before: usize) -> (f64, f64) {
    let places = text.len() - REGION_BYTES as usize + 1;
    let samples = SAMPLES.min(places);
    let (mut by_text, mut any): (BTreeMap<usize, usize>, usize) = (BTreeMap::new(), 0);
    for sample in 0..samples {
        let start = sample * places / samples;
        let region = &text[start..start + REGION_BYTES as usize];
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for shingle in region.windows(SHINGLE_BYTES) {
            let mut pairs = BTreeSet::new();
            for (number, place) in index.get(shingle).into_iter().flatten().filter(|(number, _)| *number < before) {
                let (first, last) = (place / CHUNK_BYTES, (place + SHINGLE_BYTES - 1) / CHUNK_BYTES);
                pairs.extend((last.saturating_sub(1)..=first).map(|chunk| (*number, chunk)));
            }
            for pair in pairs {
                *counts.entry(pair).or_default() += 1;
            }
        }
        let enough = counts.iter().filter(|(_, count)| **count >= NEEDED_SHINGLES).map(|((number, _), _)| *number);
        let holders: BTreeSet<usize> = enough.collect();
        any += usize::from(!holders.is_empty());
        for holder in holders {
            *by_text.entry(holder).or_default() += 1;
        }
    }
    let best = by_text.values().max().copied().unwrap_or_default();
    (best as f64 / samples as f64, any as f64 / samples as f64)
}

/// The chance that enough regions count where a part `p` of them does.
fn chance(p: f64) -> f64 {
    let all = u32::from(REGIONS);
    let mut sum = 0.0;
    for count in NEEDED_REGIONS as u32..=all {
        let ways = (0..count).fold(1.0, |ways, i| ways * f64::from(all - i) / f64::from(i + 1));
        sum += ways * p.powi(count as i32) * (1.0 - p).powi((all - count) as i32);
    }
    sum
}

/// Texts whose windows are mostly their own, by how much they share with one earlier text, or with all of them.
fn ordinary(texts: &[Vec<u8>]) {
    let (windows, shingles) = (index(texts, WINDOW_BYTES as usize), index(texts, SHINGLE_BYTES));
    let mut found: BTreeMap<(&str, u32), (usize, f64)> = BTreeMap::new();
    for (number, text) in texts.iter().enumerate() {
        let (mut by_text, mut any): (BTreeMap<usize, usize>, usize) = (BTreeMap::new(), 0);
        for window in text.windows(WINDOW_BYTES as usize) {
            let earlier: BTreeSet<usize> =
                windows[window].iter().map(|(of, _)| *of).filter(|of| *of < number).collect();
            any += usize::from(!earlier.is_empty());
            for of in earlier {
                *by_text.entry(of).or_default() += 1;
            }
        }
        let all = (text.len() - WINDOW_BYTES as usize + 1) as f64;
        let best = by_text.values().max().copied().unwrap_or_default() as f64 / all;
        let (single, several) = held(text, &shingles, number);
        for percent in [25u32, 50] {
            let limit = f64::from(percent) / 100.0;
            for (kind, share, part) in [("one", best, single), ("several", any as f64 / all, several)] {
                if share < limit {
                    let (count, sum) = found.entry((kind, percent)).or_default();
                    *count += 1;
                    *sum += chance(part);
                }
            }
        }
    }
    for ((kind, percent), (count, sum)) in found {
        let falsely = sum / count as f64 * 100.0;
        println!(
            "{count} texts share under {percent} % of their windows with {kind}: ruled a copy of {kind} {falsely:.4} %"
        );
    }
}

/// Every fifth text, copied in each way behind all of them.
fn copies(texts: &[Vec<u8>]) {
    let edits: [Edit; 8] = [
        ("whole", |text| text.to_vec()),
        ("behind a newline", |text| [b"\n", text].concat()),
        ("its middle half", |text| text[text.len() / 4..text.len() * 3 / 4].to_vec()),
        ("every 31st byte changed", |text| changed(text, 31)),
        ("every 20th byte changed", |text| changed(text, 20)),
        ("every 16th byte changed", |text| changed(text, 16)),
        ("a byte put in every 31", |text| text.chunks(31).flat_map(|part| [part, b"~"].concat()).collect()),
        ("lines broken anew at 60", rewrapped),
    ];
    let shingles = index(texts, SHINGLE_BYTES);
    for (name, edit) in edits {
        let (mut sum, mut count) = (0.0, 0usize);
        for text in texts.iter().step_by(5) {
            let copy = edit(text);
            sum += chance(held(&copy, &shingles, texts.len()).0);
            count += 1;
        }
        println!("{count} copies, {name}: caught {:.1} %", sum / count as f64 * 100.0);
    }
}

fn changed(text: &[u8], n: usize) -> Vec<u8> {
    text.iter().enumerate().map(|(i, byte)| if i % n == n - 1 { byte ^ 1 } else { *byte }).collect()
}

fn rewrapped(text: &[u8]) -> Vec<u8> {
    let (mut out, mut column) = (Vec::new(), 0);
    for word in text.split(|byte| *byte == b' ' || *byte == b'\n') {
        if column > 0 {
            let full = column + word.len() > 60;
            out.push(if full { b'\n' } else { b' ' });
            column = if full { 0 } else { column };
        }
        out.extend_from_slice(word);
        column += word.len() + 1;
    }
    out
}
