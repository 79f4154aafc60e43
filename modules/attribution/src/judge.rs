//! Judging claims: the chain itself checks every segment, counts the windows, and divides every fee and pool.
//!
//! Existence-checked claims have their bytes compared here; claims only are checked as far as it goes without bytes. What passes
//! either way stands on the maker's bond. Rounding is provenance's: shares of a fee down, the burn up, the rest to the contributor
//! pool; a pool by largest remainder. Nothing is lost: the parts of every receipt sum to its fee.

use std::collections::BTreeMap;

use cosmwasm_std::Uint256;
use openledger_core::wire::add;
use openledger_core::{Context, Result, SdkError};
use openledger_model::ModelVersion;
use openledger_provenance::amount::Amount;
use openledger_provenance::claim::{Claim, SourceInfo};
use openledger_provenance::credit::credits_root;
use openledger_provenance::existence::{check_segments, check_transcript};
use openledger_provenance::merkle;
use openledger_provenance::payout;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::split::FeeShares;
use openledger_provenance::{Hash, ECHO};

use crate::batch::Claimed;
use crate::block::{later_gas, LATER_GAS};
use crate::corpus::{Corpus, Found};
use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::params::Params;

/// Gas for a receipt: its leaf, its place in the trees, its division.
const RECEIPT_GAS: u64 = 2_000;
/// Gas for a segment: its checks and its leaf.
const SEGMENT_GAS: u64 = 300;
/// Gas for a published byte: SHA-256 of transcript and chunks.
const BYTE_GAS: u64 = 2;

/// What a batch of claims comes to.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Root over the settled receipts' leaves.
    pub root: Hash,
    /// Root over the receipts' leaves.
    pub receipts_root: Hash,
    /// What each contribution gets.
    pub rows: BTreeMap<u64, Uint256>,
    /// Their sum.
    pub contributions: Uint256,
    /// What the baseline gets.
    pub baseline: Uint256,
    /// What the treasuries get of the pool.
    pub treasury: Uint256,
    /// What the outputs draw from each datanet, as parts of the pools.
    pub uses: BTreeMap<u64, Uint256>,
    /// The parts of the fees.
    pub shares: Shares,
    /// The receipts' contributor pools.
    pub pools: Vec<Uint256>,
    /// Bytes of the outputs.
    pub output_bytes: u64,
    /// What is given back, by receipt.
    pub credits: BTreeMap<u64, Amount>,
    /// In all.
    pub credited: Uint256,
}

/// The parts of many fees.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    pub fees: Uint256,
    pub server: Uint256,
    pub platform: Uint256,
    pub burnt: Uint256,
    pub model: Uint256,
    pub stakers: Uint256,
    pub contributors: Uint256,
    pub curators: Uint256,
}

impl Shares {
    pub(crate) fn add(&mut self, fee: Uint256, shares: &FeeShares) -> Result<()> {
        self.fees = add(self.fees, fee)?;
        for (sum, part) in [
            (&mut self.server, shares.server),
            (&mut self.platform, shares.platform),
            (&mut self.burnt, shares.burnt),
            (&mut self.model, shares.model),
            (&mut self.stakers, shares.stakers),
            (&mut self.contributors, shares.contributors),
            (&mut self.curators, shares.curators),
        ] {
            *sum = add(*sum, base_units(part))?;
        }
        Ok(())
    }
}

/// A 256-bit amount of provenance's as the modules have it.
pub(crate) fn base_units(amount: Amount) -> Uint256 {
    Uint256::from_be_bytes(amount.to_be_bytes())
}

impl Attribution {
    /// Checks every claim of a batch and divides its fees.
    pub(crate) fn judge(
        &self,
        ctx: &Context,
        version: &ModelVersion,
        params: &Params,
        batch: &[Claimed],
    ) -> Result<Judged> {
        let mut corpus = Corpus::of(self, ctx, version)?;
        let mut judged = Judged::default();
        let (mut settled, mut receipts) = (Vec::new(), Vec::new());
        for claimed in batch {
            charge(ctx, claimed);
            let sources = sources(ctx, &mut corpus, claimed)?;
            check_claim(claimed, &sources)?;
            judged.divide(claimed, &sources, params)?;
            receipts.push(claimed.receipt.leaf());
            settled.push(settled_receipt(claimed)?.leaf());
        }
        judged.root = merkle::root(&settled);
        judged.receipts_root = merkle::root(&receipts);
        ctx.gas().consume(LATER_GAS.saturating_add(later_gas(self.later(ctx, &judged)?)), "end blocks");
        Ok(judged)
    }
}

impl Attribution {
    /// How much a set of claims leaves to the ends of blocks: as many as share in the pay of its rows now, and the datanets it credits.
    fn later(&self, ctx: &Context, judged: &Judged) -> Result<usize> {
        let mut payees = judged.uses.len();
        for seq in judged.rows.keys() {
            payees = payees.saturating_add(self.datanets.payments(ctx, *seq)?.len());
        }
        Ok(payees)
    }
}

fn charge(ctx: &Context, claimed: &Claimed) {
    let segments = u64::try_from(claimed.claim.segments.len()).unwrap_or(u64::MAX);
    let bytes = claimed.published.as_ref().map_or(0, |published| {
        let openings = published
            .openings
            .iter()
            .map(|opening| opening.bytes.len().saturating_add(opening.path.len().saturating_mul(64)));
        openings.fold(published.transcript.len(), usize::saturating_add)
    });
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(BYTE_GAS);
    let gas = RECEIPT_GAS.saturating_add(segments.saturating_mul(SEGMENT_GAS)).saturating_add(bytes);
    ctx.gas().consume(gas, "attribution claim");
}

/// The sources that a claim names, those of them that are in the receipt's corpus.
fn sources(ctx: &Context, corpus: &mut Corpus, claimed: &Claimed) -> Result<BTreeMap<u64, Found>> {
    let mut sources = BTreeMap::new();
    for segment in claimed.claim.segments.iter().filter(|segment| segment.source != ECHO) {
        if let Some(found) = corpus.find(ctx, segment.source, claimed.receipt.corpus_height)? {
            sources.insert(segment.source, found);
        }
    }
    Ok(sources)
}

fn check_claim(claimed: &Claimed, sources: &BTreeMap<u64, Found>) -> Result<()> {
    let Claimed { receipt, claim, published, .. } = claimed;
    let index = receipt.index;
    let source_of = |seq: u64| -> Option<SourceInfo> { sources.get(&seq).map(|found| found.info) };
    claim.check(receipt, source_of).map_err(|error| AttributionError::Claim { index, reason: error.to_string() })?;
    let Some(published) = published else { return Ok(()) };
    check_transcript(receipt, &published.transcript, &published.key)
        .and_then(|()| {
            let commitment_of = |seq: u64| source_of(seq).map(|info| info.commitment);
            check_segments(receipt, &published.transcript, claim, &published.openings, commitment_of)
        })
        .map_err(|error| AttributionError::Existence { index, reason: error.to_string() }.into())
}

fn settled_receipt(claimed: &Claimed) -> Result<SettledReceipt> {
    let segment_count = u32::try_from(claimed.claim.segments.len())
        .map_err(|_| SdkError::Logic("a claim has more segments than windows".into()))?;
    Ok(SettledReceipt { receipt: claimed.receipt, segment_count, segments_root: claimed.claim.segments_root() })
}

impl Judged {
    /// Adds one receipt's fee and pool, divided.
    fn divide(&mut self, claimed: &Claimed, sources: &BTreeMap<u64, Found>, params: &Params) -> Result<()> {
        let (receipt, credit) = (&claimed.receipt, Amount::from_be_bytes(claimed.credit.to_be_bytes()));
        let rule = params.split.rule();
        let is_paid = |seq: u64| sources.get(&seq).is_some_and(|found| found.paid);
        let division = payout::divide(receipt, &claimed.claim, credit, (&rule, params.baseline_cap), is_paid)
            .map_err(|error| SdkError::Logic(error.to_string()))?;
        self.shares.add(base_units(division.taken), &division.shares)?;
        self.pools.push(base_units(division.shares.contributors));
        if !credit.is_zero() {
            self.credits.insert(receipt.index, credit);
            self.credited = add(self.credited, claimed.credit)?;
        }
        self.count_use(&claimed.claim, sources, division.shares.contributors, receipt.windows())?;
        for (seq, amount) in division.parts {
            let amount = base_units(amount);
            let row = self.rows.entry(seq).or_default();
            *row = add(*row, amount)?;
            self.contributions = add(self.contributions, amount)?;
        }
        self.baseline = add(self.baseline, base_units(division.baseline))?;
        self.treasury = add(self.treasury, base_units(division.treasury))?;
        let output = receipt.transcript_len.saturating_sub(receipt.prompt_len);
        self.output_bytes = self.output_bytes.saturating_add(u64::from(output));
        Ok(())
    }

    /// Adds what a receipt's output draws from each datanet: the part of its pool for the windows that any of the datanet's contributions
    /// owns, rounded down, whether its author is paid or, for commons, the baseline.
    fn count_use(&mut self, claim: &Claim, sources: &BTreeMap<u64, Found>, pool: Amount, windows: u32) -> Result<()> {
        for (seq, weight) in claim.weights(windows).sources {
            let Some(datanet) = sources.get(&seq).and_then(|found| found.datanet) else { continue };
            let (part, _) = pool.share(u64::from(weight), u64::from(windows)).unwrap_or_default();
            let used = self.uses.entry(datanet).or_default();
            *used = add(*used, base_units(part))?;
        }
        Ok(())
    }

    /// Root over the rows.
    pub fn rows_root(&self) -> Hash {
        let amount = |amount: &Uint256| Amount::from_be_bytes(amount.to_be_bytes());
        payout::tree(&self.rows.iter().map(|(seq, row)| (*seq, amount(row))).collect()).root()
    }

    /// Root over the credits.
    pub fn credits_root(&self) -> Hash {
        credits_root(&self.credits)
    }
}
