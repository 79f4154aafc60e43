use cosmwasm_std::Uint256;
use openledger_contributor::{points, Contributors, ObjectKind, Outcome, Params, Role};
use openledger_core::{Address, Module};
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::contributor::v1::*;
use openledger_proto::Message;
use proptest::prelude::*;

use crate::chain::{account, Chain};

const EPOCH: i64 = 180 * 86_400;

fn record(chain: &mut Chain, who: u8, datanet: u64, role: Role, outcome: Outcome) {
    let object = (ObjectKind::Contribution, 1);
    Contributors::default().record_in(&mut chain.ctx(), datanet, &account(who), role, object, outcome).unwrap();
}

fn burn(chain: &mut Chain, who: u8, datanet: u64, role: Role, burnt: u128) {
    let burnt = Uint256::from(burnt);
    Contributors::default().credit_usage(&mut chain.ctx(), &account(who), datanet, role, burnt).unwrap();
}

fn reputation(chain: &mut Chain, who: u8, datanet: u64, role: Role) -> u64 {
    let found = Contributors::default().reputation(&chain.ctx(), &account(who), datanet, role).unwrap();
    Contributors::default().check_invariants(&chain.ctx()).unwrap();
    found
}

#[test]
fn an_act_in_a_datanet_counts_there_and_on_the_whole_chain() {
    let mut chain = Chain::new();
    record(&mut chain, 1, 7, Role::Author, Outcome::Accepted);
    record(&mut chain, 1, 8, Role::Author, Outcome::Accepted);
    record(&mut chain, 1, 0, Role::Author, Outcome::Paid);
    let mut of = |datanet, role| reputation(&mut chain, 1, datanet, role);
    assert_eq!([of(0, Role::Author), of(7, Role::Author), of(8, Role::Author)], [2_020, 1_000, 1_000]);
    assert_eq!([of(9, Role::Author), of(7, Role::Curator), of(0, Role::Server)], [0, 0, 0]);
}

#[test]
fn what_whoever_has_a_datanet_can_stage_counts_in_that_datanet_alone() {
    let mut chain = Chain::new();
    record(&mut chain, 1, 7, Role::Watcher, Outcome::Confirmed);
    record(&mut chain, 1, 0, Role::Watcher, Outcome::Confirmed);
    assert_eq!([0, 7].map(|scope| reputation(&mut chain, 1, scope, Role::Watcher)), [0, 2_000]);
}

#[test]
fn what_somebody_does_alone_writes_no_reputation() {
    let mut chain = Chain::new();
    for outcome in [Outcome::Created, Outcome::Updated, Outcome::Published, Outcome::Opened, Outcome::Withdrawn] {
        record(&mut chain, 1, 7, Role::Owner, outcome);
    }
    let genesis = Contributors::default().export_genesis(&chain.ctx()).unwrap();
    assert!(GenesisState::decode(genesis.as_slice()).unwrap().reputations.is_empty());
}

#[test]
fn usage_counts_what_was_burnt_at_the_price_of_a_point_however_it_is_split() {
    let mut chain = Chain::new();
    let price = Params::default().usage_price.to_string().parse::<u128>().unwrap();
    burn(&mut chain, 1, 7, Role::Server, 10 * price);
    for _ in 0..20 {
        burn(&mut chain, 2, 7, Role::Server, price / 2);
    }
    burn(&mut chain, 3, 7, Role::Server, price - 1);
    burn(&mut chain, 4, 7, Role::Server, 0);
    assert_eq!([1, 2, 3, 4].map(|who| reputation(&mut chain, who, 7, Role::Server)), [10, 10, 0, 0]);
    burn(&mut chain, 3, 0, Role::Server, 1);
    assert_eq!(reputation(&mut chain, 3, 0, Role::Server), 1);
    assert_eq!(reputation(&mut chain, 3, 7, Role::Server), 0, "what was burnt elsewhere");
}

#[test]
fn a_fraud_is_made_good_by_fifty_true_settlements_and_not_by_waiting() {
    let mut chain = Chain::new();
    record(&mut chain, 1, 0, Role::Server, Outcome::Refuted);
    chain.block.time_seconds += 20 * EPOCH;
    assert_eq!(reputation(&mut chain, 1, 0, Role::Server), 0);
    let mut chain = Chain::new();
    record(&mut chain, 1, 0, Role::Server, Outcome::Refuted);
    for _ in 0..50 {
        record(&mut chain, 1, 0, Role::Server, Outcome::Paid);
    }
    assert_eq!(reputation(&mut chain, 1, 0, Role::Server), 0);
    record(&mut chain, 1, 0, Role::Server, Outcome::Paid);
    assert_eq!(reputation(&mut chain, 1, 0, Role::Server), 100);
}

#[test]
fn reputation_halves_an_epoch_and_a_new_length_begins_with_the_next() {
    let mut chain = Chain::new();
    chain.block.time_seconds = 0;
    for _ in 0..8 {
        record(&mut chain, 1, 0, Role::Author, Outcome::Accepted);
    }
    chain.block.time_seconds = EPOCH;
    assert_eq!(reputation(&mut chain, 1, 0, Role::Author), 4_000);
    chain.block.time_seconds += EPOCH / 2;
    assert_eq!(reputation(&mut chain, 1, 0, Role::Author), 3_000);
    let params = Some(openledger_proto::openledger::contributor::v1::Params {
        reputation_epoch_seconds: 3_600,
        ..Params::default().to_proto()
    });
    chain.deliver(&MsgUpdateParams { authority: Address::module("gov").to_string(), params }).unwrap();
    assert_eq!(reputation(&mut chain, 1, 0, Role::Author), 3_000, "no jump");
    chain.block.time_seconds = 2 * EPOCH;
    assert_eq!(reputation(&mut chain, 1, 0, Role::Author), 2_000);
    chain.block.time_seconds += 2 * 3_600;
    assert_eq!(reputation(&mut chain, 1, 0, Role::Author), 500);
    let exported = Contributors::default().export_genesis(&chain.ctx()).unwrap();
    let mut again = Chain::of(&exported).unwrap();
    again.block = chain.block.clone();
    assert_eq!(reputation(&mut again, 1, 0, Role::Author), 500, "the clock is exported");
    assert_eq!(Contributors::default().export_genesis(&again.ctx()).unwrap(), exported);
}

#[test]
fn reputations_are_listed_by_account_and_by_scope_in_pages() {
    let mut chain = Chain::new();
    for who in 1..=3 {
        record(&mut chain, who, 7, Role::Author, Outcome::Accepted);
    }
    record(&mut chain, 2, 0, Role::Watcher, Outcome::Refuted);
    record(&mut chain, 2, 7, Role::Curator, Outcome::Confirmed);
    let seen = |reputations: Vec<Reputation>| -> Vec<(String, u64, Role, u64)> {
        let of = |reputation: Reputation| {
            let record = reputation.record.unwrap();
            (record.address.clone(), record.datanet_id, record.role(), reputation.points)
        };
        reputations.into_iter().map(of).collect()
    };
    let two = account(2).to_string();
    let request = QueryReputationRequest { address: two.clone(), pagination: None };
    let found: QueryReputationResponse = chain.query("Reputation", &request).unwrap();
    let row = |datanet, role, points| (two.clone(), datanet, role, points);
    let expected = [
        row(0, Role::Author, 1_000),
        row(0, Role::Curator, 200),
        row(0, Role::Watcher, 2_000),
        row(7, Role::Author, 1_000),
        row(7, Role::Curator, 200),
    ];
    assert_eq!(seen(found.reputations), expected);

    let (mut all, mut key) = (Vec::new(), Vec::new());
    loop {
        let pagination = Some(PageRequest { key, limit: 2, ..Default::default() });
        let request = QueryReputationsRequest { datanet_id: 7, role: 0, pagination };
        let page: QueryReputationsResponse = chain.query("Reputations", &request).unwrap();
        all.extend(seen(page.reputations));
        key = page.pagination.unwrap().next_key;
        if key.is_empty() {
            break;
        }
    }
    let who: Vec<_> = all.iter().map(|(address, _, role, _)| (address.clone(), *role)).collect();
    let mut expected: Vec<_> = (1..=3).map(|who| (account(who).to_string(), Role::Author)).collect();
    expected.push((two, Role::Curator));
    assert_eq!(who, expected);
    let request = QueryReputationsRequest { datanet_id: 0, role: Role::Watcher.into(), pagination: None };
    let watchers: QueryReputationsResponse = chain.query("Reputations", &request).unwrap();
    assert_eq!(watchers.reputations.len(), 1);
}

#[test]
fn a_reputation_that_cannot_be_asked_for_is_refused() {
    let chain = Chain::new();
    let request = QueryReputationRequest { address: "x".into(), pagination: None };
    assert!(chain.query::<_, QueryReputationResponse>("Reputation", &request).is_err());
    for role in [-1, 14, 256] {
        let request = QueryReputationsRequest { role, ..Default::default() };
        assert!(chain.query::<_, QueryReputationsResponse>("Reputations", &request).is_err(), "{role}");
    }
    for key in [vec![0], vec![0; 9], vec![0, 1], vec![255; 40]] {
        let pagination = Some(PageRequest { key, ..Default::default() });
        let request = QueryReputationsRequest { pagination: pagination.clone(), ..Default::default() };
        let _ = chain.query::<_, QueryReputationsResponse>("Reputations", &request);
        let request = QueryReputationRequest { address: account(1).to_string(), pagination };
        let _ = chain.query::<_, QueryReputationResponse>("Reputation", &request);
    }
}

proptest! {
    #[test]
    fn any_order_of_acts_in_a_block_gives_the_same_reputations(
        acts in prop::collection::vec((1u8..4, 0u64..3, 1i32..14, 1i32..21, 0u128..10u128.pow(20)), 1..30),
        turns in 0usize..30,
        time in 0i64..100_000_000,
    ) {
        let run = |acts: &[(u8, u64, i32, i32, u128)]| {
            let mut chain = Chain::new();
            chain.block.time_seconds = time;
            for &(who, datanet, role, outcome, burnt) in acts {
                let (role, outcome) = (Role::try_from(role).unwrap(), Outcome::try_from(outcome).unwrap());
                record(&mut chain, who, datanet, role, outcome);
                burn(&mut chain, who, datanet, role, burnt);
            }
            Contributors::default().check_invariants(&chain.ctx()).unwrap();
            let genesis = Contributors::default().export_genesis(&chain.ctx()).unwrap();
            GenesisState::decode(genesis.as_slice()).unwrap().reputations
        };
        let mut turned = acts.clone();
        turned.rotate_left(turns % acts.len());
        turned.reverse();
        prop_assert_eq!(run(&acts), run(&turned));
    }
}

#[test]
fn the_table_of_points_is_what_the_history_gives() {
    for role in (1..14).map(|role| Role::try_from(role).unwrap()) {
        for outcome in (1..21).map(|outcome| Outcome::try_from(outcome).unwrap()) {
            let mut chain = Chain::new();
            chain.block.time_seconds = 0;
            record(&mut chain, 1, 3, role, outcome);
            let expected = u64::try_from(points(role, outcome)).unwrap_or_default();
            assert_eq!(reputation(&mut chain, 1, 3, role), expected, "{role:?} {outcome:?}");
        }
    }
}
