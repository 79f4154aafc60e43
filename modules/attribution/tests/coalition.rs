//! Nobody gains by paying themselves: one coalition is payer, server, model's owner, agent's operator, two authors, the datanet's owner, and whoever
//! disputes, asks, replaces and gives feedback. After any settlements, credits, disputes, replacements, demands and claims among its own
//! it has less than before, by exactly what was burnt and what platform, stakers and others had; what an honest outsider pays
//! beside it pays an author outside it as if there were no coalition.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::Uint256;
use openledger_core::{Address, BASE_DENOM};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::model::v1 as model;
use openledger_provenance::agent::{parts_root, AgentReceipt as Leaf};
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::dispute::Dispute as Evidence;
use openledger_provenance::merkle::root;
use openledger_provenance::voucher::Voucher as Signed;
use proptest::prelude::*;

const COALITION: [u8; 6] = [OWNER, SERVER, PAYER, MODEL_OWNER, FIRST_AUTHOR, FIRST_AUTHOR + 1];
/// The author of contribution 3.
const HONEST_AUTHOR: u8 = FIRST_AUTHOR + 2;
const HONEST_PAYER: u8 = 30;
/// What 395 bytes of output cost.
const FEE: u128 = OPEN + (OPEN / 100) * 395;

/// What the coalition does with itself, or what comes in beside it.
#[derive(Debug, Clone)]
enum Round {
    /// A settlement of its own: the fee in thousandths of the price, of it given back, whose the words are said to be.
    Settle { fee: u128, credit: u128, source: u64 },
    /// False claims of its own, which it disputes itself, and replaces by true ones, or does not.
    Dispute { replaced: bool },
    /// Demands to open its own claims, so many, all answered.
    Ask { demands: u32 },
    /// An answer of its agent, of this own fee in thousandths.
    Agent { fee: u128 },
    /// Feedback of its own, accepted, in a version that is sold from now on.
    Feedback,
    /// An outsider pays for what the honest author wrote.
    Outsider,
    /// All claim what they are owed.
    Claim,
}

fn round() -> impl Strategy<Value = Round> {
    prop_oneof![
        3 => (0u128..=1_000, 0u128..=1_000, 1u64..=3).prop_map(|(fee, credit, source)| Round::Settle { fee, credit, source }),
        2 => any::<bool>().prop_map(|replaced| Round::Dispute { replaced }),
        2 => (1..MOST_DEMANDS + 5).prop_map(|demands| Round::Ask { demands }),
        2 => (0u128..=1_000).prop_map(|fee| Round::Agent { fee }),
        1 => Just(Round::Feedback),
        2 => Just(Round::Outsider),
        1 => Just(Round::Claim),
    ]
}

struct Coalition {
    world: World,
    version: u64,
    /// The session with its agent, and leaves and fees of what was settled in it.
    agent_session: u64,
    leaves: Vec<([u8; 32], u128)>,
    /// What it was paid, by itself and by the outsider.
    fees: u128,
    from_outside: u128,
}

impl Coalition {
    fn new() -> Self {
        let mut world = World::new();
        let registered: model::MsgRegisterAgentResponse = world
            .answer(&model::MsgRegisterAgent {
                operator: text(OWNER),
                name: "Clerk".into(),
                description: String::new(),
                deployments: vec![world.deployment],
                base_price: OPEN.to_string(),
                byte_price: "0".into(),
                splits: vec![model::AgentSplit { account: text(FIRST_AUTHOR), bps: 10_000 }],
            })
            .unwrap();
        let open = world.open_session_msg(100 * OPEN);
        let (max_base_price, max_byte_price) = ((2 * OPEN).to_string(), (OPEN / 50).to_string());
        let open = MsgOpenSession { deployment: 0, agent: registered.agent, max_base_price, max_byte_price, ..open };
        let agent_session = world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
        Self { world, version: 1, agent_session, leaves: Vec::new(), fees: 0, from_outside: 0 }
    }

    /// All that it has or can get at: what its accounts hold, and what modules hold and owe to nobody else. Of the baseline, which the
    /// honest author shares, it counts the whole.
    fn wealth(&mut self) -> Uint256 {
        let (keeper, others) = (self.world.keeper, self.owed_to_others());
        self.world.with(|ctx| {
            let modules = ["attribution", "datanet", "model"].map(Address::module);
            let accounts = COALITION.map(address).into_iter().chain(modules);
            let sum: Uint256 = accounts.map(|account| keeper.bank.balance(ctx, &account, BASE_DENOM).unwrap()).sum();
            sum - others
        })
    }

    fn owed_to_others(&mut self) -> Uint256 {
        let keeper = self.world.keeper;
        let platform = self.world.with(|ctx| keeper.owed(ctx, &Address::module("gov")).unwrap());
        platform + self.world.owed(HONEST_AUTHOR)
    }

    /// What others have of it: the platform's claim, the honest author's, the fee collector.
    fn others(&mut self) -> Uint256 {
        let keeper = self.world.keeper;
        let collector = Address::module("fee_collector");
        let collected = self.world.with(|ctx| keeper.bank.balance(ctx, &collector, BASE_DENOM).unwrap());
        collected + self.owed_to_others()
    }

    /// An answer in the present session.
    fn say(&mut self, output: &[u8], fee: u128) -> Answer {
        let world = &mut self.world;
        let mut answer = world.make_answer(world.answers.len() as u64 + 1, b"?", output, fee);
        answer.receipt.model_version = self.version;
        world.answers.push(answer.clone());
        world.next_block();
        answer
    }

    fn settle(&mut self, claim: &Claim, credit: u128) -> u64 {
        let first = self.world.answers.len() - 1;
        let mut msg = self.world.settle_msg(first, std::slice::from_ref(claim), Check::ClaimsOnly);
        msg.receipts[0].credit = credit.to_string();
        let settlement = self.world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
        self.fees += Uint256::from_be_bytes(self.world.answers[first].receipt.fee).to_string().parse::<u128>().unwrap();
        self.fees -= credit;
        settlement
    }

    fn wait_for(&mut self, settlement: u64, status: SettlementStatus) {
        for _ in 0..60 {
            if self.world.status(settlement) != status {
                self.world.next_block();
            }
        }
        assert_eq!(self.world.status(settlement), status);
    }

    fn act(&mut self, round: &Round) {
        match *round {
            Round::Settle { fee, credit, source } => {
                let fee = (2 * OPEN * fee / 1_000 + fee % 7).min(2 * OPEN);
                self.say(&[b'x'; 131], fee);
                let claim = Claim { segments: vec![Segment { start: 0, count: 100, source, offset: 0 }] };
                let settlement = self.settle(&claim, fee * credit / 1_000);
                self.wait_for(settlement, SettlementStatus::Paid);
            }
            Round::Dispute { replaced } => self.dispute(replaced),
            Round::Ask { demands } => self.ask(demands),
            Round::Agent { fee } => self.use_agent(OPEN * fee / 1_000),
            Round::Feedback => self.give_feedback(),
            Round::Outsider => self.serve_an_outsider(),
            Round::Claim => {
                for who in COALITION {
                    drop(self.world.execute(&MsgClaim { claimant: text(who), recipient: text(PAYER) }));
                }
            }
        }
    }

    fn dispute(&mut self, replaced: bool) {
        let answer = self.say(&self.world.two_authors(), FEE);
        let honest = self.world.honest(&answer);
        let mut claim = honest.clone();
        claim.segments[0].source = 3;
        let settlement = self.settle(&claim, 0);
        let third = self.world.documents[&3].clone();
        let evidence = self.world.prove(&answer, &claim, |p| Evidence::False(p.open_byte(0, 0, Some(&third)).unwrap()));
        assert!(self.world.dispute(FIRST_AUTHOR, settlement, &evidence).valid);
        self.wait_for(settlement, SettlementStatus::AwaitingReplacement);
        if !replaced {
            self.wait_for(settlement, SettlementStatus::Baselined);
            return;
        }
        let receipts = vec![self.world.claimed(&answer, &honest, Check::ClaimsOnly)];
        let (check, salt) = (Check::ClaimsOnly.into(), SALT.to_vec());
        let mut msg = MsgReplaceClaim { maker: text(PAYER), settlement, receipts, check, number: 0, salt };
        self.world.commit_replacement(&mut msg, &[(answer, honest)]);
        self.world.ok(&msg);
        self.wait_for(settlement, SettlementStatus::Paid);
    }

    fn ask(&mut self, demands: u32) {
        let answer = self.say(&self.world.two_authors(), FEE);
        let claim = self.world.honest(&answer);
        let settlement = self.settle(&claim, 0);
        let settled = [(answer, claim)];
        for byte in 0..demands {
            let ask = self.world.ask_opening(FIRST_AUTHOR, settlement, &settled, (0, 0, byte));
            self.world.ok(&ask);
        }
        for demand in self.world.demands(settlement) {
            let answer = self.world.answer_opening(demand.id, &settled, (0, 0, demand.byte));
            self.world.ok(&answer);
        }
        self.wait_for(settlement, SettlementStatus::Paid);
    }

    fn use_agent(&mut self, own: u128) {
        let index = self.leaves.len() as u64 + 1;
        let leaf = Leaf {
            index,
            agent: 1,
            prompt_len: 10,
            transcript_len: 110,
            transcript_root: [4; 32],
            own_fee: Uint256::from(own).to_be_bytes(),
            parts_fee: [0; 32],
            parts: 0,
            parts_root: parts_root(&[]),
        };
        self.leaves.push((leaf.leaf(), own));
        let voucher = self.world.sign(&Signed {
            chain_id: CHAIN_ID,
            session: self.agent_session,
            deployment: 0,
            count: index,
            cumulative_fee: Uint256::from(self.leaves.iter().map(|(_, fee)| fee).sum::<u128>()).to_be_bytes(),
            receipts_root: root(&self.leaves.iter().map(|(leaf, _)| *leaf).collect::<Vec<_>>()),
        });
        let receipt = AgentReceipt {
            index,
            prompt_len: 10,
            transcript_len: 110,
            transcript_root: vec![4; 32],
            own_fee: own.to_string(),
            parts: Vec::new(),
        };
        let (operator, session) = (text(OWNER), self.agent_session);
        self.world.ok(&MsgSettleAgent { operator, session, voucher: Some(voucher), receipts: vec![receipt] });
        self.fees += own;
    }

    fn give_feedback(&mut self) {
        let world = &mut self.world;
        let say = model::MsgSubmitFeedback {
            author: text(FIRST_AUTHOR + 1),
            model_version: self.version,
            kind: model::FeedbackKind::Improvement.into(),
            text: "Better.".into(),
            deposit: coin(OPEN),
            ..Default::default()
        };
        let feedback = world.answer::<_, model::MsgSubmitFeedbackResponse>(&say).unwrap().feedback;
        let owner = text(MODEL_OWNER);
        world.ok(&model::MsgDecideFeedback { owner, feedback, accept: true, ..Default::default() });
        let mut next = world.version_msg(MODEL_OWNER, 1, 1, &[], 0);
        next.incorporates = vec![feedback];
        next.terms.as_mut().unwrap().feedback_bps = 3_000;
        self.version = world.answer::<_, model::MsgRegisterModelVersionResponse>(&next).unwrap().model_version;
        world.deployment = world.deploy(self.version);
        world.session = world.open_session(1_000 * OPEN);
        world.answers.clear();
        world.next_block();
    }

    fn serve_an_outsider(&mut self) {
        let open = self.world.open_session_msg(10 * OPEN);
        let open = MsgOpenSession { payer: text(HONEST_PAYER), ..open };
        let before = self.world.balance(HONEST_PAYER);
        let session = self.world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
        let own = (std::mem::replace(&mut self.world.session, session), std::mem::take(&mut self.world.answers));
        self.world.next_block();
        let answer = self.say(&self.world.two_authors(), FEE);
        let claim = self.world.honest(&answer);
        let settlement = self.settle(&claim, 0);
        let owed = self.world.owed(HONEST_AUTHOR);
        self.wait_for(settlement, SettlementStatus::Paid);
        // 132 of 364 windows, and one of the two units that are left.
        let part = FEE * 4_000 / 10_000 * 132 / 364 + 1;
        assert_eq!(self.world.owed(HONEST_AUTHOR) - owed, Uint256::from(part), "whatever the coalition did");
        self.world.ok(&MsgCloseSession { sender: text(SERVER), session });
        assert_eq!(before - self.world.balance(HONEST_PAYER), Uint256::from(FEE));
        (self.world.session, self.world.answers) = own;
        self.from_outside += FEE;
    }
}

/// Does these rounds; what the coalition lost, its own loss and what it was paid from outside compared with what is gone.
fn run(rounds: &[Round]) -> Result<(), TestCaseError> {
    let mut coalition = Coalition::new();
    let (before, burnt, had) = (coalition.wealth(), coalition.world.burnt, coalition.others());
    let mut last = before;
    for one in rounds {
        let outside = coalition.from_outside;
        coalition.act(one);
        let now = coalition.wealth();
        let came_in = Uint256::from(coalition.from_outside - outside);
        prop_assert!(now <= last + came_in, "it had {last}, {came_in} came in, and it has {now}");
        last = now;
    }
    let lost = before + Uint256::from(coalition.from_outside) - last;
    prop_assert_eq!(lost, (coalition.world.burnt - burnt) + (coalition.others() - had));
    let least = Uint256::from(coalition.fees * 200 / 10_000);
    prop_assert!(lost >= least, "lost {lost} of {}", coalition.fees);
    Ok(())
}

/// Each kind of round is done at least here.
#[test]
fn a_coalition_that_does_all_that_can_be_done_with_itself_only_loses() {
    let rounds = [
        Round::Settle { fee: 1_000, credit: 0, source: 1 },
        Round::Settle { fee: 900, credit: 400, source: 3 },
        Round::Dispute { replaced: true },
        Round::Outsider,
        Round::Dispute { replaced: false },
        Round::Ask { demands: MOST_DEMANDS + 4 },
        Round::Agent { fee: 1_000 },
        Round::Feedback,
        Round::Settle { fee: 1_000, credit: 0, source: 2 },
        Round::Feedback,
        Round::Settle { fee: 1_000, credit: 0, source: 1 },
        Round::Outsider,
        Round::Claim,
    ];
    run(&rounds).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn no_coalition_gains_by_paying_itself(rounds in prop::collection::vec(round(), 1..6)) {
        run(&rounds)?;
    }
}
