use openledger_core::Coin;
use openledger_datanet::governance::BondKind;
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

const DAY: i64 = 86_400;

fn bonded() -> Policy {
    Policy {
        admission: Admission::Bonded.into(),
        contributor_bond: (2 * OPEN).to_string(),
        contributor_slash_bps: 5_000,
        ..policy()
    }
}

fn bond(who: u8, amount: u128) -> MsgBondContributor {
    MsgBondContributor { account: name(who), datanet_id: 1, amount: Some(Coin::base(amount).to_proto()) }
}

fn unbond(who: u8, amount: u128) -> MsgUnbondContributor {
    MsgUnbondContributor { account: name(who), datanet_id: 1, amount: Some(Coin::base(amount).to_proto()) }
}

#[test]
fn who_has_not_bonded_enough_does_not_contribute() {
    let mut chain = Chain::new();
    chain.deliver(&create(bonded())).unwrap();
    assert_eq!(code(chain.deliver(&commit(1, 2, b"content"))), 49);
    chain.deliver(&bond(2, 2 * OPEN - 1)).unwrap();
    assert_eq!(code(chain.deliver(&commit(1, 2, b"content"))), 49);
    chain.deliver(&bond(2, 1)).unwrap();
    chain.commit(1, 2, b"content");
    assert_eq!(chain.bonded(1, BondKind::Contributor, 2), (2 * OPEN, OPEN), "half of it is at risk");
    assert_eq!(code(chain.deliver(&commit(1, 2, b"more"))), 49, "what is locked does not count twice");
    chain.commit(1, 1, b"the owner needs none");
}

#[test]
fn a_rejection_and_an_expiry_burn_what_the_policy_of_the_commit_said() {
    let mut chain = Chain::new();
    chain.deliver(&create(bonded())).unwrap();
    chain.deliver(&bond(2, 4 * OPEN)).unwrap();
    let rejected = chain.pending(1, 2, b"rejected");
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: 1,
        title: "t".into(),
        policy: Some(Policy { contributor_slash_bps: 10_000, ..bonded() }),
        ..Default::default()
    };
    chain.deliver(&update).unwrap();
    chain.deliver(&review(rejected, 1, None)).unwrap();
    assert_eq!(chain.bonded(1, BondKind::Contributor, 2), (3 * OPEN, 0), "half, not all");
    chain.commit(1, 2, b"never shown");
    assert_eq!(chain.bonded(1, BondKind::Contributor, 2), (3 * OPEN, 2 * OPEN));
    chain.blocks(WINDOW + 1);
    assert_eq!(chain.bonded(1, BondKind::Contributor, 2), (OPEN, 0));
}

#[test]
fn what_is_accepted_or_withdrawn_frees_the_bond_and_unbonding_takes_its_time() {
    let mut chain = Chain::new();
    chain.deliver(&create(bonded())).unwrap();
    chain.deliver(&bond(2, 3 * OPEN)).unwrap();
    let seq = chain.pending(1, 2, b"content");
    assert_eq!(code(chain.deliver(&unbond(2, 2 * OPEN + 1))), 49, "one is locked");
    chain.deliver(&review(seq, 1, Some(5))).unwrap();
    let other = chain.pending(1, 2, b"withdrawn");
    chain.deliver(&MsgWithdrawContribution { author: name(2), seq: other }).unwrap();
    chain.blocks(WINDOW + 1);
    assert_eq!(chain.bonded(1, BondKind::Contributor, 2), (3 * OPEN, 0));
    chain.deliver(&unbond(2, 3 * OPEN)).unwrap();
    assert_eq!(code(chain.deliver(&commit(1, 2, b"unbonding counts for nothing"))), 49);
    chain.blocks(PERIOD / 5);
    assert_eq!(chain.purse(2), PURSE - 3 * OPEN);
    chain.next_block();
    assert_eq!(chain.purse(2), PURSE);
}

fn assessed() -> Policy {
    Policy { admission: Admission::Assessment.into(), pass_mark: 6_000, review_window_blocks: 4, ..policy() }
}

fn apply(who: u8) -> MsgApply {
    MsgApply { applicant: name(who), datanet_id: 1, answer: "forty-two".into() }
}

fn assess(assessor: u8, who: u8, score: u32) -> MsgAssess {
    MsgAssess { assessor: name(assessor), datanet_id: 1, applicant: name(who), score }
}

#[test]
fn who_passes_the_assessment_is_admitted() {
    let mut chain = Chain::new();
    chain.deliver(&create(assessed())).unwrap();
    assert_eq!(code(chain.deliver(&commit(1, 2, b"content"))), 7);
    chain.deliver(&apply(2)).unwrap();
    assert_eq!(code(chain.deliver(&apply(2))), 51, "one at a time");
    assert_eq!(code(chain.deliver(&assess(2, 2, 10_000))), 16, "of oneself");
    assert_eq!(code(chain.deliver(&assess(3, 2, 10_000))), 16);
    let decided = chain.deliver(&assess(1, 2, 6_000)).unwrap();
    assert!(decided.decided && decided.admitted);
    assert_eq!(chain.purse(2), PURSE);
    chain.commit(1, 2, b"content");
    chain.deliver(&apply(3)).unwrap();
    let decided = chain.deliver(&assess(1, 3, 5_999)).unwrap();
    assert!(decided.decided && !decided.admitted);
    assert_eq!(code(chain.deliver(&commit(1, 3, b"content"))), 7);
    assert_eq!(chain.purse(3), PURSE);
}

#[test]
fn curators_assess_to_the_quorum_by_the_policy_of_the_application() {
    let mut chain = Chain::new();
    let curated = Policy { curators: (3..6).map(name).collect(), quorum: 2, ..assessed() };
    chain.deliver(&create(curated)).unwrap();
    chain.deliver(&apply(2)).unwrap();
    assert_eq!(code(chain.deliver(&assess(1, 2, 1))), 16, "not the owner");
    assert!(!chain.deliver(&assess(3, 2, 10_000)).unwrap().decided);
    assert_eq!(code(chain.deliver(&assess(3, 2, 10_000))), 51, "twice");
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: 1,
        title: "t".into(),
        policy: Some(Policy { pass_mark: 9_999, ..assessed() }),
        ..Default::default()
    };
    chain.deliver(&update).unwrap();
    let decided = chain.deliver(&assess(4, 2, 7_000)).unwrap();
    assert!(decided.decided && decided.admitted, "the lower of two marks, against 6,000");
}

#[test]
fn an_application_that_nobody_assesses_is_refused_in_time() {
    let mut chain = Chain::new();
    chain.deliver(&create(assessed())).unwrap();
    chain.deliver(&apply(2)).unwrap();
    chain.blocks(4);
    let request = QueryApplicationsRequest { datanet_id: 1, pagination: None };
    let open: QueryApplicationsResponse = chain.query("Applications", &request).unwrap();
    assert_eq!(open.applications[0].deadline, 5);
    chain.next_block();
    assert_eq!(chain.purse(2), PURSE);
    assert_eq!(code(chain.deliver(&assess(1, 2, 10_000))), 51);
    chain.deliver(&apply(2)).unwrap();
    for bad in [MsgApply { answer: String::new(), ..apply(3) }, MsgApply { answer: "a".repeat(2_001), ..apply(3) }] {
        assert_eq!(code(chain.deliver(&bad)), 51);
    }
    assert_eq!(code(chain.deliver(&apply(1))), 51, "the owner");
}

#[test]
fn a_quota_is_not_doubled_by_waiting_for_midnight() {
    let mut chain = Chain::new();
    chain.deliver(&create(Policy { daily_count: 4, ..policy() })).unwrap();
    chain.block.time_seconds = 100 * DAY - 1;
    for content in 0u8..4 {
        chain.commit(1, 2, &[content]);
    }
    assert_eq!(code(chain.deliver(&commit(1, 2, b"a fifth"))), 50);
    chain.commit(1, 3, b"another account's");
    chain.block.time_seconds = 100 * DAY;
    assert_eq!(code(chain.deliver(&commit(1, 2, b"midnight"))), 50);
    chain.block.time_seconds = 100 * DAY + DAY / 4;
    chain.commit(1, 2, b"a quarter of the day frees a quarter of the quota");
    assert_eq!(code(chain.deliver(&commit(1, 2, b"and no more"))), 50);
    let request = QueryQuotaRequest { datanet_id: 1, account: name(2) };
    let used: QueryQuotaResponse = chain.query("Quota", &request).unwrap();
    assert_eq!((used.used_count, used.quota.unwrap().count), (4, 1));
    chain.block.time_seconds = 103 * DAY;
    chain.commit(1, 2, b"days later");
}

#[test]
fn bytes_count_on_the_day_of_their_reveal_whatever_the_day_of_the_commit() {
    let mut chain = Chain::new();
    chain.deliver(&create(Policy { daily_bytes: 1_000, ..policy() })).unwrap();
    chain.block.time_seconds = 50 * DAY;
    let first = chain.commit(1, 2, &[1; 600]);
    chain.block.time_seconds = 51 * DAY;
    let second = chain.commit(1, 2, &[2; 600]);
    chain.block.time_seconds = 53 * DAY;
    chain.next_block();
    chain.deliver(&reveal(first, 2, &[1; 600])).unwrap();
    assert_eq!(code(chain.deliver(&reveal(second, 2, &[2; 600]))), 50);
    chain.block.time_seconds = 54 * DAY + 2 * DAY / 3;
    chain.deliver(&reveal(second, 2, &[2; 600])).unwrap();
}

#[test]
fn a_reveal_is_held_against_the_policy_of_its_commit() {
    let mut chain = Chain::new();
    let strict = Policy {
        min_length: 5,
        max_length: 10,
        media_types: vec!["text/*".into(), "application/json".into()],
        licences: vec!["MIT".into(), "CC0-1.0".into()],
        ..policy()
    };
    chain.deliver(&create(strict)).unwrap();
    let short = chain.commit(1, 2, b"four");
    let long = chain.commit(1, 2, b"eleven here");
    let fits = chain.commit(1, 2, b"seven..");
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: 1,
        title: "t".into(),
        policy: Some(Policy { max_length: 6, media_types: vec!["image/*".into()], ..policy() }),
        ..Default::default()
    };
    chain.deliver(&update).unwrap();
    chain.next_block();
    assert_eq!(code(chain.deliver(&reveal(short, 2, b"four"))), 14);
    assert_eq!(code(chain.deliver(&reveal(long, 2, b"eleven here"))), 14);
    let good = reveal(fits, 2, b"seven..");
    let licensed = |licence: &str| {
        Some(Rights { kind: RightsKind::Licensed.into(), licence: licence.into(), ..Default::default() })
    };
    for bad in [
        MsgRevealContribution { media_type: "image/png".into(), ..good.clone() },
        MsgRevealContribution { rights: licensed("Apache-2.0"), ..good.clone() },
    ] {
        assert_eq!(code(chain.deliver(&bad)), 14);
    }
    chain.deliver(&MsgRevealContribution { media_type: "Application/JSON".into(), ..good }).unwrap();
    chain.deliver(&review(fits, 1, Some(1))).unwrap();
    assert_eq!(chain.contribution(fits).status, Status::Accepted);
}

#[test]
fn a_modality_tells_what_comes_in_where_no_list_does() {
    let mut chain = Chain::new();
    let images = MsgCreateDatanet { modality: Modality::Image.into(), ..create(policy()) };
    chain.deliver(&images).unwrap();
    let seq = chain.commit(1, 2, b"content");
    chain.next_block();
    assert_eq!(code(chain.deliver(&reveal(seq, 2, b"content"))), 14);
    chain.deliver(&MsgRevealContribution { media_type: "image/png".into(), ..reveal(seq, 2, b"content") }).unwrap();
}

#[test]
fn policies_that_contradict_themselves_are_refused() {
    let mut chain = Chain::new();
    for bad in [
        Policy { admission: Admission::Bonded.into(), ..policy() },
        Policy { contributor_bond: "1".into(), ..policy() },
        Policy { contributor_slash_bps: 1, ..policy() },
        Policy { contributor_slash_bps: 10_001, ..bonded() },
        Policy { contributor_bond: "-1".into(), ..bonded() },
        Policy { admission: Admission::Assessment.into(), ..policy() },
        Policy { pass_mark: 1, ..policy() },
        Policy { pass_mark: 10_001, ..assessed() },
        Policy { min_length: 100_001, ..policy() },
        Policy { min_length: 10, daily_bytes: 9, ..policy() },
        Policy { media_types: vec!["text".into()], ..policy() },
        Policy { media_types: vec!["text/plain".into(); 17], ..policy() },
        Policy { licences: vec!["free as in beer".into()], ..policy() },
        Policy { licences: vec!["MIT".into(); 33], ..policy() },
        Policy { curator_bond: "1".into(), ..policy() },
        Policy { hidden_reviews: true, ..policy() },
        Policy { hidden_reviews: true, curator_bond: "0".into(), ..bonded_curators() },
        Policy { max_weight_bps: 5_001, ..policy() },
        Policy { score_band: 10_001, ..policy() },
        Policy { review_window_blocks: 1_000_001, ..policy() },
        Policy { review_reveal_blocks: u64::MAX, ..policy() },
    ] {
        assert_eq!(code(chain.deliver(&create(bad.clone()))), 4, "{bad:?}");
    }
}
