//! A real payment, verified from its receipts to what its contribution earned against an app hash; and every changed proof refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

#[path = "../../modules/attribution/tests/common/mod.rs"]
mod common;

use common::*;
use openledger_client::payment_file::PaymentFile;
use openledger_client::{Payment, StateProof};
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::amount::Amount;
use openledger_provenance::payout::{Beside, PaidReceipt};
use openledger_store::{Multistore, MultistoreOptions};

/// The state of a world, committed as a node commits it.
struct Committed {
    store: Multistore,
    _home: tempfile::TempDir,
}

impl Committed {
    fn of(world: &World) -> Self {
        let changes = world.state.changes().clone();
        let home = tempfile::tempdir().unwrap();
        let store = Multistore::open(home.path(), MultistoreOptions::new(changes.keys().copied())).unwrap();
        let prepared = store.prepare(world.block.height, changes).unwrap();
        store.commit(prepared).unwrap();
        Self { store, _home: home }
    }

    fn app_hash(&self) -> Vec<u8> {
        self.store.app_hash().to_vec()
    }

    /// As `abci_query` with `prove = true` answers.
    fn prove(&self, key: &StateKey) -> StateProof {
        let answer = self.store.query(&key.store, &key.key, 0, true).unwrap();
        let steps = [answer.proof[0].data.clone(), answer.proof[1].data.clone()];
        StateProof { store: key.store.clone(), key: key.key.clone(), value: answer.value.unwrap(), steps }
    }
}

/// Three receipts of two authors' words and one with a credit, settled and paid; what explains contribution 1's row.
fn paid() -> (World, Committed, Payment, u64) {
    let mut world = World::new();
    let mut receipts = Vec::new();
    for _ in 0..3 {
        let answer = world.say(b"What do they write? ", &world.two_authors());
        let claim = world.honest(&answer);
        receipts.push(PaidReceipt { receipt: answer.receipt, claim });
    }
    world.next_block();
    let claims: Vec<_> = receipts.iter().map(|paid| paid.claim.clone()).collect();
    let mut msg = world.settle_msg(0, &claims, Check::Existence);
    msg.receipts[1].credit = "12345".into();
    let settlement = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
    let row = world.rows(settlement)[&1];
    let pending = proof_of(&world, settlement);
    assert_eq!(pending.row, row.to_string());
    assert!(pending.needs.iter().any(|need| need.contains("12345")));
    world.blocks(WINDOW + REVEAL + 1);
    let answer = proof_of(&world, settlement);
    assert_eq!((answer.row.as_str(), answer.assurance()), ("", Assurance::Public));
    let committed = Committed::of(&world);
    let payment = Payment {
        settlement,
        contribution: 1,
        settlement_proof: committed.prove(&answer.keys[0]),
        params_proof: committed.prove(&answer.keys[1]),
        earnings_proof: committed.prove(&answer.keys[2]),
        receipts,
        beside: Beside { credits: [(2, Amount::from(12_345))].into_iter().collect(), ..Beside::default() },
    };
    (world, committed, payment, u64::try_from(row).unwrap())
}

fn proof_of(world: &World, settlement: u64) -> QueryPayoutProofResponse {
    world.ask("PayoutProof", &QueryPayoutProofRequest { settlement, contribution: 1, receipt: 0 }).unwrap()
}

#[test]
fn a_payment_is_verified_from_its_receipts_to_the_balance_to_the_unit() {
    let (mut world, committed, payment, row) = paid();
    let verified = payment.verify(&committed.app_hash()).unwrap();
    assert_eq!(verified.amount, Amount::from(u128::from(row)));
    assert_eq!(verified.earned, verified.amount, "its only settlement");
    assert_eq!(verified.by_receipt.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    let sum = verified.by_receipt.values().try_fold(Amount::ZERO, |sum, part| sum.checked_add(*part));
    assert_eq!(sum, Some(verified.amount));
    assert!(verified.by_receipt[&2] < verified.by_receipt[&1], "the credit is off the second one");
    // What the author may claim, and then has, is proven by the further keys.
    let answer = proof_of(&world, payment.settlement);
    let owed = committed.prove(&answer.keys[3]);
    owed.verify(&committed.app_hash()).unwrap();
    assert_eq!(owed.value, format!("\"{row}\"").into_bytes());
    let before = committed.prove(&answer.keys[4]);
    before.verify(&committed.app_hash()).unwrap();
    world.ok(&MsgClaim { claimant: text(FIRST_AUTHOR), recipient: String::new() });
    let later = Committed::of(&world);
    let after = later.prove(&answer.keys[4]);
    after.verify(&later.app_hash()).unwrap();
    let number = |proof: &StateProof| String::from_utf8(proof.value.clone()).unwrap().parse::<u128>().unwrap();
    assert_eq!(number(&after) - number(&before), u128::from(row));
}

#[test]
fn a_payment_goes_through_a_file_and_no_value_in_it_can_change() {
    let (world, committed, payment, _) = paid();
    let answer = proof_of(&world, payment.settlement);
    let payees = vec![(answer.keys[3].what.clone(), committed.prove(&answer.keys[3]))];
    let file = PaymentFile::of(payment.clone(), "test-1".into(), 9, payees);
    assert_eq!(file.payment(), payment);
    let text = serde_json::to_string(&file).unwrap();
    let read: PaymentFile = serde_json::from_str(&text).unwrap();
    let app_hash = committed.app_hash();
    assert_eq!(read.verify(&app_hash).unwrap(), payment.verify(&app_hash).unwrap());
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    let changes: &[(&str, serde_json::Value)] = &[
        ("/settlement", 2.into()),
        ("/contribution", 2.into()),
        ("/receipts/0/fee", "1".into()),
        ("/receipts/2/segments/0/1", 1.into()),
        ("/receipts/1/transcript_root", "00".repeat(32).into()),
        ("/credits", serde_json::json!([])),
        ("/unpaid", serde_json::json!([1])),
        ("/state/0/value", "7b7d".into()),
        ("/payees/0/proven/value", "22303022".into()),
    ];
    for (place, value) in changes {
        let mut changed = whole.clone();
        *changed.pointer_mut(place).unwrap() = value.clone();
        let changed: PaymentFile = serde_json::from_value(changed).unwrap();
        assert!(changed.verify(&app_hash).is_err(), "{place}");
    }
}

#[test]
fn every_changed_proof_is_refused() {
    let (_, committed, good, _) = paid();
    let app_hash = committed.app_hash();
    let changes: &[fn(&mut Payment)] = &[
        |payment| payment.settlement += 1,
        |payment| payment.contribution = 2,
        |payment| payment.contribution = 3,
        |payment| payment.settlement_proof = payment.params_proof.clone(),
        |payment| payment.params_proof = payment.settlement_proof.clone(),
        |payment| payment.earnings_proof.store = "bank".into(),
        |payment| drop(payment.receipts.pop()),
        |payment| payment.receipts.swap(0, 1),
        |payment| payment.receipts[0].receipt.fee[31] ^= 1,
        |payment| payment.receipts[2].receipt.transcript_root[0] ^= 1,
        |payment| payment.receipts[1].claim.segments[0].source = 3,
        |payment| payment.beside.credits.clear(),
        |payment| payment.beside.credits.extend([(3, Amount::from(1))]),
        |payment| payment.beside.unpaid.extend([1]),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut payment = good.clone();
        change(&mut payment);
        assert!(payment.verify(&app_hash).is_err(), "change {number}");
    }
    let mut other = app_hash.clone();
    other[0] ^= 1;
    assert!(good.verify(&other).is_err(), "another app hash");
    good.verify(&app_hash).unwrap();
}

#[test]
fn no_bit_of_a_state_proof_can_change() {
    let (_, committed, good, _) = paid();
    let app_hash = committed.app_hash();
    for proof in [good.settlement_proof, good.earnings_proof] {
        proof.verify(&app_hash).unwrap();
        let lengths = [proof.value.len(), proof.steps[0].len(), proof.steps[1].len()];
        for (part, length) in lengths.into_iter().enumerate() {
            for at in 0..length {
                let mut changed = proof.clone();
                let bytes = if part == 0 { &mut changed.value } else { &mut changed.steps[part - 1] };
                bytes[at] ^= 1 << (at % 8);
                // A step may say the same in other bytes (protobuf's defaults); then it proves the same.
                assert!(part > 0 || changed.verify(&app_hash).is_err(), "byte {at} of part {part}");
                changed.value.push(b' ');
                assert!(changed.verify(&app_hash).is_err(), "byte {at} of part {part}, for another value");
            }
        }
    }
}
