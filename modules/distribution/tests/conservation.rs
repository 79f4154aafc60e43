//! Under random delegations, withdrawals, fees and slashes: what came in is what was paid, is owed, and is the community's, at every
//! block; and F1 pays what a loop over all delegators would.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use std::collections::BTreeMap;

use common::{address, operator, proto_coin, text, Chain, DISTRIBUTION, STAKING};
use openledger_core::{Context, Dec, DecCoins};
use openledger_proto::cosmos::distribution::v1beta1::{MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission};
use openledger_proto::cosmos::staking::v1beta1::{MsgBeginRedelegate, MsgDelegate, MsgUndelegate};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Delegate {
        who: u8,
        to: u8,
        amount: u128,
    },
    /// A part, in 255ths, of what is there.
    Undelegate {
        who: u8,
        from: u8,
        part: u8,
    },
    Redelegate {
        who: u8,
        from: u8,
        part: u8,
    },
    Withdraw {
        who: u8,
        from: u8,
    },
    Commission {
        who: u8,
    },
    Slash {
        whom: u8,
        permille: u16,
    },
    Block {
        fees: u128,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let (who, validator) = (1u8..=5, 1u8..=2);
    let amount = (1u128..1_000, 0u32..20).prop_map(|(digits, zeros)| digits * 10u128.pow(zeros));
    prop_oneof![
        3 => (who.clone(), validator.clone(), amount).prop_map(|(who, to, amount)| Op::Delegate { who, to, amount }),
        2 => (who.clone(), validator.clone(), any::<u8>()).prop_map(|(who, from, part)| Op::Undelegate { who, from, part }),
        1 => (who.clone(), validator.clone(), any::<u8>()).prop_map(|(who, from, part)| Op::Redelegate { who, from, part }),
        2 => (who, validator.clone()).prop_map(|(who, from)| Op::Withdraw { who, from }),
        1 => validator.clone().prop_map(|who| Op::Commission { who }),
        1 => (validator, 1u16..400).prop_map(|(whom, permille)| Op::Slash { whom, permille }),
        5 => (0u128..10_000_000_000_000_000_000).prop_map(|fees| Op::Block { fees }),
    ]
}

/// What a loop over all delegators would have paid: by delegator and validator, base units with places.
type Naive = BTreeMap<(u8, u8), Dec>;

fn stake(ctx: &Context, who: u8, validator: u8) -> Option<(Dec, Dec)> {
    let found = STAKING.validator(ctx, &address(validator)).unwrap()?;
    let delegation = STAKING.delegation(ctx, &address(who), &address(validator)).unwrap()?;
    Some((found.tokens_from_shares(delegation.shares).unwrap(), Dec::from_int(found.tokens)))
}

fn act(chain: &mut Chain, op: &Op) {
    let part = |chain: &mut Chain, who, from, part: u8| {
        let whole = chain.with(|ctx| stake(ctx, who, from)).map_or(Dec::ZERO, |(own, _)| own);
        let whole: u128 = whole.truncate_int().unwrap().to_string().parse().unwrap();
        // In 255ths, the last of which is all.
        if part == u8::MAX {
            whole
        } else {
            whole / 255 * u128::from(part)
        }
    };
    // Whether a message makes sense in this state is no matter: what is refused changes nothing.
    match op {
        Op::Delegate { who, to, amount } => {
            let amount = Some(proto_coin(*amount));
            let _ =
                chain.execute(&MsgDelegate { delegator_address: text(*who), validator_address: operator(*to), amount });
        }
        Op::Undelegate { who, from, part: share } => {
            let amount = Some(proto_coin(part(chain, *who, *from, *share)));
            let (delegator_address, validator_address) = (text(*who), operator(*from));
            let _ = chain.execute(&MsgUndelegate { delegator_address, validator_address, amount });
        }
        Op::Redelegate { who, from, part: share } => {
            let amount = Some(proto_coin(part(chain, *who, *from, *share)));
            let _ = chain.execute(&MsgBeginRedelegate {
                delegator_address: text(*who),
                validator_src_address: operator(*from),
                validator_dst_address: operator(3 - from),
                amount,
            });
        }
        Op::Withdraw { who, from } => {
            let (delegator_address, validator_address) = (text(*who), operator(*from));
            let _ = chain.execute(&MsgWithdrawDelegatorReward { delegator_address, validator_address });
        }
        Op::Commission { who } => {
            let _ = chain.execute(&MsgWithdrawValidatorCommission { validator_address: operator(*who) });
        }
        Op::Slash { whom, permille } => chain.slash(*whom, &format!("0.{permille:03}")),
        Op::Block { fees } => {
            chain.next_block(*fees);
        }
    }
}

/// Adds to the loop's account what a block shared out: the difference that it made to what is outstanding.
fn share_out(chain: &mut Chain, naive: &mut Naive, before: &[DecCoins; 2]) {
    for validator in 1..=2u8 {
        let came = chain.with(|ctx| DISTRIBUTION.outstanding(ctx, &address(validator)).unwrap());
        let came = came.amount_of("aopen").sub(before[usize::from(validator) - 1].amount_of("aopen")).unwrap();
        if !came.is_positive() {
            continue;
        }
        let rate: Dec = common::COMMISSION[usize::from(validator) - 1].parse().unwrap();
        let stakers = came.mul(Dec::one().sub(rate).unwrap()).unwrap();
        for who in 1..=8u8 {
            let Some((own, all)) = chain.with(|ctx| stake(ctx, who, validator)) else { continue };
            if all.is_zero() {
                continue;
            }
            let reward = stakers.mul(own).unwrap().quo(all).unwrap();
            let sum = naive.entry((who, validator)).or_default();
            *sum = sum.add(reward).unwrap();
        }
    }
}

fn outstanding(chain: &mut Chain) -> [DecCoins; 2] {
    [1u8, 2].map(|validator| chain.with(|ctx| DISTRIBUTION.outstanding(ctx, &address(validator)).unwrap()))
}

fn held(chain: &mut Chain) -> u128 {
    chain.with(|ctx| {
        let mut held = DISTRIBUTION.community_pool(ctx).unwrap();
        for validator in 1..=2u8 {
            held = held.add(&DISTRIBUTION.outstanding(ctx, &address(validator)).unwrap()).unwrap();
        }
        let held = held.amount_of("aopen");
        assert!(held.is_integer(), "the places of all that is held cancel out: {held}");
        held.truncate_int().unwrap().to_string().parse().unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8 + 8))]

    #[test]
    fn what_came_in_was_paid_or_is_owed_or_is_the_community_s(ops in proptest::collection::vec(op(), 1..60)) {
        let mut chain = Chain::new();
        chain.next_block(0);
        for op in &ops {
            act(&mut chain, op);
            prop_assert_eq!(chain.collected, chain.paid + held(&mut chain), "after {:?}", op);
        }
        chain.check();
        // Everybody can take what is theirs.
        chain.next_block(0);
        for who in 1..=8u8 {
            for from in 1..=2u8 {
                if chain.with(|ctx| stake(ctx, who, from)).is_some() {
                    act(&mut chain, &Op::Withdraw { who, from });
                }
            }
        }
        for who in 1..=2u8 {
            act(&mut chain, &Op::Commission { who });
        }
        prop_assert_eq!(chain.collected, chain.paid + held(&mut chain));
        chain.check();
    }

    #[test]
    fn f1_pays_what_a_loop_over_all_delegators_would(ops in proptest::collection::vec(op(), 1..60)) {
        let mut chain = Chain::new();
        let mut naive = Naive::new();
        chain.next_block(0);
        for op in &ops {
            let before = outstanding(&mut chain);
            act(&mut chain, op);
            if matches!(op, Op::Block { .. }) {
                share_out(&mut chain, &mut naive, &before);
            }
        }
        chain.next_block(0);
        for who in 1..=5u8 {
            for from in 1..=2u8 {
                act(&mut chain, &Op::Withdraw { who, from });
                let expected = naive.get(&(who, from)).copied().unwrap_or_default();
                let earned = chain.earned.get(&(text(who), operator(from))).copied().unwrap_or_default();
                let apart = Dec::from_int(earned.into()).sub(expected).unwrap().abs();
                // Less than a unit a payment is cut, and the places of sums and stakes behind the 18th.
                let margin = Dec::from_u64(1 + ops.len() as u64).add(expected.quo(Dec::from_u64(1_000_000_000)).unwrap());
                prop_assert!(apart <= margin.unwrap(), "account {who} of {from}: paid {earned}, a loop pays {expected}");
            }
        }
    }
}
