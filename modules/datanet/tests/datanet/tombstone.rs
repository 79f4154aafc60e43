use openledger_core::Address;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn tombstone(seq: u64, authority: String) -> MsgTombstone {
    MsgTombstone { authority, seq, reason: "notice 17".into() }
}

fn gov() -> String {
    Address::module("gov").to_string()
}

#[test]
fn a_tombstone_holds_from_the_next_height_on() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seq = chain.accepted(id, 2, b"content");
    let height = chain.block.height;
    assert_eq!(chain.deliver(&tombstone(seq, gov())).unwrap().height, height + 1);
    let contribution = chain.contribution(seq);
    assert!(!contribution.is_tombstoned_at(height));
    assert!(contribution.is_tombstoned_at(height + 1));
    assert_eq!(code(chain.deliver(&tombstone(seq, gov()))), 20, "twice");
}

#[test]
fn governance_alone_may_and_not_the_owner() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seq = chain.pending(id, 2, b"content");
    for stranger in [1, 2, 3] {
        assert_eq!(chain.deliver(&tombstone(seq, name(stranger))).unwrap_err().code, 13, "gov's own code");
    }
    chain.deliver(&tombstone(seq, gov())).unwrap();
    assert_eq!(code(chain.deliver(&review(seq, 1, Some(1)))), 20, "what is out is not accepted");
    chain.deliver(&review(seq, 1, None)).unwrap();
}

#[test]
fn it_takes_the_content_off_the_chain_and_ends_the_share() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let content = [5; 64];
    let seq = chain.commit(id, 2, &content);
    chain.next_block();
    chain.deliver(&MsgRevealContribution { content: content.to_vec(), ..reveal(seq, 2, &content) }).unwrap();
    chain.deliver(&review(seq, 1, Some(10_000))).unwrap();
    let other = chain.accepted(id, 3, &[6; 64]);
    let version = chain.freeze(id);
    chain.deliver(&tombstone(seq, gov())).unwrap();
    let keeper = chain.keeper;
    assert_eq!(keeper.content(&chain.ctx(), seq).unwrap(), None);
    chain.credit_baseline(&[(id, version)], 900).unwrap();
    assert_eq!((chain.owed(seq), chain.owed(other)), ("0".into(), "900".into()));
}

#[test]
fn what_cannot_be_tombstoned_is_refused() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    assert_eq!(code(chain.deliver(&tombstone(1, gov()))), 8);
    let seq = chain.commit(id, 2, b"hidden");
    assert_eq!(code(chain.deliver(&tombstone(seq, gov()))), 10);
    assert_eq!(code(chain.deliver(&MsgTombstone { reason: String::new(), ..tombstone(seq, gov()) })), 14);
    assert_eq!(code(chain.deliver(&MsgTombstone { reason: "r".repeat(513), ..tombstone(seq, gov()) })), 14);
}
