//! Payments explained: every row recomputed from receipts, claims and credits, and every change refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

use openledger_provenance::amount::Amount;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::credit::credits_root;
use openledger_provenance::merkle::{root, Tree};
use openledger_provenance::payout::{divide, explain, explain_receipt, tree, Beside, Division, Facts, PaidReceipt};
use openledger_provenance::receipt::Receipt;
use openledger_provenance::split::FeeSplit;
use std::collections::{BTreeMap, BTreeSet};

fn divided(facts: &Facts, paid: &PaidReceipt, beside: &Beside) -> Division {
    let credit = beside.credits.get(&paid.receipt.index).copied().unwrap_or_default();
    let rule = (&facts.split, facts.baseline_cap);
    divide(&paid.receipt, &paid.claim, credit, rule, |seq| !beside.unpaid.contains(&seq)).unwrap()
}

const SPLIT: FeeSplit = FeeSplit {
    server: 3_000,
    platform: 500,
    burnt: 200,
    model: 1_500,
    stakers: 500,
    contributors: 4_000,
    curators: 500,
};

/// Three receipts: of two contributions, of one that is commons and one with a credit, and of nobody.
fn settled() -> (Facts, Vec<PaidReceipt>, Beside) {
    let segment = |start, source| Segment { start, count: 10, source, offset: 0 };
    let claims = [vec![segment(0, 7), segment(20, 9)], vec![segment(0, 8), segment(10, 9)], vec![]];
    let receipts: Vec<_> = (4..)
        .zip(claims)
        .map(|(index, segments)| {
            let receipt = Receipt {
                index,
                model_version: 1,
                corpus_height: 2,
                prompt_len: 5,
                transcript_len: 105,
                transcript_root: [3; 32],
                fee: Amount::from(1_000_003 + u128::from(index)).to_be_bytes(),
            };
            PaidReceipt { receipt, claim: Claim { segments } }
        })
        .collect();
    let beside =
        Beside { credits: [(5, Amount::from(1_000))].into_iter().collect(), unpaid: [8].into_iter().collect() };
    let mut facts = Facts {
        first_receipt: 4,
        receipts: 3,
        receipts_root: root(&receipts.iter().map(|paid| paid.receipt.leaf()).collect::<Vec<_>>()),
        root: root(&receipts.iter().map(PaidReceipt::leaf).collect::<Vec<_>>()),
        credits_root: credits_root(&beside.credits),
        rows_root: [0; 32],
        fees: Amount::ZERO,
        burnt: Amount::ZERO,
        pool: Amount::ZERO,
        baseline: Amount::ZERO,
        split: SPLIT,
        baseline_cap: 2_000,
    };
    let mut rows: BTreeMap<u64, Amount> = BTreeMap::new();
    for paid in &receipts {
        let division = divided(&facts, paid, &beside);
        let add = |sum: &mut Amount, part| *sum = sum.checked_add(part).unwrap();
        add(&mut facts.fees, division.taken);
        add(&mut facts.burnt, division.shares.burnt);
        add(&mut facts.pool, division.shares.contributors);
        add(&mut facts.baseline, division.baseline);
        for (seq, amount) in division.parts {
            add(rows.entry(seq).or_default(), amount);
        }
    }
    facts.rows_root = tree(&rows).root();
    (facts, receipts, beside)
}

#[test]
fn a_settlement_is_explained_to_the_unit_and_each_receipt_by_its_path() {
    let (facts, receipts, beside) = settled();
    let explained = explain(&facts, &receipts, &beside).unwrap();
    let (whole, parts) = explained.of(9);
    assert_eq!(parts.keys().copied().collect::<Vec<_>>(), [4, 5]);
    assert_eq!(parts.values().try_fold(Amount::ZERO, |sum, part| sum.checked_add(*part)), Some(whole));
    assert_eq!(explained.of(8), (Amount::ZERO, BTreeMap::new()), "commons are not paid");
    let tree = Tree::new(receipts.iter().map(PaidReceipt::leaf).collect());
    for (place, paid) in (0u64..).zip(&receipts) {
        let path = tree.prove(place, 1).unwrap();
        let division = explain_receipt(&facts, paid, &path, &beside).unwrap();
        assert_eq!(Some(&division), explained.receipts.get(&paid.receipt.index));
        assert!(explain_receipt(&facts, paid, &path, &Beside::default()).is_err(), "without its credits");
        let mut other = paid.clone();
        other.receipt.fee[31] ^= 1;
        assert!(explain_receipt(&facts, &other, &path, &beside).is_err());
    }
}

#[test]
fn every_change_of_an_explanation_or_of_the_facts_is_refused() {
    let (facts, receipts, beside) = settled();
    let mut explanations = Vec::new();
    for at in 0..receipts.len() {
        let mut without = receipts.clone();
        without.remove(at);
        explanations.push((without, beside.clone()));
        let mut swapped = receipts.clone();
        swapped.swap(at, (at + 1) % 3);
        explanations.push((swapped, beside.clone()));
        for change in [
            |paid: &mut PaidReceipt| paid.receipt.fee[31] ^= 1,
            |paid: &mut PaidReceipt| paid.receipt.prompt_len += 1,
            |paid: &mut PaidReceipt| paid.receipt.index += 1,
            |paid: &mut PaidReceipt| paid.receipt.transcript_root[0] ^= 1,
            |paid: &mut PaidReceipt| {
                paid.claim.segments.push(Segment { start: 40, count: 1, source: 9, offset: 0 });
            },
        ] {
            let mut changed = receipts.clone();
            change(&mut changed[at]);
            explanations.push((changed, beside.clone()));
        }
    }
    explanations.push((receipts.clone(), Beside { unpaid: BTreeSet::new(), ..beside.clone() }));
    explanations.push((receipts.clone(), Beside { unpaid: [8, 9].into_iter().collect(), ..beside.clone() }));
    let credit = |index, amount| [(index, Amount::from(amount))].into_iter().collect();
    for credits in [BTreeMap::new(), credit(5, 1_001), credit(4, 1_000), credit(5, u128::MAX)] {
        explanations.push((receipts.clone(), Beside { credits, ..beside.clone() }));
    }
    for (receipts, beside) in explanations {
        assert!(explain(&facts, &receipts, &beside).is_err());
    }
    let one = Amount::from(1);
    for facts in [
        Facts { first_receipt: 5, ..facts.clone() },
        Facts { receipts: 4, ..facts.clone() },
        Facts { receipts_root: [1; 32], ..facts.clone() },
        Facts { root: [1; 32], ..facts.clone() },
        Facts { credits_root: [1; 32], ..facts.clone() },
        Facts { rows_root: [1; 32], ..facts.clone() },
        Facts { fees: one, ..facts.clone() },
        Facts { burnt: one, ..facts.clone() },
        Facts { pool: one, ..facts.clone() },
        Facts { baseline: facts.baseline.checked_add(one).unwrap(), ..facts.clone() },
        Facts { baseline_cap: 1_999, ..facts.clone() },
        Facts { split: FeeSplit { server: 2_999, contributors: 4_001, ..SPLIT }, ..facts.clone() },
    ] {
        assert!(explain(&facts, &receipts, &beside).is_err());
    }
}
