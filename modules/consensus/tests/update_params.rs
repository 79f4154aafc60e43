//! MsgUpdateParams: the authority changes consensus parameters, and only to what CometBFT takes.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use openledger_auth::authority;
use openledger_consensus::{params, Consensus};
use openledger_core::{Address, BlockInfo, Context, Error, Event, GasMeter, Mode, Module, Router};
use openledger_proto::cosmos::consensus::v1::{MsgUpdateParams, QueryParamsRequest, QueryParamsResponse};
use openledger_proto::tendermint::types::{AbciParams, ConsensusParams, VersionParams};
use openledger_proto::{Duration, Message, Name};
use openledger_store::{BlockState, MemSnapshot};

const HEIGHT: u64 = 10;

/// Executes a message on a chain with these parameters: what the parameters are then, and the events.
fn execute(before: &ConsensusParams, msg: &MsgUpdateParams) -> Result<(ConsensusParams, Vec<Event>), Error> {
    let mut router = Router::default();
    Consensus.register(&mut router);
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo { height: HEIGHT, ..BlockInfo::default() };
    let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
    Consensus.init(&mut ctx, Some(before), &[])?;
    let route = router.msg_route(&MsgUpdateParams::type_url()).unwrap();
    let decoded = route.decode(&msg.encode_to_vec())?;
    route.handle(&mut ctx, &decoded)?;
    Consensus.check_invariants(&ctx)?;
    let answer = router.answer(&ctx, "/cosmos.consensus.v1.Query/Params", &QueryParamsRequest {}.encode_to_vec());
    let shown = QueryParamsResponse::decode(answer.unwrap().as_slice()).unwrap().params.unwrap();
    assert_eq!(shown, Consensus.params(&ctx)?);
    Ok((shown, ctx.take_events()))
}

fn msg(params: &ConsensusParams) -> MsgUpdateParams {
    MsgUpdateParams {
        authority: authority().to_string(),
        block: params.block,
        evidence: params.evidence,
        validator: params.validator.clone(),
        abci: params.abci,
    }
}

fn spoilt(spoil: impl Fn(&mut ConsensusParams)) -> MsgUpdateParams {
    let mut params = params::default();
    spoil(&mut params);
    msg(&params)
}

#[test]
fn parameters_are_stored_and_shown_as_the_sdk_stores_and_shows_them() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/params.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 3);
    for (index, vector) in vectors.iter().enumerate() {
        let stored = hex::decode(vector["stored"].as_str().unwrap()).unwrap();
        let params = ConsensusParams::decode(stored.as_slice()).unwrap();
        assert_eq!(params.encode_to_vec(), stored);
        let mut msg = msg(&params);
        if index == 0 {
            msg.abci = None;
        }
        let (after, events) = execute(&params::default(), &msg).unwrap();
        assert_eq!(after, params);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, "update_consensus_params");
        assert_eq!(events[0].attributes[0], ("authority".into(), authority().to_string()));
        assert_eq!(events[0].attributes[1].1, vector["shown"].as_str().unwrap());
    }
}

#[test]
fn a_type_of_key_that_validators_may_have_cannot_be_withdrawn_and_another_can_be_admitted() {
    let mut both = params::default();
    both.validator.as_mut().unwrap().pub_key_types = vec!["ed25519".into(), "secp256k1".into()];
    let error = execute(&both, &msg(&params::default())).unwrap_err();
    assert!(error.message.contains("secp256k1 cannot be withdrawn"), "{error}");
    let (after, _) = execute(&params::default(), &msg(&both)).unwrap();
    assert_eq!(after.validator, both.validator);
}

#[test]
fn cometbft_s_defaults_are_ours() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/params.json")).unwrap();
    assert_eq!(hex::encode(params::default().encode_to_vec()), vectors[0]["stored"].as_str().unwrap());
}

#[test]
fn the_application_version_and_what_the_message_leaves_out_stay() {
    let mut before = params::default();
    before.version = Some(VersionParams { app: 7 });
    before.abci = Some(AbciParams { vote_extensions_enable_height: 99 });
    let mut msg = spoilt(|params| params.block.as_mut().unwrap().max_gas = 5);
    msg.abci = None;
    let (after, _) = execute(&before, &msg).unwrap();
    assert_eq!((after.version, after.abci, after.block.unwrap().max_gas), (before.version, before.abci, 5));
}

#[test]
fn only_the_authority_decides() {
    let msg = MsgUpdateParams { authority: Address::module("datanet").to_string(), ..msg(&params::default()) };
    let error = execute(&params::default(), &msg).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
}

#[test]
fn all_three_groups_must_be_there() {
    for missing in 0..3 {
        let mut msg = msg(&params::default());
        match missing {
            0 => msg.block = None,
            1 => msg.evidence = None,
            _ => msg.validator = None,
        }
        let error = execute(&params::default(), &msg).unwrap_err();
        assert_eq!(error.message, "all parameters must be present");
    }
}

#[test]
fn what_cometbft_would_not_take_is_refused() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
    let age =
        |seconds, nanos| spoilt(|p| p.evidence.as_mut().unwrap().max_age_duration = Some(Duration { seconds, nanos }));
    let bad = [
        spoilt(|p| p.block.as_mut().unwrap().max_bytes = 0),
        spoilt(|p| p.block.as_mut().unwrap().max_bytes = -2),
        spoilt(|p| p.block.as_mut().unwrap().max_bytes = params::MAX_BLOCK_BYTES + 1),
        spoilt(|p| p.block.as_mut().unwrap().max_bytes = 1),
        spoilt(|p| p.block.as_mut().unwrap().max_gas = -2),
        spoilt(|p| p.evidence.as_mut().unwrap().max_age_num_blocks = 0),
        spoilt(|p| p.evidence.as_mut().unwrap().max_age_duration = None),
        spoilt(|p| p.evidence.as_mut().unwrap().max_bytes = -1),
        spoilt(|p| p.evidence.as_mut().unwrap().max_bytes = i64::MAX),
        spoilt(|p| p.abci.as_mut().unwrap().vote_extensions_enable_height = -1),
        spoilt(|p| p.validator.as_mut().unwrap().pub_key_types = vec![]),
        spoilt(|p| p.validator.as_mut().unwrap().pub_key_types = names(&["ed25519", "sr25519"])),
        age(0, 0),
        age(-1, 0),
        age(1, -1),
        age(0, 1_000_000_000),
        age(i64::MAX, 0),
    ];
    for (index, msg) in bad.iter().enumerate() {
        let error = execute(&params::default(), msg).unwrap_err();
        assert_eq!((error.codespace, error.code), ("consensus", 2), "case {index}: {error}");
    }
    execute(&params::default(), &age(9_223_372_036, 854_775_807)).unwrap();
    execute(&params::default(), &spoilt(|p| p.block.as_mut().unwrap().max_bytes = params::MAX_BLOCK_BYTES)).unwrap();
}

#[test]
fn when_votes_are_extended_changes_only_ahead_of_time() {
    let at = |height| ConsensusParams {
        abci: Some(AbciParams { vote_extensions_enable_height: height }),
        ..params::default()
    };
    // The height is 10: (what it is, what it shall be, whether that is allowed).
    for (old, new, allowed) in [
        (0, 0, true),
        (0, 11, true),
        (0, 10, false),
        (0, 1, false),
        (20, 20, true),
        (20, 0, true),
        (20, 30, true),
        (20, 10, false),
        (5, 5, true),
        (5, 0, false),
        (5, 11, false),
        (10, 0, false),
    ] {
        assert_eq!(execute(&at(old), &msg(&at(new))).is_ok(), allowed, "{old} to {new}");
    }
}
