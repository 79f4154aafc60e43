//! `tx gov submit-proposal`, `tx upgrade …` and some of `tx ibc client …`: proposals from files and flags, as `simd` takes them
//! (SDK v0.50 `x/gov/client/cli`, `cosmossdk.io/x/upgrade/client/cli`).

use std::path::Path;

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_core::{Address, Coin, Coins};
use serde_json::{json, Value};

use super::super::auto;
use super::required;

/// The message that all of these become.
pub const SUBMIT: &str = "cosmos.gov.v1.MsgSubmitProposal";
const SOFTWARE_UPGRADE: &str = "cosmos.upgrade.v1beta1.MsgSoftwareUpgrade";
const CANCEL_UPGRADE: &str = "cosmos.upgrade.v1beta1.MsgCancelUpgrade";
const RECOVER_CLIENT: &str = "ibc.core.client.v1.MsgRecoverClient";
const IBC_UPGRADE: &str = "ibc.core.client.v1.MsgIBCSoftwareUpgrade";
/// What a file of a proposal may say.
const FIELDS: [&str; 6] = ["messages", "metadata", "deposit", "title", "summary", "expedited"];

/// `tx gov submit-proposal`.
pub fn submit_command() -> Command {
    Command::new("submit-proposal")
        .about("Proposes messages that the governance account shall execute")
        .override_usage("openledgerd tx gov submit-proposal [OPTIONS] FILE")
        .arg(Arg::new("file").value_name("FILE").required(true).help("The proposal, JSON: messages, metadata, deposit, title, summary, expedited"))
        .after_help(
            "The file:\n  {\n    \"messages\": [{\"@type\": \"/cosmos.bank.v1beta1.MsgSend\", \"from_address\": \"open10d07y265gmmuvt4z0w9aw880jnsr700j…\", …}],\n    \"metadata\": \"ipfs://CID\",\n    \"deposit\": \"10000000000000000000aopen\",\n    \"title\": \"My proposal\",\n    \"summary\": \"What it is for\",\n    \"expedited\": false\n  }\n\nExample:\n  openledgerd tx gov submit-proposal proposal.json --from alice",
        )
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// A verb with the flags of a proposal.
fn proposed(command: Command) -> Command {
    command
        .arg(text("title", "TEXT", "The proposal's title").required(true))
        .arg(text("summary", "TEXT", "What it is for").required(true))
        .arg(text("metadata", "TEXT", "More about it, mostly where it is found").default_value(""))
        .arg(text("deposit", "COINS", "What is deposited on it").required(true))
        .arg(
            Arg::new("expedited")
                .long("expedited")
                .action(ArgAction::SetTrue)
                .help("Vote for a shorter time, with more needed"),
        )
}

/// Verbs of `tx ibc client` that are proposals (ibc-go v8 `02-client/client/cli/tx.go`).
pub fn client_commands() -> [Command; 2] {
    let place = |name: &'static str, help: &'static str| Arg::new(name).value_name(name).required(true).help(help);
    let recover = Command::new("recover-client")
        .about("Proposes that a client that is expired or frozen takes the state of another")
        .arg(place("SUBJECT", "The client that cannot be used"))
        .arg(place("SUBSTITUTE", "A client of the same chain that can be"))
        .after_help(
            "Example:\n  openledgerd tx ibc client recover-client 07-tendermint-0 07-tendermint-5 --title \"Recover\" --summary \"Why\" --deposit 10000000000000000000aopen --from alice",
        );
    let upgrade = Command::new("schedule-ibc-upgrade")
        .about("Proposes an upgrade after which clients of this chain follow it under another id or revision")
        .arg(place("NAME", "The plan's name, which the next binary has a handler for"))
        .arg(place("HEIGHT", "The height of its first block"))
        .arg(place("STATE", "The client of this chain afterwards: JSON, or the path of a file with it"))
        .arg(text("upgrade-info", "TEXT", "Where the binary is found").default_value(""))
        .after_help(
            "Example:\n  openledgerd tx ibc client schedule-ibc-upgrade v2 100000 state.json --title \"Version 2\" --summary \"Why\" --deposit 10000000000000000000aopen --from alice",
        );
    [proposed(recover), proposed(upgrade)]
}

/// `tx upgrade`: proposals of its messages, which nobody but governance may send.
pub fn upgrade_commands() -> [Command; 2] {
    let upgrade = Command::new("software-upgrade")
        .about("Proposes that another binary takes over at a height")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The plan's name, which that binary has a handler for"))
        .arg(text("upgrade-height", "HEIGHT", "The height of its first block").required(true))
        .arg(text("upgrade-info", "TEXT", "Where the binary is found").default_value(""))
        .arg(
            Arg::new("no-validate")
                .long("no-validate")
                .action(ArgAction::SetTrue)
                .hide(true)
                .help("As simd has it: what --upgrade-info names is not fetched here"),
        )
        .after_help(
            "Example:\n  openledgerd tx upgrade software-upgrade v2 --upgrade-height 100000 --title \"Version 2\" --summary \"Why\" --deposit 10000000000000000000aopen --from alice",
        );
    let cancel = Command::new("cancel-software-upgrade").about("Proposes that the scheduled upgrade is dropped").after_help(
        "Example:\n  openledgerd tx upgrade cancel-software-upgrade --title \"Stay\" --summary \"Why\" --deposit 10000000000000000000aopen --from alice",
    );
    [proposed(upgrade), proposed(cancel)]
}

/// The proposal that a file or flags describe, as JSON of [`SUBMIT`]; `None` for another verb.
pub fn request(verb: &str, matches: &ArgMatches, proposer: &Address) -> Result<Option<Value>> {
    let authority = Address::module("gov").to_string();
    let message = match verb {
        "submit-proposal" => return from_file(Path::new(required(matches, "file")?), proposer).map(Some),
        "software-upgrade" => {
            let plan = plan(matches, "name", "upgrade-height")?;
            json!({"@type": format!("/{SOFTWARE_UPGRADE}"), "authority": authority, "plan": plan})
        }
        "recover-client" => json!({
            "@type": format!("/{RECOVER_CLIENT}"),
            "subject_client_id": required(matches, "SUBJECT")?,
            "substitute_client_id": required(matches, "SUBSTITUTE")?,
            "signer": authority,
        }),
        "schedule-ibc-upgrade" => json!({
            "@type": format!("/{IBC_UPGRADE}"),
            "plan": plan(matches, "NAME", "HEIGHT")?,
            "upgraded_client_state": auto::read(IBC_UPGRADE, "upgraded_client_state", required(matches, "STATE")?)?,
            "signer": authority,
        }),
        "cancel-software-upgrade" => json!({"@type": format!("/{CANCEL_UPGRADE}"), "authority": authority}),
        _ => return Ok(None),
    };
    let proposal = json!({
        "messages": [message],
        "metadata": required(matches, "metadata")?,
        "deposit": required(matches, "deposit")?,
        "title": required(matches, "title")?,
        "summary": required(matches, "summary")?,
        "expedited": matches.get_flag("expedited"),
    });
    Ok(Some(submit(&proposal, proposer)?))
}

/// The plan of an upgrade.
fn plan(matches: &ArgMatches, name: &str, height: &str) -> Result<Value> {
    let text = required(matches, height)?;
    let height: u64 = text.parse().with_context(|| format!("{height} {text:?} is no height"))?;
    let info = required(matches, "upgrade-info")?;
    Ok(json!({"name": required(matches, name)?, "height": height.to_string(), "info": info}))
}

fn from_file(path: &Path, proposer: &Address) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let proposal = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    submit(&proposal, proposer).with_context(|| format!("the proposal in {}", path.display()))
}

/// The message of a proposal as people write it.
pub(super) fn submit(proposal: &Value, proposer: &Address) -> Result<Value> {
    let object = proposal.as_object().context("a proposal is a JSON object")?;
    if let Some(name) = object.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        anyhow::bail!("{name:?} is none of {}", FIELDS.join(", "));
    }
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(value) => value.as_str().with_context(|| format!("{name} is text")),
    };
    let coins: Coins = text("deposit")?.parse().context("deposit: write e.g. 10aopen")?;
    let coin = |coin: &Coin| json!({"denom": coin.denom, "amount": coin.amount.to_string()});
    ensure!(!text("title")?.is_empty() && !text("summary")?.is_empty(), "a proposal has a title and a summary");
    Ok(json!({
        "messages": object.get("messages").cloned().unwrap_or_else(|| json!([])),
        "initial_deposit": coins.iter().map(coin).collect::<Vec<_>>(),
        "proposer": proposer.to_string(),
        "metadata": text("metadata")?,
        "title": text("title")?,
        "summary": text("summary")?,
        "expedited": object.get("expedited").and_then(Value::as_bool).unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use openledger_proto::walker;

    use super::*;

    #[test]
    fn a_file_becomes_the_message_that_it_describes() {
        let proposer = Address::module("someone");
        let file = json!({
            "messages": [{"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": Address::module("gov").to_string(), "to_address": proposer.to_string(), "amount": [{"denom": "aopen", "amount": "5"}]}],
            "metadata": "ipfs://CID", "deposit": "10aopen", "title": "T", "summary": "S", "expedited": true,
        });
        let request = submit(&file, &proposer).unwrap();
        let bytes = walker::from_json(SUBMIT, &request).unwrap();
        let back = walker::to_json(SUBMIT, &bytes).unwrap();
        assert_eq!(back["messages"], file["messages"]);
        assert_eq!(
            (back["initial_deposit"][0]["amount"].as_str(), back["expedited"].as_bool()),
            (Some("10"), Some(true))
        );
        let wrong = submit(&json!({"title": "T", "summary": "S", "depositt": "10aopen"}), &proposer).unwrap_err();
        assert!(wrong.to_string().starts_with("\"depositt\" is none of"), "{wrong}");
        assert!(submit(&json!({"summary": "S"}), &proposer).is_err());
    }

    #[test]
    fn an_upgrade_is_a_proposal_of_the_message_that_schedules_it() {
        let [upgrade, cancel] = upgrade_commands();
        let proposer = Address::module("someone");
        let line = "x v2 --upgrade-height 9 --upgrade-info where --title T --summary S --deposit 10aopen";
        let matches = upgrade.try_get_matches_from(line.split(' ')).unwrap();
        let request = request("software-upgrade", &matches, &proposer).unwrap().unwrap();
        walker::from_json(SUBMIT, &request).unwrap();
        assert_eq!(request["messages"][0]["plan"]["height"], "9");
        let matches = cancel.try_get_matches_from("x --title T --summary S --deposit 10aopen".split(' ')).unwrap();
        let request = super::request("cancel-software-upgrade", &matches, &proposer).unwrap().unwrap();
        walker::from_json(SUBMIT, &request).unwrap();
    }
}
