//! What an answer says of itself beyond its text: the field `openledger` of every reply.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use openledger_proto::openledger::attribution::v1::FeeSplit as Parts;
use openledger_provenance::amount::Amount;
use openledger_provenance::claim::Claim;
use openledger_provenance::split::{cap_baseline, split_pool, FeeShares, FeeSplit};
use openledger_provenance::{window_count, ECHO};
use serde_json::{json, Value};

use crate::sync::Corpus;
use crate::tally::{Answer, Tally};

/// Who owns how many of an answer's windows.
#[derive(Debug, Clone, Default)]
pub struct Ownership {
    /// Windows of each contribution that is paid.
    pub paid: BTreeMap<u64, u64>,
    /// Windows of commons, the chain's and the datanets'.
    pub commons: BTreeMap<u64, u64>,
    /// Windows of the prompt, or repeated.
    pub echo: u64,
    /// Windows of nobody.
    pub none: u64,
}

impl Ownership {
    /// Reads a canonical claim.
    pub fn of(claim: &Claim, windows: u32, corpus: &Corpus) -> Self {
        let mut ownership = Self { none: u64::from(windows), ..Self::default() };
        for segment in &claim.segments {
            let count = u64::from(segment.count);
            ownership.none = ownership.none.saturating_sub(count);
            let datanet_commons = corpus.contributions.get(&segment.source).is_some_and(|found| found.commons);
            let commons = datanet_commons || corpus.index.is_commons(segment.source) == Some(true);
            match segment.source {
                ECHO => ownership.echo += count,
                seq if commons => *ownership.commons.entry(seq).or_default() += count,
                seq => *ownership.paid.entry(seq).or_default() += count,
            }
        }
        ownership
    }
}

/// How a fee divides by the parameters of a session.
pub fn shares(fee: [u8; 32], split: &Parts) -> Result<FeeShares> {
    let split = FeeSplit {
        server: split.server,
        platform: split.platform,
        burnt: split.burnt,
        model: split.model,
        stakers: split.stakers,
        contributors: split.contributors,
        curators: split.curators,
    };
    Ok(split.divide(Amount::from_be_bytes(fee))?)
}

/// The field `openledger` of an answer; handles are given by author.
pub fn describe(
    tally: &Tally,
    answer: &Answer,
    claim: &Claim,
    corpus: &Corpus,
    (split, baseline_cap): (&Parts, u32),
    handles: &BTreeMap<String, String>,
) -> Result<Value> {
    let receipt = &answer.receipt;
    let windows = window_count(receipt.transcript_len - receipt.prompt_len);
    let ownership = Ownership::of(claim, windows, corpus);
    let shares = shares(receipt.fee, split)?;
    let pool = split_pool(shares.contributors, u64::from(windows), &ownership.paid)?;
    let (baseline, treasury) = cap_baseline(shares.contributors, pool.baseline, baseline_cap)?;
    let mut contributions = Vec::new();
    for (seq, windows) in ownership.paid.iter().chain(&ownership.commons) {
        let found = corpus.contributions.get(seq).context("an owner outside the corpus")?;
        let reveal = found.reveal.clone().unwrap_or_default();
        contributions.push(json!({
            "seq": seq,
            "datanet": found.datanet_id,
            "author": found.author,
            "handle": handles.get(&found.author).filter(|handle| !handle.is_empty()),
            "windows": windows,
            "commons": !ownership.paid.contains_key(seq),
            "root": hex::encode(&reveal.root),
            "location": reveal.location,
            "amount": amount(pool.parts.get(seq).copied().unwrap_or_default()),
        }));
    }
    let segments: Vec<Value> = claim.segments.iter().map(|segment| {
        json!({"start": segment.start, "count": segment.count, "source": segment.source, "offset": segment.offset})
    }).collect();
    let voucher = tally.voucher();
    Ok(json!({
        "receipt": {
            "session": tally.terms.session,
            "deployment": tally.terms.deployment,
            "index": receipt.index,
            "model_version": receipt.model_version,
            "corpus_height": receipt.corpus_height,
            "prompt_len": receipt.prompt_len,
            "transcript_len": receipt.transcript_len,
            "transcript_root": hex::encode(receipt.transcript_root),
            "fee": amount(Amount::from_be_bytes(receipt.fee)),
        },
        "windows": windows,
        "echo_windows": ownership.echo,
        "none_windows": ownership.none,
        "segments": segments,
        "contributions": contributions,
        "price": {
            "base": tally.terms.base_price,
            "byte": tally.terms.byte_price,
            "fee": amount(Amount::from_be_bytes(receipt.fee)),
            "denom": "aopen",
        },
        "split_estimate": {
            "server": amount(shares.server),
            "platform": amount(shares.platform),
            "burnt": amount(shares.burnt),
            "model": amount(shares.model),
            "stakers": amount(shares.stakers),
            "curators": amount(shares.curators),
            "contributors": amount(shares.contributors),
            "baseline": amount(baseline),
            "treasury": amount(treasury),
        },
        "session": {
            "receipts": voucher.count,
            "cumulative_fee": tally.cumulative_fee(),
            "deposit": tally.terms.deposit,
            "receipts_root": hex::encode(voucher.receipts_root),
        },
    }))
}

/// Base units as a decimal string.
fn amount(amount: Amount) -> String {
    cosmwasm_std::Uint256::from_be_bytes(amount.to_be_bytes()).to_string()
}
