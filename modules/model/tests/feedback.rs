//! Feedback: who says what, what it locks, who decides, and what it earns.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::Uint256;
use openledger_core::{Address, BASE_DENOM};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::*;

const AUTHOR: u8 = 3;
const SECOND: u8 = 4;

/// A version whose terms are changed so; its number.
fn version(world: &mut World, parents: &[u64], change: impl FnOnce(&mut Terms)) -> u64 {
    let mut msg = world.version_msg(parents, 0);
    change(msg.terms.as_mut().unwrap());
    world.register(&msg)
}

fn supply(world: &mut World) -> Uint256 {
    let models = world.models;
    world.with(|ctx| models.bank.supply(ctx, BASE_DENOM).unwrap())
}

fn status(world: &World, id: u64) -> (FeedbackStatus, String) {
    let answer: QueryFeedbackResponse = world.ask("Feedback", &QueryFeedbackRequest { id }).unwrap();
    let feedback = answer.feedback.unwrap();
    (feedback.status(), feedback.deposit)
}

fn acts(world: &mut World, who: u8) -> Vec<(u8, u8)> {
    let contributors = world.models.contributors;
    world.with(|ctx| {
        let length = contributors.history_length(ctx, &address(who)).unwrap();
        let entries = (0..length).map(|at| contributors.entry(ctx, &address(who), at).unwrap().unwrap());
        let feedback = entries.filter(|entry| entry.kind == ObjectKind::Feedback as u8);
        feedback.map(|entry| (entry.role, entry.outcome)).collect()
    })
}

#[test]
fn feedback_says_something_in_the_form_of_its_kind() {
    let mut world = World::new();
    let id = world.register_version(&[], 0);
    let result = Evaluation { metric: "MMLU".into(), value: -71_200, decimals: 3, evidence: vec![5; 32] };
    type Wrong = (Box<dyn Fn(&mut MsgSubmitFeedback)>, (&'static str, u32));
    let wrong: Vec<Wrong> = vec![
        (Box::new(|msg| msg.kind = 0), ("model", 4)),
        (Box::new(|msg| msg.kind = 5), ("model", 4)),
        (Box::new(|msg| msg.text = String::new()), ("model", 4)),
        (Box::new(|msg| msg.text = "x".repeat(4_097)), ("sdk", 18)),
        (Box::new(|msg| msg.content = Some(Commitment { root: vec![1; 31], length: 1 })), ("sdk", 18)),
        (Box::new(|msg| msg.content = Some(Commitment { root: vec![1; 32], length: 0 })), ("model", 4)),
        (Box::new(|msg| msg.subject.as_mut().unwrap().settlement = 0), ("model", 4)),
        (Box::new(|msg| msg.subject.as_mut().unwrap().reference = "x".repeat(257)), ("sdk", 18)),
        (Box::new(|msg| msg.kind = FeedbackKind::Evaluation.into()), ("model", 4)),
        (
            Box::new({
                let result = result.clone();
                move |msg| msg.evaluation = Some(result.clone())
            }),
            ("model", 4),
        ),
        (Box::new(|msg| msg.model_version = 9), ("model", 2)),
        (Box::new(|msg| msg.deposit = coin(OPEN - 1)), ("model", 15)),
        (Box::new(|msg| msg.deposit = None), ("sdk", 10)),
    ];
    for (change, code) in wrong {
        let mut msg = feedback_msg(AUTHOR, id);
        change(&mut msg);
        assert_eq!(world.code(&msg), code);
    }
    let evaluation = |result: Evaluation| MsgSubmitFeedback {
        kind: FeedbackKind::Evaluation.into(),
        text: String::new(),
        evaluation: Some(result),
        ..feedback_msg(AUTHOR, id)
    };
    for bad in [
        Evaluation { metric: String::new(), ..result.clone() },
        Evaluation { metric: "x".repeat(65), ..result.clone() },
        Evaluation { decimals: 19, ..result.clone() },
    ] {
        assert_eq!(world.code(&evaluation(bad)), ("model", 4));
    }
    assert_eq!(world.code(&evaluation(Evaluation { evidence: Vec::new(), ..result.clone() })), ("sdk", 18));
    world.ok(&evaluation(result.clone()));
    world.ok(&MsgSubmitFeedback { text: "x".repeat(4_096), ..feedback_msg(AUTHOR, id) });
    let content = Some(Commitment { root: vec![1; 32], length: 9 });
    world.ok(&MsgSubmitFeedback { text: String::new(), content: content.clone(), ..feedback_msg(SECOND, id) });
    let listed = |world: &World, kind: i32| -> Vec<Feedback> {
        let request = QueryFeedbackByVersionRequest { version: id, kind, pagination: None };
        let answer: QueryFeedbackByVersionResponse = world.ask("FeedbackByVersion", &request).unwrap();
        answer.feedback
    };
    let results = listed(&world, FeedbackKind::Evaluation.into());
    assert_eq!(results.iter().map(|feedback| feedback.evaluation.clone().unwrap()).collect::<Vec<_>>(), [result]);
    assert_eq!(listed(&world, 0).len(), 3);
    let request = QueryFeedbackByAuthorRequest { author: text(SECOND), pagination: None };
    let second: QueryFeedbackByAuthorResponse = world.ask("FeedbackByAuthor", &request).unwrap();
    assert_eq!(second.feedback.iter().map(|feedback| feedback.content.clone()).collect::<Vec<_>>(), [content]);
}

#[test]
fn a_version_may_ask_for_more_deposit_than_the_parameters_and_not_for_less() {
    let mut world = World::new();
    let dear = version(&mut world, &[], |terms| terms.feedback_deposit = (3 * OPEN).to_string());
    assert_eq!(world.code(&feedback_msg(AUTHOR, dear)), ("model", 15));
    world.ok(&MsgSubmitFeedback { deposit: coin(3 * OPEN), ..feedback_msg(AUTHOR, dear) });
    let cheap = version(&mut world, &[], |terms| terms.feedback_deposit = "1".into());
    assert_eq!(world.code(&MsgSubmitFeedback { deposit: coin(1), ..feedback_msg(AUTHOR, cheap) }), ("model", 15));
}

#[test]
fn the_owner_decides_until_the_deadline_and_the_deposit_goes_back() {
    let mut world = World::new();
    let id = world.register_version(&[], 0);
    let before = world.balance(&address(AUTHOR));
    for _ in 0..2 {
        world.ok(&feedback_msg(AUTHOR, id));
    }
    assert_eq!(world.balance(&address(AUTHOR)), before - Uint256::from(2 * OPEN));
    assert_eq!(world.code(&MsgDecideFeedback { owner: text(AUTHOR), ..decide(1, true) }), ("model", 3));
    assert_eq!(world.code(&decide(9, true)), ("model", 2));
    assert_eq!(world.code(&MsgDecideFeedback { reason: String::new(), ..decide(1, false) }), ("model", 4));
    assert_eq!(world.code(&MsgDecideFeedback { reason: "x".repeat(513), ..decide(1, false) }), ("sdk", 18));
    world.ok(&decide(1, true));
    assert_eq!(world.code(&decide(1, false)), ("model", 14), "once");
    world.block.time_seconds += 2_592_000;
    world.ok(&decide(2, false));
    assert_eq!(status(&world, 1), (FeedbackStatus::Accepted, "0".into()));
    assert_eq!(status(&world, 2), (FeedbackStatus::Refused, "0".into()));
    assert_eq!(world.balance(&address(AUTHOR)), before);
    let corrector = Role::Corrector as u8;
    let outcomes = [Outcome::Created, Outcome::Created, Outcome::Accepted, Outcome::Rejected];
    assert_eq!(acts(&mut world, AUTHOR), outcomes.map(|outcome| (corrector, outcome as u8)));
    assert_eq!(acts(&mut world, OWNER), [(Role::Owner as u8, Outcome::Answered as u8); 2]);
}

#[test]
fn after_the_deadline_nobody_decides_and_the_author_takes_the_deposit_back() {
    let mut world = World::new();
    let id = world.register_version(&[], 0);
    world.ok(&feedback_msg(AUTHOR, id));
    let before = world.balance(&address(AUTHOR));
    let reclaim = |author| MsgReclaimFeedback { author: text(author), feedback: 1 };
    assert_eq!(world.code(&reclaim(AUTHOR)), ("model", 14), "the owner may still decide");
    world.block.time_seconds += 2_592_001;
    assert_eq!(world.code(&decide(1, true)), ("model", 14));
    assert_eq!(world.code(&reclaim(SECOND)), ("model", 3));
    world.ok(&reclaim(AUTHOR));
    assert_eq!(world.code(&reclaim(AUTHOR)), ("model", 14), "once");
    assert_eq!(status(&world, 1), (FeedbackStatus::Undecided, "0".into()));
    assert_eq!(world.balance(&address(AUTHOR)), before + Uint256::from(OPEN));
    assert_eq!(acts(&mut world, OWNER), [(Role::Owner as u8, Outcome::Expired as u8)], "everybody sees who ignores");
}

#[test]
fn refused_deposits_burn_only_where_the_terms_said_so_and_never_reach_the_owner() {
    let mut world = World::new();
    let strict = version(&mut world, &[], |terms| terms.burn_refused = true);
    world.ok(&feedback_msg(AUTHOR, strict));
    world.ok(&feedback_msg(AUTHOR, strict));
    let (owner, all) = (world.balance(&address(OWNER)), supply(&mut world));
    let author = world.balance(&address(AUTHOR));
    world.ok(&decide(1, false));
    assert_eq!(world.balance(&address(OWNER)), owner);
    assert_eq!(world.balance(&address(AUTHOR)), author);
    assert_eq!(supply(&mut world), all - Uint256::from(OPEN));
    world.ok(&decide(2, true));
    assert_eq!(world.balance(&address(AUTHOR)), author + Uint256::from(OPEN), "accepted: it goes back");
}

#[test]
fn accepted_feedback_earns_of_what_incorporates_it_and_of_all_that_comes_from_that() {
    let mut world = World::new();
    let first = version(&mut world, &[], |terms| terms.feedback_bps = 300);
    let (one, two) = (world.accepted_feedback(AUTHOR, first), world.accepted_feedback(SECOND, first));
    let msg = MsgRegisterModelVersion { incorporates: vec![one, two], ..world.version_msg(&[first], 1_000) };
    let better = world.register(&msg);
    let owner = address(OWNER);
    let expected = [(owner.clone(), 0), (address(AUTHOR), 300), (address(SECOND), 300), (owner.clone(), 9_400)];
    assert_eq!(world.royalties(better), expected);
    // Somebody else's fine-tune pays them too, and again once where two paths lead to them.
    world.ok(&MsgRegisterModel { owner: text(8), name: "Magpie".into(), description: String::new() });
    let theirs = MsgRegisterModelVersion { owner: text(8), model: 2, ..world.version_msg(&[better], 0) };
    let theirs = world.register(&theirs);
    let expected: [(Address, u32); 5] =
        [(owner.clone(), 0), (owner, 1_000), (address(AUTHOR), 300), (address(SECOND), 300), (address(8), 8_400)];
    assert_eq!(world.royalties(theirs), expected);
    let merged = MsgRegisterModelVersion { incorporates: vec![one], ..world.version_msg(&[better, theirs], 0) };
    let merged = world.register(&merged);
    assert_eq!(world.version(merged).feedback.len(), 2);
    assert_eq!(world.version(merged).incorporates, [one]);
    assert_eq!(world.royalties(first).len(), 1, "the version it is on pays nothing");
}

#[test]
fn only_accepted_feedback_on_the_model_or_an_ancestor_goes_into_a_version() {
    let mut world = World::new();
    let id = version(&mut world, &[], |terms| terms.feedback_bps = 300);
    world.ok(&feedback_msg(AUTHOR, id));
    let with = |world: &World, parents: &[u64], incorporates: Vec<u64>| MsgRegisterModelVersion {
        incorporates,
        ..world.version_msg(parents, 0)
    };
    let open = with(&world, &[], vec![1]);
    assert_eq!(world.code(&open), ("model", 14), "open");
    let unknown = with(&world, &[], vec![2]);
    assert_eq!(world.code(&unknown), ("model", 2));
    world.ok(&decide(1, false));
    assert_eq!(world.code(&open), ("model", 14), "refused");
    let good = world.accepted_feedback(AUTHOR, id);
    let twice = with(&world, &[], vec![good, good]);
    assert_eq!(world.code(&twice), ("model", 4));
    world.ok(&MsgRegisterModel { owner: text(8), name: "Magpie".into(), description: String::new() });
    let foreign = MsgRegisterModelVersion { owner: text(8), model: 2, ..with(&world, &[], vec![good]) };
    assert_eq!(world.code(&foreign), ("model", 14), "neither this model's nor an ancestor's");
    let child = MsgRegisterModelVersion { owner: text(8), model: 2, ..with(&world, &[id], vec![good]) };
    world.register(&child);
}

#[test]
fn an_owner_s_own_feedback_earns_what_the_owner_would_have_had() {
    let mut world = World::new();
    let id = version(&mut world, &[], |terms| terms.feedback_bps = 2_500);
    let own = world.accepted_feedback(OWNER, id);
    let next = MsgRegisterModelVersion { incorporates: vec![own], ..world.version_msg(&[], 0) };
    let next = world.register(&next);
    assert_eq!(world.royalties(next), [(address(OWNER), 2_500), (address(OWNER), 7_500)]);
}

#[test]
fn feedback_counts_in_the_stack_and_among_the_sixty_four() {
    let mut world = World::new();
    let id = version(&mut world, &[], |terms| terms.feedback_bps = 3_000);
    let four: Vec<_> = (0..4).map(|_| world.accepted_feedback(AUTHOR, id)).collect();
    let msg = |world: &World, incorporates: &[u64]| MsgRegisterModelVersion {
        incorporates: incorporates.to_vec(),
        ..world.version_msg(&[], 1_000)
    };
    let dear = msg(&world, &four);
    assert_eq!(world.code(&dear), ("model", 5), "12,000 basis points");
    let three = msg(&world, &four[..3]);
    let three = world.register(&three);
    let child = world.register_version(&[three], 1);
    assert_eq!(world.royalties(child).last().unwrap().1, 0);
    let grandchild = world.version_msg(&[child], 0);
    assert_eq!(world.code(&grandchild), ("model", 5), "a basis point more than the whole");
    let small = version(&mut world, &[], |terms| terms.feedback_bps = 1);
    let many: Vec<_> = (0..64).map(|_| world.accepted_feedback(AUTHOR, small)).collect();
    let full = msg(&world, &many);
    let full = world.register(&full);
    let child = world.version_msg(&[full], 0);
    assert_eq!(world.code(&child), ("model", 5), "64 feedback and an ancestor");
    let nothing = version(&mut world, &[], |_| {});
    let unpaid: Vec<_> = (0..5).map(|_| world.accepted_feedback(AUTHOR, nothing)).collect();
    let fits = msg(&world, &unpaid);
    let fits = world.register(&fits);
    assert!(world.version(fits).feedback.is_empty(), "what earns nothing takes no place");
}
