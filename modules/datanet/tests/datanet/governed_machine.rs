//! Random lives of governed datanets: councils, bonds, hidden reviews, applications and rulings in any order. The chain checks every
//! invariant after each message and each block; what is burnt is the only change of the supply; in the end all bonds, deposits and pots
//! can be had back.

use openledger_bank::Bank;
use openledger_core::{Address, Coin, Error};
use openledger_datanet::governance::{council, BondKind};
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::{Any, Message, Name};
use proptest::prelude::*;

use crate::chain::*;

/// The code of the SDK's `ErrLogic`.
const SDK_LOGIC: u32 = 35;

#[derive(Debug, Clone)]
enum Step {
    Commit { datanet: u64, author: u8, content: u8 },
    Reveal { seq: u64 },
    Hide { seq: u64, curator: u8, score: Option<u32> },
    Show { seq: u64, curator: u8, score: Option<u32> },
    Review { seq: u64, reviewer: u8, score: Option<u32> },
    Withdraw { seq: u64 },
    Bond { datanet: u64, who: u8, curator: bool, amount: u64 },
    Unbond { datanet: u64, who: u8, curator: bool, amount: u64 },
    Apply { who: u8 },
    Assess { assessor: u8, who: u8, score: u32 },
    Propose { who: u8, kind: u8 },
    Vote { who: u8, proposal: u64, yes: bool },
    Execute { who: u8, proposal: u64 },
    Overrule { seq: u64 },
    Duplicate { seq: u64 },
    Freeze { datanet: u64 },
    Credit { amount: u64 },
    Claim { who: u8 },
    Retire { datanet: u64 },
    Blocks { count: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let (seq, who, datanet) = (1u64..12, 2u8..7, 1u64..4);
    let score = || prop::option::weighted(0.8, prop::sample::select(vec![0u32, 4_000, 10_000]));
    prop_oneof![
        5 => (datanet.clone(), who.clone(), 0u8..6).prop_map(|(datanet, author, content)| Step::Commit { datanet, author, content }),
        5 => seq.clone().prop_map(|seq| Step::Reveal { seq }),
        8 => (seq.clone(), 3u8..7, score()).prop_map(|(seq, curator, score)| Step::Hide { seq, curator, score }),
        8 => (seq.clone(), 3u8..7, score()).prop_map(|(seq, curator, score)| Step::Show { seq, curator, score }),
        4 => (seq.clone(), 1u8..7, score()).prop_map(|(seq, reviewer, score)| Step::Review { seq, reviewer, score }),
        1 => seq.clone().prop_map(|seq| Step::Withdraw { seq }),
        3 => (datanet.clone(), who.clone(), any::<bool>(), 1u64..4)
            .prop_map(|(datanet, who, curator, amount)| Step::Bond { datanet, who, curator, amount }),
        2 => (datanet.clone(), who.clone(), any::<bool>(), 1u64..4)
            .prop_map(|(datanet, who, curator, amount)| Step::Unbond { datanet, who, curator, amount }),
        2 => who.clone().prop_map(|who| Step::Apply { who }),
        2 => (1u8..7, who.clone(), prop::sample::select(vec![0u32, 5_000])).prop_map(|(assessor, who, score)| Step::Assess { assessor, who, score }),
        2 => (who.clone(), 0u8..4).prop_map(|(who, kind)| Step::Propose { who, kind }),
        4 => (who.clone(), 1u64..6, any::<bool>()).prop_map(|(who, proposal, yes)| Step::Vote { who, proposal, yes }),
        3 => (who.clone(), 1u64..6).prop_map(|(who, proposal)| Step::Execute { who, proposal }),
        1 => seq.clone().prop_map(|seq| Step::Overrule { seq }),
        1 => seq.prop_map(|seq| Step::Duplicate { seq }),
        3 => datanet.clone().prop_map(|datanet| Step::Freeze { datanet }),
        3 => any::<u64>().prop_map(|amount| Step::Credit { amount }),
        2 => who.prop_map(|who| Step::Claim { who }),
        1 => datanet.prop_map(|datanet| Step::Retire { datanet }),
        6 => (1u8..4).prop_map(|count| Step::Blocks { count }),
    ]
}

/// Whatever is tried is done or refused by a rule; it never meets a state that this code should not have made.
fn tried<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert!((error.codespace, error.code) != ("sdk", SDK_LOGIC), "a fault of ours: {error}");
    }
}

fn content(kind: u8) -> Vec<u8> {
    vec![kind; 1 + 100 * usize::from(kind)]
}

/// Who hid what.
type Hidden = Vec<(u8, u8)>;

fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn coin(opens: u64) -> Option<openledger_proto::cosmos::base::v1beta1::Coin> {
    Some(Coin::base(u128::from(opens) * OPEN / 2).to_proto())
}

/// What the council of datanet 1 may come to do.
fn message(kind: u8) -> Any {
    let owner = council::address(1).to_string();
    match kind {
        0 => pack(&set_council(owner, &[(2, 1), (3, 1)], 1)),
        1 => pack(&set_council(owner, &[(2, 1), (3, 1), (4, 2)], 2)),
        2 => pack(&MsgUpdateAllowList { owner, datanet_id: 1, add: vec![name(5)], remove: Vec::new() }),
        _ => pack(&MsgUpdateDatanet {
            owner,
            datanet_id: 1,
            title: "t".into(),
            policy: Some(bonded_curators()),
            ..Default::default()
        }),
    }
}

fn set_council(owner: String, members: &[(u8, u64)], threshold: u64) -> MsgSetCouncil {
    let members = members.iter().map(|(who, weight)| Member { address: name(*who), weight: *weight }).collect();
    MsgSetCouncil { owner, datanet_id: 1, members, threshold, voting_seconds: VOTING }
}

fn take(chain: &mut Chain, hidden: &mut Hidden, step: &Step) {
    let known = |seq: u64| hidden.get(seq as usize - 1).copied().unwrap_or((2, 0));
    match *step {
        Step::Commit { datanet, author, content: kind } => {
            let response = chain.deliver(&commit(datanet, author, &content(kind)));
            if response.is_ok() {
                hidden.push((author, kind));
            }
            tried(response);
        }
        Step::Reveal { seq } => {
            let (author, kind) = known(seq);
            tried(chain.deliver(&reveal(seq, author, &content(kind))));
        }
        Step::Hide { seq, curator, score } => tried(chain.deliver(&commit_review(seq, curator, score))),
        Step::Show { seq, curator, score } => tried(chain.deliver(&reveal_review(seq, curator, score))),
        Step::Review { seq, reviewer, score } => tried(chain.deliver(&review(seq, reviewer, score))),
        Step::Withdraw { seq } => tried(chain.deliver(&MsgWithdrawContribution { author: name(known(seq).0), seq })),
        Step::Bond { datanet, who, curator: true, amount } => {
            let (curator, amount) = (name(who), coin(amount));
            tried(chain.deliver(&MsgBondCurator { curator, datanet_id: datanet, amount }));
        }
        Step::Bond { datanet, who, amount, .. } => {
            let (account, amount) = (name(who), coin(amount));
            tried(chain.deliver(&MsgBondContributor { account, datanet_id: datanet, amount }));
        }
        Step::Unbond { datanet, who, curator, amount } => tried(unbond(chain, datanet, who, curator, coin(amount))),
        _ => govern(chain, step),
    }
}

fn unbond(
    chain: &mut Chain,
    datanet_id: u64,
    who: u8,
    curator: bool,
    amount: Option<openledger_proto::cosmos::base::v1beta1::Coin>,
) -> Result<(), Error> {
    if curator {
        chain.deliver(&MsgUnbondCurator { curator: name(who), datanet_id, amount }).map(|_| ())
    } else {
        chain.deliver(&MsgUnbondContributor { account: name(who), datanet_id, amount }).map(|_| ())
    }
}

fn govern(chain: &mut Chain, step: &Step) {
    match *step {
        Step::Apply { who } => {
            tried(chain.deliver(&MsgApply { applicant: name(who), datanet_id: 3, answer: "why".into() }));
        }
        Step::Assess { assessor, who, score } => {
            let (assessor, applicant) = (name(assessor), name(who));
            tried(chain.deliver(&MsgAssess { assessor, datanet_id: 3, applicant, score }));
        }
        Step::Propose { who, kind } => {
            let messages = vec![message(kind)];
            let propose = MsgCreateProposal { proposer: name(who), datanet_id: 1, title: "t".into(), messages };
            tried(chain.deliver(&propose));
        }
        Step::Vote { who, proposal, yes } => {
            tried(chain.deliver(&MsgVoteProposal { voter: name(who), proposal_id: proposal, yes }));
        }
        Step::Execute { who, proposal } => {
            tried(chain.deliver(&MsgExecuteProposal { executor: name(who), proposal_id: proposal }));
        }
        Step::Overrule { seq } => {
            let authority = openledger_auth::authority().to_string();
            let ruling = MsgOverruleReview { authority, seq, reviewers: Vec::new(), reason: "ruling".into() };
            tried(chain.deliver(&ruling));
        }
        Step::Duplicate { seq } => {
            let keeper = chain.keeper;
            tried(keeper.penalize_curators(&mut chain.ctx(), seq));
            chain.check();
        }
        Step::Freeze { datanet } => {
            let owner = owner_of(chain, datanet);
            tried(chain.deliver(&MsgFreezeVersion { owner, datanet_id: datanet }));
        }
        Step::Credit { amount } => {
            let keeper = chain.keeper;
            let last = [1, 2, 3].map(|id| (id, keeper.last_version(&chain.ctx(), id).unwrap()));
            let declared: Vec<_> = last.into_iter().filter(|(_, version)| *version > 0).collect();
            tried(chain.credit_curation(&declared, amount.into()));
        }
        Step::Claim { who } => {
            tried(chain.deliver(&MsgClaimCuration { curator: name(who), datanet_ids: vec![1, 2, 3] }));
        }
        Step::Retire { datanet } => {
            for state in [DatanetState::Frozen, DatanetState::Retired] {
                let owner = owner_of(chain, datanet);
                tried(chain.deliver(&MsgSetDatanetState { owner, datanet_id: datanet, state: state.into() }));
            }
        }
        Step::Blocks { count } => chain.blocks(count.into()),
        _ => {}
    }
}

/// The owner; of the council's datanet its address, in whose name the router is asked directly here.
fn owner_of(chain: &mut Chain, datanet: u64) -> String {
    let keeper = chain.keeper;
    keeper.datanet(&chain.ctx(), datanet).unwrap().unwrap().owner.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_decisions_breaks_the_books(steps in prop::collection::vec(step(), 1..120)) {
        let mut chain = Chain::new();
        chain.deliver(&create(hidden())).unwrap();
        chain.deliver(&set_council(name(1), &[(2, 1), (3, 1), (4, 2)], 2)).unwrap();
        let bonded = Policy {
            admission: Admission::Bonded.into(),
            contributor_bond: OPEN.to_string(),
            contributor_slash_bps: 5_000,
            ..bonded_curators()
        };
        chain.deliver(&create(bonded)).unwrap();
        let assessed = Policy {
            admission: Admission::Assessment.into(),
            pass_mark: 5_000,
            review_window_blocks: 4,
            burn_rejected: true,
            ..policy()
        };
        chain.deliver(&create(assessed)).unwrap();
        for curator in 3..7 {
            chain.bond_curator(1, curator, 2 * OPEN);
            chain.bond_curator(2, curator, u128::from(curator) * OPEN);
        }
        let mut hidden = Hidden::new();
        let supply = |chain: &mut Chain| Bank::default().supply(&chain.ctx(), "aopen").unwrap();
        let before = supply(&mut chain);
        for step in &steps {
            take(&mut chain, &mut hidden, step);
        }
        // All that is under way ends by itself, three of each queue a block.
        chain.blocks(u64::from(hidden.len() as u32) + WINDOW + 30);
        for (datanet, who, curator) in (1..4).flat_map(|id| (2..7).flat_map(move |who| [(id, who, true), (id, who, false)])) {
            let kind = if curator { BondKind::Curator } else { BondKind::Contributor };
            let (amount, locked) = chain.bonded(datanet, kind, who);
            prop_assert_eq!(locked, 0);
            if amount > 0 {
                unbond(&mut chain, datanet, who, curator, Some(Coin::base(amount).to_proto())).unwrap();
            }
        }
        chain.blocks(PERIOD / 5 + 12);
        for who in 2..7 {
            tried(chain.deliver(&MsgClaimCuration { curator: name(who), datanet_ids: vec![1, 2, 3] }));
        }
        let keeper = chain.keeper;
        let totals = keeper.totals(&chain.ctx()).unwrap();
        prop_assert!(totals.bonds.is_zero() && totals.proposals.is_zero() && totals.deposits.is_zero(), "{:?}", totals);
        prop_assert!(totals.curation <= cosmwasm_std::Uint256::from(1_000u64), "only what rounding left: {:?}", totals);
        prop_assert!(supply(&mut chain) <= before, "coins are burnt and never made");
        let held = chain.balance(&Address::module("datanet"));
        prop_assert_eq!(held, totals.sum().unwrap());
    }
}
