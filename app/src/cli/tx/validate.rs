//! `tx validate-signatures`: who must sign a transaction, who has, and whether each signature is right, by the chain's own code.

use anyhow::{bail, Context, Result};
use clap::{Arg, ArgMatches, Command};
use openledger_client::public_key;
use openledger_proto::amino::Signer;
use openledger_proto::Message as _;

use super::super::output::line;
use super::document as file;
use super::factory::Factory;
use super::required;
use crate::execution::signatures::Signatures;
use crate::execution::tx::Tx;
use crate::runtime::Runtime;

/// The verb.
pub fn commands() -> Vec<Command> {
    vec![Command::new("validate-signatures")
        .about("Check a transaction's signatures and their order")
        .arg(Arg::new("file").required(true).help("The transaction's JSON; - is standard input"))
        .after_help(
            "With --offline it is checked that everyone signed, in order, and not the signatures themselves.\n\n\
             Example:\n  openledgerd tx validate-signatures signed.json",
        )]
}

/// `tx validate-signatures`.
pub async fn validate(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let tx = file::read_tx(required(matches, "file")?)?;
    let runtime = Runtime::default();
    let tx = Tx::decode(&tx.encode_to_vec().into(), runtime.router()).context("the chain would not read it")?;
    line("Signers:")?;
    for (index, signer) in tx.signers.iter().enumerate() {
        line(&format!("  {index}: {signer}"))?;
    }
    line("\nSignatures:")?;
    let offline = factory.options.offline;
    let chain_id = if offline { String::new() } else { factory.chain_id().await? };
    let mut right = tx.signatures.len() == tx.signers.len() && tx.auth_info.signer_infos.len() == tx.signers.len();
    for (index, info) in tx.auth_info.signer_infos.iter().enumerate() {
        let key = info.public_key.as_ref().with_context(|| format!("signature {index} names no key"))?;
        let key = public_key::from_any(key)?;
        let address = key.address();
        let verdict = if tx.signers.get(index) != Some(&address) {
            Err("signature does not match its respective signer".to_string())
        } else if offline {
            Ok(())
        } else {
            let (account_number, sequence) = factory.account(&address).await?;
            let signer = Signer { chain_id: &chain_id, account_number, sequence };
            // A direct signature names its sequence itself, and may be right for another one than the account's.
            match info.sequence == sequence {
                true => Signatures::new(0).verify(&tx, index, &key, signer),
                false => Err(format!("account sequence mismatch, expected {sequence}, got {}", info.sequence)),
            }
        };
        let text = verdict.as_ref().err().map_or_else(|| "OK".to_string(), |error| format!("ERROR: {error}"));
        line(&format!("  {index}: {address}\t\t\t[{text}]"))?;
        right &= verdict.is_ok();
    }
    line("")?;
    if right {
        return Ok(());
    }
    if tx.signatures.len() < tx.signers.len() {
        bail!("signatures validation failed: {} of {} signers signed", tx.signatures.len(), tx.signers.len());
    }
    bail!("signatures validation failed")
}
