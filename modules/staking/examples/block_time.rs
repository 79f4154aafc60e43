//! What begin and end block cost the modules of validators (distribution, slashing, staking) with 150 validators that all sign, 100,000
//! delegations and fees to share out, in a quiet block and in one in which each validator's power changed:
//! `cargo run --release -p openledger-staking --example block_time`. State is in memory: reading from disk is not in it.

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
use openledger_core::comet::{LastCommit, Vote, VoteFlag};
use openledger_core::{Address, BlockInfo, Coins, ConsensusKey, Context, Dec, GasMeter, Mode, Module};
use openledger_distribution::Distribution;
use openledger_proto::cosmos::staking::v1beta1::GenesisState;
use openledger_proto::Message;
use openledger_slashing::Slashing;
use openledger_staking::{key_to_any, Hooks, Source, Staking};
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

const BANK: Bank = Bank { auth: Auth };
static DISTRIBUTION: Distribution = Distribution { auth: Auth, bank: BANK, staking: staking(&[]) };
static SLASHING: Slashing = Slashing { staking: staking(&[]) };
const HOOKS: Hooks = &[&DISTRIBUTION, &SLASHING];
/// Wired as the chain's.
const STAKING: Staking = staking(HOOKS);

const fn staking(hooks: Hooks) -> Staking {
    Staking { auth: Auth, bank: BANK, consensus: Consensus, hooks }
}

/// A chain whose blocks are changes over what is committed, as execution has them; in memory, so that no disk is measured.
struct Chain {
    committed: Arc<MemSnapshot>,
    block: BlockInfo,
}

impl Chain {
    fn commit<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        let mut state = BlockState::new(self.committed.clone());
        let result = act(&mut Context::new(&mut state, &self.block, Mode::Deliver, GasMeter::infinite()));
        let changes = state.into_changes();
        Arc::get_mut(&mut self.committed).unwrap().apply(&changes);
        result
    }
}

fn main() {
    let mut chain = Chain {
        committed: Arc::default(),
        block: BlockInfo { height: 1, chain_id: "bench".into(), ..BlockInfo::default() },
    };
    chain.commit(|ctx| {
        Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
        BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
        Consensus.init(ctx, None, &[]).unwrap();
        let pool = Address::module("not_bonded_tokens_pool");
        BANK.credit_genesis(ctx, &pool, &coins(open(DELEGATIONS))).unwrap();
        DISTRIBUTION.init_genesis(ctx, &DISTRIBUTION.default_genesis()).unwrap();
        STAKING.init_genesis(ctx, &genesis(&STAKING)).unwrap();
        SLASHING.init_genesis(ctx, &SLASHING.default_genesis()).unwrap();
    });
    for quiet in [true, false] {
        let mut spent = Vec::new();
        for _ in 0..BLOCKS {
            chain.block.height += 1;
            chain.block.time_seconds += 1;
            spent.push(block(&mut chain, quiet));
        }
        let what = if quiet { "nothing changes" } else { "all powers change" };
        println!("{VALIDATORS} validators that all sign, {DELEGATIONS} delegations, fees in each block, {what}:");
        let names = ["begin: distribution", "begin: slashing", "begin: staking", "end: staking"];
        let mut total = 0.0;
        for (at, name) in names.into_iter().enumerate() {
            let millis = spent.iter().map(|one| one[at]).sum::<f64>() / f64::from(BLOCKS);
            total += millis;
            println!("  {name:20} {millis:6.2} ms");
        }
        let worst = spent.iter().map(|one| one.iter().sum::<f64>()).fold(0.0, f64::max);
        println!("  {:20} {total:6.2} ms, at most {worst:.2} ms", "all");
    }
}

/// A block that pays fees; milliseconds of each module's begin and end. Transactions are not counted.
fn block(chain: &mut Chain, quiet: bool) -> [f64; 4] {
    chain.commit(|ctx| BANK.credit_genesis(ctx, &Address::module("fee_collector"), &coins(open(1)))).unwrap();
    let set = chain.commit(|ctx| STAKING.last_validators(ctx)).unwrap();
    let votes = set.iter().map(|validator| Vote {
        validator: validator.consensus_address().as_bytes().to_vec(),
        power: validator.potential_power(),
        flag: VoteFlag::Commit,
    });
    chain.block.last_commit = LastCommit { round: 0, votes: votes.collect() };
    assert_eq!(chain.block.last_commit.votes.len() as u64, VALIDATORS);
    chain.commit(|ctx| {
        let begun = [&DISTRIBUTION as &dyn Module, &SLASHING, &STAKING].map(|module| {
            let started = Instant::now();
            module.begin_block(ctx).unwrap();
            millis(started)
        });
        for validator in (0..VALIDATORS).filter(|_| !quiet) {
            let delegator = address(1_000_000 + validator);
            Auth.ensure(ctx, &delegator).unwrap();
            BANK.credit_genesis(ctx, &delegator, &coins(open(1))).unwrap();
            STAKING.delegate(ctx, &delegator, open(1), Source::Account, &address(validator)).unwrap();
        }
        let started = Instant::now();
        let updates = STAKING.end_block(ctx).unwrap();
        let ended = millis(started);
        assert_eq!(updates.is_empty(), quiet);
        let [distribution, slashing, staking] = begun;
        [distribution, slashing, staking, ended]
    })
}

fn millis(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}

fn coins(amount: Uint256) -> Coins {
    format!("{amount}aopen").parse().unwrap()
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
