//! One chain: its stores with their trees, its blocks, its validators' keys.

use std::collections::BTreeMap;

use ibc::clients::tendermint::types::Header as TmHeader;
use ibc::core::client::types::Height;
use ibc_proto::ibc::core::client::v1::Height as RawHeight;
use ibc_proto::ibc::core::commitment::v1::MerkleProof;
use openledger_core::{Address, BlockInfo, Context, Error, Event, GasMeter, Mode, Module, Router};
use openledger_ibc::Ibc;
use openledger_proto::{Any, Message, Name};
use openledger_staking::Staking;
use openledger_store::{BlockState, Multistore, MultistoreOptions};
use openledger_upgrade::Upgrade;
use tendermint::block::{Commit, CommitSig, Header, Id};
use tendermint::{validator, Hash, Time, Vote};

use super::app::APPLICATIONS;

pub const UNBONDING: i64 = 1_814_400;
/// How many seconds a block takes.
pub const BLOCK_SECONDS: i64 = 5;

/// A chain in memory and a temporary folder.
pub struct Chain {
    pub id: &'static str,
    pub ibc: Ibc,
    pub router: Router,
    store: Multistore,
    _folder: tempfile::TempDir,
    state: BlockState,
    pub block: BlockInfo,
    pub key: ed25519_consensus::SigningKey,
    /// The headers, by height.
    headers: BTreeMap<u64, Header>,
    pub relayer: Address,
    /// The messages that succeeded.
    pub executed: Vec<Any>,
}

impl Chain {
    pub fn new(id: &'static str, seed: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = ["ibc", "upgrade", "staking", "acc", "bank", "consensus"];
        let store = Multistore::open(folder.path(), MultistoreOptions::new(stores)).unwrap();
        let ibc = Ibc { staking: Staking::default(), applications: APPLICATIONS };
        let mut router = Router::default();
        ibc.register(&mut router);
        let state = BlockState::new(store.snapshot());
        let key = ed25519_consensus::SigningKey::from([seed; 32]);
        let block = BlockInfo {
            chain_id: id.into(),
            height: 1,
            time_seconds: 1_700_000_000,
            time_nanos: 7,
            ..BlockInfo::default()
        };
        let relayer = Address::new([9u8; 20]).unwrap();
        let headers = BTreeMap::new();
        let executed = Vec::new();
        let mut chain = Self { id, ibc, router, store, _folder: folder, state, block, key, headers, relayer, executed };
        chain.with(|ctx| {
            ibc.init_genesis(ctx, &ibc.default_genesis()).unwrap();
            let upgrade = Upgrade::default();
            upgrade.init_genesis(ctx, &[]).unwrap();
        });
        chain.begin();
        chain
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        act(&mut Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite()))
    }

    fn begin(&mut self) {
        self.block.next_validators_hash = self.set().hash().as_bytes().to_vec();
        self.block.app_hash = self.store.app_hash().to_vec();
        let header = self.header(self.block.time_seconds);
        self.headers.insert(self.block.height, header);
        let ibc = self.ibc;
        self.with(|ctx| {
            ibc.staking.begin_block(ctx).unwrap();
            ibc.begin_block(ctx).unwrap();
        });
    }

    /// Ends the block, commits it and begins the next.
    pub fn next(&mut self) {
        self.later(BLOCK_SECONDS);
    }

    pub fn later(&mut self, seconds: i64) {
        let ibc = self.ibc;
        self.with(|ctx| ibc.check_invariants(ctx).unwrap());
        let state = std::mem::replace(&mut self.state, BlockState::new(self.store.snapshot()));
        let prepared = self.store.prepare(self.block.height, state.into_changes()).unwrap();
        self.store.commit(prepared).unwrap();
        self.state = BlockState::new(self.store.snapshot());
        self.block.height += 1;
        self.block.time_seconds += seconds;
        self.begin();
    }

    /// Every key and value of the store `ibc`, as it stands in the block.
    pub fn dump(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.with(|ctx| ctx.kv("ibc").range(None, None, cosmwasm_std::Order::Ascending).collect())
    }

    /// Executes a message as a transaction does; what it changed is gone if it fails. A panic fails it too, and is told apart.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<(Vec<u8>, Vec<Event>), Error> {
        self.execute_any(&Any { type_url: M::type_url(), value: msg.encode_to_vec() })
    }

    pub fn execute_any(&mut self, msg: &Any) -> Result<(Vec<u8>, Vec<Event>), Error> {
        let Self { state, block, router, .. } = self;
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite());
        let route = router.msg_route(&msg.type_url).unwrap_or_else(|| panic!("no route for {}", msg.type_url));
        let point = ctx.checkpoint();
        let result = route.decode(&msg.value).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            ctx.revert(point);
        }
        let done = (result?, ctx.take_events());
        self.executed.push(msg.clone());
        Ok(done)
    }

    /// The validators: one.
    pub fn set(&self) -> validator::Set {
        let key = tendermint::PublicKey::from_raw_ed25519(self.key.verification_key().as_bytes()).unwrap();
        validator::Set::without_proposer(vec![validator::Info::new(key, 10u32.into())])
    }

    /// The header of the block in the making, had it this time.
    pub fn header(&self, seconds: i64) -> Header {
        let set = self.set();
        Header {
            version: tendermint::block::header::Version { block: 11, app: 0 },
            chain_id: self.id.parse().unwrap(),
            height: self.block.height.try_into().unwrap(),
            time: Time::from_unix_timestamp(seconds, self.block.time_nanos).unwrap(),
            last_block_id: None,
            last_commit_hash: None,
            data_hash: None,
            validators_hash: set.hash(),
            next_validators_hash: set.hash(),
            consensus_hash: Hash::Sha256([3; 32]),
            app_hash: self.block.app_hash.clone().try_into().unwrap(),
            last_results_hash: None,
            evidence_hash: None,
            proposer_address: set.validators()[0].address,
        }
    }

    /// The header of a height.
    pub fn header_at(&self, height: u64) -> Header {
        self.headers[&height].clone()
    }

    /// A header with its commit, as a relayer brings it to a client that knows `trusted`.
    pub fn signed(&self, header: Header, trusted: u64) -> TmHeader {
        let part_set_header = tendermint::block::parts::Header::new(1, Hash::Sha256([1; 32])).unwrap();
        let block_id = Id { hash: header.hash(), part_set_header };
        let address = self.set().validators()[0].address;
        let vote = Vote {
            vote_type: tendermint::vote::Type::Precommit,
            height: header.height,
            round: 1u16.into(),
            block_id: Some(block_id),
            timestamp: Some(header.time),
            validator_address: address,
            validator_index: 0u32.try_into().unwrap(),
            signature: None,
            extension: Vec::new(),
            extension_signature: None,
        };
        let signature = self.key.sign(&vote.into_signable_vec(header.chain_id.clone()));
        let signature = tendermint::Signature::new(signature.to_bytes()).unwrap();
        let signatures =
            vec![CommitSig::BlockIdFlagCommit { validator_address: address, timestamp: header.time, signature }];
        let commit = Commit { height: header.height, round: 1u16.into(), block_id, signatures };
        TmHeader {
            signed_header: tendermint::block::signed_header::SignedHeader::new(header, commit).unwrap(),
            validator_set: self.set(),
            trusted_height: Height::new(self.revision(), trusted).unwrap(),
            trusted_next_validator_set: self.set(),
        }
    }

    pub fn revision(&self) -> u64 {
        openledger_ibc::revision(self.id)
    }

    pub fn height(&self, height: u64) -> RawHeight {
        RawHeight { revision_number: self.revision(), revision_height: height }
    }

    /// The proof of a key, or of its absence, under the header of the block in the making.
    pub fn prove(&self, store: &str, key: &[u8]) -> Vec<u8> {
        let answer = self.store.query(store, key, self.block.height - 1, true).unwrap();
        let proofs = answer.proof.iter().map(|op| ics23::CommitmentProof::decode(op.data.as_slice()).unwrap());
        MerkleProof { proofs: proofs.collect() }.encode_to_vec()
    }

    /// The value under the header of the block in the making.
    pub fn committed(&self, store: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.store.query(store, key, self.block.height - 1, false).unwrap().value
    }

    pub fn signer(&self) -> String {
        self.relayer.to_string()
    }
}
