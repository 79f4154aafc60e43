//! Corrections, labels, evaluations and improvements: what they may point at, and what they are paid.

use openledger_datanet::{divide_pay, Payee};
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

pub fn sharing() -> Policy {
    let pointers =
        PointerPolicy { corrections_bps: 3_000, labels_bps: 900, evaluations_bps: 600, improvements_bps: 300 };
    Policy { pointers: Some(pointers), ..policy() }
}

/// Commits and reveals what points at a contribution.
pub fn pointing(chain: &mut Chain, datanet: u64, author: u8, content: &[u8], kind: PointerKind, at: u64) -> u64 {
    let seq = chain.commit(datanet, author, content);
    chain.next_block();
    chain.deliver(&aimed(seq, author, content, kind, at)).unwrap();
    seq
}

fn aimed(seq: u64, author: u8, content: &[u8], kind: PointerKind, at: u64) -> MsgRevealContribution {
    let points_at = Some(Pointer { kind: kind.into(), seq: at });
    MsgRevealContribution { points_at, ..reveal(seq, author, content) }
}

fn paid(chain: &mut Chain, seq: u64) -> Vec<(Payee, u32)> {
    let keeper = chain.keeper;
    keeper.payees(&chain.ctx(), seq).unwrap()
}

fn to(author: u8) -> Payee {
    Payee::Account(account(author))
}

#[test]
fn an_accepted_correction_has_its_part_of_what_it_corrects_by_its_score() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let work = chain.accepted(id, 2, b"the capital of France is Lyon");
    assert_eq!(paid(&mut chain, work), [(to(2), 10_000)]);
    let right = pointing(&mut chain, id, 3, b"the capital of France is Paris", PointerKind::Correction, work);
    assert_eq!(paid(&mut chain, work), [(to(2), 10_000)], "not before it is accepted");
    chain.deliver(&review(right, 1, Some(5_000))).unwrap();
    assert_eq!(paid(&mut chain, work), [(to(2), 9_500), (to(3), 500)], "half of a third of 3,000");
    let label = pointing(&mut chain, id, 4, b"geography", PointerKind::Label, work);
    chain.deliver(&review(label, 1, Some(10_000))).unwrap();
    assert_eq!(paid(&mut chain, work), [(to(2), 9_200), (to(3), 500), (to(4), 300)]);
    let parts = divide_pay(1_003u64.into(), &paid(&mut chain, work)).unwrap();
    let amounts: Vec<u128> = parts.iter().map(|(_, part)| part.to_string().parse().unwrap()).collect();
    assert_eq!(amounts, [923, 50, 30], "the author takes what rounding leaves");
    let listed: QueryPointersResponse =
        chain.query("Pointers", &QueryPointersRequest { seq: work, pagination: None }).unwrap();
    let seqs: Vec<u64> = listed.contributions.iter().map(|found| found.seq).collect();
    assert_eq!(seqs, [right, label]);
    assert_eq!(listed.contributions[0].acceptance.as_ref().unwrap().pointer_bps, 500);
    let answer: QueryPayeesResponse = chain.query("Payees", &QueryPayeesRequest { seq: work }).unwrap();
    assert_eq!(answer.payees.iter().map(|payee| payee.bps).sum::<u32>(), 10_000);
}

#[test]
fn a_pointers_own_words_are_its_own_and_have_no_share_of_the_baseline() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let work = chain.accepted(id, 2, &[1; 512]);
    let seq = pointing(&mut chain, id, 3, &[2; 512], PointerKind::Improvement, work);
    chain.deliver(&review(seq, 1, Some(SCORE))).unwrap();
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!((chain.owed(work), chain.owed(seq)), ("1000".into(), "0".into()));
    assert_eq!(paid(&mut chain, seq), [(to(3), 10_000)]);
    assert_eq!(chain.contribution(seq).accept_index(), Some(1), "it is in the version like any other");
}

#[test]
fn the_fourth_of_a_kind_is_recorded_and_unpaid_and_dilutes_nobody() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let work = chain.accepted(id, 2, b"a work");
    for author in 3..8 {
        let text = format!("the label of {author}");
        let seq = pointing(&mut chain, id, author, text.as_bytes(), PointerKind::Label, work);
        chain.deliver(&review(seq, 1, Some(10_000))).unwrap();
    }
    assert_eq!(paid(&mut chain, work), [(to(2), 9_100), (to(3), 300), (to(4), 300), (to(5), 300)]);
    let listed: QueryPointersResponse =
        chain.query("Pointers", &QueryPointersRequest { seq: work, pagination: None }).unwrap();
    assert_eq!(listed.contributions.len(), 5);
}

#[test]
fn pointing_at_ones_own_work_earns_nothing_and_takes_nobodys_place() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let work = chain.accepted(id, 2, b"a work");
    for text in [b"one", b"two", b"six"] {
        let seq = pointing(&mut chain, id, 2, text, PointerKind::Correction, work);
        chain.deliver(&review(seq, 1, Some(10_000))).unwrap();
    }
    let other = pointing(&mut chain, id, 3, b"another's", PointerKind::Correction, work);
    chain.deliver(&review(other, 1, Some(10_000))).unwrap();
    assert_eq!(paid(&mut chain, work), [(to(2), 9_000), (to(3), 1_000)]);
}

#[test]
fn a_change_of_policy_takes_no_part_of_what_was_accepted_before() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let before = chain.accepted(id, 2, b"before");
    let greedy = PointerPolicy { corrections_bps: 5_000, ..Default::default() };
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: id,
        title: "Rust".into(),
        description: String::new(),
        schema: String::new(),
        policy: Some(Policy { pointers: Some(greedy), ..policy() }),
    };
    chain.deliver(&update).unwrap();
    let after = chain.accepted(id, 2, b"after");
    for (at, text, part) in [(before, "first", 1_000), (after, "second", 1_666)] {
        let seq = pointing(&mut chain, id, 3, text.as_bytes(), PointerKind::Correction, at);
        chain.deliver(&review(seq, 1, Some(10_000))).unwrap();
        assert_eq!(paid(&mut chain, at), [(to(2), 10_000 - part), (to(3), part)]);
    }
}

#[test]
fn what_was_withdrawn_pays_the_baseline_and_its_pointers_nothing() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let work = chain.accepted(id, 2, b"a work");
    let seq = pointing(&mut chain, id, 3, b"a correction", PointerKind::Correction, work);
    chain.deliver(&review(seq, 1, Some(10_000))).unwrap();
    chain.deliver(&MsgWithdrawContribution { author: name(3), seq }).unwrap();
    assert_eq!(
        paid(&mut chain, work),
        [(to(2), 9_000), (Payee::Baseline, 1_000)],
        "the pointer's part is nobody else's"
    );
    chain.deliver(&MsgWithdrawContribution { author: name(2), seq: work }).unwrap();
    assert_eq!(paid(&mut chain, work), [(Payee::Baseline, 10_000)]);
}

#[test]
fn pointers_at_what_cannot_be_pointed_at_are_refused() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let other = chain.datanet();
    let work = chain.accepted(id, 2, b"a work");
    let elsewhere = chain.accepted(other, 2, b"a work elsewhere");
    let pending = chain.pending(id, 4, b"pending");
    let pointer = pointing(&mut chain, id, 3, b"a label", PointerKind::Label, work);
    chain.deliver(&review(pointer, 1, Some(10_000))).unwrap();
    let seq = chain.commit(id, 5, b"points");
    chain.next_block();
    for at in [elsewhere, pending, pointer, seq] {
        assert_eq!(code(chain.deliver(&aimed(seq, 5, b"points", PointerKind::Correction, at))), 60, "at {at}");
    }
    assert_eq!(code(chain.deliver(&aimed(seq, 5, b"points", PointerKind::Correction, 99))), 8);
    assert_eq!(code(chain.deliver(&aimed(seq, 5, b"points", PointerKind::Unspecified, work))), 60);
    let rights = Rights { kind: RightsKind::Custodial.into(), on_behalf_of: "Ada".into(), ..Default::default() };
    let custodial =
        MsgRevealContribution { rights: Some(rights), ..aimed(seq, 5, b"points", PointerKind::Correction, work) };
    assert_eq!(code(chain.deliver(&custodial)), 60);
    chain.deliver(&aimed(seq, 5, b"points", PointerKind::Correction, work)).unwrap();
}

#[test]
fn a_policy_that_gives_more_than_half_away_is_refused() {
    let mut chain = Chain::new();
    for (corrections_bps, labels_bps) in [(5_001, 0), (2_501, 2_500), (u32::MAX, u32::MAX)] {
        let pointers = Some(PointerPolicy { corrections_bps, labels_bps, ..Default::default() });
        assert_eq!(code(chain.deliver(&create(Policy { pointers, ..policy() }))), 60);
    }
}

#[test]
fn a_curator_does_not_judge_what_points_at_an_own_work() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(sharing())).unwrap().datanet_id;
    let work = chain.accepted(id, 3, b"a curator's work");
    let policy = Policy { curators: vec![name(3), name(4)], quorum: 1, ..sharing() };
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: id,
        title: "t".into(),
        policy: Some(policy),
        ..Default::default()
    };
    chain.deliver(&update).unwrap();
    let right = pointing(&mut chain, id, 2, b"a correction of it", PointerKind::Correction, work);
    assert_eq!(code(chain.deliver(&review(right, 3, None))), 16);
    chain.deliver(&review(right, 4, Some(10_000))).unwrap();
    assert_eq!(paid(&mut chain, work), [(to(3), 9_000), (to(2), 1_000)]);
}
