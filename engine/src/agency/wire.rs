//! What an agent says beyond [`crate::wire`]: its answers, with those of its parts.

use anyhow::{Context, Result};
use cosmwasm_std::Uint256;
use openledger_provenance::agent::{parts_root, AgentReceipt};
use serde::{Deserialize, Serialize};

use crate::agency::tally::{AgentAnswer, PartAnswer};

/// An answer of an agent with its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidByAgent {
    /// What was said.
    #[serde(with = "hex::serde")]
    pub output: Vec<u8>,
    /// Place in the session, from 1.
    pub index: u64,
    /// The agent.
    pub agent: u64,
    /// Root over the transcript's salted chunks.
    #[serde(with = "hex::serde")]
    pub transcript_root: [u8; 32],
    /// The agent's own price, base units.
    pub own_fee: Uint256,
    /// What the parts cost together, base units.
    pub parts_fee: Uint256,
    /// What the parts said, in the order in which they were asked.
    pub parts: Vec<PartAnswer>,
}

impl SaidByAgent {
    /// An answer as it is sent.
    pub fn of(answer: &AgentAnswer) -> Self {
        let receipt = &answer.receipt;
        Self {
            output: answer.output.clone(),
            index: receipt.index,
            agent: receipt.agent,
            transcript_root: receipt.transcript_root,
            own_fee: Uint256::from_be_bytes(receipt.own_fee),
            parts_fee: Uint256::from_be_bytes(receipt.parts_fee),
            parts: answer.parts.clone(),
        }
    }

    /// The answer to `prompt`, as it was received; nothing of it is checked.
    pub fn answer(self, prompt: &[u8]) -> Result<AgentAnswer> {
        let mut answer = AgentAnswer {
            prompt: prompt.to_vec(),
            receipt: AgentReceipt {
                index: self.index,
                agent: self.agent,
                prompt_len: u32::try_from(prompt.len())?,
                transcript_len: u32::try_from(prompt.len().checked_add(self.output.len()).context("length")?)?,
                transcript_root: self.transcript_root,
                own_fee: self.own_fee.to_be_bytes(),
                parts_fee: self.parts_fee.to_be_bytes(),
                parts: u32::try_from(self.parts.len())?,
                parts_root: [0; 32],
            },
            output: self.output,
            parts: self.parts,
        };
        answer.receipt.parts_root = parts_root(&answer.listed());
        Ok(answer)
    }
}
