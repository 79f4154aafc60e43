//! Following the chain block by block: what happened in each, in order, from CometBFT's block results.
//!
//! A block is final, so a height that was read once is read for ever, and where one was is all that is kept between runs.

use anyhow::{Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_client::rpc::Event;
use openledger_client::Rpc;
use openledger_proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use openledger_proto::{Any, Message};
use serde::Deserialize;
use serde_json::{json, Value};

/// An event with where it happened.
#[derive(Debug, Clone)]
pub struct Happened {
    /// The transaction's place in its block; nothing at the block's begin and end.
    pub tx: Option<usize>,
    /// The event.
    pub event: Event,
}

impl Happened {
    /// An attribute's value as a number.
    pub fn number(&self, key: &str) -> Result<u64> {
        let value = attribute(&self.event, key);
        let value = value.with_context(|| format!("event {} has no {key}", self.event.kind))?;
        value.parse().with_context(|| format!("{key} of event {}: {value:?}", self.event.kind))
    }

    /// The message's place in its transaction: [`message_place`].
    pub fn message(&self) -> Vec<usize> {
        message_place(&self.event)
    }
}

/// The place of the message that an event is of.
pub fn message_place(event: &Event) -> Vec<usize> {
    let index = |text: &str| text.parse().ok();
    vec![attribute(event, "msg_index").and_then(index).unwrap_or(0)]
}

/// The value of an event's attribute.
pub fn attribute<'a>(event: &'a Event, key: &str) -> Option<&'a str> {
    event.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| attribute.value.as_str())
}

/// The message of a transaction at a place.
pub fn message(tx: &[u8], place: &[usize]) -> Result<Any> {
    let body = TxBody::decode(TxRaw::decode(tx)?.body_bytes.as_slice())?;
    let message = place.first().and_then(|at| body.messages.into_iter().nth(*at));
    message.with_context(|| format!("the transaction has no message {place:?}"))
}

/// The events of a block that `wanted` names, in order.
pub async fn happened(rpc: &Rpc, height: u64, wanted: &[&str]) -> Result<Vec<Happened>> {
    let results = rpc.call("block_results", json!({"height": height.to_string()})).await?;
    let mut all = Vec::new();
    for (place, result) in results["txs_results"].as_array().into_iter().flatten().enumerate() {
        // What a failed transaction emitted did not happen.
        if result["code"].as_u64().unwrap_or(0) == 0 {
            all.extend(events_of(&result["events"]).into_iter().map(|event| Happened { tx: Some(place), event }));
        }
    }
    let ends = events_of(&results["finalize_block_events"]);
    all.extend(ends.into_iter().map(|event| Happened { tx: None, event }));
    all.retain(|happened| wanted.contains(&happened.event.kind.as_str()));
    Ok(all)
}

/// The bytes of a transaction by its place in a block.
pub async fn transaction(rpc: &Rpc, height: u64, place: usize) -> Result<Vec<u8>> {
    let block = rpc.call("block", json!({"height": height.to_string()})).await?;
    let tx = block["block"]["data"]["txs"].get(place);
    base64_of(tx.with_context(|| format!("block {height} has no transaction {place}"))?)
}

/// The first height whose block the node still has.
pub async fn earliest(rpc: &Rpc) -> Result<u64> {
    let status = rpc.status().await?;
    let height = status["sync_info"]["earliest_block_height"].as_str().and_then(|height| height.parse().ok());
    height.context("status names no earliest height")
}

/// Events as CometBFT prints them.
pub fn events_of(events: &Value) -> Vec<Event> {
    let list = events.as_array().into_iter().flatten();
    list.filter_map(|event| Event::deserialize(event).ok()).collect()
}

/// Bytes that CometBFT prints in base64.
pub fn base64_of(text: &Value) -> Result<Vec<u8>> {
    Ok(BASE64.decode(text.as_str().context("no text")?)?)
}
