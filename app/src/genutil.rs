//! `genutil`: the transactions of a genesis, each of which makes a validator (SDK v0.50 `x/genutil`).
//!
//! They stand in `app_state.genutil.gen_txs` as JSON, not as bytes, and InitChain executes them as blocks execute theirs
//! (`execution/genesis.rs`). No module of state: an exported genesis has none of them, since what they did is in the state.

use anyhow::{bail, ensure, Context, Result};
use bytes::Bytes;
use openledger_core::{Address, Coin, Router};
use openledger_proto::cosmos::staking::v1beta1::MsgCreateValidator;
use openledger_proto::cosmos::tx::v1beta1::Tx as ProtoTx;
use openledger_proto::{walker, Message as _, Name as _};
use serde_json::{json, Map, Value};

use crate::execution::tx::Tx;

/// Its name in `app_state`.
pub const NAME: &str = "genutil";

/// A transaction of a genesis, checked as far as that goes without a state: not its signature.
pub struct GenTx {
    /// Its bytes.
    pub bytes: Bytes,
    /// The validator that it makes.
    pub msg: MsgCreateValidator,
    /// Where its node is found: `<node id>@<ip>:<port>`.
    pub memo: String,
}

impl GenTx {
    /// Reads a transaction; it has one message, which makes a validator.
    pub fn parse(json: &Value, router: &Router) -> Result<Self> {
        let shown = || format!("failed to decode gentx: {json}");
        let bytes = walker::from_json(&ProtoTx::full_name(), json).with_context(shown)?;
        let proto = ProtoTx::decode(bytes.as_slice()).with_context(shown)?;
        let bytes = Bytes::from(proto.encode_to_vec());
        let tx = Tx::decode(&bytes, router).with_context(shown)?;
        let count = tx.messages.len();
        ensure!(count == 1, "unexpected number of GenTx messages; got: {count}, expected: 1");
        let message = tx.body.messages.first().context("there is no message")?;
        ensure!(
            message.type_url == MsgCreateValidator::type_url(),
            "unexpected GenTx message type; expected: MsgCreateValidator, got: {}",
            message.type_url
        );
        let msg = MsgCreateValidator::decode(message.value.as_slice()).with_context(shown)?;
        Ok(Self { bytes, msg, memo: tx.body.memo.clone() })
    }

    /// The operator's account.
    pub fn operator(&self) -> Result<Address> {
        Ok(Address::from_signer(&self.msg.validator_address)?)
    }

    /// What it delegates to itself.
    pub fn value(&self) -> Result<Coin> {
        Ok(Coin::from_proto(self.msg.value.as_ref().context("the message has no value")?)?)
    }
}

/// The `genutil` of a new chain.
pub fn default() -> Value {
    json!({ "gen_txs": [] })
}

/// The transactions of an `app_state`, in order.
pub fn read(app_state: &Map<String, Value>, router: &Router) -> Result<Vec<GenTx>> {
    let state = match app_state.get(NAME) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(state) => state.as_object().with_context(|| format!("app_state.{NAME} is no object"))?,
    };
    if let Some(field) = state.keys().find(|field| field.as_str() != "gen_txs") {
        bail!("app_state.{NAME} has the field {field:?}; it has gen_txs alone");
    }
    match state.get("gen_txs") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list) => {
            let list = list.as_array().with_context(|| format!("app_state.{NAME}.gen_txs is no list"))?;
            let read = |(index, json)| GenTx::parse(json, router).with_context(|| format!("gen_txs[{index}]"));
            list.iter().enumerate().map(read).collect()
        }
    }
}
