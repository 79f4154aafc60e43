//! A chain of all the modules that the till needs, in memory, with a datanet, a model, a deployment and an open session on it.
//!
//! Messages go through the router and are undone if they fail; after each message and each block every module's invariants hold, and
//! the supply has shrunk by exactly what was burnt.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use cosmwasm_std::Uint256;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::{Signature, SigningKey};
use openledger_attribution::Attribution;
use openledger_core::{
    Address, BlockInfo, Coin, ConsensusKey, Context, Error, Event, GasMeter, Mode, Module, Router, Status,
    ValidatorUpdate, BASE_DENOM,
};
use openledger_proto::openledger::attribution::v1 as proto;
use openledger_proto::openledger::{datanet::v1 as datanet, model::v1 as model};
use openledger_proto::{Message, Name};
use openledger_provenance::canonical::{canonical_claim, Class, Source};
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::{ContributionCommit, DisputeCommit};
use openledger_provenance::content::{self, Commitment, ContentOpening};
use openledger_provenance::dispute::Dispute;
use openledger_provenance::merkle::{root, Tree};
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use openledger_provenance::voucher::Voucher;
use openledger_provenance::ECHO;
use openledger_store::{BlockState, MemSnapshot};

pub const CHAIN_ID: &str = "openledger-test-1";
pub const OPEN: u128 = 1_000_000_000_000_000_000;
/// Who does what.
pub const OWNER: u8 = 1;
pub const SERVER: u8 = 2;
pub const PAYER: u8 = 3;
pub const DISPUTANT: u8 = 4;
pub const OTHER: u8 = 5;
pub const MODEL_OWNER: u8 = 6;
/// Authors of contributions 1, 2, 3, …: 11, 12, 13, …
pub const FIRST_AUTHOR: u8 = 11;
pub const SALT: [u8; 32] = [7; 32];
pub const WINDOW: u64 = 5;
pub const ANSWER: u64 = 3;
pub const REVEAL: u64 = 4;
pub const NOTICE: i64 = 10;
pub const SECRET: [u8; 32] = [9; 32];

/// One paid output.
#[derive(Clone)]
pub struct Answer {
    pub receipt: Receipt,
    pub transcript: Vec<u8>,
    pub key: ReceiptKey,
}

pub struct World {
    pub keeper: Attribution,
    pub state: BlockState,
    pub block: BlockInfo,
    pub router: Router,
    /// Contents by seq.
    pub documents: BTreeMap<u64, Vec<u8>>,
    pub voucher_key: SigningKey,
    pub deployment: u64,
    pub session: u64,
    /// Receipts of the session, settled or not.
    pub answers: Vec<Answer>,
    pub burnt: Uint256,
    pub supply: Uint256,
    pub validators: Vec<Vec<u8>>,
}

pub fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

pub fn text(byte: u8) -> String {
    address(byte).to_string()
}

pub fn coin(amount: u128) -> Option<openledger_proto::cosmos::base::v1beta1::Coin> {
    Some(Coin::base(amount).to_proto())
}

/// Text that shares no window with that of another seed.
pub fn prose(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'a' + (state % 26) as u8
    };
    (0..len).map(|_| next()).collect()
}

impl World {
    /// Three contributions: the second one repeats the first's beginning. Then a model, a deployment that attested them, and a session.
    pub fn new() -> Self {
        Self::with_validators(&[10])
    }

    pub fn with_validators(powers: &[u64]) -> Self {
        let keeper = Attribution::default();
        let mut router = Router::default();
        keeper.models.register(&mut router);
        keeper.datanets.register(&mut router);
        keeper.register(&mut router);
        let block = BlockInfo { chain_id: CHAIN_ID.into(), height: 1, time_seconds: 1_000, ..BlockInfo::default() };
        let mut world = Self {
            keeper,
            state: BlockState::new(Arc::new(MemSnapshot::default())),
            block,
            router,
            documents: BTreeMap::new(),
            voucher_key: SigningKey::from_slice(&[42; 32]).unwrap(),
            deployment: 0,
            session: 0,
            answers: Vec::new(),
            burnt: Uint256::zero(),
            supply: Uint256::zero(),
            validators: Vec::new(),
        };
        world.genesis(powers);
        let first = prose(1, 600);
        let mut copy = first[..300].to_vec();
        copy.extend(prose(2, 300));
        world.make_model(&[first, copy, prose(3, 600)]);
        world
    }

    fn genesis(&mut self, powers: &[u64]) {
        let keeper = self.keeper;
        let updates: Vec<_> = powers
            .iter()
            .zip(1u8..)
            .map(|(power, byte)| ValidatorUpdate { key: ConsensusKey::Ed25519(vec![byte; 32]), power: *power })
            .collect();
        let genesis = proto::GenesisState {
            params: vec![proto::ParamsVersion { version: 1, params: Some(demo_params()) }],
            ..proto::GenesisState::default()
        };
        self.with(|ctx| {
            keeper.consensus.init(ctx, None, &updates).unwrap();
            keeper.auth.init_genesis(ctx, &keeper.auth.default_genesis()).unwrap();
            keeper.bank.init_genesis(ctx, &keeper.bank.default_genesis()).unwrap();
            for byte in 1..=40 {
                keeper.bank.credit_genesis(ctx, &address(byte), &Coin::base(1_000_000 * OPEN).into()).unwrap();
                keeper.auth.ensure(ctx, &address(byte)).unwrap();
            }
            keeper.contributors.init_genesis(ctx, &keeper.contributors.default_genesis()).unwrap();
            keeper.datanets.init_genesis(ctx, &keeper.datanets.default_genesis()).unwrap();
            keeper.models.init_genesis(ctx, &keeper.models.default_genesis()).unwrap();
            keeper.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
        });
        self.validators = self.with(|ctx| keeper.consensus.validators(ctx).unwrap()).into_iter().map(|v| v.0).collect();
        self.supply = self.with(|ctx| keeper.bank.supply(ctx, BASE_DENOM).unwrap());
        self.begin_block(0);
    }

    fn make_model(&mut self, documents: &[Vec<u8>]) {
        let policy = datanet::Policy {
            admission: datanet::Admission::Open.into(),
            deposit: coin(OPEN),
            max_length: 100_000,
            length_cap: 10_000,
            ..datanet::Policy::default()
        };
        self.ok(&datanet::MsgCreateDatanet {
            owner: text(OWNER),
            title: "Prose".into(),
            description: "Texts of a test".into(),
            modality: datanet::Modality::Text.into(),
            licence: "Apache-2.0".into(),
            schema: String::new(),
            policy: Some(policy),
        });
        for (document, author) in documents.iter().zip(FIRST_AUTHOR..) {
            self.contribute(author, document, datanet::RightsKind::Own, false);
        }
        self.ok(&datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id: 1 });
        self.ok(&model::MsgRegisterModel {
            owner: text(MODEL_OWNER),
            name: "Parrot".into(),
            description: String::new(),
        });
        self.register_version(1, &[], 0);
        self.deployment = self.deploy(1);
        self.session = self.open_session(1_000 * OPEN);
        self.next_block();
    }

    pub fn register_version(&mut self, version: u32, parents: &[u64], royalty_bps: u32) -> u64 {
        self.register_version_of(MODEL_OWNER, 1, version, parents, royalty_bps)
    }

    pub fn register_version_of(
        &mut self,
        owner: u8,
        model: u64,
        version: u32,
        parents: &[u64],
        royalty_bps: u32,
    ) -> u64 {
        let kind = model::LineageKind::Base.into();
        let msg = model::MsgRegisterModelVersion {
            owner: text(owner),
            model,
            weights_hash: vec![1; 32],
            recipe: "byte-level infini-gram".into(),
            datanets: vec![model::DatanetVersion { datanet: 1, version }],
            parents: parents.iter().map(|version| model::Parent { version: *version, kind }).collect(),
            royalty_bps,
        };
        self.answer::<_, model::MsgRegisterModelVersionResponse>(&msg).unwrap().model_version
    }

    pub fn deploy(&mut self, model_version: u64) -> u64 {
        let deploy = model::MsgDeploy {
            server: text(SERVER),
            model_version,
            endpoint: "http://localhost".into(),
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            bond: coin(1_000 * OPEN),
            modes: vec![model::Mode::Public.into()],
        };
        let deployment = self.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
        let corpus = Some(model::DatanetVersion { datanet: 1, version: 1 });
        self.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment, corpus });
        deployment
    }

    /// A contribution, committed, revealed and accepted; its seq.
    pub fn contribute(&mut self, author: u8, document: &[u8], rights: datanet::RightsKind, commons: bool) -> u64 {
        let commitment = Commitment::of(document);
        let who = address(author);
        let commit =
            ContributionCommit { chain_id: CHAIN_ID, datanet: 1, author: who.as_bytes(), commitment, salt: SALT };
        let msg = datanet::MsgCommitContribution {
            author: text(author),
            datanet_id: 1,
            commit: commit.hash().unwrap().to_vec(),
        };
        let seq = self.answer::<_, datanet::MsgCommitContributionResponse>(&msg).unwrap().seq;
        self.next_block();
        let mut granted = datanet::Rights { kind: rights.into(), ..datanet::Rights::default() };
        if rights == datanet::RightsKind::Custodial {
            granted.on_behalf_of = "somebody".into();
        }
        self.ok(&datanet::MsgRevealContribution {
            author: text(author),
            seq,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: SALT.to_vec(),
            rights: Some(granted),
            location: "https://example.org/document".into(),
            metadata: String::new(),
            media_type: "text/plain".into(),
            content: Vec::new(),
            commons,
        });
        self.ok(&datanet::MsgReviewContribution { reviewer: text(OWNER), seq, accept: true, score: 10_000, commons });
        self.documents.insert(seq, document.to_vec());
        seq
    }

    pub fn open_session_msg(&self, deposit: u128) -> proto::MsgOpenSession {
        proto::MsgOpenSession {
            payer: text(PAYER),
            deployment: self.deployment,
            deposit: coin(deposit),
            voucher_key: self.voucher_key.verifying_key().to_sec1_bytes().to_vec(),
            max_base_price: OPEN.to_string(),
            max_byte_price: (OPEN / 100).to_string(),
            secret_commitment: Vec::new(),
            mode: model::Mode::Public.into(),
        }
    }

    pub fn open_session(&mut self, deposit: u128) -> u64 {
        let msg = self.open_session_msg(deposit);
        self.answer::<_, proto::MsgOpenSessionResponse>(&msg).unwrap().session
    }
}

pub fn demo_params() -> proto::Params {
    let params = openledger_attribution::Params {
        dispute_window: WINDOW,
        answer_window: ANSWER,
        reveal_window: REVEAL,
        close_notice_seconds: NOTICE as u64,
        claims_only: true,
        ..openledger_attribution::Params::default()
    };
    params.to_proto()
}

/// Execution.
impl World {
    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        let mut ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        let value = act(&mut ctx);
        let events = ctx.take_events();
        self.count_burns(&events);
        value
    }

    fn count_burns(&mut self, events: &[Event]) {
        for event in events.iter().filter(|event| event.kind == "burn") {
            let amount =
                event.attributes.iter().find(|(key, _)| key == "amount").map(|(_, value)| value.clone()).unwrap();
            let coins: openledger_core::Coins = amount.parse().unwrap();
            self.burnt += coins.amount_of(BASE_DENOM);
        }
    }

    /// Executes a message; its response and events, or why it failed.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<(Vec<u8>, Vec<Event>), Error> {
        let mut ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        let route = self.router.msg_route(&M::type_url()).unwrap();
        let point = ctx.checkpoint();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            ctx.revert(point);
        }
        let events = ctx.take_events();
        self.count_burns(&events);
        self.check();
        result.map(|response| (response, events))
    }

    pub fn answer<M: Message + Name, R: Message + Default>(&mut self, msg: &M) -> Result<R, Error> {
        self.execute(msg).map(|(response, _)| R::decode(response.as_slice()).unwrap())
    }

    pub fn ok<M: Message + Name>(&mut self, msg: &M) -> Vec<Event> {
        match self.execute(msg) {
            Ok((_, events)) => events,
            Err(error) => panic!("{}: {error}", M::NAME),
        }
    }

    /// The code with which a message fails, of codespace `attribution` where not said otherwise.
    pub fn refused<M: Message + Name>(&mut self, msg: &M) -> (&'static str, u32, String) {
        let error = self.execute(msg).unwrap_err();
        (error.codespace, error.code, error.message)
    }

    pub fn code<M: Message + Name>(&mut self, msg: &M) -> (&'static str, u32) {
        let (codespace, code, _) = self.refused(msg);
        (codespace, code)
    }

    pub fn ask<R: Message + Default>(&self, method: &str, request: &impl Message) -> Result<R, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/openledger.attribution.v1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec());
        answer.map(|bytes| R::decode(bytes.as_slice()).unwrap())
    }

    /// Every module's invariants, and the supply.
    pub fn check(&mut self) {
        let keeper = self.keeper;
        let supply = self.with(|ctx| {
            keeper.auth.check_invariants(ctx).unwrap();
            keeper.bank.check_invariants(ctx).unwrap();
            keeper.datanets.check_invariants(ctx).unwrap();
            keeper.models.check_invariants(ctx).unwrap();
            keeper.check_invariants(ctx).unwrap();
            keeper.bank.supply(ctx, BASE_DENOM).unwrap()
        });
        assert_eq!(supply + self.burnt, self.supply);
    }

    fn begin_block(&mut self, proposer: usize) {
        self.block.proposer = self.validators.get(proposer).cloned().unwrap_or_default();
        let keeper = self.keeper;
        self.with(|ctx| {
            keeper.datanets.begin_block(ctx).unwrap();
            keeper.begin_block(ctx).unwrap();
        });
    }

    /// Ends this block and begins the next one, a second later, proposed by the first validator.
    pub fn next_block(&mut self) {
        self.next_block_by(0);
    }

    pub fn next_block_by(&mut self, proposer: usize) {
        let keeper = self.keeper;
        self.with(|ctx| {
            keeper.datanets.end_block(ctx).unwrap();
            keeper.end_block(ctx).unwrap();
        });
        self.check();
        self.block.height += 1;
        self.block.time_seconds += 1;
        self.begin_block(proposer);
    }

    pub fn blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.next_block();
        }
    }

    pub fn balance(&mut self, byte: u8) -> Uint256 {
        let keeper = self.keeper;
        self.with(|ctx| keeper.bank.balance(ctx, &address(byte), BASE_DENOM).unwrap())
    }

    pub fn owed(&mut self, byte: u8) -> Uint256 {
        let keeper = self.keeper;
        self.with(|ctx| keeper.owed(ctx, &address(byte)).unwrap())
    }

    pub fn settlement(&self, id: u64) -> proto::Settlement {
        let answer: proto::QuerySettlementResponse =
            self.ask("Settlement", &proto::QuerySettlementRequest { id }).unwrap();
        answer.settlement.unwrap()
    }

    pub fn status(&self, id: u64) -> proto::SettlementStatus {
        self.settlement(id).status()
    }

    pub fn rows(&self, settlement: u64) -> BTreeMap<u64, u128> {
        let request = proto::QuerySettlementRowsRequest { settlement, pagination: None };
        let answer: proto::QuerySettlementRowsResponse = self.ask("SettlementRows", &request).unwrap();
        answer.rows.iter().map(|row| (row.contribution, row.amount.parse().unwrap())).collect()
    }

    pub fn bond(&mut self) -> (Uint256, Uint256) {
        let (keeper, deployment) = (self.keeper, self.deployment);
        let deployment = self.with(|ctx| keeper.models.deployment(ctx, deployment).unwrap().unwrap());
        (deployment.bond, deployment.locked)
    }
}

/// Answers, claims and vouchers.
impl World {
    /// The server answers; the payer's client checks and keeps the receipt.
    pub fn say(&mut self, prompt: &[u8], output: &[u8]) -> Answer {
        let index = self.answers.len() as u64 + 1;
        let fee = OPEN + (OPEN / 100) * output.len() as u128;
        let answer = self.make_answer(index, prompt, output, fee);
        self.answers.push(answer.clone());
        answer
    }

    pub fn make_answer(&self, index: u64, prompt: &[u8], output: &[u8], fee: u128) -> Answer {
        let key = ReceiptKey::derive(&SECRET, index);
        let transcript = [prompt, output].concat();
        let commitment = TranscriptCommitment::of(&transcript, &key).unwrap();
        let receipt = Receipt {
            index,
            model_version: 1,
            corpus_height: self.block.height - 1,
            prompt_len: prompt.len() as u32,
            transcript_len: commitment.length,
            transcript_root: commitment.root,
            fee: Uint256::from(fee).to_be_bytes(),
        };
        Answer { receipt, transcript, key }
    }

    /// The canonical claim against the contributions with these seqs.
    pub fn claim_from(&self, answer: &Answer, seqs: &[u64]) -> Claim {
        let source = |seq: &u64| Source { seq: *seq, class: Class::Contribution, bytes: &self.documents[seq] };
        let sources: Vec<_> = seqs.iter().map(source).collect();
        canonical_claim(&answer.transcript, answer.receipt.prompt_len, &sources)
    }

    pub fn honest(&self, answer: &Answer) -> Claim {
        self.claim_from(answer, &self.documents.keys().copied().collect::<Vec<_>>())
    }

    pub fn claimed(&self, answer: &Answer, claim: &Claim, check: proto::Check) -> proto::ClaimedReceipt {
        let Receipt { index, model_version, corpus_height, prompt_len, transcript_len, transcript_root, fee } =
            answer.receipt;
        let receipt = proto::Receipt {
            index,
            model_version,
            corpus_height,
            prompt_len,
            transcript_len,
            transcript_root: transcript_root.to_vec(),
            fee: Uint256::from_be_bytes(fee).to_string(),
        };
        let segments = claim
            .segments
            .iter()
            .map(|s| proto::Segment { start: s.start, count: s.count, source: s.source, offset: s.offset })
            .collect();
        let mut claimed = proto::ClaimedReceipt { receipt: Some(receipt), segments, ..Default::default() };
        if check == proto::Check::Existence {
            claimed.transcript = answer.transcript.clone();
            claimed.receipt_key = answer.key.0.to_vec();
            for segment in claim.segments.iter().filter(|segment| segment.source != ECHO) {
                let document = &self.documents[&segment.source];
                let opened =
                    ContentOpening::prove(&content::tree(document), document, segment.offset.into(), segment.span());
                claimed.openings.push(opened.map(|opening| opening.encode()).unwrap_or_default());
            }
        }
        claimed
    }

    pub fn voucher(&self, session: u64, answers: &[Answer]) -> proto::Voucher {
        let leaves: Vec<_> = answers.iter().map(|answer| answer.receipt.leaf()).collect();
        let fees = answers.iter().map(|answer| Uint256::from_be_bytes(answer.receipt.fee));
        let cumulative = fees.fold(Uint256::zero(), |sum, fee| sum + fee);
        self.sign(&Voucher {
            chain_id: CHAIN_ID,
            session,
            deployment: self.deployment,
            count: answers.len() as u64,
            cumulative_fee: cumulative.to_be_bytes(),
            receipts_root: root(&leaves),
        })
    }

    pub fn sign(&self, voucher: &Voucher) -> proto::Voucher {
        let signature: Signature = self.voucher_key.sign_prehash(&voucher.digest().unwrap()).unwrap();
        let signature = signature.normalize_s().unwrap_or(signature);
        proto::Voucher {
            count: voucher.count,
            cumulative_fee: Uint256::from_be_bytes(voucher.cumulative_fee).to_string(),
            receipts_root: voucher.receipts_root.to_vec(),
            signature: signature.to_bytes().to_vec(),
        }
    }

    /// Settles the answers from `first` (from 0) on with these claims.
    pub fn settle_msg(&self, first: usize, claims: &[Claim], check: proto::Check) -> proto::MsgSettle {
        let new = &self.answers[first..];
        proto::MsgSettle {
            server: text(SERVER),
            session: self.session,
            voucher: Some(self.voucher(self.session, &self.answers)),
            receipts: new.iter().zip(claims).map(|(answer, claim)| self.claimed(answer, claim, check)).collect(),
            check: check.into(),
        }
    }

    /// One answer of two documents' words, settled honestly and existence-checked; the settlement.
    pub fn settle_honestly(&mut self) -> u64 {
        let answer = self.say(b"What do they write? ", &self.two_authors());
        self.next_block();
        let claim = self.honest(&answer);
        let msg = self.settle_msg(self.answers.len() - 1, &[claim], proto::Check::Existence);
        self.answer::<_, proto::MsgSettleResponse>(&msg).unwrap().settlement
    }

    /// 132 bytes of the first contribution, 100 of nobody's, 163 of the third.
    pub fn two_authors(&self) -> Vec<u8> {
        [&self.documents[&1][100..232], &prose(99, 100)[..], &self.documents[&3][50..213]].concat()
    }

    /// One answer settled with this claim; the settlement.
    pub fn settle_with(&mut self, answer: &Answer, claim: &Claim, check: proto::Check) -> u64 {
        assert_eq!(self.answers.last().unwrap().receipt, answer.receipt);
        let msg = self.settle_msg(self.answers.len() - 1, std::slice::from_ref(claim), check);
        self.answer::<_, proto::MsgSettleResponse>(&msg).unwrap().settlement
    }
}

/// Disputes.
impl World {
    /// Runs `make` with a prover of the settlement's only receipt.
    pub fn prove(&self, answer: &Answer, claim: &Claim, make: impl FnOnce(&Prover) -> Dispute) -> Vec<u8> {
        let settled = SettledReceipt {
            receipt: answer.receipt,
            segment_count: claim.segments.len() as u32,
            segments_root: claim.segments_root(),
        };
        let settlement = Tree::new(vec![settled.leaf()]);
        let prover = Prover {
            transcript: &answer.transcript,
            key: answer.key,
            claim,
            settled,
            settlement: &settlement,
            place: 0,
        };
        make(&prover).encode()
    }

    pub fn commit_msg(&self, disputant: u8, settlement: u64, evidence: &[u8]) -> proto::MsgCommitDispute {
        let who = address(disputant);
        let commit =
            DisputeCommit { chain_id: CHAIN_ID, settlement, disputant: who.as_bytes(), dispute: evidence, salt: SALT };
        proto::MsgCommitDispute { disputant: text(disputant), settlement, commit: commit.hash().unwrap().to_vec() }
    }

    pub fn commit(&mut self, disputant: u8, settlement: u64, evidence: &[u8]) -> u64 {
        let msg = self.commit_msg(disputant, settlement, evidence);
        self.answer::<_, proto::MsgCommitDisputeResponse>(&msg).unwrap().dispute
    }

    pub fn reveal_msg(&self, disputant: u8, dispute: u64, evidence: &[u8]) -> proto::MsgRevealDispute {
        proto::MsgRevealDispute {
            disputant: text(disputant),
            dispute,
            evidence: evidence.to_vec(),
            salt: SALT.to_vec(),
        }
    }

    pub fn reveal(&mut self, disputant: u8, dispute: u64, evidence: &[u8]) -> proto::MsgRevealDisputeResponse {
        let msg = self.reveal_msg(disputant, dispute, evidence);
        self.answer(&msg).unwrap()
    }

    /// Commits, and reveals a block later.
    pub fn dispute(&mut self, disputant: u8, settlement: u64, evidence: &[u8]) -> proto::MsgRevealDisputeResponse {
        let dispute = self.commit(disputant, settlement, evidence);
        self.next_block();
        self.reveal(disputant, dispute, evidence)
    }

    pub fn dispute_of(&self, id: u64) -> proto::Dispute {
        let answer: proto::QueryDisputeResponse = self.ask("Dispute", &proto::QueryDisputeRequest { id }).unwrap();
        answer.dispute.unwrap()
    }
}
