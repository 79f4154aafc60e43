//! The payer's side: opens a session on chain, asks, checks every answer against its own computation, signs one voucher, and
//! looks behind the claims of what was settled.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{Rpc, Wallet};
use openledger_core::coin::parse_amount;
use openledger_proto::openledger::attribution::v1::{ClaimedReceipt, MsgOpenSession};
use openledger_proto::openledger::model::v1::Mode;
use serde_json::json;

use crate::credit::Note;
use crate::line::{Keys, Line};
use crate::sync::Corpora;
use crate::tally::{Answer, Tally, Terms};
use crate::watch::evidence::{self, Published};
use crate::wire::{Ask, Recalled, Said, Standing};
use crate::{chain, watch};

/// Gas for opening a session.
const OPEN_GAS: u64 = 500_000;

/// The whole in basis points.
const WHOLE_BP: u64 = 10_000;
/// Between looking for the settlement of what was paid for.
const PAUSE: Duration = Duration::from_secs(1);

/// An open session as its payer holds it.
pub struct Payer {
    /// Receipts so far.
    pub tally: Tally,
    line: Line,
}

/// What a payer found in a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The settlement.
    pub settlement: u64,
    /// Receipts in it.
    pub receipts: usize,
    /// The first receipt whose claim deviates, what is wrong, and what came of the dispute; nothing where all are canonical.
    pub deviation: Option<(u64, String)>,
}

impl Payer {
    /// Opens a session with `deposit` base units on chain, with a voucher key and a secret made for it, and greets its server.
    pub async fn open(wallet: &mut Wallet, deployment: u64, deposit: Uint256) -> Result<Self> {
        Self::open_as(wallet, deployment, deposit, Mode::Public).await
    }

    /// [`Payer::open`] in sealed mode: its transcripts are the payer's alone, who alone can look behind the claims ([`Payer::audit`]).
    pub async fn open_sealed(wallet: &mut Wallet, deployment: u64, deposit: Uint256) -> Result<Self> {
        Self::open_as(wallet, deployment, deposit, Mode::Sealed).await
    }

    async fn open_as(wallet: &mut Wallet, deployment: u64, deposit: Uint256, mode: Mode) -> Result<Self> {
        let keys = Keys::generate()?;
        let session = Self::buy(wallet, deployment, deposit, (0, mode), &keys).await?;
        Self::take_up(&wallet.rpc, session, &keys, &[]).await
    }

    /// Opens a session on chain, with keys that are known beforehand; its number. What it asks for is what the deployment asks now.
    /// `parent` is the session of an agent's for which its operator buys this part's answers; 0 for none.
    pub async fn buy(
        wallet: &mut Wallet,
        deployment: u64,
        deposit: Uint256,
        (parent, mode): (u64, Mode),
        keys: &Keys,
    ) -> Result<u64> {
        let offer = chain::deployment(&wallet.rpc, deployment).await?;
        let premium = match mode {
            Mode::Sealed => chain::params(&wallet.rpc, 0).await?.sealed_premium,
            _ => 0,
        };
        let most = |price: &str| -> Result<String> {
            let price = parse_amount(price)?.checked_multiply_ratio(u64::from(premium) + WHOLE_BP, WHOLE_BP);
            Ok(price.context("the price exceeds 256 bits")?.to_string())
        };
        let open = MsgOpenSession {
            deployment,
            max_base_price: most(&offer.base_price)?,
            max_byte_price: most(&offer.byte_price)?,
            mode: mode as i32,
            parent,
            ..MsgOpenSession::default()
        };
        keys.open(wallet, deposit, open, OPEN_GAS).await
    }

    /// Takes up a session that is open on chain: greets its server, and goes on after the answers that are known. One more that was given
    /// and whose reply was lost is asked for again; a server that tells of more is refused, for they were never asked for.
    pub async fn take_up(rpc: &Rpc, session: u64, keys: &Keys, known: &[(Vec<u8>, Said)]) -> Result<Self> {
        let (chain_id, _) = rpc.chain().await?;
        let found = chain::session(rpc, session).await?;
        let offer = chain::deployment(rpc, found.deployment).await?;
        let mut tally = Tally::new(Terms::of(&chain_id, &found)?, keys.secret);
        for (prompt, said) in known {
            tally.accept(said.clone().answer(prompt)?)?;
        }
        let (line, standing) = Line::greet(&offer.endpoint, session, keys).await?;
        let (theirs, ours) = (standing.answers, known.len() as u64);
        ensure!(
            (ours..=ours + 1).contains(&theirs),
            "the server of session {session} tells of {theirs} answers, {ours} are known"
        );
        if theirs > ours {
            let Recalled { prompt, said } = line.recall::<Said>(theirs).await?;
            tally.accept(said.answer(&prompt)?)?;
        }
        Ok(Self { tally, line })
    }

    /// What the server's operator gives back of answers, each note checked against the account's key. [`crate::credit::present`] takes one on
    /// chain.
    pub async fn credits(&self, rpc: &Rpc) -> Result<Vec<Note>> {
        self.line.credits(rpc).await
    }

    /// What a client in another language needs to go on: [`Line::handout`], and what the session's vouchers are made from.
    pub fn handout(&self) -> serde_json::Value {
        let (mut handout, terms) = (self.line.handout(), &self.tally.terms);
        handout["chain_id"] = json!(terms.chain_id);
        handout["deployment"] = json!(terms.deployment);
        handout["model_version"] = json!(terms.model_version);
        handout["base_price"] = json!(terms.base_price);
        handout["byte_price"] = json!(terms.byte_price);
        handout["deposit"] = json!(terms.deposit);
        handout["opened_height"] = json!(terms.opened_height);
        handout
    }

    /// Asks; the answer is checked and taken into the tally, or refused. Where the way breaks the question is asked again under the same
    /// key, so it is answered and charged once, though the server may have been restarted meanwhile.
    pub async fn ask(&mut self, wallet: &Wallet, prompt: &[u8], max_bytes: usize, seed: u64) -> Result<&Answer> {
        self.ask_for(&wallet.rpc, &Ask::new(prompt, max_bytes, seed)).await
    }

    /// [`Payer::ask`] with all that shapes an answer.
    pub async fn ask_for(&mut self, rpc: &Rpc, ask: &Ask) -> Result<&Answer> {
        let said: Said = self.line.ask(ask).await?;
        let most = ask.max_bytes;
        ensure!(said.output.len() <= most, "the output is longer than the {most} bytes asked for");
        let answer = said.answer(&ask.prompt)?;
        let (_, height) = rpc.chain().await?;
        Tally::check_fresh(&answer.receipt, height)?;
        self.tally.accept(answer)?;
        self.tally.answers().last().context("an accepted answer")
    }

    /// Signs the voucher over everything so far and hands it over.
    pub async fn pay(&self) -> Result<Standing> {
        self.line.pay(&self.tally.voucher()).await
    }

    /// Waits until everything that was paid for is settled, `within` at most, and checks each claim against the payer's own words: in a
    /// sealed session nobody else can. The first deviation is disputed. What was found, by settlement.
    pub async fn audit(&self, wallet: &mut Wallet, corpora: &Corpora, within: Duration) -> Result<Vec<Audited>> {
        let session = self.tally.terms.session;
        let paid = self.tally.answers().len() as u64;
        let deadline = tokio::time::Instant::now() + within;
        while chain::session(&wallet.rpc, session).await?.settled_count < paid {
            ensure!(tokio::time::Instant::now() < deadline, "session {session} is not settled within {within:?}");
            tokio::time::sleep(PAUSE).await;
        }
        let mut audited = Vec::new();
        for settlement in chain::settlements(&wallet.rpc, session).await? {
            let claimed = evidence::claimed(&wallet.rpc, settlement.id, 0, settlement.height).await?;
            let published = claimed.iter().map(|claimed| self.opened(claimed)).collect::<Result<Vec<_>>>()?;
            let tree = evidence::tree(published.iter().map(|receipt| &receipt.settled));
            let mut found = Audited { settlement: settlement.id, receipts: published.len(), deviation: None };
            for (place, receipt) in published.iter().enumerate() {
                let terms = &receipt.settled.receipt;
                let corpus = corpora.load(terms.model_version, terms.corpus_height).await?;
                let Some(deviation) = evidence::deviation_of(receipt, place, &tree, &corpus.index)? else { continue };
                let judged = watch::dispute(wallet, settlement.id, &deviation.evidence).await?;
                found.deviation = Some((terms.index, format!("{:?}; disputed: {}", deviation.finding, judged.finding)));
                break;
            }
            audited.push(found);
        }
        Ok(audited)
    }

    /// A settled receipt with what the payer knows of it; an error where it is of other words than were said.
    fn opened(&self, claimed: &ClaimedReceipt) -> Result<Published> {
        let (settled, claim) = evidence::settled(claimed)?;
        let index = settled.receipt.index;
        let place = usize::try_from(index.saturating_sub(1))?;
        let answer = self.tally.answers().get(place).with_context(|| format!("receipt {index} was never given"))?;
        ensure!(answer.receipt == settled.receipt, "receipt {index} was settled otherwise than it was given");
        Ok(Published { transcript: answer.transcript(), key: self.tally.receipt_key(index), claim, settled })
    }

    /// Where the server says that the session stands.
    pub async fn standing(&self) -> Result<Standing> {
        self.line.standing().await
    }
}
