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
//! | contributor, datanet, model, attribution, and those of IBC | begin with the parameters that they have, and are refused where they hold anything: [`begin_unused_anew`] |
//!
//! Heights of the chain's own modules are in what was signed and committed to: a receipt names the height of its corpus, a payer signed
//! it, and it lies under the root of its settlement; that a contribution came before a model is a comparison of heights. Brought down to
//! zero, proofs would be of another history. Other chains' IBC clients follow this chain's heights. Such a chain goes on at its next height (`export` without the flag), which keeps all of it.

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

/// What bound modules note of every chain, used or not, in heights: who proposed when, the present epoch.
const NOTES: [(&str, &str, &str); 3] =
    [("attribution", "", "proposals"), ("attribution", "", "horizons"), ("attribution", "/audit", "epoch")];
/// What may differ from the defaults and stays: parameters, and a first number that is 1 also where it says 0.
const KEPT: [(&str, &str, &str); 4] = [
    ("datanet", "/content", "next_duplicate_id"),
    ("ibc", "/client_genesis", "params"),
    ("ibc", "/connection_genesis", "params"),
    ("ibc", "/channel_genesis", "params"),
];

/// Lets modules that hold heights begin with the parameters that they have, as a new chain's do, and refuses a state where they hold
/// anything else.
pub fn begin_unused_anew(state: &mut Map<String, Value>, defaults: &Map<String, Value>) -> Result<()> {
    let mut used = Vec::new();
    for (module, exported) in state.iter_mut().filter(|(module, _)| !FREE_OF_HEIGHTS.contains(&module.as_str())) {
        let default = defaults.get(module).cloned().unwrap_or_default();
        if without_notes(module, exported) != without_notes(module, &default) {
            used.push(module.as_str());
            continue;
        }
        for (_, place, name) in NOTES.into_iter().filter(|(noting, ..)| noting == module) {
            let initial = default.pointer(place).and_then(|fields| fields.get(name)).cloned().unwrap_or_default();
            if let Some(noted) = exported.pointer_mut(place).and_then(|fields| fields.get_mut(name)) {
                *noted = initial;
            }
        }
    }
    if used.is_empty() {
        return Ok(());
    }
    Err(SdkError::InvalidRequest(format!(
        "--for-zero-height: the state of {} holds heights of this chain that were signed or committed to (of corpora, of commitments), \
         and would be of another history from height 1 on; export without it: the new chain goes on at the next height",
        used.join(", ")
    ))
    .into())
}

fn without_notes(module: &str, state: &Value) -> Value {
    let mut state = state.clone();
    let notes = NOTES.into_iter().chain(KEPT).filter(|(noting, ..)| *noting == module);
    for (_, place, name) in notes.chain([(module, "", "params")]) {
        if let Some(fields) = state.pointer_mut(place).and_then(Value::as_object_mut) {
            fields.shift_remove(name);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that is nowhere is passed over in silence: a renamed field would make every chain a used one, or let its heights through.
    #[test]
    fn every_module_and_every_field_that_is_named_is_in_a_genesis() {
        let genesis = Runtime::default().default_genesis().unwrap();
        for module in FREE_OF_HEIGHTS {
            assert!(genesis.contains_key(module), "there is no module {module}");
        }
        for (module, place, name) in NOTES.into_iter().chain(KEPT) {
            let fields = genesis[module].pointer(place).and_then(Value::as_object);
            assert!(fields.is_some_and(|fields| fields.contains_key(name)), "{module} has no {place}/{name}");
            assert!(!FREE_OF_HEIGHTS.contains(&module), "{module} is not asked for {name}");
        }
        // Whoever else has heights and parameters keeps them: at the top, or where a table says.
        let others = genesis.iter().filter(|(module, _)| !FREE_OF_HEIGHTS.contains(&module.as_str()));
        let kept = |module: &str| KEPT.iter().any(|(keeping, _, name)| *keeping == module && *name == "params");
        let without = others.filter(|(module, state)| state.get("params").is_none() && !kept(module));
        let without: Vec<&str> = without.map(|(module, _)| module.as_str()).collect();
        assert_eq!(without, ["ratelimit", "forward"], "these have none");
        // What is as by default is unused.
        begin_unused_anew(&mut genesis.clone(), &genesis).unwrap();
    }

    #[test]
    fn a_state_with_heights_is_refused_by_the_module_s_name_and_an_unused_module_keeps_its_parameters() {
        let state = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let defaults = state(
            r#"{"auth": {"accounts": []}, "datanet": {"params": {"x": "1"}, "datanets": []},
                "attribution": {"params": [1], "owed": [], "proposals": [], "audit": {"epoch": null, "demands": []}}}"#,
        );
        let mut unused = state(
            r#"{"auth": {"accounts": [1]}, "datanet": {"params": {"x": "2"}, "datanets": []},
                "attribution": {"params": [1, 2], "owed": [], "proposals": [7], "audit": {"epoch": {"start": "9"}, "demands": []}}}"#,
        );
        begin_unused_anew(&mut unused, &defaults).unwrap();
        let expected = state(
            r#"{"auth": {"accounts": [1]}, "datanet": {"params": {"x": "2"}, "datanets": []},
                "attribution": {"params": [1, 2], "owed": [], "proposals": [], "audit": {"epoch": null, "demands": []}}}"#,
        );
        assert_eq!(unused, expected);
        for (used, name) in [
            (r#"{"datanet": {"params": {"x": "1"}, "datanets": [{"id": "1"}]}}"#, "state of datanet holds"),
            (r#"{"attribution": {"params": [1], "owed": [1]}}"#, "state of attribution holds"),
        ] {
            assert!(begin_unused_anew(&mut state(used), &defaults).unwrap_err().to_string().contains(name));
        }
    }
}
