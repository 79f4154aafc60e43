use openledger_contributor::{Contributors, ObjectKind, Outcome, Role};
use openledger_core::Module;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::contributor::v1::*;

use crate::chain::{account, Chain};

fn record(chain: &mut Chain, who: u8, role: Role, object: u64, outcome: Outcome) -> u64 {
    let object = (ObjectKind::Contribution, object);
    let number = Contributors::default().record(&mut chain.ctx(), &account(who), role, object, outcome).unwrap();
    Contributors::default().check_invariants(&chain.ctx()).unwrap();
    number
}

fn history(chain: &Chain, who: u8, role: Role, page: PageRequest) -> QueryHistoryResponse {
    let request = QueryHistoryRequest { actor: account(who).to_string(), role: role.into(), pagination: Some(page) };
    chain.query("History", &request).unwrap()
}

#[test]
fn entries_are_numbered_by_actor_and_carry_block_and_handle() {
    let mut chain = Chain::new();
    assert_eq!(record(&mut chain, 1, Role::Author, 7, Outcome::Revealed), 0);
    let profile = MsgSetProfile { account: account(1).to_string(), handle: "ada".into(), ..Default::default() };
    chain.deliver(&profile).unwrap();
    chain.block.height = 5;
    chain.block.time_seconds = 2_000;
    assert_eq!(record(&mut chain, 2, Role::Curator, 7, Outcome::Accepted), 0);
    assert_eq!(record(&mut chain, 1, Role::Author, 7, Outcome::Accepted), 1);
    chain.deliver(&MsgSetProfile { handle: "countess".into(), ..profile }).unwrap();

    let entries = history(&chain, 1, Role::Unspecified, PageRequest::default()).entries;
    let seen: Vec<_> = entries.iter().map(|e| (e.number, e.height, e.time_seconds, e.handle.as_str())).collect();
    assert_eq!(seen, [(0, 1, 1_000, ""), (1, 5, 2_000, "ada")], "the handle of that time stays");
    assert_eq!(entries[1].outcome(), Outcome::Accepted);
}

#[test]
fn histories_are_found_by_role_and_by_object_in_order_and_in_pages() {
    let mut chain = Chain::new();
    for height in 1..=6u64 {
        chain.block.height = height;
        record(&mut chain, 3, Role::Curator, 7, Outcome::Rejected);
        record(&mut chain, 1, Role::Author, height, Outcome::Revealed);
    }
    record(&mut chain, 1, Role::Owner, 7, Outcome::Updated);
    assert_eq!(history(&chain, 1, Role::Owner, PageRequest::default()).entries.len(), 1);
    assert_eq!(history(&chain, 1, Role::Author, PageRequest::default()).entries.len(), 6);

    let page = PageRequest { limit: 4, ..Default::default() };
    let first = history(&chain, 1, Role::Author, page.clone());
    assert_eq!(first.entries.len(), 4);
    let key = first.pagination.unwrap().next_key;
    let rest = history(&chain, 1, Role::Author, PageRequest { key, ..page });
    assert_eq!(rest.entries.iter().map(|e| e.object).collect::<Vec<_>>(), [5, 6]);

    let request = QueryHistoryByObjectRequest { kind: ObjectKind::Contribution.into(), object: 7, pagination: None };
    let of_object: QueryHistoryByObjectResponse = chain.query("HistoryByObject", &request).unwrap();
    let heights: Vec<_> = of_object.entries.iter().map(|e| e.height).collect();
    assert_eq!(heights, [1, 2, 3, 4, 5, 6, 6]);
    assert_eq!(of_object.entries[6].actor, account(1).to_string(), "the last act on 7 was the owner's");
}

#[test]
fn a_history_that_cannot_be_asked_for_is_refused() {
    let chain = Chain::new();
    for request in [
        QueryHistoryRequest { actor: "nobody".into(), ..Default::default() },
        QueryHistoryRequest { actor: account(1).to_string(), role: -1, ..Default::default() },
        QueryHistoryRequest { actor: account(1).to_string(), role: 256, ..Default::default() },
    ] {
        assert!(chain.query::<_, QueryHistoryResponse>("History", &request).is_err(), "{request:?}");
    }
    let request = QueryHistoryByObjectRequest { kind: 0, ..Default::default() };
    assert!(chain.query::<_, QueryHistoryByObjectResponse>("HistoryByObject", &request).is_err());
}
