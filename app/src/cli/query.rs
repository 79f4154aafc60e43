//! `query`: every query of every module, a transaction by its hash, a block by its height. Answers are JSON.

use anyhow::{bail, Context, Result};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use openledger_client::Rpc;
use openledger_proto::walker;
use serde_json::{json, Value};

use super::auto;

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

impl Args for Query {
    fn augment_args(command: Command) -> Command {
        let mut command = command.args(flags()).subcommand_required(true).arg_required_else_help(true);
        for (module, package) in auto::MODULES {
            let verbs = auto::methods(package, "Query").iter().filter_map(|method| auto::verb(method, &[]).ok());
            let about = format!("Queries of the {module} module");
            command =
                command.subcommand(Command::new(module).about(about).subcommand_required(true).subcommands(verbs));
        }
        let hash = Arg::new("hash").required(true).help("The transaction's hash, 64 hexadecimal digits");
        let height = Arg::new("at").help("The height [default: the last]");
        command
            .subcommand(Command::new("tx").about("A transaction in a block, by its hash").arg(hash))
            .subcommand(Command::new("block").about("A block by its height").arg(height))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flags() -> [Arg; 3] {
    [
        Arg::new("node")
            .long("node")
            .global(true)
            .env("OPENLEDGERD_NODE")
            .default_value("tcp://localhost:26657")
            .help("CometBFT's RPC"),
        Arg::new("height").long("height").global(true).default_value("0").help("The height that is read; 0: the last"),
        Arg::new("output")
            .long("output")
            .short('o')
            .global(true)
            .value_parser(["json", "text"])
            .default_value("text")
            .help("json: one line; text: with line breaks"),
    ]
}

impl Query {
    pub(super) fn run(self) -> Result<()> {
        let (module, matches) = self.matches.subcommand().context("name a module")?;
        let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
        let rpc = Rpc::new(&text("node"));
        let answer = tokio::runtime::Runtime::new()?.block_on(async {
            match module {
                "tx" => transaction(&rpc, &text("hash")).await,
                "block" => block(&rpc, &text("at")).await,
                module => method(&rpc, module, matches, text("height").parse().context("--height")?).await,
            }
        })?;
        print(&answer, &text("output"))
    }
}

/// Prints an answer as `--output` asks.
pub fn print(answer: &Value, output: &str) -> Result<()> {
    match output {
        "json" => println!("{answer}"),
        _ => println!("{}", serde_json::to_string_pretty(answer)?),
    }
    Ok(())
}

async fn method(rpc: &Rpc, module: &str, matches: &ArgMatches, height: u64) -> Result<Value> {
    let (_, package) = auto::MODULES.iter().find(|(name, _)| *name == module).context("no such module")?;
    let (verb, matches) = matches.subcommand().context("name a query")?;
    let method = auto::methods(package, "Query").iter().find(|method| auto::kebab(&method.name) == verb);
    let method = method.with_context(|| format!("no query {verb}"))?;
    let request = auto::request(&method.input, matches, &[])?;
    let request = walker::from_json(&method.input, &request)?;
    let path = format!("/{package}.Query/{}", method.name);
    let answer = rpc.abci_query(&path, &request, height, false).await?;
    if answer.code != 0 {
        bail!("{}", answer.log);
    }
    Ok(walker::to_json(&method.output, &answer.value)?)
}

async fn transaction(rpc: &Rpc, hash: &str) -> Result<Value> {
    let digits = hash.strip_prefix("0x").unwrap_or(hash);
    let found = rpc.tx(digits).await?.with_context(|| format!("tx ({hash}) not found"))?;
    let result = &found.tx_result;
    let event = |event: &openledger_client::rpc::Event| {
        let attributes = event.attributes.iter().map(|pair| json!({"key": pair.key, "value": pair.value}));
        json!({"type": event.kind, "attributes": attributes.collect::<Vec<_>>()})
    };
    let events: Vec<Value> = result.events.iter().map(event).collect();
    Ok(json!({
        "height": found.height.to_string(), "txhash": found.hash, "codespace": result.codespace, "code": result.code,
        "data": hex::encode_upper(&result.data), "raw_log": result.log, "gas_wanted": result.gas_wanted.to_string(),
        "gas_used": result.gas_used.to_string(), "events": events,
    }))
}

async fn block(rpc: &Rpc, height: &str) -> Result<Value> {
    let params = if height.is_empty() { json!({}) } else { json!({"height": height}) };
    Ok(rpc.call("block", params).await?)
}
