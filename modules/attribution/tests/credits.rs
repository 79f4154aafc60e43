//! Credit notes, wallets' vouchers, and what a payout proof is asked for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::Uint256;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::{Signature, SigningKey};
use openledger_auth::PublicKey;
use openledger_proto::amino::adr036_sign_bytes;
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::amount::Amount;
use openledger_provenance::credit::CreditNote;
use openledger_provenance::hash::sha256;
use openledger_provenance::merkle::root;
use openledger_provenance::voucher::Voucher as Signed;

const FEE: u128 = OPEN + (OPEN / 100) * 395;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_slice(&[byte; 32]).unwrap()
}

/// Makes an account's key known, as its first transaction does.
fn know_key(world: &mut World, who: u8) {
    let keeper = world.keeper;
    let public = key(who).verifying_key().to_sec1_bytes().to_vec();
    world.with(|ctx| {
        let mut account = keeper.auth.account(ctx, &address(who)).unwrap().unwrap();
        account.key = Some(PublicKey::Secp256k1(public.into()));
        keeper.auth.save(ctx, &account).unwrap();
    });
}

fn sign(key: &SigningKey, digest: &[u8; 32]) -> Vec<u8> {
    let signature: Signature = key.sign_prehash(digest).unwrap();
    signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
}

fn note(world: &World, receipt: u64, amount: u128) -> CreditNote<'static> {
    let amount = Amount::from(amount);
    CreditNote { chain_id: CHAIN_ID, session: world.session, deployment: world.deployment, receipt, amount }
}

/// What the payer presents of a note that this key signed.
fn present(world: &World, note: &CreditNote, signer: u8) -> MsgPresentCredit {
    MsgPresentCredit {
        payer: text(PAYER),
        session: world.session,
        credit: Some(Credit { receipt: note.receipt, amount: note.amount.to_string() }),
        signature: sign(&key(signer), &note.digest().unwrap()),
    }
}

fn session(world: &World) -> Session {
    let answer: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id: world.session }).unwrap();
    answer.session.unwrap()
}

fn record(world: &World) -> DeploymentRecord {
    let request = QueryDeploymentRecordRequest { deployment: world.deployment };
    world.ask::<QueryDeploymentRecordResponse>("DeploymentRecord", &request).unwrap().record.unwrap()
}

#[test]
fn a_presented_credit_lowers_what_the_settlement_takes_and_every_share_of_it() {
    let mut world = World::new();
    know_key(&mut world, SERVER);
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let msg = present(&world, &note(&world, 1, OPEN), SERVER);
    world.ok(&msg);
    let mut settle = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    assert_eq!(world.code(&settle), ("attribution", 23), "the server may not forget it");
    settle.receipts[0].credit = OPEN.to_string();
    let (left, burnt) = (session(&world), world.burnt);
    let id = world.answer::<_, MsgSettleResponse>(&settle).unwrap().settlement;
    let (settled, taken) = (world.settlement(id), FEE - OPEN);
    assert_eq!((settled.fees, settled.credited), (taken.to_string(), OPEN.to_string()));
    assert_eq!(settled.pool, (taken * 4_000 / 10_000).to_string());
    assert_eq!(world.burnt - burnt, Uint256::from(taken * 200 / 10_000));
    assert_eq!(world.owed(SERVER), Uint256::from(taken * 3_000 / 10_000));
    let after = session(&world);
    assert_eq!((after.spent, after.credited, after.credits.len()), (FEE.to_string(), OPEN.to_string(), 0));
    let before = world.balance(PAYER);
    world.ok(&MsgCloseSession { sender: text(SERVER), session: world.session });
    let refund = left.deposit.parse::<u128>().unwrap() - taken;
    assert_eq!(world.balance(PAYER), before + Uint256::from(refund));
    let record = record(&world);
    assert_eq!((record.receipts, record.credited_receipts, record.credited), (1, 1, OPEN.to_string()));
}

#[test]
fn a_server_gives_back_in_its_own_settlement_at_most_the_fee() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut settle = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    settle.receipts[0].credit = (FEE + 1).to_string();
    assert_eq!(world.code(&settle), ("attribution", 23));
    settle.receipts[0].credit = FEE.to_string();
    let id = world.answer::<_, MsgSettleResponse>(&settle).unwrap().settlement;
    assert_eq!((world.settlement(id).fees, world.settlement(id).pool), ("0".to_string(), "0".to_string()));
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(id), SettlementStatus::Paid);
}

#[test]
fn a_note_over_more_than_the_fee_gives_back_the_fee_and_does_not_keep_the_session_from_settling() {
    let mut world = World::new();
    know_key(&mut world, SERVER);
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let msg = present(&world, &note(&world, 1, FEE + 1), SERVER);
    world.ok(&msg);
    let mut settle = world.settle_msg(0, &[world.honest(&answer)], Check::Existence);
    settle.receipts[0].credit = (FEE - 1).to_string();
    assert_eq!(world.code(&settle), ("attribution", 23), "less than the note");
    settle.receipts[0].credit = FEE.to_string();
    world.ok(&settle);
    assert_eq!(session(&world).credited, FEE.to_string());
}

#[test]
fn notes_of_other_signers_chains_sessions_servers_receipts_or_amounts_are_refused() {
    let mut world = World::new();
    let good = note(&world, 1, OPEN);
    let msg = present(&world, &good, SERVER);
    assert_eq!(world.code(&msg), ("attribution", 8), "the server's key is not known yet");
    know_key(&mut world, SERVER);
    for (other, signer) in [
        (good, OTHER),
        (CreditNote { chain_id: "openledger-test-2", ..good }, SERVER),
        (CreditNote { session: 2, ..good }, SERVER),
        (CreditNote { deployment: 2, ..good }, SERVER),
        (CreditNote { receipt: 2, ..good }, SERVER),
        (CreditNote { amount: Amount::from(OPEN + 1), ..good }, SERVER),
    ] {
        let mut msg = present(&world, &other, signer);
        msg.credit = Some(Credit { receipt: 1, amount: OPEN.to_string() });
        assert_eq!(world.code(&msg), ("attribution", 23));
    }
    let msg = present(&world, &good, SERVER);
    assert_eq!(world.code(&MsgPresentCredit { payer: text(OTHER), ..msg.clone() }), ("attribution", 3));
    assert_eq!(world.code(&MsgPresentCredit { signature: vec![1; 63], ..msg.clone() }), ("attribution", 23));
    assert_eq!(world.code(&MsgPresentCredit { credit: None, ..msg.clone() }), ("attribution", 23));
    let nothing = present(&world, &note(&world, 1, 0), SERVER);
    assert_eq!(world.code(&nothing), ("attribution", 23));
    world.ok(&msg);
    assert_eq!(world.code(&msg), ("attribution", 23), "twice gives nothing");
    let less = present(&world, &note(&world, 1, OPEN - 1), SERVER);
    assert_eq!(world.code(&less), ("attribution", 23));
    let more = present(&world, &note(&world, 1, OPEN + 1), SERVER);
    world.ok(&more);
    assert_eq!(session(&world).credits, [Credit { receipt: 1, amount: (OPEN + 1).to_string() }]);
}

#[test]
fn a_credit_of_a_settled_receipt_or_a_closed_session_or_one_too_many_is_refused() {
    let mut world = World::new();
    know_key(&mut world, SERVER);
    world.settle_honestly();
    let late = present(&world, &note(&world, 1, 1), SERVER);
    assert_eq!(world.code(&late), ("attribution", 23));
    for receipt in (2..18).rev() {
        let msg = present(&world, &note(&world, receipt, 1), SERVER);
        world.ok(&msg);
    }
    let ascending: Vec<_> = session(&world).credits.iter().map(|credit| credit.receipt).collect();
    assert_eq!(ascending, (2..18).collect::<Vec<_>>());
    let much = present(&world, &note(&world, 18, 1), SERVER);
    assert_eq!(world.code(&much), ("attribution", 23));
    world.ok(&MsgCloseSession { sender: text(SERVER), session: world.session });
    let closed = present(&world, &note(&world, 2, 2), SERVER);
    assert_eq!(world.code(&closed), ("attribution", 7));
}

#[test]
fn a_replacement_claims_for_the_receipts_with_the_credits_that_were_settled() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut lie = world.honest(&answer);
    lie.segments[0].source = 3;
    let mut settle = world.settle_msg(0, std::slice::from_ref(&lie), Check::ClaimsOnly);
    settle.receipts[0].credit = OPEN.to_string();
    let id = world.answer::<_, MsgSettleResponse>(&settle).unwrap().settlement;
    let evidence = world.prove(&answer, &lie, |prover| {
        let document = world.documents[&3].clone();
        openledger_provenance::dispute::Dispute::False(prover.open_byte(0, 0, Some(&document)).unwrap())
    });
    let commit = world.commit(DISPUTANT, id, &evidence);
    world.next_block();
    assert!(world.reveal(DISPUTANT, commit, &evidence).valid);
    world.blocks(REVEAL);
    assert_eq!(world.status(id), SettlementStatus::AwaitingReplacement);
    assert_eq!(record(&world).false_settlements, 1);
    let honest = world.honest(&answer);
    let mut msg = MsgReplaceClaim {
        maker: text(OTHER),
        settlement: id,
        receipts: vec![world.claimed(&answer, &honest, Check::Existence)],
        check: Check::Existence.into(),
        number: 0,
        salt: SALT.to_vec(),
    };
    world.commit_replacement(&mut msg, &[(answer.clone(), honest.clone())]);
    assert_eq!(world.code(&msg), ("attribution", 4), "without the credit the pool would be another");
    msg.receipts[0].credit = OPEN.to_string();
    world.ok(&msg);
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(id), SettlementStatus::Paid);
}

/// The voucher over all answers, signed by the payer's account as a wallet signs an ADR-036 document of this signer over this text.
fn wallet_voucher(world: &World, signer: &str, change: impl Fn(String) -> String) -> Voucher {
    let leaves: Vec<_> = world.answers.iter().map(|answer| answer.receipt.leaf()).collect();
    let fees = world.answers.iter().map(|answer| Uint256::from_be_bytes(answer.receipt.fee));
    let cumulative = fees.fold(Uint256::zero(), |sum, fee| sum + fee);
    let signed = Signed {
        chain_id: CHAIN_ID,
        session: world.session,
        deployment: world.deployment,
        count: leaves.len() as u64,
        cumulative_fee: cumulative.to_be_bytes(),
        receipts_root: root(&leaves),
    };
    let document = adr036_sign_bytes(signer, change(signed.text()).as_bytes());
    Voucher {
        count: signed.count,
        cumulative_fee: cumulative.to_string(),
        receipts_root: signed.receipts_root.to_vec(),
        signature: sign(&key(PAYER), &sha256(&[&document])),
    }
}

#[test]
fn a_wallet_signs_vouchers_as_adr_036_documents_of_its_own_account_alone() {
    let mut world = World::new();
    let mut open = world.open_session_msg(100 * OPEN);
    open.adr036 = true;
    assert_eq!(world.code(&open), ("attribution", 8), "a session key beside it");
    open.voucher_key = Vec::new();
    assert_eq!(world.code(&open), ("attribution", 8), "the account's key is not known");
    know_key(&mut world, PAYER);
    world.session = world.answer::<_, MsgOpenSessionResponse>(&open).unwrap().session;
    assert_eq!(session(&world).voucher_key, key(PAYER).verifying_key().to_sec1_bytes().to_vec());
    let mut answer = world.say(b"?", &world.two_authors());
    answer.receipt.corpus_height = world.block.height;
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    let mut msg = world.settle_msg(0, &[claim], Check::Existence);
    assert_eq!(world.code(&msg), ("attribution", 8), "signed by another key");
    let own = text(PAYER);
    for (signer, change) in [
        (text(OTHER), (|text| text) as fn(String) -> String),
        (own.clone(), |text| text.replace("receipts 1", "receipts 2")),
        (own.clone(), |text| text.trim_end().into()),
        (own.clone(), |text| text.replace(CHAIN_ID, "openledger-test-2")),
    ] {
        msg.voucher = Some(wallet_voucher(&world, &signer, change));
        assert_eq!(world.code(&msg), ("attribution", 8));
    }
    msg.voucher = Some(wallet_voucher(&world, &own, |text| text));
    world.ok(&msg);
    assert_eq!(world.code(&msg), ("attribution", 8), "once");
}

#[test]
fn the_vectors_document_is_the_one_that_wallets_sign() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../provenance/vectors/voucher.json")).unwrap();
    let vector = &vectors["adr036"];
    let (signer, signed) = (vector["signer"].as_str().unwrap(), vector["text"].as_str().unwrap());
    let document = adr036_sign_bytes(signer, signed.as_bytes());
    assert_eq!(vector["document"].as_str().unwrap().as_bytes(), document);
}

#[test]
fn an_undeclared_sources_share_is_of_the_fee_without_its_credit() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = world.honest(&answer);
    let mut settle = world.settle_msg(0, std::slice::from_ref(&claim), Check::ClaimsOnly);
    settle.receipts[0].credit = OPEN.to_string();
    let settlement = world.answer::<_, MsgSettleResponse>(&settle).unwrap().settlement;
    let mut msg = MsgClaimUndeclared {
        claimant: text(OTHER),
        settlement,
        receipt: world.receipt_of(&[(answer, claim)], 0),
        segments: settle.receipts[0].segments.clone(),
        start: 101,
        count: 225,
        contribution: 99,
        ..MsgClaimUndeclared::default()
    };
    assert_eq!(world.code(&msg), ("attribution", 22), "the settlement's credits are missing");
    msg.credits = vec![Credit { receipt: 1, amount: (OPEN - 1).to_string() }];
    assert_eq!(world.code(&msg), ("attribution", 22), "or others");
    msg.credits = vec![Credit { receipt: 1, amount: OPEN.to_string() }];
    assert_eq!(world.code(&msg), ("attribution", 2), "there is no contribution 99");
}

#[test]
fn a_payout_proof_is_of_a_contribution_or_a_receipt_of_the_settlement() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let ask = |world: &World, contribution, receipt| {
        let request = QueryPayoutProofRequest { settlement, contribution, receipt };
        world.ask::<QueryPayoutProofResponse>("PayoutProof", &request)
    };
    let of_receipt = ask(&world, 0, 1).unwrap();
    assert_eq!((of_receipt.keys.len(), of_receipt.height), (2, world.block.height));
    assert!(of_receipt.needs.iter().any(|need| need.contains("receipt 1 alone")));
    assert_eq!(of_receipt.settlement.unwrap(), world.settlement(settlement));
    let of_author = ask(&world, 1, 0).unwrap();
    assert_eq!(of_author.row, world.rows(settlement)[&1].to_string());
    assert_eq!(of_author.keys.len(), 5, "settlement, parameters, earnings, what is owed, the balance");
    for (contribution, receipt) in [(0, 0), (1, 1), (0, 2)] {
        assert!(ask(&world, contribution, receipt).is_err());
    }
}
