//! From descriptors to command lines: every query and every message is a verb whose flags are its fields, so that nothing the chain
//! understands is out of a shell's reach, and nothing here names a field, but for the heights of IBC.
//!
//! A field is given by its flag (`--datanet-id 3`) or, in the order of the .proto file, as an argument; a deprecated one by its flag
//! alone. Where the last field is a list, all further arguments are of it. How values are written stands in `value.rs`, what the help says of verbs and fields in `text.rs`, which modules there are in `modules.rs`.

mod modules;
mod text;
mod value;

use anyhow::{bail, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_proto::walker::schema::{Field, Kind, Label, Message};
use openledger_proto::walker::{services, Method, SCHEMA};
use serde_json::{Map, Value};

pub use self::modules::{grouped, is_verb, resolve, Module, MODULES};
use self::modules::{ALIASES, FLAG_ALIASES};
pub use value::HELP as VALUES_HELP;

const PAGE: &str = "cosmos.base.query.v1beta1.PageRequest";
const REVISION: &str = "revision_number";
const HEIGHT: &str = "revision_height";
/// The id of the arguments that stand for fields in order.
pub const ORDERED: &str = "FIELDS";

/// The methods of a module's `Query` or `Msg` service.
pub fn methods(package: &str, service: &str) -> &'static [Method] {
    let name = format!("{package}.{service}");
    services().iter().find(|service| service.full_name == name).map_or(&[], |service| service.methods.as_slice())
}

/// The message of this full name.
pub fn message(full_name: &str) -> Result<&'static Message> {
    let index = SCHEMA.message(full_name);
    index.and_then(|index| SCHEMA.messages.get(index)).with_context(|| format!("no message {full_name}"))
}

/// A module's verb, over those of its methods.
pub fn group(module: &Module, about: String, verbs: impl Iterator<Item = Command>) -> Command {
    Command::new(module.name)
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(VALUES_HELP)
        .subcommands(verbs)
}

/// A method's verb under `path` (`query bank`); `hidden` fields are filled by the caller (a message's signer).
pub fn verb(path: &str, package: &str, service: &str, method: &Method, hidden: &[&str]) -> Result<Command> {
    let request = message(&method.input)?;
    let name = kebab(&method.name);
    let (mut usage, mut samples, mut last) = (Vec::new(), Vec::new(), None);
    let mut command = Command::new(name.clone());
    for field in fields(request).filter(|field| !hidden.contains(&field.name.as_str())) {
        if is_page(field) {
            command = command.args(page_flags());
            continue;
        }
        command = command.arg(flag(request, field));
        if !field.deprecated {
            usage.push(format!("[{}]", kebab(&field.name)));
            samples.push(text::sample(field));
            last = Some(field);
        }
    }
    if !usage.is_empty() {
        let ordered = Arg::new(ORDERED).help(format!("In order: {}", usage.join(" ")));
        let ordered = match last.is_some_and(is_list) {
            true => ordered.num_args(0..),
            false => ordered.num_args(0..=usage.len()),
        };
        command = command.arg(ordered.allow_negative_numbers(true));
    }
    let alias = ALIASES.iter().find(|(method_name, _)| *method_name == method.name);
    let about = text::method(&format!("{package}.{service}.{}", method.name), &method.name);
    let from = if path.starts_with("tx") && !hidden.is_empty() { " --from alice" } else { "" };
    let example = format!("Example:\n  openledgerd {path} {name} {}{from}", samples.join(" "));
    Ok(command
        .override_usage(format!("openledgerd {path} {name} [OPTIONS] {}", usage.join(" ")))
        .about(about)
        .after_help(example.replace("  --from", " --from").trim_end().to_string())
        .visible_aliases(alias.map(|(_, alias)| *alias)))
}

/// The request that a command line gives, as JSON; `preset` has the hidden fields.
pub fn request(full_name: &str, matches: &ArgMatches, preset: &[(&str, Value)]) -> Result<Value> {
    let request = message(full_name)?;
    let mut ordered = match matches.try_get_many::<String>(ORDERED) {
        Ok(Some(values)) => values.collect::<Vec<_>>().into_iter(),
        _ => Vec::new().into_iter(),
    };
    let mut object: Map<String, Value> = preset.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let is_ordered = |field: &&Field| !is_page(field) && !field.deprecated;
    let last = fields(request).filter(is_ordered).last().filter(|last| is_list(last)).map(|last| last.number);
    for field in fields(request) {
        if object.contains_key(&field.name) {
            continue;
        }
        if is_page(field) {
            object.extend(page(matches).map(|page| (field.name.clone(), page)));
            continue;
        }
        let text = match matches.get_one::<String>(&field.name) {
            Some(text) => text.clone(),
            None if field.deprecated => continue,
            None => match ordered.next() {
                Some(text) if last == Some(field.number) && ordered.len() > 0 => {
                    std::iter::once(text).chain(ordered.by_ref()).map(String::as_str).collect::<Vec<_>>().join(",")
                }
                Some(text) => text.clone(),
                None => continue,
            },
        };
        let text = text.as_str();
        // A height of IBC may be written 1-20, as it stands in paths, in place of two numbers.
        if let Some((number, height)) = text.split_once('-').filter(|_| field.name == REVISION) {
            object.extend([(REVISION, number), (HEIGHT, height)].map(|(name, text)| (name.into(), text.into())));
            continue;
        }
        object
            .insert(field.name.clone(), value::read(field, text).with_context(|| format!("--{}", kebab(&field.name)))?);
    }
    match ordered.next() {
        Some(extra) => bail!("{extra:?} is one argument too many"),
        None => Ok(Value::Object(object)),
    }
}

/// The flag of one field, for verbs that fill it in by themselves where it is not given.
pub fn flag_of(full_name: &str, name: &str) -> Result<Arg> {
    let (message, field) = field_of(full_name, name)?;
    Ok(flag(message, field))
}

/// A field's value, where its flag was given.
pub fn given(full_name: &str, matches: &ArgMatches, name: &str) -> Result<Option<Value>> {
    let text = matches.get_one::<String>(name);
    text.map(|text| read(full_name, name, text)).transpose()
}

/// A field's JSON from what was written.
pub fn read(full_name: &str, name: &str, text: &str) -> Result<Value> {
    value::read(field_of(full_name, name)?.1, text).with_context(|| format!("--{}", kebab(name)))
}

fn field_of(full_name: &str, name: &str) -> Result<(&'static Message, &'static Field)> {
    let message = message(full_name)?;
    let field = fields(message).find(|field| field.name == name);
    Ok((message, field.with_context(|| format!("{full_name} has no field {name}"))?))
}

/// The fields of a message, in the order of the .proto file.
pub fn fields(message: &'static Message) -> impl Iterator<Item = &'static Field> {
    message.order.iter().filter_map(|index| message.fields.get(*index))
}

fn is_list(field: &Field) -> bool {
    matches!(field.label, Label::Repeated(_))
}

fn is_page(field: &Field) -> bool {
    matches!(field.kind, Kind::Message(index) if SCHEMA.messages.get(index).is_some_and(|page| page.full_name == PAGE))
}

fn flag(message: &Message, field: &Field) -> Arg {
    let arg = Arg::new(field.name.clone()).long(kebab(&field.name)).allow_hyphen_values(true).value_name(kind(field));
    let arg = arg.help(text::field(&message.full_name, field)).help_heading("Fields");
    let alias = FLAG_ALIASES.iter().find(|(name, _)| *name == field.name);
    let arg = arg.visible_aliases(alias.map(|(_, alias)| *alias)).hide(field.deprecated);
    if field.kind == Kind::Bool {
        return arg.num_args(0..=1).require_equals(true).default_missing_value("true");
    }
    arg
}

/// What a flag's value looks like.
fn kind(field: &Field) -> String {
    let one = match field.kind {
        Kind::Bool => "true|false".to_string(),
        Kind::String => "TEXT".into(),
        Kind::Bytes => "BASE64|0xHEX|@FILE".into(),
        Kind::Enum(_) => "NAME".into(),
        Kind::Message(index) if value::is_coin(index) => "COIN".into(),
        Kind::Message(_) => "JSON".into(),
        _ => "NUMBER".into(),
    };
    if is_list(field) {
        format!("{one},…")
    } else {
        one
    }
}

fn page_flags() -> [Arg; 5] {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help).help_heading("Pages");
    [
        arg("page-key", "The next_key of the page before, base64"),
        arg("page-offset", "How many entries are passed over"),
        arg("page-limit", "How many entries a page has").visible_alias("limit"),
        arg("page-count-total", "Count all entries").action(ArgAction::SetTrue),
        arg("page-reverse", "Last entries first").action(ArgAction::SetTrue),
    ]
}

fn page(matches: &ArgMatches) -> Option<Value> {
    let mut page = Map::new();
    for (flag, field) in [("page-key", "key"), ("page-offset", "offset"), ("page-limit", "limit")] {
        page.extend(matches.get_one::<String>(flag).map(|text| (field.into(), Value::String(text.clone()))));
    }
    for (flag, field) in [("page-count-total", "count_total"), ("page-reverse", "reverse")] {
        page.extend(matches.get_flag(flag).then(|| (field.into(), Value::Bool(true))));
    }
    (!page.is_empty()).then_some(Value::Object(page))
}

/// `CreateDatanet`, `datanet_id` and `AddressByID` as `create-datanet`, `datanet-id` and `address-by-id`.
pub fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut kebab = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let is_upper = |at: usize| letters.get(at).is_some_and(char::is_ascii_uppercase);
        let begins =
            is_upper(at) && at > 0 && (!is_upper(at - 1) || letters.get(at + 1).is_some_and(char::is_ascii_lowercase));
        if *letter == '_' || begins {
            kebab.push('-');
        }
        if *letter != '_' {
            kebab.push(letter.to_ascii_lowercase());
        }
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(package: &str, service: &str, name: &str, line: &str) -> Result<Value> {
        let method = methods(package, service).iter().find(|method| method.name == name).unwrap();
        let matches = verb("query x", package, service, method, &[])
            .unwrap()
            .try_get_matches_from(std::iter::once("x").chain(line.split(' ')))?;
        request(&method.input, &matches, &[])
    }

    #[test]
    fn fields_are_given_in_order_or_by_flag() {
        let want = json!({"address": "open1x", "denom": "aopen"});
        let bank = |line| read("cosmos.bank.v1beta1", "Query", "Balance", line).unwrap();
        assert_eq!(bank("open1x aopen"), want);
        assert_eq!(bank("--denom aopen open1x"), want);
        assert_eq!(bank("--denom aopen --address open1x"), want);
        assert!(read("cosmos.bank.v1beta1", "Query", "Balance", "open1x aopen more").is_err());
    }

    #[test]
    fn a_deprecated_field_is_given_by_its_flag_alone() {
        let evidence = |line| read("cosmos.evidence.v1beta1", "Query", "Evidence", line).unwrap();
        assert_eq!(evidence("AB12"), json!({"hash": "AB12"}));
        assert_eq!(evidence("--evidence-hash AQI="), json!({"evidence_hash": "AQI="}));
        let account = read("cosmos.auth.v1beta1", "Query", "AccountAddressByID", "5").unwrap();
        assert_eq!(account, json!({"account_id": "5"}));
    }

    #[test]
    fn all_that_follow_are_of_a_list_that_comes_last() {
        let disabled = read("cosmos.circuit.v1", "Msg", "TripCircuitBreaker", "open1a /a.B /c.D").unwrap();
        assert_eq!(disabled["msg_type_urls"], json!(["/a.B", "/c.D"]));
        let pool =
            read("cosmos.distribution.v1beta1", "Msg", "DepositValidatorRewardsPool", "open1a v 5aaa 10bbb").unwrap();
        assert_eq!(pool["amount"], json!([{"denom": "aaa", "amount": "5"}, {"denom": "bbb", "amount": "10"}]));
        let enabled = read("cosmos.bank.v1beta1", "Query", "SendEnabled", "a b c").unwrap();
        assert_eq!(enabled, json!({"denoms": ["a", "b", "c"]}));
        // What comes after a list keeps its place.
        let vote = read("cosmos.gov.v1", "Msg", "VoteWeighted", "1 open1x yes=1 why more");
        assert!(vote.unwrap_err().to_string().contains("more"));
    }

    #[test]
    fn heights_sequences_and_states_of_ibc_are_given_as_simd_takes_them() {
        let query = |package: &str, name: &str, line: &str| read(package, "Query", name, line).unwrap();
        let want = json!({"client_id": "07-tendermint-0", "revision_number": "1", "revision_height": "20"});
        assert_eq!(query("ibc.core.client.v1", "ConsensusState", "07-tendermint-0 1-20"), want);
        assert_eq!(query("ibc.core.client.v1", "ConsensusState", "07-tendermint-0 1 20"), want);
        let want = json!({"client_id": "07-tendermint-0", "latest_height": true});
        assert_eq!(query("ibc.core.client.v1", "ConsensusState", "07-tendermint-0 --latest-height"), want);
        let line = "transfer channel-0 --sequences=1,2";
        let want = json!({"port_id": "transfer", "channel_id": "channel-0", "packet_commitment_sequences": ["1", "2"]});
        assert_eq!(query("ibc.core.channel.v1", "UnreceivedPackets", line), want);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), r#"{"@type":"/ibc.lightclients.tendermint.v1.ConsensusState"}"#).unwrap();
        let path = file.path().display();
        let state = json!({"@type": "/ibc.lightclients.tendermint.v1.ConsensusState"});
        for line in [format!("{path} @{path} open1a"), format!("{state} {path} open1a")] {
            let made = read("ibc.core.client.v1", "Msg", "CreateClient", &line);
            if line.contains("type") {
                assert_eq!(made.unwrap()["client_state"], state);
            } else {
                assert_eq!(made.unwrap(), json!({"client_state": state, "consensus_state": state, "signer": "open1a"}));
            }
        }
    }

    #[test]
    fn allowances_authorizations_and_messages_are_given_as_json_with_their_type() {
        let limit = r#"[{"denom":"aopen","amount":"5"}]"#;
        let basic = format!(r#"{{"@type":"/cosmos.feegrant.v1beta1.BasicAllowance","spend_limit":{limit}}}"#);
        let send = format!(r#"{{"@type":"/cosmos.bank.v1beta1.SendAuthorization","spend_limit":{limit}}}"#);
        let msg = format!(
            r#"{{"@type":"/cosmos.bank.v1beta1.MsgSend","from_address":"a","to_address":"b","amount":{limit}}}"#
        );
        for (package, name, line) in [
            ("cosmos.feegrant.v1beta1", "GrantAllowance", format!("open1a open1b {basic}")),
            ("cosmos.authz.v1beta1", "Grant", format!(r#"open1a open1b {{"authorization":{send},"expiration":null}}"#)),
            ("cosmos.authz.v1beta1", "Exec", format!("open1a [{msg},{msg}]")),
            ("cosmos.circuit.v1", "TripCircuitBreaker", "open1a /a.B,/c.D".into()),
            ("cosmos.vesting.v1beta1", "CreateVestingAccount", "open1a open1b 5aopen 1798761600 --delayed".into()),
        ] {
            let request = read(package, "Msg", name, &line).unwrap();
            let bytes = openledger_proto::walker::from_json(&format!("{package}.Msg{name}"), &request).unwrap();
            assert!(bytes.len() > 15, "{name}: {request}");
        }
    }

    #[test]
    fn coins_bytes_lists_and_pages_are_read_as_people_write_them() {
        let send = read("cosmos.bank.v1beta1", "Msg", "Send", "open1a open1b 5btoken,10aopen").unwrap();
        assert_eq!(send["amount"], json!([{"denom": "aopen", "amount": "10"}, {"denom": "btoken", "amount": "5"}]));
        let commit = read("openledger.datanet.v1", "Msg", "CommitContribution", "open1a 3 0x00ff").unwrap();
        assert_eq!(commit["commit"], "AP8=");
        let page = read("cosmos.bank.v1beta1", "Query", "AllBalances", "open1a --page-limit 5 --page-reverse").unwrap();
        assert_eq!(page["pagination"], json!({"limit": "5", "reverse": true}));
        assert!(read("openledger.datanet.v1", "Msg", "CommitContribution", "open1a 3 0x0").is_err());
    }

    #[test]
    fn every_method_of_every_module_is_a_consistent_verb_that_says_what_it_does() {
        for module in MODULES {
            for service in [module.query, "Msg"] {
                let methods = methods(module.package, service);
                let queries_alone = module.query == "Service" || module.name == "chain";
                // What vests is asked of auth and bank; forwards and remote payers act by a transfer's memo.
                let other_alone = match service {
                    "Msg" => ["openledger.forward.v1", "openledger.transfer.v1"].contains(&module.package),
                    _ => module.name == "vesting",
                };
                assert!(!methods.is_empty() || queries_alone || other_alone, "{}.{service}", module.package);
                for method in methods {
                    let verb = verb("query x", module.package, service, method, &[]).unwrap();
                    let about = verb.get_about().unwrap().to_string();
                    assert!(about.contains(' '), "{}.{service}.{}: {about}", module.package, method.name);
                    verb.debug_assert();
                }
            }
        }
    }

    #[test]
    fn options_of_votes_are_written_as_people_say_them() {
        let gov = |name, line| read("cosmos.gov.v1", "Msg", name, line).unwrap();
        assert_eq!(gov("Vote", "1 open1x no-with-veto")["option"], "VOTE_OPTION_NO_WITH_VETO");
        assert_eq!(gov("Vote", "1 open1x VOTE_OPTION_YES")["option"], "VOTE_OPTION_YES");
        let part = |option: &str, tenths: u8| json!({"option": option, "weight": format!("0.{tenths}{:0>17}", "")});
        let want = json!([part("VOTE_OPTION_YES", 6), part("VOTE_OPTION_NO", 4)]);
        assert_eq!(gov("VoteWeighted", "1 open1x yes=0.6,no=0.4")["options"], want);
        let proposals = read("cosmos.gov.v1", "Query", "Proposals", "--proposal-status voting-period").unwrap();
        assert_eq!(proposals["proposal_status"], "PROPOSAL_STATUS_VOTING_PERIOD");
    }

    #[test]
    fn names_are_split_where_people_would() {
        for (name, split) in [
            ("AllBalances", "all-balances"),
            ("AccountAddressByID", "account-address-by-id"),
            ("ABCIQuery", "abci-query"),
            ("datanet_id", "datanet-id"),
            ("Bech32Prefix", "bech32-prefix"),
        ] {
            assert_eq!(kebab(name), split);
        }
    }
}
