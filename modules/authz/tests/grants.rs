//! Grants: what each sort accepts, whose messages may be executed, how grants end, and that a genesis brings them back.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use openledger_auth::Auth;
use openledger_authz::{Authorization, Authz, StakeKind, Validators};
use openledger_bank::Bank;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::testing::{self, address, code, coins, pack};
use openledger_core::{BlockInfo, Coin, Context, Event, Handle, Module, Result, Status, Time};
use openledger_proto::cosmos::authz::v1beta1::*;
use openledger_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgSend};
use openledger_proto::cosmos::slashing::v1beta1::{MsgUnjail, MsgUnjailResponse};
use openledger_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgDelegateResponse};
use openledger_proto::{Any, Message, Name};
use proptest::prelude::*;

const BANK: Bank = Bank { auth: Auth };
const AUTHZ: Authz = Authz { auth: Auth, bank: BANK };
const NOW: i64 = 1_700_000_000;

/// Takes what others' modules take and does nothing with it: who may send it is asked here, not what it does.
#[derive(Clone)]
struct Others;

impl Handle<MsgUnjail> for Others {
    type Response = MsgUnjailResponse;

    fn handle(&self, _: &mut Context, _: &MsgUnjail) -> Result<MsgUnjailResponse> {
        Ok(MsgUnjailResponse {})
    }
}

impl Handle<MsgDelegate> for Others {
    type Response = MsgDelegateResponse;

    fn handle(&self, _: &mut Context, _: &MsgDelegate) -> Result<MsgDelegateResponse> {
        Ok(MsgDelegateResponse {})
    }
}

openledger_core::own_chain!(Chain);

impl Chain {
    /// A chain at which the accounts 1, 2 and 3 hold 1000aopen each.
    fn new() -> Self {
        let block = BlockInfo { height: 1, time_seconds: NOW, ..BlockInfo::default() };
        let mut chain = Self(testing::Chain::new(block, vec![Box::new(AUTHZ), Box::new(BANK)]));
        chain.router.msg::<MsgDelegate, _>("staking", &Others);
        chain.router.msg::<MsgUnjail, _>("slashing", &Others);
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            for byte in [1, 2, 3] {
                BANK.credit_genesis(ctx, &address(byte), &coins("1000aopen")).unwrap();
                Auth.ensure(ctx, &address(byte)).unwrap();
            }
        });
        chain
    }

    /// Account 1 grants account 2.
    fn grant(&mut self, authorization: &Authorization, expiration: Option<i64>) -> Result<Vec<Event>> {
        self.execute(&grant_of(1, 2, authorization, expiration)).map(|(_, events)| events)
    }

    /// Account 2 executes messages.
    fn exec(&mut self, msgs: Vec<Any>) -> Result<(Vec<u8>, Vec<Event>)> {
        self.execute(&MsgExec { grantee: text(2), msgs })
    }

    fn left(&mut self, msg_type: &str) -> Option<Authorization> {
        let grant = self.with(|ctx| AUTHZ.find(ctx, &address(1), &address(2), msg_type).unwrap());
        grant.map(|grant| grant.authorization)
    }

    fn balance(&mut self, byte: u8) -> String {
        self.with(|ctx| BANK.balances(ctx, &address(byte)).unwrap().to_string())
    }

    fn ask<Resp: Message + Default>(&self, method: &str, request: &impl Message) -> std::result::Result<Resp, Status> {
        self.0.ask("cosmos.authz.v1beta1.Query", method, request)
    }
}

fn text(byte: u8) -> String {
    address(byte).to_string()
}

fn send(from: u8, to: u8, amount: &str) -> Any {
    pack(&MsgSend { from_address: text(from), to_address: text(to), amount: coins(amount).to_proto() })
}

fn delegate(validator: &str, amount: &str) -> Any {
    let amount = Some(amount.parse::<Coin>().unwrap().to_proto());
    pack(&MsgDelegate { delegator_address: text(1), validator_address: validator.into(), amount })
}

fn generic<M: Name>() -> Authorization {
    Authorization::Generic { msg: M::type_url() }
}

fn sends(limit: &str, allowed: &[u8]) -> Authorization {
    Authorization::Send { spend_limit: coins(limit), allow_list: allowed.iter().map(|byte| text(*byte)).collect() }
}

fn stake(validators: Validators, most: Option<&str>) -> Authorization {
    let max_tokens = most.map(|most| most.parse().unwrap());
    Authorization::Stake { kind: StakeKind::Delegate, validators, max_tokens }
}

fn grant_of(granter: u8, grantee: u8, authorization: &Authorization, expiration: Option<i64>) -> MsgGrant {
    let expiration = expiration.map(|seconds| Time { seconds, nanos: 0 }.to_proto());
    let grant = Some(Grant { authorization: Some(authorization.to_any()), expiration });
    MsgGrant { granter: text(granter), grantee: text(grantee), grant }
}

#[test]
fn a_grantee_executes_what_it_was_granted_and_nothing_else() {
    let mut chain = Chain::new();
    let error = chain.exec(vec![send(1, 3, "5aopen")]).unwrap_err();
    assert_eq!(code(&error), ("authz", 2));
    let events = chain.grant(&generic::<MsgSend>(), None).unwrap();
    let quoted = |text: String| format!("\"{text}\"");
    let event = Event::new("cosmos.authz.v1beta1.EventGrant")
        .attr("grantee", quoted(text(2)))
        .attr("granter", quoted(text(1)))
        .attr("msg_type_url", quoted(MsgSend::type_url()));
    assert_eq!(events, [event]);
    let (response, events) = chain.exec(vec![send(1, 3, "5aopen"), send(2, 3, "1aopen")]).unwrap();
    assert_eq!(MsgExecResponse::decode(response.as_slice()).unwrap().results, [Vec::<u8>::new(), Vec::new()]);
    let indices: Vec<&str> = events.iter().map(|event| event.attributes.last().unwrap().1.as_str()).collect();
    assert_eq!(indices, ["0", "0", "0", "0", "1", "1", "1", "1"]);
    assert!(events.iter().all(|event| event.attributes.last().unwrap().0 == "authz_msg_index"));
    assert_eq!(
        (chain.balance(1), chain.balance(2), chain.balance(3)),
        ("995aopen".into(), "999aopen".into(), "1006aopen".into())
    );
    let error = chain.exec(vec![send(3, 2, "5aopen")]).unwrap_err();
    assert_eq!(code(&error), ("authz", 2), "account 3 granted nothing");
    let other = chain.execute(&MsgExec { grantee: text(3), msgs: vec![send(1, 3, "5aopen")] }).unwrap_err();
    assert_eq!(code(&other), ("authz", 2), "account 3 was granted nothing");
}

#[test]
fn where_one_message_fails_all_are_undone_and_the_error_says_which() {
    let mut chain = Chain::new();
    chain.grant(&sends("100000aopen", &[]), None).unwrap();
    let error = chain.exec(vec![send(1, 3, "5aopen"), send(1, 3, "5000aopen")]).unwrap_err();
    assert_eq!(code(&error), ("sdk", 5));
    assert!(error.message.starts_with("failed to execute message; message /cosmos.bank.v1beta1.MsgSend"), "{error}");
    assert_eq!(chain.balance(1), "1000aopen");
    assert_eq!(chain.left(&MsgSend::type_url()), Some(sends("100000aopen", &[])));
    // What the SDK checks before anything is executed says which message it is, too.
    let deep = (0..10).fold(send(1, 3, "1aopen"), |inner, _| pack(&MsgExec { grantee: text(2), msgs: vec![inner] }));
    let error = chain.execute(&MsgExec { grantee: text(2), msgs: vec![send(1, 3, "5aopen"), deep] }).unwrap_err();
    assert_eq!(code(&error), ("sdk", 2));
    let garbled = Any { type_url: MsgSend::type_url(), value: vec![0xff] };
    let error = chain.exec(vec![send(1, 3, "5aopen"), garbled]).unwrap_err();
    assert_eq!((code(&error), &error.message[..6]), (("sdk", 2), "msg 1:"));
    assert_eq!(chain.balance(1), "1000aopen");
}

#[test]
fn sends_are_granted_up_to_a_limit_and_to_those_on_the_list() {
    let mut chain = Chain::new();
    chain.grant(&sends("10aopen", &[3]), None).unwrap();
    let error = chain.exec(vec![send(1, 2, "5aopen")]).unwrap_err();
    let text = format!("cannot send to {} address: unauthorized", address(2));
    assert_eq!((code(&error), error.message.as_str()), (("sdk", 4), text.as_str()));
    let error = chain.exec(vec![send(1, 3, "11aopen")]).unwrap_err();
    assert_eq!(error.message, "requested amount is more than spend limit: insufficient funds");
    chain.exec(vec![send(1, 3, "4aopen")]).unwrap();
    assert_eq!(chain.left(&MsgSend::type_url()), Some(sends("6aopen", &[3])));
    let (_, events) = chain.exec(vec![send(1, 3, "6aopen")]).unwrap();
    assert_eq!(events[0].kind, "cosmos.authz.v1beta1.EventRevoke");
    assert_eq!(chain.left(&MsgSend::type_url()), None);
}

#[test]
fn staking_is_granted_with_some_validators_and_up_to_a_limit() {
    let mut chain = Chain::new();
    let list = || vec!["openvaloper1a".to_string()];
    chain.grant(&stake(Validators::Allowed(list()), Some("10aopen")), None).unwrap();
    let error = chain.exec(vec![delegate("openvaloper1b", "1aopen")]).unwrap_err();
    assert_eq!(error.message, "cannot delegate/undelegate to openvaloper1b validator: unauthorized");
    assert_eq!(code(&chain.exec(vec![delegate("openvaloper1a", "11aopen")]).unwrap_err()), ("sdk", 5));
    assert_eq!(code(&chain.exec(vec![delegate("openvaloper1a", "1uatom")]).unwrap_err()), ("sdk", 10));
    chain.exec(vec![delegate("openvaloper1a", "4aopen")]).unwrap();
    let left = stake(Validators::Allowed(list()), Some("6aopen"));
    assert_eq!(chain.left(&MsgDelegate::type_url()), Some(left));
    chain.exec(vec![delegate("openvaloper1a", "6aopen")]).unwrap();
    assert_eq!(chain.left(&MsgDelegate::type_url()), None);

    chain.grant(&stake(Validators::Denied(list()), None), None).unwrap();
    assert_eq!(code(&chain.exec(vec![delegate("openvaloper1a", "1aopen")]).unwrap_err()), ("sdk", 4));
    chain.exec(vec![delegate("openvaloper1b", "1aopen")]).unwrap();
    assert_eq!(chain.left(&MsgDelegate::type_url()), Some(stake(Validators::Denied(list()), None)));
}

#[test]
fn a_message_that_an_operator_signs_is_that_of_the_account_with_the_operator_s_bytes() {
    let mut chain = Chain::new();
    let unjail = |byte| pack(&MsgUnjail { validator_addr: address(byte).to_bech32(VALOPER_PREFIX) });
    // One's own needs no grant, another's does.
    chain.exec(vec![unjail(2)]).unwrap();
    assert_eq!(code(&chain.exec(vec![unjail(1)]).unwrap_err()), ("authz", 2));
    chain.grant(&generic::<MsgUnjail>(), None).unwrap();
    chain.exec(vec![unjail(1)]).unwrap();
    assert_eq!(code(&chain.exec(vec![unjail(3)]).unwrap_err()), ("authz", 2), "account 3 granted nothing");
    let consensus = pack(&MsgUnjail { validator_addr: address(1).to_bech32("openvalcons") });
    assert_eq!(code(&chain.exec(vec![consensus]).unwrap_err()), ("sdk", 7), "no account signs for a consensus address");
}

#[test]
fn a_message_within_a_message_needs_the_grants_of_both() {
    let mut chain = Chain::new();
    let inner = || MsgExec { grantee: text(3), msgs: vec![send(1, 2, "5aopen")] };
    // 3 let 2 execute in its name, 1 let 3 send in its name.
    chain.execute(&grant_of(3, 2, &generic::<MsgExec>(), None)).unwrap();
    assert_eq!(code(&chain.exec(vec![pack(&inner())]).unwrap_err()), ("authz", 2));
    chain.execute(&grant_of(1, 3, &generic::<MsgSend>(), None)).unwrap();
    chain.exec(vec![pack(&inner())]).unwrap();
    assert_eq!(chain.balance(2), "1005aopen");
}

#[test]
fn messages_in_messages_are_bounded_in_depth_and_number() {
    let mut chain = Chain::new();
    let nest = |times: usize, inner: Any| {
        (0..times).fold(inner, |inner, _| pack(&MsgExec { grantee: text(2), msgs: vec![inner] }))
    };
    chain.exec(vec![nest(9, send(2, 3, "1aopen"))]).unwrap();
    assert_eq!(code(&chain.exec(vec![nest(10, send(2, 3, "1aopen"))]).unwrap_err()), ("sdk", 2));
    chain.exec(vec![send(2, 3, "1aopen"); 100]).unwrap();
    assert_eq!(code(&chain.exec(vec![send(2, 3, "1aopen"); 101]).unwrap_err()), ("sdk", 2));
    let wide = pack(&MsgExec { grantee: text(2), msgs: vec![send(2, 3, "1aopen"); 60] });
    assert_eq!(code(&chain.exec(vec![wide.clone(), wide]).unwrap_err()), ("sdk", 2));
}

#[test]
fn a_gate_that_refuses_a_message_refuses_it_within_another_too() {
    let mut chain = Chain::new();
    chain.router.gate(|_, type_url| {
        let off = type_url == MsgSend::type_url();
        if off {
            Err(openledger_core::SdkError::Unauthorized("it is off".into()).into())
        } else {
            Ok(())
        }
    });
    assert_eq!(code(&chain.exec(vec![send(2, 3, "1aopen")]).unwrap_err()), ("sdk", 4));
}

#[test]
fn what_makes_no_sense_is_refused_with_the_sdk_s_codes() {
    let mut chain = Chain::new();
    let mut refused = |msg: MsgGrant| {
        let error = chain.execute(&msg).unwrap_err();
        (error.codespace, error.code)
    };
    let any = generic::<MsgSend>();
    assert_eq!(refused(grant_of(1, 1, &any, None)), ("authz", 7));
    assert_eq!(refused(grant_of(1, 2, &any, Some(NOW))), ("authz", 3));
    assert_eq!(refused(MsgGrant { grant: None, ..grant_of(1, 2, &any, None) }), ("sdk", 29));
    assert_eq!(refused(MsgGrant { granter: "x".into(), ..grant_of(1, 2, &any, None) }), ("sdk", 7));
    let unrouted = Authorization::Generic { msg: "/cosmos.nft.v1beta1.MsgSend".into() };
    assert_eq!(refused(grant_of(1, 2, &unrouted, None)), ("sdk", 29));
    assert_eq!(refused(grant_of(1, 2, &sends("", &[]), None)), ("sdk", 10));
    assert_eq!(refused(grant_of(1, 2, &sends("1aopen", &[3, 3]), None)), ("bank", 8));
    let unknown = Some(Grant { authorization: Some(send(1, 2, "1aopen")), expiration: None });
    assert_eq!(refused(MsgGrant { grant: unknown, ..grant_of(1, 2, &any, None) }), ("sdk", 2));
    let unspecified = openledger_proto::cosmos::staking::v1beta1::StakeAuthorization::default();
    let unspecified = Some(Grant { authorization: Some(pack(&unspecified)), expiration: None });
    assert_eq!(refused(MsgGrant { grant: unspecified, ..grant_of(1, 2, &any, None) }), ("authz", 4));

    let revoke =
        |msg_type_url: &str| MsgRevoke { granter: text(1), grantee: text(2), msg_type_url: msg_type_url.into() };
    assert_eq!(code(&chain.execute(&revoke("")).unwrap_err()), ("sdk", 18));
    assert_eq!(code(&chain.execute(&revoke("/x")).unwrap_err()), ("authz", 2));
    assert_eq!(code(&chain.exec(vec![]).unwrap_err()), ("sdk", 18));
    let unknown = Any { type_url: "/x.Y".into(), value: vec![] };
    assert_eq!(code(&chain.exec(vec![unknown]).unwrap_err()), ("sdk", 6));
    let nobody = pack(&MsgMultiSend { inputs: vec![], outputs: vec![] });
    assert_eq!(code(&chain.exec(vec![nobody]).unwrap_err()), ("authz", 9));
}

#[test]
fn a_grant_takes_the_place_of_another_and_expires_when_it_says() {
    let mut chain = Chain::new();
    chain.grant(&generic::<MsgSend>(), Some(NOW + 5)).unwrap();
    chain.grant(&sends("10aopen", &[]), Some(NOW + 9)).unwrap();
    chain.block.time_seconds = NOW + 9;
    chain.with(|ctx| AUTHZ.begin_block(ctx).unwrap());
    chain.exec(vec![send(1, 3, "1aopen")]).unwrap();
    chain.block.time_nanos = 1;
    assert_eq!(code(&chain.exec(vec![send(1, 3, "1aopen")]).unwrap_err()), ("authz", 6));
    chain.with(|ctx| AUTHZ.begin_block(ctx).unwrap());
    assert_eq!(code(&chain.exec(vec![send(1, 3, "1aopen")]).unwrap_err()), ("authz", 2));
    chain.grant(&generic::<MsgSend>(), None).unwrap();
    let revoke = MsgRevoke { granter: text(1), grantee: text(2), msg_type_url: MsgSend::type_url() };
    let (_, events) = chain.execute(&revoke).unwrap();
    assert_eq!(events[0].kind, "cosmos.authz.v1beta1.EventRevoke");
    assert_eq!(chain.left(&MsgSend::type_url()), None);
}

#[test]
fn the_beginning_of_a_block_removes_200_expired_grants() {
    let mut chain = Chain::new();
    for byte in 3..=130u8 {
        for authorization in [generic::<MsgSend>(), generic::<MsgExec>()] {
            chain.execute(&grant_of(1, byte, &authorization, Some(NOW + 1))).unwrap();
        }
    }
    let count = |chain: &mut Chain| {
        chain.with(|ctx| {
            AUTHZ.check_invariants(ctx).unwrap();
            GenesisState::decode(AUTHZ.export_genesis(ctx).unwrap().as_slice()).unwrap().authorization.len()
        })
    };
    chain.block.time_seconds = NOW + 2;
    for left in [256 - 200, 0, 0] {
        chain.with(|ctx| AUTHZ.begin_block(ctx).unwrap());
        assert_eq!(count(&mut chain), left);
    }
}

#[test]
fn an_expired_grant_is_removed_without_being_read() {
    use cosmwasm_std::{Order, Storage};
    let mut chain = Chain::new();
    chain.grant(&generic::<MsgSend>(), Some(NOW + 1)).unwrap();
    chain.block.time_seconds = NOW + 2;
    chain.with(|ctx| {
        let mut kv = ctx.kv_mut("authz");
        let is_grant = |key: &Vec<u8>| key[2..].starts_with(b"grants");
        let grants: Vec<_> = kv.range(None, None, Order::Ascending).map(|(key, _)| key).filter(is_grant).collect();
        assert_eq!(grants.len(), 1);
        kv.set(&grants[0], b"nothing that could be read");
        AUTHZ.begin_block(ctx).unwrap();
        AUTHZ.check_invariants(ctx).unwrap();
        assert_eq!(ctx.kv("authz").range(None, None, Order::Ascending).count(), 0);
    });
}

#[test]
fn an_export_brings_all_grants_back_but_those_that_expired() {
    let mut chain = Chain::new();
    chain.grant(&sends("10aopen", &[3]), Some(NOW + 9)).unwrap();
    chain.grant(&stake(Validators::Any, Some("7aopen")), None).unwrap();
    chain.execute(&grant_of(3, 1, &stake(Validators::Denied(vec!["v".into()]), None), None)).unwrap();
    chain.execute(&grant_of(3, 2, &generic::<MsgSend>(), Some(NOW + 1))).unwrap();
    let exported = chain.with(|ctx| AUTHZ.export_genesis(ctx).unwrap());
    let mut next = Chain::new();
    next.block.time_seconds = NOW + 1;
    let again = next.with(|ctx| {
        AUTHZ.validate_genesis(&exported).unwrap();
        AUTHZ.init_genesis(ctx, &exported).unwrap();
        AUTHZ.check_invariants(ctx).unwrap();
        AUTHZ.export_genesis(ctx).unwrap()
    });
    let (mut before, after) =
        (GenesisState::decode(exported.as_slice()).unwrap(), GenesisState::decode(again.as_slice()).unwrap());
    before.authorization.retain(|grant| grant.granter != text(3) || grant.grantee != text(2));
    assert_eq!((before.authorization.len(), &before), (3, &after));
    let twice = GenesisState { authorization: vec![after.authorization[0].clone(); 2] };
    assert!(AUTHZ.validate_genesis(&twice.encode_to_vec()).is_err());
}

#[test]
fn queries_find_grants_from_both_sides() {
    let mut chain = Chain::new();
    for (granter, grantee) in [(1, 2), (1, 3), (2, 3)] {
        chain.execute(&grant_of(granter, grantee, &generic::<MsgSend>(), None)).unwrap();
    }
    chain.execute(&grant_of(1, 2, &generic::<MsgExec>(), Some(NOW + 5))).unwrap();
    let names = |grants: &[GrantAuthorization]| -> Vec<(String, String)> {
        grants.iter().map(|grant| (grant.granter.clone(), grant.grantee.clone())).collect()
    };
    let pair = |granter, grantee| (text(granter), text(grantee));
    let answer: QueryGranterGrantsResponse =
        chain.ask("GranterGrants", &QueryGranterGrantsRequest { granter: text(1), pagination: None }).unwrap();
    assert_eq!(names(&answer.grants), [pair(1, 2), pair(1, 2), pair(1, 3)]);
    let answer: QueryGranteeGrantsResponse =
        chain.ask("GranteeGrants", &QueryGranteeGrantsRequest { grantee: text(3), pagination: None }).unwrap();
    assert_eq!(names(&answer.grants), [pair(1, 3), pair(2, 3)]);
    let grants = |msg_type_url: &str| {
        let request = QueryGrantsRequest {
            granter: text(1),
            grantee: text(2),
            msg_type_url: msg_type_url.into(),
            pagination: None,
        };
        chain.ask::<QueryGrantsResponse>("Grants", &request)
    };
    assert_eq!(grants("").unwrap().grants.len(), 2);
    let exec = grants(&MsgExec::type_url()).unwrap();
    assert_eq!(exec.grants[0].expiration, Some(Time { seconds: NOW + 5, nanos: 0 }.to_proto()));
    let error = grants("/x").unwrap_err();
    assert_eq!(error.message, "authorization not found for /x type: authorization not found");
}

proptest! {
    /// Whatever is executed in whatever parts, no more is sent than was granted, and what is left says how much.
    #[test]
    fn no_grant_lets_more_be_sent_than_its_limit(limit in 1..500u64, parts in prop::collection::vec(1..200u64, 1..20)) {
        let mut chain = Chain::new();
        chain.grant(&sends(&format!("{limit}aopen"), &[]), None).unwrap();
        let mut sent = 0;
        for part in parts {
            let done = chain.exec(vec![send(1, 3, &format!("{part}aopen"))]).is_ok();
            prop_assert_eq!(done, sent + part <= limit);
            sent += if done { part } else { 0 };
            let left = chain.left(&MsgSend::type_url());
            let expected = (sent < limit).then(|| sends(&format!("{}aopen", limit - sent), &[]));
            prop_assert_eq!(left, expected);
        }
        prop_assert_eq!(chain.balance(1), format!("{}aopen", 1000 - sent));
    }
}
