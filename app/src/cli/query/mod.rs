//! `query`: every query of every module, transactions and blocks.
//!
//! | file | what |
//! | --- | --- |
//! | `mod.rs` | the modules' queries, from the descriptors |
//! | `txs.rs` | `tx`, `txs`, `wait-tx` |
//! | `blocks.rs` | `block`, `blocks`, `block-results`, `comet-validator-set` |
//! | `grpc.rs` | queries over gRPC, for `--grpc-addr` |
//! | `statements.rs` | statements as CSV |

mod blocks;
mod grpc;
mod statements;
mod txs;

use anyhow::{bail, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use openledger_auth::PublicKey;
use openledger_client::Rpc;
use openledger_core::address::VALCONS_PREFIX;
use openledger_proto::{walker, Any, Message, Name};
use serde_json::Value;

use super::output::{print, raw, Output};
use super::settings::{node_flag, output_flag, Flags, Settings};
use super::{auto, Global};

/// See the file's head.
pub struct Query {
    matches: ArgMatches,
}

impl FromArgMatches for Query {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { matches: matches.clone() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

/// A validator is named by its address or, as in `simd`, by its key.
const SIGNING_INFO: &str = "cosmos.slashing.v1beta1.QuerySigningInfoRequest";

const EXAMPLES: &str = "\
Examples:
  openledgerd query bank balances open1…
  openledgerd query bank total-supply-of aopen --height 100 -o json
  openledgerd query tx 3C2F…
  openledgerd query txs --query \"message.sender='open1…'\" --limit 10
  openledgerd query contributor statements open1… -o csv > statements.csv
  openledgerd query attribution solvency --grpc-addr 127.0.0.1:9090 --grpc-insecure";

impl Args for Query {
    fn augment_args(command: Command) -> Command {
        let command = command.args(flags()).subcommand_required(true).arg_required_else_help(true);
        let asked = auto::MODULES.iter().filter(|module| !auto::methods(module.package, module.query).is_empty());
        let modules = asked.map(|module| {
            let path = module.path("query");
            let methods = auto::methods(module.package, module.query).iter();
            let verbs = methods.filter_map(|method| auto::verb(&path, module.package, module.query, method, &[]).ok());
            let about = match module.name {
                "comet" => "Queries of the consensus engine".to_string(),
                "node" => "Queries of the node".to_string(),
                "chain" => "Queries of the chain as a whole".to_string(),
                "channel" | "client" | "connection" => format!("Queries of {}s", module.name),
                name => format!("Queries of the {name} module"),
            };
            let more = (module.name == "client").then(blocks::self_consensus_command);
            (module, auto::group(module, about, verbs.chain(more)))
        });
        let modules = auto::grouped("Queries", modules);
        let command = command.subcommands(txs::commands()).subcommands(blocks::commands()).subcommands(modules);
        command.after_help(format!("{}\n\n{EXAMPLES}", auto::VALUES_HELP))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flags() -> Vec<Arg> {
    let flags = [
        node_flag(),
        Arg::new("grpc-addr")
            .long("grpc-addr")
            .value_name("HOST:PORT")
            .help("Ask this gRPC server, not CometBFT's RPC; needs --grpc-insecure"),
        Arg::new("grpc-insecure").long("grpc-insecure").action(ArgAction::SetTrue).help("Speak to it without TLS"),
        Arg::new("height")
            .long("height")
            .value_name("HEIGHT")
            .help("The height that is read; the node must keep it [default: the last]"),
        Arg::new("chain-id").long("chain-id").value_name("ID").hide(true).help("No effect"),
        output_flag()
            .value_parser(["json", "text", "csv"])
            .help("json: one line; text: YAML; csv: statements alone [default: that of config/client.toml]"),
    ];
    flags.into_iter().map(|flag| flag.global(true)).collect()
}

impl Query {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let (verb, matches) = self.matches.subcommand().context("name a module")?;
        let last = if auto::is_verb(verb) {
            auto::resolve(verb, matches)?.1.subcommand().context("name a query")?.1
        } else {
            matches
        };
        let settings = Settings::new(global, Flags::of(last))?;
        let (rpc, output) = (settings.rpc(), settings.output()?);
        let runtime = tokio::runtime::Runtime::new()?;
        if output == Output::Csv {
            return raw(&runtime.block_on(statements::csv(&rpc, verb, matches))?);
        }
        let answer = runtime.block_on(async {
            match verb {
                "tx" => txs::one(&rpc, matches).await,
                "txs" => txs::search(&rpc, matches).await,
                "wait-tx" => txs::wait(&rpc, matches).await,
                "block" => blocks::one(&rpc, matches).await,
                "blocks" => blocks::search(&rpc, matches).await,
                "block-results" => blocks::results(&rpc, matches).await,
                "comet-validator-set" => blocks::validators(&rpc, matches).await,
                module => method(&rpc, module, matches).await,
            }
        })?;
        print(&answer, output)
    }
}

/// The consensus address of a validator's key, given as `comet show-validator` prints it.
fn consensus_address(text: &str) -> Result<String> {
    let example = r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"<base64>"}"#;
    let wrong = || format!("{text} is no validator's key: write {example}, or the address (openvalcons1…)");
    let json: Value = serde_json::from_str(text).with_context(wrong)?;
    let bytes = walker::from_json(&Any::full_name(), &json).with_context(wrong)?;
    let key = PublicKey::from_any(&Any::decode(bytes.as_slice()).with_context(wrong)?).with_context(wrong)?;
    Ok(key.address().to_bech32(VALCONS_PREFIX))
}

async fn method(rpc: &Rpc, verb: &str, matches: &ArgMatches) -> Result<Value> {
    let (module, matches) = auto::resolve(verb, matches)?;
    let (verb, matches) = matches.subcommand().context("name a query")?;
    if verb == blocks::SELF_CONSENSUS {
        return blocks::self_consensus_state(rpc).await;
    }
    let method = auto::methods(module.package, module.query).iter().find(|method| auto::kebab(&method.name) == verb);
    let method = method.with_context(|| format!("no query {verb}"))?;
    let mut request = auto::request(&method.input, matches, &[])?;
    if method.input == SIGNING_INFO {
        if let Some(text) = request["cons_address"].as_str().filter(|text| text.trim_start().starts_with('{')) {
            request["cons_address"] = consensus_address(text)?.into();
        }
    }
    let request = walker::from_json(&method.input, &request)?;
    let path = format!("/{}.{}/{}", module.package, module.query, method.name);
    let answer = ask(rpc, &path, request, matches).await?;
    let mut answer = walker::to_json(&method.output, &answer)?;
    // ibc-go prints parameters by themselves.
    if module.package.starts_with("ibc.") && method.name.ends_with("Params") {
        answer = answer["params"].take();
    }
    Ok(answer)
}

/// Asks over gRPC where `--grpc-addr` says so, else by ABCI's query.
async fn ask(rpc: &Rpc, path: &str, request: Vec<u8>, matches: &ArgMatches) -> Result<Vec<u8>> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    let height = text("height").map(|height| {
        height.parse::<u64>().with_context(|| format!("--height {height:?} is no height: write e.g. 100"))
    });
    let height = height.transpose()?.unwrap_or_default();
    if let Some(address) = text("grpc-addr") {
        if !matches.get_flag("grpc-insecure") {
            bail!("--grpc-addr {address}: this program speaks gRPC without TLS only: add --grpc-insecure");
        }
        return grpc::ask(&address, path, request, height).await;
    }
    let answer = rpc.abci_query(path, &request, height, false).await?;
    if answer.code != 0 {
        bail!("{}", answer.log);
    }
    Ok(answer.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validator_s_key_stands_for_its_consensus_address() {
        // RFC 8032's first key.
        let key = r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}"#;
        let address = consensus_address(key).unwrap();
        let hash = <sha2::Sha256 as sha2::Digest>::digest(hex::decode(RFC8032).unwrap());
        let expected = openledger_core::Address::new(&hash[..20]).unwrap().to_bech32(VALCONS_PREFIX);
        assert_eq!(address, expected);
        assert!(consensus_address(r#"{"@type":"/cosmos.bank.v1beta1.MsgSend"}"#).is_err());
    }

    const RFC8032: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
}
