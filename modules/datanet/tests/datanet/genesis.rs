use openledger_bank::Bank;
use openledger_core::{Address, Module};
use openledger_datanet::Datanets;
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::Message;
use proptest::prelude::*;

use crate::chain::*;

/// A chain that has seen every kind of state.
fn lived() -> Chain {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let curated = Policy { curators: vec![name(3), name(4)], quorum: 2, ..policy() };
    let other = chain.deliver(&create(curated)).unwrap().datanet_id;
    let add = vec![name(5), name(6)];
    let list = MsgUpdateAllowList { owner: name(1), datanet_id: id, add, remove: Vec::new() };
    chain.deliver(&list).unwrap();
    let first = chain.accepted(id, 2, &[1; 500]);
    let second = chain.accepted(id, 3, &[2; 700]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 12_345).unwrap();
    chain.credit_treasury(&[(id, version)], 777).unwrap();
    chain.deliver(&MsgClaimBaseline { author: name(2), seqs: vec![first] }).unwrap();
    chain.deliver(&MsgWithdrawContribution { author: name(3), seq: second }).unwrap();
    let third = chain.accepted(id, 4, &[3; 100]);
    chain.deliver(&MsgWithdrawContribution { author: name(4), seq: third }).unwrap();
    let on_chain = chain.commit(id, 5, b"MIT License");
    chain.next_block();
    let shown = MsgRevealContribution { content: b"MIT License".to_vec(), ..reveal(on_chain, 5, b"MIT License") };
    chain.deliver(&shown).unwrap();
    let gov = Address::module("gov").to_string();
    chain.deliver(&MsgSetCommons { authority: gov, seq: on_chain, listed: true, from_height: 0 }).unwrap();
    chain.deliver(&review(on_chain, 1, Some(9_000))).unwrap();
    chain.credit_baseline(&[(id, version)], 333).unwrap();
    let voted = chain.pending(other, 2, b"one vote so far");
    chain.deliver(&review(voted, 3, Some(1))).unwrap();
    let dead = chain.pending(id, 2, b"taken down");
    chain
        .deliver(&MsgTombstone {
            authority: openledger_auth::authority().to_string(),
            seq: dead,
            reason: "notice".into(),
        })
        .unwrap();
    chain.commit(id, 2, b"hidden");
    chain
}

fn exported(chain: &mut Chain) -> GenesisState {
    let bytes = Datanets::default().export_genesis(&chain.ctx()).unwrap();
    GenesisState::decode(bytes.as_slice()).unwrap()
}

/// A chain made of this genesis, with what it owes in the module's account.
fn imported(genesis: &GenesisState, held: u128) -> openledger_core::Result<Chain> {
    Chain::of(&genesis.encode_to_vec(), |ctx| {
        Bank::default().credit_genesis(ctx, &Address::module("datanet"), &coins(held)).unwrap();
    })
}

fn held(chain: &mut Chain) -> u128 {
    chain.balance(&Address::module("datanet")).to_string().parse().unwrap()
}

#[test]
fn a_chain_made_of_an_exported_genesis_exports_the_same_and_goes_on() {
    let mut chain = lived();
    let (genesis, held) = (exported(&mut chain), held(&mut chain));
    Datanets::default().validate_genesis(&genesis.encode_to_vec()).unwrap();
    let mut again = imported(&genesis, held).unwrap();
    assert_eq!(exported(&mut again), genesis);
    again.block.height = chain.block.height + 1;
    for seq in 1..genesis.next_seq {
        assert_eq!(again.owed(seq), chain.owed(seq), "contribution {seq}");
        assert_eq!(again.contribution(seq), chain.contribution(seq));
    }
    let hidden = genesis.next_seq - 1;
    again.deliver(&reveal(hidden, 2, b"hidden")).unwrap();
    again.deliver(&review(hidden, 1, Some(4))).unwrap();
    assert_eq!(again.freeze(1), 2);
}

#[test]
fn a_genesis_whose_money_is_not_there_is_refused() {
    let mut chain = lived();
    let (genesis, held) = (exported(&mut chain), held(&mut chain));
    assert_eq!(code(imported(&genesis, held - 1).map(|_| ())), 2);
    assert_eq!(code(imported(&genesis, held + 1).map(|_| ())), 2);
}

#[test]
fn a_genesis_that_contradicts_itself_is_refused() {
    let good = exported(&mut lived());
    let changes: [fn(&mut GenesisState); 19] = [
        |genesis| genesis.params = None,
        |genesis| genesis.next_seq = 3,
        |genesis| genesis.next_datanet_id = 2,
        |genesis| genesis.datanets.truncate(1),
        |genesis| genesis.datanets[1].id = 1,
        |genesis| genesis.contributions[0].deposit = "5".into(),
        |genesis| genesis.contributions[0].status = 0,
        |genesis| genesis.contributions[0].acceptance = None,
        |genesis| genesis.contributions[0].acceptance.as_mut().unwrap().accept_index = 1,
        |genesis| genesis.contributions[0].acceptance.as_mut().unwrap().share_index += 1,
        |genesis| genesis.contributions[0].reveal.as_mut().unwrap().length += 1,
        |genesis| genesis.contributions[0].commons = true,
        |genesis| genesis.versions[0].version.as_mut().unwrap().root[0] ^= 1,
        |genesis| genesis.versions[0].version.as_mut().unwrap().version = 2,
        |genesis| genesis.contents.clear(),
        |genesis| genesis.contents[0].content.push(0),
        |genesis| genesis.baselines[0].sharing_index += 1,
        |genesis| genesis.shares[0].claimed = "9999999".into(),
        |genesis| genesis.commons[0].changes.clear(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut genesis = good.clone();
        change(&mut genesis);
        let result = Datanets::default().validate_genesis(&genesis.encode_to_vec());
        assert!(result.is_err(), "change {number} passed");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_genesis_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Datanets::default().validate_genesis(&bytes);
    }

    #[test]
    fn a_genesis_with_one_byte_changed_is_answered_without_a_panic(at: usize, flip in 1u8..) {
        let mut bytes = exported(&mut small()).encode_to_vec();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let _ = Datanets::default().validate_genesis(&bytes);
    }
}

fn small() -> Chain {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 2, b"content");
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 10).unwrap();
    chain
}
