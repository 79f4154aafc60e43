//! What becomes of a transaction: the ante handler's checks, the messages, the money.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::*;
use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_core::Address;
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse};
use openledger_proto::cosmos::base::abci::v1beta1::TxMsgData;
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::crypto::ed25519;
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, SignerInfo, TxBody, TxRaw};
use openledger_proto::{Any, Message, Name};

#[test]
fn a_send_moves_the_money_and_pays_the_fee() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let result = net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).fee(5).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!(net.balance(&ann.address()), START - 15);
    assert_eq!(net.balance(&bob.address()), START + 10);
    assert_eq!(net.balance(&Address::module(FEE_COLLECTOR)), 5);
    assert_eq!(net.sequence(&ann), 1);

    assert_eq!(result.gas_wanted, 200_000);
    assert!((20_000..200_000).contains(&result.gas_used), "{}", result.gas_used);
    let data = TxMsgData::decode(result.data.clone()).unwrap();
    assert_eq!(data.msg_responses, vec![Any { type_url: MsgSendResponse::type_url(), value: vec![] }]);
}

#[test]
fn events_come_in_the_sdk_s_order_with_the_message_s_index() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 10), ann.send(&bob, 1)], &[(&ann, 0)]).fee(5);
    let result = net.deliver(tx.sign());
    let kinds: Vec<&str> = result.events.iter().map(|event| event.r#type.as_str()).collect();
    let sent = ["message", "coin_spent", "coin_received", "transfer", "message"];
    let fee = ["coin_spent", "coin_received", "transfer", "message", "tx", "tx", "tx"];
    assert_eq!(kinds, [fee.as_slice(), &sent, &sent].concat());
    assert_eq!(attribute(&result, "tx", "fee").unwrap(), "5aopen");
    assert_eq!(attribute(&result, "tx", "fee_payer").unwrap(), ann.address().to_string());
    assert_eq!(attribute(&result, "tx", "acc_seq").unwrap(), format!("{}/0", ann.address()));
    assert!(attribute(&result, "tx", "signature").is_some());

    let first = &result.events[7];
    let attributes: Vec<_> = first.attributes.iter().map(|a| (a.key.as_str(), a.value.clone())).collect();
    let want = [
        ("action", "/cosmos.bank.v1beta1.MsgSend".to_string()),
        ("sender", ann.address().to_string()),
        ("module", "bank".to_string()),
        ("msg_index", "0".to_string()),
    ];
    assert_eq!(attributes, want);
    let last = result.events.last().unwrap().attributes.last().unwrap();
    assert_eq!((last.key.as_str(), last.value.as_str()), ("msg_index", "1"));
}

#[test]
fn a_wrong_sequence_is_code_32_with_the_text_that_relayers_read() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 7)]).sign();
    let text = "account sequence mismatch, expected 0, got 7: incorrect account sequence";
    let checked = net.check(tx.clone());
    assert_eq!((checked.code, checked.codespace.as_str(), checked.log.as_str()), (32, "sdk", text));
    let result = net.deliver(tx);
    assert_eq!((result.code, result.log.as_str()), (32, text));
    assert!(result.events.is_empty());
    assert_eq!(net.balance(&ann.address()), START);
}

#[test]
fn a_signature_for_another_chain_names_number_and_chain() {
    let net = net();
    let (ann, bob) = (person(3), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).with(|draft| draft.chain_id = "other-1".into()).sign();
    let want = "signature verification failed; please verify account number (3) and chain-id (test-1): \
                (unable to verify single signer signature): unauthorized";
    for _ in 0..2 {
        let result = net.deliver(tx.clone());
        assert_eq!((result.code, result.log.as_str()), (4, want));
    }
    assert_eq!(net.check(tx).code, 4);
}

#[test]
fn a_changed_byte_of_the_body_or_the_signature_is_refused() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign();
    assert_eq!(net.check(tx.clone()).code, 0);
    let mut raw = TxRaw::decode(tx.clone()).unwrap();
    raw.signatures[0][40] ^= 1;
    assert_eq!(net.deliver(raw.encode_to_vec().into()).code, 4);
    let mut raw = TxRaw::decode(tx).unwrap();
    let other = TxBody { messages: vec![ann.send(&bob, 2)], ..TxBody::default() };
    raw.body_bytes = other.encode_to_vec();
    assert_eq!(net.deliver(raw.encode_to_vec().into()).code, 4);
    raw.signatures[0].truncate(63);
    assert_eq!(net.deliver(raw.encode_to_vec().into()).code, 4);
    raw.signatures.clear();
    assert_eq!(net.deliver(raw.encode_to_vec().into()).code, 15);
}

#[test]
fn a_signature_with_s_in_the_upper_half_is_refused() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let mut raw = TxRaw::decode(draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign()).unwrap();
    // n − s signs as well as s does, and would give the transaction a second hash.
    let order = hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let mut borrow = 0i16;
    for index in (0..32).rev() {
        let mut digit = i16::from(order[index]) - i16::from(raw.signatures[0][32 + index]) - borrow;
        borrow = i16::from(digit < 0);
        digit += 256 * borrow;
        raw.signatures[0][32 + index] = u8::try_from(digit).unwrap();
    }
    assert_eq!(net.deliver(raw.encode_to_vec().into()).code, 4);
}

#[test]
fn checktx_asks_for_the_node_s_price_and_a_block_does_not() {
    let net = net_with(|config| config.min_gas_prices = "0.1aopen".parse().unwrap());
    let (ann, bob) = (person(0), person(1));
    let cheap = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).gas(100_000).fee(9_999).sign();
    let checked = net.check(cheap.clone());
    let text = "insufficient fees; got: 9999aopen required: 10000aopen: insufficient fee";
    assert_eq!((checked.code, checked.log.as_str()), (13, text));
    assert_eq!(net.deliver(cheap).code, 0);
    let enough = draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]).gas(100_000).fee(10_000).sign();
    assert_eq!(net.check(enough).code, 0);
}

#[test]
fn who_cannot_pay_the_fee_is_refused() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let result = net.deliver(draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).fee(START + 1).sign());
    assert_eq!(result.code, 5);
    assert!(result.log.ends_with("insufficient funds"), "{}", result.log);
    assert_eq!(net.sequence(&ann), 0);
    let stranger = person(99);
    let result = net.deliver(draft(vec![stranger.send(&bob, 1)], &[(&stranger, 0)]).sign());
    let text = format!("fee payer address: {} does not exist: unknown address", stranger.address());
    assert_eq!((result.code, result.log), (9, text));
    let result = net.deliver(draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).gas(0).sign());
    let text = "out of gas in location: ReadFlat; gasWanted: 0, gasUsed: 1000: out of gas";
    assert_eq!((result.code, result.log.as_str()), (11, text));
}

#[test]
fn another_signer_may_pay_the_fee() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let payer = |draft: &mut Draft| draft.fee.payer = person(1).address().to_string();
    let alone = draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).fee(5).with(payer);
    assert_eq!(net.deliver(alone.sign()).code, 4);
    let both = draft(vec![ann.send(&bob, 10)], &[(&ann, 0), (&bob, 0)]).fee(5).with(payer);
    let result = net.deliver(both.sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!(net.balance(&ann.address()), START - 10);
    assert_eq!(net.balance(&bob.address()), START + 5);
    let granter = |draft: &mut Draft| draft.fee.granter = person(1).address().to_string();
    let result = net.deliver(draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]).fee(5).with(granter).sign());
    let why =
        format!("{} does not allow to pay fees for {}: fee-grant not found: not found", bob.address(), ann.address());
    assert_eq!((result.code, result.log), (38, why));
}

#[test]
fn running_out_of_gas_is_code_11_and_the_fee_stays_paid() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let result = net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).fee(5).gas(1_000).sign());
    assert_eq!(result.code, 11);
    assert!(result.log.starts_with("out of gas in location: "), "{}", result.log);
    assert!(result.log.contains("; gasWanted: 1000, gasUsed: ") && result.log.ends_with(": out of gas"));
    // In the ante handler: nothing stays.
    assert_eq!((net.balance(&ann.address()), net.sequence(&ann)), (START, 0));

    let result = net.deliver(draft(vec![ann.vote(2)], &[(&ann, 0)]).fee(5).gas(100_000).sign());
    assert_eq!(result.code, 11);
    assert!(result.log.contains("gasWanted: 100000"), "{}", result.log);
    // In a message: the fee and the sequence stay, and their events.
    assert_eq!((net.balance(&ann.address()), net.sequence(&ann)), (START - 5, 1));
    assert_eq!(attribute(&result, "tx", "fee").unwrap(), "5aopen");
    assert_eq!(attribute(&result, "message", "action"), None);
}

#[test]
fn one_failing_message_undoes_the_others() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let messages = vec![ann.send(&bob, 10), ann.send(&bob, START), ann.send(&bob, 1)];
    let result = net.deliver(draft(messages, &[(&ann, 0)]).fee(5).sign());
    assert_eq!(result.code, 5);
    assert!(result.log.starts_with("failed to execute message; message index: 1: "), "{}", result.log);
    assert!(result.data.is_empty());
    assert_eq!((net.balance(&ann.address()), net.balance(&bob.address())), (START - 5, START));
    assert_eq!(net.sequence(&ann), 1);
}

#[test]
fn several_signers_sign_each_with_their_own_account() {
    let net = net();
    let (ann, bob, eve) = (person(0), person(1), person(2));
    let messages = vec![ann.send(&eve, 10), bob.send(&eve, 20), ann.send(&bob, 1)];
    let result = net.deliver(draft(messages.clone(), &[(&ann, 0), (&bob, 0)]).fee(5).sign());
    assert_eq!((result.code, result.log.as_str()), (0, ""));
    assert_eq!(net.balance(&eve.address()), START + 30);
    assert_eq!((net.sequence(&ann), net.sequence(&bob), net.sequence(&eve)), (1, 1, 0));
    // In another order, the keys do not match the signers.
    let result = net.deliver(draft(messages.clone(), &[(&bob, 1), (&ann, 1)]).sign());
    assert_eq!(result.code, 8);
    assert!(result.log.starts_with("pubKey does not match signer address"), "{}", result.log);
    let result = net.deliver(draft(messages, &[(&ann, 1)]).sign());
    assert_eq!((result.code, result.log.as_str()), (4, "wrong number of signers; expected 2, got 1: unauthorized"));
}

#[test]
fn more_signatures_than_the_parameters_allow_are_refused() {
    let net = net();
    let people: Vec<Person> = (0..ACCOUNTS).map(person).collect();
    let messages = people.iter().map(|one| one.send(&people[0], 1)).collect();
    let signers: Vec<(&Person, u64)> = people.iter().map(|one| (one, 0)).collect();
    let result = net.deliver(draft(messages, &signers).gas(10_000_000).sign());
    let text = "signatures: 8, limit: 7: maximum number of signatures exceeded";
    assert_eq!((result.code, result.log.as_str()), (14, text));
}

#[test]
fn unknown_fields_are_refused_but_for_the_body_s_non_critical_ones() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]);
    let raw = TxRaw::decode(tx.sign()).unwrap();
    // Field 1023 has bit 11 unset, field 1024 has it set; both hold the varint 1.
    let (critical, non_critical) = (vec![0xf8, 0x3f, 0x01], vec![0x80, 0x40, 0x01]);
    let body = |field: &[u8]| [raw.body_bytes.as_slice(), field].concat();
    let result = net.deliver(tx.seal(body(&critical), raw.auth_info_bytes.clone()));
    assert_eq!(result.code, 2);
    assert!(result.log.ends_with("tx parse error"), "{}", result.log);
    let auth_info = [raw.auth_info_bytes.as_slice(), &non_critical].concat();
    assert_eq!(net.deliver(tx.seal(raw.body_bytes.clone(), auth_info)).code, 2);
    let mut message = ann.send(&bob, 1);
    message.value.extend(&critical);
    assert_eq!(net.deliver(draft(vec![message], &[(&ann, 0)]).sign()).code, 2);
    assert_eq!(net.deliver(tx.seal(body(&non_critical), raw.auth_info_bytes.clone())).code, 0);
}

#[test]
fn a_message_that_nobody_handles_is_refused() {
    let net = net();
    let ann = person(0);
    let message = Any { type_url: "/ibc.core.channel.v1.MsgChannelUpgradeInit".into(), value: vec![] };
    let result = net.deliver(draft(vec![message], &[(&ann, 0)]).sign());
    let text = "unable to resolve type URL /ibc.core.channel.v1.MsgChannelUpgradeInit: tx parse error";
    assert_eq!((result.code, result.log.as_str()), (2, text));
    assert_eq!(net.deliver(draft(vec![], &[(&ann, 0)]).sign()).code, 18);
    let result = net.deliver(draft(vec![ann.vote(100)], &[(&ann, 0)]).sign());
    assert_eq!((result.code, result.log.as_str()), (18, "stateless check: invalid request"));
}

#[test]
fn what_makes_no_sense_where_it_is_executed_pays_its_fee_and_counts() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let nothing = MsgSend { amount: vec![], ..MsgSend::decode(ann.send(&bob, 1).value.as_slice()).unwrap() };
    // As in the SDK, a block is where it is found out, not the mempool.
    let tx = draft(vec![pack(&nothing)], &[(&ann, 0)]).fee(500).sign();
    assert_eq!(net.check(tx.clone()).code, 0);
    let result = net.deliver(tx);
    assert_eq!((result.code, result.codespace.as_str()), (10, "sdk"));
    assert_eq!(net.balance(&ann.address()), START - 500);
    assert_eq!(net.deliver(draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]).sign()).code, 0);
}

#[test]
fn what_is_no_number_cannot_be_read_and_costs_nothing() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let huge = "9".repeat(78);
    for amount in ["abc", "1.5", "1e3", " 1", huge.as_str()] {
        let mut message = MsgSend::decode(ann.send(&bob, 1).value.as_slice()).unwrap();
        message.amount[0].amount = amount.into();
        let result = net.deliver(draft(vec![pack(&message)], &[(&ann, 0)]).fee(500).sign());
        assert_eq!((result.code, result.codespace.as_str()), (2, "sdk"), "{amount}: {}", result.log);
        assert!(result.log.contains("/cosmos.base.v1beta1.Coin.amount"), "{}", result.log);
        let fee = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]);
        let fee = fee.with(|draft| draft.fee.amount = vec![Coin { denom: "aopen".into(), amount: amount.into() }]);
        assert_eq!(net.deliver(fee.sign()).code, 2, "{amount}");
    }
    assert_eq!(net.balance(&ann.address()), START);
    // Nothing and less than nothing are numbers, which the message refuses.
    for amount in ["", "-1", "0"] {
        let mut message = MsgSend::decode(ann.send(&bob, 1).value.as_slice()).unwrap();
        message.amount[0].amount = amount.into();
        let sequence = net.sequence(&ann);
        assert_eq!(net.deliver(draft(vec![pack(&message)], &[(&ann, sequence)]).sign()).code, 10, "{amount:?}");
    }
}

#[test]
fn a_key_that_the_store_cannot_hold_fails_its_transaction_and_not_the_block() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let long = draft(vec![ann.vote(LONG_KEY)], &[(&ann, 0)]).gas(100_000_000).sign();
    let good = draft(vec![bob.send(&ann, 5)], &[(&bob, 0)]).sign();
    let codes: Vec<u32> = net.block(vec![long, good]).tx_results.iter().map(|result| result.code).collect();
    assert_eq!(codes, [111_222, 0]);
    assert_eq!(net.balance(&ann.address()), START + 5);
}

#[test]
fn a_transaction_counts_once() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign();
    let codes: Vec<u32> = net.block(vec![tx.clone(), tx.clone()]).tx_results.iter().map(|r| r.code).collect();
    assert_eq!(codes, [0, 32]);
    assert_eq!(net.deliver(tx).code, 32);
    assert_eq!(net.balance(&bob.address()), START + 1);
}

#[test]
fn timeout_memo_and_extensions_are_checked() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = || draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]);
    // The next block has height 2.
    let result = net.deliver(tx().with(|draft| draft.body.timeout_height = 1).sign());
    assert_eq!((result.code, result.log.as_str()), (30, "block height: 2, timeout height: 1: tx timeout height"));
    let result = net.deliver(tx().with(|draft| draft.body.memo = "m".repeat(257)).sign());
    let text = "maximum number of characters is 256 but received 257 characters: memo too large";
    assert_eq!((result.code, result.log.as_str()), (12, text));
    let option = pack(&MsgSend::default());
    let result = net.deliver(tx().with(|draft| draft.body.extension_options = vec![option]).sign());
    assert_eq!(result.code, 31, "{}", result.log);
    let result = net.deliver(tx().gas(u64::MAX).sign());
    assert_eq!(result.code, 18, "{}", result.log);
}

#[test]
fn keys_that_cannot_sign_are_named() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]);
    let raw = TxRaw::decode(tx.sign()).unwrap();
    let mut auth_info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    auth_info.signer_infos[0].public_key = Some(pack(&ed25519::PubKey { key: vec![7; 32] }));
    assert_eq!(net.deliver(tx.seal(raw.body_bytes.clone(), auth_info.encode_to_vec())).code, 8);
    // Without a key, and none on chain.
    auth_info.signer_infos[0].public_key = None;
    let result = net.deliver(tx.seal(raw.body_bytes.clone(), auth_info.encode_to_vec()));
    assert_eq!((result.code, result.log.as_str()), (8, "pubkey on account is not set: invalid pubkey"));
    // Without infos or a fee.
    let none = AuthInfo { fee: Some(Fee { gas_limit: 100_000, ..Fee::default() }), ..AuthInfo::default() };
    assert_eq!(net.deliver(tx.seal(raw.body_bytes.clone(), none.encode_to_vec())).code, 4);
    let no_fee = AuthInfo { signer_infos: vec![SignerInfo::default()], ..AuthInfo::default() };
    assert_eq!(net.deliver(tx.seal(raw.body_bytes, no_fee.encode_to_vec())).code, 18);
}

#[test]
fn a_key_that_is_on_chain_need_not_be_shown_again() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    assert_eq!(net.deliver(draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign()).code, 0);
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 1)]);
    let raw = TxRaw::decode(tx.sign()).unwrap();
    let mut auth_info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    auth_info.signer_infos[0].public_key = None;
    assert_eq!(net.deliver(tx.seal(raw.body_bytes, auth_info.encode_to_vec())).code, 0);
}

#[test]
fn an_account_made_in_a_block_can_sign_in_it() {
    let net = net();
    let (ann, mut new) = (person(0), person(50));
    let number = {
        let tx = draft(vec![ann.send(&person(60), 1)], &[(&ann, 0)]).sign();
        net.deliver(tx);
        let (state, block) = net.app.state_at(0).unwrap();
        let ctx = openledger_core::Context::query(&state, &block, openledger_core::GasMeter::infinite());
        net.app.runtime().auth.account(&ctx, &person(60).address()).unwrap().unwrap().number + 1
    };
    new.number = number;
    let give = draft(vec![ann.send(&new, 100)], &[(&ann, 1)]).sign();
    let spend = draft(vec![new.send(&ann, 40)], &[(&new, 0)]).fee(10).sign();
    let codes: Vec<_> = net.block(vec![give, spend]).tx_results.iter().map(|r| (r.code, r.log.clone())).collect();
    assert_eq!(codes, [(0, String::new()), (0, String::new())]);
    assert_eq!(net.balance(&new.address()), 50);
}

#[test]
fn checktx_lets_a_sequence_of_transactions_in_and_forgets_them_at_commit() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = |sequence| draft(vec![ann.send(&bob, 1)], &[(&ann, sequence)]).fee(1).sign();
    assert_eq!([net.check(tx(0)).code, net.check(tx(1)).code, net.check(tx(3)).code], [0, 0, 32]);
    // The messages do not run, and nothing is committed.
    assert_eq!(net.balance(&bob.address()), START);
    net.block(vec![tx(0)]);
    assert_eq!(net.recheck(tx(0)).code, 32);
    assert_eq!([net.recheck(tx(1)).code, net.check(tx(2)).code], [0, 0]);
    let result = net.check(tx(2));
    assert!(result.events.is_empty() && result.gas_wanted == 200_000);
}

#[test]
fn gas_is_the_same_whether_a_signature_is_remembered_or_not() {
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign();
    let (cold, warm, none) = (net(), net(), net_with(|config| config.signature_cache = 0));
    assert_eq!(warm.check(tx.clone()).code, 0);
    let results = [&cold, &warm, &none].map(|net| net.deliver(tx.clone()));
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}
