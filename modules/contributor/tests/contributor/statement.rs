use cosmwasm_std::Uint256;
use openledger_contributor::{Contributors, IncomeKind};
use openledger_core::Module;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::contributor::v1::*;
use proptest::prelude::*;

use crate::chain::{account, Chain};

/// The last second of 2026, UTC.
const END_OF_2026: i64 = 1_798_761_599;

fn pay(chain: &mut Chain, who: u8, kind: IncomeKind, amount: u128) {
    Contributors::default().record_income(&mut chain.ctx(), &account(who), kind, Uint256::from(amount)).unwrap();
    Contributors::default().check_invariants(&chain.ctx()).unwrap();
}

fn statement(chain: &Chain, who: u8, year: u32) -> Vec<StatementLine> {
    let request = QueryStatementRequest { address: account(who).to_string(), year };
    chain.query::<_, QueryStatementResponse>("Statement", &request).unwrap().lines
}

#[test]
fn a_statement_sums_what_was_paid_by_year_and_kind() {
    let mut chain = Chain::new();
    (chain.block.height, chain.block.time_seconds) = (10, END_OF_2026 - 5);
    pay(&mut chain, 1, IncomeKind::Attribution, 5);
    pay(&mut chain, 1, IncomeKind::Royalty, 100);
    (chain.block.height, chain.block.time_seconds) = (11, END_OF_2026);
    pay(&mut chain, 1, IncomeKind::Attribution, 7);
    pay(&mut chain, 2, IncomeKind::Attribution, 1);
    (chain.block.height, chain.block.time_seconds) = (12, END_OF_2026 + 1);
    pay(&mut chain, 1, IncomeKind::Attribution, 9);
    pay(&mut chain, 1, IncomeKind::Serving, 0);

    let lines = statement(&chain, 1, 2026);
    let expected = StatementLine {
        address: account(1).to_string(),
        year: 2026,
        kind: IncomeKind::Attribution.into(),
        amount: "12".into(),
        count: 2,
        first_height: 10,
        first_seconds: END_OF_2026 - 5,
        last_height: 11,
        last_seconds: END_OF_2026,
    };
    assert_eq!(lines[0], expected);
    assert_eq!((lines.len(), lines[1].kind(), lines[1].amount.as_str()), (2, IncomeKind::Royalty, "100"));
    let next: Vec<_> =
        statement(&chain, 1, 2027).into_iter().map(|line| (line.kind, line.amount, line.count)).collect();
    assert_eq!(next, [(IncomeKind::Attribution as i32, "9".to_string(), 1)], "nothing paid is no line");
    assert!(statement(&chain, 1, 2025).is_empty() && statement(&chain, 9, 2026).is_empty());
}

#[test]
fn all_years_are_listed_in_pages() {
    let mut chain = Chain::new();
    for year in 0..5 {
        chain.block.time_seconds = END_OF_2026 + year * 366 * 86_400;
        pay(&mut chain, 1, IncomeKind::Baseline, 1);
        pay(&mut chain, 1, IncomeKind::Bounty, 1);
    }
    let page = |pagination| {
        let request = QueryStatementsRequest { address: account(1).to_string(), pagination: Some(pagination) };
        chain.query::<_, QueryStatementsResponse>("Statements", &request).unwrap()
    };
    let first = page(PageRequest { limit: 7, ..Default::default() });
    let rest = page(PageRequest { key: first.pagination.unwrap().next_key, ..Default::default() });
    let years: Vec<_> = first.lines.iter().chain(&rest.lines).map(|line| line.year).collect();
    assert_eq!(years, [2026, 2026, 2028, 2028, 2029, 2029, 2030, 2030, 2031, 2031].map(|year| year));
}

#[test]
fn a_statement_that_cannot_be_asked_for_is_refused() {
    let chain = Chain::new();
    let request = QueryStatementRequest { address: "x".into(), year: 2026 };
    assert!(chain.query::<_, QueryStatementResponse>("Statement", &request).is_err());
    let request = QueryStatementRequest { address: account(1).to_string(), year: 65_536 };
    assert!(chain.query::<_, QueryStatementResponse>("Statement", &request).is_err());
    let pagination = Some(PageRequest { key: vec![0, 2, 7], ..Default::default() });
    let request = QueryStatementsRequest { address: account(1).to_string(), pagination };
    let _ = chain.query::<_, QueryStatementsResponse>("Statements", &request);
}

proptest! {
    #[test]
    fn any_order_of_payments_in_a_block_gives_the_same_statement(
        payments in prop::collection::vec((1u8..3, 1i32..16, 0u128..), 1..20),
        turns in 0usize..20,
    ) {
        let run = |payments: &[(u8, i32, u128)]| {
            let mut chain = Chain::new();
            for &(who, kind, amount) in payments {
                pay(&mut chain, who, IncomeKind::try_from(kind).unwrap(), amount);
            }
            Contributors::default().export_genesis(&chain.ctx()).unwrap()
        };
        let mut turned = payments.clone();
        turned.rotate_left(turns % payments.len());
        prop_assert_eq!(run(&payments), run(&turned));
    }
}
