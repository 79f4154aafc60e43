//! What an agent and its payer both keep of a session: its receipts in order, each with the parts' answers that it is made of, their fees'
//! sum and their root. Each side computes it for itself; the voucher is signed and checked over one's own numbers.

use std::collections::BTreeMap;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_core::coin::parse_amount;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::agent::{parts_root, AgentReceipt, Part};
use openledger_provenance::frontier::Frontier;
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use openledger_provenance::voucher::Voucher;
use serde::{Deserialize, Serialize};

use crate::wire::Said;

/// What a part may ask, pinned when the agent's session was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartPrice {
    /// The deployment.
    pub deployment: u64,
    /// Base units an answer.
    pub base_price: Uint256,
    /// Base units an output byte.
    pub byte_price: Uint256,
}

impl PartPrice {
    /// The most that an answer of this many bytes costs.
    pub fn price(&self, bytes: usize) -> Result<Uint256> {
        price((self.base_price, self.byte_price), bytes)
    }
}

/// The terms of an agent's session, as its opening pinned them on chain.
#[derive(Debug, Clone)]
pub struct AgentTerms {
    /// The chain.
    pub chain_id: String,
    /// The session.
    pub session: u64,
    /// Who answers.
    pub agent: u64,
    /// Base units an answer, besides the parts'.
    pub base_price: Uint256,
    /// Base units an output byte, besides the parts'.
    pub byte_price: Uint256,
    /// The parts, ascending by deployment.
    pub parts: Vec<PartPrice>,
    /// What was paid in.
    pub deposit: Uint256,
    /// The key that signs vouchers, 33 bytes.
    pub voucher_key: Vec<u8>,
    /// SHA-256 of the session's secret.
    pub secret_commitment: Vec<u8>,
    /// Receipts settled so far.
    pub settled: u64,
    /// How it is kept, and its parts' sessions with it.
    pub mode: i32,
}

impl AgentTerms {
    /// The terms of a session as the chain tells them.
    pub fn of(chain_id: &str, session: &pb::Session) -> Result<Self> {
        ensure!(session.agent != 0, "session {} is a deployment's, not an agent's", session.id);
        let part = |part: &pb::PartPrice| -> Result<PartPrice> {
            let (base_price, byte_price) = (parse_amount(&part.base_price)?, parse_amount(&part.byte_price)?);
            Ok(PartPrice { deployment: part.deployment, base_price, byte_price })
        };
        Ok(Self {
            chain_id: chain_id.into(),
            session: session.id,
            agent: session.agent,
            base_price: parse_amount(&session.base_price)?,
            byte_price: parse_amount(&session.byte_price)?,
            parts: session.parts.iter().map(part).collect::<Result<_>>()?,
            deposit: parse_amount(&session.deposit)?,
            voucher_key: session.voucher_key.to_vec(),
            secret_commitment: session.secret_commitment.to_vec(),
            settled: session.settled_count,
            mode: session.mode,
        })
    }

    /// The agent's own price of an answer of this many bytes.
    pub fn own_price(&self, bytes: usize) -> Result<Uint256> {
        price((self.base_price, self.byte_price), bytes)
    }

    /// The most that an answer of up to this many bytes may cost, its parts included.
    pub fn most(&self, bytes: usize) -> Result<Uint256> {
        let shares = shares(bytes, self.parts.len());
        let asked = self.parts.iter().zip(shares).filter(|(_, share)| *share > 0);
        asked.map(|(part, share)| part.price(share)).try_fold(self.own_price(bytes)?, |sum, price| {
            sum.checked_add(price?).context("the price exceeds 256 bits")
        })
    }
}

fn price((base, byte): (Uint256, Uint256), bytes: usize) -> Result<Uint256> {
    let price = byte.checked_mul(Uint256::from(bytes as u64)).and_then(|price| price.checked_add(base));
    price.context("the price exceeds 256 bits")
}

/// How many bytes of output each of `parts` is asked for where `bytes` are wanted: alike, the first ones one more. Who has none is not asked.
pub fn shares(bytes: usize, parts: usize) -> Vec<usize> {
    let count = parts.max(1);
    (0..parts).map(|place| bytes / count + usize::from(place < bytes % count)).collect()
}

/// What a part said for an answer, with all that shows its receipt to be of these words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartAnswer {
    /// The part.
    pub deployment: u64,
    /// The sub-session.
    pub session: u64,
    /// What it was asked.
    #[serde(with = "hex::serde")]
    pub prompt: Vec<u8>,
    /// What it said, and its receipt.
    pub said: Said,
    /// The key of the receipt's salts.
    #[serde(with = "hex::serde")]
    pub key: [u8; 32],
}

impl PartAnswer {
    /// As the agent's receipt names it.
    pub fn part(&self) -> Part {
        Part {
            deployment: self.deployment,
            session: self.session,
            receipt: self.said.index,
            fee: self.said.fee.to_be_bytes(),
        }
    }

    /// Checks that the part's receipt is of these words, and asks no more than was pinned.
    fn check(&self, terms: &AgentTerms) -> Result<()> {
        let (id, said) = (self.deployment, &self.said);
        let part = terms.parts.iter().find(|part| part.deployment == id);
        let part = part.with_context(|| format!("deployment {id} is no part of agent {}", terms.agent))?;
        let most = part.price(said.output.len())?;
        ensure!(said.fee <= most, "part {id} asks {} for {} bytes, at most {most} may be", said.fee, said.output.len());
        let transcript = [self.prompt.as_slice(), &said.output].concat();
        let found = TranscriptCommitment::of(&transcript, &ReceiptKey(self.key))?;
        ensure!(found.root == said.transcript_root, "the receipt of part {id} is of other words");
        Ok(())
    }
}

/// An answer of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentAnswer {
    /// What the payer wrote.
    pub prompt: Vec<u8>,
    /// What the parts said, one after another.
    pub output: Vec<u8>,
    /// The receipt.
    pub receipt: AgentReceipt,
    /// The parts' answers, in the order in which they were asked.
    pub parts: Vec<PartAnswer>,
}

impl AgentAnswer {
    /// The parts as the receipt lists them: ascending by session and receipt.
    pub fn listed(&self) -> Vec<Part> {
        listed(&self.parts)
    }

    /// What it costs, the parts included.
    pub fn fee(&self) -> Result<Uint256> {
        let (own, parts) = (self.receipt.own_fee, self.receipt.parts_fee);
        Uint256::from_be_bytes(own).checked_add(Uint256::from_be_bytes(parts)).context("fees")
    }
}

fn listed(parts: &[PartAnswer]) -> Vec<Part> {
    let mut listed: Vec<Part> = parts.iter().map(PartAnswer::part).collect();
    listed.sort_by_key(|part| (part.session, part.receipt));
    listed
}

/// A session's receipts.
#[derive(Debug, Clone)]
pub struct AgentTally {
    /// The terms.
    pub terms: AgentTerms,
    secret: [u8; 32],
    answers: Vec<AgentAnswer>,
    frontier: Frontier,
    cumulative: Uint256,
    /// The last receipt that was billed, by sub-session.
    billed: BTreeMap<u64, u64>,
}

impl AgentTally {
    /// The tally of a session without receipts; `secret` is what the session's opening committed to.
    pub fn new(terms: AgentTerms, secret: [u8; 32]) -> Self {
        let (frontier, cumulative) = (Frontier::default(), Uint256::zero());
        Self { terms, secret, answers: Vec::new(), frontier, cumulative, billed: BTreeMap::new() }
    }

    /// The answers so far; receipt `i` is answer `i − 1`.
    pub fn answers(&self) -> &[AgentAnswer] {
        &self.answers
    }

    /// What all answers cost together.
    pub fn cumulative_fee(&self) -> Uint256 {
        self.cumulative
    }

    /// The next answer, as its agent makes it of what the parts said.
    pub fn answer(&self, prompt: &[u8], parts: Vec<PartAnswer>) -> Result<AgentAnswer> {
        let output: Vec<u8> = parts.iter().flat_map(|part| part.said.output.iter().copied()).collect();
        let index = self.answers.len() as u64 + 1;
        let transcript = [prompt, &output].concat();
        let commitment = TranscriptCommitment::of(&transcript, &ReceiptKey::derive(&self.secret, index))?;
        let listed = listed(&parts);
        let cost = parts.iter().try_fold(Uint256::zero(), |sum, part| sum.checked_add(part.said.fee));
        let receipt = AgentReceipt {
            index,
            agent: self.terms.agent,
            prompt_len: u32::try_from(prompt.len())?,
            transcript_len: commitment.length,
            transcript_root: commitment.root,
            own_fee: self.terms.own_price(output.len())?.to_be_bytes(),
            parts_fee: cost.context("fees")?.to_be_bytes(),
            parts: u32::try_from(listed.len())?,
            parts_root: parts_root(&listed),
        };
        receipt.check()?;
        Ok(AgentAnswer { prompt: prompt.to_vec(), output, receipt, parts })
    }

    /// Checks every field of an answer against one's own computation, and every part behind it. What all answers cost with it.
    pub fn check(&self, answer: &AgentAnswer) -> Result<Uint256> {
        ensure!(!answer.parts.is_empty(), "an answer that no part gave");
        for part in &answer.parts {
            part.check(&self.terms)?;
        }
        let mut billed = self.billed.clone();
        for part in answer.listed() {
            let last = billed.insert(part.session, part.receipt).unwrap_or_default();
            ensure!(last < part.receipt, "receipt {} of session {} is billed twice", part.receipt, part.session);
        }
        let expected = self.answer(&answer.prompt, answer.parts.clone())?;
        ensure!(*answer == expected, "the answer is not what its parts said, or its receipt not of it");
        let fee = self.cumulative.checked_add(answer.fee()?).context("fees")?;
        ensure!(fee <= self.terms.deposit, "the deposit of {} does not cover {fee}", self.terms.deposit);
        Ok(fee)
    }

    /// Takes an answer in after checking it.
    pub fn accept(&mut self, answer: AgentAnswer) -> Result<()> {
        let fee = self.check(&answer)?;
        self.frontier.append(answer.receipt.leaf())?;
        self.cumulative = fee;
        for part in answer.listed() {
            self.billed.insert(part.session, part.receipt);
        }
        self.answers.push(answer);
        Ok(())
    }

    /// The voucher over everything so far, to sign or to check.
    pub fn voucher(&self) -> Voucher<'_> {
        Voucher {
            chain_id: &self.terms.chain_id,
            session: self.terms.session,
            // Of an agent's session: none.
            deployment: 0,
            count: self.answers.len() as u64,
            cumulative_fee: self.cumulative.to_be_bytes(),
            receipts_root: self.frontier.root(),
        }
    }

    /// The voucher over the first `count` receipts.
    pub fn voucher_at(&self, count: u64) -> Result<Voucher<'_>> {
        let known = self.answers.len();
        let answers = self.answers.get(..usize::try_from(count)?);
        let answers = answers.with_context(|| format!("a voucher over {count} receipts; there are {known}"))?;
        let (mut frontier, mut fee) = (Frontier::default(), Uint256::zero());
        for answer in answers {
            frontier.append(answer.receipt.leaf())?;
            fee = fee.checked_add(answer.fee()?).context("fees")?;
        }
        Ok(Voucher { count, cumulative_fee: fee.to_be_bytes(), receipts_root: frontier.root(), ..self.voucher() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> AgentTerms {
        let part = |deployment| PartPrice { deployment, base_price: 10u64.into(), byte_price: 1u64.into() };
        AgentTerms {
            chain_id: "test-1".into(),
            session: 1,
            agent: 4,
            base_price: 100u64.into(),
            byte_price: 2u64.into(),
            parts: vec![part(2), part(3)],
            deposit: 1_000u64.into(),
            voucher_key: Vec::new(),
            secret_commitment: Vec::new(),
            settled: 0,
            mode: 1,
        }
    }

    fn said(deployment: u64, index: u64, output: &[u8]) -> PartAnswer {
        let (key, transcript) = ([deployment as u8; 32], [b"prompt", output].concat());
        let said = Said {
            output: output.to_vec(),
            index,
            model_version: 1,
            corpus_height: 9,
            transcript_root: TranscriptCommitment::of(&transcript, &ReceiptKey(key)).unwrap().root,
            fee: Uint256::from(10 + output.len() as u64),
        };
        PartAnswer { deployment, session: deployment * 10, prompt: b"prompt".to_vec(), said, key }
    }

    fn answer(tally: &AgentTally, index: u64) -> AgentAnswer {
        tally.answer(b"prompt", vec![said(3, index, b"first, "), said(2, index, b"second")]).unwrap()
    }

    #[test]
    fn an_agent_and_its_payer_come_to_the_same_voucher() {
        let (mut agent, mut payer) = (AgentTally::new(terms(), [7; 32]), AgentTally::new(terms(), [7; 32]));
        for index in [1, 2] {
            let answer = answer(&agent, index);
            assert_eq!(answer.output, b"first, second");
            assert_eq!(answer.listed().iter().map(|part| part.session).collect::<Vec<_>>(), [20, 30]);
            agent.accept(answer.clone()).unwrap();
            payer.accept(answer).unwrap();
        }
        assert_eq!(agent.voucher(), payer.voucher());
        assert_eq!(payer.voucher_at(2).unwrap(), payer.voucher());
        assert_eq!(payer.cumulative_fee(), Uint256::from(2 * (100 + 2 * 13 + 17 + 16u64)));
    }

    #[test]
    fn a_payer_refuses_parts_of_other_words_prices_places_or_agents_and_receipts_that_do_not_follow_from_them() {
        let mut payer = AgentTally::new(terms(), [7; 32]);
        let good = answer(&payer, 1);
        for change in [
            (|answer: &mut AgentAnswer| answer.output[0] ^= 1) as fn(&mut AgentAnswer),
            |answer| answer.receipt.own_fee[31] ^= 1,
            |answer| answer.receipt.parts_fee[31] ^= 1,
            |answer| answer.receipt.index = 2,
            |answer| answer.receipt.agent = 5,
            |answer| answer.receipt.parts_root[0] ^= 1,
            |answer| answer.parts[0].said.output[0] ^= 1,
            |answer| answer.parts[0].prompt[0] ^= 1,
            |answer| answer.parts[0].said.fee = 18u64.into(),
            |answer| answer.parts[0].deployment = 9,
            |answer| answer.parts[0].said.index = 2,
            |answer| drop(answer.parts.pop()),
            |answer| answer.parts.clear(),
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(payer.accept(bad).is_err());
        }
        payer.accept(good).unwrap();
        assert!(payer.accept(answer(&payer, 1)).is_err(), "a part's receipt twice");
        let dear = payer.answer(b"prompt", vec![said(2, 2, &[b'x'; 400])]).unwrap();
        assert!(payer.accept(dear).is_err(), "beyond the deposit");
    }

    #[test]
    fn bytes_are_shared_alike_and_an_answer_costs_no_more_than_was_said() {
        assert_eq!(shares(10, 3), [4, 3, 3]);
        assert_eq!(shares(2, 3), [1, 1, 0]);
        assert!(shares(5, 0).is_empty());
        assert_eq!(terms().most(13).unwrap(), Uint256::from(100 + 26 + 17 + 16u64));
        assert_eq!(terms().most(1).unwrap(), Uint256::from(100 + 2 + 11u64), "the second is not asked");
    }
}
