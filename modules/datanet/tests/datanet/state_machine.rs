//! Random lives of a chain: whatever is tried in whatever order, every invariant holds after each message and each block (the chain
//! checks them), no coin is lost or made, and in the end the authors can pull all that they are owed.

use cosmwasm_std::Uint256;
use openledger_bank::Bank;
use openledger_core::{Address, Error};
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;
use openledger_provenance::codec::Encode;
use openledger_provenance::content::{tree, ContentOpening};
use openledger_provenance::duplicate::prove;
use proptest::prelude::*;

use crate::chain::*;

/// The code of the SDK's `ErrLogic`.
const SDK_LOGIC: u32 = 35;

#[derive(Debug, Clone)]
enum Step {
    Commit { datanet: u64, author: u8, content: u8 },
    Reveal { seq: u64, commons: bool, custodial: bool, at: u64 },
    Review { seq: u64, reviewer: u8, score: Option<u32>, commons: bool },
    Withdraw { seq: u64 },
    Tombstone { seq: u64 },
    Freeze { datanet: u64 },
    Baseline { amount: u64, both: bool },
    Treasury { amount: u64 },
    Claim { author: u8 },
    Spend { datanet: u64, amount: u64 },
    Ask { seq: u64, chunk: u32 },
    Show { seq: u64, chunk: u32 },
    Dispute { seq: u64 },
    Copy { id: u64 },
    Prove { seq: u64 },
    Grant { seq: u64, to: u8 },
    Block,
}

fn step() -> impl Strategy<Value = Step> {
    let seq = 1u64..16;
    let datanet = 1u64..3;
    prop_oneof![
        4 => (datanet.clone(), 2u8..5, 0u8..8).prop_map(|(datanet, author, content)| Step::Commit { datanet, author, content }),
        5 => (seq.clone(), any::<bool>(), 0u64..6).prop_map(|(seq, flag, at)| Step::Reveal {
            seq, commons: flag && seq % 4 == 0, custodial: flag && seq % 4 == 1, at: if seq % 4 == 3 { at } else { 0 },
        }),
        6 => (seq.clone(), 1u8..5, prop::option::weighted(0.8, 0u32..10_001), any::<bool>()).prop_map(
            |(seq, reviewer, score, commons)| Step::Review { seq, reviewer, score, commons: commons && seq % 3 == 0 }
        ),
        1 => seq.clone().prop_map(|seq| Step::Withdraw { seq }),
        3 => (seq.clone(), 0u32..4).prop_map(|(seq, chunk)| Step::Ask { seq, chunk }),
        3 => (seq.clone(), 0u32..4).prop_map(|(seq, chunk)| Step::Show { seq, chunk }),
        1 => seq.clone().prop_map(|seq| Step::Dispute { seq }),
        2 => (1u64..5).prop_map(|id| Step::Copy { id }),
        1 => seq.clone().prop_map(|seq| Step::Prove { seq }),
        1 => (seq.clone(), 0u8..5).prop_map(|(seq, to)| Step::Grant { seq, to }),
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
        Step::Reveal { seq, commons, custodial, at } => {
            let (author, kind) = known(seq);
            let mut message = MsgRevealContribution { commons, ..reveal(seq, author, &content(kind)) };
            message.points_at = (at > 0).then(|| Pointer { kind: 1 + (seq % 4) as i32, seq: at });
            if custodial {
                let kind = RightsKind::Custodial.into();
                message.rights = Some(Rights { kind, on_behalf_of: name(2), ..Default::default() });
            }
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
        Step::Ask { seq, chunk } => {
            tried(chain.deliver(&MsgChallengeAvailability { challenger: name(7), seq, chunk }));
        }
        Step::Show { seq, chunk } => {
            let text = content(known(seq).1);
            let offset = u64::from(chunk) * 256;
            let len = (text.len() as u64).saturating_sub(offset).min(256);
            if let Ok(opening) = ContentOpening::prove(&tree(&text), &text, offset, len) {
                let path = opening.path.iter().map(|hash| hash.to_vec()).collect();
                let bytes = opening.bytes;
                tried(chain.deliver(&MsgAnswerAvailability { answerer: name(8), seq, chunk, bytes, path }));
            }
        }
        Step::Dispute { seq } => tried(chain.deliver(&MsgCommitDuplicate { disputant: name(7), seq })),
        Step::Copy { id } => copy(chain, hidden, id),
        Step::Prove { seq } => tried(chain.deliver(&MsgProveCustody { author: name(2), seq })),
        Step::Grant { seq, to } => {
            let account = if to == 0 { String::new() } else { name(to) };
            let authority = if to % 2 == 0 { openledger_auth::authority().to_string() } else { name(1) };
            tried(chain.deliver(&MsgGrantCustody { authority, seq, account, statement: "see there".into() }));
        }
        Step::Block => chain.next_block(),
    }
}

/// Shows an open dispute by whatever earlier content has its bytes.
fn copy(chain: &mut Chain, hidden: &Hidden, id: u64) {
    let request = QueryDuplicateRequest { dispute_id: id };
    let Ok(found) = chain.query::<_, QueryDuplicateResponse>("Duplicate", &request) else { return };
    let Ok(seed) = found.seed.try_into() else { return };
    let texts: Vec<Vec<u8>> = hidden.iter().map(|(_, kind)| content(*kind)).collect();
    let earlier: Vec<(u64, &[u8])> = (1..).zip(texts.iter().map(Vec::as_slice)).collect();
    let seq = found.dispute.unwrap().seq as usize - 1;
    if let Ok(Some(proof)) = prove(&texts[seq], &seed, &earlier[..seq]) {
        tried(chain.deliver(&MsgRevealDuplicate { disputant: name(7), dispute_id: id, proof: proof.encode() }));
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

/// Claims for each contribution: whoever is entitled has what is owed, to the unit; nobody else has anything.
fn claim(chain: &mut Chain, hidden: &Hidden, author: u8) {
    for seq in 1..=hidden.len() as u64 {
        let before = chain.balance(&account(author));
        let owed = chain.owed(seq).parse::<Uint256>().unwrap();
        let paid = match chain.deliver(&MsgClaimBaseline { author: name(author), seqs: vec![seq] }) {
            Ok(response) => response.paid.unwrap().amount.parse().unwrap(),
            Err(error) => {
                assert!([9, 24, 25, 72].contains(&error.code), "{error}");
                assert!(error.code != 24 || owed.is_zero());
                Uint256::zero()
            }
        };
        assert!(paid.is_zero() || paid == owed);
        assert_eq!(chain.balance(&account(author)), before + paid);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_messages_breaks_the_books(steps in prop::collection::vec(step(), 1..90)) {
        let mut chain = crate::availability::chain();
        chain.deliver(&create(crate::pointers::sharing())).unwrap();
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
        for author in 1..5 {
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
        let disputes: QueryDuplicatesResponse = chain.query("Duplicates", &QueryDuplicatesRequest::default()).unwrap();
        let expired = i32::from(DuplicateStatus::Expired);
        burnt += 10 * OPEN * disputes.disputes.iter().filter(|dispute| dispute.status == expired).count() as u128;
        prop_assert_eq!(supply(&mut chain), before - Uint256::from(burnt));
        // What stays is what is owed to treasuries and deposits, and less than a unit a contribution of rounding.
        let keeper = chain.keeper;
        let totals = keeper.totals(&chain.ctx()).unwrap();
        let held = chain.balance(&Address::module("datanet"));
        prop_assert_eq!(held, totals.sum().unwrap());
        let waits: Uint256 = (1..=hidden.len() as u64).map(|seq| chain.owed(seq).parse::<Uint256>().unwrap()).sum();
        prop_assert!(totals.baselines <= waits + Uint256::from(hidden.len() as u128 * 2 + 2));
        for seq in 1..=hidden.len() as u64 {
            let payees = keeper.payees(&chain.ctx(), seq).unwrap();
            prop_assert_eq!(payees.iter().map(|(_, bps)| bps).sum::<u32>(), 10_000);
            prop_assert!(payees.len() <= openledger_datanet::payees::MAX_PAYEES);
        }
    }
}
