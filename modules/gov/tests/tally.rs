//! Votes are counted as the rules say: held against a model that goes through every unit of stake by itself.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;

use cosmwasm_std::Uint256;
use openledger_core::{Address, Dec};
use openledger_gov::tally::{Count, Outcome, Seat, Thresholds};
use openledger_proto::cosmos::gov::v1::VoteOption;
use proptest::prelude::*;

const OPTIONS: [VoteOption; 4] = [VoteOption::Yes, VoteOption::Abstain, VoteOption::No, VoteOption::NoWithVeto];

fn person(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

fn dec(text: &str) -> Dec {
    text.parse().unwrap()
}

fn thresholds() -> Thresholds {
    Thresholds {
        quorum: dec("0.334"),
        threshold: dec("0.5"),
        veto: dec("0.334"),
        burn_without_quorum: false,
        burn_on_veto: true,
    }
}

/// Who has delegated what to whom, and how people vote: in quarters for each option.
#[derive(Debug, Clone)]
struct World {
    /// By validator: by delegator, their stake. The validators are people 0 to 4.
    stakes: Vec<BTreeMap<u8, u128>>,
    /// By person: quarters for yes, abstain, no, veto; four in all.
    votes: BTreeMap<u8, [u128; 4]>,
    /// Stake of bonded validators that no vote can reach.
    rest: u128,
}

fn worlds() -> impl Strategy<Value = World> {
    let stakes = prop::collection::vec(prop::collection::btree_map(0..10u8, 1..1_000u128, 1..6), 1..5);
    let split = prop::sample::select(vec![
        [4, 0, 0, 0],
        [0, 4, 0, 0],
        [0, 0, 4, 0],
        [0, 0, 0, 4],
        [2, 0, 2, 0],
        [1, 1, 1, 1],
        [3, 0, 0, 1],
        [0, 1, 3, 0],
    ]);
    let votes = prop::collection::btree_map(0..10u8, split, 0..10);
    (stakes, votes, 0..500u128).prop_map(|(stakes, votes, rest)| World { stakes, votes, rest })
}

/// The model: each unit of stake votes as its delegator does, else as its validator does, else not at all. In quarters of a unit.
fn model(world: &World) -> ([u128; 4], bool, bool) {
    let mut sums = [0u128; 4];
    for (validator, stakes) in world.stakes.iter().enumerate() {
        for (delegator, stake) in stakes {
            let vote = world.votes.get(delegator).or_else(|| world.votes.get(&(validator as u8)));
            for (sum, quarters) in sums.iter_mut().zip(vote.unwrap_or(&[0; 4])) {
                *sum += stake * quarters;
            }
        }
    }
    let bonded = world.rest + world.stakes.iter().flat_map(|stakes| stakes.values()).sum::<u128>();
    let total: u128 = sums.iter().sum();
    let [yes, abstain, _, veto] = sums;
    let (passes, burns) = if total * 1000 < 334 * bonded * 4 || total == abstain {
        (false, false)
    } else if veto * 1000 > 334 * total {
        (false, true)
    } else {
        (yes * 2 > total - abstain, false)
    };
    (sums, passes, burns)
}

fn counted(world: &World, slash: bool) -> Outcome {
    // Shares are ten times tokens in a slashed world: each share is then worth a tenth.
    let factor = if slash { 10 } else { 1 };
    let shares = |stake: u128| Dec::from_int(Uint256::from(stake * factor));
    let seats = world.stakes.iter().enumerate().map(|(validator, stakes)| {
        let tokens: u128 = stakes.values().sum();
        (person(validator as u8), Seat::new(Uint256::from(tokens), shares(tokens)))
    });
    let mut count = Count::among(seats);
    for (voter, quarters) in &world.votes {
        let options: Vec<_> = OPTIONS
            .into_iter()
            .zip(quarters)
            .filter(|(_, quarters)| **quarters > 0)
            .map(|(option, quarters)| (option, dec("0.25").mul_int(Uint256::from(*quarters)).unwrap()))
            .collect();
        let delegations =
            world.stakes.iter().enumerate().filter_map(|(validator, stakes)| {
                stakes.get(voter).map(|stake| (person(validator as u8), shares(*stake)))
            });
        count.cast(&person(*voter), &options, delegations).unwrap();
    }
    let bonded = world.rest + world.stakes.iter().flat_map(|stakes| stakes.values()).sum::<u128>();
    count.close(Uint256::from(bonded), &thresholds()).unwrap()
}

proptest! {
    #[test]
    fn every_unit_of_stake_votes_once_as_its_owner_or_else_its_validator_does(world in worlds(), slash: bool) {
        let (sums, passes, burns) = model(&world);
        let outcome = counted(&world, slash);
        let whole = |quarters: u128| (quarters / 4).to_string();
        prop_assert_eq!(&outcome.result.yes_count, &whole(sums[0]));
        prop_assert_eq!(&outcome.result.abstain_count, &whole(sums[1]));
        prop_assert_eq!(&outcome.result.no_count, &whole(sums[2]));
        prop_assert_eq!(&outcome.result.no_with_veto_count, &whole(sums[3]));
        prop_assert_eq!((outcome.passes, outcome.burns), (passes, burns));
    }
}

fn world(stakes: &[&[(u8, u128)]], votes: &[(u8, [u128; 4])]) -> World {
    let stakes = stakes.iter().map(|stakes| stakes.iter().copied().collect()).collect();
    World { stakes, votes: votes.iter().copied().collect(), rest: 0 }
}

#[test]
fn a_delegator_s_vote_is_taken_from_their_validator_s() {
    let outcome = counted(&world(&[&[(0, 10), (7, 30)]], &[(0, [4, 0, 0, 0]), (7, [0, 0, 4, 0])]), false);
    assert_eq!((outcome.result.yes_count.as_str(), outcome.result.no_count.as_str()), ("10", "30"));
    assert!(!outcome.passes);
    let silent = counted(&world(&[&[(0, 10), (7, 30)]], &[(0, [4, 0, 0, 0])]), false);
    assert_eq!((silent.result.yes_count.as_str(), silent.passes), ("40", true));
}

#[test]
fn where_all_abstain_nothing_passes_and_nothing_burns() {
    let outcome = counted(&world(&[&[(0, 10)]], &[(0, [0, 4, 0, 0])]), false);
    assert_eq!((outcome.passes, outcome.burns), (false, false));
}

#[test]
fn exactly_the_quorum_is_enough_and_exactly_the_thresholds_are_not() {
    let stakes: &[&[(u8, u128)]] = &[&[(0, 334), (1, 666)]];
    // Validator 0's own vote is for all; delegator 1 abstaining from the count is not possible, so the quorum is tried through rest.
    let mut at_quorum = world(&[&[(0, 334)]], &[(0, [4, 0, 0, 0])]);
    at_quorum.rest = 666;
    assert!(counted(&at_quorum, false).passes);
    at_quorum.rest = 667;
    assert!(!counted(&at_quorum, false).passes);
    let veto = world(stakes, &[(0, [0, 0, 0, 4]), (1, [4, 0, 0, 0])]);
    assert_eq!((counted(&veto, false).passes, counted(&veto, false).burns), (true, false));
    let half = world(&[&[(0, 50), (1, 50)]], &[(0, [4, 0, 0, 0]), (1, [0, 0, 4, 0])]);
    assert!(!counted(&half, false).passes);
}

#[test]
fn without_any_stake_nothing_passes() {
    let outcome = Count::default().close(Uint256::zero(), &thresholds()).unwrap();
    assert_eq!((outcome.passes, outcome.burns), (false, false));
}

#[test]
fn a_validator_without_shares_has_no_vote() {
    let mut count = Count::among([(person(0), Seat::new(Uint256::zero(), Dec::ZERO))]);
    count.cast(&person(0), &[(VoteOption::Yes, Dec::one())], []).unwrap();
    assert_eq!(count.close(Uint256::one(), &thresholds()).unwrap().result.yes_count, "0");
}
