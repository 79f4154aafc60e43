//! What is counted, refused, taken back and forgotten.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "../../transfer/tests/common/mod.rs"]
mod common;

use common::*;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_auth::Auth;
use openledger_core::{Address, Context, Error, Module};
use openledger_proto::openledger::ratelimit::v1::*;
use openledger_proto::Message;
use openledger_ratelimit::{Limited, RateLimits};
use openledger_transfer::denom::Trace;
use openledger_transfer::packet::PacketData;
use openledger_transfer::{Answer, Channels, Layer, Transfer};

static LIMITS: RateLimits = RateLimits { bank: BANK, channels: &CORE_CHANNELS };
static LIMITED_TRANSFER: Transfer = Transfer { auth: Auth, bank: BANK, channels: &LIMITS };
static STACK: Limited =
    Limited { limits: RateLimits { bank: BANK, channels: &CORE_CHANNELS }, under: &LIMITED_TRANSFER };
const HOUR: i64 = 3_600;

/// A layer that takes whatever comes and answers it later, as one that passes transfers on.
#[derive(Debug)]
struct PassesOn;

static PASSES_ON: PassesOn = PassesOn;
static OVER_PASSES_ON: Limited =
    Limited { limits: RateLimits { bank: BANK, channels: &CORE_CHANNELS }, under: &PASSES_ON };

impl Layer for PassesOn {
    fn on_recv(&self, _ctx: &mut Context, _packet: &Packet, _relayer: &Address) -> Answer {
        Answer::Later
    }

    fn on_ack(
        &self,
        _ctx: &mut Context,
        _packet: &Packet,
        _ack: &[u8],
        _relayer: &Address,
    ) -> openledger_core::Result<()> {
        Ok(())
    }

    fn on_timeout(&self, _ctx: &mut Context, _packet: &Packet, _relayer: &Address) -> openledger_core::Result<()> {
        Ok(())
    }
}

/// A chain whose packets are answered later, with a limit of 5% for what comes.
fn passing() -> Chain {
    let modules: Vec<&'static dyn Module> = vec![&LIMITED_TRANSFER, &LIMITS];
    let mut chain = Chain::with_stack(&["channel-0"], &["1000aopen"], &OVER_PASSES_ON, modules);
    chain.execute(&add("aopen", 10, 5, 1)).unwrap();
    chain
}

/// OPEN that comes home.
fn coming(sequence: u64, amount: u32, receiver: &str, memo: &str) -> Packet {
    let data = PacketData {
        denom: "transfer/channel-10/aopen".into(),
        amount: amount.to_string(),
        sender: text(1),
        receiver: receiver.into(),
        memo: memo.into(),
    };
    Packet {
        sequence,
        source_port: "transfer".into(),
        source_channel: "channel-10".into(),
        destination_port: "transfer".into(),
        destination_channel: "channel-0".into(),
        data: data.to_bytes(),
        ..Packet::default()
    }
}

/// A chain of 1000 OPEN with limits, and one without.
fn pair() -> (Chain, Chain) {
    let first =
        Chain::with_stack(&["channel-0", "channel-1"], &["1000aopen"], &STACK, vec![&LIMITED_TRANSFER, &LIMITS]);
    (first, Chain::new(&["channel-10", "channel-11"], &["1000uatom"]))
}

fn authority() -> String {
    openledger_auth::authority().to_string()
}

fn add(denom: &str, send: u32, recv: u32, hours: u32) -> MsgAddRateLimit {
    MsgAddRateLimit {
        authority: authority(),
        channel: "channel-0".into(),
        denom: denom.into(),
        quota: Some(Quota { max_percent_send: send, max_percent_recv: recv, duration_hours: hours }),
    }
}

fn refusal<T>(result: Result<T, Error>) -> (&'static str, u32) {
    let error = result.err().unwrap();
    (error.codespace, error.code)
}

const EXCEEDED: (&str, u32) = ("ratelimit", 4);

fn flow(chain: &Chain, denom: &str) -> (String, String, String) {
    let request = QueryRateLimitRequest { channel: "channel-0".into(), denom: denom.into() };
    let answer: QueryRateLimitResponse = chain.ask("/openledger.ratelimit.v1.Query/RateLimit", &request).unwrap();
    let flow = answer.rate_limit.unwrap().flow.unwrap();
    (flow.inflow, flow.outflow, flow.channel_value)
}

fn flow_of(inflow: u32, outflow: u32, value: u32) -> (String, String, String) {
    (inflow.to_string(), outflow.to_string(), value.to_string())
}

/// Sends from the first chain and lets it arrive.
fn over(first: &mut Chain, second: &mut Chain, coin: &str) {
    let packet = first.send(1, "channel-0", coin, &text(1)).unwrap();
    let (answer, _) = second.receive(&packet);
    first.acknowledge(&packet, &answer.unwrap()).unwrap();
}

fn back(first: &mut Chain, second: &mut Chain, amount: u32) -> Vec<u8> {
    let denom = Trace::parse("transfer/channel-10/aopen").denom();
    let packet = second.send(1, "channel-10", &format!("{amount}{denom}"), &text(1)).unwrap();
    let answer = first.receive(&packet).0.unwrap();
    second.acknowledge(&packet, &answer).unwrap();
    answer
}

#[test]
fn what_leaves_beyond_what_came_is_bounded_in_a_window() {
    let (mut first, mut second) = pair();
    first.execute(&add("aopen", 10, 5, 1)).unwrap();
    over(&mut first, &mut second, "60aopen");
    over(&mut first, &mut second, "40aopen");
    assert_eq!(refusal(first.send(1, "channel-0", "1aopen", "r")), EXCEEDED);
    first.send(1, "channel-1", "300aopen", "r").unwrap();
    assert!(back(&mut first, &mut second, 30).starts_with(br#"{"result""#));
    assert_eq!(flow(&first, "aopen"), flow_of(30, 100, 1_000));
    over(&mut first, &mut second, "30aopen");
    assert_eq!(refusal(first.send(1, "channel-0", "1aopen", "r")), EXCEEDED);
    // The next window knows nothing of it.
    first.block.time_seconds += HOUR;
    assert_eq!(flow(&first, "aopen"), flow_of(0, 0, 1_000));
    over(&mut first, &mut second, "100aopen");
}

#[test]
fn what_comes_beyond_what_left_is_refused_and_given_back_there() {
    let (mut first, mut second) = pair();
    over(&mut first, &mut second, "500aopen");
    first.execute(&add("aopen", 10, 5, 2)).unwrap();
    assert!(back(&mut first, &mut second, 50).starts_with(br#"{"result""#));
    let answer = back(&mut first, &mut second, 1);
    assert_eq!(answer, br#"{"error":"ABCI code: 4: error handling packet: see events for details"}"#);
    assert_eq!(flow(&first, "aopen"), flow_of(50, 0, 1_000), "what is refused is not counted");
    assert_eq!(second.supply(&Trace::parse("transfer/channel-10/aopen").denom()), cosmwasm_std::Uint256::from(450u32));
    over(&mut first, &mut second, "20aopen");
    assert!(back(&mut first, &mut second, 20).starts_with(br#"{"result""#));
}

#[test]
fn vouchers_are_limited_by_the_name_that_they_have_here() {
    let (mut first, mut second) = pair();
    let voucher = Trace::parse("transfer/channel-0/uatom").denom();
    assert_eq!(refusal(first.execute(&add(&voucher, 10, 10, 1))), ("ratelimit", 3), "there is none of it yet");
    let packet = second.send(1, "channel-10", "200uatom", &text(1)).unwrap();
    first.receive(&packet);
    first.execute(&add(&voucher, 50, 10, 1)).unwrap();
    let packet = second.send(1, "channel-10", "20uatom", &text(1)).unwrap();
    assert!(first.receive(&packet).0.unwrap().starts_with(br#"{"result""#));
    let packet = second.send(1, "channel-10", "1uatom", &text(1)).unwrap();
    let (answer, events) = first.receive(&packet);
    assert!(answer.unwrap().starts_with(br#"{"error""#));
    assert!(shown(&events)[0]
        .starts_with(&format!("transfer_denied{{module=ratelimit,denom={voucher},channel=channel-0,amount=1,")));
    assert_eq!(first.supply(&voucher), cosmwasm_std::Uint256::from(220u32));
    assert_eq!(refusal(first.send(1, "channel-0", &format!("121{voucher}"), &text(1))), EXCEEDED);
    first.send(1, "channel-0", &format!("120{voucher}"), &text(1)).unwrap();
}

#[test]
fn what_times_out_or_is_refused_is_taken_back_in_its_own_window_alone() {
    let (mut first, _) = pair();
    first.execute(&add("aopen", 10, 10, 1)).unwrap();
    let error = br#"{"error":"no"}"#;
    let packets: Vec<Packet> = (0..4).map(|_| first.send(1, "channel-0", "20aopen", "r").unwrap()).collect();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 80, 1_000));
    first.time_out(&packets[0]).unwrap();
    first.acknowledge(&packets[1], error).unwrap();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 40, 1_000));
    first.acknowledge(&packets[2], br#"{"result":"AQ=="}"#).unwrap();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 40, 1_000));
    first.block.time_seconds += HOUR;
    let later = first.send(1, "channel-0", "30aopen", "r").unwrap();
    first.time_out(&packets[3]).unwrap();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 30, 1_000));
    // Nor what was counted before the authority let it begin anew.
    let reset = MsgResetRateLimit { authority: authority(), channel: "channel-0".into(), denom: "aopen".into() };
    first.execute(&reset).unwrap();
    first.send(1, "channel-0", "40aopen", "r").unwrap();
    first.time_out(&later).unwrap();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 40, 1_000));
}

#[test]
fn whitelisted_pairs_are_not_counted() {
    let (mut first, _) = pair();
    first.execute(&add("aopen", 10, 10, 1)).unwrap();
    let pair = MsgAddWhitelistedPair { authority: authority(), sender: text(1), receiver: "friend".into() };
    first.execute(&pair).unwrap();
    first.send(1, "channel-0", "500aopen", "friend").unwrap();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 0, 1_000));
    assert_eq!(refusal(first.send(1, "channel-0", "101aopen", "stranger")), EXCEEDED);
    let answer: QueryWhitelistedPairsResponse = first
        .ask("/openledger.ratelimit.v1.Query/WhitelistedPairs", &QueryWhitelistedPairsRequest { pagination: None })
        .unwrap();
    assert_eq!(answer.whitelisted_pairs, [WhitelistedPair { sender: text(1), receiver: "friend".into() }]);
    let gone = MsgRemoveWhitelistedPair { authority: authority(), sender: text(1), receiver: "friend".into() };
    first.execute(&gone).unwrap();
    assert_eq!(refusal(first.execute(&gone)), ("ratelimit", 100));
    assert_eq!(refusal(first.send(1, "channel-0", "101aopen", "friend")), EXCEEDED);
}

#[test]
fn what_a_layer_below_may_make_good_is_counted_though_it_names_nobody() {
    let mut chain = passing();
    assert_eq!(chain.receive(&coming(1, 40, "", "")).0, None);
    assert_eq!(flow(&chain, "aopen"), flow_of(40, 0, 1_000));
    assert!(chain.receive(&coming(2, 11, " ", "")).0.unwrap().starts_with(br#"{"error""#));
}

#[test]
fn only_an_error_takes_what_came_and_was_answered_later_out_of_the_count() {
    let mut chain = passing();
    for (sequence, answer, counted) in
        [(1, &b"{}"[..], 20), (2, &br#"{"result":"AQ=="}"#[..], 40), (3, &br#"{"error":"no"}"#[..], 40)]
    {
        let packet = coming(sequence, if sequence == 3 { 10 } else { 20 }, &text(1), "");
        assert_eq!(chain.receive(&packet).0, None);
        assert!(chain.with(|ctx| LIMITS.write_acknowledgement(ctx, &packet, answer.to_vec())).unwrap());
        assert_eq!(flow(&chain, "aopen"), flow_of(counted, 0, 1_000));
    }
}

#[test]
fn a_listed_pair_frees_no_transfer_that_goes_on_to_a_further_chain() {
    let mut chain = passing();
    let pair = MsgAddWhitelistedPair { authority: authority(), sender: text(1), receiver: text(2) };
    chain.execute(&pair).unwrap();
    assert_eq!(chain.receive(&coming(1, 500, &text(2), r#"{"note":"hello"}"#)).0, None);
    assert_eq!(flow(&chain, "aopen"), flow_of(0, 0, 1_000));
    let memo = r#"{"forward":{"receiver":"r","port":"transfer","channel":"channel-1"}}"#;
    assert_eq!(chain.receive(&coming(2, 50, &text(2), memo)).0, None);
    assert_eq!(flow(&chain, "aopen"), flow_of(50, 0, 1_000));
    assert!(chain.receive(&coming(3, 1, &text(2), memo)).0.unwrap().starts_with(br#"{"error""#));
}

#[test]
fn only_the_authority_sets_limits_and_only_possible_ones() {
    let (mut first, _) = pair();
    let quota = |send, recv, hours| MsgAddRateLimit { ..add("aopen", send, recv, hours) };
    for (msg, want) in [
        (MsgAddRateLimit { authority: text(1), ..quota(1, 1, 1) }, ("gov", 13)),
        (MsgAddRateLimit { channel: "channel-9".into(), ..quota(1, 1, 1) }, ("ratelimit", 6)),
        (MsgAddRateLimit { channel: "c".into(), ..quota(1, 1, 1) }, ("host", 2)),
        (MsgAddRateLimit { denom: "!".into(), ..quota(1, 1, 1) }, ("sdk", 10)),
        (MsgAddRateLimit { denom: "nothing".into(), ..quota(1, 1, 1) }, ("ratelimit", 3)),
        (MsgAddRateLimit { quota: None, ..quota(1, 1, 1) }, ("ratelimit", 100)),
        (quota(101, 1, 1), ("ratelimit", 100)),
        (quota(1, 101, 1), ("ratelimit", 100)),
        (quota(0, 0, 1), ("ratelimit", 100)),
        (quota(1, 1, 0), ("ratelimit", 100)),
    ] {
        assert_eq!(refusal(first.execute(&msg)), want, "{msg:?}");
    }
    let update = MsgUpdateRateLimit {
        authority: authority(),
        channel: "channel-0".into(),
        denom: "aopen".into(),
        quota: quota(20, 0, 3).quota,
    };
    assert_eq!(refusal(first.execute(&update)), ("ratelimit", 2));
    first.execute(&quota(1, 1, 1)).unwrap();
    assert_eq!(refusal(first.execute(&quota(1, 1, 1))), ("ratelimit", 1));
    assert_eq!(refusal(first.send(1, "channel-0", "11aopen", "r")), EXCEEDED);
    first.execute(&update).unwrap();
    first.send(1, "channel-0", "200aopen", "r").unwrap();
    let remove = MsgRemoveRateLimit { authority: authority(), channel: "channel-0".into(), denom: "aopen".into() };
    first.execute(&remove).unwrap();
    assert_eq!(refusal(first.execute(&remove)), ("ratelimit", 2));
    first.send(1, "channel-0", "800aopen", "r").unwrap();
}

#[test]
fn an_export_brings_the_same_limits_back() {
    let (mut first, _) = pair();
    first.execute(&add("aopen", 10, 10, 1)).unwrap();
    first.execute(&MsgAddRateLimit { channel: "channel-1".into(), ..add("aopen", 5, 0, 24) }).unwrap();
    let pair_msg = MsgAddWhitelistedPair { authority: authority(), sender: "a".into(), receiver: "b".into() };
    first.execute(&pair_msg).unwrap();
    let packet = first.send(1, "channel-0", "70aopen", "r").unwrap();
    let genesis = first.with(|ctx| LIMITS.export_genesis(ctx).unwrap());
    let decoded = GenesisState::decode(genesis.as_slice()).unwrap();
    assert_eq!((decoded.rate_limits.len(), decoded.pending_packets.len()), (2, 1));
    LIMITS.validate_genesis(&genesis).unwrap();
    let (mut again, _) = pair();
    again.with(|ctx| {
        LIMITS.init_genesis(ctx, &genesis).unwrap();
        assert_eq!(LIMITS.export_genesis(ctx).unwrap(), genesis);
        LIMITS.check_invariants(ctx).unwrap();
    });
    // What was on its way is still taken back there, and a limit that begins anew is told from those before.
    let all: QueryRateLimitsByChannelResponse = first
        .ask(
            "/openledger.ratelimit.v1.Query/RateLimitsByChannel",
            &QueryRateLimitsByChannelRequest { channel: "channel-1".into(), pagination: None },
        )
        .unwrap();
    assert_eq!(all.rate_limits.len(), 1);
    first.time_out(&packet).unwrap();
    assert_eq!(flow(&first, "aopen"), flow_of(0, 0, 1_000));
    let twice = GenesisState { rate_limits: vec![decoded.rate_limits[0].clone(); 2], ..GenesisState::default() };
    assert!(LIMITS.validate_genesis(&twice.encode_to_vec()).is_err());
    let twice =
        GenesisState { pending_packets: vec![decoded.pending_packets[0].clone(); 2], ..GenesisState::default() };
    assert!(LIMITS.validate_genesis(&twice.encode_to_vec()).is_err());
}
