//! The evidence that the chain keeps.

use cosmwasm_std::Order;
use openledger_consensus::Consensus;
use openledger_core::{Context, Result};
use openledger_slashing::Slashing;
use openledger_staking::Staking;

use crate::equivocation::Equivocation;
use crate::state::{EVIDENCE, STORE};

/// The keeper of evidence.
#[derive(Debug, Clone, Copy)]
pub struct Evidence {
    /// How old evidence may be.
    pub consensus: Consensus,
    /// Who validates.
    pub staking: Staking,
    /// Slashes, jails and bars.
    pub slashing: Slashing,
}

impl Evidence {
    /// The evidence with this hash.
    pub fn get(&self, ctx: &Context, hash: &[u8]) -> Result<Option<Equivocation>> {
        Ok(EVIDENCE.may_load(&*ctx.kv(STORE), hash)?)
    }

    pub(crate) fn keep(&self, ctx: &mut Context, evidence: &Equivocation) -> Result<()> {
        EVIDENCE.save(&mut ctx.kv_mut(STORE), &evidence.hash(), evidence)?;
        Ok(())
    }

    /// All evidence, in order of hashes.
    pub fn all(&self, ctx: &Context) -> Result<Vec<(Vec<u8>, Equivocation)>> {
        let kv = ctx.kv(STORE);
        Ok(EVIDENCE.range(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?)
    }
}
