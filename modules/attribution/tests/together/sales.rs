//! What is done with outputs: sold, settled, shown to have undeclared sources, paid; and what governance changes meanwhile.

use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_provenance::canonical::{canonical_claim, Class, Source};
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;

use crate::common::*;
use crate::{governance, params, pick, Case, Sold, Step, HIDDEN, WHOSE};

impl Case<'_> {
    /// Sells words of the works 4, 5 and 7, honestly.
    pub(crate) fn sell(&mut self, step: &Step) {
        let document = |seq: u64| self.world.documents[&seq].clone();
        let output = [&document(4)[100..200], &document(5)[50..150], &document(HIDDEN)[..400]].concat();
        let mut answer = self.world.say(b"?", &output);
        answer.receipt.model_version = self.version;
        *self.world.answers.last_mut().unwrap() = answer.clone();
        self.world.next_block();
        let claim = self.true_claim(&answer);
        let check = if step.a.is_multiple_of(2) { Check::Existence } else { Check::ClaimsOnly };
        let credit = self.credit(step, &answer);
        let mut msg = self.world.settle_msg(self.world.answers.len() - 1, std::slice::from_ref(&claim), check);
        msg.receipts[0].credit = credit.to_string();
        let settled = self.world.answer::<_, MsgSettleResponse>(&msg);
        self.note("settle", settled.is_ok());
        match settled {
            Ok(MsgSettleResponse { settlement }) => self.sold.push(Sold { settlement, answer, claim, credit }),
            Err(_) => drop(self.world.answers.pop()),
        }
    }

    /// By all that is in the corpus of the answer's height.
    fn true_claim(&mut self, answer: &Answer) -> Claim {
        let (keeper, height) = (self.world.keeper, answer.receipt.corpus_height);
        let seqs: Vec<u64> = self.world.documents.keys().copied().collect();
        let classes: Vec<Option<Class>> = self.world.with(|ctx| {
            let class = |seq: &u64| {
                let found = keeper.datanets.contribution(ctx, *seq).unwrap().unwrap();
                let commons = keeper.datanets.is_chain_commons(ctx, *seq, height).unwrap();
                let class = if commons { Some(Class::Commons) } else { (*seq < HIDDEN).then_some(Class::Contribution) };
                class.filter(|_| !found.is_tombstoned_at(height))
            };
            seqs.iter().map(class).collect()
        });
        let there = self.world.documents.iter().zip(classes);
        let sources: Vec<_> =
            there.filter_map(|((seq, bytes), class)| Some(Source { seq: *seq, class: class?, bytes })).collect();
        canonical_claim(&answer.transcript, answer.receipt.prompt_len, &sources)
    }

    pub(crate) fn show_undeclared(&mut self, step: &Step) {
        let Some(Sold { settlement, answer, claim, credit }) = self.sold.last().cloned() else { return };
        let credits = match credit.is_zero() {
            true => Vec::new(),
            false => vec![Credit { receipt: answer.receipt.index, amount: credit.to_string() }],
        };
        let settled = [(answer, claim)];
        let (start, count) = (200 + (step.a % 20) as u32, 300);
        let document = self.world.documents[&HIDDEN].clone();
        let shown = self
            .world
            .with_prover(&settled, 0, |prover| prover.open_undeclared(start, count, start - 200, &document).unwrap());
        let segment = |s: &openledger_provenance::claim::Segment| Segment {
            start: s.start,
            count: s.count,
            source: s.source,
            offset: s.offset,
        };
        let msg = MsgClaimUndeclared {
            claimant: text(OTHER),
            settlement,
            receipt: self.world.receipt_of(&settled, 0),
            segments: settled[0].1.segments.iter().map(segment).collect(),
            start,
            count,
            contribution: HIDDEN,
            offset: start - 200,
            transcript: shown.transcript.encode(),
            source: shown.source.encode(),
            credits,
        };
        self.tried("show an undeclared source", &msg);
    }

    pub(crate) fn claim_all(&mut self, step: &Step) {
        let (who, seq) =
            *pick(&[(32, 5), (WHOSE, 4), (FIRST_AUTHOR, 1), (33, 6), (SERVER, 5), (MODEL_OWNER, 4)], step.a);
        self.tried("claim", &MsgClaim { claimant: text(who), recipient: String::new() });
        self.tried("claim a baseline", &datanet::MsgClaimBaseline { author: text(who), seqs: vec![seq] });
    }

    pub(crate) fn govern(&mut self, step: &Step) {
        match step.a % 3 {
            0 => {
                let params = Params { rows_per_block: 1 + (step.b % 6) as u32, ..demo_params() };
                self.tried("set rows", &MsgUpdateParams { authority: governance(), params: Some(params) });
            }
            1 => {
                let msg = params(&mut self.world, 1 + step.b);
                self.tried("set a period", &msg);
            }
            _ => {
                let (authority, seq, reason) = (governance(), self.any_work(step.b), "a notice".into());
                self.tried("tombstone", &datanet::MsgTombstone { authority, seq, reason });
            }
        }
    }
}
