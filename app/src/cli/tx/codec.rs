//! `tx broadcast`, `encode`, `decode` and `simulate`: transactions in files and as bytes.

use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_proto::cosmos::tx::v1beta1::{SimulateResponse, Tx};
use openledger_proto::{walker, Message, Name};

use super::super::output::{document, line, print};
use super::document as file;
use super::factory::Factory;
use super::required;

/// The verbs.
pub fn commands() -> Vec<Command> {
    let path = || Arg::new("file").required(true).help("The transaction's JSON; - is standard input");
    let hex = Arg::new("hex").long("hex").short('x').action(ArgAction::SetTrue);
    vec![
        Command::new("broadcast")
            .about("Send a signed transaction")
            .arg(path())
            .after_help("Example:\n  openledgerd tx broadcast signed.json"),
        Command::new("encode")
            .about("Print a transaction's bytes in base64")
            .arg(path())
            .after_help("Example:\n  openledgerd tx encode signed.json"),
        Command::new("decode")
            .about("Print the transaction of bytes")
            .arg(Arg::new("bytes").required(true).help("The bytes in base64"))
            .arg(hex.help("They are hexadecimal"))
            .after_help("Example:\n  openledgerd tx decode $(openledgerd tx encode signed.json)"),
        Command::new("simulate")
            .about("Execute a transaction at the node and forget it: gas, events, errors")
            .arg(path())
            .after_help(
                "No signature is needed; --from names the account whose sequence is taken.\n\n\
                 Example:\n  openledgerd tx simulate unsigned.json --from alice",
            ),
    ]
}

/// `tx broadcast`.
pub async fn broadcast(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    ensure!(!factory.options.offline, "cannot broadcast tx during offline mode");
    let tx = file::read_tx(required(matches, "file")?)?;
    ensure!(!tx.signatures.is_empty(), "the transaction is not signed: tx sign does it");
    factory.broadcast(&tx.encode_to_vec()).await
}

/// `tx encode`.
pub fn encode(matches: &ArgMatches) -> Result<()> {
    line(&BASE64.encode(file::read_tx(required(matches, "file")?)?.encode_to_vec()))
}

/// `tx decode`.
pub fn decode(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let text = required(matches, "bytes")?;
    let bytes = if matches.get_flag("hex") {
        hex::decode(text).with_context(|| format!("{text:?} is no hexadecimal"))?
    } else {
        BASE64.decode(text).with_context(|| format!("{text:?} is no base64; --hex reads hexadecimal"))?
    };
    walker::reject_unknown(&Tx::full_name(), &bytes, true).context("the bytes are no transaction")?;
    let tx = walker::to_json(&Tx::full_name(), &bytes).context("the bytes are no transaction")?;
    document(&tx.to_string(), factory.options.output_document.as_deref())
}

/// `tx simulate`.
pub async fn simulate(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    ensure!(!factory.options.offline, "cannot simulate a transaction in offline mode");
    let tx = file::read_tx(required(matches, "file")?)?;
    let (address, record) = factory.signer(factory.options.from()?)?;
    let simulated = factory.simulate(&tx, &address, record.as_ref()).await?;
    let shown = walker::to_json(&SimulateResponse::full_name(), &simulated.encode_to_vec())?;
    print(&shown, factory.settings.output()?)
}
