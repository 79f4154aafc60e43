//! Genesis: the SDK's form, in which every rate is 0.

use openledger_core::{Context, Dec, Result};
use openledger_proto::cosmos::mint::v1beta1::{GenesisState, Minter};
use openledger_proto::Message;

use crate::error::MintError;
use crate::keeper::Mint;
use crate::params::{check_zero, Params};
use crate::NAME;

/// The parameters' defaults.
pub(crate) fn default() -> GenesisState {
    of(&Params::default())
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Params> {
    let genesis = GenesisState::decode(genesis).map_err(|error| MintError::InvalidGenesis(error.to_string()))?;
    let minter = genesis.minter.unwrap_or_default();
    check_zero("inflation", &minter.inflation)?;
    check_zero("annual_provisions", &minter.annual_provisions)?;
    let params = genesis.params.ok_or_else(|| MintError::InvalidGenesis("params are missing".into()))?;
    Params::from_proto(&params)
}

/// Takes a genesis over.
pub(crate) fn init(keeper: &Mint, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let params = read(genesis)?;
    keeper.set_params(ctx, &params)?;
    keeper.auth.ensure_module(ctx, NAME)?;
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(keeper: &Mint, ctx: &Context) -> Result<GenesisState> {
    Ok(of(&keeper.params(ctx)?))
}

fn of(params: &Params) -> GenesisState {
    let zero = Dec::ZERO.to_proto();
    let minter = Minter { inflation: zero.clone(), annual_provisions: zero };
    GenesisState { minter: Some(minter), params: Some(params.to_proto()) }
}
