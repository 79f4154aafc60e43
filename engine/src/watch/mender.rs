//! Claiming anew: a settlement whose claims were refuted has its authors unpaid until somebody makes the canonical claims, behind a bond
//! as large as the server's was. Whoever does has the bond back and an eighth of the forfeited one.
//!
//! The receipts, transcripts and credits are those of the transaction that settled; only claims and openings are new. So it can be done where every
//! transcript was published on arrival, and not where the server kept them; and where the canonical claims fit one message with all their
//! openings. On the bond alone they are not made: then whoever makes them must answer demands and samples for its round, within an answer
//! window each, and a watcher keeps no transcripts to answer with. Claims are committed to first; the commit's place, bond
//! and salt are in the watcher's book before anything is sent, and the claims are computed again after a restart: the same corpus gives
//! the same claims.

use anyhow::{ensure, Context, Result};
use openledger_client::{any, wallet, Error, Rpc, Wallet};
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::Message;
use openledger_provenance::claim::Claim;
use openledger_provenance::commit::ReplacementCommit;
use openledger_provenance::merkle::Tree;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::Hash;
use serde::{Deserialize, Serialize};

use crate::index::Index;
use crate::settle::{self, Openings};
use crate::watch::evidence::Published;
use crate::{attributor, forms};

/// Gas for a commit.
const COMMIT_GAS: u64 = 2_000_000;

/// A replacement of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// What the commit is salted with.
    #[serde(with = "hex::serde")]
    pub salt: [u8; 32],
    /// The commit's number, once it is committed.
    pub number: Option<u32>,
    /// What became of it, once that is known.
    pub outcome: Option<String>,
}

/// Canonical claims for a settlement's receipts.
pub struct Anew {
    receipts: Vec<pb::ClaimedReceipt>,
    root: Hash,
}

impl Anew {
    /// Claims anew: `published` and `claimed` are the settlement's receipts, each with the index of its corpus.
    pub fn of(claimed: Vec<pb::ClaimedReceipt>, published: &[Published], indices: &[&Index]) -> Result<Self> {
        ensure!(claimed.len() == published.len() && claimed.len() == indices.len(), "receipts without their corpora");
        let mut leaves = Vec::new();
        let mut receipts = Vec::new();
        for ((mut message, receipt), index) in claimed.into_iter().zip(published).zip(indices) {
            let prompt_len = receipt.settled.receipt.prompt_len;
            let claim: Claim = attributor::claim(index, &receipt.transcript, prompt_len);
            message.segments = forms::segment_messages(&claim);
            // Trees are kept by a source's number, which names the same bytes in every corpus.
            message.openings = Openings::default().of(&claim, index)?;
            let segments_root = claim.segments_root();
            let segment_count = u32::try_from(claim.segments.len())?;
            leaves.push(SettledReceipt { receipt: receipt.settled.receipt, segment_count, segments_root }.leaf());
            receipts.push(message);
        }
        Ok(Self { receipts, root: Tree::new(leaves).root() })
    }

    /// The message that makes them, every segment opened; nothing where that does not fit.
    fn message(&self, maker: String, settlement: u64) -> Option<pb::MsgReplaceClaim> {
        let message = pb::MsgReplaceClaim {
            maker,
            settlement,
            receipts: self.receipts.clone(),
            check: pb::Check::Existence as i32,
            number: u32::MAX,
            salt: vec![0; 32],
        };
        let (bytes, receipts) = (message.encoded_len() as u64, message.receipts.len() as u64);
        (bytes <= settle::MAX_BYTES && receipts <= settle::MAX_EXISTENCE).then_some(message)
    }
}

/// What a step came to.
pub enum Step {
    /// It waits: for its block, or for earlier commits.
    Waits,
    /// It has ended, like this.
    Ended(String),
}

/// Takes a replacement on from where it is. `note` writes it down.
pub async fn pursue(
    wallet: &mut Wallet,
    (settlement, round): (u64, u32),
    mend: &mut Mend,
    anew: &Anew,
    note: &mut impl FnMut(&Mend) -> Result<()>,
) -> Result<Step> {
    let Some(mut message) = anew.message(wallet.address(), settlement) else {
        return Ok(Step::Ended("the claims do not fit a message with their openings".into()));
    };
    let hash = commit_hash(wallet, (settlement, round), message.check, anew.root, mend.salt)?;
    let commits = commits(&wallet.rpc, settlement).await?;
    let ours = commits.iter().find(|commit| commit.commit[..] == hash[..]);
    // A former run may have committed without having seen it.
    mend.number = mend.number.or(ours.map(|commit| commit.number));
    let Some(number) = mend.number else {
        let commit = pb::MsgCommitReplacement { maker: wallet.address(), settlement, commit: hash };
        let found = match wallet.deliver(vec![any(&commit)], COMMIT_GAS).await {
            Ok(found) => found,
            Err(error) => return ended(error),
        };
        let committed = wallet::responses::<pb::MsgCommitReplacementResponse>(&found)?;
        mend.number = Some(committed.first().context("the transaction committed nothing")?.number);
        note(mend)?;
        return Ok(Step::Waits);
    };
    let (_, now) = wallet.rpc.chain().await?;
    if commits.iter().any(|earlier| earlier.number < number && now <= earlier.deadline) {
        return Ok(Step::Waits);
    }
    (message.number, message.salt) = (number, mend.salt.to_vec());
    let gas = settle::gas(message.receipts.len() as u64);
    match wallet.deliver(vec![any(&message)], gas).await {
        Ok(_) => Ok(Step::Ended("made".into())),
        Err(error) => ended(error),
    }
}

/// What the chain refused stays refused; what did not reach it is tried again.
fn ended(error: Error) -> Result<Step> {
    match &error {
        Error::Tx { log, .. } if error.is_refusal() => Ok(Step::Ended(format!("refused: {log}"))),
        _ => Err(error.into()),
    }
}

fn commit_hash(
    wallet: &Wallet,
    (settlement, round): (u64, u32),
    check: i32,
    root: Hash,
    salt: [u8; 32],
) -> Result<Vec<u8>> {
    let maker = wallet.key.address();
    let commit = ReplacementCommit {
        chain_id: wallet.chain_id(),
        settlement,
        round,
        maker: maker.as_bytes(),
        check: u32::try_from(check)?,
        root,
        salt,
    };
    Ok(commit.hash()?.to_vec())
}

/// The commits to a settlement's replacement: at most eight.
async fn commits(rpc: &Rpc, settlement: u64) -> Result<Vec<pb::ReplacementCommit>> {
    let pagination = Some(PageRequest { limit: 100, ..Default::default() });
    let request = pb::QueryReplacementCommitsRequest { settlement, pagination };
    let path = "/openledger.attribution.v1.Query/ReplacementCommits";
    let answer: pb::QueryReplacementCommitsResponse = rpc.query(path, &request).await?;
    Ok(answer.commits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anew(receipts: usize, opening_bytes: usize) -> Anew {
        let openings = vec![vec![0; opening_bytes]];
        let receipt = pb::ClaimedReceipt { openings, transcript: vec![1], ..Default::default() };
        Anew { receipts: vec![receipt; receipts], root: [0; 32] }
    }

    #[test]
    fn claims_are_made_anew_with_every_opening_or_not_at_all() {
        let made = anew(64, 9_000).message("open1".into(), 1).unwrap();
        assert_eq!(made.check, pb::Check::Existence as i32);
        assert!(made.receipts.iter().all(|receipt| !receipt.openings.is_empty() && !receipt.transcript.is_empty()));
        // On the bond alone a watcher would have to answer what it cannot.
        assert!(anew(64, 11_000).message("open1".into(), 1).is_none(), "too many bytes");
        assert!(anew(65, 10).message("open1".into(), 1).is_none(), "too many receipts");
    }
}
