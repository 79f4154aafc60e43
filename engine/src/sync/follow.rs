//! Following the chain block by block: what happened in each, in order, from CometBFT's block results.
//!
//! A block is final, so a height that was read once is read for ever, and where one was is all that is kept between runs.

use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_client::rpc::Event;
use openledger_client::Rpc;
use openledger_proto::cosmos::authz::v1beta1::MsgExec;
use openledger_proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use openledger_proto::{Any, Message, Name};
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

/// The place of the message that an event is of: in its transaction, then in each `MsgExec` around it. Every `MsgExec` writes
/// its own index behind what lies in it has written, the transaction its index last.
pub fn message_place(event: &Event) -> Vec<usize> {
    let indices = |key: &'static str| {
        let of_key = event.attributes.iter().rev().filter(move |attribute| attribute.key == key);
        of_key.filter_map(|attribute| attribute.value.parse().ok())
    };
    let whole = indices("msg_index").next().unwrap_or(0);
    std::iter::once(whole).chain(indices("authz_msg_index")).collect()
}

/// The value of an event's attribute.
pub fn attribute<'a>(event: &'a Event, key: &str) -> Option<&'a str> {
    event.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| attribute.value.as_str())
}

/// The message of a transaction at a place, which may lead into `MsgExec`s. As deep as the place is long, so bounded by the event that it
/// was read from.
pub fn message(tx: &[u8], place: &[usize]) -> Result<Any> {
    let mut messages = TxBody::decode(TxRaw::decode(tx)?.body_bytes.as_slice())?.messages;
    let (last, around) = place.split_last().context("a message without a place")?;
    for at in around {
        let exec = taken(messages, *at, place)?;
        ensure!(exec.type_url == MsgExec::type_url(), "{} holds no messages", exec.type_url);
        messages = MsgExec::decode(exec.value.as_slice())?.msgs;
    }
    taken(messages, *last, place)
}

fn taken(messages: Vec<Any>, at: usize, place: &[usize]) -> Result<Any> {
    messages.into_iter().nth(at).with_context(|| format!("the transaction has no message {place:?}"))
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

#[cfg(test)]
mod tests {
    use openledger_client::any;
    use openledger_client::rpc::Attribute;
    use openledger_proto::openledger::attribution::v1::MsgSettle;

    use super::*;

    fn event(attributes: &[(&str, &str)]) -> Event {
        let attribute = |(key, value): &(&str, &str)| Attribute { key: (*key).into(), value: (*value).into() };
        Event { kind: "attribution_settled".into(), attributes: attributes.iter().map(attribute).collect() }
    }

    #[test]
    fn a_message_is_found_in_what_executes_it_however_deep_it_lies() {
        let settle = |session| any(&MsgSettle { session, ..Default::default() });
        let exec = |msgs| any(&MsgExec { grantee: "open1".into(), msgs });
        let inner = exec(vec![settle(3), settle(4), settle(5)]);
        let body = TxBody { messages: vec![settle(1), exec(vec![settle(2), inner])], ..Default::default() };
        let tx = TxRaw { body_bytes: body.encode_to_vec(), ..Default::default() }.encode_to_vec();
        let session = |attributes: &[(&str, &str)]| {
            let found = message(&tx, &message_place(&event(attributes)))?;
            anyhow::Ok(MsgSettle::decode(found.value.as_slice())?.session)
        };
        assert_eq!(session(&[("settlement", "9"), ("msg_index", "0")]).unwrap(), 1);
        assert_eq!(session(&[("authz_msg_index", "0"), ("msg_index", "1")]).unwrap(), 2);
        // The innermost wrote its index first.
        let deep = |at| [("settlement", "9"), ("authz_msg_index", at), ("authz_msg_index", "1"), ("msg_index", "1")];
        assert_eq!(session(&deep("2")).unwrap(), 5);
        assert!(session(&deep("3")).unwrap_err().to_string().contains("no message"));
        assert!(session(&[("authz_msg_index", "0"), ("msg_index", "0")]).unwrap_err().to_string().contains("holds no"));
    }
}
