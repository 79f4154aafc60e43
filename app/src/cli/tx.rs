//! `tx`: every message of every module, signed by `--from` and handed to a node.

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use cosmwasm_std::Uint256;
use openledger_client::{wallet, Key, Keyring, Rpc, TxBuilder};
use openledger_core::coin::{check_denom, parse_amount};
use openledger_core::{Address, Coin, Coins};
use openledger_proto::cosmos::tx::v1beta1::{
    AuthInfo, SimulateRequest, SimulateResponse, Tx as ProtoTx, TxBody, TxRaw,
};
use openledger_proto::walker::{self, Method};
use openledger_proto::{Any, Message, Name};
use serde_json::{json, Value};

use super::keys::confirmed;
use super::query::print;
use super::{auto, Global};

/// The gas of a transaction where `--gas` does not say, as the SDK's.
const DEFAULT_GAS: u64 = 200_000;

/// See the file's head.
pub struct Tx {
    matches: ArgMatches,
}

impl FromArgMatches for Tx {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { matches: matches.clone() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl Args for Tx {
    fn augment_args(command: Command) -> Command {
        let mut command = command.args(flags()).subcommand_required(true).arg_required_else_help(true);
        for (module, package) in auto::MODULES {
            let verbs = auto::methods(package, "Msg").iter().filter_map(|method| verb(method).ok());
            let about = format!("Messages of the {module} module");
            command =
                command.subcommand(Command::new(module).about(about).subcommand_required(true).subcommands(verbs));
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A message's verb: its signer is `--from`, but `bank send` names it first, as everywhere.
fn verb(method: &Method) -> Result<Command> {
    let signer = signer_field(method)?;
    auto::verb(method, if names_its_signer(method) { &[] } else { std::slice::from_ref(&signer) })
}

fn names_its_signer(method: &Method) -> bool {
    method.input == "cosmos.bank.v1beta1.MsgSend"
}

fn signer_field(method: &Method) -> Result<&'static str> {
    let message = auto::message(&method.input)?;
    let signers = message.signers.as_deref().and_then(|signers| signers.first());
    let field = signers.and_then(|index| message.fields.get(*index));
    Ok(field.with_context(|| format!("{} names no signer", method.input))?.name.as_str())
}

fn flags() -> Vec<Arg> {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).global(true).help(help);
    vec![
        arg("node", "CometBFT's RPC").env("OPENLEDGERD_NODE").default_value("tcp://localhost:26657"),
        arg("from", "Name or address of the key that signs"),
        arg("keyring-backend", "Where keys are").env("OPENLEDGERD_KEYRING_BACKEND").default_value("test"),
        arg("chain-id", "The chain [default: the node's]").env("OPENLEDGERD_CHAIN_ID"),
        arg("fees", "The fee, e.g. 1000aopen"),
        arg("gas-prices", "The fee by gas, e.g. 0.025aopen"),
        arg("gas", "The gas limit, or auto").default_value(DEFAULT_GAS.to_string()),
        arg("gas-adjustment", "With --gas auto: times what was used").default_value("1.3"),
        arg("note", "A note that goes with it").default_value("").visible_alias("memo"),
        arg("timeout-height", "The last block that may hold it; 0 for any").default_value("0"),
        arg("account-number", "With --offline").short('a'),
        arg("sequence", "With --offline").short('s'),
        arg("offline", "Ask no node").action(ArgAction::SetTrue),
        arg("generate-only", "Print the transaction, unsigned").action(ArgAction::SetTrue),
        arg("dry-run", "Print the gas it would use").action(ArgAction::SetTrue),
        arg("yes", "Do not ask").short('y').action(ArgAction::SetTrue),
        arg("output", "json or text").short('o').value_parser(["json", "text"]).default_value("text"),
    ]
}

/// What a command line says of how a transaction is made.
struct Plan<'a> {
    matches: &'a ArgMatches,
    rpc: Rpc,
    signer: Address,
    key: Option<Key>,
}

impl Tx {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let (module, matches) = self.matches.subcommand().context("name a module")?;
        let (_, package) = auto::MODULES.iter().find(|(name, _)| *name == module).context("no such module")?;
        let (verb, matches) = matches.subcommand().context("name a message")?;
        let method = auto::methods(package, "Msg").iter().find(|method| auto::kebab(&method.name) == verb);
        let method = method.with_context(|| format!("no message {verb}"))?;
        let ring = Keyring::open(global.home()?.root(), &text(matches, "keyring-backend"))?;
        let field = signer_field(method)?;
        let (request, from) = if names_its_signer(method) {
            let mut request = auto::request(&method.input, matches, &[])?;
            let named = request[field].as_str().map(str::to_string);
            let from = named.or_else(|| matches.get_one::<String>("from").cloned()).context("name the sender")?;
            let (address, key) = find_key(&ring, &from)?;
            request[field] = address.to_string().into();
            (request, (address, key))
        } else {
            let from = matches.get_one::<String>("from").context("--from names the key that signs")?;
            let (address, key) = find_key(&ring, from)?;
            let preset = [(field, Value::String(address.to_string()))];
            (auto::request(&method.input, matches, &preset)?, (address, key))
        };
        let value = walker::from_json(&method.input, &request)?;
        let message = Any { type_url: format!("/{}", method.input), value };
        let plan = Plan { matches, rpc: Rpc::new(&text(matches, "node")), signer: from.0, key: from.1 };
        tokio::runtime::Runtime::new()?.block_on(plan.go(message))
    }
}

impl Plan<'_> {
    async fn go(&self, message: Any) -> Result<()> {
        let mut builder = TxBuilder {
            messages: vec![message],
            memo: text(self.matches, "note"),
            timeout_height: text(self.matches, "timeout-height").parse().context("--timeout-height")?,
            ..Default::default()
        };
        let offline = self.matches.get_flag("offline");
        let generate = self.matches.get_flag("generate-only");
        let (number, sequence) = if generate { (0, 0) } else { self.account(offline).await? };
        let gas = text(self.matches, "gas");
        let dry = self.matches.get_flag("dry-run");
        if gas == "auto" || dry {
            ensure!(!offline && !generate, "--gas auto and --dry-run ask the node; give --gas a number");
            // Paying a fee uses gas too, so that the estimate must pay one.
            builder.fee = self.fee(DEFAULT_GAS)?;
            let used = self.simulate(&builder, sequence).await?;
            if dry {
                println!("gas estimate: {used}");
                return Ok(());
            }
            builder.gas_limit = adjusted(used, &text(self.matches, "gas-adjustment"))?;
            eprintln!("gas estimate: {}", builder.gas_limit);
        } else {
            builder.gas_limit = gas.parse().with_context(|| format!("--gas {gas:?} is neither a number nor auto"))?;
        }
        builder.fee = self.fee(builder.gas_limit)?;
        if generate {
            return print(&tx_json(&builder.unsigned(&[]))?, &text(self.matches, "output"));
        }
        self.send(&builder, number, sequence, offline).await
    }

    async fn send(&self, builder: &TxBuilder, number: u64, sequence: u64, offline: bool) -> Result<()> {
        let key = self.key()?;
        let chain_id = match self.matches.get_one::<String>("chain-id") {
            Some(chain_id) => chain_id.clone(),
            None if offline => bail!("--offline wants --chain-id"),
            None => self.rpc.chain().await?.0,
        };
        let tx = builder.sign(&chain_id, &[(key, number, sequence)])?;
        let output = text(self.matches, "output");
        if offline {
            return print(&tx_json(&TxRaw::decode(tx.as_slice())?)?, &output);
        }
        if !self.matches.get_flag("yes") {
            eprintln!("{}", tx_json(&TxRaw::decode(tx.as_slice())?)?);
            ensure!(confirmed("confirm transaction before signing and broadcasting")?, "canceled transaction");
        }
        let answer = self.rpc.broadcast(&tx).await?;
        let shown = json!({
            "height": "0", "txhash": answer.hash, "codespace": answer.codespace, "code": answer.code, "raw_log": answer.log,
        });
        print(&shown, &output)?;
        ensure!(answer.code == 0, "the node refused it: {}", answer.log);
        Ok(())
    }

    fn key(&self) -> Result<&Key> {
        self.key.as_ref().with_context(|| format!("no key of {} in the keyring", self.signer))
    }

    async fn account(&self, offline: bool) -> Result<(u64, u64)> {
        let number =
            |name: &str| self.matches.get_one::<String>(name).map(|text| text.parse::<u64>().context(name.to_string()));
        let (account, sequence) = (number("account-number").transpose()?, number("sequence").transpose()?);
        match (account, sequence) {
            (Some(account), Some(sequence)) => Ok((account, sequence)),
            _ if offline => bail!("--offline wants --account-number and --sequence"),
            (account, sequence) => {
                let found = wallet::account(&self.rpc, &self.signer.to_string()).await?;
                Ok((account.unwrap_or(found.0), sequence.unwrap_or(found.1)))
            }
        }
    }

    async fn simulate(&self, builder: &TxBuilder, sequence: u64) -> Result<u64> {
        let raw = builder.unsigned(&[(self.key()?.public_key_any(), sequence)]);
        #[allow(deprecated)]
        let request = SimulateRequest { tx: None, tx_bytes: raw.encode_to_vec() };
        let answer: SimulateResponse = self.rpc.query("/cosmos.tx.v1beta1.Service/Simulate", &request).await?;
        Ok(answer.gas_info.context("the node answered without gas")?.gas_used)
    }

    fn fee(&self, gas: u64) -> Result<Coins> {
        let get = |name: &str| self.matches.get_one::<String>(name);
        match (get("fees"), get("gas-prices")) {
            (Some(_), Some(_)) => bail!("cannot provide both fees and gas prices"),
            (Some(fees), None) => Ok(fees.parse()?),
            (None, Some(prices)) => fee_of_prices(prices, gas),
            (None, None) => Ok(Coins::default()),
        }
    }
}

/// The address and, where the keyring has it, the key of a name or an address.
fn find_key(ring: &Keyring, from: &str) -> Result<(Address, Option<Key>)> {
    let Ok(address) = from.parse::<Address>() else {
        let key = ring.get(from)?;
        return Ok((key.address(), Some(key)));
    };
    for name in ring.list()? {
        let key = ring.get(&name)?;
        if key.address() == address {
            return Ok((address, Some(key)));
        }
    }
    Ok((address, None))
}

/// Prices with up to 18 decimals times gas, rounded up, as the SDK does it.
fn fee_of_prices(prices: &str, gas: u64) -> Result<Coins> {
    let mut fee = Vec::new();
    for price in prices.split(',').map(str::trim).filter(|price| !price.is_empty()) {
        let digits = price.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, denom) = price.split_at(digits);
        check_denom(denom)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        ensure!(!whole.is_empty() && part.len() <= 18, "{price}: write e.g. 0.025aopen, with at most 18 decimals");
        let scaled = parse_amount(&format!("{whole}{part:0<18}"))?;
        let product = scaled.checked_mul(Uint256::from(gas)).context("the fee exceeds 256 bits")?;
        let unit = Uint256::from(10u64.pow(18));
        let amount = product / unit + Uint256::from(u64::from(!(product % unit).is_zero()));
        fee.push(Coin { denom: denom.into(), amount });
    }
    Ok(Coins::sum(fee)?)
}

/// Gas times a factor with decimals.
fn adjusted(gas: u64, factor: &str) -> Result<u64> {
    let factor: f64 = factor.parse().with_context(|| format!("--gas-adjustment {factor:?} is no number"))?;
    ensure!(factor.is_finite() && factor > 0.0, "--gas-adjustment must be above 0");
    Ok((gas as f64 * factor).ceil() as u64)
}

fn text(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

fn tx_json(raw: &TxRaw) -> Result<Value> {
    let tx = ProtoTx {
        body: Some(TxBody::decode(raw.body_bytes.as_slice())?),
        auth_info: Some(AuthInfo::decode(raw.auth_info_bytes.as_slice())?),
        signatures: raw.signatures.clone(),
    };
    Ok(walker::to_json(&ProtoTx::full_name(), &tx.encode_to_vec())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_prices_times_gas_rounded_up() {
        assert_eq!(fee_of_prices("0.025aopen", 200_001).unwrap().to_string(), "5001aopen");
        assert_eq!(fee_of_prices("2aopen,0.000000000000000001uatom", 1).unwrap().to_string(), "2aopen,1uatom");
        assert!(fee_of_prices("0.1.2aopen", 1).is_err());
        assert!(fee_of_prices("aopen", 1).is_err());
        assert_eq!(adjusted(100, "1.3").unwrap(), 130);
        assert!(adjusted(100, "-1").is_err());
    }

    #[test]
    fn every_message_is_a_consistent_verb() {
        Tx::augment_args(Command::new("tx")).debug_assert();
    }
}
