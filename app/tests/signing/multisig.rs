//! Multisig accounts: who must sign, what it costs, and what is refused.

use openledger_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use openledger_proto::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, ModeInfo, TxRaw};
use openledger_proto::Message;

use crate::common::*;
use crate::parties::*;

fn trio(signing: &[usize]) -> Key {
    many(2, vec![k1(0), k1(1), k1(2)], signing)
}

fn tx(net: &Net, key: &Key, sequence: u64, mode: i32) -> Paper {
    paper(vec![key.send(&person(3).address(), 10)], vec![party(net, key, sequence, mode)])
}

fn multi(bitarray: Option<CompactBitArray>, modes: usize) -> ModeInfo {
    let single = ModeInfo { sum: Some(Sum::Single(Single { mode: AMINO })) };
    ModeInfo { sum: Some(Sum::Multi(Multi { bitarray, mode_infos: vec![single; modes] })) }
}

#[track_caller]
fn refused(net: &Net, paper: &Paper, code: u32, text: &str) {
    let result = net.deliver(paper.sign());
    assert_eq!(result.code, code, "{}", result.log);
    assert!(result.log.contains(text), "{}", result.log);
}

#[test]
fn as_many_as_must_sign_in_any_mode_and_the_events_tell_each_signature() {
    let net = net_for(&[&trio(&[])]);
    for (sequence, (signing, mode)) in
        [(vec![0, 1], AMINO), (vec![1, 2], AMINO), (vec![0, 2], DIRECT), (vec![0, 1, 2], AMINO)].into_iter().enumerate()
    {
        let key = trio(&signing);
        let raw = tx(&net, &key, sequence as u64, mode).raw();
        let result = net.deliver(raw.encode_to_vec().into());
        assert_eq!((result.code, result.log.as_str()), (0, ""));
        let told = result.events.iter().filter(|event| event.r#type == "tx" && event.attributes[0].key == "signature");
        // Each part, then the whole.
        assert_eq!(told.count(), signing.len() + 1);
        assert_eq!(attribute(&result, "tx", "acc_seq").unwrap(), format!("{}/{sequence}", key.address()));
    }
    assert_eq!(net.balance(&person(3).address()), START + 40);
}

#[test]
fn parts_may_be_signed_in_different_modes() {
    let key = trio(&[0, 1]);
    let net = net_for(&[&key]);
    let mixed = |paper: &mut Paper| {
        let Some(Sum::Multi(multi)) = &mut paper.auth_info.signer_infos[0].mode_info.as_mut().unwrap().sum else {
            panic!()
        };
        multi.mode_infos[1] = k1(1).mode(DIRECT);
    };
    let direct = tx(&net, &key, 0, DIRECT).with(mixed).with(|paper| {
        let Some(Sum::Multi(multi)) = &mut paper.auth_info.signer_infos[0].mode_info.as_mut().unwrap().sum else {
            panic!()
        };
        multi.mode_infos[0] = k1(0).mode(AMINO);
    });
    let amino = direct.clone().with(|paper| paper.parties[0].mode = AMINO);
    let parts = |paper: &Paper| MultiSignature::decode(paper.raw().signatures[0].as_slice()).unwrap().signatures;
    let signatures = vec![parts(&amino)[0].clone(), parts(&direct)[1].clone()];
    let raw = TxRaw { signatures: vec![MultiSignature { signatures }.encode_to_vec()], ..direct.raw() };
    let result = net.deliver(raw.encode_to_vec().into());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    refused(
        &net,
        &direct.with(|paper| paper.auth_info.signer_infos[0].sequence = 1),
        4,
        "unable to verify signature at index 0",
    );
}

#[test]
fn too_few_wrong_and_misplaced_signatures_are_refused() {
    let net = net_for(&[&trio(&[])]);
    let number = party(&net, &trio(&[]), 0, AMINO).number;
    let text = format!(
        "signature verification failed; please verify account number ({number}), sequence (0) and chain-id (test-1): \
         (not enough signatures set, have 1, expected 2): unauthorized"
    );
    refused(&net, &tx(&net, &trio(&[1]), 0, AMINO), 4, &text);
    refused(&net, &tx(&net, &trio(&[]), 0, AMINO), 4, "not enough signatures set, have 0, expected 2");

    let good = tx(&net, &trio(&[0, 1]), 0, AMINO);
    let misplaced =
        |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(bits(3, &[0, 2])), 2));
    refused(&net, &good.clone().with(misplaced), 4, "unable to verify signature at index 2");
    for size in [2, 4] {
        let bits = bits(size, &[0, 1]);
        let other_size = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(bits), 2));
        refused(&net, &good.clone().with(other_size), 4, "bit array size is incorrect, expecting: 3");
    }
    let spare = CompactBitArray { extra_bits_stored: 3, elems: vec![0b1100_0001] };
    let spare = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(spare), 2));
    refused(&net, &good.clone().with(spare), 4, "bits after its last");
    let none = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(None, 2));
    refused(&net, &good.clone().with(none), 4, "bit array size is incorrect, expecting: 3");
    let more_bits =
        |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(bits(3, &[0, 1, 2])), 2));
    refused(&net, &good.clone().with(more_bits), 4, "more keys in its bit array than signatures");
    let fewer_modes =
        |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(bits(3, &[0, 1])), 1));
    refused(&net, &good.clone().with(fewer_modes), 4, "a multisignature of 2 signatures with 1 modes");
    let single = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(k1(0).mode(AMINO));
    refused(&net, &good.clone().with(single), 4, "a multisig key signs with a multisignature (ModeInfo.Multi)");
    assert_eq!(net.deliver(good.sign()).code, 0);
}

#[test]
fn a_signature_that_no_bit_is_set_for_is_refused() {
    let net = net_for(&[&trio(&[])]);
    let modes = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(bits(3, &[0, 1])), 3));
    let mut raw = tx(&net, &trio(&[0, 1, 2]), 0, AMINO).with(modes).raw();
    let result = net.deliver(raw.encode_to_vec().into());
    assert!(result.code == 4 && result.log.contains("signature size is incorrect 3"), "{}", result.log);
    raw.signatures[0].extend([0x12, 0x00]);
    let result = net.deliver(raw.encode_to_vec().into());
    assert!(result.code == 4 && result.log.contains("rejecting unrecognized fields"), "{}", result.log);
}

#[test]
fn a_single_key_does_not_sign_as_several() {
    let net = net();
    let ann = k1(0);
    let several = |paper: &mut Paper| paper.auth_info.signer_infos[0].mode_info = Some(multi(Some(bits(1, &[0])), 1));
    let mut raw = tx(&net, &ann, 0, AMINO).with(several).raw();
    raw.signatures[0] = MultiSignature { signatures: vec![raw.signatures[0].clone()] }.encode_to_vec();
    let result = net.deliver(raw.encode_to_vec().into());
    assert!(result.code == 4 && result.log.contains("expected multisig.PubKey"), "{}", result.log);
}

#[test]
fn a_multisig_may_be_a_key_of_another() {
    let inner = many(2, vec![k1(1), k1(2), k1(3)], &[0, 2]);
    let outer = many(2, vec![k1(0), inner, k1(4)], &[0, 1]);
    let net = net_for(&[&outer]);
    let result = net.deliver(tx(&net, &outer, 0, AMINO).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));

    let inner = many(2, vec![k1(1), k1(2), k1(3)], &[0]);
    let outer = many(2, vec![k1(0), inner, k1(4)], &[0, 1]);
    refused(&net, &tx(&net, &outer, 1, AMINO), 4, "not enough signatures set, have 1, expected 2");
    // A part for a single key that pretends to be several, and the other way round.
    let flat = many(2, vec![k1(0), many(1, vec![k1(1)], &[0]), k1(4)], &[1, 2]);
    let net = net_for(&[&flat]);
    let swapped = |paper: &mut Paper| {
        let mode = multi(Some(bits(3, &[0, 1])), 0);
        let Some(Sum::Multi(outer)) = mode.sum else { panic!() };
        let nested = many(1, vec![k1(1)], &[0]).mode(AMINO);
        let outer = Multi { mode_infos: vec![nested, k1(4).mode(AMINO)], ..outer };
        paper.auth_info.signer_infos[0].mode_info = Some(ModeInfo { sum: Some(Sum::Multi(outer)) });
    };
    refused(&net, &tx(&net, &flat, 0, AMINO).with(swapped), 4, "");
    assert_eq!(net.deliver(tx(&net, &flat, 0, AMINO).sign()).code, 0);
}

#[test]
fn each_signature_costs_gas_and_each_key_counts() {
    let net = net_for(&[&trio(&[])]);
    let gas = |signing: &[usize], sequence| {
        let signed = tx(&net, &trio(signing), sequence, AMINO).sign();
        let (size, result) = (signed.len() as i64, net.deliver(signed));
        assert_eq!(result.code, 0, "{}", result.log);
        (result.gas_used, size)
    };
    // So that the fee collector's balance has two digits, before and after.
    gas(&[0, 1], 0);
    gas(&[0, 1], 1);
    let (two, small) = gas(&[1, 2], 2);
    let (three, large) = gas(&[0, 1, 2], 3);
    assert_eq!(three - two, 1_000 + 10 * (large - small));

    let eight = many(1, (0..8).map(k1).collect(), &[0]);
    fund_next(&net, &eight);
    refused(&net, &tx(&net, &eight, 0, AMINO), 14, "signatures: 8, limit: 7: maximum number of signatures exceeded");
    let seven = many(1, (0..7).map(k1).collect(), &[6]);
    fund_next(&net, &seven);
    assert_eq!(net.deliver(tx(&net, &seven, 0, AMINO).sign()).code, 0);
}

/// Money from person 6, whose sequence the chain knows.
fn fund_next(net: &Net, key: &Key) {
    let giver = person(6);
    let sequence = net.sequence(&giver);
    let result = net.deliver(draft(vec![giver.send_to(&key.address(), START / 20)], &[(&giver, sequence)]).sign());
    assert_eq!(result.code, 0, "{}", result.log);
}

#[test]
fn an_ed25519_key_in_a_multisig_may_be_there_and_may_not_sign() {
    let keys = vec![k1(0), Key::Ed, k1(2)];
    let net = net_for(&[&many(2, keys.clone(), &[])]);
    let with_ed = many(2, keys.clone(), &[0, 1]);
    refused(&net, &tx(&net, &with_ed, 0, AMINO), 8, "ED25519 public keys are unsupported: invalid pubkey");
    assert_eq!(net.deliver(tx(&net, &many(2, keys, &[0, 2]), 0, AMINO).sign()).code, 0);
}

#[test]
fn a_simulation_without_signatures_estimates_enough() {
    let key = trio(&[0, 1]);
    let net = net_for(&[&key]);
    let signed = tx(&net, &key, 0, AMINO);
    // As CosmJS asks (one mode, nothing signed), as simd does (so many empty parts), and with what was signed.
    let one = |info: &mut AuthInfo| info.signer_infos[0].mode_info = Some(k1(0).mode(0));
    let empty = |info: &mut AuthInfo| info.signer_infos[0].mode_info = Some(multi(None, 2));
    let simulate = |change: &dyn Fn(&mut AuthInfo), signature: Vec<u8>| {
        let mut auth_info = signed.auth_info.clone();
        change(&mut auth_info);
        let raw = TxRaw { auth_info_bytes: auth_info.encode_to_vec(), signatures: vec![signature], ..signed.raw() };
        let outcome = net.app.simulate(&raw.encode_to_vec().into());
        assert!(outcome.result.is_ok(), "{:?}", outcome.result);
        outcome.gas_used as i64
    };
    let estimates = [
        simulate(&one, Vec::new()),
        simulate(&empty, Vec::new()),
        simulate(&empty, MultiSignature { signatures: vec![Vec::new(), Vec::new()] }.encode_to_vec()),
        simulate(&|_| {}, signed.raw().signatures[0].clone()),
    ];
    let result = net.deliver(signed.sign());
    assert_eq!(result.code, 0, "{}", result.log);
    for estimate in estimates {
        assert!(estimate >= result.gas_used, "{estimate} for {}", result.gas_used);
        assert!(estimate < 2 * result.gas_used, "{estimate} for {}", result.gas_used);
    }
}

#[test]
fn a_multisig_need_not_show_its_key_again_and_pays_the_same_on_any_number_of_threads() {
    let key = trio(&[0, 2]);
    let results = [(1, 0), (4, 10_000)].map(|(threads, cache)| {
        let net = net_with(|config| (config.threads, config.signature_cache) = (threads, cache));
        fund(&net, &[&key]);
        let hidden = |paper: &mut Paper| paper.auth_info.signer_infos[0].public_key = None;
        let number = party(&net, &key, 0, AMINO);
        let all: Vec<_> = (0..6)
            .map(|sequence| {
                let mode = if sequence % 2 == 0 { AMINO } else { DIRECT };
                let party = Party { sequence, mode, mode_info: key.mode(mode), ..number.clone() };
                let tx = paper(vec![key.send(&person(3).address(), 1)], vec![party]);
                if sequence == 0 { tx } else { tx.with(hidden) }.sign()
            })
            .collect();
        let checked = net.check(all[0].clone());
        assert_eq!(checked.code, 0, "{}", checked.log);
        let response = net.block(all);
        assert!(response.tx_results.iter().all(|result| result.code == 0), "{:?}", response.tx_results);
        (response.tx_results, response.app_hash)
    });
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_multisig_that_nobody_or_anybody_could_sign_for_is_no_key() {
    let net = net();
    let ann = k1(0);
    for threshold in [0, 4] {
        let key = Key::Many { threshold, keys: vec![k1(0), k1(1), k1(2)], signing: vec![0, 1] };
        let other = |paper: &mut Paper| paper.auth_info.signer_infos[0].public_key = Some(key.any());
        let text = format!("a multisig of 3 keys cannot have the threshold {threshold}: invalid pubkey");
        refused(&net, &tx(&net, &ann, 0, AMINO).with(other), 8, &text);
    }
}
