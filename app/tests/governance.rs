//! docs/governance.md against the code: every governed parameter is there with its default, and the ranges are what they say.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;

use openledger_app::runtime::Runtime;
use openledger_core::Dec;
use openledger_proto::{walker, Message};
use serde_json::{json, Map, Value};

/// A row of the document.
struct Row {
    default: String,
    range: String,
}

/// The rows by module and parameter.
fn documented() -> BTreeMap<(String, String), Row> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/governance.md")).unwrap();
    let (mut rows, mut module) = (BTreeMap::new(), None);
    for line in text.lines() {
        if line.starts_with('#') {
            module = line.strip_prefix("### ").and_then(|rest| rest.split_once(':')).map(|(name, _)| name.to_string());
        }
        let (Some(module), Some(rest)) = (&module, line.strip_prefix("| `")) else { continue };
        let (name, rest) = rest.split_once('`').unwrap();
        let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
        let row = Row { default: cells[1].trim_matches('`').to_string(), range: cells[2].to_string() };
        assert!(rows.insert((module.clone(), name.to_string()), row).is_none(), "{module}.{name} is there twice");
    }
    rows
}

/// A parameter's value by its path, and messages in it as parts of the path, but coins and lists.
fn leaves(prefix: &str, params: &Map<String, Value>, found: &mut BTreeMap<String, Value>) {
    for (name, value) in params {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(object) if !object.contains_key("denom") => leaves(&path, object, found),
            _ => drop(found.insert(path, value.clone())),
        }
    }
}

/// How a default stands in the document: coins of the base denomination as their amount, decimals without idle zeros.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(coin) => coin["amount"].as_str().unwrap().to_string(),
        Value::Array(list) => match list.as_slice() {
            [only] => shown(only),
            _ => value.to_string(),
        },
        Value::String(text) if text.is_empty() => "empty".into(),
        Value::String(text) if text.contains('.') && text.parse::<Dec>().is_ok() => {
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The genesis of a new chain, with attribution's parameters, of which there are versions, written out.
fn genesis() -> Map<String, Value> {
    let mut genesis = Runtime::default().default_genesis().unwrap();
    let params = openledger_attribution::Params::default().to_proto().encode_to_vec();
    let params = walker::to_json("openledger.attribution.v1.Params", &params).unwrap();
    genesis["attribution"]["params"] = json!([{"version": "1", "params": params}]);
    genesis
}

/// Where a module's genesis has its parameters.
fn params<'a>(genesis: &'a mut Map<String, Value>, module: &str) -> &'a mut Value {
    let params = &mut genesis[module]["params"];
    if params.is_array() {
        return &mut params[0]["params"];
    }
    params
}

#[test]
fn every_governed_parameter_stands_in_the_document_with_its_default() {
    let (mut genesis, rows) = (genesis(), documented());
    let mut wrong = Vec::new();
    let modules: Vec<String> = genesis.keys().cloned().collect();
    // Consensus has its parameters elsewhere in a genesis.
    for module in modules.iter().filter(|module| *module != "consensus") {
        let mut found = BTreeMap::new();
        leaves("", &params(&mut genesis, module).as_object().cloned().unwrap_or_default(), &mut found);
        for (name, value) in &found {
            match rows.get(&(module.clone(), name.clone())) {
                None => wrong.push(format!("{module}.{name} is missing; its default is {}", shown(value))),
                Some(row) if row.default != shown(value) => {
                    wrong.push(format!("{module}.{name} is {} by default, not {}", shown(value), row.default));
                }
                Some(_) => {}
            }
        }
        let gone = rows.keys().filter(|(of, name)| of == module && !found.contains_key(name));
        wrong.extend(gone.map(|(_, name)| format!("{module} has no {name}")));
    }
    assert!(wrong.is_empty(), "docs/governance.md:\n{}", wrong.join("\n"));
}

/// `least to most`, where the range begins so.
fn bounds(range: &str) -> Option<(u128, u128)> {
    let (least, rest) = range.split_once(" to ")?;
    let most: String = rest.chars().take_while(|digit| digit.is_ascii_digit() || *digit == ',').collect();
    let number = |text: &str| text.replace(',', "").parse().ok();
    Some((number(least)?, number(&most)?))
}

fn put(params: &mut Value, path: &str, value: u128) {
    let target = path.split('.').fold(params, |at, name| &mut at[name]);
    *target = match target {
        Value::Number(_) => json!(value),
        _ => json!(value.to_string()),
    };
}

#[test]
fn the_ranges_are_what_the_document_says() {
    let (runtime, genesis) = (Runtime::default(), genesis());
    let (mut tried, mut wrong) = (0, Vec::new());
    for ((module, name), Row { range, .. }) in documented() {
        let Some((least, most)) = bounds(&range) else { continue };
        // The shares of a fee sum to a whole: a share's own end cannot be tried by itself.
        if !genesis.contains_key(&module) || module == "consensus" || name.starts_with("split.") {
            continue;
        }
        let takes = |value: u128| {
            let mut genesis = genesis.clone();
            put(params(&mut genesis, &module), &name, value);
            runtime.validate_genesis(&genesis).is_ok()
        };
        tried += 1;
        let below = least.checked_sub(1).is_none_or(|below| !takes(below));
        // The shortest idleness of a session is as long as the notice; both ends of every other range stand by themselves.
        if !(takes(least) && takes(most) && below && !takes(most + 1)) {
            let ends: Vec<bool> = [least, most, most + 1].into_iter().map(takes).collect();
            wrong.push(format!("{module}.{name}: {range}: least, most and most + 1 are taken: {ends:?}"));
        }
    }
    assert!(wrong.is_empty(), "docs/governance.md:\n{}", wrong.join("\n"));
    assert!(tried > 40, "only {tried} ranges were tried");
}
