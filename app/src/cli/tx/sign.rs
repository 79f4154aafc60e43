//! `tx sign` and `tx sign-batch`: transactions in files get a signature of `--from`, or a member's for `--multisig`.

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_client::keyring::Record;
use openledger_client::PublicKey;
use openledger_core::Coins;
use openledger_proto::cosmos::tx::signing::v1beta1::{SignMode, SignatureDescriptors};
use openledger_proto::cosmos::tx::v1beta1::Tx;

use super::super::output::document;
use super::document::{self as file, fee, parts};
use super::factory::Factory;
use super::required;
use super::signing::{self, Signer};

/// The verbs.
pub fn commands() -> Vec<Command> {
    let multisig = Arg::new("multisig")
        .long("multisig")
        .value_name("NAME_OR_ADDRESS")
        .help("Sign as a member of this multisig; prints the signature alone, for tx multisign");
    let alone = Arg::new("signature-only").long("signature-only").action(ArgAction::SetTrue);
    let overwrite = Arg::new("overwrite").long("overwrite").action(ArgAction::SetTrue);
    let append = Arg::new("append").long("append").action(ArgAction::SetTrue);
    let sign = Command::new("sign")
        .about("Sign a transaction made with --generate-only")
        .arg(Arg::new("file").required(true).help("The transaction's JSON; - is standard input"))
        .arg(multisig.clone())
        .arg(overwrite.help("Replace the signatures that are there [default: add one]"))
        .arg(alone.clone().help("Print the signatures alone"))
        .after_help(SIGN);
    let batch = Command::new("sign-batch")
        .about("Sign many transactions, one a line, with sequences that go on")
        .arg(Arg::new("files").required(true).num_args(1..).help("Files of transactions; - is standard input"))
        .arg(multisig)
        .arg(append.help("Make one transaction of all messages, with all gas and fees"))
        .arg(alone.help("Print the signatures alone"))
        .after_help("Example:\n  openledgerd tx sign-batch payments.jsonl --from alice --output-document signed.jsonl");
    vec![sign, batch]
}

const SIGN: &str = "\
With --offline no node is asked: give --chain-id, --account-number and --sequence. Signatures stand in the order in which they were
made, and must in the order of the signers: see tx validate-signatures.

Examples:
  openledgerd tx sign unsigned.json --from alice > signed.json
  openledgerd tx sign unsigned.json --from alice --offline --chain-id my-chain-1 -a 7 -s 0 --output-document signed.json
  openledgerd tx sign unsigned.json --from alice --multisig board > alice.json";

/// Who signs for whom.
struct Signing {
    record: Record,
    multisig: Option<Record>,
    mode: SignMode,
}

impl Signing {
    fn new(factory: &Factory<'_>, matches: &ArgMatches) -> Result<Self> {
        let record = factory.settings.record(factory.options.from()?)?;
        record.key()?;
        let multisig = matches.get_one::<String>("multisig");
        let multisig = multisig.map(|name| factory.settings.record(name)).transpose()?;
        if let Some(multisig) = &multisig {
            ensure!(
                has_member(&multisig.public_key, &record.public_key),
                "signing key is not a part of multisig key: {} is no member of {}",
                record.name,
                multisig.name
            );
        }
        let usual = if multisig.is_some() { SignMode::LegacyAminoJson } else { SignMode::Direct };
        let mode = factory.options.sign_mode.unwrap_or(usual);
        ensure!(
            multisig.is_none() || mode == SignMode::LegacyAminoJson,
            "--sign-mode direct: members of a multisig sign with amino-json"
        );
        Ok(Self { record, multisig, mode })
    }

    /// The account that is signed for.
    fn account(&self) -> &Record {
        self.multisig.as_ref().unwrap_or(&self.record)
    }

    fn check(&self, tx: &Tx) -> Result<()> {
        let signers = file::signers(tx)?;
        let address = self.account().address();
        let list = || signers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        ensure!(
            signers.contains(&address),
            "tx intended signer does not match the given signer: {} ({address}); it is to be signed by {}",
            self.account().name,
            list()
        );
        Ok(())
    }

    fn sign(&self, tx: &mut Tx, signer: Signer<'_>, overwrite: bool) -> Result<()> {
        self.check(tx)?;
        signing::sign(tx, &self.record, signer, self.mode, overwrite || self.multisig.is_some())
    }
}

/// Whether a key is in a multisig, or in one within it.
fn has_member(multisig: &PublicKey, key: &PublicKey) -> bool {
    match multisig {
        PublicKey::Multisig { keys, .. } => keys.iter().any(|member| member == key || has_member(member, key)),
        _ => false,
    }
}

fn shown(tx: &mut Tx, signatures_alone: bool) -> Result<String> {
    if !signatures_alone {
        return Ok(file::to_json(tx)?.to_string());
    }
    let signatures: SignatureDescriptors = signing::descriptors(tx)?;
    Ok(file::signatures_json(&signatures)?.to_string())
}

/// `tx sign`.
pub async fn sign(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let mut tx = file::read_tx(required(matches, "file")?)?;
    let signing = Signing::new(factory, matches)?;
    signing.check(&tx)?;
    let chain_id = factory.chain_id().await?;
    let (account_number, sequence) = factory.account(&signing.account().address()).await?;
    let signer = Signer { chain_id: &chain_id, account_number, sequence };
    signing.sign(&mut tx, signer, matches.get_flag("overwrite"))?;
    let alone = matches.get_flag("signature-only") || signing.multisig.is_some();
    document(&shown(&mut tx, alone)?, factory.options.output_document.as_deref())
}

/// `tx sign-batch`.
pub async fn sign_batch(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let files: Vec<String> = matches.get_many::<String>("files").context("name a file")?.cloned().collect();
    let mut txs = file::read_txs(&files)?;
    let signing = Signing::new(factory, matches)?;
    if matches.get_flag("append") {
        txs = vec![appended(factory, txs)?];
    }
    let chain_id = factory.chain_id().await?;
    let (account_number, mut sequence) = factory.account(&signing.account().address()).await?;
    let alone = matches.get_flag("signature-only") || signing.multisig.is_some();
    let mut lines = Vec::new();
    for mut tx in txs {
        signing.sign(&mut tx, Signer { chain_id: &chain_id, account_number, sequence }, true)?;
        lines.push(shown(&mut tx, alone)?);
        sequence += 1;
    }
    document(&lines.join("\n"), factory.options.output_document.as_deref())
}

/// One transaction of all messages, with the sum of gas and fees, and the rest as the flags say.
fn appended(factory: &Factory<'_>, txs: Vec<Tx>) -> Result<Tx> {
    let (mut messages, mut gas, mut amount) = (Vec::new(), 0u64, Vec::new());
    for mut tx in txs {
        let fee = fee(&mut tx);
        gas = gas.checked_add(fee.gas_limit).context("the gas exceeds 64 bits")?;
        amount.extend(Coins::from_proto(&fee.amount)?.iter().cloned());
        messages.append(&mut parts(&mut tx).0.messages);
    }
    let mut tx = factory.unsigned(messages);
    let fee = fee(&mut tx);
    (fee.gas_limit, fee.amount) = (gas, Coins::sum(amount)?.to_proto());
    Ok(tx)
}
