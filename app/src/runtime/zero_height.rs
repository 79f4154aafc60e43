//! A state that is to begin again at height zero (`export --for-zero-height`): everybody is paid, and what counts from heights counts
//! from zero.
//!
//! Source: SDK v0.50 simapp, `export.go`, `prepForZeroHeightGenesis`. What each module does:
//!
//! | module | what happens |
//! | --- | --- |
//! | distribution | every commission and reward is paid; what is less than a unit is the community's; periods, slashes and starts begin anew |
//! | staking | redelegations and undelegations as if they began at height 0, their times stay; validators that are not allowed go to jail, and the set is made again |
//! | slashing | every window is judged from height 0 on; who is in jail, for how long or for ever, stays so |
//! | gov, authz, feegrant, vesting, mint, circuit | nothing: they count in times, or not at all; proposals, deposits and votes stay |
//! | evidence | nothing: what was punished stays in the list, at the heights of the chain where it happened |
//! | upgrade | nothing: a plan and the list of those carried out are in no genesis, as in the SDK |
//! | contributor, datanet, model, attribution | refused where they hold anything, by [`check_heights`] |
//!
//! Heights of the chain's own modules are in what was signed and committed to: a receipt names the height of its corpus, a payer signed
//! it, and it lies under the root of its settlement; that a contribution came before a model is a comparison of heights. Brought down to
//! zero, proofs would be of another history. Such a chain goes on at its next height (`export` without the flag), which keeps all of it.

use std::collections::BTreeSet;

use openledger_core::{Address, BlockInfo, Context, GasMeter, Mode, Result, SdkError};
use openledger_store::BlockState;
use serde_json::{Map, Value};

use super::{Runtime, DISTRIBUTION, SLASHING};

/// Modules that hold no heights which a chain from height 1 would read, once [`Runtime::begin_anew`] was called.
const FREE_OF_HEIGHTS: [&str; 15] = [
    "auth",
    "authz",
    "bank",
    "circuit",
    "consensus",
    "distribution",
    "evidence",
    "feegrant",
    "genutil",
    "gov",
    "mint",
    "slashing",
    "staking",
    "upgrade",
    "vesting",
];

impl Runtime {
    /// See the file's head. `block` is the one that made `state`; `allowed` names the validators that may go on, `None`: all.
    pub fn begin_anew(
        &self,
        state: &mut BlockState,
        block: &BlockInfo,
        allowed: Option<&BTreeSet<Address>>,
    ) -> Result<()> {
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite());
        if let Some(allowed) = allowed {
            for operator in allowed {
                if self.staking.validator(&ctx, operator)?.is_none() {
                    let operator = operator.to_bech32(openledger_core::address::VALOPER_PREFIX);
                    return Err(SdkError::InvalidRequest(format!("there is no validator {operator}")).into());
                }
            }
        }
        self.check_invariants(&ctx)?;
        DISTRIBUTION.pay_everybody(&mut ctx)?;
        let zero = BlockInfo { height: 0, ..block.clone() };
        let mut ctx = Context::new(state, &zero, Mode::Deliver, GasMeter::infinite());
        DISTRIBUTION.begin_anew(&mut ctx)?;
        let updates = self.staking.restart(&mut ctx, allowed)?;
        SLASHING.restart(&mut ctx)?;
        self.consensus.apply_updates(&mut ctx, &updates)?;
        self.check_invariants(&ctx)
    }
}

/// Refuses a state with modules that hold heights of its chain; their parameters do not.
pub fn check_heights(state: &Map<String, Value>, defaults: &Map<String, Value>) -> Result<()> {
    let bound = |module: &&String| !FREE_OF_HEIGHTS.contains(&module.as_str());
    let changed = |module: &&String| without_params(state.get(*module)) != without_params(defaults.get(*module));
    let bound: Vec<&str> = state.keys().filter(bound).filter(changed).map(String::as_str).collect();
    if bound.is_empty() {
        return Ok(());
    }
    Err(SdkError::InvalidRequest(format!(
        "--for-zero-height: the state of {} holds heights of this chain that were signed or committed to (of corpora, of commitments), \
         and would be of another history from height 1 on; export without it: the new chain goes on at the next height",
        bound.join(", ")
    ))
    .into())
}

fn without_params(state: Option<&Value>) -> Option<Map<String, Value>> {
    let mut state = state?.as_object()?.clone();
    state.shift_remove("params");
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_with_heights_is_refused_for_zero_height_by_the_module_s_name() {
        let state = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let defaults = state(r#"{"auth": {"accounts": []}, "datanet": {"params": {"x": "1"}, "datanets": []}}"#);
        let params = state(r#"{"auth": {"accounts": [1]}, "datanet": {"params": {"x": "2"}, "datanets": []}}"#);
        check_heights(&params, &defaults).unwrap();
        let used = state(r#"{"auth": {"accounts": []}, "datanet": {"params": {"x": "1"}, "datanets": [{"id": "1"}]}}"#);
        assert!(check_heights(&used, &defaults).unwrap_err().to_string().contains("state of datanet holds"));
    }
}
