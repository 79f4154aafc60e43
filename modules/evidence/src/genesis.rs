//! Genesis: the evidence that is kept.
//!
//! Source: `cosmossdk.io/x/evidence` v0.1.1 `genesis.go`.

use std::collections::BTreeMap;

use openledger_core::{Context, Result};
use openledger_proto::cosmos::evidence::v1beta1::GenesisState;
use openledger_proto::Message;

use crate::equivocation::Equivocation;
use crate::error::EvidenceError;
use crate::keeper::Evidence;

/// Decodes and checks a genesis: evidence alone, none twice.
pub(crate) fn read(genesis: &[u8]) -> Result<Vec<Equivocation>> {
    let genesis = GenesisState::decode(genesis).map_err(|error| EvidenceError::InvalidGenesis(error.to_string()))?;
    let mut read = BTreeMap::new();
    for any in &genesis.evidence {
        let evidence = Equivocation::from_any(any)?;
        let hash = evidence.hash();
        if read.insert(hash, evidence).is_some() {
            let text = format!("evidence with hash {} already exists", hex(&hash));
            return Err(EvidenceError::InvalidGenesis(text).into());
        }
    }
    Ok(read.into_values().collect())
}

/// Takes a genesis over.
pub(crate) fn init(keeper: &Evidence, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    read(genesis)?.iter().try_for_each(|evidence| keeper.keep(ctx, evidence))
}

/// The evidence as a genesis, in order of hashes.
pub(crate) fn export(keeper: &Evidence, ctx: &Context) -> Result<GenesisState> {
    let evidence = keeper.all(ctx)?.iter().map(|(_, evidence)| evidence.to_any()).collect();
    Ok(GenesisState { evidence })
}

/// A hash as the SDK shows it.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02X}")).collect()
}
