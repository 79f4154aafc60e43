//! The payer's side: opens a session on chain, asks, checks every answer against its own computation, signs one voucher, and
//! looks behind the claims of what was settled.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet, Key, Rpc, Wallet};
use openledger_core::coin::parse_amount;
use openledger_core::Coin;
use openledger_proto::openledger::attribution::v1::{ClaimedReceipt, MsgOpenSession, MsgOpenSessionResponse};
use openledger_proto::openledger::model::v1::Mode;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::credit::{self, Note};
use crate::sync::Corpora;
use crate::tally::{Answer, Tally, Terms};
use crate::watch::evidence::{self, Published};
use crate::wire::{bearer, Ask, Hello, Recalled, Said, Signed, Standing};
use crate::{chain, watch};

/// Gas for opening a session.
const OPEN_GAS: u64 = 500_000;

/// The whole in basis points.
const WHOLE_BP: u64 = 10_000;
/// Between looking for the settlement of what was paid for.
const PAUSE: Duration = Duration::from_secs(1);

/// Attempts at a call whose answer was lost on the way.
pub(crate) const ATTEMPTS: u32 = 5;

/// An open session as its payer holds it.
pub struct Payer {
    /// Receipts so far.
    pub tally: Tally,
    key: Key,
    secret: [u8; 32],
    endpoint: String,
    http: reqwest::Client,
}

/// What a session is bought with: the secret that its opening commits to, and the key that signs its vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The secret.
    #[serde(with = "hex::serde")]
    pub secret: [u8; 32],
    /// The voucher key's secret.
    #[serde(with = "hex::serde")]
    pub voucher_secret: [u8; 32],
}

impl Keys {
    /// Fresh ones.
    pub fn generate() -> Result<Self> {
        let mut secret = [0; 32];
        rand::thread_rng().fill_bytes(&mut secret);
        Ok(Self { secret, voucher_secret: *Key::generate()?.0.secret() })
    }

    /// The key that signs vouchers.
    pub fn voucher(&self) -> Result<Key> {
        Ok(Key::from_secret(&self.voucher_secret)?)
    }

    /// What a session's opening commits to.
    pub fn commitment(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }
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
        Self::open_under(wallet, deployment, deposit, 0).await
    }

    /// [`Payer::open`] in sealed mode: its transcripts are the payer's alone, who alone can look behind the claims ([`Payer::audit`]).
    pub async fn open_sealed(wallet: &mut Wallet, deployment: u64, deposit: Uint256) -> Result<Self> {
        Self::open_as(wallet, deployment, deposit, (0, Mode::Sealed)).await
    }

    /// [`Payer::open`] by an agent's operator, for a session of the agent's that buys answers of this part; 0 for none.
    pub async fn open_under(wallet: &mut Wallet, deployment: u64, deposit: Uint256, parent: u64) -> Result<Self> {
        Self::open_as(wallet, deployment, deposit, (parent, Mode::Public)).await
    }

    async fn open_as(
        wallet: &mut Wallet,
        deployment: u64,
        deposit: Uint256,
        (parent, mode): (u64, Mode),
    ) -> Result<Self> {
        let keys = Keys::generate()?;
        let session = Self::buy(wallet, deployment, deposit, (parent, mode), &keys).await?;
        Self::take_up(&wallet.rpc, session, keys, &[]).await
    }

    /// Opens a session on chain, with keys that are known beforehand; its number. What it asks for is what the deployment asks now.
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
            payer: wallet.address(),
            deployment,
            deposit: Some(Coin::base(deposit).to_proto()),
            voucher_key: keys.voucher()?.public_key(),
            max_base_price: most(&offer.base_price)?,
            max_byte_price: most(&offer.byte_price)?,
            secret_commitment: keys.commitment(),
            mode: mode as i32,
            parent,
            ..MsgOpenSession::default()
        };
        let found = wallet.deliver(vec![any(&open)], OPEN_GAS).await?;
        let opened = wallet::responses::<MsgOpenSessionResponse>(&found)?;
        Ok(opened.first().context("the transaction opened no session")?.session)
    }

    /// Takes up a session that is open on chain: greets its server, and goes on after the answers that are known. One more that was given
    /// and whose reply was lost is asked for again; a server that tells of more is refused, for they were never asked for.
    pub async fn take_up(rpc: &Rpc, session: u64, keys: Keys, known: &[(Vec<u8>, Said)]) -> Result<Self> {
        let (chain_id, _) = rpc.chain().await?;
        let found = chain::session(rpc, session).await?;
        let offer = chain::deployment(rpc, found.deployment).await?;
        let endpoint = offer.endpoint.trim_end_matches('/').to_string();
        let http = reqwest::Client::builder().no_proxy().build()?;
        let (key, secret) = (keys.voucher()?, keys.secret);
        let tally = Tally::new(Terms::of(&chain_id, &found)?, secret);
        let mut payer = Self { tally, key, secret, endpoint, http };
        for (prompt, said) in known {
            payer.tally.accept(said.clone().answer(prompt)?)?;
        }
        let standing: Standing = payer.post("/v1/sessions", &Hello { session, secret }).await?;
        let (theirs, ours) = (standing.answers, known.len() as u64);
        ensure!(
            (ours..=ours + 1).contains(&theirs),
            "the server of session {session} tells of {theirs} answers, {ours} are known"
        );
        if theirs > ours {
            let url = format!("{}{}", payer.endpoint, payer.path(&format!("answers/{theirs}")));
            let call = payer.http.get(url).bearer_auth(bearer(&payer.secret)).send().await?;
            let Recalled { prompt, said } = answer_of(call).await?;
            payer.tally.accept(said.answer(&prompt)?)?;
        }
        Ok(payer)
    }

    /// What the server's operator gives back of answers, each note checked against the account's key. [`crate::credit::present`] takes one on
    /// chain.
    pub async fn credits(&self, rpc: &Rpc) -> Result<Vec<Note>> {
        let url = format!("{}{}", self.endpoint, self.path("credits"));
        let notes: Vec<Note> = answer_of(self.http.get(url).bearer_auth(bearer(&self.secret)).send().await?).await?;
        for note in &notes {
            let (of, session) = (note.session, self.tally.terms.session);
            ensure!(of == session, "a note of session {of} where {session} was asked for");
            credit::check(rpc, note).await?;
        }
        Ok(notes)
    }

    /// What a client in another language needs to go on: where to ask, with which key, and what the session's vouchers are made
    /// from. Whoever has it can spend the session's deposit.
    pub fn handout(&self) -> serde_json::Value {
        let terms = &self.tally.terms;
        serde_json::json!({
            "chain_id": terms.chain_id,
            "session": terms.session,
            "deployment": terms.deployment,
            "model_version": terms.model_version,
            "base_url": format!("{}/v1", self.endpoint),
            "api_key": bearer(&self.secret),
            "secret": hex::encode(self.secret),
            "voucher_secret": hex::encode(self.key.secret()),
            "base_price": terms.base_price,
            "byte_price": terms.byte_price,
            "deposit": terms.deposit,
            "opened_height": terms.opened_height,
        })
    }

    /// Asks; the answer is checked and taken into the tally, or refused. Where the way breaks the question is asked again under the same
    /// key, so it is answered and charged once, though the server may have been restarted meanwhile.
    pub async fn ask(&mut self, wallet: &Wallet, prompt: &[u8], max_bytes: usize, seed: u64) -> Result<&Answer> {
        self.ask_for(&wallet.rpc, &Ask::new(prompt, max_bytes, seed)).await
    }

    /// [`Payer::ask`] with all that shapes an answer.
    pub async fn ask_for(&mut self, rpc: &Rpc, ask: &Ask) -> Result<&Answer> {
        let said: Said = self.post(&self.path("completions"), ask).await?;
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
        let voucher = self.tally.voucher();
        let signature = self.key.sign(&voucher.sign_bytes()?)?;
        self.post(&self.path("voucher"), &Signed { count: voucher.count, signature }).await
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
        let url = format!("{}/v1/sessions/{}", self.endpoint, self.tally.terms.session);
        answer_of(self.http.get(url).bearer_auth(bearer(&self.secret)).send().await?).await
    }

    fn path(&self, call: &str) -> String {
        format!("/v1/sessions/{}/{call}", self.tally.terms.session)
    }

    async fn post<Req: serde::Serialize, Resp: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        request: &Req,
    ) -> Result<Resp> {
        let url = format!("{}{path}", self.endpoint);
        let key = hex::encode(rand::random::<[u8; 16]>());
        let mut attempt = 0;
        loop {
            let call = self.http.post(&url).bearer_auth(bearer(&self.secret)).header("idempotency-key", &key);
            attempt += 1;
            match call.json(request).send().await {
                Ok(response) => return answer_of(response).await,
                Err(error) if attempt >= ATTEMPTS => return Err(error).with_context(|| url),
                Err(_) => tokio::time::sleep(Duration::from_millis(200 << attempt)).await,
            }
        }
    }
}

pub(crate) async fn answer_of<T: serde::de::DeserializeOwned>(response: reqwest::Response) -> Result<T> {
    let (status, body) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "the server answered {status}: {body}");
    serde_json::from_str(&body).with_context(|| format!("the server answered {body:?}"))
}
