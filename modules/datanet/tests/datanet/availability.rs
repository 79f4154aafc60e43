//! Contents that somebody asks for: shown in time, shown late, never shown.

use openledger_datanet::Payee;
use openledger_proto::openledger::contributor::v1::IncomeKind;
use openledger_proto::openledger::datanet::v1::*;
use openledger_provenance::content::{tree, ContentOpening};

use crate::chain::*;
use crate::duplicates::prose;

/// Blocks in which a challenge is answered.
const ANSWER: u64 = 5;

/// A chain where challenges are answered soon and holds are short.
pub fn chain() -> Chain {
    Chain::with(|params| {
        let content = params.content.as_mut().unwrap();
        content.availability_answer_blocks = ANSWER;
        content.hold_seconds = 1_000;
        content.custody_notice_seconds = 50;
    })
}

fn ask(challenger: u8, seq: u64, chunk: u32) -> MsgChallengeAvailability {
    MsgChallengeAvailability { challenger: name(challenger), seq, chunk }
}

fn show(answerer: u8, seq: u64, chunk: u32, content: &[u8]) -> MsgAnswerAvailability {
    let offset = u64::from(chunk) * 256;
    let len = (content.len() as u64 - offset).min(256);
    let opening = ContentOpening::prove(&tree(content), content, offset, len).unwrap();
    let path = opening.path.iter().map(|hash| hash.to_vec()).collect();
    MsgAnswerAvailability { answerer: name(answerer), seq, chunk, bytes: opening.bytes, path }
}

fn first_payee(chain: &mut Chain, seq: u64) -> Payee {
    let keeper = chain.keeper;
    keeper.payees(&chain.ctx(), seq).unwrap().remove(0).0
}

fn held(chain: &Chain, datanet: u64, version: u32) -> Vec<u64> {
    let request = QueryVersionContributionsRequest { datanet_id: datanet, version, pagination: None };
    let answer: QueryVersionContributionsResponse = chain.query("VersionContributions", &request).unwrap();
    answer.contributions.iter().map(|contribution| contribution.seq).collect()
}

#[test]
fn whoever_shows_a_chunk_in_time_has_the_deposit() {
    let mut chain = chain();
    let id = chain.datanet();
    let text = prose(1, 1_000);
    let seq = chain.accepted(id, 2, &text);
    let deadline = chain.deliver(&ask(4, seq, 3)).unwrap().deadline;
    assert_eq!(deadline, chain.block.height + ANSWER);
    assert_eq!(code(chain.deliver(&ask(5, seq, 3))), 68, "one at a time a chunk");
    chain.deliver(&ask(5, seq, 0)).unwrap();
    for _ in 0..ANSWER {
        chain.next_block();
    }
    let answer = chain.deliver(&show(6, seq, 3, &text)).unwrap();
    assert_eq!((answer.paid.unwrap().amount, answer.available), (OPEN.to_string(), true), "in the last block");
    assert_eq!(chain.balance(&account(6)).to_string(), (PURSE + OPEN).to_string());
    assert_eq!(chain.balance(&account(4)).to_string(), (PURSE - OPEN).to_string());
    assert_eq!(code(chain.deliver(&show(6, seq, 3, &text))), 69, "once");
    assert_eq!(chain.statement(6), [(IncomeKind::Availability, OPEN.to_string())]);
    chain.next_block();
    let late = chain.deliver(&show(7, seq, 0, &text)).unwrap();
    assert_eq!((late.paid.unwrap().amount.as_str(), chain.statement(7), chain.statement(4)), ("0", vec![], vec![]));
}

#[test]
fn what_nobody_shows_waits_for_its_pay_and_the_next_version_leaves_it_out() {
    let mut chain = chain();
    let id = chain.datanet();
    let (text, other) = (prose(1, 1_000), prose(2, 1_000));
    let (seq, second) = (chain.accepted(id, 2, &text), chain.accepted(id, 3, &other));
    let one = chain.freeze(id);
    for chunk in [0, 2] {
        chain.deliver(&ask(4, seq, chunk)).unwrap();
    }
    for _ in 0..=ANSWER {
        chain.next_block();
    }
    assert_eq!(chain.balance(&account(4)).to_string(), PURSE.to_string(), "deposits came back");
    assert_eq!(first_payee(&mut chain, seq), Payee::Held);
    chain.credit_baseline(&[(id, one)], 1_000).unwrap();
    assert_eq!(code(chain.deliver(&MsgClaimBaseline { author: name(2), seqs: vec![seq] })), 72);
    let third = chain.accepted(id, 5, b"another work");
    let two = chain.freeze(id);
    assert_eq!(held(&chain, id, one), [seq, second], "what is frozen stays");
    assert_eq!(held(&chain, id, two), [second, third]);
    let inclusion = QueryVersionInclusionRequest { datanet_id: id, version: two, seq };
    assert!(chain.query::<_, QueryVersionInclusionResponse>("VersionInclusion", &inclusion).is_err());
    // Both chunks that were missed, by anybody, without a deposit.
    let first = chain.deliver(&show(6, seq, 0, &text)).unwrap();
    assert_eq!((first.paid.unwrap().amount.as_str(), first.available), ("0", false));
    assert!(chain.deliver(&show(2, seq, 2, &text)).unwrap().available);
    assert_eq!(first_payee(&mut chain, seq), Payee::Account(account(2)));
    chain.deliver(&MsgClaimBaseline { author: name(2), seqs: vec![seq] }).unwrap();
    chain.accepted(id, 5, b"one more work");
    let three = chain.freeze(id);
    assert_eq!(held(&chain, id, two), [second, third], "what is frozen stays");
    assert!(held(&chain, id, three).contains(&seq));
}

#[test]
fn one_that_is_found_again_before_a_version_is_never_left_out() {
    let mut chain = chain();
    let id = chain.datanet();
    let text = prose(1, 300);
    let seq = chain.accepted(id, 2, &text);
    chain.deliver(&ask(4, seq, 1)).unwrap();
    for _ in 0..=ANSWER {
        chain.next_block();
    }
    assert_eq!(chain.contribution(seq).left_out.len(), 1);
    chain.deliver(&show(2, seq, 1, &text)).unwrap();
    assert!(chain.contribution(seq).left_out.is_empty());
    let version = chain.freeze(id);
    assert_eq!(held(&chain, id, version), [seq]);
}

#[test]
fn pay_that_waits_longer_than_the_hold_is_the_baselines() {
    let mut chain = chain();
    let id = chain.datanet();
    let seq = chain.accepted(id, 2, &prose(1, 300));
    chain.deliver(&ask(4, seq, 0)).unwrap();
    for _ in 0..=ANSWER {
        chain.next_block();
    }
    let keeper = chain.keeper;
    let until = keeper.held_until(&chain.ctx(), seq).unwrap().unwrap();
    chain.block.time_seconds = until - 1;
    assert_eq!(first_payee(&mut chain, seq), Payee::Held);
    chain.block.time_seconds = until;
    assert_eq!(first_payee(&mut chain, seq), Payee::Baseline);
}

#[test]
fn wrong_bytes_wrong_chunks_and_wrong_paths_are_refused() {
    let mut chain = chain();
    let id = chain.datanet();
    let text = prose(1, 600);
    let seq = chain.accepted(id, 2, &text);
    chain.deliver(&ask(4, seq, 1)).unwrap();
    let good = show(5, seq, 1, &text);
    let bad = [
        MsgAnswerAvailability { bytes: text[..256].to_vec(), ..good.clone() },
        MsgAnswerAvailability { bytes: Vec::new(), ..good.clone() },
        MsgAnswerAvailability { bytes: text[256..511].to_vec(), ..good.clone() },
        MsgAnswerAvailability { path: Vec::new(), ..good.clone() },
        MsgAnswerAvailability { bytes: text[..257].to_vec(), ..good.clone() },
        MsgAnswerAvailability { path: vec![vec![0; 32]; 16], ..good.clone() },
    ];
    for (number, answer) in bad.iter().enumerate() {
        assert_eq!(code(chain.deliver(answer)), 70, "answer {number}");
    }
    assert_eq!(code(chain.deliver(&MsgAnswerAvailability { chunk: 2, ..good.clone() })), 69);
    let short = MsgAnswerAvailability { path: vec![vec![0; 31]], ..good.clone() };
    assert!(chain.deliver(&short).is_err());
    chain.deliver(&good).unwrap();
}

#[test]
fn what_answers_itself_or_is_not_there_to_answer_cannot_be_asked_for() {
    let mut chain = chain();
    let id = chain.datanet();
    let on_chain = chain.commit(id, 2, b"MIT License");
    chain.next_block();
    let shown = MsgRevealContribution { content: b"MIT License".to_vec(), ..reveal(on_chain, 2, b"MIT License") };
    chain.deliver(&shown).unwrap();
    chain.deliver(&review(on_chain, 1, Some(SCORE))).unwrap();
    let pending = chain.pending(id, 3, &prose(1, 300));
    let work = chain.accepted(id, 3, &prose(2, 300));
    for (seq, chunk) in [(on_chain, 0), (pending, 0), (work, 2), (work, u32::MAX)] {
        assert_eq!(code(chain.deliver(&ask(4, seq, chunk))), 67, "chunk {chunk} of {seq}");
    }
    let authority = openledger_auth::authority().to_string();
    chain.deliver(&ask(4, work, 0)).unwrap();
    chain.deliver(&MsgTombstone { authority, seq: work, reason: "notice".into() }).unwrap();
    assert_eq!(code(chain.deliver(&ask(4, work, 1))), 67);
    for _ in 0..=ANSWER {
        chain.next_block();
    }
    assert_eq!(chain.balance(&account(4)).to_string(), PURSE.to_string());
    let none: QueryChallengesResponse = chain.query("Challenges", &QueryChallengesRequest::default()).unwrap();
    assert!(none.challenges.is_empty(), "a tombstoned content is not asked for");
}

#[test]
fn more_deadlines_than_a_block_ends_wait_and_no_late_answer_has_a_deposit() {
    let mut chain = chain();
    let id = chain.datanet();
    let text = prose(1, 256 * 8);
    let seq = chain.accepted(id, 2, &text);
    for chunk in 0..8 {
        chain.deliver(&ask(4, seq, chunk)).unwrap();
    }
    for _ in 0..=ANSWER {
        chain.next_block();
    }
    let late = chain.deliver(&show(5, seq, 7, &text)).unwrap();
    assert_eq!(late.paid.unwrap().amount, "0", "its deadline has passed, wherever the queue stands");
    for _ in 0..3 {
        chain.next_block();
    }
    assert_eq!(chain.balance(&account(4)).to_string(), PURSE.to_string());
    for chunk in 0..7 {
        chain.deliver(&show(5, seq, chunk, &text)).unwrap();
    }
    assert_eq!(first_payee(&mut chain, seq), Payee::Account(account(2)));
}

#[test]
fn a_content_that_goes_missing_again_and_again_stays_out_in_the_end() {
    let mut chain = chain();
    let id = chain.datanet();
    let text = prose(1, 200);
    let seq = chain.accepted(id, 2, &text);
    for round in 0..18u8 {
        chain.deliver(&ask(4, seq, 0)).unwrap();
        for _ in 0..=ANSWER {
            chain.next_block();
        }
        chain.accepted(id, 3, &[round; 40]);
        chain.freeze(id);
        chain.deliver(&show(2, seq, 0, &text)).unwrap();
    }
    let contribution = chain.contribution(seq);
    assert_eq!(contribution.left_out.len(), 17);
    assert!(contribution.left_out[16].to.is_none());
    assert_eq!(first_payee(&mut chain, seq), Payee::Account(account(2)), "its pay does not wait");
}
