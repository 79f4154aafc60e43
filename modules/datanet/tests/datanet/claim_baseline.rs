use cosmwasm_std::Uint256;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn claim(author: u8, seqs: &[u64]) -> MsgClaimBaseline {
    MsgClaimBaseline { author: name(author), seqs: seqs.to_vec() }
}

#[test]
fn credits_divide_by_share_index_and_are_claimed_once() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let small = chain.accepted(id, 2, &[1; 128]);
    let large = chain.accepted(id, 3, &[2; 384]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!((chain.owed(small), chain.owed(large)), ("250".into(), "750".into()));
    let paid = chain.deliver(&claim(2, &[small])).unwrap().paid.unwrap();
    assert_eq!((paid.amount.as_str(), paid.denom.as_str()), ("250", "aopen"));
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE + 250));
    assert_eq!(code(chain.deliver(&claim(2, &[small]))), 24, "nothing is owed any more");
    chain.credit_baseline(&[(id, version)], 4).unwrap();
    assert_eq!((chain.owed(small), chain.owed(large)), ("1".into(), "753".into()));
}

#[test]
fn what_is_not_frozen_does_not_share_and_what_is_new_shares_only_what_comes() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let first = chain.accepted(id, 2, &[1; 128]);
    let one = chain.freeze(id);
    let second = chain.accepted(id, 3, &[2; 128]);
    chain.credit_baseline(&[(id, one)], 100).unwrap();
    assert_eq!((chain.owed(first), chain.owed(second)), ("100".into(), "0".into()));
    chain.freeze(id);
    let third = chain.accepted(id, 4, &[3; 128]);
    chain.credit_baseline(&[(id, one)], 100).unwrap();
    assert_eq!(chain.owed(first), "150");
    assert_eq!((chain.owed(second), chain.owed(third)), ("50".into(), "0".into()));
}

#[test]
fn credits_divide_over_datanets_by_the_total_index_of_the_declared_versions() {
    let mut chain = Chain::new();
    let (one, two) = (chain.datanet(), chain.datanet());
    let a = chain.accepted(one, 2, &[1; 128]);
    let b = chain.accepted(two, 3, &[2; 512]);
    let versions = [(one, chain.freeze(one)), (two, chain.freeze(two))];
    chain.credit_baseline(&versions, 11).unwrap();
    let (a, b): (u64, u64) = (chain.owed(a).parse().unwrap(), chain.owed(b).parse().unwrap());
    assert_eq!((a, b), (2, 9), "the second part is what the first one's rounding left");
    assert_eq!(code(chain.credit_baseline(&[(one, 7)], 1)), 22);
    assert_eq!(code(chain.credit_baseline(&[], 1)), 28);
    chain.credit_baseline(&versions, 0).unwrap();
}

#[test]
fn where_nobody_shares_the_treasury_has_the_credit() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seq = chain.accepted(id, 2, b"content");
    let version = chain.freeze(id);
    chain.deliver(&MsgWithdrawContribution { author: name(2), seq }).unwrap();
    chain.credit_baseline(&[(id, version)], 77).unwrap();
    let found: QueryTreasuryResponse = chain.query("Treasury", &QueryTreasuryRequest { datanet_id: id }).unwrap();
    assert_eq!(found.treasury.unwrap().locked[0].amount, "77");
}

#[test]
fn nothing_is_lost_to_dust_that_is_claimed_again_and_again() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seqs: Vec<u64> = (0..3u8).map(|n| chain.accepted(id, 2, &[n; 100])).collect();
    let version = chain.freeze(id);
    let mut paid = 0u128;
    for _ in 0..10 {
        chain.credit_baseline(&[(id, version)], 1).unwrap();
        if let Ok(response) = chain.deliver(&claim(2, &seqs)) {
            paid += response.paid.unwrap().amount.parse::<u128>().unwrap();
        }
    }
    assert_eq!(paid, 9, "three thirds of ten, rounded down");
}

#[test]
fn rounding_keeps_less_than_a_unit_of_each_share_and_gives_it_out_later() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let only = chain.accepted(id, 2, &[1; 100]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_001).unwrap();
    assert_eq!(chain.owed(only), "1000", "100 × 8,192 does not divide 1,001 × 2^64");
    for _ in 0..24 {
        chain.credit_baseline(&[(id, version)], 1).unwrap();
    }
    assert_eq!(chain.owed(only), "1025", "the rest of each division joined the next, until it came out even");
}

#[test]
fn claims_that_cannot_be_are_refused_whole() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let own = chain.accepted(id, 2, &[1; 128]);
    let foreign = chain.accepted(id, 3, &[2; 128]);
    let rights = Rights { kind: RightsKind::Custodial.into(), on_behalf_of: "Ada".into(), ..Default::default() };
    let held = chain.commit(id, 2, b"hers");
    chain.next_block();
    chain.deliver(&MsgRevealContribution { rights: Some(rights), ..reveal(held, 2, b"hers") }).unwrap();
    chain.deliver(&review(held, 1, Some(10_000))).unwrap();
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!(code(chain.deliver(&claim(2, &[own, foreign]))), 9);
    assert_eq!(code(chain.deliver(&claim(2, &[own, held]))), 25);
    assert_eq!(code(chain.deliver(&claim(2, &[own, 99]))), 8);
    assert_eq!(code(chain.deliver(&claim(2, &[]))), 28);
    assert_eq!(code(chain.deliver(&claim(2, &[own, own]))), 28);
    assert_eq!(code(chain.deliver(&claim(2, &[held, own]))), 28);
    assert_eq!(code(chain.deliver(&claim(2, &(1..=201).collect::<Vec<_>>()))), 28);
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE));
    chain.deliver(&claim(2, &[own])).unwrap();
}

#[test]
fn an_amount_that_the_payer_lacks_is_refused() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 2, b"content");
    let version = chain.freeze(id);
    assert_eq!(coded(chain.credit_baseline(&[(id, version)], PURSE + 1)), ("sdk", 5));
}
