//! The same random steps on the SDK's own chain and on ours, below consensus; every answer must be equal to the last unit.
//!
//! | file | what |
//! | --- | --- |
//! | [`abci`] | a client of ABCI over a Unix socket |
//! | [`side`] | one of the two chains: its process, its address prefix |
//! | [`genesis`] | one genesis for both |
//! | [`steps`] | random messages, votes, misbehaviour and time; [`governance`], [`grants`]: messages of theirs |
//! | [`compare`] | the queries whose answers must be equal |
//!
//! CometBFT's part is played here: who is in the set at which height (an update counts two heights later), who voted, who proposed. A
//! message is JSON with our addresses; for the other side they are translated (`open1…` to `cosmos1…`) before it is encoded and
//! signed, and its answers are translated back.
//!
//! What may differ, and why:
//!
//! | what | why |
//! | --- | --- |
//! | gas | values are written in another form in most stores; the limit is far above both sides' use |
//! | texts of errors | ours name the value; codespace and code must be equal |
//! | codespace and code, where the SDK has none (`undefined`, 1) | it lets errors of other packages through (a bad address, a missing key); ours have a code, and fail alike |
//! | numbers of accounts that messages make | ours has more modules, whose accounts are numbered before them; each side signs with its own |
//! | a validator's `unbonding_ids` | the SDK keeps those of unbondings that are over for ever, so that a validator's record grows with each exit |
//! | the end: the SDK's set of validators becomes empty | CometBFT stops there; ours keeps the last of a set, so a run ends alike up to that block |

pub mod abci;
pub mod compare;
pub mod genesis;
pub mod governance;
pub mod grants;
pub mod random;
pub mod side;
pub mod steps;
pub mod validators;

use std::path::Path;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::Key;
use openledger_proto::tendermint::abci::ExecTxResult;
use serde_json::Value;

use random::Random;
use side::Side;
use steps::Step;
use validators::Validators;

/// The chain's id on both sides.
pub const CHAIN_ID: &str = "differential-1";
/// How many people there are; those from [`FUNDED`] on have no account until a message makes one.
pub const ACCOUNTS: usize = 15;
/// How many accounts genesis has; the first [`VALIDATORS`] are operators.
pub const FUNDED: usize = 12;
/// How many validators genesis has.
pub const VALIDATORS: usize = 4;
/// What every transaction may use: far more than any needs on either side.
const GAS_LIMIT: u64 = 50_000_000;

/// The modules whose messages are sent.
pub const MODULES: [&str; 8] = ["authz", "bank", "distribution", "feegrant", "gov", "slashing", "staking", "vesting"];

/// The key of an account.
pub fn key(account: usize) -> Key {
    let mut secret = [0x5a; 32];
    secret[31] = u8::try_from(account + 1).expect("there are fewer than 255 accounts");
    Key::from_secret(&secret).expect("any small number is a key")
}

/// The two chains in the same state.
pub struct Pair {
    ours: Side,
    theirs: Side,
    keys: Vec<Key>,
    /// Account numbers and sequences, as each side tells them: ours, then theirs.
    numbers: [Vec<(u64, u64)>; 2],
    validators: Validators,
    random: Random,
    height: i64,
    time: i64,
    /// The modules that our side does not have (yet): their messages are not sent and their queries not compared.
    pub missing: Vec<&'static str>,
    /// How many transactions succeeded and failed, by type of message.
    pub counts: std::collections::BTreeMap<String, (u64, u64)>,
}

impl Pair {
    /// Starts both chains from one genesis.
    pub fn start(peer: &Path, seed: u64) -> Result<Self> {
        let keys: Vec<Key> = (0..ACCOUNTS).map(key).collect();
        let mut random = Random::new(seed);
        let (mut ours, mut theirs) = (Side::ours()?, Side::theirs(peer)?);
        let template = genesis::Template::draw(&keys[..FUNDED], &mut random);
        let time = 1_800_000_000;
        let (set, other) = (ours.init_chain(&template, time)?, theirs.init_chain(&template, time)?);
        ensure!(set == other, "InitChain: validators differ\n ours   {set:?}\n theirs {other:?}");
        let numbers: Vec<(u64, u64)> = (0..keys.len()).map(|number| (number as u64, 0)).collect();
        let numbers = [numbers.clone(), numbers];
        let validators = Validators::new(&set)?;
        let missing = MODULES.into_iter().filter(|module| !ours.has(module)).collect();
        let counts = Default::default();
        Ok(Self { ours, theirs, keys, numbers, validators, random, height: 0, time, missing, counts })
    }

    /// One block with random transactions on both sides; every answer compared. False where the SDK's chain ends: its set of validators is
    /// empty, at which CometBFT stops, while ours keeps its last ones.
    pub fn step(&mut self) -> Result<bool> {
        self.height += 1;
        let view = compare::View::of(&mut self.ours, &self.keys, self.time)?;
        let step = Step::draw(&mut self.random, self.height, self.time, &self.validators, &view).without(&self.missing);
        self.time = step.time;
        let [own, other] = &self.numbers;
        let ours = self.ours.finalize(&self.block(&step, self.ours.prefix, own)?)?;
        let theirs = self.theirs.finalize(&self.block(&step, self.theirs.prefix, other)?)?;
        let shown = || format!("height {}, step {step:#?}", self.height);
        for (index, (tx, (ours, theirs))) in
            step.txs.iter().zip(ours.tx_results.iter().zip(&theirs.tx_results)).enumerate()
        {
            if !is_same_end(ours, theirs) {
                bail!(
                    "transaction {index} ({tx}) ended differently\n ours   {} {}: {}\n theirs {} {}: {}\n{}",
                    ours.codespace,
                    ours.code,
                    ours.log,
                    theirs.codespace,
                    theirs.code,
                    theirs.log,
                    shown()
                );
            }
            let count = self.counts.entry(tx.kind().to_string()).or_default();
            if ours.code == 0 {
                count.0 += 1;
            } else {
                count.1 += 1;
            }
        }
        let gone = theirs.validator_updates.iter().all(|update| update.power == 0);
        if gone && !theirs.validator_updates.is_empty() && ours.validator_updates.is_empty() {
            return Ok(false);
        }
        ensure!(
            sorted(&ours.validator_updates) == sorted(&theirs.validator_updates),
            "updates of the validator set differ\n ours   {:?}\n theirs {:?}\n{}",
            ours.validator_updates,
            theirs.validator_updates,
            shown()
        );
        self.validators.update(self.height, &ours.validator_updates)?;
        self.ours.commit()?;
        self.theirs.commit()?;
        self.numbers = compare::accounts(&mut self.ours, &mut self.theirs, &self.keys).with_context(shown)?;
        compare::state(&mut self.ours, &mut self.theirs, &self.keys).with_context(shown)?;
        Ok(true)
    }

    fn block(&self, step: &Step, prefix: &str, numbers: &[(u64, u64)]) -> Result<abci::Block> {
        let mut sequences = numbers.to_vec();
        let txs = step.txs.iter().map(|tx| {
            let (number, sequence) = &mut sequences[tx.signer];
            let bytes = tx.signed(&self.keys[tx.signer], *number, *sequence, prefix, GAS_LIMIT)?;
            *sequence += 1;
            Ok(bytes)
        });
        Ok(step.block(txs.collect::<Result<_>>()?))
    }
}

fn sorted(updates: &[openledger_proto::tendermint::abci::ValidatorUpdate]) -> Vec<String> {
    let mut texts: Vec<String> = updates.iter().map(|update| format!("{update:?}")).collect();
    texts.sort();
    texts
}

/// Rewrites every bech32 address in a JSON value from one prefix to another; all other text is left as it is.
pub fn translate(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => {
            if let Some(other) = translated(text, from, to) {
                *text = other;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| translate(item, from, to)),
        Value::Object(fields) => fields.values_mut().for_each(|field| translate(field, from, to)),
        _ => {}
    }
}

fn translated(text: &str, from: &str, to: &str) -> Option<String> {
    if from == to || !text.starts_with(from) {
        return None;
    }
    ["", "valoper", "valcons"].iter().find_map(|kind| {
        let address = openledger_core::Address::from_bech32(text, &format!("{from}{kind}")).ok()?;
        Some(address.to_bech32(&format!("{to}{kind}")))
    })
}

/// Whether both succeeded, or failed with the same code. Where the SDK lets an error through that has no code (`undefined` 1, of a missing
/// key for one), ours has one.
fn is_same_end(ours: &ExecTxResult, theirs: &ExecTxResult) -> bool {
    let nameless = theirs.codespace == "undefined" && theirs.code == 1;
    (ours.code, &ours.codespace) == (theirs.code, &theirs.codespace) || (nameless && ours.code != 0)
}
