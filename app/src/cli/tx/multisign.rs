//! `tx multisign` and `tx multisign-batch`: members' signatures put together into a multisig account's.

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_client::PublicKey;
use openledger_proto::cosmos::tx::signing::v1beta1::SignatureDescriptor;
use openledger_proto::cosmos::tx::v1beta1::Tx;

use super::super::output::document;
use super::document as file;
use super::factory::Factory;
use super::required;
use super::signing::{self, Combined, Signer};

/// The verbs.
pub fn commands() -> Vec<Command> {
    let arguments = |file: &'static str, signatures: &'static str| {
        [
            Arg::new("file").required(true).help(file),
            Arg::new("name").required(true).help("The multisig's name or address"),
            Arg::new("signatures").required(true).num_args(1..).help(signatures),
        ]
    };
    let one = Command::new("multi-sign")
        .visible_alias("multisign")
        .about("Put members' signatures together into the multisig's")
        .args(arguments("The transaction's JSON", "Files of tx sign --multisig"))
        .arg(
            Arg::new("skip-signature-verification")
                .long("skip-signature-verification")
                .action(ArgAction::SetTrue)
                .help("Take the signatures as they are; for a multisig within a multisig"),
        )
        .arg(
            Arg::new("signature-only")
                .long("signature-only")
                .action(ArgAction::SetTrue)
                .help("Print the signature alone"),
        )
        .after_help(MULTISIGN);
    let batch = Command::new("multisign-batch")
        .visible_alias("multi-sign-batch")
        .about("Put members' signatures together, of many transactions")
        .args(arguments("The transactions, one a line", "Files of tx sign-batch --multisig, one signature a line"))
        .arg(
            Arg::new("no-auto-increment")
                .long("no-auto-increment")
                .action(ArgAction::SetTrue)
                .help("Take the same sequence for all"),
        )
        .after_help("Example:\n  openledgerd tx multisign-batch txs.jsonl board alice.jsonl bob.jsonl > signed.jsonl");
    vec![one, batch]
}

const MULTISIGN: &str = "\
Members sign with amino-json; their signatures are verified before they are put together. With --offline no node is asked: give
--chain-id, and the multisig's --account-number and --sequence.

Examples:
  openledgerd keys add board --multisig alice,bob,carol --multisig-threshold 2
  openledgerd tx sign unsigned.json --from alice --multisig board > alice.json
  openledgerd tx sign unsigned.json --from bob --multisig board > bob.json
  openledgerd tx multisign unsigned.json board alice.json bob.json > signed.json
  openledgerd tx broadcast signed.json";

/// `tx multi-sign`.
pub async fn multisign(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let mut tx = file::read_tx(required(matches, "file")?)?;
    let record = factory.settings.record(required(matches, "name")?)?;
    let key = multisig(&record.name, &record.public_key)?;
    let chain_id = factory.chain_id().await?;
    let (account_number, sequence) = factory.account(&record.address()).await?;
    let signer = Signer { chain_id: &chain_id, account_number, sequence };
    let mut signatures = Vec::new();
    for name in files(matches)? {
        let read = file::read_signatures(&file::read_text(name)?).with_context(|| name.clone())?;
        signatures.extend(read.signatures.into_iter().map(|signature| (name.as_str(), signature)));
    }
    let skip = matches.get_flag("skip-signature-verification");
    combine(&mut tx, key, &signatures, signer, skip)?;
    let shown = if matches.get_flag("signature-only") {
        file::signatures_json(&signing::descriptors(&mut tx)?)?
    } else {
        file::to_json(&tx)?
    };
    document(&shown.to_string(), factory.options.output_document.as_deref())
}

/// `tx multisign-batch`.
pub async fn multisign_batch(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let txs = file::read_txs(&[required(matches, "file")?.to_string()])?;
    let record = factory.settings.record(required(matches, "name")?)?;
    let key = multisig(&record.name, &record.public_key)?;
    let chain_id = factory.chain_id().await?;
    let (account_number, mut sequence) = factory.account(&record.address()).await?;
    let mut batches = Vec::new();
    for name in files(matches)? {
        let text = file::read_text(name)?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let read = lines.map(|line| Ok(file::read_signatures(line)?.signatures));
        let read: Vec<SignatureDescriptor> =
            read.collect::<Result<Vec<_>>>().with_context(|| name.clone())?.into_iter().flatten().collect();
        ensure!(read.len() == txs.len(), "{name} has {} signatures for {} transactions", read.len(), txs.len());
        batches.push((name, read));
    }
    let mut lines = Vec::new();
    for (index, mut tx) in txs.into_iter().enumerate() {
        let of_tx = batches.iter().filter_map(|(name, read)| Some((name.as_str(), read.get(index)?.clone())));
        let of_tx: Vec<_> = of_tx.collect();
        combine(&mut tx, key, &of_tx, Signer { chain_id: &chain_id, account_number, sequence }, false)
            .with_context(|| format!("transaction {}", index + 1))?;
        lines.push(file::to_json(&tx)?.to_string());
        sequence += u64::from(!matches.get_flag("no-auto-increment"));
    }
    document(&lines.join("\n"), factory.options.output_document.as_deref())
}

fn combine(
    tx: &mut Tx,
    key: &PublicKey,
    signatures: &[(&str, SignatureDescriptor)],
    signer: Signer<'_>,
    skip: bool,
) -> Result<()> {
    let mut combined = Combined::new(key)?;
    for (file, signature) in signatures {
        combined.add(tx, signature, (!skip).then_some(signer)).with_context(|| (*file).to_string())?;
    }
    combined.finish(tx, key, signer.sequence)
}

fn multisig<'a>(name: &str, key: &'a PublicKey) -> Result<&'a PublicKey> {
    ensure!(matches!(key, PublicKey::Multisig { .. }), "{name} is no multisig: make one with keys add --multisig");
    Ok(key)
}

fn files(matches: &ArgMatches) -> Result<impl Iterator<Item = &String>> {
    matches.get_many::<String>("signatures").context("name a file of signatures")
}
