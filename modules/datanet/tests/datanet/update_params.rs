use openledger_core::{Address, Coin};
use openledger_datanet::Params;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn update(params: openledger_proto::openledger::datanet::v1::Params) -> MsgUpdateParams {
    MsgUpdateParams { authority: Address::module("gov").to_string(), params: Some(params) }
}

#[test]
fn governance_alone_changes_parameters_and_open_commits_keep_their_deadline() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let before = chain.commit(id, 2, b"before");
    let mut params = Params::default().to_proto();
    params.reveal_window_blocks = 1;
    chain.deliver(&update(params.clone())).unwrap();
    let after = chain.commit(id, 2, b"after");
    let deadlines = (chain.contribution(before).reveal_deadline, chain.contribution(after).reveal_deadline);
    assert_eq!(deadlines, (1 + WINDOW, 2));
    let found: QueryParamsResponse = chain.query("Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(found.params, Some(params.clone()));
    let stranger = MsgUpdateParams { authority: name(1), params: Some(params) };
    assert_eq!(coded(chain.deliver(&stranger)), ("gov", 13));
}

#[test]
fn parameters_outside_their_ranges_are_refused() {
    let mut chain = Chain::new();
    let changes: [fn(&mut openledger_proto::openledger::datanet::v1::Params); 12] = [
        |params| params.min_contribution_deposit = None,
        |params| params.min_contribution_deposit = Some(Coin::base(0u128).to_proto()),
        |params| params.reveal_window_blocks = 0,
        |params| params.reveal_window_blocks = 100_001,
        |params| params.max_expiries_per_block = 0,
        |params| params.max_expiries_per_block = 10_001,
        |params| params.treasury_timelock_seconds = u64::MAX,
        |params| params.max_curators = 0,
        |params| params.max_curators = 101,
        |params| params.max_text_bytes = 0,
        |params| params.max_text_bytes = 10_001,
        |params| params.max_metadata_bytes = u32::MAX,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut params = Params::default().to_proto();
        change(&mut params);
        assert_eq!(code(chain.deliver(&update(params))), 3, "change {number}");
    }
    let none = MsgUpdateParams { authority: Address::module("gov").to_string(), params: None };
    assert_eq!(code(chain.deliver(&none)), 3);
}
