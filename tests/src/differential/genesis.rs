//! One genesis for both: the defaults of each side, and over them the same accounts, validators and parameters.

use base64::Engine;
use openledger_client::Key;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::Address;
use serde_json::{json, Map, Value};

use super::random::Random;
use super::VALIDATORS;

/// What stands over the defaults, with our addresses.
pub struct Template(Map<String, Value>);

/// A validator's consensus key, base64; nobody signs with it.
pub fn consensus_key(account: usize) -> String {
    let mut key = [0x77; 32];
    key[0] = account as u8;
    base64::engine::general_purpose::STANDARD.encode(key)
}

/// An operator's address.
pub fn operator(key: &Key) -> String {
    key.address().to_bech32(VALOPER_PREFIX)
}

impl Template {
    /// Validators with random stakes and commissions.
    pub fn draw(keys: &[Key], random: &mut Random) -> Self {
        let stakes: Vec<u128> = (0..VALIDATORS)
            .map(|_| {
                (50 + random.below(200)) as u128 * 1_000_000_000_000_000_000 + u128::from(random.bits() % 1_000_000_007)
            })
            .collect();
        let accounts: Vec<Value> = keys
            .iter()
            .enumerate()
            .map(|(number, key)| {
                json!({
                    "@type": "/cosmos.auth.v1beta1.BaseAccount", "address": key.address().to_string(), "pub_key": null,
                    "account_number": number.to_string(), "sequence": "0",
                })
            })
            .collect();
        let mut balances: Vec<Value> = keys
            .iter()
            .map(|key| {
                let coins = json!([{ "denom": "aopen", "amount": "1000000000000000000000" }, { "denom": "uatom", "amount": "1000000000" }]);
                json!({ "address": key.address().to_string(), "coins": coins })
            })
            .collect();
        balances.push(json!({
            "address": Address::module("not_bonded_tokens_pool").to_string(),
            "coins": [{ "denom": "aopen", "amount": stakes.iter().sum::<u128>().to_string() }],
        }));
        let validators: Vec<Value> =
            stakes.iter().enumerate().map(|(number, stake)| validator(&keys[number], number, *stake, random)).collect();
        let delegations = stakes.iter().zip(keys).map(|(stake, key)| {
            json!({
                "delegator_address": key.address().to_string(), "validator_address": operator(key),
                "shares": format!("{stake}.000000000000000000"),
            })
        });
        let staking = json!({
            "params": {
                "unbonding_time": "120s", "max_validators": VALIDATORS + 1, "max_entries": 3, "historical_entries": 5,
                "bond_denom": "aopen", "min_commission_rate": "0.000000000000000000",
            },
            "validators": validators,
            "delegations": delegations.collect::<Vec<_>>(),
        });
        let slashing = json!({ "params": {
            "signed_blocks_window": "12", "min_signed_per_window": "0.500000000000000000", "downtime_jail_duration": "40s",
            "slash_fraction_double_sign": "0.050000000000000000", "slash_fraction_downtime": "0.013000000000000000",
        }});
        let deposit = |open: u32| json!([{ "denom": "aopen", "amount": format!("{open}000000000000000000") }]);
        let gov = json!({ "params": {
            "min_deposit": deposit(10), "expedited_min_deposit": deposit(30), "max_deposit_period": "60s", "voting_period": "45s",
            "expedited_voting_period": "20s", "quorum": "0.200000000000000000", "burn_vote_quorum": random.once_in(2),
            "burn_proposal_deposit_prevote": random.once_in(2), "proposal_cancel_ratio": "0.370000000000000000",
        }});
        let mint = json!({
            "minter": { "inflation": "0.000000000000000000", "annual_provisions": "0.000000000000000000" },
            "params": {
                "mint_denom": "aopen", "inflation_rate_change": "0.000000000000000000", "inflation_max": "0.000000000000000000",
                "inflation_min": "0.000000000000000000",
            },
        });
        let distribution = json!({ "params": { "community_tax": random.fraction() } });
        let overlay = json!({
            "auth": { "accounts": accounts },
            "bank": { "balances": balances, "supply": [] },
            "staking": staking, "slashing": slashing, "gov": gov, "mint": mint, "distribution": distribution,
        });
        match overlay {
            Value::Object(fields) => Self(fields),
            _ => unreachable!("an object was written above"),
        }
    }

    /// The `app_state` of a side with these defaults.
    pub fn over(&self, defaults: &Value) -> Value {
        let mut state = defaults.clone();
        for (module, fields) in &self.0 {
            // A side that has no such module (yet) is not told of it; its queries then differ, and say so.
            if let Some(module) = state.get_mut(module) {
                merge(module, fields);
            }
        }
        state
    }
}

fn validator(key: &Key, number: usize, stake: u128, random: &mut Random) -> Value {
    json!({
        "operator_address": operator(key),
        "consensus_pubkey": { "@type": "/cosmos.crypto.ed25519.PubKey", "key": consensus_key(number) },
        "jailed": false,
        "status": "BOND_STATUS_UNBONDED",
        "tokens": stake.to_string(),
        "delegator_shares": format!("{stake}.000000000000000000"),
        "description": { "moniker": format!("validator {number}"), "identity": "", "website": "", "security_contact": "", "details": "" },
        "unbonding_height": "0",
        "unbonding_time": "1970-01-01T00:00:00Z",
        "commission": {
            "commission_rates": {
                "rate": random.fraction(), "max_rate": "1.000000000000000000", "max_change_rate": "1.000000000000000000",
            },
            "update_time": "2020-01-01T00:00:00Z",
        },
        "min_self_delegation": "1",
        "unbonding_on_hold_ref_count": "0",
        "unbonding_ids": [],
    })
}

/// Puts the fields of one object over those of another, field by field; lists are replaced.
fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                merge(under.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}
