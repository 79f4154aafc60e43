//! Random transactions, right and wrong, of people whose keys are known.

// Each test crate uses its part of this.
#![allow(dead_code)]

use bytes::Bytes;
use openledger_proto::openledger::contributor::v1::MsgSetProfile;
use openledger_proto::openledger::datanet::v1::MsgCreateDatanet;
use proptest::prelude::*;

use crate::common::*;

/// A transaction that may or may not be right.
#[derive(Debug, Clone)]
pub enum Act {
    Send { from: usize, to: usize, amount: u128, skip: u64, fee: u128, gas: u64 },
    Odd { from: usize, what: u64 },
    Profile { from: usize, name: u8 },
    Datanet { from: usize, modality: i32 },
    Bytes(Vec<u8>),
    Broken { from: usize, at: usize, bits: u8 },
}

/// Bytes that are a transaction, whatever becomes of it: a proposal of these is accepted.
pub fn whole_act() -> impl Strategy<Value = Act> {
    let who = 0..ACCOUNTS;
    prop_oneof![
        6 => (who.clone(), 0..ACCOUNTS + 3, 0..START, prop_oneof![4 => Just(0u64), 1 => 1u64..3], 0u128..50_000, 20_000u64..150_000)
            .prop_map(|(from, to, amount, skip, fee, gas)| Act::Send { from, to, amount, skip, fee, gas }),
        1 => (who.clone(), 0u64..5).prop_map(|(from, what)| Act::Odd { from, what }),
        1 => (who.clone(), 0u8..4).prop_map(|(from, name)| Act::Profile { from, name }),
        1 => (who, 1i32..5).prop_map(|(from, modality)| Act::Datanet { from, modality }),
    ]
}

pub fn act() -> impl Strategy<Value = Act> {
    let who = 0..ACCOUNTS;
    prop_oneof![
        9 => whole_act(),
        1 => (who.clone(), 100u64..102).prop_map(|(from, what)| Act::Odd { from, what }),
        1 => prop::collection::vec(any::<u8>(), 0..80).prop_map(Act::Bytes),
        2 => (who, 0usize..400, 1u8..).prop_map(|(from, at, bits)| Act::Broken { from, at, bits }),
    ]
}

pub fn sign(act: &Act, net: &Net, ahead: &mut [u64]) -> Bytes {
    let mut next = |from: usize| {
        ahead[from] += 1;
        net.sequence(&person(from)) + ahead[from] - 1
    };
    match act {
        Act::Send { from, to, amount, skip, fee, gas } => {
            let (sender, sequence) = (person(*from), next(*from) + skip);
            draft(vec![sender.send(&person(*to), *amount)], &[(&sender, sequence)]).fee(*fee).gas(*gas).sign()
        }
        Act::Odd { from, what } => {
            let (sender, sequence) = (person(*from), next(*from));
            draft(vec![sender.vote(*what)], &[(&sender, sequence)]).fee(1).gas(60_000).sign()
        }
        Act::Profile { from, name } => {
            let (sender, sequence) = (person(*from), next(*from));
            let account = sender.address().to_string();
            let profile = MsgSetProfile { account, name: format!("name {name}"), ..MsgSetProfile::default() };
            draft(vec![pack(&profile), sender.send(&person(0), 1)], &[(&sender, sequence)]).fee(1).sign()
        }
        Act::Datanet { from, modality } => {
            let (sender, sequence) = (person(*from), next(*from));
            let (owner, title) = (sender.address().to_string(), "a datanet".to_string());
            let datanet = MsgCreateDatanet {
                owner,
                title,
                modality: *modality,
                licence: "CC0-1.0".into(),
                policy: Some(Default::default()),
                ..MsgCreateDatanet::default()
            };
            draft(vec![pack(&datanet)], &[(&sender, sequence)]).fee(1).sign()
        }
        Act::Bytes(bytes) => bytes.clone().into(),
        Act::Broken { from, at, bits } => {
            let (sender, sequence) = (person(*from), next(*from));
            let mut bytes = draft(vec![sender.send(&person(0), 1)], &[(&sender, sequence)]).sign().to_vec();
            let at = at % bytes.len();
            bytes[at] ^= bits;
            bytes.into()
        }
    }
}
