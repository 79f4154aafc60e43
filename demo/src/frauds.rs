//! Two frauds by a server that lies: one that the chain refuses on arrival, one that arrives and is caught.
//!
//! The first credits an author whose text lacks the bytes. The second passes over the first author for a later one who has the same
//! words: its bytes exist, so it arrives; a watcher's process recomputes it and refutes it with one opening (D2), and the bond is forfeit.
//! Somebody else then claims anew, behind a bond as large, and the authors who were passed over are paid.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{bail, Context, Result};
use openledger_client::{any, wallet, Key, Wallet};
use openledger_core::coin::parse_amount;
use openledger_core::Coin;
use openledger_engine::attributor;
use openledger_engine::chain;
use openledger_engine::index::Index;
use openledger_engine::model::{InfiniGram, Model, Sampling};
use openledger_engine::settle;
use openledger_engine::tally::{Answer, Tally, Terms};
use openledger_engine::wire::Signed;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::model::v1::Mode;
use openledger_provenance::canonical::{claim_from_owners, Owner};
use openledger_provenance::claim::Claim;
use openledger_provenance::commit::ReplacementCommit;
use openledger_provenance::merkle::Tree;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::{ECHO, WINDOW_BYTES};
use rand::RngCore;

use crate::community::{Cast, Published};
use crate::localnet::{Localnet, CHAIN_ID, OPEN};
use crate::market::{self, Service};
use crate::Stage;

const GAS: u64 = 2_000_000;
/// Words that many authors share: the later ones have them from the first.
const PROMPTS: [&str; 4] = [
    "Unless you explicitly state otherwise, any contribution intentionally submitted",
    "[badge-url]: https://img.shields.io/crates/",
    "Licensed under either of",
    "Add this to your `Cargo.toml`:\n\n```toml\n[dependencies]\n",
];

/// What became of the frauds.
pub struct Frauds {
    /// The settlement that was disputed, and claimed anew.
    pub disputed: u64,
    /// Who was passed over.
    pub cheated: u64,
    /// For whom.
    pub preferred: u64,
}

/// A session of the user's with the lying server, both sides in this process.
struct Lie {
    tally: Tally,
    signed: Signed,
}

/// Commits both frauds and shows what becomes of them.
pub async fn commit(
    net: &Localnet,
    cast: &Cast,
    market: &Service,
    published: &Published,
    stage: &mut Stage,
) -> Result<Frauds> {
    let mut mallory = net.wallet(&cast.mallory).await?;
    let endpoint = "http://127.0.0.1:1";
    let deployment = market::deploy(&mut mallory, market.model_version, &[published], endpoint).await?;
    let (prompt, output) = shared_words(&market.corpus.index)?;
    let lie = session(net, cast, deployment, market, prompt, output).await?;
    let canonical = settle::canonical_claims(&lie.tally, 1, &market.corpus.index);
    let canonical = canonical.first().context("no claim")?;

    let lacking = lacking(&lie.tally, canonical, &market.corpus.index)?;
    match settle::settle(&mut mallory, &lie.tally, &lie.signed, &[lacking], &market.corpus).await {
        Ok(settlement) => bail!("settlement {settlement} credits an author whose text lacks the bytes, and arrived"),
        Err(error) => {
            stage.done(&format!("fraud 1, crediting an author whose text lacks the bytes, is refused: {error}"))
        }
    }

    // The refused transaction was in a block or not; the account knows.
    let mut mallory = net.wallet(&cast.mallory).await?;
    let (later, first, second) = passing_over(&lie.tally, &market.corpus.index)?;
    let settlement = settle::settle(&mut mallory, &lie.tally, &lie.signed, &[later], &market.corpus).await?;
    let before = chain::deployment(&net.rpc(), deployment).await?.bond;
    stage.done(&format!(
        "fraud 2, passing over {} for {}, arrives as settlement {settlement}: its bytes exist",
        published.author(first).unwrap_or("?"),
        published.author(second).unwrap_or("?")
    ));

    let finding = disputed(net, settlement).await?;
    stage.done(&format!("the watcher's process recomputes it and disputes (D2): {finding}"));
    wait_forfeit(net, deployment, &before, stage).await?;
    replace(net, &cast.mender, settlement, &lie, market).await?;
    stage.done(&format!("the mender claims settlement {settlement} anew, canonically, behind a bond as large"));
    Ok(Frauds { disputed: settlement, cheated: first, preferred: second })
}

/// Waits until somebody's dispute of a settlement is valid; what it shows.
async fn disputed(net: &Localnet, settlement: u64) -> Result<String> {
    let request = pb::QueryDisputesRequest { settlement, ..Default::default() };
    for _ in 0..200 {
        let path = "/openledger.attribution.v1.Query/Disputes";
        let answer: pb::QueryDisputesResponse = net.rpc().query(path, &request).await?;
        let valid = answer.disputes.into_iter().find(|dispute| dispute.status() == pb::DisputeStatus::Valid);
        if let Some(dispute) = valid {
            return Ok(dispute.finding);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    bail!("nobody disputed settlement {settlement} within a minute; see engine-watcher.log in {}", net.home.display())
}

/// Commits to the canonical claims for a settlement and makes them.
async fn replace(net: &Localnet, mender: &Key, settlement: u64, lie: &Lie, market: &Service) -> Result<()> {
    let mut wallet = net.wallet(mender).await?;
    let claims = settle::canonical_claims(&lie.tally, 1, &market.corpus.index);
    let made = settle::message(&wallet.address(), &lie.tally, &lie.signed, &claims, &market.corpus)?;
    let settled = lie.tally.answers().iter().zip(&claims).map(|(answer, claim)| SettledReceipt {
        receipt: answer.receipt,
        segment_count: claim.segments.len() as u32,
        segments_root: claim.segments_root(),
    });
    let root = Tree::new(settled.map(|receipt| receipt.leaf()).collect()).root();
    let mut salt = [0; 32];
    rand::thread_rng().fill_bytes(&mut salt);
    let (round, check) = (1, made.check);
    let maker = mender.address();
    let commit = ReplacementCommit {
        chain_id: CHAIN_ID,
        settlement,
        round,
        maker: maker.as_bytes(),
        check: check as u32,
        root,
        salt,
    };
    let message = pb::MsgCommitReplacement { maker: wallet.address(), settlement, commit: commit.hash()?.to_vec() };
    let found = wallet.send(vec![any(&message)], GAS).await?;
    let committed = wallet::responses::<pb::MsgCommitReplacementResponse>(&found)?;
    let replace = pb::MsgReplaceClaim {
        maker: wallet.address(),
        settlement,
        receipts: made.receipts,
        check,
        number: committed.first().context("nothing was committed")?.number,
        salt: salt.to_vec(),
    };
    wallet.send(vec![any(&replace)], settle::gas(1)).await?;
    Ok(())
}

/// Waits until the bond is forfeit.
async fn wait_forfeit(net: &Localnet, deployment: u64, before: &str, stage: &mut Stage) -> Result<()> {
    let before = parse_amount(before)?;
    for _ in 0..100 {
        let after = parse_amount(&chain::deployment(&net.rpc(), deployment).await?.bond)?;
        if after < before {
            stage.done(&format!(
                "its bond falls from {before} to {after} aopen: a quarter of the difference is the watcher's"
            ));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    bail!("the bond of deployment {deployment} was not forfeited")
}

/// A prompt and an output in which some words have a first and a later author.
fn shared_words(index: &Index) -> Result<(Vec<u8>, Vec<u8>)> {
    for prompt in PROMPTS {
        for seed in 0..50 {
            let sampling = Sampling { seed, max_bytes: 600, ..Sampling::default() };
            let heard = &mut |_: &[u8]| ControlFlow::Continue(());
            let output = InfiniGram(index).generate(prompt.as_bytes(), &sampling, heard)?;
            let transcript = [prompt.as_bytes(), &output].concat();
            let owners = attributor::owners(index, &transcript, prompt.len());
            if second_owners(index, &transcript, prompt.len(), &owners).is_some() {
                return Ok((prompt.as_bytes().to_vec(), output));
            }
        }
    }
    bail!("no output was found whose words have two authors")
}

/// The owners with every window of one author's given to a later one where that has it; and the two.
fn second_owners(
    index: &Index,
    transcript: &[u8],
    prompt: usize,
    owners: &[Option<Owner>],
) -> Option<(Vec<Option<Owner>>, u64, u64)> {
    let window = |p: usize| transcript.get(prompt + p..prompt + p + WINDOW_BYTES as usize);
    for (p, owner) in owners.iter().enumerate() {
        let Some(first) = owner.filter(|owner| owner.source != ECHO) else { continue };
        let wanted = window(p)?;
        let later = index.documents().filter(|(seq, commons, _)| !commons && *seq > first.source);
        for (second, _, bytes) in later {
            if !bytes.windows(WINDOW_BYTES as usize).any(|found| found == wanted) {
                continue;
            }
            let mut changed = owners.to_vec();
            for (p, slot) in changed.iter_mut().enumerate() {
                let theirs = slot.is_some_and(|owner| owner.source == first.source);
                let at = window(p)
                    .filter(|_| theirs)
                    .and_then(|wanted| bytes.windows(WINDOW_BYTES as usize).position(|found| found == wanted));
                if let Some(offset) = at {
                    *slot = Some(Owner { source: second, offset: u32::try_from(offset).ok()? });
                }
            }
            return Some((changed, first.source, second));
        }
    }
    None
}

async fn session(
    net: &Localnet,
    cast: &Cast,
    deployment: u64,
    market: &Service,
    prompt: Vec<u8>,
    output: Vec<u8>,
) -> Result<Lie> {
    let mut user: Wallet = net.wallet(&cast.user).await?;
    let offer = chain::deployment(&net.rpc(), deployment).await?;
    let (key, _) = Key::generate()?;
    let open = pb::MsgOpenSession {
        payer: user.address(),
        deployment,
        deposit: Some(Coin::base(20 * OPEN).to_proto()),
        voucher_key: key.public_key(),
        max_base_price: offer.base_price,
        max_byte_price: offer.byte_price,
        secret_commitment: Vec::new(),
        mode: Mode::Public as i32,
        ..pb::MsgOpenSession::default()
    };
    let found = user.send(vec![any(&open)], GAS).await?;
    let opened = wallet::responses::<pb::MsgOpenSessionResponse>(&found)?;
    let session = opened.first().context("no session was opened")?.session;
    let terms = Terms::of(CHAIN_ID, &chain::session(&net.rpc(), session).await?)?;
    let height = market.corpus.height.max(terms.opened_height);
    let mut tally = Tally::new(terms, [1; 32]);
    let receipt = tally.receipt(&prompt, &output, height)?;
    tally.accept(Answer { prompt, output, receipt })?;
    let signature = key.sign(&tally.voucher().sign_bytes()?)?;
    Ok(Lie { tally, signed: Signed { count: 1, signature } })
}

/// The canonical claim with one segment given to an author who lacks its bytes.
fn lacking(tally: &Tally, canonical: &Claim, index: &Index) -> Result<Claim> {
    let transcript = tally.answers()[0].transcript();
    let prompt_len = tally.answers()[0].receipt.prompt_len;
    for (place, segment) in canonical.segments.iter().enumerate().filter(|(_, segment)| segment.source != ECHO) {
        let (at, span) = (segment.place(prompt_len) as usize, segment.span() as usize);
        let theirs = &transcript[at..at + span];
        let other = index.documents().find(|(seq, commons, bytes)| {
            let neighbours = canonical.segments.iter().any(|segment| segment.source == *seq);
            !commons && !neighbours && bytes.get(..span).is_some_and(|bytes| bytes != theirs)
        });
        if let Some((source, _, _)) = other {
            let mut claim = canonical.clone();
            claim.segments[place].source = source;
            claim.segments[place].offset = 0;
            return Ok(claim);
        }
    }
    bail!("no segment could be given to a stranger")
}

/// The canonical claim with the first author's windows given to a later one who has them too; and the two.
fn passing_over(tally: &Tally, index: &Index) -> Result<(Claim, u64, u64)> {
    let answer = &tally.answers()[0];
    let (transcript, prompt_len) = (answer.transcript(), answer.receipt.prompt_len);
    let owners = attributor::owners(index, &transcript, prompt_len as usize);
    let (owners, first, second) =
        second_owners(index, &transcript, prompt_len as usize, &owners).context("no later author")?;
    let claim = claim_from_owners(&transcript, prompt_len, &owners, |seq| index.document(seq));
    Ok((claim, first, second))
}
