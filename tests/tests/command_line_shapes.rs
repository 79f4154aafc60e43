//! The command line beside simd's (Cosmos SDK v0.50), whose answers `tests/simd/cli.py` recorded in `tests/simd/cli.json`.
//!
//! Unsigned transactions that need no node are the same, word by word, with each chain's own addresses. All else has the same shape: the
//! same fields in the same order with the same kinds of values. What asks a module goes in simd through AutoCLI, which prints Amino's
//! JSON; we print what REST does. There simd's fields have to be ours, in their order, and what we print beyond them has to be empty:
//!
//! | simd's AutoCLI | we, as REST |
//! | --- | --- |
//! | leaves out what is empty, also `false` and `0` | prints it |
//! | `{"type": "cosmos-sdk/BaseAccount", "value": {…}}` | `{"@type": "/cosmos.auth.v1beta1.BaseAccount", …}` |
//! | `public_key` of an account | `pub_key` |
//! | `"12.5stake"`, decimals of a few modules without their point | `{"denom": …, "amount": "12.5"}`, with it |

use anyhow::{Context, Result};
use openledger_core::Address;
use openledger_tests::rest::{compare, Chain};
use serde_json::{json, Map, Value};

const SIMD: &str = include_str!("../simd/cli.json");

/// Lines that are answered otherwise than by simd, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("tx distribution withdraw-all-rewards --from {nobody} --generate-only", "simd makes a transaction of no messages"),
    ("query upgrade module-versions", "simd's first module has the version 0, which Amino's JSON leaves out"),
    ("query ibc client states", "simd has a client of its own chain"),
    ("query ibc connection connections", "and a connection with it"),
];

/// Prepares the files that lines name; returns the lines.
fn prepare(chain: &mut Chain) -> Result<Vec<Value>> {
    let recorded: Value = serde_json::from_str(SIMD)?;
    let folder = chain.home.path().join("files");
    let path = |name: &str| folder.join(name).display().to_string();
    std::fs::create_dir(&folder)?;
    let key = chain.home.succeed(&["comet", "show-validator"])?.trim().to_string();
    let more = [
        ("gov", Address::module("gov").to_string()),
        ("files", folder.display().to_string()),
        ("unsigned", path("unsigned.json")),
        ("signed", path("signed.json")),
        ("cons_key", key),
    ];
    chain.values.extend(more);
    for (name, content) in recorded["files"].as_object().context("files")? {
        std::fs::write(path(name), chain.fill(&content.to_string()))?;
    }
    let node = chain.node.rpc_address.clone();
    let send = ["tx", "bank", "send", "alice", &chain.values["bob"], "7aopen", "--fees", "3aopen"];
    let unsigned = chain.home.succeed(&[send.as_slice(), &["--generate-only", "--node", &node]].concat())?;
    std::fs::write(path("unsigned.json"), unsigned)?;
    let sign = ["tx", "sign", &path("unsigned.json"), "--from", "alice", "--node", &node];
    std::fs::write(path("signed.json"), chain.home.succeed(&sign)?)?;
    Ok(recorded["lines"].as_array().context("lines")?.clone())
}

/// Runs a line as it was recorded; what it printed, or what was wrong.
fn run(chain: &Chain, args: &[&str], exact: bool) -> Result<Result<Value, String>> {
    let filled: Vec<String> = args.iter().map(|arg| chain.fill(arg)).collect();
    let node = ["--node", chain.node.rpc_address.as_str()];
    let json = ["-o", "json"];
    let more = match args.first() {
        _ if exact => Vec::new(),
        Some(&"keys") => json.to_vec(),
        Some(&"status") => node.to_vec(),
        _ => [node, json].concat(),
    };
    let line: Vec<&str> = filled.iter().map(String::as_str).chain(more).collect();
    let output = chain.home.run(&line)?;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    if !output.status.success() {
        return Ok(Err(stderr));
    }
    let last = stdout.trim().lines().last().context("nothing is printed")?;
    Ok(Ok(serde_json::from_str(last).with_context(|| format!("{line:?}: {stdout}"))?))
}

/// Whether AutoCLI answers a line in simd.
fn is_amino(args: &[&str]) -> bool {
    const BY_HAND: [&str; 7] = ["tx", "txs", "block", "blocks", "comet-validator-set", "ibc", "ibc-transfer"];
    args.first() == Some(&"query") && args.get(1).is_some_and(|verb| !BY_HAND.contains(verb))
}

#[tokio::test]
async fn lines_of_simd_make_the_same_transactions_and_are_answered_in_the_same_shape() -> Result<()> {
    let mut chain = Chain::start("lines-1").await?;
    let lines = prepare(&mut chain)?;
    assert!(lines.len() > 150, "{}", lines.len());
    let mut wrong = Vec::new();
    for line in &lines {
        let args: Vec<&str> = line["args"].as_array().context("args")?.iter().filter_map(Value::as_str).collect();
        let (name, exact) = (args.join(" "), line["exact"] == json!(true));
        if DIFFERENT.iter().any(|(different, _)| *different == name) {
            continue;
        }
        let simd: Value = serde_json::from_str(&chain.fill(&line["answer"].to_string()))?;
        match (run(&chain, &args, exact)?, line["fails"] == json!(true)) {
            (Ok(_), true) => wrong.push(format!("{name}: simd refuses it")),
            (Err(error), false) => wrong.push(format!("{name}: refused: {error}")),
            (Err(_), true) => {}
            (Ok(ours), false) if exact && format!("{ours}") != format!("{simd}") => {
                wrong.push(format!("{name}:\n  {ours}\n  {simd} is simd's"));
            }
            (Ok(ours), false) if is_amino(&args) => compare_amino(&name, "", &ours, &simd, &mut wrong),
            (Ok(ours), false) => compare(&name, "", &ours, &simd, &mut wrong),
        }
    }
    assert!(wrong.is_empty(), "{} of {} lines differ:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
    Ok(())
}

/// Notes where our answer has not what simd's has in Amino's JSON; see the file's head.
fn compare_amino(name: &str, at: &str, ours: &Value, simd: &Value, wrong: &mut Vec<String>) {
    match (ours, simd) {
        (Value::Object(ours), Value::Object(simd)) if ours.contains_key("@type") => match &simd["value"] {
            // Module accounts have a form of their own.
            Value::Object(_) if simd["type"] == json!("cosmos-sdk/ModuleAccount") => {}
            Value::Object(value) => {
                let ours = ours.iter().filter(|(field, _)| *field != "@type");
                let ours = ours.map(|(field, value)| (field.clone(), value.clone())).collect();
                compare_fields(name, at, &ours, value, wrong);
            }
            value => compare_amino(name, at, &ours["key"], value, wrong),
        },
        (Value::Object(ours), Value::Object(simd)) => compare_fields(name, at, ours, simd, wrong),
        (Value::Object(coin), Value::String(simd)) if coin.keys().eq(["denom", "amount"]) => {
            if !simd.ends_with("stake") {
                wrong.push(format!("{name}: {at} is {ours}, simd {simd}"));
            }
        }
        (Value::Array(ours), Value::Array(simd)) => {
            let last = |value: &Value, name: &str| {
                value[name].as_str().map(|name| name.rsplit(['.', '/']).next().unwrap_or_default().to_string())
            };
            let Some(first) = ours.first() else { return assert_eq!(simd.len(), 0, "{name}: {at}") };
            let same = simd.iter().find(|simd| last(simd, "type") == last(first, "@type")).or(simd.first());
            match same {
                Some(simd) => compare_amino(name, &format!("{at}/0"), first, simd, wrong),
                None => wrong.push(format!("{name}: {at} has {} elements, simd none", ours.len())),
            }
        }
        (Value::Array(ours), Value::Null) if ours.is_empty() => {}
        _ => compare(name, at, ours, simd, wrong),
    }
}

fn compare_fields(name: &str, at: &str, ours: &Map<String, Value>, simd: &Map<String, Value>, wrong: &mut Vec<String>) {
    let renamed = |field: &str| if field == "public_key" { "pub_key".to_string() } else { field.to_string() };
    let known: Vec<String> = simd.keys().map(|field| renamed(field)).collect();
    let in_order = ours.keys().filter(|field| known.contains(field));
    if !in_order.eq(&known) {
        let names = ours.keys().cloned().collect::<Vec<_>>().join(" ");
        wrong.push(format!("{name}: {at} has {names}, simd {}", known.join(" ")));
        return;
    }
    for (field, value) in ours {
        let place = format!("{at}/{field}");
        match simd.iter().find(|(simds, _)| renamed(simds) == *field) {
            Some((_, simd)) => compare_amino(name, &place, value, simd, wrong),
            None if is_empty(value) => {}
            None => wrong.push(format!("{name}: {place} is {value}, and simd has none")),
        }
    }
}

/// What Amino's JSON leaves out.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => {
            text.bytes().all(|byte| matches!(byte, b'0' | b'.')) || text.ends_with("_UNSPECIFIED") || text == "0s"
        }
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}
