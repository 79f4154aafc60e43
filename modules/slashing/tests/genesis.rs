//! Genesis and queries: what is exported is taken over unchanged; what is unsound is refused by name.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use std::sync::Arc;

use common::*;
use openledger_core::query::Code;
use openledger_core::{BlockInfo, Context, GasMeter, Mode, Module};
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::cosmos::slashing::v1beta1::*;
use openledger_proto::Message;
use openledger_slashing::Params as OurParams;
use openledger_staking::StakingHooks;
use openledger_store::{BlockState, MemSnapshot};

/// Three validators, of which 1 is jailed and 2 has missed some blocks.
fn lived() -> Chain {
    let mut chain = Chain::new(3, OurParams { signed_blocks_window: 10, ..short() });
    while !chain.validator(1).jailed {
        chain.block_without(&[1]);
    }
    for absent in [[2u8].as_slice(), &[], &[2, 3]] {
        chain.block_without(absent);
    }
    chain
}

fn exported(chain: &mut Chain) -> GenesisState {
    let bytes = chain.with(|ctx| SLASHING.export_genesis(ctx).unwrap());
    GenesisState::decode(bytes.as_slice()).unwrap()
}

fn taken_over(genesis: &GenesisState) -> Result<GenesisState, openledger_core::Error> {
    let bytes = genesis.encode_to_vec();
    SLASHING.validate_genesis(&bytes)?;
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo::default();
    let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
    SLASHING.init_genesis(&mut ctx, &bytes)?;
    SLASHING.check_invariants(&ctx)?;
    let exported = SLASHING.export_genesis(&ctx)?;
    Ok(GenesisState::decode(exported.as_slice()).unwrap())
}

#[test]
fn what_is_exported_is_taken_over_unchanged() {
    let genesis = exported(&mut lived());
    assert_eq!(genesis.signing_infos.len(), 3);
    let missed = |who: u8| {
        let window = genesis.missed_blocks.iter().find(|window| window.address == cons_text(who)).unwrap();
        window.missed_blocks.iter().map(|missed| missed.index).collect::<Vec<_>>()
    };
    assert_eq!((missed(1), missed(2), missed(3)), (vec![], vec![1, 3], vec![3]));
    assert_eq!(taken_over(&genesis).unwrap(), genesis);
    let default = GenesisState::decode(SLASHING.default_genesis().as_slice()).unwrap();
    assert_eq!(taken_over(&default).unwrap(), default);
}

#[test]
fn an_unsound_genesis_is_refused_by_name() {
    let genesis = exported(&mut lived());
    type Change = fn(&mut GenesisState);
    let cases: [(Change, &str); 9] = [
        (|g| g.params = None, "params are missing"),
        (|g| g.params.as_mut().unwrap().signed_blocks_window = 0, "signed blocks window must be positive"),
        (|g| g.signing_infos[0].address = operator_text(1), "expected openvalcons"),
        (|g| g.signing_infos[0].validator_signing_info = None, "has no validator_signing_info"),
        (|g| g.signing_infos.push(g.signing_infos[0].clone()), "has two signing infos"),
        (|g| g.signing_infos[0].validator_signing_info.as_mut().unwrap().address = cons_text(9), "names openvalcons"),
        (|g| g.signing_infos[0].validator_signing_info.as_mut().unwrap().index_offset = -1, "index_offset is negative"),
        (|g| g.missed_blocks[0].address = cons_text(9), "misses blocks and has no signing info"),
        (
            |g| {
                g.missed_blocks[0].missed_blocks = (0..9).map(|index| MissedBlock { index, missed: true }).collect();
            },
            "9 blocks are missed, missed_blocks_counter is",
        ),
    ];
    for (change, text) in cases {
        let mut wrong = genesis.clone();
        change(&mut wrong);
        let error = taken_over(&wrong).unwrap_err();
        assert!(error.message.contains(text), "{error}: {text}");
    }
}

#[test]
fn an_unbonding_validator_without_a_signing_info_is_refused_too() {
    let mut chain = lived();
    assert!(chain.validator(1).is_unbonding());
    let mut genesis = exported(&mut chain);
    genesis.signing_infos.retain(|info| info.address != cons_text(1));
    genesis.missed_blocks.retain(|window| window.address != cons_text(1));
    chain.with(|ctx| {
        let mut kv = ctx.kv_mut("slashing");
        let key = [&[0, 13], b"signing_infos".as_slice(), cons(1).as_bytes()].concat();
        cosmwasm_std::Storage::remove(&mut kv, &key);
        let error = SLASHING.init_genesis(ctx, &genesis.encode_to_vec()).unwrap_err();
        assert!(error.message.contains("the unbonding validator"), "{error}");
    });
}

#[test]
fn a_bonded_validator_without_a_signing_info_is_refused_at_once_and_not_by_its_first_vote() {
    let mut chain = Chain::new(1, short());
    chain.with(|ctx| {
        SLASHING.init_genesis(ctx, &SLASHING.default_genesis()).unwrap();
        let mut kv = ctx.kv_mut("slashing");
        // As a genesis that staking marks as exported would leave it.
        let key = [&[0, 13], b"signing_infos".as_slice(), cons(1).as_bytes()].concat();
        cosmwasm_std::Storage::remove(&mut kv, &key);
        let error = SLASHING.init_genesis(ctx, &SLASHING.default_genesis()).unwrap_err();
        assert!(error.message.contains("has no signing info"), "{error}");
    });
}

#[test]
fn the_key_of_a_validator_is_known_while_staking_has_it() {
    let mut chain = Chain::new(2, short());
    chain.with(|ctx| {
        assert_eq!(SLASHING.pubkey(ctx, &cons(1)).unwrap(), Some(key(1)));
        SLASHING.after_validator_removed(ctx, &cons(1), &operator(1)).unwrap();
        assert_eq!(SLASHING.pubkey(ctx, &cons(1)).unwrap(), None);
        assert!(SLASHING.signing_info(ctx, &cons(1)).unwrap().is_some(), "its past is not forgotten");
        // A genesis notes the keys of the validators that staking has.
        SLASHING.init_genesis(ctx, &SLASHING.default_genesis()).unwrap();
        assert_eq!(SLASHING.pubkey(ctx, &cons(1)).unwrap(), Some(key(1)));
        assert_eq!(SLASHING.pubkey(ctx, &cons(9)).unwrap(), None);
    });
}

#[test]
fn signing_infos_are_found_by_address_and_by_pages() {
    let chain = lived();
    let request = QuerySigningInfoRequest { cons_address: cons_text(2) };
    let found: QuerySigningInfoResponse = chain.ask("SigningInfo", &request).unwrap();
    let info = found.val_signing_info.unwrap();
    assert_eq!((info.address.as_str(), info.missed_blocks_counter), (cons_text(2).as_str(), 2));
    assert_eq!(info.jailed_until.unwrap().seconds, 0);

    let page = |key: Vec<u8>| {
        let pagination = Some(PageRequest { limit: 2, key, ..PageRequest::default() });
        chain.ask::<QuerySigningInfosResponse>("SigningInfos", &QuerySigningInfosRequest { pagination }).unwrap()
    };
    let first = page(Vec::new());
    let second = page(first.pagination.unwrap().next_key);
    let mut all: Vec<String> = first.info.into_iter().chain(second.info).map(|info| info.address).collect();
    all.sort();
    let mut expected = vec![cons_text(1), cons_text(2), cons_text(3)];
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn a_question_about_nobody_has_the_sdk_s_answer() {
    let chain = Chain::new(1, short());
    let ask = |text: &str| {
        let request = QuerySigningInfoRequest { cons_address: text.into() };
        chain.ask::<QuerySigningInfoResponse>("SigningInfo", &request).unwrap_err()
    };
    assert_eq!((ask("").code, ask("").message.as_str()), (Code::InvalidArgument, "invalid request"));
    let status = ask(&cons_text(9));
    assert_eq!(status.code, Code::NotFound);
    assert_eq!(status.message, format!("SigningInfo not found for validator {}", cons_text(9)));
    assert!(ask(&operator_text(1)).message.contains("expected openvalcons"));
}
