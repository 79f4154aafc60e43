//! What begin and end block cost with 150 validators and 100,000 delegations, in a quiet block and in one in which each validator's
//! power changed: `cargo run --release -p openledger-staking --example block_time`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "it measures"
)]

use std::sync::Arc;
use std::time::Instant;

use cosmwasm_std::Uint256;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_consensus::Consensus;
use openledger_core::{Address, BlockInfo, ConsensusKey, Context, Dec, GasMeter, Mode, Module};
use openledger_proto::cosmos::staking::v1beta1::GenesisState;
use openledger_proto::Message;
use openledger_staking::{key_to_any, Source, Staking};
use openledger_store::{BlockState, MemSnapshot};

const VALIDATORS: u64 = 150;
const DELEGATIONS: u64 = 100_000;
const BLOCKS: u32 = 50;

fn address(number: u64) -> Address {
    let mut bytes = [7; 20];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Address::new(bytes).unwrap()
}

fn open(amount: u64) -> Uint256 {
    Uint256::from(amount) * Uint256::from(openledger_staking::POWER_REDUCTION)
}

fn main() {
    let bank = Bank { auth: Auth };
    let staking = Staking { auth: Auth, bank, consensus: Consensus, hooks: &[] };
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let mut block = BlockInfo { height: 1, chain_id: "bench".into(), ..BlockInfo::default() };
    {
        let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
        Auth.init_genesis(&mut ctx, &Auth.default_genesis()).unwrap();
        bank.init_genesis(&mut ctx, &bank.default_genesis()).unwrap();
        let pool = Address::module("not_bonded_tokens_pool");
        let coins = format!("{}aopen", open(DELEGATIONS)).parse().unwrap();
        bank.credit_genesis(&mut ctx, &pool, &coins).unwrap();
        staking.init_genesis(&mut ctx, &genesis(&staking)).unwrap();
    }
    for quiet in [true, false] {
        let mut spent = std::time::Duration::ZERO;
        for _ in 0..BLOCKS {
            block.height += 1;
            block.time_seconds += 1;
            let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
            let started = Instant::now();
            staking.begin_block(&mut ctx).unwrap();
            spent += started.elapsed();
            if !quiet {
                for validator in 0..VALIDATORS {
                    let delegator = address(1_000_000 + validator);
                    let coins = format!("{}aopen", open(1)).parse().unwrap();
                    bank.credit_genesis(&mut ctx, &delegator, &coins).unwrap();
                    staking.delegate(&mut ctx, &delegator, open(1), Source::Account, &address(validator)).unwrap();
                }
            }
            let started = Instant::now();
            let updates = staking.end_block(&mut ctx).unwrap();
            spent += started.elapsed();
            assert_eq!(updates.is_empty(), quiet);
        }
        let millis = spent.as_secs_f64() * 1_000.0 / f64::from(BLOCKS);
        let what = if quiet { "nothing changes" } else { "all powers change" };
        println!("begin and end block, {VALIDATORS} validators, {DELEGATIONS} delegations, {what}: {millis:.2} ms");
    }
}

/// Validators with as many delegations each, of one OPEN each.
fn genesis(staking: &Staking) -> Vec<u8> {
    use openledger_proto::cosmos::staking::v1beta1 as proto;
    let mut genesis = GenesisState::decode(staking.default_genesis().as_slice()).unwrap();
    genesis.params.as_mut().unwrap().max_validators = 200;
    let operator = |number: u64| address(number % VALIDATORS).to_bech32("openvaloper");
    let one = Dec::from_int(open(1));
    let mut counts = vec![0u64; usize::try_from(VALIDATORS).unwrap()];
    for number in 0..DELEGATIONS {
        counts[usize::try_from(number % VALIDATORS).unwrap()] += 1;
        genesis.delegations.push(proto::Delegation {
            delegator_address: address(1_000 + number).to_string(),
            validator_address: operator(number),
            shares: one.to_proto(),
        });
    }
    for (number, count) in (0u64..).zip(counts) {
        let mut key = vec![3; 32];
        key[..8].copy_from_slice(&number.to_be_bytes());
        genesis.validators.push(proto::Validator {
            operator_address: operator(number),
            consensus_pubkey: Some(key_to_any(&ConsensusKey::Ed25519(key))),
            status: proto::BondStatus::Unbonded.into(),
            tokens: open(count).to_string(),
            delegator_shares: Dec::from_int(open(count)).to_proto(),
            description: Some(proto::Description {
                moniker: format!("validator {number}"),
                website: "https://validators.example.org".into(),
                details: "One of many, with some words about itself".into(),
                ..proto::Description::default()
            }),
            min_self_delegation: "1".into(),
            ..proto::Validator::default()
        });
    }
    genesis.encode_to_vec()
}
