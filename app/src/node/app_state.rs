//! Accounts and balances in a genesis that is still a file: what `genesis add-genesis-account` changes.
//!
//! Works on the SDK's JSON of `auth` and `bank` (v0.50 `x/genutil/client/cli`, `AddGenesisAccount`), so a genesis from other tools
//! is taken as well. The supply that is written is the sum of the balances.

use anyhow::{bail, ensure, Context, Result};
use openledger_auth::vesting::Vesting;
use openledger_auth::{Account, Kind};
use openledger_core::{Address, Coin, Coins};
use openledger_proto::walker;
use serde_json::{json, Map, Value};

const BASE_ACCOUNT: &str = "/cosmos.auth.v1beta1.BaseAccount";

/// Adds an account with a balance. An account that is there already is refused, or with `append` gets the coins on top.
pub fn add_account(app_state: &mut Map<String, Value>, address: &Address, coins: &Coins, append: bool) -> Result<()> {
    let base = json!({
        "@type": BASE_ACCOUNT, "address": address.to_string(), "pub_key": null, "account_number": "0", "sequence": "0"
    });
    add(app_state, address, base, coins, append)
}

/// Adds a vesting account with a balance, of which no more can vest than it is.
pub fn add_vesting_account(
    app_state: &mut Map<String, Value>,
    address: &Address,
    coins: &Coins,
    vesting: Vesting,
) -> Result<()> {
    ensure!(
        coins.covers(&vesting.original),
        "vesting amount cannot be greater than total amount: {}",
        vesting.original
    );
    let kind = Kind::Vesting(Box::new(vesting));
    let any = Account { address: address.clone(), number: 0, sequence: 0, key: None, kind }.to_any();
    let mut account = walker::to_json(any.type_url.trim_start_matches('/'), &any.value)?;
    if let Some(account) = account.as_object_mut() {
        account.insert("@type".into(), any.type_url.into());
    }
    add(app_state, address, account, coins, false)
}

/// What the balances sum to.
pub fn supply(app_state: &Map<String, Value>) -> Result<Coins> {
    let balances = app_state.get("bank").and_then(|bank| bank.get("balances")).and_then(Value::as_array);
    let coins = balances.into_iter().flatten().map(coins_of).collect::<Result<Vec<_>>>()?;
    Ok(Coins::sum(coins.iter().flat_map(Coins::iter).cloned())?)
}

fn add(
    app_state: &mut Map<String, Value>,
    address: &Address,
    account: Value,
    coins: &Coins,
    append: bool,
) -> Result<()> {
    let text = address.to_string();
    let accounts = list(app_state, "auth", "accounts")?;
    let known = accounts.iter().any(|account| address_of(account) == Some(text.as_str()));
    if known && !append {
        bail!("{text} has an account in this genesis already: --append adds to its balance");
    }
    if !known {
        accounts.push(account);
    }
    let balances = list(app_state, "bank", "balances")?;
    add_balance(balances, &text, coins)?;
    balances.sort_by(|a, b| address_of(a).cmp(&address_of(b)));
    let supply = supply(app_state)?;
    *list(app_state, "bank", "supply")? = coins_json(&supply);
    Ok(())
}

/// The balance of an account in this genesis, `None` where it has none.
pub fn balance(app_state: &Map<String, Value>, address: &Address) -> Result<Option<Coins>> {
    let balances = app_state.get("bank").and_then(|bank| bank.get("balances")).and_then(Value::as_array);
    let text = address.to_string();
    let found = balances.and_then(|all| all.iter().find(|balance| address_of(balance) == Some(text.as_str())));
    found.map(coins_of).transpose()
}

/// Refuses an account that cannot delegate so much in this genesis (SDK v0.50 `x/genutil`, `ValidateAccountInGenesis`).
pub fn check_funds(app_state: &Map<String, Value>, address: &Address, value: &Coin) -> Result<()> {
    let coins = balance(app_state, address)?;
    let coins = coins.with_context(|| format!("account {address} does not have a balance in the genesis state"))?;
    let available = coins.amount_of(&value.denom);
    ensure!(
        available >= value.amount,
        "account {address} has a balance in genesis, but it only has {available}{} available to stake, not {value}",
        value.denom
    );
    Ok(())
}

fn add_balance(balances: &mut Vec<Value>, address: &str, coins: &Coins) -> Result<()> {
    match balances.iter_mut().find(|balance| address_of(balance) == Some(address)) {
        Some(balance) => {
            let sum = Coins::sum(coins_of(balance)?.iter().chain(coins.iter()).cloned())?;
            *balance = json!({"address": address, "coins": coins_json(&sum)});
        }
        None => balances.push(json!({"address": address, "coins": coins_json(coins)})),
    }
    Ok(())
}

/// The list `app_state.<module>.<field>`.
fn list<'a>(app_state: &'a mut Map<String, Value>, module: &str, field: &str) -> Result<&'a mut Vec<Value>> {
    let state = app_state.get_mut(module).with_context(|| format!("app_state has no {module:?}"))?;
    let state = state.as_object_mut().with_context(|| format!("app_state.{module} is no object"))?;
    let value = state.entry(field).or_insert_with(|| json!([]));
    if value.is_null() {
        *value = json!([]);
    }
    value.as_array_mut().with_context(|| format!("app_state.{module}.{field} is no list"))
}

/// The address of an account of any kind (vesting and module accounts nest theirs) or of a balance.
fn address_of(value: &Value) -> Option<&str> {
    let pointers = ["/address", "/base_account/address", "/base_vesting_account/base_account/address"];
    pointers.iter().find_map(|pointer| value.pointer(pointer)?.as_str())
}

fn coins_of(balance: &Value) -> Result<Coins> {
    let coins = balance.get("coins").and_then(Value::as_array);
    let coins = coins.with_context(|| format!("the balance {balance} has no coins"))?;
    let read = |coin: &Value| -> Result<Coin> {
        let field = |name: &str| {
            coin.get(name).and_then(Value::as_str).with_context(|| format!("the coin {coin} has no {name}"))
        };
        Ok(format!("{}{}", field("amount")?, field("denom")?).parse::<Coin>()?)
    };
    let coins = coins.iter().map(read).collect::<Result<Vec<_>>>()?;
    ensure!(coins.iter().all(|coin| !coin.amount.is_zero()), "the balance {balance} holds a zero amount");
    Ok(Coins::sum(coins)?)
}

fn coins_json(coins: &Coins) -> Vec<Value> {
    coins.iter().map(|coin| json!({"denom": coin.denom, "amount": coin.amount.to_string()})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Map<String, Value> {
        let state = json!({"auth": {"accounts": []}, "bank": {"balances": null, "supply": []}});
        state.as_object().unwrap().clone()
    }

    fn coins(text: &str) -> Coins {
        text.parse().unwrap()
    }

    #[test]
    fn an_account_comes_with_its_balance_and_the_supply_is_the_sum() {
        let mut state = empty();
        let (one, two) = (Address::module("one"), Address::module("two"));
        add_account(&mut state, &one, &coins("5aopen,1ibc/AB"), false).unwrap();
        add_account(&mut state, &two, &coins("7aopen"), false).unwrap();
        assert_eq!(state["auth"]["accounts"].as_array().unwrap().len(), 2);
        assert_eq!(state["auth"]["accounts"][0]["@type"], BASE_ACCOUNT);
        let supply = json!([{"denom": "aopen", "amount": "12"}, {"denom": "ibc/AB", "amount": "1"}]);
        assert_eq!(state["bank"]["supply"], supply);
        let addresses: Vec<_> =
            state["bank"]["balances"].as_array().unwrap().iter().map(|b| address_of(b).unwrap()).collect();
        assert!(addresses.is_sorted());
    }

    #[test]
    fn an_account_is_added_once_and_appended_to_on_demand() {
        let mut state = empty();
        let one = Address::module("one");
        add_account(&mut state, &one, &coins("5aopen"), false).unwrap();
        let error = add_account(&mut state, &one, &coins("5aopen"), false).unwrap_err();
        assert!(error.to_string().contains("--append"), "{error}");
        add_account(&mut state, &one, &coins("5aopen,2uatom"), true).unwrap();
        assert_eq!(state["auth"]["accounts"].as_array().unwrap().len(), 1);
        let coins = json!([{"denom": "aopen", "amount": "10"}, {"denom": "uatom", "amount": "2"}]);
        assert_eq!(state["bank"]["balances"][0]["coins"], coins);
    }

    #[test]
    fn a_module_account_s_address_counts_as_taken() {
        let mut state = empty();
        let one = Address::module("one");
        let module =
            json!({"@type": "/cosmos.auth.v1beta1.ModuleAccount", "base_account": {"address": one.to_string()}});
        state["auth"]["accounts"] = json!([module]);
        assert!(add_account(&mut state, &one, &coins("5aopen"), false).is_err());
    }

    #[test]
    fn a_genesis_of_another_shape_is_refused_by_the_name_of_what_is_wrong() {
        let one = Address::module("one");
        let mut state = empty();
        state.remove("bank");
        let error = add_account(&mut state, &one, &coins("5aopen"), false).unwrap_err();
        assert!(error.to_string().contains("bank"), "{error}");
        let mut state = empty();
        state["bank"]["balances"] = json!([{"address": "x", "coins": [{"denom": "aopen", "amount": "-5"}]}]);
        assert!(add_account(&mut state, &one, &coins("5aopen"), false).is_err());
    }
}
