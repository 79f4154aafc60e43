//! Modes of signing: direct, direct by somebody who does not pay, amino JSON; and the others, which are refused.

use openledger_proto::cosmos::tx::v1beta1::{Tip, TxBody};
use openledger_proto::Message;

use crate::common::*;
use crate::parties::*;

fn refused(net: &Net, paper: &Paper, code: u32, text: &str) {
    let result = net.check(paper.sign());
    assert_eq!(result.code, code, "{}", result.log);
    assert!(result.log.contains(text), "{}", result.log);
    let result = net.deliver(paper.sign());
    assert_eq!(result.code, code, "{}", result.log);
}

#[test]
fn amino_json_signs_as_well_as_direct_and_for_the_same_gas() {
    let (ann, bob) = (k1(0), k1(1));
    let gas = [DIRECT, AMINO].map(|mode| {
        let net = net();
        let memo = |paper: &mut Paper| paper.body.memo = "<b> & \u{2028} \"grüße\" 🚀\u{8}".into();
        let result =
            net.deliver(paper(vec![ann.send(&bob.address(), 10)], vec![party(&net, &ann, 0, mode)]).with(memo).sign());
        assert_eq!((result.code, result.log.as_str()), (0, ""));
        assert_eq!(net.balance(&bob.address()), START + 10);
        result.gas_used
    });
    assert_eq!(gas[0], gas[1]);
}

#[test]
fn an_amino_signature_is_for_one_chain_one_account_and_one_sequence() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let tx = || paper(vec![ann.send(&bob.address(), 10)], vec![party(&net, &ann, 0, AMINO)]);
    let text = "signature verification failed; please verify account number (0), sequence (0) and chain-id (test-1): \
                (unable to verify single signer signature): unauthorized";
    refused(&net, &tx().with(|paper| paper.chain_id = "other-1".into()), 4, text);
    refused(&net, &tx().with(|paper| paper.parties[0].number = 1), 4, text);
    refused(&net, &tx().with(|paper| paper.parties[0].sequence = 1), 4, text);
    let named = |paper: &mut Paper| paper.auth_info.signer_infos[0].sequence = 1;
    refused(&net, &tx().with(named), 32, "account sequence mismatch, expected 0, got 1: incorrect account sequence");
    assert_eq!(net.deliver(tx().sign()).code, 0);
    assert_eq!(net.deliver(tx().sign()).code, 32);
}

#[test]
fn amino_json_refuses_what_it_would_leave_unsigned() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let tx = |mode| paper(vec![ann.send(&bob.address(), 10)], vec![party(&net, &ann, 0, mode)]);
    let option = |paper: &mut Paper| paper.body.non_critical_extension_options = vec![ann.send(&bob.address(), 1)];
    let text = "SIGN_MODE_LEGACY_AMINO_JSON does not support protobuf extension options: invalid request";
    refused(&net, &tx(AMINO).with(option), 4, text);
    let critical = |paper: &mut Paper| paper.body.extension_options = vec![ann.send(&bob.address(), 1)];
    refused(&net, &tx(AMINO).with(critical), 31, "unknown extension options");
    // Field 1024, which is not critical.
    let unknown = |paper: &mut Paper| {
        let bytes = [paper.body.encode_to_vec().as_slice(), &[0x80, 0x40, 0x01]].concat();
        paper.body_bytes = Some(bytes);
    };
    refused(&net, &tx(AMINO).with(unknown), 4, "errUnknownField \"/cosmos.tx.v1beta1.TxBody\": {TagNum: 1024");
    #[allow(deprecated)]
    let tip = |paper: &mut Paper| paper.auth_info.tip = Some(Tip { amount: vec![], tipper: "x".into() });
    refused(&net, &tx(AMINO).with(tip), 4, "does not sign tips");
    // SIGN_MODE_DIRECT signs all of it.
    assert_eq!(net.deliver(tx(DIRECT).with(option).with(tip).sign()).code, 0);
}

#[test]
fn amino_json_takes_one_encoding_of_what_it_says() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let tx = || paper(vec![ann.send(&bob.address(), 10)], vec![party(&net, &ann, 0, AMINO)]);
    let body = |memo: &str| TxBody { memo: memo.into(), ..tx().body }.encode_to_vec();
    // A memo before the one that counts.
    let twice = [body("other").as_slice(), &[0x12, 0x01, b'm']].concat();
    // A timeout of 0, written out; and a memo's length in two bytes.
    let default = [body("m").as_slice(), &[0x18, 0x00]].concat();
    let long = [body("").as_slice(), &[0x12, 0x81, 0x00, b'm']].concat();
    let swapped = [&[0x12, 0x01, b'm'], body("").as_slice()].concat();
    for bytes in [twice, default, long, swapped] {
        let says_so = |paper: &mut Paper| paper.body_bytes = Some(bytes);
        refused(&net, &tx().with(says_so), 4, "not canonical (ADR-027)");
    }
    assert_eq!(net.deliver(tx().with(|paper| paper.body_bytes = Some(body("m"))).sign()).code, 0);
}

#[test]
fn modes_that_do_not_exist_here_are_named() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    for (mode, name) in
        [(TEXTUAL, "SIGN_MODE_TEXTUAL"), (0, "SIGN_MODE_UNSPECIFIED"), (191, "SIGN_MODE_EIP_191"), (55, "55")]
    {
        let tx = paper(vec![ann.send(&bob.address(), 10)], vec![party(&net, &ann, 0, mode)]);
        refused(&net, &tx, 4, &format!("unsupported sign mode {name}; SIGN_MODE_DIRECT, "));
    }
    let none = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = None;
    let tx = paper(vec![ann.send(&bob.address(), 10)], vec![party(&net, &ann, 0, DIRECT)]);
    refused(&net, &tx.with(none), 4, "the signature of signer 0: got empty SignatureData");
}

#[test]
fn who_does_not_pay_may_sign_the_body_alone() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let messages = || vec![ann.send(&bob.address(), 10), bob.send(&ann.address(), 1)];
    let tx = |first, second| paper(messages(), vec![party(&net, &ann, 0, first), party(&net, &bob, 0, second)]);
    let text = format!("fee payer {} cannot sign with SIGN_MODE_DIRECT_AUX: unauthorized", ann.address());
    refused(&net, &tx(DIRECT_AUX, DIRECT), 4, &text);
    // The one who pays is named, and signs what it costs.
    let payer = |paper: &mut Paper| paper.auth_info.fee.as_mut().unwrap().payer = bob.address().to_string();
    refused(&net, &tx(DIRECT, DIRECT_AUX).with(payer), 4, "cannot sign with SIGN_MODE_DIRECT_AUX");
    let other = |paper: &mut Paper| paper.parties[0].sequence = 1;
    refused(&net, &tx(DIRECT_AUX, DIRECT).with(payer).with(other), 4, "unable to verify");
    let result = net.deliver(tx(DIRECT_AUX, AMINO).with(payer).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!(net.balance(&ann.address()), START - 9);
}

#[test]
fn signers_of_one_transaction_may_sign_in_different_modes() {
    let net = net();
    let (ann, bob, eve) = (k1(0), k1(1), k1(2));
    let messages = vec![ann.send(&eve.address(), 10), bob.send(&eve.address(), 20), eve.send(&ann.address(), 1)];
    let parties = vec![party(&net, &ann, 0, AMINO), party(&net, &bob, 0, DIRECT), party(&net, &eve, 0, DIRECT_AUX)];
    let result = net.deliver(paper(messages, parties).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!(net.balance(&eve.address()), START + 29);
}
