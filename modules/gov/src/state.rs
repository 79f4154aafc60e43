//! Every key of the store `gov`, in the layout of the SDK (v0.50 `x/gov/types/keys.go` and the codecs of `collections`). Values are
//! protobuf, as proposals carry messages of any module.
//!
//! | key | value |
//! | --- | --- |
//! | `00` ‖ proposal | `cosmos.gov.v1.Proposal` |
//! | `01` ‖ end of voting ‖ proposal | the proposal's number: votes are counted then |
//! | `02` ‖ end of deposits ‖ proposal | the proposal's number: it is dropped then |
//! | `03` | the number that the next proposal gets |
//! | `04` ‖ proposal | `01`; there exactly while it is voted on |
//! | `10` ‖ proposal ‖ length of address (1 byte) ‖ address | `cosmos.gov.v1.Deposit` |
//! | `20` ‖ proposal ‖ length of address (1 byte) ‖ address | `cosmos.gov.v1.Vote`; there until the votes are counted |
//! | `30` | `cosmos.gov.v1.Params` |
//! | `31` | the constitution; absent where it is empty (the SDK writes an empty value, which has no proof) |
//!
//! Numbers are 8 bytes, big-endian; times are text of 29 bytes that sorts as time does, `2006-01-02T15:04:05.000000000`.

use cosmwasm_std::{Order, Storage};
use openledger_core::query::prefix_end;
use openledger_core::{Address, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{Deposit, Params, Proposal, Vote};
use openledger_proto::{Message, Timestamp};
use openledger_store::StoreName;

use crate::time;

/// The module's store.
pub const STORE: StoreName = "gov";

pub(crate) const PROPOSALS: u8 = 0x00;
const ACTIVE: u8 = 0x01;
const INACTIVE: u8 = 0x02;
const NEXT_PROPOSAL: [u8; 1] = [0x03];
const VOTING: u8 = 0x04;
const DEPOSITS: u8 = 0x10;
const VOTES: u8 = 0x20;
const PARAMS: [u8; 1] = [0x30];
const CONSTITUTION: [u8; 1] = [0x31];
/// The value of a key that says all by being there.
const PRESENT: [u8; 1] = [1];

/// The two queues of proposals, by the time at which something becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Voted on until then.
    Active,
    /// Waiting for deposits until then.
    Inactive,
}

impl Queue {
    fn prefix(self) -> u8 {
        match self {
            Self::Active => ACTIVE,
            Self::Inactive => INACTIVE,
        }
    }

    fn key(self, end: &Timestamp, proposal: u64) -> Result<Vec<u8>> {
        Ok([&[self.prefix()], time::sortable(end)?.as_bytes(), &proposal.to_be_bytes()].concat())
    }

    /// Enters a proposal.
    pub(crate) fn insert(self, kv: &mut dyn Storage, end: &Timestamp, proposal: u64) -> Result<()> {
        kv.set(&self.key(end, proposal)?, &proposal.to_be_bytes());
        Ok(())
    }

    /// Takes a proposal out; nothing where it is not in.
    pub(crate) fn remove(self, kv: &mut dyn Storage, end: &Timestamp, proposal: u64) -> Result<()> {
        let key = self.key(end, proposal)?;
        if kv.get(&key).is_some() {
            kv.remove(&key);
        }
        Ok(())
    }

    /// Whether a proposal is in.
    pub(crate) fn has(self, kv: &dyn Storage, end: &Timestamp, proposal: u64) -> Result<bool> {
        Ok(kv.get(&self.key(end, proposal)?).is_some())
    }

    /// The proposals whose time is `now` or before, in order.
    pub(crate) fn due(self, kv: &dyn Storage, now: &Timestamp) -> Result<Vec<u64>> {
        let until = [&[self.prefix()], time::sortable(now)?.as_bytes()].concat();
        let entries = kv.range(Some(&[self.prefix()]), prefix_end(&until).as_deref(), Order::Ascending);
        entries.map(|(_, value)| read_number(&value)).collect()
    }

    /// How many proposals are in.
    pub(crate) fn len(self, kv: &dyn Storage) -> usize {
        kv.range(Some(&[self.prefix()]), prefix_end(&[self.prefix()]).as_deref(), Order::Ascending).count()
    }
}

fn number_key(prefix: u8, number: u64) -> Vec<u8> {
    [&[prefix][..], &number.to_be_bytes()].concat()
}

fn person_key(prefix: u8, proposal: u64, address: &Address) -> Vec<u8> {
    let bytes = address.as_bytes();
    // An address has at most 255 bytes.
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    [&number_key(prefix, proposal)[..], &[length], bytes].concat()
}

/// What the keys of a proposal's deposits begin with.
pub(crate) fn deposits_prefix(proposal: u64) -> Vec<u8> {
    number_key(DEPOSITS, proposal)
}

/// What the keys of a proposal's votes begin with.
pub(crate) fn votes_prefix(proposal: u64) -> Vec<u8> {
    number_key(VOTES, proposal)
}

/// A proposal.
pub(crate) fn proposal(kv: &dyn Storage, id: u64) -> Result<Option<Proposal>> {
    kv.get(&number_key(PROPOSALS, id)).map(|value| read(&value)).transpose()
}

/// Writes a proposal, and whether it is voted on.
pub(crate) fn set_proposal(kv: &mut dyn Storage, proposal: &Proposal) {
    use openledger_proto::cosmos::gov::v1::ProposalStatus;
    let voting = number_key(VOTING, proposal.id);
    if proposal.status() == ProposalStatus::VotingPeriod {
        kv.set(&voting, &PRESENT);
    } else if kv.get(&voting).is_some() {
        kv.remove(&voting);
    }
    kv.set(&number_key(PROPOSALS, proposal.id), &proposal.encode_to_vec());
}

/// Removes a proposal and its places in the queues; its deposits and votes are for the caller.
pub(crate) fn remove_proposal(kv: &mut dyn Storage, proposal: &Proposal) -> Result<()> {
    if let Some(end) = &proposal.deposit_end_time {
        Queue::Inactive.remove(kv, end, proposal.id)?;
    }
    if let Some(end) = &proposal.voting_end_time {
        Queue::Active.remove(kv, end, proposal.id)?;
        let voting = number_key(VOTING, proposal.id);
        if kv.get(&voting).is_some() {
            kv.remove(&voting);
        }
    }
    kv.remove(&number_key(PROPOSALS, proposal.id));
    Ok(())
}

/// Whether a proposal is voted on.
pub(crate) fn is_voted_on(kv: &dyn Storage, id: u64) -> bool {
    kv.get(&number_key(VOTING, id)).is_some()
}

/// Every proposal, by number.
pub(crate) fn proposals(kv: &dyn Storage) -> Result<Vec<Proposal>> {
    under(kv, &[PROPOSALS])
}

/// The number that the next proposal gets.
pub(crate) fn next_proposal(kv: &dyn Storage) -> Result<u64> {
    kv.get(&NEXT_PROPOSAL).map_or(Ok(1), |value| read_number(&value))
}

/// Sets the number that the next proposal gets.
pub(crate) fn set_next_proposal(kv: &mut dyn Storage, id: u64) {
    kv.set(&NEXT_PROPOSAL, &id.to_be_bytes());
}

/// What somebody has deposited on a proposal.
pub(crate) fn deposit(kv: &dyn Storage, proposal: u64, depositor: &Address) -> Result<Option<Deposit>> {
    kv.get(&person_key(DEPOSITS, proposal, depositor)).map(|value| read(&value)).transpose()
}

/// Writes a deposit.
pub(crate) fn set_deposit(kv: &mut dyn Storage, depositor: &Address, deposit: &Deposit) {
    kv.set(&person_key(DEPOSITS, deposit.proposal_id, depositor), &deposit.encode_to_vec());
}

/// Removes a deposit.
pub(crate) fn remove_deposit(kv: &mut dyn Storage, proposal: u64, depositor: &Address) {
    kv.remove(&person_key(DEPOSITS, proposal, depositor));
}

/// A proposal's deposits, by depositor; every proposal's where none is named.
pub(crate) fn deposits(kv: &dyn Storage, proposal: Option<u64>) -> Result<Vec<Deposit>> {
    under(kv, &proposal.map_or_else(|| vec![DEPOSITS], deposits_prefix))
}

/// Somebody's vote on a proposal.
pub(crate) fn vote(kv: &dyn Storage, proposal: u64, voter: &Address) -> Result<Option<Vote>> {
    kv.get(&person_key(VOTES, proposal, voter)).map(|value| read(&value)).transpose()
}

/// Writes a vote.
pub(crate) fn set_vote(kv: &mut dyn Storage, voter: &Address, vote: &Vote) {
    kv.set(&person_key(VOTES, vote.proposal_id, voter), &vote.encode_to_vec());
}

/// A proposal's votes, by voter; every proposal's where none is named.
pub(crate) fn votes(kv: &dyn Storage, proposal: Option<u64>) -> Result<Vec<Vote>> {
    under(kv, &proposal.map_or_else(|| vec![VOTES], votes_prefix))
}

/// Removes a proposal's votes.
pub(crate) fn remove_votes(kv: &mut dyn Storage, proposal: u64) {
    let prefix = votes_prefix(proposal);
    let keys: Vec<Vec<u8>> =
        kv.range(Some(&prefix), prefix_end(&prefix).as_deref(), Order::Ascending).map(|(key, _)| key).collect();
    keys.iter().for_each(|key| kv.remove(key));
}

/// The parameters; `None` before genesis.
pub(crate) fn params(kv: &dyn Storage) -> Result<Option<Params>> {
    kv.get(&PARAMS).map(|value| read(&value)).transpose()
}

/// Sets the parameters.
pub(crate) fn set_params(kv: &mut dyn Storage, params: &Params) {
    kv.set(&PARAMS, &params.encode_to_vec());
}

/// The constitution; empty where there is none.
pub(crate) fn constitution(kv: &dyn Storage) -> Result<String> {
    let text = kv.get(&CONSTITUTION).unwrap_or_default();
    String::from_utf8(text).map_err(|_| corrupt("the constitution is not text"))
}

/// Sets the constitution.
pub(crate) fn set_constitution(kv: &mut dyn Storage, text: &str) {
    if !text.is_empty() {
        kv.set(&CONSTITUTION, text.as_bytes());
    }
}

/// Reads a stored message.
pub(crate) fn read<T: Message + Default>(value: &[u8]) -> Result<T> {
    T::decode(value).map_err(|error| corrupt(&error.to_string()))
}

fn under<T: Message + Default>(kv: &dyn Storage, prefix: &[u8]) -> Result<Vec<T>> {
    let entries = kv.range(Some(prefix), prefix_end(prefix).as_deref(), Order::Ascending);
    entries.map(|(_, value)| read(&value)).collect()
}

fn read_number(value: &[u8]) -> Result<u64> {
    value.try_into().map(u64::from_be_bytes).map_err(|_| corrupt("a number has not 8 bytes"))
}

fn corrupt(what: &str) -> openledger_core::Error {
    SdkError::Logic(format!("gov state: {what}")).into()
}
