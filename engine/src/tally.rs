//! What payer and server both keep of a session: its receipts in order, their fees' sum and their root. Each side computes it for
//! itself; the voucher is signed and checked over one's own numbers, never over what the other said.

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_proto::amino::adr036_sign_bytes;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::model::v1::Mode;
use openledger_provenance::frontier::Frontier;
use openledger_provenance::hash::sha256;
use openledger_provenance::receipt::Receipt;
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use openledger_provenance::voucher::{verify_signature, Voucher, VoucherError};
use openledger_provenance::Hash;

/// How many blocks old the corpus of an answer may be before a payer refuses it.
const OLDEST_CORPUS_BLOCKS: u64 = 600;

/// The terms of a session, as its opening pinned them on chain.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The chain.
    pub chain_id: String,
    /// The session.
    pub session: u64,
    /// Who answers.
    pub deployment: u64,
    /// With what.
    pub model_version: u64,
    /// Base units an answer.
    pub base_price: Uint256,
    /// Base units an output byte.
    pub byte_price: Uint256,
    /// What was paid in.
    pub deposit: Uint256,
    /// The key that signs vouchers, 33 bytes.
    pub voucher_key: Vec<u8>,
    /// The payer, where its account signs vouchers as a wallet does (ADR-036); the key above is the account's then.
    pub wallet: Option<String>,
    /// SHA-256 of the session's secret.
    pub secret_commitment: Vec<u8>,
    /// Height of the opening.
    pub opened_height: u64,
    /// Receipts settled so far.
    pub settled: u64,
    /// Whether its transcripts are the payer's alone: then nothing of them is published.
    pub sealed: bool,
}

impl Terms {
    /// The terms of a session as the chain tells them.
    pub fn of(chain_id: &str, session: &pb::Session) -> Result<Self> {
        let amount = |text: &str| openledger_core::coin::parse_amount(text).map_err(anyhow::Error::from);
        Ok(Self {
            chain_id: chain_id.into(),
            session: session.id,
            deployment: session.deployment,
            model_version: session.model_version,
            base_price: amount(&session.base_price)?,
            byte_price: amount(&session.byte_price)?,
            deposit: amount(&session.deposit)?,
            voucher_key: session.voucher_key.to_vec(),
            wallet: session.adr036.then(|| session.payer.clone()),
            secret_commitment: session.secret_commitment.to_vec(),
            opened_height: session.opened_height,
            settled: session.settled_count,
            sealed: session.mode == Mode::Sealed as i32,
        })
    }

    /// The price of an answer of this many bytes.
    pub fn price(&self, output_bytes: usize) -> Result<Uint256> {
        let bytes = Uint256::from(output_bytes as u64);
        let price = self.byte_price.checked_mul(bytes).and_then(|price| price.checked_add(self.base_price));
        price.context("the price exceeds 256 bits")
    }
}

/// An answer: what was asked, what was said, what it commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the payer wrote.
    pub prompt: Vec<u8>,
    /// What the model wrote.
    pub output: Vec<u8>,
    /// The receipt.
    pub receipt: Receipt,
}

impl Answer {
    /// Prompt and output.
    pub fn transcript(&self) -> Vec<u8> {
        [self.prompt.as_slice(), self.output.as_slice()].concat()
    }
}

/// A session's receipts.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The terms.
    pub terms: Terms,
    secret: [u8; 32],
    answers: Vec<Answer>,
    frontier: Frontier,
    cumulative: Uint256,
}

impl Tally {
    /// The tally of a session without receipts; `secret` is what the session's opening committed to.
    pub fn new(terms: Terms, secret: [u8; 32]) -> Self {
        Self { terms, secret, answers: Vec::new(), frontier: Frontier::default(), cumulative: Uint256::zero() }
    }

    /// The answers so far; receipt `i` is answer `i − 1`.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// What all answers cost together.
    pub fn cumulative_fee(&self) -> Uint256 {
        self.cumulative
    }

    /// The key of a receipt's salts.
    pub fn receipt_key(&self, index: u64) -> ReceiptKey {
        ReceiptKey::derive(&self.secret, index)
    }

    /// The server's side: the receipt of the next answer.
    pub fn receipt(&self, prompt: &[u8], output: &[u8], corpus_height: u64) -> Result<Receipt> {
        let index = self.answers.len() as u64 + 1;
        let transcript = [prompt, output].concat();
        let commitment = TranscriptCommitment::of(&transcript, &self.receipt_key(index))?;
        let receipt = Receipt {
            index,
            model_version: self.terms.model_version,
            corpus_height,
            prompt_len: u32::try_from(prompt.len())?,
            transcript_len: commitment.length,
            transcript_root: commitment.root,
            fee: self.terms.price(output.len())?.to_be_bytes(),
        };
        receipt.check()?;
        Ok(receipt)
    }

    /// Checks every field of an answer against one's own computation; the deposit must cover it. What all answers cost with it.
    pub fn check(&self, answer: &Answer) -> Result<Uint256> {
        let expected = self.receipt(&answer.prompt, &answer.output, answer.receipt.corpus_height)?;
        ensure!(answer.receipt == expected, "the receipt is not that of prompt, output and price");
        let floor = self.answers.last().map_or(self.terms.opened_height, |last| last.receipt.corpus_height);
        ensure!(answer.receipt.corpus_height >= floor, "the corpus height fell below {floor}");
        let fee = self.cumulative.checked_add(Uint256::from_be_bytes(answer.receipt.fee)).context("fees")?;
        ensure!(fee <= self.terms.deposit, "the deposit of {} does not cover {fee}", self.terms.deposit);
        Ok(fee)
    }

    /// Takes an answer in after checking it.
    pub fn accept(&mut self, answer: Answer) -> Result<()> {
        let fee = self.check(&answer)?;
        self.frontier.append(answer.receipt.leaf())?;
        self.cumulative = fee;
        self.answers.push(answer);
        Ok(())
    }

    /// A payer's further check of an answer before accepting it: its corpus is of these days.
    pub fn check_fresh(receipt: &Receipt, height: u64) -> Result<()> {
        let (oldest, newest) = (height.saturating_sub(OLDEST_CORPUS_BLOCKS), height + 1);
        let at = receipt.corpus_height;
        ensure!((oldest..=newest).contains(&at), "corpus height {at} is not of the last {OLDEST_CORPUS_BLOCKS} blocks");
        Ok(())
    }

    /// The voucher over everything so far, to sign or to check.
    pub fn voucher(&self) -> Voucher<'_> {
        Voucher {
            chain_id: &self.terms.chain_id,
            session: self.terms.session,
            deployment: self.terms.deployment,
            count: self.answers.len() as u64,
            cumulative_fee: self.cumulative.to_be_bytes(),
            receipts_root: self.root(),
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
            fee = fee.checked_add(Uint256::from_be_bytes(answer.receipt.fee)).context("fees")?;
        }
        Ok(Voucher { count, cumulative_fee: fee.to_be_bytes(), receipts_root: frontier.root(), ..self.voucher() })
    }

    /// Checks a voucher's signature as the chain does: by the session's key, or by the payer's account over the document that a wallet
    /// shows it in.
    pub fn verify(&self, voucher: &Voucher<'_>, signature: &[u8]) -> Result<(), VoucherError> {
        match &self.terms.wallet {
            None => voucher.verify(&self.terms.voucher_key, signature),
            Some(payer) => {
                let document = adr036_sign_bytes(payer, voucher.text().as_bytes());
                verify_signature(&self.terms.voucher_key, &sha256(&[&document]), signature)
            }
        }
    }

    fn root(&self) -> Hash {
        self.frontier.root()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn terms() -> Terms {
        Terms {
            chain_id: "test-1".into(),
            session: 1,
            deployment: 2,
            model_version: 3,
            base_price: 100u64.into(),
            byte_price: 2u64.into(),
            deposit: 1_000u64.into(),
            voucher_key: Vec::new(),
            wallet: None,
            secret_commitment: Vec::new(),
            opened_height: 10,
            settled: 0,
            sealed: false,
        }
    }

    fn answer(tally: &Tally, output: &[u8]) -> Answer {
        let receipt = tally.receipt(b"prompt", output, 10).unwrap();
        Answer { prompt: b"prompt".to_vec(), output: output.to_vec(), receipt }
    }

    #[test]
    fn both_sides_come_to_the_same_voucher() {
        let (mut server, mut payer) = (Tally::new(terms(), [7; 32]), Tally::new(terms(), [7; 32]));
        for output in [&b"first"[..], b"second answer"] {
            let answer = answer(&server, output);
            server.accept(answer.clone()).unwrap();
            payer.accept(answer).unwrap();
        }
        assert_eq!(server.voucher(), payer.voucher());
        assert_eq!(payer.cumulative_fee(), Uint256::from(2 * 100 + 2 * 18u64));
    }

    #[test]
    fn a_payer_refuses_other_words_prices_places_and_heights() {
        let mut payer = Tally::new(terms(), [7; 32]);
        let good = answer(&payer, b"an answer");
        for change in [
            (|answer: &mut Answer| answer.output[0] ^= 1) as fn(&mut Answer),
            |answer| answer.receipt.fee[31] ^= 1,
            |answer| answer.receipt.index = 2,
            |answer| answer.receipt.corpus_height = 9,
            |answer| answer.receipt.model_version = 4,
            |answer| answer.receipt.transcript_root[0] ^= 1,
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(payer.accept(bad).is_err());
        }
        payer.accept(good).unwrap();
        assert!(payer.accept(answer(&payer, &[b'x'; 500])).is_err(), "beyond the deposit");
    }
}
