//! Copies: what comes later earns nothing that is not its own, however it was changed, and nobody loses a work to a lucky draw.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_datanet::{Payee, Status};
use openledger_proto::openledger::datanet::v1::*;
use openledger_provenance::codec::Encode;
use openledger_provenance::duplicate::{prove, Proof};

use crate::chain::*;

/// Text of its own for each number.
pub fn prose(number: u64, len: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'a' + (state % 26) as u8
    };
    (0..len).map(|_| letter()).collect()
}

fn disputed(chain: &mut Chain, disputant: u8, seq: u64) -> u64 {
    let commit = MsgCommitDuplicate { disputant: name(disputant), seq };
    let id = chain.deliver(&commit).unwrap().dispute_id;
    chain.next_block();
    chain.next_block();
    id
}

fn seed(chain: &Chain, id: u64) -> [u8; 32] {
    let answer: QueryDuplicateResponse = chain.query("Duplicate", &QueryDuplicateRequest { dispute_id: id }).unwrap();
    assert_eq!(answer.regions.len(), 16);
    answer.seed.try_into().unwrap()
}

fn proof(chain: &Chain, id: u64, later: &[u8], earlier: &[(u64, &[u8])]) -> Option<Proof> {
    prove(later, &seed(chain, id), earlier).unwrap()
}

fn shown(disputant: u8, id: u64, proof: &Proof) -> MsgRevealDuplicate {
    MsgRevealDuplicate { disputant: name(disputant), dispute_id: id, proof: proof.encode() }
}

fn paid(chain: &mut Chain, seq: u64) -> Vec<(Payee, u32)> {
    let keeper = chain.keeper;
    keeper.payees(&chain.ctx(), seq).unwrap()
}

fn to(author: u8) -> Vec<(Payee, u32)> {
    vec![(Payee::Account(account(author)), 10_000)]
}

/// Disputes a copy and shows it.
pub fn ruled(chain: &mut Chain, disputant: u8, (later, copy): (u64, &[u8]), (source, text): (u64, &[u8])) {
    let dispute = disputed(chain, disputant, later);
    let proof = proof(chain, dispute, copy, &[(source, text)]).unwrap();
    chain.deliver(&shown(disputant, dispute, &proof)).unwrap();
}

/// Commits a copy after its source, disputes and shows it; who is paid for it then.
fn caught(copy: &[u8], source: &[u8]) -> Vec<(Payee, u32)> {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let first = chain.accepted(id, 2, source);
    let later = chain.accepted(id, 3, copy);
    assert_eq!(paid(&mut chain, later), to(3));
    let dispute = disputed(&mut chain, 4, later);
    let proof = proof(&chain, dispute, copy, &[(first, source)]).unwrap();
    let answer = chain.deliver(&shown(4, dispute, &proof)).unwrap();
    assert_eq!((answer.ruled, answer.source), (true, first));
    assert_eq!(chain.balance(&account(4)).to_string(), PURSE.to_string(), "the bond came back");
    paid(&mut chain, later)
}

#[test]
fn a_copy_whole_in_part_behind_a_newline_or_edited_every_31_bytes_pays_the_first_author() {
    let source = prose(1, 3_000);
    let edited: Vec<u8> = source.iter().enumerate().map(|(i, b)| if i % 31 == 30 { b'!' } else { *b }).collect();
    let inserted: Vec<u8> = source.chunks(31).flat_map(|part| [part, b"!"].concat()).collect();
    let newline = [b"\n", &source[..]].concat();
    for copy in [newline, source[500..2_000].to_vec(), edited, inserted] {
        assert_eq!(caught(&copy, &source), to(2));
    }
}

#[test]
fn the_very_same_bytes_are_refused_by_the_datanet_and_caught_in_another() {
    let mut chain = Chain::new();
    let (one, other) = (chain.datanet(), chain.datanet());
    let source = prose(1, 1_000);
    let first = chain.accepted(one, 2, &source);
    let again = chain.pending(one, 3, &source);
    assert_eq!(code(chain.deliver(&review(again, 1, Some(SCORE)))), 19);
    let later = chain.accepted(other, 3, &source);
    let dispute = disputed(&mut chain, 4, later);
    let proof = proof(&chain, dispute, &source, &[(first, &source)]).unwrap();
    chain.deliver(&shown(4, dispute, &proof)).unwrap();
    assert_eq!(paid(&mut chain, later), to(2));
}

#[test]
fn whoever_copies_from_the_mempool_comes_later_and_an_earlier_work_is_never_a_copy() {
    let mut chain = Chain::new();
    let (one, other) = (chain.datanet(), chain.datanet());
    let source = prose(1, 1_000);
    // The author commits, hidden; the copycat sees the reveal and commits the same bytes, is revealed and accepted first.
    let first = chain.commit(one, 2, &source);
    chain.next_block();
    let later = chain.commit(other, 3, &source);
    chain.next_block();
    chain.deliver(&reveal(later, 3, &source)).unwrap();
    chain.deliver(&review(later, 1, Some(SCORE))).unwrap();
    chain.deliver(&reveal(first, 2, &source)).unwrap();
    chain.deliver(&review(first, 1, Some(SCORE))).unwrap();
    let backwards = disputed(&mut chain, 3, first);
    let turned = proof(&chain, backwards, &source, &[(later, &source)]).unwrap();
    assert_eq!(code(chain.deliver(&shown(3, backwards, &turned))), 66, "a later work is nobody's source");
    let dispute = disputed(&mut chain, 2, later);
    let proof = proof(&chain, dispute, &source, &[(first, &source)]).unwrap();
    chain.deliver(&shown(2, dispute, &proof)).unwrap();
    assert_eq!((paid(&mut chain, first), paid(&mut chain, later)), (to(2), to(2)));
}

#[test]
fn a_work_made_of_several_pays_the_baseline_and_a_single_earlier_source_overrules_that() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let (one, other) = (prose(1, 2_000), prose(2, 2_000));
    let mixed: Vec<u8> = one.chunks(250).zip(other.chunks(250)).flat_map(|(a, b)| [a, b].concat()).collect();
    let whole = chain.accepted(id, 5, &mixed);
    let (first, second) = (chain.accepted(id, 2, &one), chain.accepted(id, 3, &other));
    let later = chain.accepted(id, 4, &[b"\n", &mixed[..]].concat());
    let text = [b"\n", &mixed[..]].concat();
    let dispute = disputed(&mut chain, 6, later);
    let several = proof(&chain, dispute, &text, &[(first, &one), (second, &other)]).unwrap();
    let answer = chain.deliver(&shown(6, dispute, &several)).unwrap();
    assert_eq!((answer.ruled, answer.source), (true, 0));
    assert_eq!(paid(&mut chain, later), [(Payee::Baseline, 10_000)]);
    let dispute = disputed(&mut chain, 7, later);
    let single = proof(&chain, dispute, &text, &[(whole, &mixed)]).unwrap();
    let answer = chain.deliver(&shown(7, dispute, &single)).unwrap();
    assert_eq!((answer.ruled, answer.source), (true, whole));
    assert_eq!(paid(&mut chain, later), to(5));
}

#[test]
fn a_ruling_changes_only_towards_an_earlier_source_and_the_second_honest_disputant_loses_nothing() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let text = prose(1, 1_500);
    let copies = [text.clone(), [b"1", &text[..]].concat(), [b"22", &text[..]].concat()];
    let seqs: Vec<u64> = copies.iter().zip(2..).map(|(copy, author)| chain.accepted(id, author, copy)).collect();
    let (first, second, later) = (seqs[0], seqs[1], seqs[2]);
    let dispute = |chain: &mut Chain, source: u64, bytes: &[u8]| {
        let dispute = disputed(chain, 7, later);
        let proof = proof(chain, dispute, &copies[2], &[(source, bytes)]).unwrap();
        chain.deliver(&shown(7, dispute, &proof)).unwrap().ruled
    };
    assert!(dispute(&mut chain, second, &copies[1]));
    assert_eq!(paid(&mut chain, later), to(3));
    assert!(!dispute(&mut chain, second, &copies[1]));
    assert!(dispute(&mut chain, first, &copies[0]), "an earlier source");
    assert!(!dispute(&mut chain, second, &copies[1]), "not back to a later one");
    assert_eq!(paid(&mut chain, later), to(2));
    assert_eq!(chain.balance(&account(7)).to_string(), PURSE.to_string());
    let (keeper, who) = (chain.keeper, account(7));
    let entry = keeper.contributors.entry(&chain.ctx(), &who, 0).unwrap().unwrap();
    assert_eq!(entry.kind, ObjectKind::Duplicate as u8, "no demand of a settlement's claims has its number");
    let outcomes = chain.outcomes(7);
    let count = |outcome: Outcome| outcomes.iter().filter(|one| i32::from(**one) == outcome as i32).count();
    assert_eq!(
        (count(Outcome::Confirmed), count(Outcome::Closed)),
        (1, 3),
        "a work's first ruling is worth reputation"
    );
}

#[test]
fn a_copy_of_a_copy_pays_whom_its_source_pays_and_a_copys_corrections_earn_nothing_more() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(crate::pointers::sharing())).unwrap().datanet_id;
    let text = prose(1, 1_500);
    let copy = [b"1", &text[..]].concat();
    let again = [b"2", &copy[..]].concat();
    let (first, second, third) =
        (chain.accepted(id, 2, &text), chain.accepted(id, 3, &copy), chain.accepted(id, 4, &again));
    // The copycat's accomplice corrects the copy.
    let accomplice = crate::pointers::pointing(&mut chain, id, 5, b"so good", PointerKind::Correction, second);
    chain.deliver(&review(accomplice, 1, Some(10_000))).unwrap();
    assert_eq!(paid(&mut chain, second).len(), 2);
    for (later, bytes, source, of) in [(third, &again, second, &copy), (second, &copy, first, &text)] {
        let dispute = disputed(&mut chain, 7, later);
        let proof = proof(&chain, dispute, bytes, &[(source, of)]).unwrap();
        chain.deliver(&shown(7, dispute, &proof)).unwrap();
    }
    assert_eq!((paid(&mut chain, second), paid(&mut chain, third)), (to(2), to(2)));
}

#[test]
fn a_ruling_ends_the_copys_share_of_the_baseline_and_takes_nothing_that_was_earned() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let (source, copy) = (prose(1, 1_000), [b"\n", &prose(1, 1_000)[..]].concat());
    let (first, later) = (chain.accepted(id, 2, &source), chain.accepted(id, 3, &copy));
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    let dispute = disputed(&mut chain, 4, later);
    let proof = proof(&chain, dispute, &copy, &[(first, &source)]).unwrap();
    chain.deliver(&shown(4, dispute, &proof)).unwrap();
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!((chain.owed(first), chain.owed(later)), ("1500".into(), "500".into()));
    assert_eq!(chain.contribution(later).status, Status::Accepted, "what is attributed does not change");
}

#[test]
fn who_cannot_show_it_in_time_loses_the_bond_and_draws_cannot_be_collected() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let (one, other) = (chain.accepted(id, 2, &prose(1, 1_000)), chain.accepted(id, 3, &prose(2, 1_000)));
    let dispute = disputed(&mut chain, 4, other);
    assert!(proof(&chain, dispute, &prose(2, 1_000), &[(one, &prose(1, 1_000))]).is_none(), "a work of its own");
    let lie = proof(&chain, dispute, &prose(2, 1_000), &[(one, &prose(2, 1_000))]).unwrap();
    assert_eq!(code(chain.deliver(&shown(4, dispute, &lie))), 66, "openings of another document");
    let own = proof(&chain, dispute, &prose(2, 1_000), &[(other, &prose(2, 1_000))]).unwrap();
    assert_eq!(code(chain.deliver(&shown(4, dispute, &own))), 66, "a work is not its own source");
    for _ in 0..20 {
        chain.next_block();
    }
    assert_eq!(code(chain.deliver(&shown(4, dispute, &own))), 65);
    assert_eq!(chain.balance(&account(4)).to_string(), (PURSE - 10 * OPEN).to_string(), "burnt");
    assert_eq!(paid(&mut chain, other), to(3));
}

#[test]
fn a_dispute_is_shown_after_its_draw_by_its_disputant_alone() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let (source, copy) = (prose(1, 1_000), [b"\n", &prose(1, 1_000)[..]].concat());
    let (first, later) = (chain.accepted(id, 2, &source), chain.accepted(id, 3, &copy));
    let dispute = chain.deliver(&MsgCommitDuplicate { disputant: name(4), seq: later }).unwrap().dispute_id;
    let early = prove(&copy, &[0; 32], &[(first, &source)]).unwrap().unwrap();
    assert_eq!(code(chain.deliver(&shown(4, dispute, &early))), 64);
    chain.next_block();
    assert_eq!(code(chain.deliver(&shown(4, dispute, &early))), 64, "its draw is this block's end");
    chain.next_block();
    assert_eq!(code(chain.deliver(&shown(4, dispute, &early))), 66, "another draw's regions");
    let good = proof(&chain, dispute, &copy, &[(first, &source)]).unwrap();
    assert_eq!(code(chain.deliver(&shown(5, dispute, &good))), 63);
    assert_eq!(code(chain.deliver(&shown(4, 9, &good))), 62);
    let cut = MsgRevealDuplicate { proof: vec![16, 1, 2], ..shown(4, dispute, &good) };
    assert_eq!(code(chain.deliver(&cut)), 66);
    chain.deliver(&shown(4, dispute, &good)).unwrap();
    assert_eq!(code(chain.deliver(&shown(4, dispute, &good))), 65, "once");
}

#[test]
fn what_is_not_paid_or_too_short_to_judge_is_not_disputed() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let short = chain.accepted(id, 2, &prose(1, 63));
    let pending = chain.pending(id, 2, &prose(2, 500));
    for seq in [short, pending] {
        assert_eq!(code(chain.deliver(&MsgCommitDuplicate { disputant: name(4), seq })), 61);
    }
    assert_eq!(code(chain.deliver(&MsgCommitDuplicate { disputant: name(4), seq: 99 })), 8);
}

#[test]
fn rejected_withdrawn_and_own_works_are_no_sources() {
    let mut chain = Chain::new();
    let (one, other) = (chain.datanet(), chain.datanet());
    let text = prose(1, 1_000);
    let rejected = chain.pending(one, 2, &text);
    chain.deliver(&review(rejected, 1, None)).unwrap();
    let own = chain.accepted(one, 3, &text);
    let later = chain.accepted(other, 3, &text);
    let dispute = disputed(&mut chain, 4, later);
    for source in [rejected, own] {
        let proof = proof(&chain, dispute, &text, &[(source, &text)]).unwrap();
        assert_eq!(code(chain.deliver(&shown(4, dispute, &proof))), 66);
    }
}

#[test]
fn rulings_over_one_s_own_copies_in_a_datanet_of_one_s_own_are_worth_nothing_elsewhere() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let text = prose(1, 1_500);
    // A row of copies by accomplices, each an earlier source of all that follow.
    let copies: Vec<Vec<u8>> = (0..4).map(|mark| [&vec![b'!'; mark][..], &text].concat()).collect();
    let seqs: Vec<u64> = copies.iter().zip(2..).map(|(copy, author)| chain.accepted(id, author, copy)).collect();
    for later in 1..4 {
        for source in (0..later).rev() {
            ruled(&mut chain, 7, (seqs[later], &copies[later]), (seqs[source], &copies[source]));
        }
    }
    let (keeper, who) = (chain.keeper, account(7));
    let points = |chain: &mut Chain, scope| keeper.contributors.reputation(&chain.ctx(), &who, scope, Role::Watcher);
    assert_eq!(points(&mut chain, 0).unwrap(), 0, "on the whole chain");
    // A unit of it has decayed by now.
    let found = points(&mut chain, id).unwrap();
    assert!((5_990..=6_000).contains(&found), "one for each copy, not for each pair: {found}");
}
