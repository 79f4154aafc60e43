//! A second datanet that overlaps with the first, and a model that comes from the first one's.
//!
//! Its authors are those of the project's own documents, somebody who corrects one of them, and a copycat who wraps what earned most
//! in newlines. Under the canonical attribution the copy owns nothing: every window of it is older elsewhere.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{bail, Context, Result};
use openledger_client::Key;
use openledger_engine::attributor;
use openledger_engine::index::Index;
use openledger_engine::model::{InfiniGram, Model, Sampling};
use openledger_proto::openledger::datanet::v1 as pb;

use crate::community::{Cast, Datanet, Published, Work};
use crate::library::Document;
use crate::localnet::Localnet;
use crate::market::MAX_BYTES;
use crate::Stage;

/// The document that is corrected and asked about.
const CORRECTED: &str = "architecture.md";
/// What corrections get of the pay of what they correct, in basis points.
const CORRECTIONS_BPS: u32 = 3_000;
/// Bytes of the corrected document that a prompt has.
const BEGINNING: usize = 48;

/// The second datanet, with those to look for.
pub struct Family {
    /// What was published.
    pub published: Published,
    /// The copycat's contribution.
    pub copycat: u64,
    /// Of which it is a copy.
    pub copied: u64,
    /// The correction.
    pub correction: u64,
    /// What it corrects.
    pub corrected: u64,
    /// The corrected document.
    text: String,
}

impl Family {
    /// Two prompts, taken from the corrected document, to which a model over this index answers with its words, the first with this seed,
    /// the second with the next.
    pub fn prompts(&self, index: &Index, seed: u64) -> Result<[String; 2]> {
        let mut found = Vec::new();
        for line in self.text.lines().filter(|line| line.len() > BEGINNING && line.is_char_boundary(BEGINNING)) {
            let prompt = &line[..BEGINNING];
            let sampling = Sampling { seed: seed + found.len() as u64, max_bytes: MAX_BYTES, ..Sampling::default() };
            let heard = &mut |_: &[u8]| ControlFlow::Continue(());
            let output = InfiniGram(index).generate(prompt.as_bytes(), &sampling, heard)?;
            let owners = attributor::owners(index, &[prompt.as_bytes(), &output].concat(), prompt.len());
            if owners.iter().flatten().any(|owner| owner.source == self.corrected) {
                found.push(prompt.to_string());
            }
            if let [first, second] = &found[..] {
                return Ok([first.clone(), second.clone()]);
            }
        }
        bail!("no two lines of {CORRECTED} are gone on with")
    }
}

/// Fills and publishes the second datanet; `copied` is what earned most so far.
pub async fn publish(net: &Localnet, cast: &Cast, first: &Published, copied: u64, stage: &mut Stage) -> Result<Family> {
    let texts = ("Field notes", "What the chain's own authors wrote of it");
    let policy = pb::PointerPolicy { corrections_bps: CORRECTIONS_BPS, ..pb::PointerPolicy::default() };
    let mut datanet = Datanet::create(net, &cast.steward, texts, Some(policy), stage).await?;

    let notes = notes(Path::new("docs"))?;
    let place = notes.iter().position(|note| note.author.ends_with(CORRECTED)).context("no document to correct")?;
    let text = String::from_utf8(notes[place].bytes.clone())?;
    let mut works = notes.into_iter().map(work).collect::<Result<Vec<_>>>()?;
    let original = &first.contributions.get(&copied).context("nothing was copied")?.work.document;
    let bytes = [b"\n", &original.bytes[..], b"\n"].concat();
    works.push(work(Document { author: format!("a copycat, of {}", original.author), bytes, ..original.clone() })?);
    let seqs = datanet.contribute(works, stage).await?;
    let (corrected, copycat) = (seqs[place], *seqs.last().context("no copycat")?);
    stage.done(&format!("a copycat contributes {} once more, in newlines, as seq {copycat}", original.author));

    let correction = Document {
        author: format!("a corrector of {CORRECTED}"),
        licence: "Apache-2.0".into(),
        bytes: format!("Correction of {CORRECTED}: read its tables as of the version that is frozen.\n").into_bytes(),
    };
    let pointer = pb::Pointer { kind: pb::PointerKind::Correction as i32, seq: corrected };
    let correction = Work { points_at: Some(pointer), ..work(correction)? };
    let correction = datanet.contribute(vec![correction], stage).await?[0];
    stage.done(&format!("seq {correction} corrects seq {corrected} and shares in its pay"));
    let published = datanet.freeze(stage).await?;
    Ok(Family { published, copycat, copied, correction, corrected, text })
}

fn work(document: Document) -> Result<Work> {
    Ok(Work { document, key: Key::generate()?.0, commons: false, points_at: None })
}

/// The project's documents, each by an author of its own.
fn notes(folder: &Path) -> Result<Vec<Document>> {
    let mut notes = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = if path.is_file() { std::fs::read(&path)? } else { Vec::new() };
        if name.ends_with(".md") && (200..100_000).contains(&bytes.len()) {
            notes.push(Document { author: format!("the author of {name}"), licence: "Apache-2.0".into(), bytes });
        }
    }
    notes.sort_by(|a, b| a.author.cmp(&b.author));
    Ok(notes)
}
