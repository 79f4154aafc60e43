//! An agent of one part: its payer's session, its operator's sub-session, what is billed for the part; and credits.

use cosmwasm_std::Uint256;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::model::v1 as model;
use openledger_provenance::agent::{parts_root, AgentReceipt as Leaf, Part};
use openledger_provenance::merkle::root;
use openledger_provenance::voucher::Voucher as Signed;

use crate::common::*;
use crate::{Case, Step};

const OPERATOR: u8 = 7;

/// The first agent, and what is sold through it.
pub(crate) struct Agency {
    /// The payer's session with it.
    session: u64,
    sub_session: u64,
    /// The operator's session with the part, its deployment, model version and answers; or what is sold otherwise, while these are.
    part: (u64, u64, u64, Vec<Answer>),
    /// Leaves and their fees so far.
    leaves: Vec<([u8; 32], u128)>,
    /// Receipts of the part that were billed.
    billed: u64,
}

fn agent(deployment: u64) -> model::MsgRegisterAgent {
    model::MsgRegisterAgent {
        operator: text(OPERATOR),
        name: "Clerk".into(),
        description: String::new(),
        deployments: vec![deployment],
        base_price: OPEN.to_string(),
        byte_price: "0".into(),
        splits: [(OTHER, 2_500), (OPERATOR, 7_500)]
            .map(|(who, bps)| model::AgentSplit { account: text(who), bps })
            .to_vec(),
    }
}

impl Agency {
    pub(crate) fn open(world: &mut World, version: u64) -> Self {
        let registered = world.answer::<_, model::MsgRegisterAgentResponse>(&agent(world.deployment)).unwrap();
        let open = world.open_session_msg(1_000 * OPEN);
        let (max_base_price, max_byte_price) = ((2 * OPEN).to_string(), (OPEN / 50).to_string());
        let for_agent =
            MsgOpenSession { deployment: 0, agent: registered.agent, max_base_price, max_byte_price, ..open.clone() };
        let session = world.answer::<_, MsgOpenSessionResponse>(&for_agent).unwrap().session;
        let for_part = MsgOpenSession { payer: text(OPERATOR), parent: session, ..open };
        let sub_session = world.answer::<_, MsgOpenSessionResponse>(&for_part).unwrap().session;
        world.next_block();
        let part = (sub_session, world.deployment, version, Vec::new());
        Self { session, sub_session, part, leaves: Vec::new(), billed: 0 }
    }

    /// The next receipt, with its leaf: an own fee, and what the part's next one cost, where one is settled and was not billed.
    fn receipt(&self, own: u128) -> (AgentReceipt, [u8; 32], u128) {
        let (session, deployment, _, answers) = &self.part;
        let next = answers.get(self.billed as usize);
        let fee: u128 =
            next.map_or(0, |answer| Uint256::from_be_bytes(answer.receipt.fee).to_string().parse().unwrap());
        let (receipt, amount) = (self.billed + 1, Uint256::from(fee).to_be_bytes());
        let part = Part { deployment: *deployment, session: *session, receipt, fee: amount };
        let parts: Vec<_> = next.map(|_| part).into_iter().collect();
        let billed = next.map(|_| PartReceipt { session: *session, receipt, fee: fee.to_string() });
        let msg = AgentReceipt {
            index: self.leaves.len() as u64 + 1,
            prompt_len: 10,
            transcript_len: 110,
            transcript_root: vec![4; 32],
            own_fee: own.to_string(),
            parts: billed.into_iter().collect(),
        };
        let leaf = Leaf {
            index: msg.index,
            agent: 1,
            prompt_len: 10,
            transcript_len: 110,
            transcript_root: [4; 32],
            own_fee: Uint256::from(own).to_be_bytes(),
            parts_fee: amount,
            parts: parts.len() as u32,
            parts_root: parts_root(&parts),
        };
        (msg, leaf.leaf(), own + fee)
    }
}

impl Case<'_> {
    /// Goes over to the session with the agent's part, or back.
    fn swap(&mut self) {
        let (session, deployment, version, answers) = &mut self.agency.part;
        std::mem::swap(session, &mut self.world.session);
        std::mem::swap(deployment, &mut self.world.deployment);
        std::mem::swap(version, &mut self.version);
        std::mem::swap(answers, &mut self.world.answers);
    }

    pub(crate) fn agent(&mut self, step: &Step) {
        let deployment = self.agency.part.1;
        let operator = text(if step.a.is_multiple_of(5) { OTHER } else { OPERATOR });
        if step.b.is_multiple_of(2) {
            let msg = model::MsgRegisterAgent { operator: operator.clone(), ..agent(deployment) };
            let registered = self.world.answer::<_, model::MsgRegisterAgentResponse>(&msg);
            self.note("register an agent", registered.is_ok());
            let agent = registered.map_or(9, |registered| registered.agent);
            self.tried("retire an agent", &model::MsgRetireAgent { operator: text(OPERATOR), agent });
        } else {
            let model::MsgRegisterAgent { deployments, byte_price, splits, .. } = agent(deployment);
            let (agent, description) = (1, "now dearer".into());
            let base_price = (OPEN + u128::from(step.c)).to_string();
            let msg =
                model::MsgUpdateAgent { operator, agent, description, deployments, base_price, byte_price, splits };
            self.tried("update an agent", &msg);
        }
        if !step.c.is_multiple_of(4) {
            self.swap();
            self.sell(step);
            self.swap();
        }
        self.settle_agent(step);
    }

    fn settle_agent(&mut self, step: &Step) {
        // Dearer than it may be now and then.
        let (receipt, leaf, fee) = self.agency.receipt(OPEN + u128::from(step.c == 5));
        let billed = receipt.parts.len() as u64;
        let mut leaves = self.agency.leaves.clone();
        leaves.push((leaf, fee));
        let signed = Signed {
            chain_id: CHAIN_ID,
            session: self.agency.session,
            deployment: 0,
            count: leaves.len() as u64,
            cumulative_fee: Uint256::from(leaves.iter().map(|(_, fee)| fee).sum::<u128>()).to_be_bytes(),
            receipts_root: root(&leaves.iter().map(|(leaf, _)| *leaf).collect::<Vec<_>>()),
        };
        let (operator, session) = (text(OPERATOR), self.agency.session);
        let voucher = Some(self.world.sign(&signed));
        let msg = MsgSettleAgent { operator, session, voucher, receipts: vec![receipt] };
        if self.tried("settle as an agent", &msg) {
            self.agency.leaves = leaves;
            self.agency.billed += billed;
        }
    }

    /// What is given back of an answer: what was presented, by a note that is new now and then.
    pub(crate) fn credit(&mut self, step: &Step, answer: &Answer) -> Uint256 {
        let (session, receipt) = (self.world.session, answer.receipt.index);
        // The payer of the part's session is the operator, who presents nothing.
        if step.c.is_multiple_of(3) && session != self.agency.sub_session {
            let amount = OPEN * u128::from(1 + step.b) / 20;
            let note = self.world.note(SERVER, (session, self.world.deployment), receipt, amount);
            if self.tried("present a credit", &note) {
                self.credits.insert((session, receipt), Uint256::from(amount));
            }
        }
        self.credits.get(&(session, receipt)).copied().unwrap_or_default()
    }
}
