//! Watching: recomputes what settlements claim, from the transcripts that were published, and disputes what deviates.
//!
//! Anyone with the corpus can do this; it needs nothing from the server. A dispute is committed first and revealed a block later, so
//! that nobody takes its bounty by copying it.
//!
//! | file | what |
//! | --- | --- |
//! | [`evidence`] | what was published; the first deviation, with what refutes it |
//! | [`watcher`] | the running mode: every settlement of every server |
//! | [`looker`] | looking at one settlement, beside the others |
//! | [`mender`] | canonical claims in the place of refuted ones |
//! | [`copies`], [`naming`] | contributions that copy earlier ones; their disputes |
//! | [`works`] | which contributions are still to be looked at |
//! | [`asking`] | demands, and undeclared sources: what anybody may ask for |
//! | [`book`] | what a watcher must not forget: where it was, what it disputes |

pub mod asking;
pub mod book;
pub mod copies;
pub mod evidence;
pub mod looker;
pub mod mender;
pub mod naming;
pub mod watcher;
pub mod works;

use anyhow::{Context, Result};
use openledger_client::{any, wallet, Wallet};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::commit::DisputeCommit;
use rand::RngCore;

pub use evidence::{find_deviation, published, Deviation, Published};
pub use watcher::{WatchSettings, Watcher};

use crate::sync::Corpus;

/// Gas for committing to a dispute, and for revealing it.
const DISPUTE_GAS: u64 = 3_000_000;

/// Checks a settlement against the corpus; disputes it where it deviates. What was found, and the dispute's outcome.
pub async fn watch(
    wallet: &mut Wallet,
    settlement: u64,
    corpus: &Corpus,
) -> Result<Option<(Deviation, pb::MsgRevealDisputeResponse)>> {
    let published = published(&wallet.rpc, settlement).await?;
    match find_deviation(&published, &corpus.index)? {
        None => Ok(None),
        Some(deviation) => {
            let outcome = dispute(wallet, settlement, &deviation.evidence).await?;
            Ok(Some((deviation, outcome)))
        }
    }
}

/// Commits to a dispute, then reveals it.
pub async fn dispute(wallet: &mut Wallet, settlement: u64, evidence: &[u8]) -> Result<pb::MsgRevealDisputeResponse> {
    let mut salt = [0; 32];
    rand::thread_rng().fill_bytes(&mut salt);
    let hash = commit_hash(wallet, settlement, evidence, salt)?;
    let dispute = commit(wallet, settlement, hash).await?;
    reveal(wallet, dispute, evidence, salt).await
}

/// The hash that commits a wallet's account to a dispute.
pub fn commit_hash(wallet: &Wallet, settlement: u64, evidence: &[u8], salt: [u8; 32]) -> Result<Vec<u8>> {
    let disputant = wallet.key.address();
    let commit = DisputeCommit {
        chain_id: wallet.chain_id(),
        settlement,
        disputant: disputant.as_bytes(),
        dispute: evidence,
        salt,
    };
    Ok(commit.hash()?.to_vec())
}

/// Commits to a dispute; its number.
pub async fn commit(wallet: &mut Wallet, settlement: u64, commit: Vec<u8>) -> Result<u64> {
    let message = pb::MsgCommitDispute { disputant: wallet.address(), settlement, commit };
    let found = wallet.deliver(vec![any(&message)], DISPUTE_GAS).await?;
    let committed = wallet::responses::<pb::MsgCommitDisputeResponse>(&found)?;
    Ok(committed.first().context("the transaction committed nothing")?.dispute)
}

/// Reveals a committed dispute; the chain's judgement.
pub async fn reveal(
    wallet: &mut Wallet,
    dispute: u64,
    evidence: &[u8],
    salt: [u8; 32],
) -> Result<pb::MsgRevealDisputeResponse> {
    let reveal =
        pb::MsgRevealDispute { disputant: wallet.address(), dispute, evidence: evidence.to_vec(), salt: salt.to_vec() };
    let found = wallet.deliver(vec![any(&reveal)], DISPUTE_GAS).await?;
    let revealed = wallet::responses::<pb::MsgRevealDisputeResponse>(&found)?;
    revealed.into_iter().next().context("the transaction revealed nothing")
}
