//! Keys of other curves, and keys that are not those of their accounts.

use openledger_proto::cosmos::crypto::secp256r1;
use openledger_proto::cosmos::tx::v1beta1::TxRaw;
use openledger_proto::Message;

use crate::common::*;
use crate::parties::*;

#[test]
fn a_key_on_p_256_signs_as_well() {
    let (key, ann) = (r1(5), k1(0));
    assert_eq!(key.address().as_bytes().len(), 32);
    let net = net_for(&[&key]);
    for (sequence, mode) in [(0, DIRECT), (1, AMINO)] {
        let tx = paper(vec![key.send(&ann.address(), 10)], vec![party(&net, &key, sequence, mode)]);
        let result = net.deliver(tx.sign());
        assert_eq!((result.code, result.log.as_str()), (0, ""));
    }
    assert_eq!(net.balance(&ann.address()), START + 20);

    let tx = paper(vec![key.send(&ann.address(), 10)], vec![party(&net, &key, 2, DIRECT)]);
    let refused = |change: &dyn Fn(&mut TxRaw)| {
        let mut raw = tx.raw();
        change(&mut raw);
        let result = net.deliver(raw.encode_to_vec().into());
        assert!(result.code == 4 && result.log.contains("unable to verify"), "{} {}", result.code, result.log);
    };
    refused(&|raw| raw.signatures[0][40] ^= 1);
    refused(&|raw| raw.signatures[0].truncate(63));
    refused(&|raw| raw.signatures[0].push(0));
    // n − s signs as well as s does.
    refused(&|raw| {
        let signature = p256::ecdsa::Signature::from_slice(&raw.signatures[0]).unwrap();
        let (r, s) = signature.split_scalars();
        let other = p256::ecdsa::Signature::from_scalars(r, -*s).unwrap();
        assert!(other.normalize_s().is_some());
        raw.signatures[0] = other.to_bytes().to_vec();
    });
    assert_eq!(net.deliver(tx.sign()).code, 0);
}

#[test]
fn a_key_on_p_256_that_is_no_point_of_it_verifies_nothing() {
    let net = net();
    let key = secp256r1::PubKey { key: vec![2; 33] };
    let address = openledger_auth::PublicKey::from_any(&pack(&key)).unwrap().address();
    let result = net.deliver(draft(vec![person(0).send_to(&address, 1_000)], &[(&person(0), 0)]).sign());
    assert_eq!(result.code, 0);
    let party = Party { public_key: Some(pack(&key)), number: 8, ..party(&net, &k1(1), 0, DIRECT) };
    let mut message =
        openledger_proto::cosmos::bank::v1beta1::MsgSend::decode(person(1).send(&person(2), 1).value.as_slice())
            .unwrap();
    message.from_address = address.to_string();
    let result = net.deliver(paper(vec![pack(&message)], vec![party]).sign());
    assert!(result.code == 4 && result.log.contains("unable to verify"), "{} {}", result.code, result.log);
}

#[test]
fn a_key_must_be_its_account_s() {
    let net = net();
    let (ann, bob) = (k1(0), k1(1));
    let other = |paper: &mut Paper| paper.auth_info.signer_infos[0].public_key = Some(bob.any());
    let result =
        net.deliver(paper(vec![ann.send(&bob.address(), 1)], vec![party(&net, &ann, 0, DIRECT)]).with(other).sign());
    let text = format!("pubKey does not match signer address {} with signer index: 0: invalid pubkey", ann.address());
    assert_eq!((result.code, result.log), (8, text));
    let ed = |paper: &mut Paper| paper.auth_info.signer_infos[0].public_key = Some(Key::Ed.any());
    let result =
        net.deliver(paper(vec![ann.send(&bob.address(), 1)], vec![party(&net, &ann, 0, DIRECT)]).with(ed).sign());
    assert_eq!(result.code, 8, "{}", result.log);
}

#[test]
fn an_ed25519_key_is_refused_as_the_sdk_refuses_it() {
    let net = net_for(&[&Key::Ed]);
    let tx = paper(vec![Key::Ed.send(&person(0).address(), 1)], vec![party(&net, &Key::Ed, 0, DIRECT)]);
    let result = net.deliver(tx.sign());
    assert_eq!((result.code, result.log.as_str()), (8, "ED25519 public keys are unsupported: invalid pubkey"));
}
