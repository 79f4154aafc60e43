//! The circuit breaker: who may switch what, what is refused while it is off, and that it can always be switched on again.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use openledger_auth::authority;
use openledger_circuit::{Circuit, RESET};
use openledger_core::testing::{self, address, code};
use openledger_core::{Address, BlockInfo, Error, Event, Module, Status};
use openledger_proto::cosmos::circuit::v1::permissions::Level;
use openledger_proto::cosmos::circuit::v1::*;
use openledger_proto::{Message, Name};

const SEND: &str = "/cosmos.bank.v1beta1.MsgSend";
const VOTE: &str = "/cosmos.gov.v1.MsgVote";

openledger_core::own_chain!(Chain);

impl Chain {
    fn new() -> Self {
        Self(testing::Chain::new(BlockInfo::default(), vec![Box::new(Circuit)]))
    }

    fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<Event>, Error> {
        self.0.execute(msg).map(|(_, events)| events)
    }

    fn authorize(&mut self, granter: &Address, grantee: u8, level: i32, urls: &[&str]) -> Result<Vec<Event>, Error> {
        let permissions = Some(Permissions { level, limit_type_urls: texts(urls) });
        let (granter, grantee) = (granter.to_string(), address(grantee).to_string());
        self.execute(&MsgAuthorizeCircuitBreaker { granter, grantee, permissions })
    }

    fn trip(&mut self, who: &Address, urls: &[&str]) -> Result<Vec<Event>, Error> {
        self.execute(&MsgTripCircuitBreaker { authority: who.to_string(), msg_type_urls: texts(urls) })
    }

    fn reset(&mut self, who: &Address, urls: &[&str]) -> Result<Vec<Event>, Error> {
        self.execute(&MsgResetCircuitBreaker { authority: who.to_string(), msg_type_urls: texts(urls) })
    }

    fn is_on(&self, url: &str) -> bool {
        self.lets_through(url)
    }

    fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> Result<Resp, Status> {
        self.0.ask("cosmos.circuit.v1.Query", method, request)
    }
}

fn texts(urls: &[&str]) -> Vec<String> {
    urls.iter().map(|url| (*url).to_string()).collect()
}

const SOME: i32 = Level::SomeMsgs as i32;
const ALL: i32 = Level::AllMsgs as i32;
const SUPER: i32 = Level::SuperAdmin as i32;

#[test]
fn the_authority_and_super_admins_say_who_may_switch_and_nobody_else_does() {
    let mut chain = Chain::new();
    assert_eq!(code(&chain.authorize(&address(1), 2, SUPER, &[]).unwrap_err()), ("sdk", 4));
    chain.authorize(&authority(), 1, SUPER, &[]).unwrap();
    let events = chain.authorize(&address(1), 2, SOME, &[SEND]).unwrap();
    let event = Event::new("authorize_circuit_breaker")
        .attr("granter", address(1))
        .attr("grantee", address(2))
        .attr("permission", format!("level:LEVEL_SOME_MSGS limit_type_urls:\"{SEND}\" "));
    assert_eq!(events, [event]);
    assert_eq!(code(&chain.authorize(&address(2), 3, ALL, &[]).unwrap_err()), ("sdk", 4));
    assert_eq!(code(&chain.authorize(&address(1), 2, 7, &[]).unwrap_err()), ("circuit", 6));
    let none = MsgAuthorizeCircuitBreaker {
        granter: authority().to_string(),
        grantee: address(2).to_string(),
        permissions: None,
    };
    assert_eq!(code(&chain.execute(&none).unwrap_err()), ("sdk", 18));
}

#[test]
fn what_is_off_is_refused_until_it_is_switched_on() {
    let mut chain = Chain::new();
    let events = chain.trip(&authority(), &[SEND, VOTE]).unwrap();
    let event =
        Event::new("trip_circuit_breaker").attr("authority", authority()).attr("msg_url", format!("{SEND},{VOTE}"));
    assert_eq!(events, [event]);
    assert!(!chain.is_on(SEND) && !chain.is_on(VOTE) && chain.is_on("/cosmos.bank.v1beta1.MsgMultiSend"));
    let error = chain.with(|ctx| Circuit.check_allowed(ctx, SEND).unwrap_err());
    assert_eq!(error.message, format!("circuit breaker disables execution of this message: {SEND}"));
    assert_eq!(code(&chain.trip(&authority(), &[SEND]).unwrap_err()), ("circuit", 3));
    let events = chain.reset(&authority(), &[SEND]).unwrap();
    assert_eq!(events[0].kind, "reset_circuit_breaker");
    assert!(chain.is_on(SEND) && !chain.is_on(VOTE));
    assert_eq!(code(&chain.reset(&authority(), &[SEND]).unwrap_err()), ("circuit", 4));
}

#[test]
fn permissions_for_some_messages_are_for_those_alone() {
    let mut chain = Chain::new();
    chain.authorize(&authority(), 1, SOME, &[SEND]).unwrap();
    chain.authorize(&authority(), 2, ALL, &[]).unwrap();
    let error = chain.trip(&address(1), &[SEND, VOTE]).unwrap_err();
    let text = format!("account does not have permission to trip circuit breaker for message {VOTE}: unauthorized");
    assert_eq!((code(&error), error.message.as_str()), (("sdk", 4), text.as_str()));
    assert!(chain.is_on(SEND), "all or nothing");
    chain.trip(&address(1), &[SEND]).unwrap();
    chain.trip(&address(2), &[VOTE]).unwrap();
    assert_eq!(code(&chain.reset(&address(1), &[VOTE]).unwrap_err()), ("sdk", 4));
    let error = chain.reset(&address(3), &[SEND]).unwrap_err();
    assert_eq!(error.message, "account does not have permission to reset circuit breaker: unauthorized");
    chain.authorize(&authority(), 1, 0, &[]).unwrap();
    assert_eq!(code(&chain.reset(&address(1), &[SEND]).unwrap_err()), ("sdk", 4), "what was given is taken");
}

#[test]
fn the_message_that_switches_on_cannot_be_switched_off() {
    let mut chain = Chain::new();
    assert_eq!(code(&chain.trip(&authority(), &[SEND, RESET]).unwrap_err()), ("circuit", 5));
    assert!(chain.is_on(SEND) && chain.is_on(RESET));
    let genesis = GenesisState { account_permissions: vec![], disabled_type_urls: texts(&[RESET]) };
    assert!(Circuit.validate_genesis(&genesis.encode_to_vec()).is_err());
}

#[test]
fn a_switch_of_nothing_and_names_that_no_message_has_are_refused() {
    let mut chain = Chain::new();
    chain.trip(&authority(), &[SEND]).unwrap();
    let long = format!("/{}", "x".repeat(255));
    let longest = &long[..255];
    for refused in [chain.trip(&authority(), &[]), chain.reset(&authority(), &[])] {
        let error = refused.unwrap_err();
        assert_eq!(
            (code(&error), error.message.as_str()),
            (("sdk", 18), "no type of message is named: invalid request")
        );
    }
    for refused in [chain.trip(&authority(), &[VOTE, &long]), chain.reset(&authority(), &[SEND, &long])] {
        let error = refused.unwrap_err();
        let text = "a type URL has at most 255 bytes: invalid request";
        assert_eq!((code(&error), error.message.as_str()), (("sdk", 18), text));
    }
    assert!(!chain.is_on(SEND) && chain.is_on(VOTE), "all or nothing");
    chain.trip(&authority(), &[longest]).unwrap();
    assert!(!chain.is_on(longest));
}

#[test]
fn an_export_brings_permissions_and_what_is_off_back() {
    let mut chain = Chain::new();
    chain.authorize(&authority(), 1, SOME, &[SEND]).unwrap();
    chain.authorize(&authority(), 2, ALL, &[]).unwrap();
    chain.authorize(&authority(), 2, 0, &[]).unwrap();
    chain.authorize(&authority(), 3, SUPER, &[]).unwrap();
    chain.trip(&address(3), &[VOTE, SEND]).unwrap();
    let exported = chain.with(|ctx| Circuit.export_genesis(ctx).unwrap());
    let mut next = Chain::new();
    let again = next.with(|ctx| {
        Circuit.validate_genesis(&exported).unwrap();
        Circuit.init_genesis(ctx, &exported).unwrap();
        Circuit.export_genesis(ctx).unwrap()
    });
    assert_eq!(exported, again);
    assert!(!next.is_on(SEND) && !next.is_on(VOTE));
    let read = GenesisState::decode(again.as_slice()).unwrap();
    assert_eq!(read.account_permissions.len(), 2, "who may do nothing is not exported");
    let refused = |change: fn(&mut GenesisState)| {
        let mut genesis = read.clone();
        change(&mut genesis);
        Circuit.validate_genesis(&genesis.encode_to_vec()).is_err()
    };
    assert!(refused(|genesis| genesis.account_permissions[0].permissions = None));
    assert!(refused(|genesis| genesis.account_permissions[0].permissions = Some(Permissions::default())));
    assert!(refused(|genesis| genesis.account_permissions[0].address = String::new()));
    assert!(refused(|genesis| genesis.account_permissions[1] = genesis.account_permissions[0].clone()));
    assert!(refused(|genesis| genesis.disabled_type_urls.push("/".repeat(256))), "no message has such a name");
    assert!(!refused(|genesis| genesis.disabled_type_urls.push("/".repeat(255))));
}

#[test]
fn queries_tell_who_may_switch_what_and_what_is_off() {
    let mut chain = Chain::new();
    chain.authorize(&authority(), 1, SOME, &[SEND]).unwrap();
    chain.authorize(&authority(), 2, ALL, &[]).unwrap();
    chain.trip(&address(2), &[VOTE, SEND]).unwrap();
    let one: AccountResponse = chain.ask("Account", &QueryAccountRequest { address: address(1).to_string() }).unwrap();
    assert_eq!(one.permission.unwrap(), Permissions { level: SOME, limit_type_urls: texts(&[SEND]) });
    let all: AccountsResponse = chain.ask("Accounts", &QueryAccountsRequest { pagination: None }).unwrap();
    assert_eq!(all.accounts.len(), 2);
    let off: DisabledListResponse = chain.ask("DisabledList", &QueryDisabledListRequest {}).unwrap();
    assert_eq!(off.disabled_list, [SEND, VOTE]);
    let nobody = QueryAccountRequest { address: address(9).to_string() };
    assert_eq!(chain.ask::<AccountResponse>("Account", &nobody).unwrap_err().code as u32, 5);
}
