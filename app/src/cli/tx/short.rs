//! Commands in the forms that `simd` has for messages with messages in them: a validator from a file, an allowance from flags
//! (SDK v0.50 `x/staking/client/cli`, `cosmossdk.io/x/feegrant/client/cli`). The forms of every other message go on beside them.

use std::path::Path;

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgMatches, Command};
use openledger_core::{Coin, Coins, Dec};
use prost_types::Timestamp;
use serde::Deserialize;
use serde_json::{json, Value};

use super::super::auto;
use super::authz;
use super::edit_validator::{self, EDIT_VALIDATOR};
use super::periods::{self, CREATE_PERIODIC};
use super::rewards;

const CREATE_VALIDATOR: &str = "cosmos.staking.v1beta1.MsgCreateValidator";
const GRANT_ALLOWANCE: &str = "cosmos.feegrant.v1beta1.MsgGrantAllowance";
const REVOKE_ALLOWANCE: &str = "cosmos.feegrant.v1beta1.MsgRevokeAllowance";

/// A message that a short form gives.
#[derive(Debug)]
pub struct Short {
    /// Who signs, where the form names it; else `--from`.
    pub from: Option<String>,
    /// The message as JSON, without its signer.
    pub request: Value,
}

/// Adds to a message's command what its short form needs.
pub fn extend(input: &str, command: Command) -> Command {
    match input {
        CREATE_VALIDATOR => command
            .override_usage("openledgerd tx staking create-validator [OPTIONS] FILE")
            .after_help(CREATE_VALIDATOR_HELP),
        GRANT_ALLOWANCE => {
            let arg = |name: &'static str, value: &'static str, help: &'static str| {
                Arg::new(name).long(name).value_name(value).help(help).help_heading("Allowance")
            };
            command
                .arg(arg("spend-limit", "COINS", "What may be spent in all [default: anything]"))
                .arg(arg("expiration", "TIME", "Until when, e.g. 2027-01-31T12:00:00Z [default: for ever]"))
                .arg(arg("period", "SECONDS", "After how long what may be spent in a period begins anew"))
                .arg(arg("period-limit", "COINS", "What may be spent in a period"))
                .arg(arg("allowed-messages", "URL,…", "The types of message for whose fees it is [default: all]"))
                .override_usage("openledgerd tx feegrant grant-allowance [OPTIONS] [GRANTER] GRANTEE")
                .after_help(GRANT_HELP)
        }
        authz::GRANT => authz::extend_grant(command),
        authz::EXEC => authz::extend_exec(command),
        REVOKE_ALLOWANCE => command
            .mut_arg(auto::ORDERED, |ordered| ordered.num_args(0..=2))
            .override_usage("openledgerd tx feegrant revoke-allowance [OPTIONS] [GRANTER] GRANTEE")
            .after_help("Example:\n  openledgerd tx feegrant revoke alice open1…"),
        EDIT_VALIDATOR => edit_validator::extend(command),
        CREATE_PERIODIC => periods::extend(command),
        rewards::WITHDRAW => rewards::extend(command),
        _ => command,
    }
}

const CREATE_VALIDATOR_HELP: &str = r#"The file:
  {
    "pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": "what `openledgerd comet show-validator` prints"},
    "amount": "1000000000000000000aopen",
    "moniker": "my-validator",
    "identity": "", "website": "", "security": "", "details": "",
    "commission-rate": "0.1",
    "commission-max-rate": "0.2",
    "commission-max-change-rate": "0.01",
    "min-self-delegation": "1"
  }
Without a file the message's own fields are given by their flags.

Example:
  openledgerd tx staking create-validator validator.json --from alice"#;

const GRANT_HELP: &str = r#"Instead of flags the allowance may be given as JSON with its @type, after the grantee or by --allowance.

Examples:
  openledgerd tx feegrant grant-allowance alice open1… --spend-limit 100aopen --expiration 2027-01-31T12:00:00Z
  openledgerd tx feegrant grant-allowance alice open1… --period 3600 --period-limit 10aopen --allowed-messages /cosmos.bank.v1beta1.MsgSend
  openledgerd tx feegrant grant-allowance open1… '{"@type": "/cosmos.feegrant.v1beta1.BasicAllowance"}' --from alice"#;

/// The message that a command line gives in its short form; `None` where it gives fields.
pub fn request(input: &str, matches: &ArgMatches, now: Timestamp) -> Result<Option<Short>> {
    let ordered: Vec<&str> = match matches.try_get_many::<String>(auto::ORDERED) {
        Ok(Some(values)) => values.map(String::as_str).collect(),
        _ => Vec::new(),
    };
    match (input, ordered.as_slice()) {
        (CREATE_VALIDATOR, [file]) if !file.trim_start().starts_with('{') => {
            Ok(Some(Short { from: None, request: from_file(Path::new(file))? }))
        }
        (GRANT_ALLOWANCE, ordered) => grant(matches, ordered, now),
        (REVOKE_ALLOWANCE, [granter, grantee]) => {
            Ok(Some(Short { from: Some((*granter).into()), request: json!({"grantee": grantee}) }))
        }
        (EDIT_VALIDATOR, _) => Ok(Some(Short { from: None, request: edit_validator::request(matches)? })),
        (CREATE_PERIODIC, ordered) => Ok(periods::request(ordered)?.map(|request| Short { from: None, request })),
        _ => Ok(None),
    }
}

/// What the file of a validator says.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ValidatorFile {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    pubkey: Value,
    #[serde(default)]
    moniker: String,
    #[serde(default)]
    identity: String,
    #[serde(default)]
    website: String,
    #[serde(default)]
    security: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    commission_rate: String,
    #[serde(default)]
    commission_max_rate: String,
    #[serde(default)]
    commission_max_change_rate: String,
    #[serde(default)]
    min_self_delegation: String,
}

fn from_file(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    validator(&text).with_context(|| format!("{} describes no validator", path.display()))
}

fn validator(text: &str) -> Result<Value> {
    let file: ValidatorFile = serde_json::from_str(text)?;
    ensure!(!file.amount.is_empty(), "must specify amount of coins to bond");
    let amount: Coin = file.amount.parse().with_context(|| format!("amount {:?}: write e.g. 10aopen", file.amount))?;
    ensure!(!file.pubkey.is_null(), "must specify the JSON encoded pubkey");
    ensure!(!file.moniker.is_empty(), "must specify the moniker name");
    let rates = [&file.commission_rate, &file.commission_max_rate, &file.commission_max_change_rate];
    ensure!(rates.iter().all(|rate| !rate.is_empty()), "must specify all validator commission parameters");
    for rate in rates {
        rate.parse::<Dec>().map_err(|error| anyhow::anyhow!("the rate {rate:?}: {error}"))?;
    }
    ensure!(!file.min_self_delegation.is_empty(), "must specify minimum self delegation");
    let is_number = file.min_self_delegation.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(is_number, "minimum self delegation must be a positive integer");
    Ok(json!({
        "description": {
            "moniker": file.moniker,
            "identity": file.identity,
            "website": file.website,
            "security_contact": file.security,
            "details": file.details,
        },
        "commission": {
            "rate": file.commission_rate,
            "max_rate": file.commission_max_rate,
            "max_change_rate": file.commission_max_change_rate,
        },
        "min_self_delegation": file.min_self_delegation,
        "pubkey": file.pubkey,
        "value": {"denom": amount.denom, "amount": amount.amount.to_string()},
    }))
}

fn grant(matches: &ArgMatches, ordered: &[&str], now: Timestamp) -> Result<Option<Short>> {
    let flag = |name: &str| matches.try_get_one::<String>(name).ok().flatten().map(String::as_str);
    let is_json = ordered.iter().any(|value| value.trim_start().starts_with('{'));
    if is_json || flag("allowance").is_some() {
        let short = ["spend-limit", "expiration", "period", "period-limit", "allowed-messages"];
        if let Some(name) = short.into_iter().find(|name| flag(name).is_some()) {
            bail!("--{name}: give the allowance as JSON, or by such flags");
        }
        return Ok(None);
    }
    let (from, grantee) = match (ordered, flag("grantee")) {
        ([granter, grantee], None) => (Some((*granter).to_string()), *grantee),
        ([granter], Some(grantee)) => (Some((*granter).to_string()), grantee),
        ([grantee], None) => (None, *grantee),
        ([], Some(grantee)) => (None, grantee),
        _ => bail!("name the granter and the grantee: tx feegrant grant-allowance alice open1…"),
    };
    let request = json!({"grantee": grantee, "allowance": allowance(&flag, now)?});
    Ok(Some(Short { from, request }))
}

/// The allowance that flags describe.
fn allowance<'a>(flag: &impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> Result<Value> {
    let mut basic = json!({"spend_limit": coins("spend-limit", flag("spend-limit").unwrap_or_default())?});
    let expiration = flag("expiration").map(|text| {
        let time = text.parse::<Timestamp>();
        time.map_err(|_| anyhow::anyhow!("--expiration {text:?} is not like 2027-01-31T12:00:00Z"))
    });
    let expiration = expiration.transpose()?;
    if let Some(expiration) = &expiration {
        basic["expiration"] = expiration.to_string().into();
    }
    let mut allowance = if flag("period").is_some() || flag("period-limit").is_some() {
        let seconds = flag("period").context("period clock was not set: --period SECONDS")?;
        let seconds: i64 = seconds.parse().with_context(|| format!("--period {seconds:?} is no number of seconds"))?;
        ensure!(seconds > 0, "period clock was not set: --period {seconds}");
        let limit = coins("period-limit", flag("period-limit").unwrap_or_default())?;
        ensure!(limit != json!([]), "period limit was not set: --period-limit COINS");
        let reset = now.seconds.checked_add(seconds).context("--period is too long")?;
        let reset = Timestamp { seconds: reset, nanos: now.nanos };
        if let Some(expiration) = expiration {
            let late = (reset.seconds, reset.nanos) > (expiration.seconds, expiration.nanos);
            ensure!(!late, "period ({seconds}) cannot reset after expiration ({expiration})");
        }
        json!({
            "@type": "/cosmos.feegrant.v1beta1.PeriodicAllowance",
            "basic": basic,
            "period": format!("{seconds}s"),
            "period_spend_limit": limit.clone(),
            "period_can_spend": limit,
            "period_reset": reset.to_string(),
        })
    } else {
        basic["@type"] = "/cosmos.feegrant.v1beta1.BasicAllowance".into();
        basic
    };
    let messages = flag("allowed-messages").unwrap_or_default();
    let messages: Vec<&str> = messages.split(',').map(str::trim).filter(|url| !url.is_empty()).collect();
    if !messages.is_empty() {
        allowance = json!({
            "@type": "/cosmos.feegrant.v1beta1.AllowedMsgAllowance",
            "allowance": allowance,
            "allowed_messages": messages,
        });
    }
    Ok(allowance)
}

fn coins(name: &str, text: &str) -> Result<Value> {
    let coins: Coins = text.parse().with_context(|| format!("--{name} {text:?}: write e.g. 10aopen"))?;
    Ok(coins.iter().map(|coin| json!({"denom": coin.denom, "amount": coin.amount.to_string()})).collect())
}

#[cfg(test)]
mod tests {
    use openledger_proto::walker;

    use super::*;

    const NOW: Timestamp = Timestamp { seconds: 1_795_219_200, nanos: 0 };

    fn read(input: &str, line: &str) -> Result<Option<Short>> {
        let (package, name) = input.rsplit_once(".Msg").unwrap();
        let method = auto::methods(package, "Msg").iter().find(|method| method.name == name).unwrap();
        let command = auto::verb("tx x", package, "Msg", method, &["granter", "validator_address"]).unwrap();
        let matches = extend(input, command).try_get_matches_from(std::iter::once("x").chain(line.split(' ')))?;
        request(input, &matches, NOW)
    }

    #[test]
    fn a_file_describes_a_validator_in_simd_s_words() {
        let file = r#"{"pubkey": {"@type":"/cosmos.crypto.ed25519.PubKey","key":"oWg2ISpLF405Jcm2vXV+2v4fnjodh6aafuIdeoW+rUw="},
            "amount": "1000000aopen", "moniker": "myvalidator", "security": "me@example.org", "commission-rate": "0.1",
            "commission-max-rate": "0.2", "commission-max-change-rate": "0.01", "min-self-delegation": "1"}"#;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("validator.json");
        std::fs::write(&path, file).unwrap();
        let short = read(CREATE_VALIDATOR, path.to_str().unwrap()).unwrap().unwrap();
        let bytes = walker::from_json(CREATE_VALIDATOR, &short.request).unwrap();
        let back = walker::to_json(CREATE_VALIDATOR, &bytes).unwrap();
        assert_eq!(back["description"]["security_contact"], "me@example.org");
        assert_eq!(back["commission"]["max_rate"], "0.200000000000000000");
        assert_eq!(back["value"], json!({"denom": "aopen", "amount": "1000000"}));
        for (change, text) in [
            (("1000000aopen", ""), "amount of coins"),
            (("\"0.2\"", "\"\""), "all validator commission"),
            (("myvalidator", ""), "moniker"),
            (("\"security\"", "\"secrecy\""), "secrecy"),
        ] {
            let error = format!("{:#}", validator(&file.replace(change.0, change.1)).unwrap_err());
            assert!(error.contains(text), "{error}");
        }
        // Its fields by flags, as every message's.
        assert!(read(CREATE_VALIDATOR, "--min-self-delegation 1").unwrap().is_none());
    }

    #[test]
    fn flags_describe_an_allowance_in_simd_s_words() {
        let grant = |line: &str| read(GRANT_ALLOWANCE, line).unwrap().unwrap();
        let short = grant("alice open1x --spend-limit 100aopen --expiration 2027-01-30T15:04:05Z");
        assert_eq!(short.from.as_deref(), Some("alice"));
        let limit = json!([{"denom": "aopen", "amount": "100"}]);
        assert_eq!(
            short.request,
            json!({"grantee": "open1x", "allowance": {"@type": "/cosmos.feegrant.v1beta1.BasicAllowance",
                "spend_limit": limit, "expiration": "2027-01-30T15:04:05Z"}})
        );
        walker::from_json(GRANT_ALLOWANCE, &short.request).unwrap();
        let short = grant("open1x --period 3600 --period-limit 10aopen --allowed-messages /a.B,/c.D");
        assert_eq!(short.from, None);
        let allowance = &short.request["allowance"];
        assert_eq!(allowance["allowed_messages"], json!(["/a.B", "/c.D"]));
        assert_eq!(allowance["allowance"]["period_reset"], "2026-11-21T01:00:00Z");
        walker::from_json(GRANT_ALLOWANCE, &short.request).unwrap();
        for (line, text) in [
            ("alice open1x --period 5", "period limit was not set"),
            ("alice open1x --period-limit 5aopen", "period clock was not set"),
            ("alice open1x --period 9 --period-limit 5aopen --expiration 2026-11-21T00:00:01Z", "cannot reset after"),
            ("alice open1x --expiration tomorrow", "tomorrow"),
            ("--period 9", "name the granter"),
            ("open1x {} --period 9", "as JSON, or by such flags"),
        ] {
            let error = format!("{:#}", read(GRANT_ALLOWANCE, line).unwrap_err());
            assert!(error.contains(text), "{line}: {error}");
        }
        assert!(read(GRANT_ALLOWANCE, "open1x {}").unwrap().is_none());
    }

    #[test]
    fn an_allowance_is_taken_back_by_granter_and_grantee_as_in_simd_or_by_the_grantee_alone() {
        let short = read(REVOKE_ALLOWANCE, "alice open1x").unwrap().unwrap();
        assert_eq!((short.from.as_deref(), short.request), (Some("alice"), json!({"grantee": "open1x"})));
        assert!(read(REVOKE_ALLOWANCE, "open1x").unwrap().is_none());
        assert!(read(REVOKE_ALLOWANCE, "alice open1x open1y").is_err());
    }
}
