//! Payers of other chains: they open sessions, add to them, end them and take their money home by the memos of transfers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::{Storage, Uint256};
use ibc_proto::ibc::core::channel::v1::Packet;
use ibc_proto::ibc::core::client::v1::Height;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::{Signature, SigningKey};
use openledger_auth::vesting::{Schedule, Vesting};
use openledger_auth::{Auth, PublicKey};
use openledger_bank::Bank;
use openledger_core::{Address, Coin, Context, GasMeter, Mode, Module, Result, SdkError, BASE_DENOM};
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::amount::Amount;
use openledger_provenance::credit::CreditNote;
use openledger_transfer::address::{escrow, remote_account};
use openledger_transfer::packet::PacketData;
use openledger_transfer::{Answer, Channels, Layer, Outgoing, Remote, Send, Transfer};
use serde_json::{json, Value};

const HERE: &str = "channel-0";
const THERE: &str = "channel-7";
const SENDER: &str = "cosmos1payer";
const OK: &[u8] = br#"{"result":"AQ=="}"#;

/// One channel; what was sent last is kept.
#[derive(Debug)]
struct OneChannel;

impl Channels for OneChannel {
    fn has_channel(&self, _ctx: &Context, _port: &str, channel: &str) -> Result<bool> {
        Ok(channel == HERE)
    }

    fn channels(&self, _ctx: &Context, _port: &str) -> Result<Vec<String>> {
        Ok(vec![HERE.into()])
    }

    fn send_packet(&self, ctx: &mut Context, packet: Outgoing) -> Result<u64> {
        ctx.kv_mut("ibc").set(b"sent", &packet.data);
        Ok(1)
    }

    fn write_acknowledgement(&self, _ctx: &mut Context, _packet: &Packet, _acknowledgement: Vec<u8>) -> Result<bool> {
        panic!("nothing is answered later here")
    }

    fn is_in_flight(&self, _ctx: &Context, _port: &str, _channel: &str, _sequence: u64) -> Result<bool> {
        Ok(true)
    }
}

static TRANSFER: Transfer = Transfer { auth: Auth, bank: Bank { auth: Auth }, channels: &OneChannel };
static REMOTE: Remote =
    Remote { transfer: Transfer { auth: Auth, bank: Bank { auth: Auth }, channels: &OneChannel }, under: &TRANSFER };

fn account() -> Address {
    remote_account(HERE, SENDER)
}

/// The world, with a hundred OPEN sent away.
fn world() -> World {
    let mut world = World::new();
    world.with(|ctx| {
        TRANSFER.init_genesis(ctx, &TRANSFER.default_genesis()).unwrap();
        let send = Send {
            port: "transfer",
            channel: HERE,
            token: Coin::base(100 * OPEN),
            sender: address(OTHER),
            receiver: SENDER,
            timeout_height: Height::default(),
            timeout_timestamp: 1,
            memo: "",
        };
        TRANSFER.transfer(ctx, &send).unwrap();
    });
    world
}

/// OPEN that comes home with a memo; its answer.
fn pay(world: &mut World, amount: u128, sender: &str, receiver: &Address, memo: &str) -> Vec<u8> {
    let data = PacketData {
        denom: format!("transfer/{THERE}/{BASE_DENOM}"),
        amount: amount.to_string(),
        sender: sender.into(),
        receiver: receiver.to_string(),
        memo: memo.into(),
    };
    let packet = Packet {
        sequence: 1,
        source_port: "transfer".into(),
        source_channel: THERE.into(),
        destination_port: "transfer".into(),
        destination_channel: HERE.into(),
        data: data.to_bytes(),
        ..Packet::default()
    };
    let World { state, block, router, .. } = world;
    let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite()).with_router(router);
    let point = ctx.checkpoint();
    let Answer::Now(ack) = REMOTE.on_recv(&mut ctx, &packet, &address(99)) else { panic!("answered later") };
    if !ack.is_success() {
        ctx.revert(point);
    }
    world.check();
    world.with(|ctx| TRANSFER.check_invariants(ctx).unwrap());
    ack.to_bytes()
}

fn act(world: &mut World, amount: u128, asked: &Value) -> Vec<u8> {
    pay(world, amount, SENDER, &account(), &json!({ "openledger": asked }).to_string())
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// What was sent last.
fn sent(world: &mut World) -> PacketData {
    PacketData::read(&world.with(|ctx| ctx.kv("ibc").get(b"sent")).unwrap()).unwrap()
}

fn is_refused(answer: &[u8], code: u32) -> bool {
    answer.starts_with(format!(r#"{{"error":"ABCI code: {code}:"#).as_bytes())
}

fn open(world: &World) -> Value {
    let key = base64(&world.voucher_key.verifying_key().to_sec1_bytes());
    json!({"open_session": {
        "deployment": world.deployment.to_string(),
        "voucher_key": key,
        "max_base_price": OPEN.to_string(),
        "max_byte_price": (OPEN / 100).to_string(),
        "mode": "MODE_PUBLIC",
    }})
}

fn session(world: &World, id: u64) -> Session {
    world.ask::<QuerySessionResponse>("Session", &QuerySessionRequest { id }).unwrap().session.unwrap()
}

fn held(world: &mut World, who: &Address) -> Uint256 {
    world.with(|ctx| TRANSFER.bank.balance(ctx, who, BASE_DENOM).unwrap())
}

#[test]
fn a_payment_from_another_chain_opens_tops_up_and_ends_a_session_and_its_rest_goes_home() {
    let mut world = world();
    let msg = open(&world);
    assert_eq!(act(&mut world, 7 * OPEN, &msg), OK);
    let id = world.session + 1;
    let opened = session(&world, id);
    assert_eq!((opened.payer, opened.deposit), (account().to_string(), (7 * OPEN).to_string()));
    assert_eq!(held(&mut world, &account()), Uint256::zero());

    assert_eq!(act(&mut world, 2 * OPEN, &json!({"top_up_session": {"session": id.to_string()}})), OK);
    assert_eq!(session(&world, id).deposit, (9 * OPEN).to_string());

    assert_eq!(act(&mut world, 1, &json!({"notice_close": {"session": id.to_string()}})), OK);
    let close = json!({"close_session": {"session": id.to_string()}});
    assert_ne!(act(&mut world, 1, &close), OK, "the notice lasts");
    world.blocks(NOTICE as u64);
    assert_eq!(act(&mut world, 1, &close), OK);
    assert_eq!(held(&mut world, &account()), Uint256::from(9 * OPEN + 2));

    assert_eq!(act(&mut world, 1, &json!({"withdraw": {}})), OK);
    assert_eq!(held(&mut world, &account()), Uint256::zero());
    let sent = sent(&mut world);
    assert_eq!((sent.receiver.as_str(), sent.denom.as_str()), (SENDER, BASE_DENOM));
    assert_eq!(sent.amount, (9 * OPEN + 3).to_string());
    assert_eq!(held(&mut world, &escrow("transfer", HERE)), Uint256::from(100 * OPEN));
}

#[test]
fn what_fails_is_refused_whole_and_the_money_stays_where_it_was() {
    let mut world = world();
    let good = open(&world);
    let change = |name: &str, value: Value| {
        let mut msg = good.clone();
        msg["open_session"][name] = value;
        msg
    };
    let refusals = [
        change("deployment", json!("99")),
        change("voucher_key", json!("AA==")),
        change("max_base_price", json!("0")),
        change("adr036", json!(true)),
        change("payer", json!(text(PAYER))),
        change("deposit", json!({"denom": BASE_DENOM, "amount": "1"})),
        change("unknown", json!("1")),
        json!({"top_up_session": {"session": world.session.to_string()}}),
        json!({"notice_close": {"session": world.session.to_string()}}),
        json!({"settle": {}}),
        json!({"withdraw": {"denom": 1}}),
        json!({"withdraw": {"denom": "nothing"}}),
        json!({"withdraw": {"receiver": " "}}),
        json!({"withdraw": {"receiver": "r".repeat(2_049)}}),
        json!({"withdraw": {"memo": {}}}),
        json!({"withdraw": {"memo": "m".repeat(32_769)}}),
        json!({"withdraw": {"amount": "1"}}),
        json!({"withdraw": {}, "notice_close": {}}),
        json!({"open_session": []}),
        json!("open_session"),
        json!({}),
    ];
    for asked in refusals {
        let answer = act(&mut world, OPEN, &asked);
        assert!(answer.starts_with(br#"{"error":"ABCI code"#), "{asked}");
        assert_eq!(held(&mut world, &account()), Uint256::zero(), "{asked}");
        assert_eq!(held(&mut world, &escrow("transfer", HERE)), Uint256::from(100 * OPEN), "{asked}");
    }
}

#[test]
fn a_memo_acts_for_its_sender_s_own_account_alone() {
    let mut world = world();
    let msg = open(&world);
    assert_eq!(act(&mut world, 7 * OPEN, &msg), OK);
    let id = world.session + 1;
    let close = json!({"openledger": {"notice_close": {"session": id.to_string()}}}).to_string();
    // Another sender names the payer's account: refused. With its own account: not its session.
    assert_ne!(pay(&mut world, 1, "cosmos1other", &account(), &close), OK);
    assert_ne!(pay(&mut world, 1, "cosmos1other", &remote_account(HERE, "cosmos1other"), &close), OK);
    assert_eq!(session(&world, id).status, i32::from(SessionStatus::Open));
    // Money without a memo, or with one for somebody else, only arrives.
    for memo in ["", "thanks", r#"{"wasm":{}}"#] {
        assert_eq!(pay(&mut world, 5, "cosmos1other", &address(OTHER), memo), OK);
    }
    assert_ne!(remote_account("channel-1", SENDER), account());
}

#[test]
fn a_coin_that_somebody_locked_in_the_account_does_not_lock_the_payer_s_money() {
    let mut world = world();
    world.with(|ctx| {
        let vesting = Vesting::new(Coin::base(1u32).into(), Schedule::PermanentLocked).unwrap();
        TRANSFER.auth.create_vesting(ctx, &account(), vesting).unwrap();
        TRANSFER.bank.send(ctx, &address(OTHER), &account(), &Coin::base(1u32).into()).unwrap();
    });
    assert_eq!(pay(&mut world, 5 * OPEN, SENDER, &account(), ""), OK);
    assert_eq!(act(&mut world, 1, &json!({"withdraw": {}})), OK);
    assert_eq!(sent(&mut world).amount, (5 * OPEN + 1).to_string());
    assert_eq!(held(&mut world, &account()), Uint256::one());
}

#[test]
fn a_withdrawal_goes_to_whom_the_payer_names_with_the_memo_that_sends_it_on() {
    let mut world = world();
    let memo = r#"{"forward":{"receiver":"osmo1payer","port":"transfer","channel":"channel-3"}}"#;
    let asked = json!({"withdraw": {"receiver": "pfm", "memo": memo}});
    assert_eq!(act(&mut world, 9, &asked), OK);
    let gone = sent(&mut world);
    assert_eq!((gone.receiver.as_str(), gone.memo.as_str(), gone.amount.as_str()), ("pfm", memo, "9"));
    // Who is not the payer takes nothing of it, whomever it names.
    assert_eq!(pay(&mut world, 9, SENDER, &account(), ""), OK);
    let asked = json!({ "openledger": asked }).to_string();
    assert_ne!(pay(&mut world, 1, "cosmos1other", &account(), &asked), OK);
    assert_eq!(held(&mut world, &account()), Uint256::from(9u32));
}

#[test]
fn the_circuit_breaker_stops_withdrawals_too() {
    let mut world = world();
    assert_eq!(pay(&mut world, 9, SENDER, &account(), ""), OK);
    world.router.gate(|_, url| match url {
        "/ibc.applications.transfer.v1.MsgTransfer" => Err(SdkError::Unauthorized("stopped".into()).into()),
        _ => Ok(()),
    });
    assert!(is_refused(&act(&mut world, 1, &json!({"withdraw": {}})), 4));
    assert_eq!(held(&mut world, &account()), Uint256::from(9u32));
}

#[test]
fn a_payer_of_another_chain_presents_credits_and_claims_what_it_is_owed() {
    let mut world = world();
    let msg = open(&world);
    assert_eq!(act(&mut world, 7 * OPEN, &msg), OK);
    let (id, key) = (world.session + 1, SigningKey::from_slice(&[SERVER; 32]).unwrap());
    world.with(|ctx| {
        let mut account = TRANSFER.auth.account(ctx, &address(SERVER)).unwrap().unwrap();
        account.key = Some(PublicKey::Secp256k1(key.verifying_key().to_sec1_bytes().to_vec().into()));
        TRANSFER.auth.save(ctx, &account).unwrap();
    });
    let amount = Amount::from(OPEN);
    let note = CreditNote { chain_id: CHAIN_ID, session: id, deployment: world.deployment, receipt: 1, amount };
    let signature: Signature = key.sign_prehash(&note.digest().unwrap()).unwrap();
    let signature = signature.normalize_s().unwrap_or(signature).to_bytes();
    let credit = json!({"receipt": "1", "amount": OPEN.to_string()});
    let present = |signature: &[u8]| json!({"present_credit": {"session": id.to_string(), "credit": credit, "signature": base64(signature)}});
    assert!(is_refused(&act(&mut world, 1, &present(&[1; 64])), 23));
    assert_eq!(act(&mut world, 1, &present(&signature)), OK);
    assert_eq!(session(&world, id).credits, [Credit { receipt: 1, amount: OPEN.to_string() }]);
    // Nothing is owed: so says the claim itself.
    assert!(is_refused(&act(&mut world, 1, &json!({"claim": {}})), 16));
    assert!(is_refused(&act(&mut world, 1, &json!({"claim": {"claimant": text(OTHER)}})), 11));
}
