//! What must be equal after every block: balances, supply, validators, delegations, unbondings, rewards, the community pool, signing.

use anyhow::{ensure, Context, Result};
use openledger_client::Key;
use openledger_core::Address;
use serde_json::{json, Value};

use super::genesis::operator;
use super::side::Side;

/// The module accounts that both sides have.
const MODULES: [&str; 7] =
    ["bonded_tokens_pool", "distribution", "fee_collector", "gov", "mint", "not_bonded_tokens_pool", "transfer"];

/// What random steps are drawn from: the state of our side, which is the other's too.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The validators, as `staking` tells them.
    pub validators: Vec<Value>,
    /// Each account's delegations.
    pub delegations: Vec<Vec<Value>>,
    /// Each account's unbonding delegations.
    pub unbondings: Vec<Vec<Value>>,
    /// The proposals.
    pub proposals: Vec<Value>,
    /// The accounts that there are.
    pub exists: Vec<usize>,
    /// Who granted each account something.
    pub granters: Vec<Vec<usize>>,
    /// The time of the block before.
    pub time: i64,
}

impl View {
    /// Asks a side.
    pub fn of(side: &mut Side, keys: &[Key], time: i64) -> Result<Self> {
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let mut view = Self {
            validators: list(&side.ask("staking.v1beta1", "Validators", &json!({}))?, "validators"),
            time,
            ..Self::default()
        };
        let page = json!({ "pagination": { "limit": "20", "reverse": true } });
        view.proposals = list(&side.ask("gov.v1", "Proposals", &page)?, "proposals");
        let texts: Vec<String> = keys.iter().map(|key| key.address().to_string()).collect();
        for (index, text) in texts.iter().enumerate() {
            if side.ask("auth.v1beta1", "Account", &json!({ "address": text }))?.get("error").is_none() {
                view.exists.push(index);
            }
            let grants = side.ask("authz.v1beta1", "GranteeGrants", &json!({ "grantee": text }))?;
            let granters = list(&grants, "grants").into_iter().filter_map(|grant| {
                let granter = grant["granter"].as_str()?.to_string();
                texts.iter().position(|text| *text == granter)
            });
            view.granters.push(granters.collect());
            let request = json!({ "delegator_addr": text });
            let delegations = side.ask("staking.v1beta1", "DelegatorDelegations", &request)?;
            view.delegations.push(list(&delegations, "delegation_responses"));
            let unbondings = side.ask("staking.v1beta1", "DelegatorUnbondingDelegations", &request)?;
            view.unbondings.push(list(&unbondings, "unbonding_responses"));
        }
        Ok(view)
    }
}

/// The accounts' numbers and sequences on each side. All of an account must be equal but its number, for our side has more modules, whose
/// accounts are numbered before those that messages make.
pub fn accounts(ours: &mut Side, theirs: &mut Side, keys: &[Key]) -> Result<[Vec<(u64, u64)>; 2]> {
    let mut numbers = [Vec::new(), Vec::new()];
    for key in keys {
        let request = json!({ "address": key.address().to_string() });
        let mut answers = [
            ours.ask("auth.v1beta1", "Account", &request)?["account"].take(),
            theirs.ask("auth.v1beta1", "Account", &request)?["account"].take(),
        ];
        for (answer, numbers) in answers.iter_mut().zip(&mut numbers) {
            numbers.push(take_number(answer));
        }
        let [own, other] = answers;
        ensure!(own == other, "account {request} differs\n ours   {own}\n theirs {other}");
    }
    Ok(numbers)
}

/// Number and sequence of an account, of whom nothing is known where there is none; the number is taken out.
fn take_number(mut account: &mut Value) -> (u64, u64) {
    // A vesting account has its base account within, a level or two down.
    for within in ["base_vesting_account", "base_account"] {
        if account.get(within).is_some() {
            account = &mut account[within];
        }
    }
    let number = |value: &Value| value.as_str().and_then(|text| text.parse().ok()).unwrap_or_default();
    let sequence = number(&account["sequence"]);
    (account.get_mut("account_number").map(Value::take).map_or(0, |taken| number(&taken)), sequence)
}

/// Asks both sides everything and refuses the first answer that differs.
pub fn state(ours: &mut Side, theirs: &mut Side, keys: &[Key]) -> Result<()> {
    let mut check = |package: &str, method: &str, request: Value| equal(ours, theirs, package, method, &request);
    check("bank.v1beta1", "TotalSupply", json!({}))?;
    for module in MODULES {
        check("bank.v1beta1", "AllBalances", json!({ "address": Address::module(module).to_string() }))?;
    }
    let validators = check("staking.v1beta1", "Validators", json!({}))?;
    check("staking.v1beta1", "Pool", json!({}))?;
    check("distribution.v1beta1", "CommunityPool", json!({}))?;
    check("slashing.v1beta1", "SigningInfos", json!({}))?;
    // The latest twenty: what ended long ago does not change.
    let proposals = check("gov.v1", "Proposals", json!({ "pagination": { "limit": "20", "reverse": true } }))?;
    for proposal in proposals["proposals"].as_array().into_iter().flatten() {
        let request = json!({ "proposal_id": proposal["id"] });
        check("gov.v1", "TallyResult", request.clone())?;
        check("gov.v1", "Deposits", request.clone())?;
        check("gov.v1", "Votes", request)?;
    }
    for validator in validators["validators"].as_array().into_iter().flatten() {
        let address = &validator["operator_address"];
        let request = json!({ "validator_address": address });
        check("distribution.v1beta1", "ValidatorOutstandingRewards", request.clone())?;
        check("distribution.v1beta1", "ValidatorCommission", request.clone())?;
        check("distribution.v1beta1", "ValidatorDistributionInfo", request)?;
        let slashes = json!({ "validator_address": address, "starting_height": "0", "ending_height": "1000000000" });
        check("distribution.v1beta1", "ValidatorSlashes", slashes)?;
        let request = json!({ "validator_addr": address });
        check("staking.v1beta1", "ValidatorDelegations", request.clone())?;
        check("staking.v1beta1", "ValidatorUnbondingDelegations", request)?;
    }
    for key in keys {
        let address = key.address().to_string();
        check("bank.v1beta1", "AllBalances", json!({ "address": address }))?;
        check("staking.v1beta1", "DelegatorDelegations", json!({ "delegator_addr": address }))?;
        check("staking.v1beta1", "DelegatorUnbondingDelegations", json!({ "delegator_addr": address }))?;
        check("staking.v1beta1", "Redelegations", json!({ "delegator_addr": address }))?;
        check("distribution.v1beta1", "DelegationTotalRewards", json!({ "delegator_address": address }))?;
        check("distribution.v1beta1", "DelegatorWithdrawAddress", json!({ "delegator_address": address }))?;
        check("bank.v1beta1", "SpendableBalances", json!({ "address": address }))?;
        check("authz.v1beta1", "GranteeGrants", json!({ "grantee": address }))?;
        check("authz.v1beta1", "GranterGrants", json!({ "granter": address }))?;
        check("feegrant.v1beta1", "Allowances", json!({ "grantee": address }))?;
        check("feegrant.v1beta1", "AllowancesByGranter", json!({ "granter": address }))?;
        // There or not there, it must be so on both sides.
        check("staking.v1beta1", "Validator", json!({ "validator_addr": operator(key) }))?;
    }
    Ok(())
}

/// One query on both sides; the answer, which must be the same; none where our side has no such module.
fn equal(ours: &mut Side, theirs: &mut Side, package: &str, method: &str, request: &Value) -> Result<Value> {
    if !ours.has(package.split('.').next().unwrap_or_default()) {
        return Ok(Value::Null);
    }
    let what = || format!("{package}/{method} {request}");
    let mut own = ours.ask(package, method, request).with_context(what)?;
    let other = theirs.ask(package, method, request).with_context(what)?;
    ensure!(alike(&own, &other), "{} differs\n ours   {own}\n theirs {other}", what());
    Ok(own.take())
}

/// The same values; of two errors only that both are.
fn alike(own: &Value, other: &Value) -> bool {
    match (own.get("error"), other.get("error")) {
        (Some(_), Some(_)) => true,
        (None, None) => without_old_ids(own.clone()) == without_old_ids(other.clone()),
        _ => false,
    }
}

/// Without the ids of a validator's unbondings: the SDK keeps all that there ever were, ours forgets them when the validator is bonded again.
fn without_old_ids(mut answer: Value) -> Value {
    let lists = [answer.pointer_mut("/validators").map(Value::take), answer.pointer_mut("/validator").map(Value::take)];
    let lists = lists.into_iter().flatten().map(|mut found| {
        let many = found.as_array_mut().into_iter().flatten();
        many.for_each(forget_ids);
        forget_ids(&mut found);
        found
    });
    let found: Vec<Value> = lists.collect();
    serde_json::json!([answer, found])
}

fn forget_ids(validator: &mut Value) {
    if let Some(fields) = validator.as_object_mut() {
        fields.remove("unbonding_ids");
    }
}
