//! From descriptors to command lines: every query and every message is a verb whose flags are its fields, so that nothing the chain
//! understands is out of a shell's reach, and nothing here names a field.
//!
//! A field is given by its flag (`--datanet-id 3`) or, in the order of the .proto file, as an argument. Coins are written `10aopen`,
//! bytes in base64, as `0x…` or as `@file`, lists with commas or as JSON, other messages as JSON.

use anyhow::{anyhow, bail, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_core::{Coin, Coins};
use openledger_proto::walker::schema::{Field, Kind, Label, Message};
use openledger_proto::walker::{services, Method, SCHEMA};
use serde_json::{json, Map, Value};

const COIN: &str = "cosmos.base.v1beta1.Coin";
const PAGE: &str = "cosmos.base.query.v1beta1.PageRequest";
/// The id of the arguments that stand for fields in order.
const ORDERED: &str = "FIELDS";

/// Modules with a command line: their short name and their protobuf package.
pub const MODULES: [(&str, &str); 7] = [
    ("attribution", "openledger.attribution.v1"),
    ("auth", "cosmos.auth.v1beta1"),
    ("bank", "cosmos.bank.v1beta1"),
    ("consensus", "cosmos.consensus.v1"),
    ("contributor", "openledger.contributor.v1"),
    ("datanet", "openledger.datanet.v1"),
    ("model", "openledger.model.v1"),
];

/// Names that `simd` has for methods, beside those of the methods themselves.
const ALIASES: [(&str, &str); 3] =
    [("AllBalances", "balances"), ("TotalSupply", "total"), ("SupplyOf", "total-supply-of")];

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

/// A method's verb; `hidden` fields are filled by the caller (a message's signer).
pub fn verb(method: &Method, hidden: &[&str]) -> Result<Command> {
    let request = message(&method.input)?;
    let name = kebab(&method.name);
    let mut usage = Vec::new();
    let mut command = Command::new(name);
    for field in fields(request).filter(|field| !hidden.contains(&field.name.as_str())) {
        if is_page(field) {
            command = command.args(page_flags());
        } else {
            usage.push(format!("[{}]", kebab(&field.name)));
            command = command.arg(flag(field));
        }
    }
    if !usage.is_empty() {
        let ordered = Arg::new(ORDERED).num_args(0..=usage.len()).help(format!("In order: {}", usage.join(" ")));
        command = command.arg(ordered.allow_negative_numbers(true));
    }
    let alias = ALIASES.iter().find(|(method_name, _)| *method_name == method.name);
    Ok(command.about(format!("{} {}", method.name, usage.join(" "))).visible_aliases(alias.map(|(_, alias)| *alias)))
}

/// The request that a command line gives, as JSON; `preset` has the hidden fields.
pub fn request(full_name: &str, matches: &ArgMatches, preset: &[(&str, Value)]) -> Result<Value> {
    let request = message(full_name)?;
    let mut ordered = match matches.try_get_many::<String>(ORDERED) {
        Ok(Some(values)) => values.collect::<Vec<_>>().into_iter(),
        _ => Vec::new().into_iter(),
    };
    let mut object: Map<String, Value> = preset.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    for field in fields(request) {
        if object.contains_key(&field.name) {
            continue;
        }
        if is_page(field) {
            object.extend(page(matches).map(|page| (field.name.clone(), page)));
            continue;
        }
        let text = match matches.get_one::<String>(&field.name) {
            Some(text) => text,
            None => match ordered.next() {
                Some(text) => text,
                None => continue,
            },
        };
        object.insert(field.name.clone(), value(field, text).with_context(|| format!("--{}", kebab(&field.name)))?);
    }
    match ordered.next() {
        Some(extra) => bail!("{extra:?} is one argument too many"),
        None => Ok(Value::Object(object)),
    }
}

fn fields(message: &'static Message) -> impl Iterator<Item = &'static Field> {
    message.order.iter().filter_map(|index| message.fields.get(*index))
}

fn is_page(field: &Field) -> bool {
    matches!(field.kind, Kind::Message(index) if SCHEMA.messages.get(index).is_some_and(|page| page.full_name == PAGE))
}

fn flag(field: &Field) -> Arg {
    let arg = Arg::new(field.name.clone()).long(kebab(&field.name)).allow_hyphen_values(true).value_name(kind(field));
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
        Kind::Enum(index) => {
            let values = SCHEMA.enums.get(index).map(|all| all.values.iter().map(|(name, _)| name.as_str()).collect());
            values.map_or_else(String::new, |names: Vec<&str>| names.join("|"))
        }
        Kind::Message(index) if is_coin(index) => "COIN".into(),
        Kind::Message(_) => "JSON".into(),
        _ => "NUMBER".into(),
    };
    if matches!(field.label, Label::Repeated(_)) {
        format!("{one},…")
    } else {
        one
    }
}

fn is_coin(index: usize) -> bool {
    SCHEMA.messages.get(index).is_some_and(|message| message.full_name == COIN)
}

/// A field's JSON from what was written.
fn value(field: &Field, text: &str) -> Result<Value> {
    let repeated = matches!(field.label, Label::Repeated(_));
    if repeated && text.trim_start().starts_with('[') || field.label == Label::Map {
        return Ok(serde_json::from_str(text)?);
    }
    if let (true, Kind::Message(index)) = (repeated, field.kind) {
        if is_coin(index) {
            let coins: Coins = text.parse().map_err(|error| anyhow!("{error}"))?;
            return Ok(coins.iter().map(coin).collect());
        }
    }
    if repeated {
        let parts = text.split(',').filter(|part| !part.is_empty());
        return parts.map(|part| one(field.kind, part.trim())).collect::<Result<Vec<_>>>().map(Value::Array);
    }
    one(field.kind, text)
}

fn one(kind: Kind, text: &str) -> Result<Value> {
    Ok(match kind {
        Kind::Bool => Value::Bool(text.parse().context("write true or false")?),
        Kind::Bytes => Value::String(BASE64.encode(bytes(text)?)),
        Kind::Message(index) if is_coin(index) => {
            coin(&text.parse::<Coin>().map_err(|error| anyhow!("{error}: write e.g. 10aopen"))?)
        }
        Kind::Message(_) => serde_json::from_str(text).with_context(|| format!("{text:?} is not JSON"))?,
        _ => Value::String(text.into()),
    })
}

fn coin(coin: &Coin) -> Value {
    json!({"denom": coin.denom, "amount": coin.amount.to_string()})
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    if let Some(path) = text.strip_prefix('@') {
        return std::fs::read(path).with_context(|| format!("reading {path}"));
    }
    match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).context("after 0x come hexadecimal digits, two a byte"),
        None => BASE64.decode(text).context("write bytes in base64, as 0x and hexadecimal digits, or as @file"),
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

/// `CreateDatanet` and `datanet_id` as `create-datanet` and `datanet-id`.
pub fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter == '_' {
            kebab.push('-');
        } else if letter.is_ascii_uppercase() {
            if at > 0 {
                kebab.push('-');
            }
            kebab.push(letter.to_ascii_lowercase());
        } else {
            kebab.push(letter);
        }
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(package: &str, service: &str, name: &str, line: &str) -> Result<Value> {
        let method = methods(package, service).iter().find(|method| method.name == name).unwrap();
        let matches = verb(method, &[]).unwrap().try_get_matches_from(std::iter::once("x").chain(line.split(' ')))?;
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
    fn every_method_of_every_module_is_a_consistent_verb() {
        for (_, package) in MODULES {
            for service in ["Query", "Msg"] {
                assert!(!methods(package, service).is_empty(), "{package}.{service}");
                for method in methods(package, service) {
                    verb(method, &[]).unwrap().debug_assert();
                }
            }
        }
    }
}
