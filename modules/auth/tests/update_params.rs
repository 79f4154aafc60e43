//! MsgUpdateParams: the authority replaces the parameters, nobody else, and only by usable ones.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use openledger_auth::{authority, Auth, Params};
use openledger_core::{Address, BlockInfo, Context, Error, GasMeter, Mode, Module, Router};
use openledger_proto::cosmos::auth::v1beta1::MsgUpdateParams;
use openledger_proto::{Message, Name};
use openledger_store::{BlockState, MemSnapshot};

fn execute(msg: &MsgUpdateParams) -> Result<Params, Error> {
    let mut router = Router::default();
    Auth.register(&mut router);
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo::default();
    let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
    Auth.init_genesis(&mut ctx, &Auth.default_genesis())?;
    let route = router.msg_route(&MsgUpdateParams::type_url()).unwrap();
    let decoded = route.decode(&msg.encode_to_vec())?;
    route.handle(&mut ctx, &decoded)?;
    Auth.params(&ctx)
}

fn msg() -> MsgUpdateParams {
    let params = Params { max_memo_characters: 1, tx_sig_limit: u64::MAX, ..Params::default() };
    MsgUpdateParams { authority: authority().to_string(), params: Some(params.to_proto()) }
}

#[test]
fn the_authority_replaces_every_parameter() {
    assert_eq!(execute(&msg()).unwrap().to_proto(), msg().params.unwrap());
}

#[test]
fn anyone_else_is_refused_with_the_sdk_s_code_and_text() {
    let other = Address::module("datanet").to_string();
    let error = execute(&MsgUpdateParams { authority: other.clone(), ..msg() }).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
    let expected = authority();
    assert_eq!(
        error.message,
        format!("invalid authority; expected {expected}, got {other}: expected gov account as only signer for proposal message")
    );
    assert!(execute(&MsgUpdateParams { authority: String::new(), ..msg() }).is_err());
}

#[test]
fn a_parameter_of_zero_or_none_at_all_is_refused() {
    assert!(execute(&MsgUpdateParams { params: None, ..msg() }).is_err());
    for field in 0..5 {
        let mut params = Params::default().to_proto();
        *[
            &mut params.max_memo_characters,
            &mut params.tx_sig_limit,
            &mut params.tx_size_cost_per_byte,
            &mut params.sig_verify_cost_ed25519,
            &mut params.sig_verify_cost_secp256k1,
        ][field] = 0;
        let error = execute(&MsgUpdateParams { params: Some(params), ..msg() }).unwrap_err();
        assert!(error.message.ends_with(": 0"), "{error}");
    }
}
