//! Misbehaviour that CometBFT proves: slashed once, jailed, barred for ever; unless it is too old or concerns nobody.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

#[path = "../../slashing/tests/common/mod.rs"]
mod common;

use std::sync::Arc;

use common::*;
use openledger_consensus::Consensus;
use openledger_core::comet::{Misbehavior, MisbehaviorKind};
use openledger_core::query::Code;
use openledger_core::{BlockInfo, Context, Error, Event, GasMeter, Mode, Module, Router};
use openledger_evidence::{Equivocation, Evidence, DOUBLE_SIGN_JAIL_END};
use openledger_proto::cosmos::evidence::v1beta1 as proto;
use openledger_proto::cosmos::staking::v1beta1::MsgDelegate;
use openledger_proto::{Any, Message, Name};
use openledger_slashing::Params;
use openledger_store::{BlockState, MemSnapshot};

const EVIDENCE: Evidence = Evidence { consensus: Consensus, staking: STAKING, slashing: SLASHING };
/// The consensus parameters' defaults: CometBFT's.
const MAX_AGE_BLOCKS: u64 = 100_000;
const MAX_AGE_SECONDS: i64 = 172_800;

fn caught(chain: &Chain, who: u8, kind: MisbehaviorKind) -> Misbehavior {
    Misbehavior {
        kind,
        validator: cons(who).as_bytes().to_vec(),
        power: 100,
        height: chain.block.height - 1,
        time_seconds: chain.block.time_seconds - BLOCK_SECONDS,
        time_nanos: 7,
        total_power: 200,
    }
}

/// The beginning of the present block with this misbehaviour in it.
fn begin(chain: &mut Chain, misbehavior: Vec<Misbehavior>) -> Vec<Event> {
    chain.block.misbehavior = misbehavior;
    chain.with(|ctx| {
        EVIDENCE.begin_block(ctx).unwrap();
        EVIDENCE.check_invariants(ctx).unwrap();
        ctx.take_events()
    })
}

fn kept(chain: &mut Chain) -> Vec<Equivocation> {
    chain.with(|ctx| EVIDENCE.all(ctx).unwrap()).into_iter().map(|(_, evidence)| evidence).collect()
}

fn chain() -> Chain {
    let mut chain = Chain::new(2, Params::default());
    for _ in 0..3 {
        chain.block_without(&[]);
    }
    chain
}

#[test]
fn who_signs_two_blocks_of_one_height_is_slashed_with_its_delegators_jailed_and_barred() {
    let mut chain = chain();
    let (delegator_address, validator_address) = (operator(2).to_string(), operator_text(1));
    chain.execute(&MsgDelegate { delegator_address, validator_address, amount: Some(coin(300)) }).unwrap();
    let misbehavior = caught(&chain, 1, MisbehaviorKind::DuplicateVote);
    let height = misbehavior.height;
    let events = begin(&mut chain, vec![Misbehavior { power: 400, ..misbehavior }]);
    let address = cons_text(1);
    assert_eq!(
        shown(&events, &["slash"]),
        [
            format!("slash{{address={address},power=400,reason=double_sign,burned_coins=20000000000000000000}}"),
            format!("slash{{jailed={address}}}"),
        ]
    );
    let validator = chain.validator(1);
    assert_eq!(validator.tokens.to_string(), "380000000000000000000");
    let delegation = chain.with(|ctx| STAKING.delegation(ctx, &operator(2), &operator(1)).unwrap().unwrap());
    let left = validator.tokens_from_shares(delegation.shares).unwrap();
    assert_eq!(left.to_string(), "285000000000000000000.000000000000000000", "a delegator loses its part");
    let info = chain.info(1);
    assert!(info.tombstoned && validator.jailed);
    assert_eq!(info.jailed_until, DOUBLE_SIGN_JAIL_END);
    assert_eq!(info.jailed_until.to_string(), "9999-12-31T23:59:59Z");
    chain.skip(10_000_000);
    assert_eq!(chain.unjail(1).unwrap_err().code, 4);
    let kept = kept(&mut chain);
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].height, kept[0].power, kept[0].consensus_address.clone()), (height as i64, 400, address));
}

#[test]
fn nobody_pays_twice() {
    let mut chain = chain();
    let one = caught(&chain, 1, MisbehaviorKind::DuplicateVote);
    let other = Misbehavior { height: one.height - 1, ..one.clone() };
    begin(&mut chain, vec![one.clone(), other.clone(), one.clone()]);
    let tokens = chain.validator(1).tokens;
    assert_eq!(tokens.to_string(), "95000000000000000000");
    chain.block_without(&[]);
    assert!(shown(&begin(&mut chain, vec![one, other]), &["slash"]).is_empty());
    assert_eq!(chain.validator(1).tokens, tokens);
    assert_eq!(kept(&mut chain).len(), 1);
}

#[test]
fn a_guest_whose_key_somebody_registered_has_nothing_at_stake() {
    let mut chain = chain();
    chain.register(3);
    let misbehavior = caught(&chain, 3, MisbehaviorKind::DuplicateVote);
    assert!(shown(&begin(&mut chain, vec![misbehavior]), &["slash"]).is_empty());
    assert_eq!((chain.validator(3).tokens.to_string().as_str(), chain.validator(3).jailed), ("1", false));
    assert!(kept(&mut chain).is_empty());
}

#[test]
fn an_attack_on_light_clients_counts_as_an_equivocation() {
    let mut chain = chain();
    let misbehavior = caught(&chain, 2, MisbehaviorKind::LightClientAttack);
    begin(&mut chain, vec![misbehavior]);
    assert!(chain.info(2).tombstoned);
    assert!(!chain.info(1).tombstoned);
}

#[test]
fn who_is_in_jail_already_is_slashed_and_barred_without_being_jailed_again() {
    let mut chain = chain();
    chain.with(|ctx| SLASHING.jail(ctx, &cons(1)).unwrap());
    let misbehavior = caught(&chain, 1, MisbehaviorKind::DuplicateVote);
    let events = begin(&mut chain, vec![misbehavior]);
    assert_eq!(shown(&events, &["slash"]).len(), 1);
    assert!(chain.info(1).tombstoned);
}

#[test]
fn evidence_is_too_old_when_both_its_blocks_and_its_time_are_past() {
    for (blocks, seconds, punished) in [
        (MAX_AGE_BLOCKS + 1, MAX_AGE_SECONDS + 1, false),
        (MAX_AGE_BLOCKS, MAX_AGE_SECONDS + 1, true),
        (MAX_AGE_BLOCKS + 1, MAX_AGE_SECONDS, true),
    ] {
        let mut chain = chain();
        let misbehavior = Misbehavior { time_nanos: 0, ..caught(&chain, 1, MisbehaviorKind::DuplicateVote) };
        chain.block.height = misbehavior.height + blocks;
        chain.block.time_seconds = misbehavior.time_seconds + seconds;
        begin(&mut chain, vec![misbehavior]);
        assert_eq!(chain.info(1).tombstoned, punished, "{blocks} blocks, {seconds} s");
        assert_eq!(kept(&mut chain).len(), usize::from(punished));
    }
}

#[test]
fn misbehaviour_of_nobody_known_and_of_an_unknown_kind_is_passed_over() {
    let mut chain = chain();
    let nobody = caught(&chain, 9, MisbehaviorKind::DuplicateVote);
    let unknown = caught(&chain, 1, MisbehaviorKind::Unknown);
    assert!(begin(&mut chain, vec![nobody, unknown]).is_empty());
    assert!(kept(&mut chain).is_empty());
    assert!(!chain.info(1).tombstoned);
}

fn router() -> Router {
    let mut router = Router::default();
    EVIDENCE.register(&mut router);
    router
}

fn submit(chain: &mut Chain, evidence: Option<Any>) -> Error {
    let msg = proto::MsgSubmitEvidence { submitter: operator(1).to_string(), evidence };
    submit_as_is(chain, &msg)
}

fn submit_as_is(chain: &mut Chain, msg: &proto::MsgSubmitEvidence) -> Error {
    let router = router();
    let route = router.msg_route(&proto::MsgSubmitEvidence::type_url()).unwrap();
    chain.with(|ctx| route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(ctx, &msg))).unwrap_err()
}

#[test]
fn submitted_evidence_is_refused_as_the_sdk_s_chain_without_handlers_refuses_it() {
    let mut chain = chain();
    let misbehavior = caught(&chain, 1, MisbehaviorKind::DuplicateVote);
    begin(&mut chain, vec![misbehavior]);
    let known = kept(&mut chain).remove(0);
    let told = |error: Error| (error.codespace, error.code, error.message);
    let hash: String = known.hash().iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(
        told(submit(&mut chain, Some(known.to_any()))),
        ("evidence", 5, format!("{hash}: evidence already exists"))
    );
    let new = Equivocation { height: 77, ..known.clone() };
    let text = "equivocation: unregistered handler for evidence type";
    assert_eq!(told(submit(&mut chain, Some(new.to_any()))), ("evidence", 2, text.into()));
    assert_eq!(told(submit(&mut chain, None)), ("evidence", 3, "missing evidence: invalid evidence".into()));
    let other = Any { type_url: "/cosmos.bank.v1beta1.MsgSend".into(), value: Vec::new() };
    assert_eq!(submit(&mut chain, Some(other)).code, 3);
    for wrong in [
        Equivocation { height: 0, ..known.clone() },
        Equivocation { power: 0, ..known.clone() },
        Equivocation { consensus_address: String::new(), ..known.clone() },
        Equivocation { time: openledger_staking::Time::EPOCH, ..known.clone() },
    ] {
        let error = submit(&mut chain, Some(wrong.to_any()));
        assert!(
            error.code == 3 && error.message.starts_with("failed basic validation: invalid equivocation"),
            "{error}"
        );
    }
    let msg = proto::MsgSubmitEvidence { submitter: "x".into(), evidence: Some(new.to_any()) };
    let error = submit_as_is(&mut chain, &msg);
    assert_eq!((error.codespace, error.code), ("sdk", 7));
    assert!(error.message.starts_with("invalid submitter address: "), "{error}");
}

#[test]
fn evidence_is_found_by_its_hash_and_by_pages() {
    let mut chain = chain();
    let both = [1, 2].map(|who| caught(&chain, who, MisbehaviorKind::DuplicateVote));
    begin(&mut chain, both.to_vec());
    let router = router();
    let ask = |chain: &mut Chain, hash: &str| {
        let request = proto::QueryEvidenceRequest { hash: hash.into(), ..Default::default() };
        chain.with(|ctx| router.answer(ctx, "/cosmos.evidence.v1beta1.Query/Evidence", &request.encode_to_vec()))
    };
    let kept = kept(&mut chain);
    for evidence in &kept {
        let hash: String = evidence.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        for text in [hash.clone(), hash.to_uppercase()] {
            let found = proto::QueryEvidenceResponse::decode(ask(&mut chain, &text).unwrap().as_slice()).unwrap();
            assert_eq!(Equivocation::from_any(&found.evidence.unwrap()).unwrap(), *evidence);
        }
    }
    let status = ask(&mut chain, "").unwrap_err();
    assert_eq!((status.code, status.message.as_str()), (Code::InvalidArgument, "invalid request; hash is empty"));
    assert_eq!(ask(&mut chain, "abc").unwrap_err().code, Code::Unknown);
    assert_eq!(ask(&mut chain, "zz").unwrap_err().code, Code::Unknown);
    let status = ask(&mut chain, "ABCD").unwrap_err();
    assert_eq!((status.code, status.message.as_str()), (Code::NotFound, "evidence ABCD not found"));
    let request = proto::QueryAllEvidenceRequest::default().encode_to_vec();
    let all = chain.with(|ctx| router.answer(ctx, "/cosmos.evidence.v1beta1.Query/AllEvidence", &request)).unwrap();
    let all = proto::QueryAllEvidenceResponse::decode(all.as_slice()).unwrap();
    assert_eq!(all.evidence, kept.iter().map(Equivocation::to_any).collect::<Vec<_>>());
    assert_eq!(all.pagination.unwrap().total, 2);
}

#[test]
fn a_genesis_keeps_evidence_and_refuses_what_is_none() {
    let mut chain = chain();
    let misbehavior = caught(&chain, 1, MisbehaviorKind::DuplicateVote);
    begin(&mut chain, vec![misbehavior]);
    let exported = chain.with(|ctx| EVIDENCE.export_genesis(ctx).unwrap());
    let taken_over = |genesis: &[u8]| -> Result<Vec<u8>, Error> {
        EVIDENCE.validate_genesis(genesis)?;
        let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
        let block = BlockInfo::default();
        let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
        EVIDENCE.init_genesis(&mut ctx, genesis)?;
        EVIDENCE.export_genesis(&ctx)
    };
    assert_eq!(taken_over(&exported).unwrap(), exported);
    assert_eq!(taken_over(&EVIDENCE.default_genesis()).unwrap(), EVIDENCE.default_genesis());
    let genesis = proto::GenesisState::decode(exported.as_slice()).unwrap();
    let twice = proto::GenesisState { evidence: [genesis.evidence.clone(), genesis.evidence.clone()].concat() };
    assert!(taken_over(&twice.encode_to_vec()).unwrap_err().message.contains("already exists"));
    let other = proto::GenesisState { evidence: vec![Any { type_url: "/x".into(), value: Vec::new() }] };
    assert_eq!(taken_over(&other.encode_to_vec()).unwrap_err().code, 3);
}

#[test]
fn a_hash_is_that_of_the_sdk() {
    // Go: types.Equivocation{Height: 100, Time: time.Unix(1700000000, 5).UTC(), Power: 400, ConsensusAddress: "x"}.Hash()
    let evidence = Equivocation {
        height: 100,
        time: openledger_staking::Time { seconds: 1_700_000_000, nanos: 5 },
        power: 400,
        consensus_address: "x".into(),
    };
    let hash: String = evidence.hash().iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(hash, "CF99241072C75B2A3AEE1283D9911A9A399096F97329F322E159C7BA87A66695");
}
