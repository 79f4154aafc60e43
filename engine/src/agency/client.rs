//! The payer's side of an agent: opens a session on chain, asks, checks each answer down to its parts' receipts, signs vouchers.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet, Key, Rpc, Wallet};
use openledger_core::coin::parse_amount;
use openledger_core::Coin;
use openledger_proto::openledger::attribution::v1::{MsgOpenSession, MsgOpenSessionResponse};
use openledger_proto::openledger::model::v1::Mode;
use reqwest::Method;

use crate::agency::tally::{AgentAnswer, AgentTally, AgentTerms};
use crate::agency::wire::SaidByAgent;
use crate::chain;
use crate::credit::{self, Note};
use crate::payer::{answer_of, Keys, ATTEMPTS};
use crate::wire::{bearer, Ask, Hello, Signed, Standing};

/// Gas for opening a session.
const OPEN_GAS: u64 = 2_000_000;

/// An open session with an agent as its payer holds it.
pub struct AgentPayer {
    /// Receipts so far.
    pub tally: AgentTally,
    key: Key,
    secret: [u8; 32],
    endpoint: String,
    http: reqwest::Client,
    /// Sub-sessions that the chain knows as this session's.
    known: BTreeSet<u64>,
}

impl AgentPayer {
    /// Opens a session with `deposit` base units at the prices that agent and parts ask now, and greets the agent at `endpoint`.
    pub async fn open(wallet: &mut Wallet, agent: u64, endpoint: &str, deposit: Uint256) -> Result<Self> {
        let (base, byte) = asked(&wallet.rpc, agent).await?;
        let keys = Keys::generate()?;
        let (key, secret) = (keys.voucher()?, keys.secret);
        let open = MsgOpenSession {
            payer: wallet.address(),
            agent,
            deposit: Some(Coin::base(deposit).to_proto()),
            voucher_key: key.public_key(),
            max_base_price: base.to_string(),
            max_byte_price: byte.to_string(),
            secret_commitment: keys.commitment(),
            mode: Mode::Public as i32,
            ..MsgOpenSession::default()
        };
        let found = wallet.deliver(vec![any(&open)], OPEN_GAS).await?;
        let opened = wallet::responses::<MsgOpenSessionResponse>(&found)?;
        let session = opened.first().context("the transaction opened no session")?.session;
        let terms = AgentTerms::of(wallet.chain_id(), &chain::session(&wallet.rpc, session).await?)?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let endpoint = endpoint.trim_end_matches('/').to_string();
        let payer = Self { tally: AgentTally::new(terms, secret), key, secret, endpoint, http, known: BTreeSet::new() };
        let hello = serde_json::to_vec(&Hello { session, secret })?;
        payer.call::<Standing>(Method::POST, "/v1/sessions", Some(hello)).await?;
        Ok(payer)
    }

    /// Asks; the answer is checked, its parts' receipts with it, and taken into the tally, or refused.
    pub async fn ask(&mut self, rpc: &Rpc, prompt: &[u8], max_bytes: usize, seed: u64) -> Result<&AgentAnswer> {
        let ask = serde_json::to_vec(&Ask::new(prompt, max_bytes, seed))?;
        let said: SaidByAgent = self.call(Method::POST, &self.path("completions"), Some(ask)).await?;
        ensure!(said.output.len() <= max_bytes, "the output is longer than the {max_bytes} bytes asked for");
        let answer = said.answer(prompt)?;
        self.tally.check(&answer)?;
        for part in &answer.parts {
            self.check_sub_session(rpc, part.session, part.deployment).await?;
        }
        self.tally.accept(answer)?;
        self.tally.answers().last().context("an accepted answer")
    }

    /// Whether the chain knows a sub-session as one that buys this part's answers for us.
    async fn check_sub_session(&mut self, rpc: &Rpc, id: u64, deployment: u64) -> Result<()> {
        if self.known.contains(&id) {
            return Ok(());
        }
        let (found, ours) = (chain::session(rpc, id).await?, self.tally.terms.session);
        ensure!(
            found.parent == ours && found.deployment == deployment,
            "session {id} buys of deployment {} for session {}, not of {deployment} for {ours}",
            found.deployment,
            found.parent
        );
        self.known.insert(id);
        Ok(())
    }

    /// Signs the voucher over everything so far and hands it over.
    pub async fn pay(&self) -> Result<Standing> {
        let voucher = self.tally.voucher();
        let signature = self.key.sign(&voucher.sign_bytes()?)?;
        let signed = serde_json::to_vec(&Signed { count: voucher.count, signature })?;
        self.call(Method::POST, &self.path("voucher"), Some(signed)).await
    }

    /// Where the agent says that the session stands.
    pub async fn standing(&self) -> Result<Standing> {
        let path = format!("/v1/sessions/{}", self.tally.terms.session);
        self.call(Method::GET, &path, None).await
    }

    /// What the operator gives back of answers, each note checked against the account's key.
    pub async fn credits(&self, rpc: &Rpc) -> Result<Vec<Note>> {
        let notes: Vec<Note> = self.call(Method::GET, &self.path("credits"), None).await?;
        for note in &notes {
            let (of, session) = (note.session, self.tally.terms.session);
            ensure!(of == session, "a note of session {of} where {session} was asked for");
            credit::check(rpc, note).await?;
        }
        Ok(notes)
    }

    /// What a client in another language needs to go on: where to ask, and with which key. Whoever has it can spend the deposit.
    pub fn handout(&self) -> serde_json::Value {
        serde_json::json!({
            "chain_id": self.tally.terms.chain_id,
            "session": self.tally.terms.session,
            "agent": self.tally.terms.agent,
            "base_url": format!("{}/v1", self.endpoint),
            "api_key": bearer(&self.secret),
            "secret": hex::encode(self.secret),
            "voucher_secret": hex::encode(self.key.secret()),
            "deposit": self.tally.terms.deposit,
        })
    }

    fn path(&self, call: &str) -> String {
        format!("/v1/sessions/{}/{call}", self.tally.terms.session)
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T> {
        let (url, key) = (format!("{}{path}", self.endpoint), hex::encode(rand::random::<[u8; 16]>()));
        let mut attempt = 0;
        loop {
            let mut call = self.http.request(method.clone(), &url).bearer_auth(bearer(&self.secret));
            if let Some(body) = &body {
                call =
                    call.header("idempotency-key", &key).header("content-type", "application/json").body(body.clone());
            }
            attempt += 1;
            // Asked again under the same key it is answered and charged once.
            match call.send().await {
                Ok(response) => return answer_of(response).await,
                Err(error) if attempt >= ATTEMPTS => return Err(error).with_context(|| url),
                Err(_) => tokio::time::sleep(Duration::from_millis(200 << attempt)).await,
            }
        }
    }
}

/// What an agent and its parts ask now, together: of an answer, and of an output byte.
async fn asked(rpc: &Rpc, agent: u64) -> Result<(Uint256, Uint256)> {
    let (_, terms) = chain::agent(rpc, agent).await?;
    let mut sum = (parse_amount(&terms.base_price)?, parse_amount(&terms.byte_price)?);
    for deployment in terms.deployments {
        let offer = chain::deployment(rpc, deployment).await?;
        let part = (parse_amount(&offer.base_price)?, parse_amount(&offer.byte_price)?);
        sum = (sum.0.checked_add(part.0).context("prices")?, sum.1.checked_add(part.1).context("prices")?);
    }
    Ok(sum)
}
