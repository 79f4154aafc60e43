//! `tx authz grant` and `tx authz exec` in the forms that `simd` has: an authorization from flags, messages from a transaction in a file
//! (SDK v0.50 `x/authz/client/cli/tx.go`). The forms of every other message go on beside them: an authorization, or messages, as JSON.

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, Coin, Coins};
use openledger_proto::cosmos::staking::v1beta1::{QueryParamsRequest, QueryParamsResponse};
use prost_types::Timestamp;
use serde_json::{json, Value};

use super::super::auto;
use super::document;
use super::factory::Factory;

/// The message of `grant`.
pub const GRANT: &str = "cosmos.authz.v1beta1.MsgGrant";
/// The message of `exec`.
pub const EXEC: &str = "cosmos.authz.v1beta1.MsgExec";
/// The sorts of authorizations that flags describe; those of staking have the name that the message gives them.
const SORTS: [(&str, &str); 5] = [
    ("send", ""),
    ("generic", ""),
    ("delegate", "AUTHORIZATION_TYPE_DELEGATE"),
    ("unbond", "AUTHORIZATION_TYPE_UNDELEGATE"),
    ("redelegate", "AUTHORIZATION_TYPE_REDELEGATE"),
];
const LISTS: [&str; 3] = ["allow-list", "allowed-validators", "deny-validators"];
const TEXTS: [&str; 3] = ["msg-type", "spend-limit", "expiration"];

/// Adds to the command of [`GRANT`] what its short form needs.
pub fn extend_grant(command: Command) -> Command {
    let arg = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).help_heading("Authorization")
    };
    let list = |name: &'static str, help: &'static str| {
        arg(name, "ADDRESS,…", help).action(ArgAction::Append).value_delimiter(',')
    };
    command
        .arg(arg("msg-type", "URL", "generic: the type of message that the grantee may execute"))
        .arg(arg(
            "spend-limit",
            "COINS",
            "send: what may be sent in all; for staking one coin [default there: anything]",
        ))
        .arg(list("allow-list", "send: to whom [default: anybody]"))
        .arg(list("allowed-validators", "for staking: with whom"))
        .arg(list("deny-validators", "for staking: with all but whom"))
        .arg(arg(
            "expiration",
            "TIME",
            "Until when: in seconds since 1970, or 2027-01-31T12:00:00Z [default, and 0: for ever]",
        ))
        .override_usage(
            "openledgerd tx authz grant [OPTIONS] GRANTEE send|generic|delegate|unbond|redelegate --from GRANTER",
        )
        .after_help(GRANT_HELP)
}

/// Says of the command of [`EXEC`] what its short form is.
pub fn extend_exec(command: Command) -> Command {
    command.override_usage("openledgerd tx authz exec [OPTIONS] FILE --from GRANTEE").after_help(EXEC_HELP)
}

const GRANT_HELP: &str = r#"Instead of a sort and flags the grant may be given as JSON, after the grantee or by --grant.

Examples:
  openledgerd tx authz grant open1… send --spend-limit 1000aopen --allow-list open1…,open1… --from alice
  openledgerd tx authz grant open1… generic --msg-type /cosmos.gov.v1.MsgVote --expiration 1798761600 --from alice
  openledgerd tx authz grant open1… delegate --spend-limit 1000aopen --allowed-validators openvaloper1… --from alice
  openledgerd tx authz grant open1… '{"authorization": {"@type": "/cosmos.authz.v1beta1.GenericAuthorization", "msg": "/cosmos.gov.v1.MsgVote"}}' --from alice"#;

const EXEC_HELP: &str = r#"The file has a transaction of the messages, as --generate-only prints it; - is standard input. Instead of it the messages may be given as JSON.

Example:
  openledgerd tx bank send GRANTER open1… 10aopen --generate-only > tx.json
  openledgerd tx authz exec tx.json --from grantee"#;

/// The message that a command line gives in its short form, without its signer, who is `from`; `None` where it gives fields.
pub async fn request(
    factory: &Factory<'_>,
    input: &str,
    matches: &ArgMatches,
    from: &Address,
) -> Result<Option<Value>> {
    match input {
        GRANT => {
            let Some((request, limit)) = grant(matches, from)? else { return Ok(None) };
            if let Some(limit) = limit {
                ensure!(
                    !factory.options.offline,
                    "--spend-limit of what is staked: the node says in which coin, so not with --offline"
                );
                let path = "/cosmos.staking.v1beta1.Query/Params";
                let answer: QueryParamsResponse = factory.rpc.query(path, &QueryParamsRequest {}).await?;
                check_bond_denom(&limit, &answer.params.unwrap_or_default().bond_denom)?;
            }
            Ok(Some(request))
        }
        EXEC => exec(matches),
        _ => Ok(None),
    }
}

fn check_bond_denom(limit: &Coin, bond_denom: &str) -> Result<()> {
    let denom = &limit.denom;
    ensure!(denom == bond_denom, "invalid denom {denom}; coin denom should match the current bond denom {bond_denom}");
    Ok(())
}

/// A grant, and what limits staking, whose denomination the chain has to be asked for.
fn grant(matches: &ArgMatches, from: &Address) -> Result<Option<(Value, Option<Coin>)>> {
    let ordered = ordered(matches);
    let (grantee, sort) = match (ordered.as_slice(), text(matches, "grantee")?) {
        ([grantee, sort], None) => (*grantee, *sort),
        ([sort], Some(grantee)) => (grantee, *sort),
        _ => ("", ""),
    };
    let known = SORTS.iter().find(|(name, _)| *name == sort);
    let Some((_, staking)) = known else {
        let is_json =
            sort.is_empty() || sort.trim_start().starts_with(['{', '@']) || std::path::Path::new(sort).is_file();
        ensure!(is_json, "invalid authorization type, {sort}: choose send, generic, delegate, unbond or redelegate");
        let mut given = TEXTS.into_iter().chain(LISTS).filter(|name| matches.contains_id(name));
        return match given.next() {
            Some(name) => {
                bail!("--{name}: name the grantee and the sort of the authorization, or give the grant as JSON")
            }
            None => Ok(None),
        };
    };
    let grantee: Address = grantee.parse().with_context(|| format!("the grantee {grantee:?}"))?;
    ensure!(grantee != *from, "grantee and granter should be different");
    only(matches, sort)?;
    let (authorization, limit) = match sort {
        "send" => (send(matches)?, None),
        "generic" => (generic(matches)?, None),
        _ => stake(matches, staking)?,
    };
    let grant = json!({"authorization": authorization, "expiration": expiration(text(matches, "expiration")?)?});
    Ok(Some((json!({"grantee": grantee.to_string(), "grant": grant}), limit)))
}

fn ordered(matches: &ArgMatches) -> Vec<&str> {
    match matches.try_get_many::<String>(auto::ORDERED) {
        Ok(Some(values)) => values.map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn text<'a>(matches: &'a ArgMatches, name: &str) -> Result<Option<&'a str>> {
    Ok(matches.try_get_one::<String>(name)?.map(String::as_str))
}

fn list<'a>(matches: &'a ArgMatches, name: &str) -> Vec<&'a str> {
    let parts = matches.get_many::<String>(name).into_iter().flatten();
    parts.map(|part| part.trim()).filter(|part| !part.is_empty()).collect()
}

/// Refuses flags of another sort, which `simd` passes over.
fn only(matches: &ArgMatches, sort: &str) -> Result<()> {
    let own: &[&str] = match sort {
        "send" => &["spend-limit", "allow-list"],
        "generic" => &["msg-type"],
        _ => &["spend-limit", "allowed-validators", "deny-validators"],
    };
    let mut others = TEXTS.into_iter().chain(LISTS).filter(|name| *name != "expiration" && !own.contains(name));
    match others.find(|name| matches.contains_id(name)) {
        Some(name) => bail!("--{name} is of another sort of authorization than {sort}"),
        None => Ok(()),
    }
}

fn send(matches: &ArgMatches) -> Result<Value> {
    let limit = text(matches, "spend-limit")?.unwrap_or_default();
    let limit: Coins = limit.parse().with_context(|| format!("--spend-limit {limit:?}: write e.g. 10aopen"))?;
    ensure!(!limit.is_empty(), "spend-limit should be greater than zero");
    let allowed = list(matches, "allow-list");
    for (at, address) in allowed.iter().enumerate() {
        address.parse::<Address>().with_context(|| format!("--allow-list {address:?}"))?;
        ensure!(
            !allowed.iter().skip(at + 1).any(|other| other == address),
            "duplicate address {address} in allow-list"
        );
    }
    let limit: Vec<Value> = limit.iter().map(coin).collect();
    Ok(json!({"@type": "/cosmos.bank.v1beta1.SendAuthorization", "spend_limit": limit, "allow_list": allowed}))
}

fn generic(matches: &ArgMatches) -> Result<Value> {
    let url = text(matches, "msg-type")?.context("--msg-type says which messages, e.g. /cosmos.gov.v1.MsgVote")?;
    Ok(json!({"@type": "/cosmos.authz.v1beta1.GenericAuthorization", "msg": url}))
}

fn stake(matches: &ArgMatches, kind: &str) -> Result<(Value, Option<Coin>)> {
    let (allowed, denied) = (list(matches, "allowed-validators"), list(matches, "deny-validators"));
    for operator in allowed.iter().chain(&denied) {
        Address::from_bech32(operator, VALOPER_PREFIX).with_context(|| format!("the validator {operator:?}"))?;
    }
    let (name, validators) = match (allowed.is_empty(), denied.is_empty()) {
        (true, true) => bail!("both allowed & deny list cannot be empty: --allowed-validators or --deny-validators"),
        (false, false) => bail!("cannot set both allowed & deny list"),
        (false, true) => ("allow_list", allowed),
        (true, false) => ("deny_list", denied),
    };
    let limit = text(matches, "spend-limit")?.filter(|limit| !limit.is_empty());
    let limit = limit
        .map(|limit| limit.parse::<Coin>().with_context(|| format!("--spend-limit {limit:?}: write e.g. 10aopen")));
    let limit = limit.transpose()?;
    ensure!(limit.as_ref().is_none_or(|limit| !limit.amount.is_zero()), "spend-limit should be greater than zero");
    let authorization = json!({
        "@type": "/cosmos.staking.v1beta1.StakeAuthorization",
        name: {"address": validators},
        "max_tokens": limit.as_ref().map(coin),
        "authorization_type": kind,
    });
    Ok((authorization, limit))
}

fn coin(coin: &Coin) -> Value {
    json!({"denom": coin.denom, "amount": coin.amount.to_string()})
}

/// `simd` takes seconds since 1970 alone, of which 0 is never.
fn expiration(text: Option<&str>) -> Result<Value> {
    let Some(text) = text.filter(|text| *text != "0") else { return Ok(Value::Null) };
    let time = match text.parse::<i64>() {
        Ok(seconds) => Timestamp { seconds, nanos: 0 },
        Err(_) => text.parse().map_err(|_| {
            anyhow::anyhow!("--expiration {text:?} is neither seconds since 1970 nor like 2027-01-31T12:00:00Z")
        })?,
    };
    Ok(time.to_string().into())
}

/// The messages of a transaction; `None` for messages as JSON, or in files of one each.
fn exec(matches: &ArgMatches) -> Result<Option<Value>> {
    let [file] = ordered(matches)[..] else { return Ok(None) };
    if file != "-" {
        let content = std::path::Path::new(file).is_file().then(|| document::read_text(file)).transpose()?;
        let content: Option<Value> = content.and_then(|text| serde_json::from_str(&text).ok());
        if content.is_none_or(|content| content.get("@type").is_some()) {
            return Ok(None);
        }
    }
    let tx = document::to_json(&document::read_tx(file)?)?;
    Ok(Some(json!({"msgs": tx["body"]["messages"]})))
}

#[cfg(test)]
mod tests {
    use openledger_proto::walker;

    use super::*;

    fn somebody(name: &str) -> Address {
        Address::module(name)
    }

    fn matches(input: &str, line: &str) -> ArgMatches {
        let (package, name) = input.rsplit_once(".Msg").unwrap();
        let method = auto::methods(package, "Msg").iter().find(|method| method.name == name).unwrap();
        let command = auto::verb("tx authz", package, "Msg", method, &["granter"]).unwrap();
        let command = if input == GRANT { extend_grant(command) } else { extend_exec(command) };
        command.try_get_matches_from(std::iter::once("x").chain(line.split(' '))).unwrap()
    }

    fn granted(line: &str) -> Result<Option<(Value, Option<Coin>)>> {
        let made = grant(&matches(GRANT, line), &somebody("ann"))?;
        if let Some((request, _)) = &made {
            walker::from_json(GRANT, request).unwrap();
        }
        Ok(made)
    }

    #[test]
    fn flags_describe_what_may_be_sent_and_which_messages_may_be_executed() {
        let (bob, cal) = (somebody("bob").to_string(), somebody("cal").to_string());
        let (made, _) =
            granted(&format!("{bob} send --spend-limit 9aopen,1btoken --allow-list {cal},{bob}")).unwrap().unwrap();
        let limit = json!([{"denom": "aopen", "amount": "9"}, {"denom": "btoken", "amount": "1"}]);
        let send =
            json!({"@type": "/cosmos.bank.v1beta1.SendAuthorization", "spend_limit": limit, "allow_list": [cal, bob]});
        assert_eq!(made, json!({"grantee": bob, "grant": {"authorization": send, "expiration": null}}));
        let line = format!("--grantee {bob} generic --msg-type /cosmos.gov.v1.MsgVote --expiration");
        let vote = json!({"@type": "/cosmos.authz.v1beta1.GenericAuthorization", "msg": "/cosmos.gov.v1.MsgVote"});
        for (time, expiration) in [
            ("1798761600", json!("2027-01-01T00:00:00Z")),
            ("2027-01-31T12:00:00Z", json!("2027-01-31T12:00:00Z")),
            ("0", Value::Null),
        ] {
            let (made, _) = granted(&format!("{line} {time}")).unwrap().unwrap();
            assert_eq!(made["grant"], json!({"authorization": vote, "expiration": expiration}));
        }
    }

    #[test]
    fn flags_describe_how_may_be_staked_and_the_limit_is_of_what_is_staked() {
        let bob = somebody("bob").to_string();
        let operators = ["v", "w"].map(|name| somebody(name).to_bech32(VALOPER_PREFIX));
        for (sort, kind) in &SORTS[2..] {
            let line = format!("{bob} {sort} --spend-limit 9aopen --allowed-validators {}", operators.join(","));
            let (made, limit) = granted(&line).unwrap().unwrap();
            let expected = json!({"@type": "/cosmos.staking.v1beta1.StakeAuthorization", "max_tokens": {"denom": "aopen", "amount": "9"},
                "allow_list": {"address": operators}, "authorization_type": kind});
            assert_eq!(made["grant"]["authorization"], expected);
            let limit = limit.unwrap();
            check_bond_denom(&limit, "aopen").unwrap();
            let refused = check_bond_denom(&limit, "stake").unwrap_err().to_string();
            assert_eq!(refused, "invalid denom aopen; coin denom should match the current bond denom stake");
        }
        let line = format!("{bob} delegate --deny-validators {} --deny-validators {}", operators[0], operators[1]);
        let (made, limit) = granted(&line).unwrap().unwrap();
        assert_eq!(made["grant"]["authorization"]["deny_list"], json!({"address": operators}));
        assert!(limit.is_none() && made["grant"]["authorization"]["max_tokens"].is_null());
    }

    #[test]
    fn what_describes_no_grant_is_refused_as_simd_refuses_it() {
        let (ann, bob) = (somebody("ann").to_string(), somebody("bob").to_string());
        let operator = somebody("v").to_bech32(VALOPER_PREFIX);
        for (line, text) in [
            (format!("{bob} everything"), "invalid authorization type, everything"),
            (format!("{ann} send --spend-limit 1aopen"), "grantee and granter should be different"),
            ("nobody send --spend-limit 1aopen".into(), "nobody"),
            (format!("{bob} send"), "spend-limit should be greater than zero"),
            (format!("{bob} send --spend-limit one"), "--spend-limit \"one\""),
            (format!("{bob} send --spend-limit 1aopen --allow-list {bob},{bob}"), "duplicate address"),
            (format!("{bob} send --spend-limit 1aopen --allow-list nobody"), "--allow-list \"nobody\""),
            (format!("{bob} generic"), "--msg-type"),
            (format!("{bob} delegate"), "both allowed & deny list cannot be empty"),
            (format!("{bob} delegate --allowed-validators {operator} --deny-validators {operator}"), "cannot set both"),
            (format!("{bob} unbond --allowed-validators {bob}"), "the validator"),
            (format!("{bob} unbond --allowed-validators {operator} --spend-limit 0aopen"), "greater than zero"),
            (format!("{bob} generic --msg-type /a.B --spend-limit 1aopen"), "--spend-limit is of another sort"),
            (format!("{bob} generic --msg-type /a.B --expiration tomorrow"), "tomorrow"),
            (format!("{bob} {{}} --msg-type /a.B"), "or give the grant as JSON"),
        ] {
            let error = format!("{:#}", granted(&line).unwrap_err());
            assert!(error.contains(text), "{line}: {error}");
        }
        assert!(granted(&format!("{bob} {{}}")).unwrap().is_none());
    }

    #[test]
    fn the_messages_of_a_transaction_in_a_file_are_executed_and_json_goes_its_own_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &Value| {
            let path = folder.path().join(name);
            std::fs::write(&path, content.to_string()).unwrap();
            path.to_str().unwrap().to_string()
        };
        let send = json!({"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": somebody("ann").to_string(),
            "to_address": somebody("cal").to_string(), "amount": [{"denom": "aopen", "amount": "5"}]});
        let tx = file("tx.json", &json!({"body": {"messages": [send, send]}}));
        let made = exec(&matches(EXEC, &tx)).unwrap().unwrap();
        assert_eq!(made, json!({"msgs": [send, send]}));
        walker::from_json(EXEC, &made).unwrap();
        assert!(exec(&matches(EXEC, &file("msg.json", &send))).unwrap().is_none());
        assert!(exec(&matches(EXEC, "[]")).unwrap().is_none());
        let empty = file("empty.json", &json!({"body": {"messages": []}}));
        assert!(format!("{:#}", exec(&matches(EXEC, &empty)).unwrap_err()).contains("messages is empty"));
    }
}
