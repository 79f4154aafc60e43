//! Somebody else's work: held until they show that it is theirs, the baseline's after the hold, theirs again from when they show it.

use openledger_core::Address;
use openledger_datanet::Payee;
use openledger_proto::openledger::datanet::v1::*;

use crate::availability::chain;
use crate::chain::*;

pub fn brought(chain: &mut Chain, datanet: u64, content: &[u8], author: &str) -> u64 {
    let seq = chain.commit(datanet, 2, content);
    chain.next_block();
    let rights = Rights { kind: RightsKind::Custodial.into(), on_behalf_of: author.into(), ..Default::default() };
    chain.deliver(&MsgRevealContribution { rights: Some(rights), ..reveal(seq, 2, content) }).unwrap();
    chain.deliver(&review(seq, 1, Some(SCORE))).unwrap();
    seq
}

fn payee(chain: &mut Chain, seq: u64) -> Payee {
    let keeper = chain.keeper;
    keeper.payees(&chain.ctx(), seq).unwrap().remove(0).0
}

fn claim(author: u8, seq: u64) -> MsgClaimBaseline {
    MsgClaimBaseline { author: name(author), seqs: vec![seq] }
}

fn grant(authority: String, seq: u64, account: &str) -> MsgGrantCustody {
    let statement = "https://example.org/statement".into();
    MsgGrantCustody { authority, seq, account: account.into(), statement }
}

fn governance() -> String {
    openledger_auth::authority().to_string()
}

#[test]
fn the_account_that_the_reveal_names_takes_over_what_is_held() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, b"hers", &name(5));
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 900).unwrap();
    assert_eq!(payee(&mut chain, seq), Payee::Held);
    assert_eq!(code(chain.deliver(&claim(2, seq))), 25);
    assert_eq!(code(chain.deliver(&claim(5, seq))), 25, "not before it is proven");
    assert_eq!(code(chain.deliver(&MsgProveCustody { author: name(2), seq })), 71);
    chain.deliver(&MsgProveCustody { author: name(5), seq }).unwrap();
    assert_eq!(payee(&mut chain, seq), Payee::Account(account(5)));
    assert_eq!(code(chain.deliver(&claim(2, seq))), 25);
    chain.deliver(&claim(5, seq)).unwrap();
    assert_eq!(chain.balance(&account(5)).to_string(), (PURSE + 900).to_string());
    assert_eq!(code(chain.deliver(&MsgProveCustody { author: name(5), seq })), 71, "once");
}

#[test]
fn who_brought_it_in_can_take_back_neither_it_nor_its_pay() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, b"hers", &name(5));
    assert_eq!(code(chain.deliver(&MsgWithdrawContribution { author: name(2), seq })), 9);
    assert_eq!(code(chain.deliver(&grant(name(1), seq, &name(2)))), 71, "nor have it granted");
    chain.deliver(&MsgProveCustody { author: name(5), seq }).unwrap();
    assert_eq!(code(chain.deliver(&MsgWithdrawContribution { author: name(2), seq })), 9);
    chain.deliver(&MsgWithdrawContribution { author: name(5), seq }).unwrap();
    assert_eq!(payee(&mut chain, seq), Payee::Baseline);
}

#[test]
fn an_owners_grant_counts_after_its_notice_and_governance_may_end_it_until_then() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, b"hers", "https://example.org/~ada");
    assert_eq!(code(chain.deliver(&MsgProveCustody { author: name(5), seq })), 71, "no account is named");
    assert_eq!(code(chain.deliver(&grant(name(3), seq, &name(5)))), 6);
    assert_eq!(code(chain.deliver(&grant(name(1), seq, ""))), 71);
    let from = chain.deliver(&grant(name(1), seq, &name(5))).unwrap().from_seconds;
    assert_eq!(from, chain.block.time_seconds + 50);
    assert_eq!(payee(&mut chain, seq), Payee::Held);
    assert_eq!(code(chain.deliver(&grant(name(1), seq, &name(6)))), 71, "a grant waits");
    chain.deliver(&grant(governance(), seq, "")).unwrap();
    assert_eq!(code(chain.deliver(&grant(governance(), seq, ""))), 71);
    chain.deliver(&grant(name(1), seq, &name(6))).unwrap();
    while chain.block.time_seconds < from + 60 {
        chain.next_block();
    }
    assert_eq!(payee(&mut chain, seq), Payee::Account(account(6)));
    assert_eq!(code(chain.deliver(&grant(governance(), seq, ""))), 71, "it counts");
}

#[test]
fn governances_grant_counts_at_once() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, b"hers", "Ada Lovelace");
    chain.deliver(&grant(governance(), seq, &name(5))).unwrap();
    assert_eq!(payee(&mut chain, seq), Payee::Account(account(5)));
    let module = Address::module("gov").to_string();
    assert!(chain.deliver(&grant(governance(), seq, &module)).is_err());
}

#[test]
fn after_the_hold_what_it_was_owed_goes_to_the_others_and_what_comes_to_the_baseline() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, &[1; 128], &name(5));
    let other = chain.accepted(id, 3, &[2; 128]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    let until = chain.block.time_seconds + 1_000;
    while chain.block.time_seconds <= until {
        chain.next_block();
    }
    assert_eq!((chain.owed(seq), chain.owed(other)), ("0".into(), "1000".into()));
    assert_eq!(payee(&mut chain, seq), Payee::Baseline);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!((chain.owed(seq), chain.owed(other)), ("0".into(), "2000".into()));
    // Late is better than never: from now on.
    chain.deliver(&MsgProveCustody { author: name(5), seq }).unwrap();
    assert_eq!(payee(&mut chain, seq), Payee::Account(account(5)));
}

#[test]
fn what_nobody_shares_after_a_hold_is_the_treasurys() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, &[1; 128], "Ada");
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    let until = chain.block.time_seconds + 1_000;
    while chain.block.time_seconds <= until {
        chain.next_block();
    }
    assert_eq!(chain.owed(seq), "0");
    let keeper = chain.keeper;
    assert_eq!(keeper.treasury(&chain.ctx(), id).unwrap().owed().unwrap().to_string(), "1000");
}

#[test]
fn a_rejected_or_withdrawn_content_may_come_again_and_takes_a_later_place() {
    let mut chain = chain();
    let id = chain.datanet();
    let rejected = chain.pending(id, 3, b"once more");
    chain.deliver(&review(rejected, 1, None)).unwrap();
    let again = chain.accepted(id, 3, b"once more");
    assert!(again > rejected);
    chain.deliver(&MsgWithdrawContribution { author: name(3), seq: again }).unwrap();
    let other = chain.pending(id, 4, b"once more");
    assert_eq!(code(chain.deliver(&review(other, 1, Some(SCORE)))), 19, "another's withdrawal is no gift");
    let third = chain.accepted(id, 3, b"once more");
    assert_eq!((payee(&mut chain, again), payee(&mut chain, third)), (Payee::Baseline, Payee::Account(account(3))));
    let fourth = chain.pending(id, 3, b"once more");
    assert_eq!(code(chain.deliver(&review(fourth, 1, Some(SCORE)))), 19, "not twice at a time");
}

#[test]
fn a_content_on_chain_burns_its_fee_by_the_byte() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = chain.commit(id, 2, b"MIT License");
    chain.next_block();
    let before = chain.balance(&account(2));
    let shown = MsgRevealContribution { content: b"MIT License".to_vec(), ..reveal(seq, 2, b"MIT License") };
    chain.deliver(&shown).unwrap();
    assert_eq!((before - chain.balance(&account(2))).to_string(), (11 * OPEN / 10_000).to_string());
}

#[test]
fn a_grant_that_is_ended_after_the_hold_leaves_no_share_that_nobody_can_claim() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = brought(&mut chain, id, &[1; 128], "Ada");
    let other = chain.accepted(id, 3, &[2; 128]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    let until = chain.block.time_seconds + 980;
    while chain.block.time_seconds < until {
        chain.next_block();
    }
    let from = chain.deliver(&grant(name(1), seq, &name(5))).unwrap().from_seconds;
    while chain.block.time_seconds < from - 10 {
        chain.next_block();
    }
    assert_eq!((payee(&mut chain, seq), chain.owed(seq)), (Payee::Held, "500".into()), "the grant waits");
    chain.deliver(&grant(governance(), seq, "")).unwrap();
    assert_eq!(payee(&mut chain, seq), Payee::Baseline);
    assert_eq!((chain.owed(seq), chain.owed(other)), ("0".into(), "1000".into()));
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!((chain.owed(seq), chain.owed(other)), ("0".into(), "2000".into()));
}
