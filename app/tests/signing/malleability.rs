//! Nobody but its signers can change a signed transaction, not even into another that says the same: in no mode, in no byte.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::common::*;
use crate::parties::*;

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// A slice of the transaction itself, put elsewhere: fields that stand twice.
    Repeat(Index, usize, Index),
    Append(Vec<u8>),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..6);
    let one = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), 0u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (any::<Index>(), bytes()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1usize..4).prop_map(|(at, count)| Change::Remove(at, count)),
        (any::<Index>(), 1usize..80, any::<Index>()).prop_map(|(from, count, to)| Change::Repeat(from, count, to)),
        bytes().prop_map(Change::Append),
    ];
    prop::collection::vec(one, 1..4)
}

fn apply(mut tx: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = tx.len().max(1);
        match change {
            Change::Set(at, byte) => tx[at.index(length)] = *byte,
            Change::Flip(at, bit) => tx[at.index(length)] ^= 1 << bit,
            Change::Insert(at, bytes) => drop(tx.splice(at.index(length)..at.index(length), bytes.iter().copied())),
            Change::Remove(at, count) => {
                let from = at.index(length);
                tx.drain(from..(from + count).min(tx.len()));
            }
            Change::Repeat(from, count, to) => {
                let from = from.index(length);
                let slice = tx[from..(from + count).min(tx.len())].to_vec();
                let to = to.index(length);
                drop(tx.splice(to..to, slice));
            }
            Change::Append(bytes) => tx.extend(bytes),
        }
        if tx.is_empty() {
            break;
        }
    }
    tx
}

fn no_change_passes(key: &Key, mode: i32) {
    let net = if matches!(key, Key::K1(_)) { net() } else { net_for(&[key]) };
    let text = |paper: &mut Paper| {
        paper.body.memo = "a memo".into();
        paper.body.timeout_height = 1_000;
    };
    let messages = vec![key.send(&person(1).address(), 10), key.send(&person(2).address(), 300)];
    let tx = paper(messages, vec![party(&net, key, 0, mode)]).with(text).sign();
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 600, ..Config::default() });
    let outcome = runner.run(&changes(), |changes| {
        let changed = apply(tx.to_vec(), &changes);
        prop_assume!(changed != tx);
        let result = net.check(changed.into());
        prop_assert_ne!(result.code, 0);
        Ok(())
    });
    outcome.unwrap();
    // What all those were changed from is right.
    assert_eq!(net.check(tx).code, 0);
}

#[test]
fn no_byte_of_a_directly_signed_transaction_can_be_changed() {
    no_change_passes(&k1(0), DIRECT);
}

#[test]
fn no_byte_of_a_transaction_signed_as_amino_json_can_be_changed() {
    no_change_passes(&k1(0), AMINO);
}

#[test]
fn no_byte_of_a_multisig_s_transaction_can_be_changed() {
    no_change_passes(&many(2, vec![k1(0), many(1, vec![k1(1), k1(2)], &[1]), k1(3)], &[0, 1]), AMINO);
    no_change_passes(&many(2, vec![k1(0), k1(1), k1(3)], &[0, 2]), DIRECT);
}

/// As in the SDK, a key that the chain knows need not be shown, and amino JSON does not sign whether it is. This alone can be taken
/// away or added, and changes nothing but the hash; SIGN_MODE_DIRECT signs it.
#[test]
fn a_known_key_that_is_left_away_is_the_one_thing_that_amino_json_leaves_open() {
    for (mode, code) in [(AMINO, 0), (DIRECT, 4)] {
        let net = net();
        let ann = k1(0);
        assert_eq!(
            net.deliver(paper(vec![ann.send(&person(1).address(), 1)], vec![party(&net, &ann, 0, mode)]).sign()).code,
            0
        );
        let tx = paper(vec![ann.send(&person(1).address(), 1)], vec![party(&net, &ann, 1, mode)]);
        let mut raw = tx.raw();
        raw.auth_info_bytes = tx.with(|paper| paper.auth_info.signer_infos[0].public_key = None).raw().auth_info_bytes;
        let result = net.check(openledger_proto::Message::encode_to_vec(&raw).into());
        assert_eq!(result.code, code, "{}", result.log);
    }
}
