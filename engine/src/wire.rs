//! What payer and server say to each other over HTTP: JSON, bytes in hexadecimal, amounts as decimal strings.
//!
//! | call | what |
//! | --- | --- |
//! | `POST /v1/sessions` | [`Hello`]: the session's secret, which its opening committed to on chain |
//! | `POST /v1/sessions/{id}/completions` | [`Ask`] → [`Said`]: a prompt, its output and receipt |
//! | `POST /v1/sessions/{id}/voucher` | [`Signed`]: the voucher over everything so far |
//! | `GET /v1/sessions/{id}` | [`Standing`] |
//! | `GET /v1/sessions/{id}/answers/{index}` | [`Recalled`]: an answer whose reply was lost on the way |
//! | `GET /v1/sessions/{id}/credits` | [`crate::credit::Note`]s: what the operator gives back, for the payer to present |
//!
//! Errors are OpenAI's (`serve/refusal.rs`). All calls but the first carry `Authorization: Bearer` with the HMAC that [`bearer`] makes from the secret. The protocol itself hides
//! nothing on the way: put it behind TLS off one machine.

use anyhow::{Context, Result};
use cosmwasm_std::Uint256;
use hmac::{Hmac, Mac};
use openledger_provenance::receipt::Receipt;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::serve::refusal::Refusal;
use crate::tally::Answer;

/// Stop sequences at most.
pub const MAX_STOPS: usize = 4;
/// Bytes of a stop sequence at most.
pub const MAX_STOP_BYTES: usize = 256;

/// Opens a session with its server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// The session's number on chain.
    pub session: u64,
    /// Its secret, 32 bytes.
    #[serde(with = "hex::serde")]
    pub secret: [u8; 32],
}

/// A prompt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ask {
    /// What the payer wrote.
    #[serde(with = "hex::serde")]
    pub prompt: Vec<u8>,
    /// The most bytes of output.
    pub max_bytes: usize,
    /// The seed of the sampling.
    pub seed: u64,
    /// 0 to 2; 1 where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1; 1 where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Sequences before which the output ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<String>,
}

impl Ask {
    /// Asks in the ways that are the default.
    pub fn new(prompt: &[u8], max_bytes: usize, seed: u64) -> Self {
        Self { prompt: prompt.to_vec(), max_bytes, seed, temperature: None, top_p: None, stops: Vec::new() }
    }

    /// Refuses what OpenAI's call would refuse as well.
    pub fn check(&self) -> Result<(), Refusal> {
        let within = |value: Option<f64>, most: f64| value.is_none_or(|value| (0.0..=most).contains(&value));
        let refuse = |param: &str, what: &str| Err(Refusal::invalid(param, format!("{param}: {what}")));
        if !within(self.temperature, 2.0) {
            return refuse("temperature", "from 0 to 2");
        }
        if !within(self.top_p, 1.0) {
            return refuse("top_p", "from 0 to 1");
        }
        if self.stops.len() > MAX_STOPS || !self.stops.iter().all(|stop| (1..=MAX_STOP_BYTES).contains(&stop.len())) {
            return refuse("stops", "at most 4 sequences of 1 to 256 bytes");
        }
        Ok(())
    }
}

/// An answer with its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What the model wrote.
    #[serde(with = "hex::serde")]
    pub output: Vec<u8>,
    /// Place in the session, from 1.
    pub index: u64,
    /// The model version that answered.
    pub model_version: u64,
    /// The corpus it is attributed to.
    pub corpus_height: u64,
    /// Root over the transcript's salted chunks.
    #[serde(with = "hex::serde")]
    pub transcript_root: [u8; 32],
    /// Base units.
    pub fee: Uint256,
}

/// A voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Receipts it covers.
    pub count: u64,
    /// 64 bytes.
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
}

/// An answer that was given before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recalled<S> {
    /// What was asked.
    #[serde(with = "hex::serde")]
    pub prompt: Vec<u8>,
    /// What was said.
    pub said: S,
}

/// Where a session stands with its server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Standing {
    /// Answers so far.
    pub answers: u64,
    /// What they cost together.
    pub cumulative_fee: Uint256,
    /// Receipts that the last voucher covers.
    pub vouchered: u64,
    /// Receipts settled on chain.
    pub settled: u64,
    /// The last settlement, once there is one.
    pub settlement: Option<u64>,
    /// Why the last attempt to settle failed.
    pub settle_error: Option<String>,
}

impl Said {
    /// An answer as it is sent.
    pub fn of(answer: &Answer) -> Self {
        let receipt = &answer.receipt;
        Self {
            output: answer.output.clone(),
            index: receipt.index,
            model_version: receipt.model_version,
            corpus_height: receipt.corpus_height,
            transcript_root: receipt.transcript_root,
            fee: Uint256::from_be_bytes(receipt.fee),
        }
    }

    /// The answer to `prompt`, as it was received.
    pub fn answer(self, prompt: &[u8]) -> Result<Answer> {
        let receipt = Receipt {
            index: self.index,
            model_version: self.model_version,
            corpus_height: self.corpus_height,
            prompt_len: u32::try_from(prompt.len())?,
            transcript_len: u32::try_from(prompt.len().checked_add(self.output.len()).context("length")?)?,
            transcript_root: self.transcript_root,
            fee: self.fee.to_be_bytes(),
        };
        Ok(Answer { prompt: prompt.to_vec(), output: self.output, receipt })
    }
}

/// The bearer token of a session: HMAC-SHA-256 under its secret, in hexadecimal.
pub fn bearer(secret: &[u8; 32]) -> String {
    // HMAC takes keys of any length.
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("any key length"));
    mac.update(b"openledger/bearer/v1");
    hex::encode(mac.finalize().into_bytes())
}
