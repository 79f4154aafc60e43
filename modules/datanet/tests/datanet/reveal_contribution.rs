use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

/// A chain with a commit of `b"content"` by account 2, one block later.
fn committed() -> Chain {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.commit(id, 2, b"content");
    chain.next_block();
    chain
}

fn good() -> MsgRevealContribution {
    reveal(1, 2, b"content")
}

#[test]
fn a_reveal_shows_what_was_committed() {
    let mut chain = committed();
    chain.deliver(&good()).unwrap();
    let request = QueryContributionRequest { seq: 1 };
    let found: QueryContributionResponse = chain.query("Contribution", &request).unwrap();
    let contribution = found.contribution.unwrap();
    assert_eq!(contribution.status(), ContributionStatus::Pending);
    let shown = contribution.reveal.unwrap();
    assert_eq!((shown.root, shown.length, shown.height), (good().root, 7, 2));
    assert_eq!((shown.rights, shown.on_chain), (good().rights, false));
    assert!(found.content.is_empty());
    let digits = good().root.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = QueryContributionsByRootRequest { root_hex: digits, pagination: None };
    let found: QueryContributionsByRootResponse = chain.query("ContributionsByRoot", &request).unwrap();
    assert_eq!(found.contributions.len(), 1);
    assert_eq!(chain.outcomes(2), [3]);
}

#[test]
fn a_reveal_is_in_time_from_the_next_block_to_the_deadline() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.commit(id, 2, b"content");
    assert_eq!(code(chain.deliver(&good())), 11, "in the commit's block");
    for _ in 0..WINDOW {
        chain.next_block();
    }
    chain.deliver(&good()).unwrap();
    chain.next_block();
    assert_eq!(chain.contribution(1).status, Status::Pending, "a revealed commit does not expire");
    assert_eq!(code(chain.deliver(&good())), 10, "twice");
}

#[test]
fn only_the_author_with_the_committed_root_length_and_salt_reveals() {
    let mut chain = committed();
    assert_eq!(code(chain.deliver(&MsgRevealContribution { author: name(3), ..good() })), 9);
    assert_eq!(code(chain.deliver(&MsgRevealContribution { seq: 2, ..good() })), 8);
    for bad in [
        MsgRevealContribution { salt: vec![0; 32], ..good() },
        MsgRevealContribution { length: 8, ..good() },
        MsgRevealContribution { root: vec![1; 32], ..good() },
        reveal(1, 2, b"another content"),
    ] {
        assert_eq!(code(chain.deliver(&bad)), 13);
    }
    chain.deliver(&good()).unwrap();
}

#[test]
fn fields_that_cannot_be_are_refused() {
    let mut chain = committed();
    let rights = |kind: RightsKind, licence: &str, on_behalf_of: &str| {
        Some(Rights { kind: kind.into(), licence: licence.into(), on_behalf_of: on_behalf_of.into() })
    };
    for bad in [
        MsgRevealContribution { length: 0, ..good() },
        MsgRevealContribution { length: u64::MAX, ..good() },
        MsgRevealContribution { length: 100_001, ..good() },
        MsgRevealContribution { rights: None, ..good() },
        MsgRevealContribution { rights: rights(RightsKind::Unspecified, "", ""), ..good() },
        MsgRevealContribution { rights: rights(RightsKind::Own, "MIT", ""), ..good() },
        MsgRevealContribution { rights: rights(RightsKind::PublicDomain, "", "Ada"), ..good() },
        MsgRevealContribution { rights: rights(RightsKind::Custodial, "", ""), ..good() },
        MsgRevealContribution { rights: rights(RightsKind::Custodial, "MIT", "Ada"), ..good() },
        MsgRevealContribution { location: String::new(), ..good() },
        MsgRevealContribution { location: "somewhere".into(), ..good() },
        MsgRevealContribution { metadata: "m".repeat(1_001), ..good() },
        MsgRevealContribution { media_type: "markdown".into(), ..good() },
        MsgRevealContribution { content: vec![0; 4_097], ..good() },
    ] {
        assert_eq!(code(chain.deliver(&bad)), 14, "{bad:?}");
    }
    for short in
        [MsgRevealContribution { root: vec![1; 31], ..good() }, MsgRevealContribution { salt: Vec::new(), ..good() }]
    {
        assert_eq!(coded(chain.deliver(&short)), ("sdk", 18), "{short:?}");
    }
    let unlicensed = MsgRevealContribution { rights: rights(RightsKind::Licensed, "", ""), ..good() };
    assert_eq!(code(chain.deliver(&unlicensed)), 4, "no SPDX expression");
    let custodial = MsgRevealContribution { rights: rights(RightsKind::Custodial, "", "Ada Lovelace"), ..good() };
    chain.deliver(&custodial).unwrap();
}

#[test]
fn a_small_content_may_lie_on_chain_if_it_is_the_committed_one() {
    let mut chain = committed();
    let other = MsgRevealContribution { content: b"conten7".to_vec(), ..good() };
    assert_eq!(code(chain.deliver(&other)), 15);
    let on_chain = MsgRevealContribution { content: b"content".to_vec(), location: String::new(), ..good() };
    chain.deliver(&on_chain).unwrap();
    let found: QueryContributionResponse = chain.query("Contribution", &QueryContributionRequest { seq: 1 }).unwrap();
    assert_eq!(found.content, b"content");
    let largest = vec![7; 4_096];
    let seq = chain.commit(1, 3, &largest);
    chain.next_block();
    chain.deliver(&MsgRevealContribution { content: largest.clone(), ..reveal(seq, 3, &largest) }).unwrap();
}

#[test]
fn a_copied_commit_is_worth_nothing_to_its_copier() {
    let mut chain = committed();
    let copy = MsgCommitContribution { author: name(3), ..commit(1, 2, b"content") };
    let seq = chain.deliver(&copy).unwrap().seq;
    chain.next_block();
    let stolen = MsgRevealContribution { author: name(3), seq, ..good() };
    assert_eq!(code(chain.deliver(&stolen)), 13, "the author is a part of the hash");
}
