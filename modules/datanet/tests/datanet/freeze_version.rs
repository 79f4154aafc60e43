use openledger_proto::openledger::datanet::v1::*;
use openledger_provenance::mmr::{Accepted, Inclusion};

use crate::chain::*;

#[test]
fn a_version_is_a_prefix_and_each_contribution_of_it_is_proven() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let mut seqs: Vec<u64> = (0..5u8).map(|n| chain.accepted(id, 2, &[n; 40])).collect();
    assert_eq!(chain.freeze(id), 1);
    seqs.extend((5..8u8).map(|n| chain.accepted(id, 3, &[n; 40])));
    assert_eq!(chain.freeze(id), 2);
    let keeper = chain.keeper;
    for (version, count) in [(1u32, 5u64), (2, 8)] {
        let root = keeper.version_root(&chain.ctx(), id, version).unwrap().unwrap();
        assert_eq!(root.count, count);
        for (place, seq) in (0u64..).zip(&seqs) {
            let request = QueryVersionInclusionRequest { datanet_id: id, version, seq: *seq };
            let answer = chain.query::<_, QueryVersionInclusionResponse>("VersionInclusion", &request);
            if place >= count {
                answer.unwrap_err();
                continue;
            }
            let answer = answer.unwrap();
            let path = answer.path.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect();
            let proof = Inclusion { accept_index: answer.accept_index, path };
            let commitment = chain.contribution(*seq).commitment().unwrap().unwrap();
            proof.verify(&root, &Accepted { seq: *seq, commitment }).unwrap();
        }
    }
}

#[test]
fn later_acceptances_do_not_change_a_version() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 2, b"one");
    chain.freeze(id);
    let keeper = chain.keeper;
    let before = keeper.version(&chain.ctx(), id, 1).unwrap().unwrap();
    chain.accepted(id, 2, b"two");
    chain.freeze(id);
    assert_eq!(keeper.version(&chain.ctx(), id, 1).unwrap().unwrap(), before);
    assert_eq!((before.count, before.total_index, before.frozen_height), (1, 3 * u64::from(SCORE), 2));
}

#[test]
fn only_the_owner_freezes_and_only_what_is_new() {
    let mut chain = Chain::new();
    let freeze = |owner| MsgFreezeVersion { owner: name(owner), datanet_id: 1 };
    assert_eq!(code(chain.deliver(&freeze(1))), 5);
    let id = chain.datanet();
    assert_eq!(code(chain.deliver(&freeze(1))), 21, "empty");
    chain.accepted(id, 2, b"one");
    assert_eq!(code(chain.deliver(&freeze(2))), 6);
    let response = chain.deliver(&freeze(1)).unwrap();
    assert_eq!((response.version, response.count, response.root.len()), (1, 1, 32));
    assert_eq!(code(chain.deliver(&freeze(1))), 21, "nothing new");
}
