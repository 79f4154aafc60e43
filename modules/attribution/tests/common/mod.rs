//! A chain of all the modules that the till needs, in memory, with a datanet, a model, a deployment and an open session on it.
//!
//! Messages go through the router and are undone if they fail; after each message and each block every module's invariants hold, and
//! the supply has shrunk by exactly what was burnt.

#![allow(dead_code, reason = "each test file uses a part of it")]

mod answers;
mod audit;
mod disputes;
mod sales;
mod setup;

use std::collections::BTreeMap;
use std::sync::Arc;

use cosmwasm_std::Uint256;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::{Signature, SigningKey};
use openledger_attribution::Attribution;
use openledger_auth::PublicKey;
use openledger_core::{
    Address, BlockInfo, Coin, ConsensusKey, Context, Error, Event, GasMeter, Mode, Module, Router, Status,
    ValidatorUpdate, BASE_DENOM,
};
use openledger_proto::openledger::attribution::v1 as proto;
use openledger_proto::openledger::{contributor::v1 as contributor, datanet::v1 as datanet, model::v1 as model};
use openledger_proto::{Message, Name};
use openledger_provenance::amount::Amount;
use openledger_provenance::canonical::{canonical_claim, Class, Source};
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::{ContributionCommit, DisputeCommit, ReplacementCommit};
use openledger_provenance::content::{self, Commitment, ContentOpening};
use openledger_provenance::credit::CreditNote;
use openledger_provenance::dispute::Dispute;
use openledger_provenance::merkle::{root, Tree};
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use openledger_provenance::voucher::Voucher;
use openledger_provenance::ECHO;
use openledger_store::{BlockState, MemSnapshot};
#[allow(unused_imports, reason = "each test file uses a part of it")]
pub use sales::Brought;

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
pub const EPOCH: u64 = 6;
pub const SAMPLES: u32 = 2;
pub const MOST_DEMANDS: u32 = 3;
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
        let first = prose(1, 600);
        let mut copy = first[..300].to_vec();
        copy.extend(prose(2, 300));
        Self::with_documents(powers, &[first, copy, prose(3, 600)])
    }

    pub fn with_documents(powers: &[u64], documents: &[Vec<u8>]) -> Self {
        let keeper = Attribution::default();
        let mut router = Router::default();
        keeper.contributors.register(&mut router);
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
        world.make_model(documents);
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
}

pub fn demo_params() -> proto::Params {
    let params = openledger_attribution::Params {
        dispute_window: WINDOW,
        answer_window: ANSWER,
        reveal_window: REVEAL,
        close_notice_seconds: NOTICE as u64,
        audit: openledger_attribution::AuditParams {
            samples: SAMPLES,
            epoch_blocks: EPOCH,
            max_open_demands: MOST_DEMANDS,
            ..openledger_attribution::AuditParams::default()
        },
        session_idle_seconds: 10_000,
        block_seconds: 1,
        late_receipt_blocks: 30,
        price_period_seconds: 60,
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

    /// An account's statement of this year: kinds, amounts and numbers of payments.
    pub fn statement(&self, who: u8) -> Vec<(contributor::IncomeKind, Uint256, u64)> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let request = contributor::QueryStatementsRequest { address: text(who), pagination: None }.encode_to_vec();
        let answer = self.router.answer(&ctx, "/openledger.contributor.v1.Query/Statements", &request).unwrap();
        let lines = contributor::QueryStatementsResponse::decode(answer.as_slice()).unwrap().lines;
        lines.iter().map(|line| (line.kind(), line.amount.parse().unwrap(), line.count)).collect()
    }

    /// Every module's invariants, and the supply.
    pub fn check(&mut self) {
        let keeper = self.keeper;
        let supply = self.with(|ctx| {
            keeper.auth.check_invariants(ctx).unwrap();
            keeper.bank.check_invariants(ctx).unwrap();
            keeper.contributors.check_invariants(ctx).unwrap();
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
        self.next_block_unchecked(proposer);
        self.check();
    }

    /// Without the invariants, which count everything anew.
    pub fn next_block_unchecked(&mut self, proposer: usize) {
        let keeper = self.keeper;
        self.with(|ctx| {
            keeper.datanets.end_block(ctx).unwrap();
            keeper.end_block(ctx).unwrap();
        });
        self.block.height += 1;
        self.block.time_seconds += 1;
        self.begin_block(proposer);
    }

    pub fn blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.next_block();
        }
    }

    /// From now on an account's key is known, the one that [`World::note`] signs with.
    pub fn let_sign(&mut self, byte: u8) {
        let (keeper, key) = (self.keeper, SigningKey::from_slice(&[byte; 32]).unwrap());
        let public = PublicKey::Secp256k1(key.verifying_key().to_sec1_bytes().to_vec().into());
        self.with(|ctx| {
            let mut account = keeper.auth.account(ctx, &address(byte)).unwrap().unwrap();
            account.key = Some(public);
            keeper.auth.save(ctx, &account).unwrap();
        });
    }

    /// A credit note that an account signed for a receipt of a session of the payer's.
    pub fn note(
        &self,
        signer: u8,
        (session, deployment): (u64, u64),
        receipt: u64,
        amount: u128,
    ) -> proto::MsgPresentCredit {
        let key = SigningKey::from_slice(&[signer; 32]).unwrap();
        let note = CreditNote { chain_id: CHAIN_ID, session, deployment, receipt, amount: Amount::from(amount) };
        let signature: Signature = key.sign_prehash(&note.digest().unwrap()).unwrap();
        proto::MsgPresentCredit {
            payer: text(PAYER),
            session,
            credit: Some(proto::Credit { receipt, amount: amount.to_string() }),
            signature: signature.normalize_s().unwrap_or(signature).to_bytes().to_vec(),
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
