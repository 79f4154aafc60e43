//! Whatever validators, delegators, slashes, jails and time do, in any order: the pools hold what they should, shares add up, the
//! indices are right, and nothing is created but what was burnt is gone.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{Chain, OPEN};
use cosmwasm_std::Uint256;
use openledger_core::Module;
use openledger_proto::cosmos::staking::v1beta1::GenesisState;
use openledger_proto::Message;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Create { who: u8, amount: u128 },
    Delegate { who: u8, to: u8, amount: u128 },
    Undelegate { who: u8, from: u8, amount: u128 },
    Redelegate { who: u8, from: u8, to: u8, amount: u128 },
    Cancel { who: u8, from: u8, amount: u128, ago: u64 },
    Slash { whom: u8, ago: u64, power: u64, percent: u64 },
    Jail { whom: u8 },
    Unjail { whom: u8 },
    Limit { most: u32 },
    Block { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, validator) = (1u8..7, 1u8..5);
    // Amounts that divide badly, some of them below one unit of power.
    let amount = prop_oneof![1u128..20, (1u128..9).prop_map(|open| open * OPEN + open), 0u128..3 * OPEN];
    prop_oneof![
        2 => (validator.clone(), amount.clone()).prop_map(|(who, amount)| Step::Create { who, amount }),
        5 => (who.clone(), validator.clone(), amount.clone())
            .prop_map(|(who, to, amount)| Step::Delegate { who, to, amount }),
        4 => (who.clone(), validator.clone(), amount.clone())
            .prop_map(|(who, from, amount)| Step::Undelegate { who, from, amount }),
        4 => (who.clone(), validator.clone(), validator.clone(), amount.clone())
            .prop_map(|(who, from, to, amount)| Step::Redelegate { who, from, to, amount }),
        2 => (who, validator.clone(), amount, 0u64..4)
            .prop_map(|(who, from, amount, ago)| Step::Cancel { who, from, amount, ago }),
        2 => (validator.clone(), 0u64..5, 0u64..9, 0u64..101)
            .prop_map(|(whom, ago, power, percent)| Step::Slash { whom, ago, power, percent }),
        1 => validator.clone().prop_map(|whom| Step::Jail { whom }),
        1 => validator.prop_map(|whom| Step::Unjail { whom }),
        1 => (1u32..4).prop_map(|most| Step::Limit { most }),
        6 => (1i64..700).prop_map(|seconds| Step::Block { seconds }),
    ]
}

impl Chain {
    /// What a refused step changed is undone by `execute`; a refused slash must have changed nothing, so it is undone here.
    fn step(&mut self, step: Step) {
        let height = self.block.height;
        match step {
            Step::Create { who, amount } => drop(self.execute(&common::create(who, amount))),
            Step::Delegate { who, to, amount } => drop(self.delegate(who, to, amount)),
            Step::Undelegate { who, from, amount } => drop(self.undelegate(who, from, amount)),
            Step::Redelegate { who, from, to, amount } => drop(self.redelegate(who, from, to, amount)),
            Step::Cancel { who, from, amount, ago } => {
                drop(self.cancel(who, from, amount, height.saturating_sub(ago).max(1)));
            }
            Step::Slash { whom, ago, power, percent } => {
                let unbonded = self.state_of(whom).is_none_or(|validator| validator.is_unbonded());
                let slashed = self.slash(whom, height.saturating_sub(ago).max(1), power, &fraction(percent));
                assert!(slashed.is_ok() || unbonded, "{slashed:?}");
            }
            Step::Jail { whom } => drop(self.jail(whom)),
            Step::Unjail { whom } => drop(self.unjail(whom)),
            Step::Limit { most } => self.params(|params| params.max_validators = most),
            Step::Block { seconds } => drop(self.next(seconds)),
        }
    }

    fn state_of(&mut self, validator: u8) -> Option<openledger_staking::Validator> {
        let staking = self.staking;
        self.with(|ctx| staking.validator(ctx, &common::address(validator)).unwrap())
    }
}

fn fraction(percent: u64) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn stake_is_never_lost_nor_made(steps in prop::collection::vec(step(), 1..60)) {
        let mut chain = Chain::new();
        let staking = chain.staking;
        for step in steps {
            let before = chain.supply();
            let slashing = matches!(step, Step::Slash { .. });
            let shown = format!("{step:?}");
            chain.step(step);
            chain.with(|ctx| staking.check_invariants(ctx)).map_err(|error| TestCaseError::fail(format!("{shown}: {error}")))?;
            let after = chain.supply();
            prop_assert!(after == before || (slashing && after < before), "{}", shown);
        }
        // Everything is exported, and another chain takes it and holds as much.
        chain.next(1);
        let exported = chain.with(|ctx| staking.export_genesis(ctx).unwrap());
        prop_assert!(staking.validate_genesis(&exported).is_ok());
        let read = GenesisState::decode(exported.as_slice()).unwrap();
        prop_assert!(read.exported);
        // Whoever undelegates everything gets it all, and in the end the pools are empty but for what nobody can have.
        for validator in 1..5u8 {
            for who in 1..7u8 {
                let held = chain.with(|ctx| staking.delegation(ctx, &common::address(who), &common::address(validator)).unwrap());
                let Some(held) = held else { continue };
                let unbonding = chain.with(|ctx| staking.unbonding(ctx, &held.delegator, &held.operator).unwrap());
                if unbonding.is_some_and(|unbonding| unbonding.entries.len() >= 7) {
                    chain.next(common::UNBONDING + 1);
                    chain.next(1);
                }
                chain.with(|ctx| staking.undelegate(ctx, &held.delegator, &held.operator, held.shares)).unwrap();
            }
        }
        chain.next(common::UNBONDING + 1);
        chain.next(common::UNBONDING + 1);
        chain.next(1);
        let left = chain.with(|ctx| staking.total_bonded(ctx).unwrap() + staking.total_not_bonded(ctx).unwrap());
        prop_assert_eq!(left, Uint256::zero());
        // The last of the set stay in it, with nothing, since CometBFT stops at an empty one.
        let last = chain.with(|ctx| staking.validators(ctx).unwrap());
        prop_assert!(last.iter().all(|validator| validator.is_bonded() && validator.tokens.is_zero()));
    }
}
