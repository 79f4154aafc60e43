//! Who must sign: every signer of every message once, in order, then who pays the fee; and who may not.

use openledger_proto::cosmos::tx::v1beta1::TxRaw;
use openledger_proto::Message;

use crate::common::*;
use crate::parties::*;

fn parties(net: &Net, keys: &[(&Key, u64)]) -> Vec<Party> {
    keys.iter().map(|(key, sequence)| party(net, key, *sequence, AMINO)).collect()
}

#[test]
fn whoever_signs_several_messages_signs_once_and_counts_once() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let messages = || {
        vec![
            ann.send(&bob.address(), 1),
            ann.send(&bob.address(), 2),
            bob.send(&ann.address(), 1),
            ann.send(&bob.address(), 3),
        ]
    };
    let result = net.deliver(paper(messages(), parties(&net, &[(&ann, 0), (&bob, 0)])).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!([net.sequence(&person(0)), net.sequence(&person(1))], [1, 1]);
    let again = net.deliver(paper(messages(), parties(&net, &[(&ann, 1), (&ann, 1), (&bob, 1)])).sign());
    assert_eq!((again.code, again.log.as_str()), (4, "wrong number of signers; expected 2, got 3: unauthorized"));
}

#[test]
fn missing_and_superfluous_signatures_are_counted() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let tx =
        paper(vec![ann.send(&bob.address(), 1), bob.send(&ann.address(), 1)], parties(&net, &[(&ann, 0), (&bob, 0)]));
    let with_signatures = |count: usize| {
        let raw = tx.raw();
        let signatures = raw.signatures.iter().cycle().take(count).cloned().collect();
        let result = net.deliver(TxRaw { signatures, ..raw }.encode_to_vec().into());
        (result.code, result.log)
    };
    assert_eq!(with_signatures(0), (15, "expected 2, got 0: no signatures supplied".into()));
    assert_eq!(with_signatures(1), (4, "wrong number of signers; expected 2, got 1: unauthorized".into()));
    assert_eq!(with_signatures(3), (4, "wrong number of signers; expected 2, got 3: unauthorized".into()));
    let one_info = |paper: &mut Paper| drop(paper.auth_info.signer_infos.pop());
    let result = net.deliver(tx.clone().with(one_info).sign());
    assert_eq!((result.code, result.log.as_str()), (4, "invalid number of signer;  expected: 2, got 1: unauthorized"));
    assert_eq!(with_signatures(2).0, 0);
}

#[test]
fn signers_are_in_the_order_of_the_messages_and_the_payer_last() {
    let net = net();
    let (ann, bob, eve) = (k1(0), k1(1), k1(2));
    let pays = |who: &Key| {
        let payer = who.address().to_string();
        move |paper: &mut Paper| paper.auth_info.fee.as_mut().unwrap().payer = payer
    };
    let messages = || vec![bob.send(&ann.address(), 1), ann.send(&bob.address(), 1)];
    // Eve signs nothing and pays.
    let three = |order: &[(&Key, u64)]| paper(messages(), parties(&net, order)).with(pays(&eve));
    assert_eq!(net.deliver(three(&[(&eve, 0), (&bob, 0), (&ann, 0)]).sign()).code, 8);
    assert_eq!(net.deliver(three(&[(&ann, 0), (&bob, 0), (&eve, 0)]).sign()).code, 8);
    assert_eq!(net.deliver(three(&[(&bob, 0), (&ann, 0)]).sign()).code, 4);
    let result = net.deliver(three(&[(&bob, 0), (&ann, 0), (&eve, 0)]).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!(
        [net.balance(&ann.address()), net.balance(&bob.address()), net.balance(&eve.address())],
        [START, START, START - 5]
    );
    assert_eq!(attribute(&result, "tx", "fee_payer").unwrap(), eve.address().to_string());
    // A payer who signs a message already signs once, where the message has them.
    let result = net.deliver(paper(messages(), parties(&net, &[(&bob, 1), (&ann, 1)])).with(pays(&ann)).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!([net.balance(&ann.address()), net.balance(&bob.address())], [START - 5, START]);
}

#[test]
fn a_payer_without_money_or_account_is_refused_and_nobody_else_pays() {
    let net = net();
    let (ann, poor) = (k1(0), k1(40));
    let pays = |paper: &mut Paper| paper.auth_info.fee.as_mut().unwrap().payer = poor.address().to_string();
    let stranger = Party { key: poor.clone(), public_key: Some(poor.any()), ..party(&net, &ann, 0, AMINO) };
    let tx = paper(vec![ann.send(&k1(1).address(), 1)], vec![party(&net, &ann, 0, AMINO), stranger]).with(pays);
    let result = net.deliver(tx.sign());
    let text = format!("fee payer address: {} does not exist: unknown address", poor.address());
    assert_eq!((result.code, result.log), (9, text));
    let given = net.deliver(paper(vec![ann.send(&poor.address(), 1)], parties(&net, &[(&ann, 0)])).sign());
    assert_eq!(given.code, 0, "{}", given.log);
    let tx = paper(vec![ann.send(&k1(1).address(), 1)], parties(&net, &[(&ann, 1), (&poor, 0)])).with(pays);
    let result = net.deliver(tx.sign());
    assert!(result.code == 5 && result.log.ends_with("insufficient funds"), "{} {}", result.code, result.log);
    assert_eq!((net.balance(&poor.address()), net.sequence(&person(0))), (1, 1));
    let nobody = |paper: &mut Paper| paper.auth_info.fee.as_mut().unwrap().payer = "cosmos1nobody".into();
    let result =
        net.deliver(paper(vec![ann.send(&poor.address(), 1)], parties(&net, &[(&ann, 1)])).with(nobody).sign());
    assert!(
        result.code == 7 && result.log.starts_with("Invalid fee payer address ("),
        "{} {}",
        result.code,
        result.log
    );
}

#[test]
fn a_fee_granter_needs_no_signature_but_an_allowance() {
    let net = net();
    let ann = k1(0);
    for (granter, code, sequence) in [(ann.address(), 0, 0), (k1(1).address(), 38, 1)] {
        let granted = |paper: &mut Paper| paper.auth_info.fee.as_mut().unwrap().granter = granter.to_string();
        let parties = parties(&net, &[(&ann, sequence)]);
        let result = net.deliver(paper(vec![ann.send(&k1(1).address(), 1)], parties).with(granted).sign());
        assert_eq!(result.code, code, "{}", result.log);
    }
}

/// The SDK 0.50 has no unordered transactions: `unordered` (4) and `timeout_timestamp` (5) of its successors' `TxBody` are unknown
/// critical fields to it. A sender who relies on them must learn that they are not honoured.
#[test]
fn unordered_transactions_are_refused_and_not_mistaken_for_ordered_ones() {
    let net = net();
    let ann = k1(0);
    for (field, bytes) in [(4, [0x20, 0x01].as_slice()), (5, &[0x2a, 0x02, 0x08, 0x01])] {
        for mode in [DIRECT, AMINO] {
            let later =
                |paper: &mut Paper| paper.body_bytes = Some([paper.body.encode_to_vec().as_slice(), bytes].concat());
            let result = net.deliver(
                paper(vec![ann.send(&k1(1).address(), 1)], vec![party(&net, &ann, 0, mode)]).with(later).sign(),
            );
            let text = format!("errUnknownField \"/cosmos.tx.v1beta1.TxBody\": {{TagNum: {field}, WireType:");
            assert!(result.code == 2 && result.log.starts_with(&text), "{} {}", result.code, result.log);
        }
    }
    assert_eq!(net.sequence(&person(0)), 0);
}
