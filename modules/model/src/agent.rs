//! Agents as they are stored: deployments composed under one price.
//!
//! An answer of an agent costs what its parts ask and what the agent asks on top, a base and a price an output byte; that part is
//! divided by the agent's split. The operator opens sessions with the parts and pays for them as any payer does. Terms are numbered and never
//! change, so a session keeps those of its opening.

use std::collections::BTreeSet;

use cosmwasm_std::Uint256;
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::model::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use crate::lineage::WHOLE;
use crate::msg::check_prices;

/// Most deployments of an agent.
pub const MAX_PARTS: usize = 16;
/// Most accounts that share what an agent earns.
pub const MAX_SPLITS: usize = 16;

/// Deployments composed under one price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its number, from 1.
    pub id: u64,
    /// Who runs it.
    pub operator: Address,
    /// 1 to 64 characters.
    pub name: String,
    /// At most 1,024 bytes.
    pub description: String,
    /// The number of its present terms, from 1.
    pub terms: u32,
    /// Whether it takes new sessions.
    pub active: bool,
    /// Height at which it was registered.
    pub registered_height: u64,
}

/// An agent's terms; agent and number are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentTerms {
    /// What it is composed of: 1 to 16, ascending.
    pub deployments: Vec<u64>,
    /// Base units an answer, besides the parts'.
    pub base_price: Uint256,
    /// Base units an output byte, besides the parts'.
    pub byte_price: Uint256,
    /// Who shares what these prices bring, in basis points: 1 to 16, ascending, together 10,000.
    pub splits: Vec<(Address, u32)>,
    /// Height from which they hold.
    pub height: u64,
}

impl Agent {
    /// Refuses whoever is not its operator, and changes of what is retired.
    pub fn check_changeable(&self, got: &str) -> Result<()> {
        let owner = self.operator.to_string();
        if owner != got {
            return Err(ModelError::NotOwner { what: "agent", id: self.id, owner, got: got.into() }.into());
        }
        if !self.active {
            return Err(ModelError::Invalid(format!("agent {} is retired", self.id)).into());
        }
        Ok(())
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Agent {
        proto::Agent {
            id: self.id,
            operator: self.operator.to_string(),
            name: self.name.clone(),
            description: self.description.clone(),
            terms: self.terms,
            active: self.active,
            registered_height: self.registered_height,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(agent: &proto::Agent) -> Result<Self> {
        Ok(Self {
            id: agent.id,
            operator: wire::address("operator", &agent.operator)?,
            name: agent.name.clone(),
            description: agent.description.clone(),
            terms: agent.terms,
            active: agent.active,
            registered_height: agent.registered_height,
        })
    }
}

impl AgentTerms {
    /// Reads and checks what a message or a genesis says.
    pub fn read(
        deployments: &[u64],
        (base, byte): (&str, &str),
        splits: &[proto::AgentSplit],
        height: u64,
    ) -> Result<Self> {
        let refuse = |text: String| Err(ModelError::Invalid(text).into());
        let ascending = deployments.iter().zip(deployments.iter().skip(1)).all(|(a, b)| a < b);
        if deployments.is_empty() || deployments.len() > MAX_PARTS || !ascending {
            let text = format!("an agent has 1 to {MAX_PARTS} deployments, ascending, each once, not {deployments:?}");
            return refuse(text);
        }
        let (base_price, byte_price) = check_prices(base, byte)?;
        let splits = splits
            .iter()
            .map(|split| Ok((wire::address("splits.account", &split.account)?, split.bps)))
            .collect::<Result<Vec<_>>>()?;
        let accounts: BTreeSet<_> = splits.iter().map(|(account, _)| account).collect();
        let sum = splits.iter().fold(0u64, |sum, (_, bps)| sum.saturating_add(u64::from(*bps)));
        if splits.len() > MAX_SPLITS || sum != u64::from(WHOLE) || splits.iter().any(|(_, bps)| *bps == 0) {
            let (count, text) = (splits.len(), "accounts with at least 1 basis point each, together");
            return refuse(format!("a split has 1 to {MAX_SPLITS} {text} {WHOLE}, not {count} with {sum}"));
        }
        if !splits.iter().map(|(account, _)| account).eq(accounts) {
            return refuse("the accounts of a split stand in ascending order of their bytes, each once".into());
        }
        Ok(Self { deployments: deployments.to_vec(), base_price, byte_price, splits, height })
    }

    /// The protobuf form.
    pub fn to_proto(&self, agent: u64, number: u32) -> proto::AgentTerms {
        let split = |(account, bps): &(Address, u32)| proto::AgentSplit { account: account.to_string(), bps: *bps };
        proto::AgentTerms {
            agent,
            number,
            deployments: self.deployments.clone(),
            base_price: self.base_price.to_string(),
            byte_price: self.byte_price.to_string(),
            splits: self.splits.iter().map(split).collect(),
            height: self.height,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(terms: &proto::AgentTerms) -> Result<Self> {
        Self::read(&terms.deployments, (&terms.base_price, &terms.byte_price), &terms.splits, terms.height)
    }

    /// Who shares what the agent's own price brings, in basis points; together 10,000.
    pub fn splits(&self) -> &[(Address, u32)] {
        &self.splits
    }
}
