//! Allowances: what each sort accepts, how they are made, used up, taken back and removed, and that a genesis brings them back.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::testing::{self, address, code, coins};
use openledger_core::{Address, BlockInfo, Error, Event, Module, Status, Time};
use openledger_feegrant::{Allowance, Basic, Feegrants, Periodic};
use openledger_proto::cosmos::feegrant::v1beta1::*;
use openledger_proto::{Any, Message, Name};
use openledger_store::{BlockState, MemSnapshot};
use proptest::prelude::*;

const BANK: Bank = Bank { auth: Auth };
const FEEGRANTS: Feegrants = Feegrants { auth: Auth, bank: BANK };
const NOW: i64 = 1_700_000_000;
const SEND: &str = "/cosmos.bank.v1beta1.MsgSend";

openledger_core::own_chain!(Chain);

impl Chain {
    /// A chain at which the accounts 1 and 2 are.
    fn new() -> Self {
        let block = BlockInfo { height: 1, time_seconds: NOW, ..BlockInfo::default() };
        let mut chain = Self(testing::Chain::new(block, vec![Box::new(FEEGRANTS)]));
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            FEEGRANTS.init_genesis(ctx, &FEEGRANTS.default_genesis()).unwrap();
            for byte in [1, 2] {
                Auth.ensure(ctx, &address(byte)).unwrap();
            }
        });
        chain
    }

    /// Executes a message; its events.
    fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        self.0.execute(msg).map(|(_, events)| events)
    }

    fn grant(&mut self, allowance: &Allowance) -> Result<Vec<Event>, Error> {
        self.execute(&grant_of(1, 2, Some(allowance.to_any())))
    }

    /// Account 2 pays a fee from account 1; undone where it fails, as the ante handler's changes are.
    fn pay(&mut self, fee: &str, messages: &[&str]) -> Result<Vec<String>, Error> {
        self.with(|ctx| {
            let point = ctx.checkpoint();
            let paid = FEEGRANTS.use_granted_fees(ctx, &address(1), &address(2), &coins(fee), messages);
            if paid.is_err() {
                ctx.revert(point);
            }
            FEEGRANTS.check_invariants(ctx).unwrap();
            paid.map(|()| ctx.take_events().into_iter().map(|event| event.kind).collect())
        })
    }

    fn left(&mut self) -> Option<Allowance> {
        self.with(|ctx| FEEGRANTS.allowance(ctx, &address(1), &address(2)).unwrap())
    }

    fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        self.0.ask("cosmos.feegrant.v1beta1.Query", method, request)
    }
}

fn at(seconds: i64) -> Time {
    Time { seconds, nanos: 0 }
}

fn grant_of(granter: u8, grantee: u8, allowance: Option<Any>) -> MsgGrantAllowance {
    MsgGrantAllowance { granter: address(granter).to_string(), grantee: address(grantee).to_string(), allowance }
}

fn basic(limit: &str, expiration: Option<i64>) -> Allowance {
    Allowance::Basic(Basic { spend_limit: coins(limit), expiration: expiration.map(at) })
}

fn periodic(all: &str, each: &str, reset: i64) -> Allowance {
    Allowance::Periodic(Periodic {
        basic: Basic { spend_limit: coins(all), expiration: None },
        period: Duration::from_secs(100),
        period_spend_limit: coins(each),
        period_can_spend: coins(each),
        period_reset: at(reset),
    })
}

fn of_messages(allowance: Allowance, messages: &[&str]) -> Allowance {
    let allowed_messages = messages.iter().map(|message| (*message).to_string()).collect();
    Allowance::AllowedMsg { allowance: Box::new(allowance), allowed_messages }
}

#[test]
fn a_basic_allowance_is_spent_to_its_limit_and_then_gone() {
    let mut chain = Chain::new();
    let events = chain.grant(&basic("10aopen", None)).unwrap();
    let (granter, grantee) = (address(1).to_string(), address(2).to_string());
    assert_eq!(events, [Event::new("set_feegrant").attr("granter", &granter).attr("grantee", &grantee)]);
    assert_eq!(chain.pay("4aopen", &[SEND]).unwrap(), ["use_feegrant", "update_feegrant"]);
    assert_eq!(chain.left(), Some(basic("6aopen", None)));
    let error = chain.pay("7aopen", &[SEND]).unwrap_err();
    assert_eq!((code(&error), error.message.as_str()), (("feegrant", 2), "basic allowance: fee limit exceeded"));
    assert_eq!(chain.pay("6aopen", &[SEND]).unwrap(), ["revoke_feegrant", "use_feegrant"]);
    assert_eq!(chain.left(), None);
    let error = chain.pay("1aopen", &[SEND]).unwrap_err();
    assert_eq!((code(&error), error.message.as_str()), (("sdk", 38), "fee-grant not found: not found"));
}

#[test]
fn no_limit_pays_every_fee_until_it_expires() {
    let mut chain = Chain::new();
    chain.grant(&basic("", Some(NOW + 10))).unwrap();
    chain.pay("1000000aopen,5uatom", &[SEND]).unwrap();
    chain.block.time_seconds = NOW + 10;
    chain.pay("1aopen", &[SEND]).unwrap();
    chain.block.time_nanos = 1;
    let error = chain.pay("1aopen", &[SEND]).unwrap_err();
    assert_eq!((code(&error), error.message.as_str()), (("feegrant", 3), "basic allowance: fee allowance expired"));
}

#[test]
fn a_periodic_allowance_is_filled_again_each_period_and_never_above_what_is_left_in_all() {
    let mut chain = Chain::new();
    chain.grant(&periodic("25aopen", "10aopen", NOW + 100)).unwrap();
    chain.pay("10aopen", &[SEND]).unwrap();
    let error = chain.pay("1aopen", &[SEND]).unwrap_err();
    assert_eq!((code(&error), error.message.as_str()), (("feegrant", 2), "period limit: fee limit exceeded"));
    chain.block.time_seconds = NOW + 100;
    chain.pay("9aopen", &[SEND]).unwrap();
    let Some(Allowance::Periodic(left)) = chain.left() else { panic!("it is gone") };
    assert_eq!((left.period_can_spend, left.period_reset), (coins("1aopen"), at(NOW + 200)));
    // After a rest of several periods the next one is counted from now; 6 are left in all, less than a period's 10.
    chain.block.time_seconds = NOW + 555;
    chain.pay("1aopen", &[SEND]).unwrap();
    let Some(Allowance::Periodic(left)) = chain.left() else { panic!("it is gone") };
    assert_eq!((left.period_can_spend, left.period_reset), (coins("5aopen"), at(NOW + 655)));
    assert_eq!(chain.pay("5aopen", &[SEND]).unwrap(), ["revoke_feegrant", "use_feegrant"]);
}

#[test]
fn an_allowance_for_messages_pays_for_those_alone_and_looking_costs_gas() {
    let mut chain = Chain::new();
    chain.grant(&of_messages(basic("10aopen", None), &[SEND, "/a.B"])).unwrap();
    let error = chain.pay("1aopen", &[SEND, "/c.D"]).unwrap_err();
    let text = "message does not exist in allowed messages: message not allowed";
    assert_eq!((code(&error), error.message.as_str()), (("feegrant", 7), text));
    chain.pay("1aopen", &[SEND, "/a.B", SEND]).unwrap();
    assert_eq!(chain.left(), Some(of_messages(basic("9aopen", None), &[SEND, "/a.B"])));
}

#[test]
fn what_makes_no_sense_is_refused_with_the_sdk_s_codes() {
    let mut chain = Chain::new();
    let mut refused = |msg: MsgGrantAllowance| {
        let error = chain.execute(&msg).unwrap_err();
        (error.codespace, error.code)
    };
    let any = |allowance: Allowance| Some(allowance.to_any());
    assert_eq!(refused(grant_of(1, 1, any(basic("1aopen", None)))), ("sdk", 7));
    assert_eq!(refused(grant_of(1, 2, None)), ("feegrant", 5));
    assert_eq!(refused(grant_of(1, 2, any(basic("1aopen", Some(NOW - 1))))), ("sdk", 18));
    assert_eq!(refused(grant_of(1, 2, any(basic("1aopen", Some(-1))))), ("feegrant", 4));
    assert_eq!(refused(grant_of(1, 2, any(periodic("5aopen", "", NOW)))), ("sdk", 10));
    assert_eq!(refused(grant_of(1, 2, any(periodic("5aopen", "1uatom", NOW)))), ("sdk", 10));
    assert_eq!(refused(grant_of(1, 2, any(of_messages(basic("", None), &[])))), ("feegrant", 6));
    let unsorted = BasicAllowance { spend_limit: vec![coins("1uatom").to_proto()[0].clone(); 2], expiration: None };
    let pack = |value: Vec<u8>, name: String| Some(Any { type_url: name, value });
    assert_eq!(refused(grant_of(1, 2, pack(unsorted.encode_to_vec(), BasicAllowance::type_url()))), ("sdk", 10));
    assert_eq!(refused(grant_of(1, 2, pack(vec![], SEND.into()))), ("sdk", 2));
    let deep = (0..11).fold(basic("", None), |inner, _| of_messages(inner, &[SEND]));
    assert_eq!(refused(grant_of(1, 2, any(deep))), ("sdk", 2));
    let blocked =
        MsgGrantAllowance { grantee: Address::module("nobody").to_string(), ..grant_of(1, 2, any(basic("", None))) };
    assert!(chain.execute(&blocked).is_ok(), "who has no account gets one");
    chain.grant(&basic("1aopen", None)).unwrap();
    let again = chain.grant(&basic("2aopen", None)).unwrap_err();
    assert_eq!((code(&again), again.message.as_str()), (("sdk", 18), "fee allowance already exists: invalid request"));
    let senseless = chain.execute(&grant_of(1, 2, None)).unwrap_err();
    assert_eq!(senseless, again, "what is there is looked at before what is asked for");
}

#[test]
fn a_module_that_has_no_account_yet_gets_none_by_an_allowance() {
    let mut chain = Chain::new();
    // A chain whose genesis made no module accounts.
    chain.state = BlockState::new(Arc::new(MemSnapshot::default()));
    let grantee = Address::module(FEE_COLLECTOR).to_string();
    let msg = MsgGrantAllowance { grantee, ..grant_of(1, 2, Some(basic("", None).to_any())) };
    assert_eq!(code(&chain.execute(&msg).unwrap_err()), ("sdk", 4));
}

#[test]
fn a_revoked_allowance_leaves_nothing_behind_that_could_remove_the_next() {
    let mut chain = Chain::new();
    let revoke = MsgRevokeAllowance { granter: address(1).to_string(), grantee: address(2).to_string() };
    chain.grant(&basic("1aopen", Some(NOW + 5))).unwrap();
    let events = chain.execute(&revoke).unwrap();
    assert_eq!(events[0].kind, "revoke_feegrant");
    assert_eq!(code(&chain.execute(&revoke).unwrap_err()), ("sdk", 38));
    chain.grant(&basic("1aopen", None)).unwrap();
    chain.block.time_seconds = NOW + 100;
    chain.with(|ctx| FEEGRANTS.end_block(ctx).unwrap());
    assert!(chain.left().is_some());
}

#[test]
fn the_end_of_a_block_removes_200_expired_allowances_and_a_message_75() {
    let mut chain = Chain::new();
    chain.with(|ctx| {
        for byte in 3..=255u8 {
            for granter in [1, 2] {
                FEEGRANTS.grant(ctx, &address(granter), &address(byte), &basic("", Some(NOW + 1))).unwrap();
            }
        }
    });
    chain.grant(&basic("", Some(NOW + 2))).unwrap();
    let count = |chain: &mut Chain| {
        chain.with(|ctx| {
            FEEGRANTS.check_invariants(ctx).unwrap();
            GenesisState::decode(FEEGRANTS.export_genesis(ctx).unwrap().as_slice()).unwrap().allowances.len()
        })
    };
    chain.with(|ctx| FEEGRANTS.end_block(ctx).unwrap());
    chain.block.time_seconds = NOW + 1;
    chain.with(|ctx| FEEGRANTS.end_block(ctx).unwrap());
    assert_eq!(count(&mut chain), 507, "what expires now can still be used");
    chain.block.time_nanos = 1;
    let events = chain.execute(&MsgPruneAllowances { pruner: address(9).to_string() }).unwrap();
    assert_eq!(events, [Event::new("prune_feegrant").attr("pruner", address(9))]);
    assert_eq!(count(&mut chain), 507 - 75);
    for left in [507 - 275, 507 - 475, 1, 1] {
        chain.with(|ctx| FEEGRANTS.end_block(ctx).unwrap());
        assert_eq!(count(&mut chain), left);
    }
}

#[test]
fn an_expired_allowance_is_removed_without_being_read() {
    use cosmwasm_std::{Order, Storage};
    let mut chain = Chain::new();
    chain.grant(&Allowance::Basic(Basic { expiration: Some(at(NOW + 1)), ..Basic::default() })).unwrap();
    chain.block.time_seconds = NOW + 2;
    chain.with(|ctx| {
        let mut kv = ctx.kv_mut("feegrant");
        let is_allowance = |key: &Vec<u8>| key[2..].starts_with(b"allowances");
        let all: Vec<_> = kv.range(None, None, Order::Ascending).map(|(key, _)| key).filter(is_allowance).collect();
        assert_eq!(all.len(), 1);
        kv.set(&all[0], b"nothing that could be read");
        FEEGRANTS.end_block(ctx).unwrap();
        FEEGRANTS.check_invariants(ctx).unwrap();
        assert_eq!(ctx.kv("feegrant").range(None, None, Order::Ascending).count(), 0);
    });
}

#[test]
fn an_export_brings_all_allowances_back_but_those_that_expired() {
    let mut chain = Chain::new();
    chain.grant(&of_messages(periodic("25aopen", "10aopen", NOW), &[SEND])).unwrap();
    chain.execute(&grant_of(2, 1, Some(basic("5aopen", Some(NOW + 9)).to_any()))).unwrap();
    chain.execute(&grant_of(3, 1, Some(basic("", Some(NOW)).to_any()))).unwrap();
    let exported = chain.with(|ctx| FEEGRANTS.export_genesis(ctx).unwrap());
    let mut next = Chain::new();
    next.block.time_seconds = NOW + 1;
    let again = next.with(|ctx| {
        FEEGRANTS.validate_genesis(&exported).unwrap();
        FEEGRANTS.init_genesis(ctx, &exported).unwrap();
        FEEGRANTS.check_invariants(ctx).unwrap();
        FEEGRANTS.export_genesis(ctx).unwrap()
    });
    let (mut before, after) =
        (GenesisState::decode(exported.as_slice()).unwrap(), GenesisState::decode(again.as_slice()).unwrap());
    before.allowances.retain(|grant| grant.granter != address(3).to_string());
    assert_eq!(before, after);
    let twice = GenesisState { allowances: vec![after.allowances[0].clone(); 2] };
    assert!(FEEGRANTS.validate_genesis(&twice.encode_to_vec()).is_err());
}

#[test]
fn queries_find_allowances_from_both_sides() {
    let mut chain = Chain::new();
    for (granter, grantee) in [(1, 2), (1, 3), (2, 3), (3, 1)] {
        chain.execute(&grant_of(granter, grantee, Some(basic("5aopen", None).to_any()))).unwrap();
    }
    let names = |grants: &[Grant]| -> Vec<(String, String)> {
        grants.iter().map(|grant| (grant.granter.clone(), grant.grantee.clone())).collect()
    };
    let pair = |granter, grantee| (address(granter).to_string(), address(grantee).to_string());
    let request = QueryAllowancesByGranterRequest { granter: address(1).to_string(), pagination: None };
    let answer: QueryAllowancesByGranterResponse = chain.ask("AllowancesByGranter", &request).unwrap();
    assert_eq!(names(&answer.allowances), [pair(1, 2), pair(1, 3)]);
    let request = QueryAllowancesRequest { grantee: address(3).to_string(), pagination: None };
    let answer: QueryAllowancesResponse = chain.ask("Allowances", &request).unwrap();
    assert_eq!(names(&answer.allowances), [pair(1, 3), pair(2, 3)]);
    let one = |granter, grantee| {
        let (granter, grantee) = pair(granter, grantee);
        chain.ask::<QueryAllowanceResponse>("Allowance", &QueryAllowanceRequest { granter, grantee })
    };
    assert_eq!(one(1, 2).unwrap().allowance.unwrap().allowance.unwrap(), basic("5aopen", None).to_any());
    let error = one(2, 1).unwrap_err();
    assert_eq!((error.code as u32, error.message.as_str()), (13, "fee-grant not found: not found"));
}

proptest! {
    /// Whatever is paid when, the sum never exceeds the limit in all, nor in any stretch of a period two periods' limits.
    #[test]
    fn no_allowance_pays_more_than_its_limits(
        all in 1..300u64,
        each in 1..100u64,
        acts in prop::collection::vec((0..150i64, 0..120u64), 1..40),
    ) {
        let mut chain = Chain::new();
        chain.grant(&periodic(&format!("{all}aopen"), &format!("{each}aopen"), NOW)).unwrap();
        let mut paid: Vec<(i64, u64)> = Vec::new();
        for (wait, fee) in acts {
            chain.block.time_seconds += wait;
            if chain.pay(&format!("{fee}aopen"), &[SEND]).is_ok() {
                paid.push((chain.block.time_seconds, fee));
            }
        }
        prop_assert!(paid.iter().map(|(_, fee)| fee).sum::<u64>() <= all);
        for (from, _) in &paid {
            let within: u64 = paid.iter().filter(|(time, _)| (*from..*from + 100).contains(time)).map(|(_, fee)| fee).sum();
            prop_assert!(within <= 2 * each);
        }
    }
}
