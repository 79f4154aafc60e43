//! `tx MODULE MESSAGE`: a message from a command line, signed by `--from` and sent.

use std::time::SystemTime;

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use cosmwasm_std::Uint256;
use openledger_client::keyring::Record;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, Coin, Coins};
use openledger_proto::walker::{self, Method};
use openledger_proto::Any;
use serde_json::{json, Value};

use super::super::auto;
use super::commit;
use super::factory::Factory;
use super::{authz, draft, ibc_transfer, proposal, rewards, short};

const SEND: &str = "cosmos.bank.v1beta1.MsgSend";
const MULTI_SEND: &str = "cosmos.bank.v1beta1.MsgMultiSend";

/// Messages of ibc-go that this chain does not handle: its channels are not upgraded in place, and keep their acknowledgements.
const NOT_HANDLED: [&str; 2] =
    ["ibc.core.channel.v1.MsgChannelUpgrade", "ibc.core.channel.v1.MsgPruneAcknowledgements"];

/// A verb for each module that takes messages.
pub fn modules() -> Vec<Command> {
    let modules = auto::MODULES.iter().filter(|module| !auto::methods(module.package, "Msg").is_empty());
    auto::grouped("Messages", modules.map(|module| (module, commands(module))))
}

fn commands(module: &'static auto::Module) -> Command {
    let about = match module.under {
        "" => format!("Messages of the {} module", module.name),
        _ => format!("Messages of {}s", module.name),
    };
    if module.name == "upgrade" {
        return auto::group(module, about, proposal::upgrade_commands().into_iter());
    }
    let more = match module.name {
        "gov" => vec![draft::command()],
        "client" => proposal::client_commands().to_vec(),
        "distribution" => vec![rewards::all_command()],
        _ => Vec::new(),
    };
    let proposed: Vec<String> = more.iter().map(|command| command.get_name().to_string()).collect();
    let methods = auto::methods(module.package, "Msg").iter();
    let verbs = methods.filter(|method| is_handled(method)).filter_map(|method| verb(module, method).ok());
    let verbs: Vec<Command> = verbs.filter(|verb| !proposed.iter().any(|name| verb.get_name() == name)).collect();
    auto::group(module, about, verbs.into_iter().chain(more))
}

/// Whether this chain takes a message that is in the descriptors.
pub fn is_handled(method: &Method) -> bool {
    !NOT_HANDLED.iter().any(|name| method.input.starts_with(name))
}

/// Whether `tx` has such a module.
pub fn is_module(name: &str) -> bool {
    auto::is_verb(name)
}

/// A message's verb: its signer is `--from`, but `bank send` names it first, as everywhere.
fn verb(module: &auto::Module, method: &Method) -> Result<Command> {
    if method.input == MULTI_SEND {
        return Ok(multi_send_command());
    }
    if method.input == proposal::SUBMIT {
        return Ok(proposal::submit_command());
    }
    if method.input == ibc_transfer::TRANSFER {
        return Ok(ibc_transfer::command());
    }
    let signer = signer_field(method)?;
    if let Some(verb) = commit::verb(module, method, signer) {
        return verb;
    }
    let hidden: &[&str] = if method.input == SEND { &[] } else { std::slice::from_ref(&signer) };
    let command = auto::verb(&module.path("tx"), module.package, "Msg", method, hidden)?;
    Ok(short::extend(&method.input, command))
}

fn signer_field(method: &Method) -> Result<&'static str> {
    let message = auto::message(&method.input)?;
    let signers = message.signers.as_deref().and_then(|signers| signers.first());
    let field = signers.and_then(|index| message.fields.get(*index));
    Ok(field.with_context(|| format!("{} names no signer", method.input))?.name.as_str())
}

/// The signer as its field has it: messages of a validator's operator name the validator's address.
fn signer_text(method: &Method, signer: &Address) -> Result<String> {
    let name = signer_field(method)?;
    let field = auto::message(&method.input)?.fields.iter().find(|field| field.name == name);
    let of_validator = field.is_some_and(|field| field.scalar == "cosmos.ValidatorAddressString");
    Ok(if of_validator { signer.to_bech32(VALOPER_PREFIX) } else { signer.to_string() })
}

/// Makes the message that the command line gives, and does with it what the flags say.
pub async fn send(factory: &Factory<'_>, verb: &str, matches: &ArgMatches) -> Result<()> {
    let (module, matches) = auto::resolve(verb, matches)?;
    let (verb, matches) = matches.subcommand().context("name a message")?;
    if verb == "draft-proposal" {
        return draft::draft(factory, matches).await;
    }
    if verb == rewards::ALL {
        return rewards::withdraw_all(factory, matches).await;
    }
    if matches!(module.name, "client" | "gov" | "upgrade") {
        let signer = factory.signer(factory.options.from()?)?;
        if let Some(request) = proposal::request(verb, matches, &signer.0)? {
            let value = walker::from_json(proposal::SUBMIT, &request)?;
            return factory.send(vec![Any { type_url: format!("/{}", proposal::SUBMIT), value }], signer).await;
        }
    }
    let method = auto::methods(module.package, "Msg").iter().find(|method| auto::kebab(&method.name) == verb);
    let method = method.with_context(|| format!("no message {verb}"))?;
    if method.input == ibc_transfer::TRANSFER {
        return ibc_transfer::send(factory, matches).await;
    }
    let (request, signer) = match method.input.as_str() {
        MULTI_SEND => multi_send(factory, matches)?,
        SEND => bank_send(factory, method, matches)?,
        _ => {
            let short = short::request(&method.input, matches, SystemTime::now().into())?;
            let from = match short.as_ref().and_then(|short| short.from.as_deref()) {
                Some(from) => from,
                None => factory.options.from()?,
            };
            let signer = factory.signer(from)?;
            let (field, text) = (signer_field(method)?, signer_text(method, &signer.0)?);
            let short = match short {
                Some(short) => Some(short.request),
                None => authz::request(factory, &method.input, matches, &signer.0).await?,
            };
            let request = match (short, commit::request(factory, method, matches, (field, &signer.0)).await?) {
                (Some(mut short), _) => {
                    short[field] = text.into();
                    short
                }
                (None, Some(request)) => request,
                (None, None) => auto::request(&method.input, matches, &[(field, Value::String(text))])?,
            };
            (request, signer)
        }
    };
    let value = walker::from_json(&method.input, &request)?;
    let mut messages = vec![Any { type_url: format!("/{}", method.input), value }];
    messages.extend(rewards::commission(&factory.options, &method.input, matches, (&request, &signer.0))?);
    factory.send(messages, signer).await
}

type Made = (Value, (Address, Option<Record>));

fn bank_send(factory: &Factory<'_>, method: &Method, matches: &ArgMatches) -> Result<Made> {
    let mut request = auto::request(&method.input, matches, &[])?;
    let field = signer_field(method)?;
    let named = request[field].as_str().map(str::to_string);
    let from = named.or_else(|| factory.options.from.clone());
    let from = from.context("name the sender, the receiver and the coins: tx bank send alice open1… 10aopen")?;
    let signer = factory.signer(&from)?;
    request[field] = signer.0.to_string().into();
    for field in ["to_address", "amount"] {
        ensure!(!request[field].is_null(), "{field} is missing: tx bank send alice open1… 10aopen");
    }
    let to = request["to_address"].as_str().unwrap_or_default();
    to.parse::<Address>().with_context(|| format!("the receiver {to:?} is no address; it begins with open1"))?;
    Ok((request, signer))
}

fn multi_send_command() -> Command {
    Command::new("multi-send")
        .about("Sends from one account to several")
        .override_usage("openledgerd tx bank multi-send [OPTIONS] FROM TO... COINS")
        .arg(
            Arg::new("parts")
                .num_args(3..)
                .required(true)
                .value_name("PART")
                .help("Name or address of the sender, addresses of the receivers, and what each gets"),
        )
        .arg(
            Arg::new("split")
                .long("split")
                .action(ArgAction::SetTrue)
                .help("Divide the coins among the receivers, equally; what does not divide stays"),
        )
        .after_help("Example:\n  openledgerd tx bank multi-send alice open1… open1… 10aopen")
}

fn multi_send(factory: &Factory<'_>, matches: &ArgMatches) -> Result<Made> {
    let parts: Vec<&String> =
        matches.get_many::<String>("parts").context("name sender, receivers and coins")?.collect();
    let [from, receivers @ .., coins] = parts.as_slice() else { bail!("name sender, receivers and coins") };
    let signer = factory.signer(from)?;
    let coins: Coins = coins.parse().with_context(|| format!("the coins {coins:?}"))?;
    let count = Uint256::from(receivers.len() as u64);
    let each = coins.iter().map(|coin| {
        let amount = if matches.get_flag("split") { coin.amount / count } else { coin.amount };
        Coin { denom: coin.denom.clone(), amount }
    });
    let each = Coins::sum(each)?;
    ensure!(!each.is_empty(), "must send positive amount: {coins} divided among {count}");
    let total = each.iter().map(|coin| {
        let amount = coin.amount.checked_mul(count).context("the sum exceeds 256 bits")?;
        Ok(Coin { denom: coin.denom.clone(), amount })
    });
    let total = Coins::sum(total.collect::<Result<Vec<_>>>()?)?;
    let json = |coins: &Coins| -> Value {
        coins.iter().map(|coin| json!({"denom": coin.denom, "amount": coin.amount.to_string()})).collect()
    };
    let output = |to: &&String| -> Result<Value> {
        let address: Address = to.parse().with_context(|| format!("the receiver {to:?}"))?;
        Ok(json!({"address": address.to_string(), "coins": json(&each)}))
    };
    let outputs = receivers.iter().map(output).collect::<Result<Vec<_>>>()?;
    let inputs = json!([{"address": signer.0.to_string(), "coins": json(&total)}]);
    Ok((json!({"inputs": inputs, "outputs": outputs}), signer))
}
