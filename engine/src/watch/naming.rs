//! Naming a copy on chain: commit, draw, reveal.
//!
//! Each step is in the watcher's book. Nothing is earned by it but what the rule gives: the bond comes back, the earlier author has the pay
//! from then on, and the datanet knows who showed it. A ruling that names a later source, or several, is no end: whoever shows the earlier one
//! has the pay go to its author.

use anyhow::{Context, Result};
use openledger_client::{any, wallet, Error, Wallet};
use openledger_proto::openledger::datanet::v1 as dn;
use openledger_provenance::codec::Encode;
use openledger_provenance::duplicate;
use serde::{Deserialize, Serialize};

use crate::chain;
use crate::sync::Corpus;

/// Gas for a commit, and for a proof of sixteen regions with their openings.
const COMMIT_GAS: u64 = 1_000_000;
const REVEAL_GAS: u64 = 30_000_000;

/// One dispute of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyCase {
    /// The earlier works that it copies.
    pub sources: Vec<u64>,
    /// The dispute's number, once it is committed.
    pub dispute: Option<u64>,
    /// What became of it, once that is known.
    pub outcome: Option<String>,
}

/// How a case goes on.
pub enum Step {
    /// Something has to come first.
    Waits,
    /// It was committed under this number.
    Committed(u64),
    /// It is over.
    Ended(String),
}

/// Takes a case on from where it is: commits, then shows what was drawn.
pub async fn pursue(wallet: &mut Wallet, seq: u64, case: &CopyCase, library: &Corpus) -> Result<Step> {
    let Some(id) = case.dispute else { return commit(wallet, seq, &case.sources).await };
    let (dispute, seed) = chain::duplicate(&wallet.rpc, id).await?;
    match dispute.status() {
        dn::DuplicateStatus::Open => {}
        status => return Ok(Step::Ended(status.as_str_name().to_lowercase())),
    }
    // Its regions are drawn with the next block, and shown in the one after.
    let Ok(seed) = <[u8; 32]>::try_from(seed.as_slice()) else { return Ok(Step::Waits) };
    if wallet.rpc.chain().await?.1 <= dispute.height {
        return Ok(Step::Waits);
    }
    let later = library.index.document(seq).context("the work is not in the library")?;
    let earlier: Vec<(u64, &[u8])> =
        case.sources.iter().filter_map(|of| Some((*of, library.index.document(*of)?))).collect();
    let Some(proof) = duplicate::prove(later, &seed, &earlier)? else {
        return Ok(Step::Ended("the draw shows no copy; the bond is lost".into()));
    };
    let message = dn::MsgRevealDuplicate { disputant: wallet.address(), dispute_id: id, proof: proof.encode() };
    match wallet.deliver(vec![any(&message)], REVEAL_GAS).await {
        Ok(found) => {
            let shown = wallet::responses::<dn::MsgRevealDuplicateResponse>(&found)?;
            let shown = shown.first().context("the transaction showed nothing")?;
            let what = if shown.ruled { "ruled" } else { "shown, ruled before" };
            Ok(Step::Ended(format!("{what}: source {}", shown.source)))
        }
        // Too early by a block, or the node lags behind.
        Err(Error::Tx { ref codespace, code, .. }) if codespace == "datanet" && code == NOT_NOW => Ok(Step::Waits),
        Err(error) if error.is_refusal() => Ok(Step::Ended(format!("refused: {error}"))),
        Err(error) => Err(error.into()),
    }
}

/// The datanets' code of a reveal before its time, or after.
const NOT_NOW: u32 = 64;

async fn commit(wallet: &mut Wallet, seq: u64, sources: &[u64]) -> Result<Step> {
    let ours = wallet.address();
    // A former run may have committed without having seen it.
    let of_ours =
        |dispute: &dn::DuplicateDispute| dispute.status() == dn::DuplicateStatus::Open && dispute.disputant == ours;
    if let Some(open) = chain::duplicates(&wallet.rpc, seq).await?.into_iter().find(of_ours) {
        return Ok(Step::Committed(open.id));
    }
    if chain::ruling(&wallet.rpc, seq).await?.is_some_and(|standing| !betters(sources, &standing)) {
        return Ok(Step::Ended("ruled already".into()));
    }
    let message = dn::MsgCommitDuplicate { disputant: ours, seq };
    match wallet.deliver(vec![any(&message)], COMMIT_GAS).await {
        Ok(found) => {
            let committed = wallet::responses::<dn::MsgCommitDuplicateResponse>(&found)?;
            Ok(Step::Committed(committed.first().context("the transaction committed nothing")?.dispute_id))
        }
        Err(error) if error.is_refusal() => Ok(Step::Ended(format!("refused: {error}"))),
        Err(error) => Err(error.into()),
    }
}

/// Whether showing these sources would change a ruling that stands: only an earlier single one does.
fn betters(sources: &[u64], standing: &dn::Ruling) -> bool {
    matches!(sources, [source] if standing.source == 0 || *source < standing.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_earlier_single_source_changes_a_ruling() {
        let by = |source: u64| dn::Ruling { source, ..Default::default() };
        assert!(betters(&[3], &by(4)) && betters(&[3], &by(0)), "an earlier one; one where it was several");
        assert!(
            !betters(&[3], &by(3)) && !betters(&[3], &by(2)) && !betters(&[1, 2], &by(4)) && !betters(&[1, 2], &by(0))
        );
    }
}
