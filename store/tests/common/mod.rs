//! What the store's tests share: the form of the vectors, and store names.
#![allow(dead_code, clippy::unwrap_used)]

pub mod heavily;
pub mod reference;

use openledger_store::{Changes, MultistoreOptions, StoreName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub struct Block {
    pub height: u64,
    pub stores: Vec<String>,
    pub ops: BTreeMap<String, Vec<(String, Option<String>)>>,
    pub app_hash: String,
    pub queries: Vec<Query>,
}

#[derive(Deserialize, Serialize)]
pub struct Query {
    pub store: String,
    pub key: String,
    pub value: String,
    pub ops: Vec<Op>,
}

#[derive(Deserialize, Serialize)]
pub struct Op {
    #[serde(rename = "type")]
    pub op_type: String,
    pub key: String,
    pub data: String,
}

const NAMES: [StoreName; 7] = ["upgrade", "bank", "ibc", "quiet", "auth", "model", "aaa"];

pub fn name(name: &str) -> StoreName {
    NAMES.into_iter().find(|known| *known == name).unwrap()
}

/// No waiting for the disk, whatever the names' order.
pub fn options(names: &[String]) -> MultistoreOptions {
    MultistoreOptions { sync: false, ..MultistoreOptions::new(names.iter().map(|n| name(n))) }
}

pub fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

impl Block {
    pub fn changes(&self) -> BTreeMap<StoreName, Changes> {
        let change = |(key, value): &(String, Option<String>)| (bytes(key), value.as_deref().map(bytes));
        self.ops.iter().map(|(store, ops)| (name(store), ops.iter().map(change).collect())).collect()
    }
}
