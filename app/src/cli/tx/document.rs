//! Transactions and signatures as files hold them: the SDK's JSON, read and written.
//!
//! A transaction is `cosmos.tx.v1beta1.Tx`; signatures alone are `cosmos.tx.signing.v1beta1.SignatureDescriptors` (SDK v0.50
//! `x/auth/tx/{json_encoder,sigs}.go`).

use std::io::Read;

use anyhow::{bail, ensure, Context, Result};
use openledger_core::Address;
use openledger_proto::cosmos::tx::signing::v1beta1::SignatureDescriptors;
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, Tx, TxBody};
use openledger_proto::{walker, Any, Message, Name};
use serde_json::Value;

/// A file's text; `-` is standard input.
pub fn read_text(file: &str) -> Result<String> {
    if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("reading {file}"))
}

/// The transaction in a file.
pub fn read_tx(file: &str) -> Result<Tx> {
    parse_tx(&read_text(file)?).with_context(|| format!("{file} holds no transaction"))
}

/// The transactions in files, one a line.
pub fn read_txs(files: &[String]) -> Result<Vec<Tx>> {
    let mut txs = Vec::new();
    for file in files {
        let text = read_text(file)?;
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            txs.push(parse_tx(line).with_context(|| format!("{file}, line {}", index + 1))?);
        }
    }
    ensure!(!txs.is_empty(), "{} hold no transaction: write one a line", files.join(", "));
    Ok(txs)
}

fn parse_tx(text: &str) -> Result<Tx> {
    let value: Value = serde_json::from_str(text).context("it is no JSON")?;
    let mut tx = Tx::decode(walker::from_json(&Tx::full_name(), &value)?.as_slice())?;
    ensure!(tx.body.as_ref().is_some_and(|body| !body.messages.is_empty()), "body.messages is empty");
    let auth_info = tx.auth_info.get_or_insert_default();
    auth_info.fee.get_or_insert_default();
    Ok(tx)
}

/// A transaction's JSON.
pub fn to_json(tx: &Tx) -> Result<Value> {
    Ok(walker::to_json(&Tx::full_name(), &tx.encode_to_vec())?)
}

/// The signatures in a file.
pub fn read_signatures(text: &str) -> Result<SignatureDescriptors> {
    let value: Value = serde_json::from_str(text).context("it is no JSON")?;
    let signatures = walker::from_json(&SignatureDescriptors::full_name(), &value)
        .context("these are no signatures: make them with tx sign --signature-only or --multisig")?;
    Ok(SignatureDescriptors::decode(signatures.as_slice())?)
}

/// The JSON of signatures.
pub fn signatures_json(signatures: &SignatureDescriptors) -> Result<Value> {
    Ok(walker::to_json(&SignatureDescriptors::full_name(), &signatures.encode_to_vec())?)
}

/// Body and authentication info of a transaction that was read.
pub fn parts(tx: &mut Tx) -> (&mut TxBody, &mut AuthInfo) {
    (tx.body.get_or_insert_default(), tx.auth_info.get_or_insert_default())
}

/// The fee of a transaction that was read.
pub fn fee(tx: &mut Tx) -> &mut Fee {
    parts(tx).1.fee.get_or_insert_default()
}

/// Who must sign: the messages' signers in order, each once, then the fee payer.
pub fn signers(tx: &Tx) -> Result<Vec<Address>> {
    let mut all: Vec<Address> = Vec::new();
    let messages: &[Any] = tx.body.as_ref().map_or(&[], |body| body.messages.as_slice());
    let payer = tx.auth_info.as_ref().and_then(|auth_info| auth_info.fee.as_ref()).map(|fee| fee.payer.clone());
    let mut add = |text: &str| -> Result<()> {
        let address = Address::from_signer(text).with_context(|| format!("the signer {text:?}"))?;
        if !all.contains(&address) {
            all.push(address);
        }
        Ok(())
    };
    for message in messages {
        for signer in walker::signers(&message.type_url, &message.value)? {
            add(&signer)?;
        }
    }
    if let Some(payer) = payer.filter(|payer| !payer.is_empty()) {
        add(&payer)?;
    }
    if all.is_empty() {
        bail!("the messages name nobody who must sign them");
    }
    Ok(all)
}
