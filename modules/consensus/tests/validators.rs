//! What InitChain brings: parameters and validators.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use openledger_consensus::{consensus_address, params, Consensus, MAX_TOTAL_POWER};
use openledger_core::{BlockInfo, ConsensusKey, Context, GasMeter, Mode, Module, ValidatorUpdate};
use openledger_proto::tendermint::types::{BlockParams, ConsensusParams};
use openledger_store::{BlockState, MemSnapshot};

fn with_context<T>(test: impl FnOnce(&mut Context) -> T) -> T {
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo { height: 1, ..BlockInfo::default() };
    test(&mut Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite()))
}

fn edwards(byte: u8, power: u64) -> ValidatorUpdate {
    ValidatorUpdate { key: ConsensusKey::Ed25519(vec![byte; 32]), power }
}

#[test]
fn consensus_addresses_are_cometbft_s() {
    // tests/vectors/keys.json of auth has the SDK's addresses of the same keys.
    let edwards = ConsensusKey::Ed25519(vec![0x33; 32]);
    let secp = ConsensusKey::Secp256k1([vec![2], vec![0x11; 32]].concat());
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../../auth/tests/vectors/keys.json")).unwrap();
    for (key, index) in [(secp, 0), (edwards, 2)] {
        assert_eq!(hex::encode(consensus_address(&key).as_bytes()), vectors[index]["address"].as_str().unwrap());
    }
}

#[test]
fn validators_are_kept_by_address_with_their_keys_and_powers() {
    with_context(|ctx| {
        let secp = ValidatorUpdate { key: ConsensusKey::Secp256k1(vec![2; 33]), power: 5 };
        let given = [edwards(1, 10), secp, edwards(2, 7)];
        Consensus.init(ctx, None, &given).unwrap();
        let set = Consensus.validator_set(ctx).unwrap();
        assert!(set.windows(2).all(|pair| pair[0].address < pair[1].address));
        for update in &given {
            let found = Consensus.validator(ctx, &consensus_address(&update.key)).unwrap().unwrap();
            assert_eq!((&found.key, found.power), (&update.key, update.power));
            assert!(set.contains(&found));
        }
        let pairs: Vec<_> = set.iter().map(|one| (one.address.as_bytes().to_vec(), one.power)).collect();
        assert_eq!(Consensus.validators(ctx).unwrap(), pairs);
        assert_eq!(Consensus.total_power(ctx).unwrap(), 22);
        Consensus.check_invariants(ctx).unwrap();

        Consensus.set_validators(ctx, &[edwards(3, 1)]).unwrap();
        assert_eq!(Consensus.validators(ctx).unwrap().len(), 1);
        assert_eq!(Consensus.total_power(ctx).unwrap(), 1);
        Consensus.check_invariants(ctx).unwrap();
    });
}

#[test]
fn no_validators_at_all_are_accepted() {
    with_context(|ctx| {
        assert_eq!(Consensus.total_power(ctx).unwrap(), 0);
        Consensus.init(ctx, None, &[]).unwrap();
        assert!(Consensus.validator_set(ctx).unwrap().is_empty());
        Consensus.check_invariants(ctx).unwrap();
    });
}

#[test]
fn validators_that_cometbft_would_not_take_are_refused() {
    with_context(|ctx| {
        for bad in [
            vec![edwards(1, 0)],
            vec![edwards(1, 1), edwards(1, 2)],
            vec![ValidatorUpdate { key: ConsensusKey::Ed25519(vec![1; 33]), power: 1 }],
            vec![ValidatorUpdate { key: ConsensusKey::Secp256k1(vec![2; 32]), power: 1 }],
            vec![edwards(1, MAX_TOTAL_POWER), edwards(2, 1)],
            vec![edwards(1, u64::MAX), edwards(2, u64::MAX)],
        ] {
            let error = Consensus.set_validators(ctx, &bad).unwrap_err();
            assert_eq!((error.codespace, error.code), ("consensus", 3), "{error}");
        }
        Consensus.set_validators(ctx, &[edwards(1, MAX_TOTAL_POWER)]).unwrap();
        assert_eq!(Consensus.total_power(ctx).unwrap(), i64::MAX as u64 / 8);
    });
}

#[test]
fn parameters_that_initchain_leaves_out_are_cometbft_s_defaults() {
    with_context(|ctx| {
        assert_eq!(Consensus.params(ctx).unwrap(), params::default());
        let block = Some(BlockParams { max_bytes: 1_048_576, max_gas: 30_000_000 });
        let given = ConsensusParams { block, evidence: None, validator: None, version: None, abci: None };
        Consensus.init(ctx, Some(&given), &[]).unwrap();
        assert_eq!(Consensus.params(ctx).unwrap(), ConsensusParams { block, ..params::default() });
        assert_eq!(Consensus.max_block_gas(ctx).unwrap(), Some(30_000_000));
        Consensus.init(ctx, None, &[]).unwrap();
        assert_eq!(Consensus.max_block_gas(ctx).unwrap(), None);
        let block = Some(BlockParams { max_bytes: 0, max_gas: 0 });
        assert!(Consensus.init(ctx, Some(&ConsensusParams { block, ..given }), &[]).is_err());
    });
}

#[test]
fn there_is_no_genesis_beside_initchain() {
    with_context(|ctx| {
        Consensus.init_genesis(ctx, &Consensus.default_genesis()).unwrap();
        assert!(Consensus.export_genesis(ctx).unwrap().is_empty());
        assert!(Consensus.validate_genesis(b"\x0a\x00").is_err());
    });
}

#[test]
fn guests_go_in_the_update_that_brings_the_first_staked_validator() {
    with_context(|ctx| {
        Consensus.init(ctx, None, &[edwards(1, 10), edwards(2, 10)]).unwrap();
        assert!(Consensus.has_guests(ctx).unwrap());
        assert_eq!(Consensus.apply_updates(ctx, &[]).unwrap(), []);
        assert!(Consensus.has_guests(ctx).unwrap(), "they stay while nobody stakes");
        // One of them stakes with its own key: it stays, with the power of its stake.
        let told = Consensus.apply_updates(ctx, &[edwards(2, 3), edwards(5, 4)]).unwrap();
        assert_eq!(told, [edwards(2, 3), edwards(5, 4), edwards(1, 0)]);
        assert!(!Consensus.has_guests(ctx).unwrap());
        assert_eq!(Consensus.total_power(ctx).unwrap(), 7);
        Consensus.check_invariants(ctx).unwrap();
        // From then on staking's updates are what CometBFT is told, no more.
        let told = Consensus.apply_updates(ctx, &[edwards(2, 0), edwards(5, 9)]).unwrap();
        assert_eq!(told, [edwards(2, 0), edwards(5, 9)]);
        assert_eq!(Consensus.validator_set(ctx).unwrap().len(), 1);
        assert_eq!(Consensus.total_power(ctx).unwrap(), 9);
        Consensus.check_invariants(ctx).unwrap();
    });
}
