//! The corpus: each dependency's README is a document by its crate; the licences' own texts are boilerplate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};
use serde_json::Value;

/// Documents longer than this are left out: a demo need not carry books.
const LONGEST: u64 = 60_000;
/// Documents shorter than this say nothing.
const SHORTEST: u64 = 200;

/// A document by a crate.
#[derive(Debug, Clone)]
pub struct Document {
    /// The crate's name and version: its author here.
    pub author: String,
    /// Its licence, an SPDX expression.
    pub licence: String,
    /// The text.
    pub bytes: Vec<u8>,
}

/// What is contributed.
pub struct Library {
    /// README files, one a crate.
    pub documents: Vec<Document>,
    /// Licence texts, each different one once.
    pub boilerplate: Vec<Document>,
}

impl Library {
    /// Reads the README files of all dependencies that `cargo metadata` finds, at most `most`.
    pub fn collect(most: usize) -> Result<Self> {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let output = Command::new(cargo).args(["metadata", "--format-version", "1", "--locked"]).output();
        let output = output.context("running cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
        let (mut documents, mut licences) = (BTreeMap::new(), BTreeMap::new());
        for package in packages.iter().filter(|package| !package["source"].is_null()) {
            let text = |field: &str| package[field].as_str().unwrap_or_default();
            let Some(folder) = Path::new(text("manifest_path")).parent() else { continue };
            let (author, licence) = (format!("{} {}", text("name"), text("version")), spdx(text("license")));
            for file in licence_files(folder) {
                licences.entry(file).or_insert(Document {
                    author: author.clone(),
                    licence: licence.clone(),
                    bytes: vec![],
                });
            }
            let readme = folder.join(package["readme"].as_str().unwrap_or("README.md"));
            if licence.is_empty() || !readable(&readme) {
                continue;
            }
            // Several versions of a crate are one author's; the least is kept.
            let bytes = std::fs::read(&readme)?;
            documents.entry(text("name").to_string()).or_insert(Document { author, licence, bytes });
        }
        // An exact copy of an earlier document would be refused: the first author has it.
        let mut seen = BTreeSet::new();
        let unique = documents.into_values().filter(|document: &Document| seen.insert(document.bytes.clone()));
        let documents: Vec<Document> = unique.take(most).collect();
        ensure!(documents.len() >= 10, "only {} README files found in the crate registry", documents.len());
        Ok(Self { documents, boilerplate: boilerplate(licences)? })
    }

    /// How many authors there are.
    pub fn crates(&self) -> usize {
        self.documents.len()
    }

    /// How many bytes there are.
    pub fn bytes(&self) -> usize {
        self.documents.iter().chain(&self.boilerplate).map(|document| document.bytes.len()).sum()
    }
}

/// The licence as SPDX writes it: older crates part alternatives with a slash.
fn spdx(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

fn readable(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && (SHORTEST..=LONGEST).contains(&file.len()))
}

fn licence_files(folder: &Path) -> Vec<PathBuf> {
    let names = ["LICENSE-APACHE", "LICENSE-MIT"];
    names.iter().map(|name| folder.join(name)).filter(|path| readable(path)).collect()
}

/// The most widespread licence texts, without copies: what is common to many is nobody's.
fn boilerplate(files: BTreeMap<PathBuf, Document>) -> Result<Vec<Document>> {
    let mut texts: BTreeMap<Vec<u8>, (usize, Document)> = BTreeMap::new();
    for (path, document) in files {
        let bytes = std::fs::read(&path)?;
        let seen = texts.entry(bytes.clone()).or_insert((0, Document { bytes, ..document }));
        seen.0 += 1;
    }
    let mut texts: Vec<_> = texts.into_values().collect();
    texts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    Ok(texts.into_iter().take(6).map(|(_, document)| document).collect())
}
