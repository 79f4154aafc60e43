use openledger_datanet::{State, Status};
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn set(chain: &mut Chain, state: DatanetState) -> openledger_core::Result<MsgSetDatanetStateResponse> {
    chain.deliver(&MsgSetDatanetState { owner: name(1), datanet_id: 1, state: state.into() })
}

fn retired(chain: &mut Chain) {
    set(chain, DatanetState::Frozen).unwrap();
    set(chain, DatanetState::Retired).unwrap();
}

#[test]
fn a_draft_takes_its_owner_s_contributions_alone_and_publishes_nothing() {
    let mut chain = Chain::new();
    let draft = MsgCreateDatanet { draft: true, ..create(policy()) };
    let id = chain.deliver(&draft).unwrap().datanet_id;
    assert_eq!(code(chain.deliver(&commit(id, 2, b"foreign"))), 40);
    chain.accepted(id, 1, b"the owner's own");
    let freeze = MsgFreezeVersion { owner: name(1), datanet_id: id };
    assert_eq!(code(chain.deliver(&freeze)), 40);
    set(&mut chain, DatanetState::Live).unwrap();
    chain.accepted(id, 2, b"foreign");
    chain.deliver(&freeze).unwrap();
}

#[test]
fn every_transition_is_that_of_the_table() {
    for from in State::ALL {
        for to in State::ALL {
            let mut chain = Chain::new();
            chain.deliver(&MsgCreateDatanet { draft: true, ..create(policy()) }).unwrap();
            let path: &[DatanetState] = match from {
                State::Draft => &[],
                State::Live => &[DatanetState::Live],
                State::Frozen => &[DatanetState::Live, DatanetState::Frozen],
                State::Retired => &[DatanetState::Retired],
            };
            for step in path {
                set(&mut chain, *step).unwrap();
            }
            let result = set(&mut chain, to.to_proto());
            assert_eq!(result.is_ok(), from.may_become(to), "{from:?} to {to:?}");
            if let Err(error) = result {
                assert_eq!(error.code, 41);
            }
        }
    }
    let mut chain = Chain::new();
    chain.datanet();
    let stranger = MsgSetDatanetState { owner: name(2), datanet_id: 1, state: DatanetState::Frozen.into() };
    assert_eq!(code(chain.deliver(&stranger)), 6);
    assert_eq!(code(chain.deliver(&MsgSetDatanetState { owner: name(1), datanet_id: 1, state: 0 })), 4);
}

#[test]
fn a_frozen_datanet_takes_no_commits_and_ends_what_is_under_way() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let committed = chain.commit(id, 2, b"under way");
    chain.next_block();
    set(&mut chain, DatanetState::Frozen).unwrap();
    assert_eq!(code(chain.deliver(&commit(id, 3, b"too late"))), 40);
    assert_eq!(code(chain.deliver(&commit(id, 1, b"the owner too"))), 40);
    chain.deliver(&reveal(committed, 2, b"under way")).unwrap();
    chain.deliver(&review(committed, 1, Some(5))).unwrap();
    chain.freeze(id);
    set(&mut chain, DatanetState::Live).unwrap();
    chain.commit(id, 3, b"again");
}

#[test]
fn a_retired_datanet_pays_what_was_and_is_earned() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seq = chain.accepted(id, 2, &[1; 512]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    retired(&mut chain);
    chain.credit_baseline(&[(id, version)], 500).unwrap();
    chain.credit_treasury(&[(id, version)], 70).unwrap();
    chain.credit_curation(&[(id, version)], 7).unwrap();
    assert_eq!(chain.owed(seq), "1500");
    chain.deliver(&MsgClaimBaseline { author: name(2), seqs: vec![seq] }).unwrap();
    chain.blocks(20);
    let amount = Some(openledger_core::Coin::base(77u128).to_proto());
    chain.deliver(&MsgSpendTreasury { owner: name(1), datanet_id: id, recipient: name(9), amount }).unwrap();
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: id,
        title: "t".into(),
        policy: Some(policy()),
        ..Default::default()
    };
    assert_eq!(code(chain.deliver(&update)), 40);
    assert_eq!(code(chain.deliver(&MsgFreezeVersion { owner: name(1), datanet_id: id })), 40);
}

#[test]
fn what_is_under_way_when_a_datanet_retires_ends_without_loss() {
    let mut chain = Chain::new();
    let burning = Policy { burn_rejected: true, review_window_blocks: 2, ..policy() };
    let id = chain.deliver(&create(burning)).unwrap().datanet_id;
    let pending = chain.pending(id, 2, b"pending");
    let committed = chain.commit(id, 3, b"committed");
    retired(&mut chain);
    chain.next_block();
    assert_eq!(code(chain.deliver(&reveal(committed, 3, b"committed"))), 40);
    assert_eq!(code(chain.deliver(&review(pending, 1, None))), 40);
    chain.blocks(WINDOW + 1);
    assert_eq!(chain.contribution(pending).status, Status::Rejected);
    assert_eq!(chain.contribution(committed).status, Status::Expired);
    for author in [2, 3] {
        assert_eq!(chain.purse(author), PURSE, "author {author}");
    }
}

#[test]
fn contents_are_asked_for_where_a_next_version_can_leave_them_out() {
    let mut chain = Chain::new();
    let draft = MsgCreateDatanet { draft: true, ..create(policy()) };
    let id = chain.deliver(&draft).unwrap().datanet_id;
    let seq = chain.accepted(id, 1, &[7; 600]);
    let ask = |chunk| MsgChallengeAvailability { challenger: name(4), seq, chunk };
    assert_eq!(code(chain.deliver(&ask(0))), 40, "a draft");
    set(&mut chain, DatanetState::Live).unwrap();
    chain.deliver(&ask(0)).unwrap();
    set(&mut chain, DatanetState::Frozen).unwrap();
    chain.deliver(&ask(1)).unwrap();
    set(&mut chain, DatanetState::Retired).unwrap();
    assert_eq!(code(chain.deliver(&ask(2))), 40, "retired");
}
