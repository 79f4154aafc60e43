//! MsgUpdateParams: the authority replaces the parameters, nobody else, and only by usable ones.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_auth::authority;
use openledger_proto::cosmos::slashing::v1beta1::{
    MsgUpdateParams, Params as ProtoParams, QueryParamsRequest, QueryParamsResponse,
};
use openledger_proto::Duration;
use openledger_slashing::Params;

fn update(change: impl FnOnce(&mut ProtoParams)) -> MsgUpdateParams {
    let mut params = Params::default().to_proto();
    change(&mut params);
    MsgUpdateParams { authority: authority().to_string(), params: Some(params) }
}

#[test]
fn the_authority_replaces_every_parameter() {
    let mut chain = Chain::new(1, Params::default());
    let msg = update(|params| {
        *params = ProtoParams {
            signed_blocks_window: 1,
            min_signed_per_window: b"1000000000000000000".to_vec(),
            downtime_jail_duration: Some(Duration { seconds: 1, nanos: 5 }),
            slash_fraction_double_sign: b"0".to_vec(),
            slash_fraction_downtime: b"1".to_vec(),
        }
    });
    chain.execute(&msg).unwrap();
    let answer: QueryParamsResponse = chain.ask("Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, msg.params);
}

#[test]
fn the_defaults_are_the_sdk_s() {
    let params = Params::default().to_proto();
    assert_eq!(params.signed_blocks_window, 100);
    assert_eq!(params.downtime_jail_duration, Some(Duration { seconds: 600, nanos: 0 }));
    assert_eq!(params.min_signed_per_window, b"500000000000000000");
    assert_eq!(params.slash_fraction_double_sign, b"50000000000000000");
    assert_eq!(params.slash_fraction_downtime, b"10000000000000000");
    assert_eq!(Params::from_proto(&params).unwrap(), Params::default());
}

#[test]
fn anyone_else_is_refused_with_the_sdk_s_code() {
    let mut chain = Chain::new(1, Params::default());
    let error = chain.execute(&MsgUpdateParams { authority: operator(1).to_string(), ..update(|_| {}) }).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
}

#[test]
fn parameters_outside_their_ranges_are_refused_by_name() {
    let mut chain = Chain::new(1, Params::default());
    type Change = fn(&mut ProtoParams);
    let cases: [(Change, &str); 10] = [
        (|p| p.signed_blocks_window = 0, "signed blocks window must be positive: 0"),
        (|p| p.signed_blocks_window = -5, "signed blocks window must be positive: -5"),
        (
            |p| p.min_signed_per_window = b"-1".to_vec(),
            "min signed per window cannot be negative: -0.000000000000000001",
        ),
        (|p| p.min_signed_per_window.clear(), "min signed per window cannot be nil: <nil>"),
        (|p| p.min_signed_per_window = b"x".to_vec(), "min signed per window is no decimal"),
        (|p| p.slash_fraction_double_sign = b"1000000000000000001".to_vec(), "double sign slash fraction too large"),
        (|p| p.slash_fraction_downtime = b"-1".to_vec(), "downtime slash fraction cannot be negative"),
        (|p| p.downtime_jail_duration = None, "downtime jail duration must be positive: 0 ns"),
        (
            |p| p.downtime_jail_duration = Some(Duration { seconds: -1, nanos: 0 }),
            "downtime jail duration must be positive: -1000000000 ns",
        ),
        (|p| p.downtime_jail_duration = Some(Duration { seconds: i64::MAX, nanos: 0 }), "at most 9223372036 s"),
    ];
    for (change, text) in cases {
        let error = chain.execute(&update(change)).unwrap_err();
        assert!(error.message.contains(text), "{error}: {text}");
        assert_eq!((error.codespace, error.code), ("slashing", 10));
    }
    let error = chain.execute(&MsgUpdateParams { params: None, ..update(|_| {}) }).unwrap_err();
    assert_eq!(error.message, "params are missing");
}
