use openledger_contributor::{Contributors, ObjectKind, Outcome, Role};
use openledger_core::Module;
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use openledger_proto::openledger::contributor::v1::*;

use proptest::prelude::*;

use crate::chain::{account, Chain};
use crate::handles::take;

fn record(chain: &mut Chain, who: u8, role: Role, object: u64, outcome: Outcome) -> u64 {
    let object = (ObjectKind::Contribution, object);
    let number = Contributors::default().record(&mut chain.ctx(), &account(who), role, object, outcome).unwrap();
    Contributors::default().check_invariants(&chain.ctx()).unwrap();
    number
}

fn history(chain: &Chain, who: u8, role: Role, page: PageRequest) -> QueryHistoryResponse {
    let request = QueryHistoryRequest {
        actor: account(who).to_string(),
        role: role.into(),
        pagination: Some(page),
        ..Default::default()
    };
    chain.query("History", &request).unwrap()
}

#[test]
fn entries_are_numbered_by_actor_and_carry_block_and_handle() {
    let mut chain = Chain::new();
    assert_eq!(record(&mut chain, 1, Role::Author, 7, Outcome::Revealed), 0);
    take(&mut chain, 1, "ada").unwrap();
    (chain.block.height, chain.block.time_seconds) = (15, 2_000);
    assert_eq!(record(&mut chain, 2, Role::Curator, 7, Outcome::Accepted), 0);
    assert_eq!(record(&mut chain, 1, Role::Author, 7, Outcome::Accepted), 1);
    chain.deliver(&MsgReleaseHandle { account: account(1).to_string() }).unwrap();
    take(&mut chain, 1, "countess").unwrap();

    let entries = history(&chain, 1, Role::Unspecified, PageRequest::default()).entries;
    let seen: Vec<_> = entries.iter().map(|e| (e.number, e.height, e.time_seconds, e.handle.as_str())).collect();
    assert_eq!(seen, [(0, 1, 1_000, ""), (1, 15, 2_000, "ada")], "the handle of that time stays");
    assert_eq!(entries[1].outcome(), Outcome::Accepted);
}

#[test]
fn histories_are_found_by_role_and_by_object_in_order_and_in_pages() {
    let mut chain = Chain::new();
    for height in 1..=6u64 {
        (chain.block.height, chain.block.time_seconds) = (height, 1_000 + height as i64 / 2);
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

    let request =
        QueryHistoryByObjectRequest { kind: ObjectKind::Contribution.into(), object: 7, ..Default::default() };
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
        QueryHistoryRequest { actor: account(1).to_string(), kind: 99, ..Default::default() },
        QueryHistoryRequest { actor: account(1).to_string(), object: 7, ..Default::default() },
        QueryHistoryRequest { actor: account(1).to_string(), outcome: 99, ..Default::default() },
        QueryHistoryRequest { actor: account(1).to_string(), from_seconds: -1, ..Default::default() },
        QueryHistoryRequest { actor: account(1).to_string(), from_seconds: 5, to_seconds: 5, ..Default::default() },
    ] {
        assert!(chain.query::<_, QueryHistoryResponse>("History", &request).is_err(), "{request:?}");
    }
    let request = QueryHistoryByObjectRequest { kind: 0, ..Default::default() };
    assert!(chain.query::<_, QueryHistoryByObjectResponse>("HistoryByObject", &request).is_err());
    let request = QueryHistoryByDatanetRequest::default();
    assert!(chain.query::<_, QueryHistoryByDatanetResponse>("HistoryByDatanet", &request).is_err());
    let pagination = Some(PageRequest { key: vec![1; 30], ..Default::default() });
    let request = QueryHistoryByDatanetRequest { datanet_id: 1, pagination, ..Default::default() };
    assert!(chain.query::<_, QueryHistoryByDatanetResponse>("HistoryByDatanet", &request).is_ok());
}

/// An act as the tests below remember it: actor, role, kind, object, outcome, datanet, time.
type Act = (u8, i32, i32, u64, i32, u64, i64);

fn live(acts: &[Act]) -> Chain {
    let mut chain = Chain::new();
    for &(who, role, kind, object, outcome, datanet, seconds) in acts {
        chain.pass(1);
        chain.block.time_seconds = seconds;
        let (role, outcome) = (Role::try_from(role).unwrap(), Outcome::try_from(outcome).unwrap());
        let object = (ObjectKind::try_from(kind).unwrap(), object);
        Contributors::default().record_in(&mut chain.ctx(), datanet, &account(who), role, object, outcome).unwrap();
    }
    Contributors::default().check_invariants(&chain.ctx()).unwrap();
    chain
}

/// All pages of a query, each of `limit` entries.
fn pages(limit: u64, reverse: bool, ask: impl Fn(PageRequest) -> (Vec<HistoryEntry>, Vec<u8>)) -> Vec<HistoryEntry> {
    let (mut all, mut key) = (Vec::new(), Vec::new());
    loop {
        let (entries, next) = ask(PageRequest { key, limit, reverse, ..Default::default() });
        all.extend(entries);
        key = next;
        if key.is_empty() {
            return all;
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (1u8..3, 1i32..4, 1i32..3, 1u64..3, 1i32..4, 0u64..3, 0i64..3);
    prop::collection::vec(act, 0..40).prop_map(|mut acts| {
        let mut seconds = 1_000;
        for act in &mut acts {
            seconds += act.6;
            act.6 = seconds;
        }
        acts
    })
}

proptest! {
    #[test]
    fn a_history_is_what_a_search_of_all_acts_finds(
        acts in acts(),
        (role, kind, object, outcome, datanet) in (0i32..4, 0i32..3, 0u64..3, 0i32..4, 0u64..3),
        (from, length) in (prop_oneof![Just(0i64), 990i64..1_060], 0i64..60),
        limit in 1u64..7,
        reverse: bool,
    ) {
        let chain = live(&acts);
        let to = if length == 0 { 0 } else { from.max(1_000) + length };
        let object = if kind == 0 { 0 } else { object };
        let found = |of: &dyn Fn(&Act) -> bool| {
            let fits = |act: &&Act| {
                (role == 0 || act.1 == role) && (outcome == 0 || act.4 == outcome) && act.6 >= from && (to == 0 || act.6 < to) && of(act)
            };
            let mut found: Vec<_> = acts.iter().filter(fits).map(|act| (account(act.0).to_string(), act.1, act.2, act.3, act.4, act.5, act.6)).collect();
            if reverse {
                found.reverse();
            }
            found
        };
        let plain = |entries: Vec<HistoryEntry>| -> Vec<_> {
            entries.into_iter().map(|e| (e.actor, e.role, e.kind, e.object, e.outcome, e.datanet_id, e.time_seconds)).collect()
        };
        let next = |page: Option<PageResponse>| page.unwrap().next_key;

        let of_actor = pages(limit, reverse, |page| {
            let request = QueryHistoryRequest {
                actor: account(1).to_string(), role, pagination: Some(page), kind, object, outcome, datanet_id: datanet,
                from_seconds: from, to_seconds: to,
            };
            let answer: QueryHistoryResponse = chain.query("History", &request).unwrap();
            (answer.entries, next(answer.pagination))
        });
        let expected = found(&|act| act.0 == 1 && (kind == 0 || act.2 == kind) && (object == 0 || act.3 == object) && (datanet == 0 || act.5 == datanet));
        prop_assert_eq!(plain(of_actor), expected);

        let of_object = pages(limit, reverse, |page| {
            let request = QueryHistoryByObjectRequest {
                kind: 1, object: 1, pagination: Some(page), role, outcome, from_seconds: from, to_seconds: to,
            };
            let answer: QueryHistoryByObjectResponse = chain.query("HistoryByObject", &request).unwrap();
            (answer.entries, next(answer.pagination))
        });
        prop_assert_eq!(plain(of_object), found(&|act| act.2 == 1 && act.3 == 1));

        let of_datanet = pages(limit, reverse, |page| {
            let request = QueryHistoryByDatanetRequest {
                datanet_id: 2, pagination: Some(page), role, kind, outcome, from_seconds: from, to_seconds: to,
            };
            let answer: QueryHistoryByDatanetResponse = chain.query("HistoryByDatanet", &request).unwrap();
            (answer.entries, next(answer.pagination))
        });
        prop_assert_eq!(plain(of_datanet), found(&|act| act.5 == 2 && (kind == 0 || act.2 == kind)));
    }
}

#[test]
fn a_page_looks_at_ten_thousand_entries_and_goes_on_where_it_ended() {
    let mut chain = Chain::new();
    let object = (ObjectKind::Session, 1);
    for n in 0..10_500u64 {
        let outcome = if n % 10_400 == 99 { Outcome::Closed } else { Outcome::Opened };
        Contributors::default().record(&mut chain.ctx(), &account(1), Role::Payer, object, outcome).unwrap();
    }
    let ask = |key: Vec<u8>| -> QueryHistoryResponse {
        let pagination = Some(PageRequest { key, limit: 5, ..Default::default() });
        let outcome = Outcome::Closed.into();
        let request = QueryHistoryRequest { actor: account(1).to_string(), outcome, pagination, ..Default::default() };
        chain.query("History", &request).unwrap()
    };
    let first = ask(Vec::new());
    let numbers = |answer: &QueryHistoryResponse| answer.entries.iter().map(|e| e.number).collect::<Vec<_>>();
    let key = first.pagination.as_ref().unwrap().next_key.clone();
    assert_eq!((numbers(&first), key.clone()), (vec![99], 10_000u64.to_be_bytes().to_vec()));
    let rest = ask(key);
    assert_eq!((numbers(&rest), rest.pagination.unwrap().next_key), (vec![10_499], Vec::new()));
}
