use openledger_core::Address;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn set(seq: u64, listed: bool, from_height: u64) -> MsgSetCommons {
    MsgSetCommons { authority: Address::module("gov").to_string(), seq, listed, from_height }
}

fn listed(chain: &mut Chain, height: u64) -> bool {
    let keeper = chain.keeper;
    keeper.is_chain_commons(&chain.ctx(), 1, height).unwrap()
}

#[test]
fn the_list_of_a_height_that_was_reached_never_changes() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.pending(id, 2, b"MIT License");
    assert_eq!(chain.deliver(&set(1, true, 0)).unwrap().from_height, 3);
    chain.deliver(&set(1, false, 10)).unwrap();
    chain.deliver(&set(1, true, 20)).unwrap();
    let on: Vec<u64> = (0..25).filter(|height| listed(&mut chain, *height)).collect();
    assert_eq!(on, (3..10).chain(20..25).collect::<Vec<_>>());
    let found: QueryCommonsResponse = chain.query("Commons", &QueryCommonsRequest { pagination: None }).unwrap();
    assert_eq!(found.entries[0].changes.len(), 3);
}

#[test]
fn changes_that_are_past_out_of_order_or_none_are_refused() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    assert_eq!(code(chain.deliver(&set(1, true, 0))), 8);
    chain.commit(id, 2, b"hidden");
    assert_eq!(code(chain.deliver(&set(1, true, 0))), 23, "not revealed");
    chain.next_block();
    chain.deliver(&reveal(1, 2, b"hidden")).unwrap();
    assert_eq!(code(chain.deliver(&set(1, false, 0))), 23, "not on the list");
    assert_eq!(code(chain.deliver(&set(1, true, 2))), 23, "not later than now");
    chain.deliver(&set(1, true, 9)).unwrap();
    assert_eq!(code(chain.deliver(&set(1, false, 9))), 23, "not later than the last change");
    assert_eq!(code(chain.deliver(&set(1, true, 12))), 23, "on the list already");
    let stranger = MsgSetCommons { authority: name(1), ..set(1, false, 0) };
    assert_eq!(coded(chain.deliver(&stranger)), ("gov", 13));
}

#[test]
fn a_contribution_cannot_change_without_end() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.pending(id, 2, b"MIT License");
    for change in 0..32u64 {
        chain.deliver(&set(1, change % 2 == 0, 10 + change)).unwrap();
    }
    assert_eq!(code(chain.deliver(&set(1, true, 100))), 23);
}
