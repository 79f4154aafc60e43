//! A chain of accounts, balances, stake and governance in memory, driven as execution drives it.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

use openledger_auth::{permissions::BONDED_POOL, Auth};
use openledger_authz::Authz;
use openledger_bank::Bank;
use openledger_consensus::Consensus;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::testing;
use openledger_core::{Address, BlockInfo, Coin, Context, Dec, Error, Event, Handle, Module, Result, Status};
use openledger_gov::Gov;
use openledger_proto::cosmos::consensus::v1 as consensus;
use openledger_proto::cosmos::gov::v1::*;
use openledger_proto::cosmos::staking::v1beta1 as staking;
use openledger_proto::{Any, Duration, Message, Name};
use openledger_staking::Staking;

pub use openledger_core::testing::{address as person, code, coins, pack as any};

const AUTH: Auth = Auth;
pub const BANK: Bank = Bank { auth: AUTH };
pub const STAKING: Staking = Staking { auth: AUTH, bank: BANK, consensus: Consensus, hooks: &[] };
pub const GOV: Gov = Gov {
    auth: AUTH,
    bank: BANK,
    staking: STAKING,
    // The pool's books are another module's; its account is all that is looked at here.
    fund_pool: |ctx, from, coins| BANK.send_to_module(ctx, from, "distribution", coins),
};
/// What everybody holds at first.
pub const START: u128 = 1_000_000;
/// The voting period of these tests, in seconds; deposits have 50, expedited votes 40.
pub const VOTING: i64 = 100;

/// A handler that panics, for the message that changes consensus parameters.
#[derive(Clone)]
struct Panics;

impl Handle<consensus::MsgUpdateParams> for Panics {
    type Response = consensus::MsgUpdateParamsResponse;

    fn validate(&self, _: &consensus::MsgUpdateParams) -> Result<()> {
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, _: &consensus::MsgUpdateParams) -> Result<Self::Response> {
        BANK.send(ctx, &person(1), &person(2), &coins("1aopen"))?;
        std::panic::resume_unwind(Box::new("it differs from node to node"))
    }
}

openledger_core::own_chain!(pub Chain);

impl Chain {
    /// People 1 to 9 hold [`START`]; validator `n` is the n-th person's, with these stakes of these people.
    pub fn new(stakes: &[&[(u8, u128)]]) -> Self {
        let block = BlockInfo { height: 1, time_seconds: 1_000, ..BlockInfo::default() };
        let authz = Authz { auth: AUTH, bank: BANK };
        let modules: Vec<Box<dyn Module>> = vec![Box::new(AUTH), Box::new(BANK), Box::new(GOV), Box::new(authz)];
        let mut chain = Self(testing::Chain::new(block, modules));
        chain.router.msg::<consensus::MsgUpdateParams, _>("consensus", &Panics);
        chain.with(|ctx| {
            AUTH.init_genesis(ctx, &AUTH.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            for byte in 1..=9 {
                AUTH.ensure(ctx, &person(byte)).unwrap();
                BANK.credit_genesis(ctx, &person(byte), &Coin::base(START).into()).unwrap();
            }
            let bonded: u128 = stakes.iter().flat_map(|stakes| stakes.iter().map(|(_, stake)| stake)).sum();
            BANK.credit_genesis(ctx, &Address::module(BONDED_POOL), &Coin::base(bonded).into()).unwrap();
            STAKING.init_genesis(ctx, &stake_genesis(stakes).encode_to_vec()).unwrap();
            GOV.init_genesis(ctx, &genesis().encode_to_vec()).unwrap();
        });
        chain
    }

    /// Executes a message; its events, or why it failed.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        self.0.execute(msg).map(|(_, events)| events)
    }

    /// The end of a block that comes `seconds` later; its events.
    pub fn after(&mut self, seconds: i64) -> Vec<Event> {
        self.block.height += 1;
        self.block.time_seconds += seconds;
        self.with(|ctx| {
            assert!(GOV.end_block(ctx).unwrap().is_empty());
            GOV.check_invariants(ctx).unwrap();
            BANK.check_invariants(ctx).unwrap();
            ctx.take_events()
        })
    }

    /// Asks `/<service>/<method>`.
    pub fn ask<Resp: Message + Default>(&self, path: &str, request: &impl Message) -> Result<Resp, Status> {
        let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
        self.0.ask(service, method, request)
    }

    pub fn proposal(&self, proposal_id: u64) -> Option<Proposal> {
        let answer =
            self.ask::<QueryProposalResponse>("/cosmos.gov.v1.Query/Proposal", &QueryProposalRequest { proposal_id });
        answer.ok().and_then(|answer| answer.proposal)
    }

    pub fn balance(&mut self, byte: u8) -> u128 {
        self.held(&person(byte))
    }

    pub fn held(&mut self, address: &Address) -> u128 {
        self.with(|ctx| BANK.balance(ctx, address, "aopen").unwrap().to_string().parse().unwrap())
    }

    pub fn gov_balance(&mut self) -> String {
        self.with(|ctx| BANK.balances(ctx, &Address::module("gov")).unwrap().to_string())
    }

    pub fn supply(&mut self) -> u128 {
        self.with(|ctx| BANK.supply(ctx, "aopen").unwrap().to_string().parse().unwrap())
    }

    /// Person 1 proposes these messages with this deposit; the proposal's number.
    pub fn propose(&mut self, messages: Vec<Any>, deposit: &str, expedited: bool) -> u64 {
        self.execute(&submit(messages, deposit, expedited)).unwrap();
        self.with(|ctx| GOV.export_genesis(ctx))
            .map(|bytes| GenesisState::decode(bytes.as_slice()).unwrap())
            .unwrap()
            .starting_proposal_id
            - 1
    }

    pub fn vote(&mut self, proposal_id: u64, voter: u8, option: VoteOption) {
        let voter = person(voter).to_string();
        self.execute(&MsgVote { proposal_id, voter, option: option.into(), metadata: String::new() }).unwrap();
    }
}

fn stake_genesis(stakes: &[&[(u8, u128)]]) -> staking::GenesisState {
    let mut genesis = staking::GenesisState::decode(STAKING.default_genesis().as_slice()).unwrap();
    for (stakes, operator) in stakes.iter().zip(1u8..) {
        let tokens: u128 = stakes.iter().map(|(_, stake)| stake).sum();
        let dec = |units: u128| Dec::from_int(units.into()).to_proto();
        let operator_text = person(operator).to_bech32(VALOPER_PREFIX);
        let key = openledger_proto::cosmos::crypto::ed25519::PubKey { key: vec![operator; 32] };
        let zero = || "0".to_string();
        genesis.validators.push(staking::Validator {
            operator_address: operator_text.clone(),
            consensus_pubkey: Some(Any {
                type_url: "/cosmos.crypto.ed25519.PubKey".into(),
                value: key.encode_to_vec(),
            }),
            status: staking::BondStatus::Bonded.into(),
            tokens: tokens.to_string(),
            delegator_shares: dec(tokens),
            description: Some(staking::Description { moniker: format!("validator {operator}"), ..Default::default() }),
            commission: Some(staking::Commission {
                commission_rates: Some(staking::CommissionRates {
                    rate: zero(),
                    max_rate: zero(),
                    max_change_rate: zero(),
                }),
                update_time: Some(Default::default()),
            }),
            min_self_delegation: "1".into(),
            unbonding_time: Some(Default::default()),
            ..Default::default()
        });
        // These stakes are less than a unit of power, which nothing here looks at.
        genesis.last_validator_powers.push(staking::LastValidatorPower { address: operator_text.clone(), power: 1 });
        for (delegator, stake) in *stakes {
            genesis.delegations.push(staking::Delegation {
                delegator_address: person(*delegator).to_string(),
                validator_address: operator_text.clone(),
                shares: dec(*stake),
            });
        }
    }
    genesis.last_total_power = stakes.len().to_string().into_bytes();
    genesis.exported = true;
    genesis
}

/// Governance with small deposits (1,000, expedited 5,000) and short periods.
pub fn genesis() -> GenesisState {
    let mut genesis = GenesisState::decode(GOV.default_genesis().as_slice()).unwrap();
    let params = genesis.params.as_mut().unwrap();
    params.min_deposit = coins("1000aopen").to_proto();
    params.expedited_min_deposit = coins("5000aopen").to_proto();
    params.max_deposit_period = Some(Duration { seconds: 50, nanos: 0 });
    params.voting_period = Some(Duration { seconds: VOTING, nanos: 0 });
    params.expedited_voting_period = Some(Duration { seconds: 40, nanos: 0 });
    genesis.constitution = "Pay whom you learn from.".into();
    genesis
}

pub fn submit(messages: Vec<Any>, deposit: &str, expedited: bool) -> MsgSubmitProposal {
    MsgSubmitProposal {
        messages,
        initial_deposit: coins(deposit).to_proto(),
        proposer: person(1).to_string(),
        metadata: String::new(),
        title: "A title".into(),
        summary: "What it is for".into(),
        expedited,
    }
}

pub fn gov() -> String {
    Address::module("gov").to_string()
}

/// The governance account sends.
pub fn send(to: u8, amount: &str) -> Any {
    any(&openledger_proto::cosmos::bank::v1beta1::MsgSend {
        from_address: gov(),
        to_address: person(to).to_string(),
        amount: coins(amount).to_proto(),
    })
}

/// Events of governance as `kind{key=value,…}`.
pub fn shown(events: &[Event]) -> Vec<String> {
    let ours = [
        "submit_proposal",
        "proposal_deposit",
        "proposal_vote",
        "inactive_proposal",
        "active_proposal",
        "cancel_proposal",
    ];
    testing::shown(events.iter().filter(|event| ours.contains(&event.kind.as_str())))
}
