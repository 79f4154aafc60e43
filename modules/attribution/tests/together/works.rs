//! What is done with works: brought in, reviewed, overruled, asked for, named copies; and what councils and custodians do.

use openledger_datanet::governance::council;
use openledger_proto::openledger::datanet::v1::{self as datanet, RightsKind};
use openledger_proto::{Any, Message, Name};
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::ReviewCommit;
use openledger_provenance::content::{tree, ContentOpening};

use crate::common::*;
use crate::{council_of, governance, pick, Case, Step, Work, AUTHORS, CURATORS, HIDDEN, WHOSE};

impl Case<'_> {
    /// A work of a step's, or one that was there before.
    pub(crate) fn any_work(&self, number: u64) -> u64 {
        let all: Vec<u64> = (4..=HIDDEN).chain(self.works.iter().map(|work| work.seq)).collect();
        *pick(&all, number)
    }

    pub(crate) fn bring(&mut self, step: &Step) {
        let author = *pick(&AUTHORS, step.a);
        let mut how = Brought::to(1 + step.b % 3);
        let fresh = prose(1_000 + self.world.block.height, 300);
        let document = match step.c % 6 {
            0 => {
                how.rights = RightsKind::Custodial;
                fresh
            }
            1 | 2 => {
                // A copy of what was brought in last, with every 20th byte changed.
                let last = self.works.last().map_or(5, |work| work.seq);
                let mut copy = self.world.documents[&last].clone();
                copy.iter_mut().step_by(20).for_each(|byte| *byte = b'#');
                copy.push(self.world.block.height as u8);
                copy
            }
            3 => {
                how.datanet = 1;
                how.points_at = Some(datanet::Pointer { kind: 1 + (step.a % 4) as i32, seq: 5 });
                fresh
            }
            4 => self.world.answers.last().map_or(fresh, |answer| answer.transcript[1..].to_vec()),
            _ => fresh,
        };
        let brought = self.world.bring(author, &document, &how);
        self.note("bring in", brought.is_ok());
        if let Ok(seq) = brought {
            self.works.push(Work { seq, author, datanet: how.datanet });
        }
    }

    pub(crate) fn review(&mut self, step: &Step) {
        // What was brought in last is under review most likely.
        let Some(work) = self.works.iter().rev().nth(step.a as usize % 2) else { return };
        let (seq, accept, score) =
            (work.seq, !step.c.is_multiple_of(4), if !step.c.is_multiple_of(4) { 7_000 } else { 0 });
        let reviewer = if work.datanet == 1 { OWNER } else { *pick(&CURATORS, step.b) };
        if work.datanet < 3 {
            // One, or all that are left.
            let reviewers =
                if work.datanet == 2 && step.a.is_multiple_of(3) { CURATORS.to_vec() } else { vec![reviewer] };
            for reviewer in reviewers.into_iter().map(text) {
                let msg = datanet::MsgReviewContribution { reviewer, seq, accept, score, commons: false };
                self.tried("review", &msg);
            }
            return;
        }
        let who = address(reviewer);
        let (chain_id, salt) = (CHAIN_ID, SALT);
        let commit = ReviewCommit { chain_id, seq, reviewer: who.as_bytes(), accept, score, commons: false, salt };
        let commit = commit.hash().unwrap().to_vec();
        self.tried("commit a review", &datanet::MsgCommitReview { reviewer: text(reviewer), seq, commit });
    }

    pub(crate) fn reveal_reviews(&mut self, step: &Step) {
        let hidden: Vec<u64> = self.works.iter().filter(|work| work.datanet == 3).map(|work| work.seq).collect();
        let Some(seq) = hidden.last().copied() else { return };
        self.world.blocks(step.a % 8);
        for curator in CURATORS {
            for (accept, score) in [(true, 7_000), (false, 0)] {
                let (reviewer, salt) = (text(curator), SALT.to_vec());
                let msg = datanet::MsgRevealReview { reviewer, seq, accept, score, commons: false, salt };
                self.tried("reveal a review", &msg);
            }
        }
    }

    /// What the council of a datanet does with a message, as far as `member` may.
    fn council_does(&mut self, what: &'static str, datanet_id: u64, member: u8, message: Any) {
        let propose = datanet::MsgCreateProposal {
            proposer: text(member),
            datanet_id,
            title: "Do it".into(),
            messages: vec![message],
        };
        let done = self.world.answer::<_, datanet::MsgCreateProposalResponse>(&propose).and_then(|response| {
            let proposal_id = response.proposal_id;
            self.world.execute(&datanet::MsgVoteProposal { voter: text(member), proposal_id, yes: true })?;
            self.world.execute(&datanet::MsgExecuteProposal { executor: text(member), proposal_id })
        });
        self.note(what, done.is_ok());
    }

    pub(crate) fn overrule(&mut self, step: &Step) {
        // What was just brought in and reviewed is overruled (by a council what was under it), and more often what was not.
        let reviewed = step.b % 4 < 2;
        if step.b % 4 == 1 {
            self.tried("make a council", &council_of(2, text(OWNER)));
        }
        if reviewed {
            self.bring(&Step { b: 1, c: 5, ..step.clone() });
            self.review(&Step { a: 0, c: 1, ..step.clone() });
        }
        let curated = self.works.iter().rev().filter(|work| work.datanet > 1).map(|work| work.seq);
        let which = if reviewed { 0 } else { step.a as usize % 3 };
        let seq = curated.take(3).nth(which).unwrap_or(5);
        let reason = "it is junk".into();
        let ruling = |authority| datanet::MsgOverruleReview { authority, seq, reviewers: Vec::new(), reason };
        let datanet = self.works.iter().find(|work| work.seq == seq).map_or(1, |work| work.datanet);
        match step.b % 2 {
            0 => drop(self.tried("overrule", &ruling(governance()))),
            _ => {
                let message = ruling(council::address(datanet).to_string());
                let message = Any { type_url: datanet::MsgOverruleReview::type_url(), value: message.encode_to_vec() };
                self.council_does("overrule as a council", datanet, OTHER, message);
            }
        }
    }

    pub(crate) fn set_council(&mut self, step: &Step) {
        let datanet_id = 2 + step.a % 2;
        if step.b.is_multiple_of(2) {
            self.tried("make a council", &council_of(datanet_id, text(OWNER)));
            return;
        }
        if step.b % 4 == 1 {
            self.tried("make a council", &council_of(datanet_id, text(OWNER)));
        }
        let message = council_of(datanet_id, council::address(datanet_id).to_string());
        let message = Any { type_url: datanet::MsgSetCouncil::type_url(), value: message.encode_to_vec() };
        self.council_does("change a council", datanet_id, OTHER, message);
    }

    pub(crate) fn custody(&mut self, step: &Step) {
        let seq = self.any_work(step.a);
        match step.b % 4 {
            0 => drop(self.tried("prove custody", &datanet::MsgProveCustody { author: text(WHOSE), seq })),
            by => {
                if by == 3 {
                    // What is ended is a grant that waits.
                    let (authority, account, statement) = (text(OWNER), text(OTHER), "said so".into());
                    let msg = datanet::MsgGrantCustody { authority, seq: 4, account, statement };
                    self.tried("grant custody", &msg);
                }
                let seq = if by == 3 { 4 } else { seq };
                let authority = if by == 1 { text(OWNER) } else { governance() };
                let account = if by == 3 { String::new() } else { text(OTHER) };
                let statement = "https://example.org".into();
                let msg = datanet::MsgGrantCustody { authority, seq, account, statement };
                self.tried(if by == 3 { "end custody" } else { "grant custody" }, &msg);
            }
        }
    }

    pub(crate) fn ask_for(&mut self, step: &Step) {
        let (seq, chunk) = (self.any_work(step.a), (step.b % 2) as u32);
        self.tried("ask for a chunk", &datanet::MsgChallengeAvailability { challenger: text(OTHER), seq, chunk });
    }

    pub(crate) fn show_chunk(&mut self, step: &Step) {
        let (seq, chunk) = (self.any_work(step.a), (step.b % 2) as u32);
        if step.c.is_multiple_of(2) {
            self.tried("ask for a chunk", &datanet::MsgChallengeAvailability { challenger: text(OTHER), seq, chunk });
        }
        let document = self.world.documents[&seq].clone();
        let offset = u64::from(chunk) * 256;
        let len = (document.len() as u64).saturating_sub(offset).min(256);
        let Ok(opening) = ContentOpening::prove(&tree(&document), &document, offset, len) else { return };
        let path = opening.path.iter().map(|hash| hash.to_vec()).collect();
        let answerer = text(OTHER);
        let msg = datanet::MsgAnswerAvailability { answerer, seq, chunk, bytes: opening.bytes, path };
        self.tried("show a chunk", &msg);
    }

    pub(crate) fn name_copy(&mut self, step: &Step) {
        if step.b.is_multiple_of(2) {
            // A copy that was just accepted.
            self.bring(&Step { b: 0, c: 1, ..step.clone() });
            self.review(&Step { a: 0, c: 1, ..step.clone() });
        }
        let works: Vec<u64> = self.works.iter().map(|work| work.seq).collect();
        let Some(later) = works.iter().rev().nth(step.a as usize % 2).copied() else { return };
        let commit = datanet::MsgCommitDuplicate { disputant: text(DISPUTANT), seq: later };
        let committed = self.world.answer::<_, datanet::MsgCommitDuplicateResponse>(&commit);
        self.note("name a copy", committed.is_ok());
        let Ok(datanet::MsgCommitDuplicateResponse { dispute_id, .. }) = committed else { return };
        self.world.blocks(2);
        let request = datanet::QueryDuplicateRequest { dispute_id };
        let seed = self.world.ask_datanet::<datanet::QueryDuplicateResponse>("Duplicate", &request).seed;
        let documents = &self.world.documents;
        let earlier: Vec<(u64, &[u8])> =
            documents.range(..later).map(|(seq, bytes)| (*seq, bytes.as_slice())).collect();
        let seed = seed.as_slice().try_into().unwrap();
        let proof = openledger_provenance::duplicate::prove(&documents[&later], &seed, &earlier).unwrap();
        // Who cannot show it loses the bond.
        let Some(proof) = proof else { return };
        let reveal = datanet::MsgRevealDuplicate { disputant: text(DISPUTANT), dispute_id, proof: proof.encode() };
        self.tried("show a copy", &reveal);
    }
}
