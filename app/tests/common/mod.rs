//! A chain without consensus: the tests play CometBFT. Accounts with known keys, transactions signed by them, blocks.

// Each test crate uses its part of this.
#![allow(dead_code)]

#[path = "../../../store/tests/common/heavily.rs"]
pub mod heavily;
pub mod samples;
pub mod stake;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use bytes::Bytes;
use openledger_app::execution::{Application, Chain, Config};
use openledger_app::runtime::Runtime;
use openledger_auth::Account;
use openledger_core::{Address, Context, Handle, Module, Result, Router, SdkError, ValidatorUpdate, BASE_DENOM};
use openledger_proto::cosmos::bank::v1beta1::MsgSend;
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::crypto::secp256k1::PubKey;
use openledger_proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use openledger_proto::tendermint::abci::{
    ExecTxResult, RequestCheckTx, RequestFinalizeBlock, RequestInitChain, RequestProcessProposal, RequestQuery,
    ResponseCheckTx, ResponseFinalizeBlock, ResponseQuery,
};
use openledger_proto::{Any, Message, Name, Timestamp};
use secp256k1::{PublicKey, Secp256k1, SecretKey};
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};
use tendermint_abci::Application as _;

pub const CHAIN_ID: &str = "test-1";
/// What each account has at first.
pub const START: u128 = 1_000_000;
/// Accounts that genesis makes; their numbers are their indexes.
pub const ACCOUNTS: usize = 8;
/// 2026-11-21, in seconds.
pub const GENESIS_TIME: i64 = 1_795_219_200;

/// Somebody with a key.
#[derive(Clone)]
pub struct Person {
    pub number: u64,
    key: SecretKey,
}

pub fn person(index: usize) -> Person {
    let secret: [u8; 32] = Sha256::digest(format!("person {index}")).into();
    Person { number: index as u64, key: SecretKey::from_byte_array(secret).unwrap() }
}

impl Person {
    pub fn public_key(&self) -> Vec<u8> {
        PublicKey::from_secret_key(&Secp256k1::new(), &self.key).serialize().to_vec()
    }

    pub fn address(&self) -> Address {
        Address::of_secp256k1(&self.public_key())
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let message = secp256k1::Message::from_digest(digest);
        Secp256k1::new().sign_ecdsa(message, &self.key).serialize_compact().to_vec()
    }

    /// A message that sends `amount` to `to`.
    pub fn send(&self, to: &Person, amount: u128) -> Any {
        self.send_to(&to.address(), amount)
    }

    pub fn send_to(&self, to: &Address, amount: u128) -> Any {
        pack(&MsgSend {
            from_address: self.address().to_string(),
            to_address: to.to_string(),
            amount: vec![coin(amount)],
        })
    }

    /// A message for [`Odd`].
    pub fn vote(&self, how: u64) -> Any {
        pack(&Misbehave { sender: self.address().to_string(), how })
    }
}

pub fn coin(amount: u128) -> Coin {
    Coin { denom: BASE_DENOM.into(), amount: amount.to_string() }
}

pub fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// A transaction in the making; fields are what the tests bend.
#[derive(Clone)]
pub struct Draft {
    pub body: TxBody,
    pub signers: Vec<(Person, u64)>,
    pub fee: Fee,
    pub chain_id: String,
    pub mode: i32,
}

/// A transaction of messages that `signers` sign with their sequences.
pub fn draft(messages: Vec<Any>, signers: &[(&Person, u64)]) -> Draft {
    Draft {
        body: TxBody { messages, ..TxBody::default() },
        signers: signers.iter().map(|(person, sequence)| ((*person).clone(), *sequence)).collect(),
        fee: Fee { gas_limit: 200_000, ..Fee::default() },
        chain_id: CHAIN_ID.into(),
        mode: 1,
    }
}

impl Draft {
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn gas(self, gas: u64) -> Self {
        self.with(|draft| draft.fee.gas_limit = gas)
    }

    pub fn fee(self, amount: u128) -> Self {
        self.with(|draft| draft.fee.amount = vec![coin(amount)])
    }

    pub fn sign(&self) -> Bytes {
        let single = ModeInfo { sum: Some(Sum::Single(Single { mode: self.mode })) };
        let info = |(person, sequence): &(Person, u64)| SignerInfo {
            public_key: Some(pack(&PubKey { key: person.public_key() })),
            mode_info: Some(single.clone()),
            sequence: *sequence,
        };
        #[allow(deprecated)]
        let auth_info =
            AuthInfo { signer_infos: self.signers.iter().map(info).collect(), fee: Some(self.fee.clone()), tip: None };
        self.seal(self.body.encode_to_vec(), auth_info.encode_to_vec())
    }

    /// Signs these bytes, whatever they are.
    pub fn seal(&self, body_bytes: Vec<u8>, auth_info_bytes: Vec<u8>) -> Bytes {
        let sign = |(person, _): &(Person, u64)| {
            let document = SignDoc {
                body_bytes: body_bytes.clone(),
                auth_info_bytes: auth_info_bytes.clone(),
                chain_id: self.chain_id.clone(),
                account_number: person.number,
            };
            person.sign(&document.encode_to_vec())
        };
        let signatures = self.signers.iter().map(sign).collect();
        TxRaw { body_bytes, auth_info_bytes, signatures }.encode_to_vec().into()
    }
}

/// A message that misbehaves as its number says, under the name of one that the descriptors have and no module handles.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Misbehave {
    #[prost(string, tag = "4")]
    pub sender: String,
    #[prost(uint64, tag = "3")]
    pub how: u64,
}

impl Name for Misbehave {
    const NAME: &'static str = "MsgPruneAcknowledgements";
    const PACKAGE: &'static str = "ibc.core.channel.v1";
}

/// Its response.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Misbehaved {}

impl Name for Misbehaved {
    const NAME: &'static str = "MsgPruneAcknowledgementsResponse";
    const PACKAGE: &'static str = "ibc.core.channel.v1";
}

/// The module that handles it.
#[derive(Clone)]
pub struct Odd;

impl Handle<Misbehave> for Odd {
    type Response = Misbehaved;

    fn validate(&self, msg: &Misbehave) -> Result<()> {
        match msg.how {
            100 => Err(SdkError::InvalidRequest("stateless check".into()).into()),
            101 => panic!("in a stateless check"),
            _ => Ok(()),
        }
    }

    fn handle(&self, ctx: &mut Context, msg: &Misbehave) -> Result<Misbehaved> {
        use cosmwasm_std::Storage;
        ctx.kv_mut("odd").set(b"last", &msg.how.to_be_bytes());
        match msg.how {
            1 => panic!("at {:p}, which differs from node to node", &msg),
            2 => loop {
                ctx.kv_mut("odd").set(b"again", b"and again");
            },
            3 => Err(SdkError::InvalidRequest("three".into()).into()),
            LONG_KEY => {
                ctx.kv_mut("odd").set(&[7; 200_000], b"a key that no store holds");
                Ok(Misbehaved {})
            }
            WAITS => {
                WAITING.store(true, Ordering::SeqCst);
                while WAIT.load(Ordering::SeqCst) {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                Ok(Misbehaved {})
            }
            _ => Ok(Misbehaved {}),
        }
    }
}

impl Module for Odd {
    fn name(&self) -> &'static str {
        "odd"
    }

    fn store(&self) -> Option<&'static str> {
        Some("odd")
    }

    fn register(&self, router: &mut Router) {
        router.msg::<Misbehave, _>("odd", self);
        router.query("/odd.Query/Panic", |_: &Context, _: ()| -> Result<(), openledger_core::Status> {
            panic!("in a query")
        });
    }

    /// Writes what the block tells of validators, and panics where a vote on [`PANIC_IN_BEGIN`] asked for it.
    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        use cosmwasm_std::Storage;
        assert!(last_vote(ctx) != PANIC_IN_BEGIN, "in begin block, as asked");
        let block = ctx.block();
        if !block.last_commit.votes.is_empty() || !block.misbehavior.is_empty() {
            let seen = format!("{:?} {:?} {:?}", block.next_validators_hash, block.last_commit, block.misbehavior);
            ctx.kv_mut("odd").set(b"comet", seen.as_bytes());
        }
        Ok(())
    }

    fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        assert!(last_vote(ctx) != PANIC_IN_END, "in end block, as asked");
        Ok(Vec::new())
    }

    fn genesis_type(&self) -> &'static str {
        "google.protobuf.Empty"
    }

    fn default_genesis(&self) -> Vec<u8> {
        Vec::new()
    }

    fn validate_genesis(&self, _genesis: &[u8]) -> Result<()> {
        Ok(())
    }

    fn init_genesis(&self, ctx: &mut Context, _genesis: &[u8]) -> Result<()> {
        use cosmwasm_std::Storage;
        ctx.kv_mut("odd").set(b"last", b"genesis");
        Ok(())
    }

    fn export_genesis(&self, _ctx: &Context) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        if last_vote(ctx) == BREAKS {
            return Err(SdkError::Logic("the last vote broke it".into()).into());
        }
        Ok(())
    }
}

/// A vote on this writes a key that is too long for the store.
pub const LONG_KEY: u64 = 8;
/// A vote on this takes as long as [`WAIT`] is set.
pub const WAITS: u64 = 7;
pub static WAIT: AtomicBool = AtomicBool::new(false);
/// Set once it waits.
pub static WAITING: AtomicBool = AtomicBool::new(false);
/// A vote on this makes the next block's begin block panic.
pub const PANIC_IN_BEGIN: u64 = 50;
/// A vote on this makes its own block's end block panic.
pub const PANIC_IN_END: u64 = 51;

/// A vote on this breaks an invariant.
pub const BREAKS: u64 = 52;

fn last_vote(ctx: &Context) -> u64 {
    let last = ctx.kv("odd").get(b"last").and_then(|last| last.try_into().ok());
    last.map_or(0, u64::from_be_bytes)
}

/// `app_state` with the people's accounts and money.
pub fn app_state() -> Map<String, Value> {
    let mut state = Runtime::default().default_genesis().unwrap();
    let address = |index| person(index).address().to_string();
    let account = |index: usize| {
        json!({"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": address(index), "pub_key": null,
               "account_number": index.to_string(), "sequence": "0"})
    };
    let balance =
        |index| json!({"address": address(index), "coins": [{"denom": BASE_DENOM, "amount": START.to_string()}]});
    state["auth"]["accounts"] = (0..ACCOUNTS).map(account).collect();
    state["bank"]["balances"] = (0..ACCOUNTS).map(balance).collect();
    state
}

/// A chain and its folder.
pub struct Net {
    pub app: Application,
    folder: Arc<tempfile::TempDir>,
    config: Config,
    runtime: fn() -> Runtime,
}

/// The chain's modules and [`Odd`].
fn with_odd() -> Runtime {
    Runtime::with(vec![Arc::new(Odd)])
}

pub fn net() -> Net {
    net_with(|_| {})
}

/// A chain with other settings, after InitChain and its first, empty block.
pub fn net_with(change: impl FnOnce(&mut Config)) -> Net {
    net_of(with_odd, change)
}

/// [`net_with`] of these modules.
pub fn net_of(runtime: fn() -> Runtime, change: impl FnOnce(&mut Config)) -> Net {
    let net = unborn_of(runtime, change);
    net.app.init_chain(genesis());
    net.block(vec![]);
    net
}

/// A chain before InitChain.
pub fn unborn(change: impl FnOnce(&mut Config)) -> Net {
    unborn_of(with_odd, change)
}

fn unborn_of(runtime: fn() -> Runtime, change: impl FnOnce(&mut Config)) -> Net {
    let mut config = Config::new(CHAIN_ID);
    config.threads = 2;
    change(&mut config);
    let folder = Arc::new(tempfile::tempdir().unwrap());
    Net { app: open(folder.path(), runtime(), &config), folder, config, runtime }
}

fn open(folder: &Path, runtime: Runtime, config: &Config) -> Application {
    let mut options = Chain::store_options(&runtime, config);
    options.sync = false;
    let chain = Chain::open_with(&PathBuf::from(folder), options, runtime, config.clone()).unwrap();
    Application::new(Arc::new(chain))
}

pub fn genesis() -> RequestInitChain {
    RequestInitChain {
        time: Some(Timestamp { seconds: GENESIS_TIME, nanos: 0 }),
        chain_id: CHAIN_ID.into(),
        app_state_bytes: serde_json::to_vec(&app_state()).unwrap().into(),
        initial_height: 1,
        ..Default::default()
    }
}

impl Net {
    /// The same chain in a new process: what was not committed is lost.
    pub fn restart(self) -> Self {
        let Self { app, folder, config, runtime } = self;
        drop(app);
        Self { app: open(folder.path(), runtime(), &config), folder, config, runtime }
    }

    pub fn height(&self) -> i64 {
        self.app.info(Default::default()).last_block_height
    }

    pub fn app_hash(&self) -> Vec<u8> {
        self.app.info(Default::default()).last_block_app_hash.to_vec()
    }

    pub fn request(&self, txs: Vec<Bytes>) -> RequestFinalizeBlock {
        let height = self.height() + 1;
        RequestFinalizeBlock {
            txs,
            height,
            hash: Sha256::digest(height.to_be_bytes()).to_vec().into(),
            time: Some(Timestamp { seconds: GENESIS_TIME + 5 * height, nanos: 0 }),
            ..Default::default()
        }
    }

    /// Asks to judge the block as a proposal; whether it is accepted.
    pub fn propose(&self, block: &RequestFinalizeBlock) -> bool {
        let block = block.clone();
        self.app.chain().process_proposal(&RequestProcessProposal {
            txs: block.txs,
            proposed_last_commit: block.decided_last_commit,
            misbehavior: block.misbehavior,
            hash: block.hash,
            height: block.height,
            time: block.time,
            next_validators_hash: block.next_validators_hash,
            proposer_address: block.proposer_address,
        })
    }

    /// How many guesses of optimistic execution ended so: `hit`, `miss`, `discarded`, `absent`.
    pub fn guesses(&self, end: &str) -> u64 {
        let name = format!("openledger_optimistic_total{{end=\"{end}\"}} ");
        let metrics = self.app.chain().metrics().unwrap();
        metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
    }

    /// Executes and commits a block, and checks the invariants after it.
    pub fn block(&self, txs: Vec<Bytes>) -> ResponseFinalizeBlock {
        self.execute(self.request(txs))
    }

    /// [`Net::block`] of a whole request.
    pub fn execute(&self, request: RequestFinalizeBlock) -> ResponseFinalizeBlock {
        let response = self.app.finalize_block(request);
        self.app.commit();
        self.app.check_invariants().unwrap();
        assert_eq!(response.app_hash.to_vec(), self.app_hash());
        response
    }

    /// A block of one transaction; its result.
    pub fn deliver(&self, tx: Bytes) -> ExecTxResult {
        self.block(vec![tx]).tx_results.remove(0)
    }

    pub fn check(&self, tx: Bytes) -> ResponseCheckTx {
        self.app.check_tx(RequestCheckTx { tx, r#type: 0 })
    }

    pub fn recheck(&self, tx: Bytes) -> ResponseCheckTx {
        self.app.check_tx(RequestCheckTx { tx, r#type: 1 })
    }

    pub fn query(&self, path: &str, data: impl Into<Bytes>, height: i64, prove: bool) -> ResponseQuery {
        self.app.query(RequestQuery { path: path.into(), data: data.into(), height, prove })
    }

    pub fn balance(&self, address: &Address) -> u128 {
        let (state, block) = self.app.state_at(0).unwrap();
        let ctx = Context::query(&state, &block, openledger_core::GasMeter::infinite());
        self.app.runtime().bank.balance(&ctx, address, BASE_DENOM).unwrap().to_string().parse().unwrap()
    }

    pub fn sequence(&self, person: &Person) -> u64 {
        self.account(person).sequence
    }

    pub fn number(&self, person: &Person) -> u64 {
        self.account(person).number
    }

    fn account(&self, person: &Person) -> Account {
        let (state, block) = self.app.state_at(0).unwrap();
        let ctx = Context::query(&state, &block, openledger_core::GasMeter::infinite());
        self.app.runtime().auth.account(&ctx, &person.address()).unwrap().unwrap()
    }
}

/// The attribute of the first event of a kind that has it.
pub fn attribute(result: &ExecTxResult, kind: &str, key: &str) -> Option<String> {
    let events = result.events.iter().filter(|event| event.r#type == kind);
    let mut attributes = events.flat_map(|event| &event.attributes).filter(|attribute| attribute.key == key);
    attributes.next().map(|attribute| attribute.value.clone())
}

/// Resident memory of this process in bytes.
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1_024
}
