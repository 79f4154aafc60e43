//! A genesis of what happened to contents: it comes back as it was, and contradictions are refused.

use openledger_core::Module;
use openledger_datanet::Datanets;
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::Message;

use crate::chain::*;
use crate::genesis::{exported, held, imported};

/// Pointers, rulings, disputes with and without a draw, challenges open and missed, custody proven and held.
fn lived() -> Chain {
    let mut made = crate::availability::chain();
    let id = made.deliver(&create(crate::pointers::sharing())).unwrap().datanet_id;
    let chain = &mut made;
    let text = crate::duplicates::prose(7, 600);
    let (source, copy) = (chain.accepted(id, 2, &text), chain.accepted(id, 3, &[b"1", &text[..]].concat()));
    let pointer = crate::pointers::pointing(chain, id, 6, b"right", PointerKind::Correction, source);
    chain.deliver(&review(pointer, 1, Some(9_000))).unwrap();
    crate::duplicates::ruled(chain, 4, (copy, &[b"1", &text[..]].concat()), (source, &text));
    for (content, author) in [(b"ada's", 5), (b"bea's", 6)] {
        let seq = crate::custody::brought(chain, id, content, &name(author));
        if author == 5 {
            chain.deliver(&MsgProveCustody { author: name(5), seq }).unwrap();
        }
    }
    chain.deliver(&MsgChallengeAvailability { challenger: name(4), seq: source, chunk: 1 }).unwrap();
    for _ in 0..8 {
        chain.next_block();
    }
    chain.deliver(&MsgChallengeAvailability { challenger: name(4), seq: source, chunk: 2 }).unwrap();
    chain.deliver(&MsgCommitDuplicate { disputant: name(4), seq: source }).unwrap();
    chain.next_block();
    chain.deliver(&MsgCommitDuplicate { disputant: name(5), seq: source }).unwrap();
    made
}

fn content(genesis: &mut GenesisState) -> &mut ContentState {
    genesis.content.as_mut().unwrap()
}

#[test]
fn what_happened_to_contents_comes_back_and_goes_on() {
    let mut chain = lived();
    let (genesis, held) = (exported(&mut chain), held(&mut chain));
    Datanets::default().validate_genesis(&genesis.encode_to_vec()).unwrap();
    let mut again = imported(&genesis, held).unwrap();
    assert_eq!(exported(&mut again), genesis);
    again.block = chain.block.clone();
    let keeper = chain.keeper;
    for seq in 1..genesis.next_seq {
        assert_eq!(keeper.payees(&again.ctx(), seq).unwrap(), keeper.payees(&chain.ctx(), seq).unwrap(), "of {seq}");
    }
    for _ in 0..30 {
        again.next_block();
        chain.next_block();
    }
    assert_eq!(exported(&mut again), exported(&mut chain), "deadlines, draws and holds go on alike");
}

#[test]
fn a_genesis_whose_contents_contradict_themselves_is_refused() {
    let good = exported(&mut lived());
    let changes: [fn(&mut GenesisState); 14] = [
        |genesis| content(genesis).next_duplicate_id = 1,
        |genesis| content(genesis).duplicates.truncate(1),
        |genesis| content(genesis).duplicates[1].bond = "0".into(),
        |genesis| content(genesis).duplicates[1].status = 3,
        |genesis| content(genesis).seeds.push(DuplicateSeed { height: 9, ..Default::default() }),
        |genesis| content(genesis).rulings[0].source = 99,
        |genesis| content(genesis).rulings[0].seq = 1,
        |genesis| content(genesis).challenges[0].missed = false,
        |genesis| content(genesis).challenges[1].deposit = "0".into(),
        |genesis| content(genesis).unavailable.clear(),
        |genesis| content(genesis).custodies[0].seq = 1,
        |genesis| content(genesis).holds[0].seq = 1,
        |genesis| genesis.contributions.iter_mut().for_each(|found| found.left_out.clear()),
        |genesis| {
            genesis
                .contributions
                .iter_mut()
                .filter_map(|found| found.acceptance.as_mut())
                .for_each(|a| a.pointer_bps = 7)
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut genesis = good.clone();
        change(&mut genesis);
        let result = Datanets::default().validate_genesis(&genesis.encode_to_vec());
        assert!(result.is_err(), "change {number} passed");
    }
}
