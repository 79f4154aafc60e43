//! Random lives of a chain: whatever is tried in whatever order, every invariant holds after each message and each block (the chain
//! checks them), no coin is lost or made, and in the end the authors can pull all that they are owed.

use cosmwasm_std::Uint256;
use openledger_bank::Bank;
use openledger_core::{Address, Error};
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;
use proptest::prelude::*;

use crate::chain::*;

/// The code of the SDK's `ErrLogic`.
const SDK_LOGIC: u32 = 35;

#[derive(Debug, Clone)]
enum Step {
    Commit { datanet: u64, author: u8, content: u8 },
    Reveal { seq: u64, commons: bool },
    Review { seq: u64, reviewer: u8, score: Option<u32>, commons: bool },
    Withdraw { seq: u64 },
    Tombstone { seq: u64 },
    Freeze { datanet: u64 },
    Baseline { amount: u64, both: bool },
    Treasury { amount: u64 },
    Claim { author: u8 },
    Spend { datanet: u64, amount: u64 },
    Block,
}

fn step() -> impl Strategy<Value = Step> {
    let seq = 1u64..16;
    let datanet = 1u64..3;
    prop_oneof![
        4 => (datanet.clone(), 2u8..5, 0u8..8).prop_map(|(datanet, author, content)| Step::Commit { datanet, author, content }),
        5 => (seq.clone(), any::<bool>()).prop_map(|(seq, commons)| Step::Reveal { seq, commons: commons && seq % 4 == 0 }),
        6 => (seq.clone(), 1u8..5, prop::option::weighted(0.8, 0u32..10_001), any::<bool>()).prop_map(
            |(seq, reviewer, score, commons)| Step::Review { seq, reviewer, score, commons: commons && seq % 3 == 0 }
        ),
        1 => seq.clone().prop_map(|seq| Step::Withdraw { seq }),
        1 => seq.prop_map(|seq| Step::Tombstone { seq }),
        3 => datanet.clone().prop_map(|datanet| Step::Freeze { datanet }),
        3 => (any::<u64>(), any::<bool>()).prop_map(|(amount, both)| Step::Baseline { amount, both }),
        2 => any::<u64>().prop_map(|amount| Step::Treasury { amount }),
        2 => (2u8..5).prop_map(|author| Step::Claim { author }),
        1 => (datanet, 0u64..u64::MAX / 4).prop_map(|(datanet, amount)| Step::Spend { datanet, amount }),
        4 => Just(Step::Block),
    ]
}

/// The content that a commit hides: few kinds, so that copies happen.
fn content(kind: u8) -> Vec<u8> {
    vec![kind; 1 + 300 * usize::from(kind)]
}

/// What the chain does not tell: who hid what.
type Hidden = Vec<(u8, u8)>;

/// Whatever is tried is done or refused by a rule; it never meets a state that this code should not have made.
fn tried<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert!((error.codespace, error.code) != ("sdk", SDK_LOGIC), "a fault of ours: {error}");
    }
}

fn take(chain: &mut Chain, hidden: &mut Hidden, step: &Step) {
    let known = |seq: u64| hidden.get(seq as usize - 1).copied().unwrap_or((2, 0));
    match *step {
        Step::Commit { datanet, author, content: kind } => {
            let response = chain.deliver(&commit(datanet, author, &content(kind)));
            hidden.push((author, kind));
            assert_eq!(response.unwrap().seq, hidden.len() as u64);
        }
        Step::Reveal { seq, commons } => {
            let (author, kind) = known(seq);
            let message = MsgRevealContribution { commons, ..reveal(seq, author, &content(kind)) };
            tried(chain.deliver(&message));
        }
        Step::Review { seq, reviewer, score, commons } => {
            let commons = commons && score.is_some();
            tried(chain.deliver(&MsgReviewContribution { commons, ..review(seq, reviewer, score) }));
        }
        Step::Withdraw { seq } => {
            tried(chain.deliver(&MsgWithdrawContribution { author: name(known(seq).0), seq }));
        }
        Step::Tombstone { seq } => {
            tried(chain.deliver(&MsgTombstone {
                authority: openledger_auth::authority().to_string(),
                seq,
                reason: "notice".into(),
            }));
        }
        Step::Freeze { datanet } => {
            tried(chain.deliver(&MsgFreezeVersion { owner: name(1), datanet_id: datanet }));
        }
        Step::Baseline { amount, both } => {
            let versions = versions(chain, both);
            tried(chain.credit_baseline(&versions, amount.into()));
        }
        Step::Treasury { amount } => {
            let versions = versions(chain, true);
            tried(chain.credit_treasury(&versions, amount.into()));
        }
        Step::Claim { author } => claim(chain, hidden, author),
        Step::Spend { datanet, amount } => {
            let amount = Some(openledger_core::Coin::base(u128::from(amount)).to_proto());
            tried(chain.deliver(&MsgSpendTreasury { owner: name(1), datanet_id: datanet, recipient: name(9), amount }));
        }
        Step::Block => chain.next_block(),
    }
}

/// First and last versions, as models declare old and new ones.
fn versions(chain: &mut Chain, both: bool) -> Vec<(u64, u32)> {
    let keeper = chain.keeper;
    let ctx = chain.ctx();
    let last = [1, 2].map(|id| (id, keeper.last_version(&ctx, id).unwrap()));
    let mut declared: Vec<_> = last.into_iter().filter(|(_, version)| *version > 0).collect();
    if !both {
        declared.truncate(1);
        declared.iter_mut().for_each(|(_, version)| *version = 1);
    }
    declared
}

fn claim(chain: &mut Chain, hidden: &Hidden, author: u8) {
    let seqs: Vec<u64> = (1..).zip(hidden).filter(|(_, (by, _))| *by == author).map(|(seq, _)| seq).take(200).collect();
    let before = chain.balance(&account(author));
    let owed: Uint256 = seqs.iter().map(|seq| chain.owed(*seq).parse::<Uint256>().unwrap()).sum();
    match chain.deliver(&MsgClaimBaseline { author: name(author), seqs }) {
        Ok(response) => assert_eq!(response.paid.unwrap().amount, owed.to_string()),
        Err(_) => assert_eq!(owed, Uint256::zero()),
    }
    assert_eq!(chain.balance(&account(author)), before + owed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_messages_breaks_the_books(steps in prop::collection::vec(step(), 1..90)) {
        let mut chain = Chain::new();
        chain.datanet();
        let curated = Policy { curators: vec![name(2), name(3), name(4)], quorum: 2, burn_rejected: true, ..policy() };
        chain.deliver(&create(curated)).unwrap();
        let mut hidden = Hidden::new();
        let supply = |chain: &mut Chain| Bank::default().supply(&chain.ctx(), "aopen").unwrap();
        let before = supply(&mut chain);
        for step in &steps {
            take(&mut chain, &mut hidden, step);
        }
        for _ in 0..WINDOW + 8 {
            chain.next_block();
        }
        for author in 2..5 {
            claim(&mut chain, &hidden, author);
        }
        let mut burnt = 0u128;
        for seq in 1..=hidden.len() as u64 {
            let contribution = chain.contribution(seq);
            let lost = contribution.status == Status::Expired
                || (contribution.status == Status::Rejected && contribution.burn_if_rejected);
            burnt += if lost { OPEN } else { 0 };
            prop_assert!(contribution.status != Status::Committed);
        }
        prop_assert_eq!(supply(&mut chain), before - Uint256::from(burnt));
        // What stays is what is owed to treasuries and deposits, and less than a unit a contribution of rounding.
        let keeper = chain.keeper;
        let totals = keeper.totals(&chain.ctx()).unwrap();
        let held = chain.balance(&Address::module("datanet"));
        prop_assert_eq!(held, totals.sum().unwrap());
        prop_assert!(totals.baselines <= Uint256::from(hidden.len() as u128 * 2 + 2));
    }
}
