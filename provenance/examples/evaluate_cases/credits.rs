//! Cases of wallets' vouchers, credits, agents' receipts and the division of one receipt.

use super::{bytes_of, units, Case};
use openledger_provenance::agent::{parts_root, AgentReceipt, Part};
use openledger_provenance::amount::Amount;
use openledger_provenance::credit::{credits_root, CreditNote};
use openledger_provenance::payout::divide;
use openledger_provenance::receipt::Receipt;
use openledger_provenance::voucher::Voucher;
use serde_json::{json, Value};
use std::collections::BTreeMap;

impl Case {
    pub fn wallet(&self) -> Value {
        let voucher = Voucher {
            chain_id: self.text("chain_id"),
            session: self.u64("session"),
            deployment: self.u64("deployment"),
            count: self.u64("count"),
            cumulative_fee: self.hash("cumulative_fee"),
            receipts_root: self.hash("receipts_root"),
        };
        json!(voucher.text())
    }

    pub fn credit(&self) -> Value {
        let note = CreditNote {
            chain_id: self.text("chain_id"),
            session: self.u64("session"),
            deployment: self.u64("deployment"),
            receipt: self.u64("receipt"),
            amount: self.amount("amount"),
        };
        let credits: BTreeMap<u64, Amount> = self.amounts("credits");
        json!({ "note": note.sign_bytes().ok().map(hex::encode), "root": hex::encode(credits_root(&credits)) })
    }

    fn amounts(&self, name: &str) -> BTreeMap<u64, Amount> {
        let one = |value: &Value| {
            (value[0].as_u64().unwrap(), Amount::from_be_bytes(bytes_of(&value[1]).try_into().unwrap()))
        };
        self.list(name).iter().map(one).collect()
    }

    pub fn agent(&self) -> Value {
        let part = |value: &Value| Part {
            deployment: value[0].as_u64().unwrap(),
            session: value[1].as_u64().unwrap(),
            receipt: value[2].as_u64().unwrap(),
            fee: bytes_of(&value[3]).try_into().unwrap(),
        };
        let parts: Vec<Part> = self.list("parts").iter().map(part).collect();
        let receipt = AgentReceipt {
            index: self.u64("index"),
            agent: self.u64("agent"),
            prompt_len: self.u32("prompt_len"),
            transcript_len: self.u32("transcript_len"),
            transcript_root: self.hash("transcript_root"),
            own_fee: self.hash("own_fee"),
            parts_fee: self.hash("parts_fee"),
            parts: parts.len() as u32,
            parts_root: parts_root(&parts),
        };
        json!({ "leaf": hex::encode(receipt.leaf()), "can_be": receipt.check().is_ok() })
    }

    pub fn division(&self) -> Value {
        let receipt = Receipt {
            index: 1,
            model_version: 1,
            corpus_height: 1,
            prompt_len: self.u32("prompt_len"),
            transcript_len: self.u32("transcript_len"),
            transcript_root: [0; 32],
            fee: self.hash("fee"),
        };
        let unpaid: Vec<u64> = self.list("unpaid").iter().map(|seq| seq.as_u64().unwrap()).collect();
        let (split, cap) = (self.split(), self.u32("cap"));
        let divided =
            divide(&receipt, &self.segments(), self.amount("credit"), (&split, cap), |seq| !unpaid.contains(&seq));
        let Ok(divided) = divided else { return Value::Null };
        let parts: BTreeMap<String, String> =
            divided.parts.iter().map(|(seq, part)| (seq.to_string(), units(*part))).collect();
        json!({
            "taken": units(divided.taken), "shares": super::shares(&divided.shares), "parts": parts,
            "baseline": units(divided.baseline), "treasury": units(divided.treasury),
        })
    }
}
