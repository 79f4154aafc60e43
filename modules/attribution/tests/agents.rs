//! Agents: a payer's session with one, its operator's sub-sessions with the parts, and what is billed for them.

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
use openledger_core::Module;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::model::v1 as model;
use openledger_provenance::agent::{parts_root, AgentReceipt as Leaf, Part};
use openledger_provenance::merkle::root;
use openledger_provenance::voucher::Voucher as Signed;

const OPERATOR: u8 = 7;
const FRIEND: u8 = 8;
const FEE: u128 = OPEN + (OPEN / 100) * 395;

struct Agency {
    world: World,
    /// The payer's session with the agent.
    session: u64,
    /// The operator's session with the part.
    sub_session: u64,
    /// Leaves and their fees so far.
    leaves: Vec<([u8; 32], u128)>,
}

impl Agency {
    /// An agent of one part whose own part costs 1 OPEN an answer and 10^16 a byte, three quarters for the operator.
    fn new() -> Self {
        let mut world = World::new();
        let agent = model::MsgRegisterAgent {
            operator: text(OPERATOR),
            name: "Clerk".into(),
            description: String::new(),
            deployments: vec![world.deployment],
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            splits: [(OPERATOR, 7_500), (FRIEND, 2_500)]
                .map(|(who, bps)| model::AgentSplit { account: text(who), bps })
                .to_vec(),
        };
        assert_eq!(world.answer::<_, model::MsgRegisterAgentResponse>(&agent).unwrap().agent, 1);
        let mut agency = Self { world, session: 0, sub_session: 0, leaves: Vec::new() };
        let open = agency.open_msg(100 * OPEN);
        agency.session = agency.world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
        let open = agency.open_part_msg(50 * OPEN);
        agency.sub_session = agency.world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
        agency.world.session = agency.sub_session;
        agency.world.next_block();
        agency
    }

    fn open_msg(&self, deposit: u128) -> MsgOpenSession {
        let (max_base_price, max_byte_price) = ((2 * OPEN).to_string(), (OPEN / 50).to_string());
        let open = self.world.open_session_msg(deposit);
        MsgOpenSession { deployment: 0, agent: 1, max_base_price, max_byte_price, ..open }
    }

    fn open_part_msg(&self, deposit: u128) -> MsgOpenSession {
        MsgOpenSession { payer: text(OPERATOR), parent: self.session, ..self.world.open_session_msg(deposit) }
    }

    /// The part answers and settles once; what was taken for it is [`FEE`].
    fn part_answers(&mut self) -> u64 {
        self.world.settle_honestly()
    }

    /// The agent's next answer, which used these receipts of the sub-session.
    fn receipt(&self, own: u128, parts: &[(u64, u128)]) -> AgentReceipt {
        let part = |(receipt, fee): &(u64, u128)| PartReceipt {
            session: self.sub_session,
            receipt: *receipt,
            fee: fee.to_string(),
        };
        AgentReceipt {
            index: self.leaves.len() as u64 + 1,
            prompt_len: 10,
            transcript_len: 110,
            transcript_root: vec![4; 32],
            own_fee: own.to_string(),
            parts: parts.iter().map(part).collect(),
        }
    }

    fn leaf(&self, receipt: &AgentReceipt) -> ([u8; 32], u128) {
        let amount = |text: &str| text.parse::<u128>().unwrap();
        let part = |part: &PartReceipt| Part {
            deployment: self.world.deployment,
            session: part.session,
            receipt: part.receipt,
            fee: Uint256::from(amount(&part.fee)).to_be_bytes(),
        };
        let parts: Vec<_> = receipt.parts.iter().map(part).collect();
        let cost: u128 = receipt.parts.iter().map(|part| amount(&part.fee)).sum();
        let own = amount(&receipt.own_fee);
        let leaf = Leaf {
            index: receipt.index,
            agent: 1,
            prompt_len: receipt.prompt_len,
            transcript_len: receipt.transcript_len,
            transcript_root: [4; 32],
            own_fee: Uint256::from(own).to_be_bytes(),
            parts_fee: Uint256::from(cost).to_be_bytes(),
            parts: parts.len() as u32,
            parts_root: parts_root(&parts),
        };
        (leaf.leaf(), own + cost)
    }

    /// What settles these receipts, under the payer's voucher over them.
    fn settle_msg(&self, receipts: &[AgentReceipt]) -> MsgSettleAgent {
        let mut all = self.leaves.clone();
        all.extend(receipts.iter().map(|receipt| self.leaf(receipt)));
        let leaves: Vec<_> = all.iter().map(|(leaf, _)| *leaf).collect();
        let voucher = self.world.sign(&Signed {
            chain_id: CHAIN_ID,
            session: self.session,
            deployment: 0,
            count: leaves.len() as u64,
            cumulative_fee: Uint256::from(all.iter().map(|(_, fee)| fee).sum::<u128>()).to_be_bytes(),
            receipts_root: root(&leaves),
        });
        let (operator, session) = (text(OPERATOR), self.session);
        MsgSettleAgent { operator, session, voucher: Some(voucher), receipts: receipts.to_vec() }
    }

    fn settle(&mut self, receipt: AgentReceipt) -> MsgSettleAgentResponse {
        let msg = self.settle_msg(std::slice::from_ref(&receipt));
        let answer = self.world.answer(&msg).unwrap();
        self.leaves.push(self.leaf(&receipt));
        answer
    }

    fn session(&self, id: u64) -> Session {
        let answer: QuerySessionResponse = self.world.ask("Session", &QuerySessionRequest { id }).unwrap();
        answer.session.unwrap()
    }
}

#[test]
fn a_payer_pays_the_agents_price_and_its_parts_cost_and_the_agents_accounts_share_the_first() {
    let mut agency = Agency::new();
    agency.part_answers();
    let (before, burnt) = (agency.session(agency.session), agency.world.burnt);
    let answer = agency.settle(agency.receipt(OPEN, &[(1, FEE)]));
    assert_eq!((answer.own, answer.parts), (OPEN.to_string(), FEE.to_string()));
    assert_eq!(agency.world.burnt - burnt, Uint256::from(OPEN * 200 / 10_000), "the own part burns as any fee");
    let shared = OPEN * 9_000 / 10_000;
    assert_eq!(agency.world.owed(FRIEND), Uint256::from(shared / 4));
    assert_eq!(agency.world.owed(OPERATOR), Uint256::from(shared - shared / 4 + FEE));
    let after = agency.session(agency.session);
    assert_eq!((before.spent.as_str(), after.spent), ("0", (OPEN + FEE).to_string()));
    let sub = agency.session(agency.sub_session);
    assert_eq!((sub.parent, sub.billed_count, sub.billed), (agency.session, 1, FEE.to_string()));
    // What is left goes back to each: the payer and the operator.
    let (payer, operator) = (agency.world.balance(PAYER), agency.world.balance(OPERATOR));
    agency.world.ok(&MsgCloseSession { sender: text(OPERATOR), session: agency.session });
    agency.world.ok(&MsgCloseSession { sender: text(SERVER), session: agency.sub_session });
    assert_eq!(agency.world.balance(PAYER), payer + Uint256::from(100 * OPEN - OPEN - FEE));
    assert_eq!(agency.world.balance(OPERATOR), operator + Uint256::from(50 * OPEN - FEE));
}

#[test]
fn a_parts_receipt_is_billed_once_and_never_above_what_was_taken_for_it() {
    let mut agency = Agency::new();
    let early = agency.settle_msg(&[agency.receipt(0, &[(1, FEE)])]);
    assert_eq!(agency.world.code(&early), ("attribution", 9), "before it is settled");
    agency.part_answers();
    let dear = agency.settle_msg(&[agency.receipt(0, &[(1, FEE + 1)])]);
    assert_eq!(agency.world.code(&dear), ("attribution", 9), "dearer than it was");
    let twice = agency.settle_msg(&[agency.receipt(0, &[(1, FEE / 2), (1, FEE / 2)])]);
    assert_eq!(agency.world.code(&twice), ("attribution", 9), "twice in one receipt");
    agency.settle(agency.receipt(0, &[(1, FEE)]));
    let again = agency.settle_msg(&[agency.receipt(0, &[(1, 0)])]);
    assert_eq!(agency.world.code(&again), ("attribution", 9), "twice in two receipts");
    agency.part_answers();
    agency.settle(agency.receipt(OPEN, &[(2, FEE)]));
    let none = agency.settle_msg(&[agency.receipt(OPEN, &[(3, 1)])]);
    assert_eq!(agency.world.code(&none), ("attribution", 9), "of no answer");
}

#[test]
fn a_part_is_billed_to_the_session_that_its_session_names_alone() {
    let mut agency = Agency::new();
    agency.part_answers();
    let first = agency.session;
    let open = agency.open_msg(100 * OPEN);
    agency.session = agency.world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
    let other = agency.settle_msg(&[agency.receipt(0, &[(1, FEE)])]);
    assert_eq!(agency.world.code(&other), ("attribution", 9), "another payer's session");
    agency.session = first;
    agency.settle(agency.receipt(0, &[(1, FEE)]));
}

#[test]
fn an_agents_receipts_above_its_price_out_of_order_or_not_signed_for_are_refused() {
    let mut agency = Agency::new();
    let most = OPEN + (OPEN / 100) * 100;
    let dear = agency.settle_msg(&[agency.receipt(most + 1, &[])]);
    assert_eq!(agency.world.code(&dear), ("attribution", 9));
    let good = agency.settle_msg(&[agency.receipt(most, &[])]);
    let mut changed = good.clone();
    changed.receipts[0].own_fee = (most - 1).to_string();
    assert_eq!(agency.world.code(&changed), ("attribution", 8), "another receipt than the payer signed for");
    changed = good.clone();
    changed.receipts[0].index = 2;
    assert_eq!(agency.world.code(&changed), ("attribution", 9));
    changed = good.clone();
    changed.receipts[0].prompt_len = 111;
    assert_eq!(agency.world.code(&changed), ("attribution", 9));
    assert_eq!(agency.world.code(&MsgSettleAgent { receipts: Vec::new(), ..good.clone() }), ("attribution", 12));
    assert_eq!(agency.world.code(&MsgSettleAgent { operator: text(OTHER), ..good.clone() }), ("attribution", 3));
    let of_part = MsgSettleAgent { session: agency.sub_session, ..good.clone() };
    assert_eq!(agency.world.code(&of_part), ("attribution", 7), "a deployment's session");
    agency.world.ok(&good);
    assert_eq!(agency.world.code(&good), ("attribution", 8), "once");
    let answer = agency.world.say(b"?", &agency.world.two_authors());
    agency.world.next_block();
    let claim = agency.world.honest(&answer);
    let server = MsgSettle { session: agency.session, ..agency.world.settle_msg(0, &[claim], Check::Existence) };
    assert_eq!(agency.world.code(&server), ("attribution", 7), "a server in an agent's session");
}

#[test]
fn more_than_the_deposit_is_never_taken_for_agent_and_parts() {
    let mut agency = Agency::new();
    agency.part_answers();
    let open = agency.open_msg(OPEN);
    agency.session = agency.world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
    let poor = agency.settle_msg(&[agency.receipt(OPEN + 1, &[])]);
    assert_eq!(agency.world.code(&poor), ("attribution", 8));
    agency.settle(agency.receipt(OPEN, &[]));
}

#[test]
fn sub_sessions_are_the_operators_with_a_part_at_the_pinned_price() {
    let mut agency = Agency::new();
    let good = agency.open_part_msg(OPEN);
    assert_eq!(agency.world.code(&MsgOpenSession { payer: text(OTHER), ..good.clone() }), ("attribution", 3));
    let sub = agency.sub_session;
    assert_eq!(agency.world.code(&MsgOpenSession { parent: sub, ..good.clone() }), ("attribution", 7), "no agent's");
    assert_eq!(agency.world.code(&MsgOpenSession { parent: 99, ..good.clone() }), ("attribution", 2));
    let foreign = agency.world.deploy(1);
    let no_part = MsgOpenSession { deployment: foreign, ..good.clone() };
    assert_eq!(agency.world.code(&no_part), ("attribution", 7));
    let dearer = model::MsgUpdateDeployment {
        server: text(SERVER),
        deployment: agency.world.deployment,
        endpoint: "http://localhost".into(),
        base_price: (2 * OPEN).to_string(),
        byte_price: (OPEN / 100).to_string(),
        active: true,
    };
    agency.world.ok(&dearer);
    let paying = MsgOpenSession { max_base_price: (2 * OPEN).to_string(), ..good.clone() };
    assert_eq!(agency.world.code(&paying), ("attribution", 6), "dearer than the agent's payer was told");
    agency.world.ok(&MsgCloseSession { sender: text(OPERATOR), session: agency.session });
    assert_eq!(agency.world.code(&good), ("attribution", 7), "closed");
}

#[test]
fn agents_with_dearer_parts_than_the_payer_would_pay_or_retired_ones_open_no_session() {
    let mut agency = Agency::new();
    let good = agency.open_msg(OPEN);
    let base = MsgOpenSession { max_base_price: (2 * OPEN - 1).to_string(), ..good.clone() };
    assert_eq!(agency.world.code(&base), ("attribution", 6), "its price and its part's");
    let byte = MsgOpenSession { max_byte_price: (OPEN / 50 - 1).to_string(), ..good.clone() };
    assert_eq!(agency.world.code(&byte), ("attribution", 6));
    let both = MsgOpenSession { deployment: agency.world.deployment, ..good.clone() };
    assert_eq!(agency.world.code(&both), ("attribution", 4));
    let neither = MsgOpenSession { agent: 0, ..good.clone() };
    assert_eq!(agency.world.code(&neither), ("attribution", 4));
    let nested = MsgOpenSession { parent: agency.session, ..good.clone() };
    assert_eq!(agency.world.code(&nested), ("attribution", 4));
    assert_eq!(agency.world.code(&MsgOpenSession { agent: 9, ..good.clone() }), ("attribution", 2));
    agency.world.ok(&model::MsgRetireAgent { operator: text(OPERATOR), agent: 1 });
    assert_eq!(agency.world.code(&good), ("attribution", 5));
    agency.settle(agency.receipt(OPEN, &[]));
}

#[test]
fn an_agents_sessions_are_exported_and_taken_over_unchanged() {
    let mut agency = Agency::new();
    agency.part_answers();
    agency.settle(agency.receipt(OPEN, &[(1, FEE)]));
    let keeper = agency.world.keeper;
    let genesis = agency.world.with(|ctx| keeper.export_genesis(ctx).unwrap());
    keeper.validate_genesis(&genesis).unwrap();
    agency.world.with(|ctx| {
        let keys: Vec<_> =
            ctx.kv("attribution").range(None, None, cosmwasm_std::Order::Ascending).map(|(key, _)| key).collect();
        for key in keys {
            cosmwasm_std::Storage::remove(&mut ctx.kv_mut("attribution"), &key);
        }
        keeper.init_genesis(ctx, &genesis).unwrap();
    });
    assert_eq!(agency.world.with(|ctx| keeper.export_genesis(ctx).unwrap()), genesis);
}

#[test]
fn a_credit_of_an_agents_receipt_lowers_its_own_part_and_nothing_of_its_parts() {
    let mut agency = Agency::new();
    agency.part_answers();
    agency.world.let_sign(OPERATOR);
    let note = agency.world.note(OPERATOR, (agency.session, 0), 1, 2 * OPEN);
    agency.world.ok(&note);
    let answer = agency.settle(agency.receipt(OPEN, &[(1, FEE)]));
    assert_eq!((answer.own.as_str(), answer.parts), ("0", FEE.to_string()), "the own part alone, and no more than it");
    let session = agency.session(agency.session);
    assert_eq!((session.spent, session.credited), ((OPEN + FEE).to_string(), OPEN.to_string()));
    let before = agency.world.balance(PAYER);
    agency.world.ok(&MsgCloseSession { sender: text(OPERATOR), session: agency.session });
    assert_eq!(agency.world.balance(PAYER), before + Uint256::from(100 * OPEN - FEE));
}

#[test]
fn an_agency_is_exported_and_taken_over_as_it_is() {
    let mut agency = Agency::new();
    agency.world.reborn();
    agency.part_answers();
    let receipts = [agency.receipt(2 * OPEN, &[(1, FEE)])];
    let msg = agency.settle_msg(&receipts);
    agency.world.ok(&msg);
    for _ in 0..WINDOW + REVEAL + 2 {
        let genesis = agency.world.reborn();
        assert!(genesis.sessions.iter().any(|session| session.agent == 1));
        agency.world.next_block();
    }
}
