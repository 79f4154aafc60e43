//! The window against a model that keeps every vote: for any votes, any window and any returns from jail, they agree.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::Dec;
use openledger_slashing::Params;
use proptest::prelude::*;

/// All votes since the validator was jailed last, oldest first.
#[derive(Default)]
struct Model {
    votes: Vec<bool>,
    start: u64,
    jailed: bool,
}

impl Model {
    fn missed(&self, window: usize) -> u64 {
        let last = self.votes.len().saturating_sub(window);
        self.votes[last..].iter().filter(|missed| **missed).count() as u64
    }

    /// A vote in the block of `height`; whether it puts the validator in jail.
    fn vote(&mut self, height: u64, missed: bool, window: u64, allowed: u64) {
        if self.jailed {
            return;
        }
        self.votes.push(missed);
        if height > self.start + window && self.missed(window as usize) > allowed {
            self.jailed = true;
            self.votes.clear();
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<(bool, bool)>> {
    // Whether it misses, and whether it asks to be let out after the block. Runs of one kind, so that it gets jailed and recovers.
    let run = (any::<bool>(), prop::bool::weighted(0.3), 1usize..12);
    prop::collection::vec(run, 1..25)
        .prop_map(|runs| runs.into_iter().flat_map(|(missed, out, length)| vec![(missed, out); length]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_window_agrees_with_a_model_that_keeps_every_vote(
        window in 1u64..30,
        thousandths in 0i64..=1_000,
        acts in acts(),
    ) {
        let min_signed_per_window = Dec::from_units(thousandths * 1_000_000_000_000_000);
        let slash_fraction_downtime = Dec::from_units(10_000_000_000_000);
        let params = Params { signed_blocks_window: window, min_signed_per_window, slash_fraction_downtime, ..short() };
        let allowed = params.max_missed_blocks().unwrap();
        let mut chain = Chain::new(2, params);
        let mut model = Model { start: 1, ..Model::default() };
        for (missed, out) in acts {
            chain.block_without(if missed { &[1] } else { &[] });
            model.vote(chain.block.height, missed, window, allowed);
            prop_assert_eq!(chain.validator(1).jailed, model.jailed);
            let info = chain.info(1);
            prop_assert_eq!(info.missed_blocks, model.missed(window as usize));
            prop_assert_eq!(info.index_offset, model.votes.len() as u64);
            prop_assert_eq!(info.start_height, model.start);
            if out {
                chain.skip(60);
                prop_assert_eq!(chain.unjail(1).is_ok(), model.jailed);
                if model.jailed {
                    (model.jailed, model.start) = (false, chain.block.height);
                }
            }
        }
        prop_assert_eq!(chain.info(2).missed_blocks, 0);
    }
}
