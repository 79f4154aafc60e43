//! The payer's side: opens a session on chain, asks, checks every answer against its own computation, signs one voucher.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet, Key, Wallet};
use openledger_core::Coin;
use openledger_proto::openledger::attribution::v1::{MsgOpenSession, MsgOpenSessionResponse};
use openledger_proto::openledger::model::v1::Mode;
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::chain;
use crate::tally::{Answer, Tally, Terms};
use crate::wire::{bearer, Ask, Hello, Said, Signed, Standing};

/// Gas for opening a session.
const OPEN_GAS: u64 = 500_000;

/// Attempts at a call whose answer was lost on the way.
const ATTEMPTS: u32 = 5;

/// An open session as its payer holds it.
pub struct Payer {
    /// Receipts so far.
    pub tally: Tally,
    key: Key,
    secret: [u8; 32],
    endpoint: String,
    http: reqwest::Client,
}

impl Payer {
    /// Opens a session with `deposit` base units on chain, with a voucher key and a secret made for it, and greets its server.
    pub async fn open(wallet: &mut Wallet, deployment: u64, deposit: Uint256) -> Result<Self> {
        Self::open_under(wallet, deployment, deposit, 0).await
    }

    /// [`Payer::open`] by an agent's operator, for a session of the agent's that buys answers of this part; 0 for none.
    pub async fn open_under(wallet: &mut Wallet, deployment: u64, deposit: Uint256, parent: u64) -> Result<Self> {
        let offer = chain::deployment(&wallet.rpc, deployment).await?;
        let (key, _) = Key::generate()?;
        let mut secret = [0; 32];
        rand::thread_rng().fill_bytes(&mut secret);
        let open = MsgOpenSession {
            payer: wallet.address(),
            deployment,
            deposit: Some(Coin::base(deposit).to_proto()),
            voucher_key: key.public_key(),
            max_base_price: offer.base_price,
            max_byte_price: offer.byte_price,
            secret_commitment: Sha256::digest(secret).to_vec(),
            mode: Mode::Public as i32,
            parent,
            ..MsgOpenSession::default()
        };
        let found = wallet.send(vec![any(&open)], OPEN_GAS).await?;
        let opened = wallet::responses::<MsgOpenSessionResponse>(&found)?;
        let session = opened.first().context("the transaction opened no session")?.session;
        let terms = Terms::of(wallet.chain_id(), &chain::session(&wallet.rpc, session).await?)?;
        let endpoint = offer.endpoint.trim_end_matches('/').to_string();
        let http = reqwest::Client::builder().no_proxy().build()?;
        let payer = Self { tally: Tally::new(terms, secret), key, secret, endpoint, http };
        payer.post::<_, Standing>("/v1/sessions", &Hello { session, secret }).await?;
        Ok(payer)
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
        let ask = Ask { prompt: prompt.to_vec(), max_bytes, seed };
        let said: Said = self.post(&self.path("completions"), &ask).await?;
        ensure!(said.output.len() <= max_bytes, "the output is longer than the {max_bytes} bytes asked for");
        let answer = said.answer(prompt)?;
        let (_, height) = wallet.rpc.chain().await?;
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

async fn answer_of<T: serde::de::DeserializeOwned>(response: reqwest::Response) -> Result<T> {
    let (status, body) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "the server answered {status}: {body}");
    serde_json::from_str(&body).with_context(|| format!("the server answered {body:?}"))
}
