//! The audit's part of the genesis: all objects; queues and indices follow from them.

use cosmwasm_std::{Empty, Order};
use openledger_core::wire::{add, hash};
use openledger_core::{Address, Context, Result};
use openledger_proto::openledger::attribution::v1 as proto;

use super::replacements::bonds;
use super::types::*;
use super::undeclared::{place_key, read_place, UndeclaredKey};
use crate::error::AttributionError;
use crate::genesis::ascending;
use crate::state::*;
use crate::till::Totals;
use crate::types::Settlement;

/// The audit's part, read and checked.
#[derive(Default)]
pub(crate) struct AuditGenesis {
    demands: Vec<Demand>,
    openings: Vec<(u64, Openings)>,
    auditors: Vec<(Address, Auditor)>,
    epoch: Option<Epoch>,
    seeds: Vec<(u64, [u8; 32])>,
    commits: Vec<((u64, u32), ReplacementCommit)>,
    undeclared: Vec<(UndeclaredKey, Undeclared)>,
}

fn invalid(text: String) -> openledger_core::Error {
    AttributionError::InvalidGenesis(text).into()
}

/// Reads the protobuf form.
pub(crate) fn read(state: &proto::AuditState) -> Result<AuditGenesis> {
    let epoch = state.epoch.as_ref().map(Epoch::from_proto).transpose()?;
    let mut read = AuditGenesis { epoch, ..AuditGenesis::default() };
    for demand in &state.demands {
        read.demands.push(Demand::from_proto(demand)?);
    }
    for openings in &state.openings {
        read.openings.push((openings.settlement, Openings::from_proto(openings)?));
    }
    for auditor in &state.auditors {
        read.auditors.push(Auditor::from_proto(auditor)?);
    }
    for seed in &state.seeds {
        read.seeds.push((seed.epoch, hash("seed", &seed.seed)?));
    }
    for commit in &state.replacement_commits {
        read.commits.push(((commit.settlement, commit.number), ReplacementCommit::from_proto(commit)?));
    }
    for showing in &state.undeclared {
        let place = place_key(showing.receipt, showing.start);
        read.undeclared.push(((showing.settlement, showing.round, place), Undeclared::from_proto(showing)?));
    }
    Ok(read)
}

impl AuditGenesis {
    /// Checks it against the settlements, which ascend.
    pub(crate) fn check(&self, settlements: &[Settlement]) -> Result<()> {
        ascending("demands", self.demands.iter().map(|demand| demand.id))?;
        ascending("openings", self.openings.iter().map(|(settlement, _)| *settlement))?;
        ascending("auditors", self.auditors.iter().map(|(address, _)| address))?;
        ascending("seeds", self.seeds.iter().map(|(epoch, _)| *epoch))?;
        ascending("commits to replacements", self.commits.iter().map(|(key, _)| *key))?;
        ascending("undeclared sources", self.undeclared.iter().map(|(key, _)| *key))?;
        if self.epoch.as_ref().is_some_and(|epoch| epoch.blocks == 0) {
            return Err(invalid("an epoch has blocks".into()));
        }
        let of = |id: u64| {
            settlements.binary_search_by_key(&id, |settlement| settlement.id).ok().and_then(|at| settlements.get(at))
        };
        for ((settlement, round, _), _) in &self.undeclared {
            if of(*settlement).is_none_or(|settlement| *round > settlement.round()) {
                return Err(invalid(format!("an undeclared source is of no round {round} of settlement {settlement}")));
            }
        }
        for demand in &self.demands {
            if demand.id == 0 || of(demand.settlement).is_none_or(|settlement| demand.round != settlement.round()) {
                return Err(invalid(format!("demand {} is of no round of claims that stands", demand.id)));
            }
        }
        let named = self.openings.iter().map(|(settlement, _)| *settlement);
        let mut named = named.chain(self.commits.iter().map(|((settlement, _), _)| *settlement));
        match named.find(|settlement| of(*settlement).is_none()) {
            Some(settlement) => {
                Err(invalid(format!("something is open about settlement {settlement}, which is not there")))
            }
            None => Ok(()),
        }
    }

    /// Adds what the audit owes.
    pub(crate) fn count(&self, totals: &mut Totals) -> Result<()> {
        for demand in &self.demands {
            totals.demands = add(totals.demands, demand.deposit)?;
        }
        for (_, auditor) in &self.auditors {
            totals.auditors = add(totals.auditors, auditor.bond)?;
        }
        totals.replacements = add(totals.replacements, bonds(self.commits.iter().map(|(_, commit)| commit))?)?;
        Ok(())
    }

    /// The contributions that were shown as undeclared sources.
    pub(crate) fn shown(&self) -> impl Iterator<Item = u64> + '_ {
        self.undeclared.iter().map(|(_, showing)| showing.contribution)
    }

    /// Stores it.
    pub(crate) fn init(&self, ctx: &mut Context) -> Result<()> {
        let kv = &mut ctx.kv_mut(STORE);
        for demand in &self.demands {
            DEMANDS.save(kv, demand.id, demand)?;
            DEMANDS_BY_SETTLEMENT.save(kv, (demand.settlement, demand.id), &Empty {})?;
            DEMAND_DEADLINES.save(kv, (demand.deadline, demand.id), &Empty {})?;
            if demand.kind != DemandKind::Opening {
                TRANSCRIPT_DEMANDS.save(kv, (demand.settlement, demand.receipt), &demand.id)?;
            }
            let last = DISPUTE_SEQ.may_load(kv)?.unwrap_or_default().max(demand.id);
            DISPUTE_SEQ.save(kv, &last)?;
        }
        for (settlement, openings) in &self.openings {
            OPENINGS.save(kv, *settlement, openings)?;
            if openings.sampling == SamplingStatus::Waiting {
                DRAWS.save(kv, (openings.epoch, *settlement), &Empty {})?;
            }
        }
        for (address, auditor) in &self.auditors {
            AUDITORS.save(kv, address.as_bytes(), auditor)?;
        }
        if let Some(epoch) = &self.epoch {
            EPOCH.save(kv, epoch)?;
        }
        for (epoch, seed) in &self.seeds {
            SEEDS.save(kv, *epoch, &seed.to_vec().into())?;
        }
        for (key, commit) in &self.commits {
            REPLACEMENT_COMMITS.save(kv, *key, commit)?;
        }
        for (key, showing) in &self.undeclared {
            UNDECLARED.save(kv, *key, showing)?;
        }
        Ok(())
    }
}

/// The audit's part of the state.
pub(crate) fn export(ctx: &Context) -> Result<proto::AuditState> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    let mut state =
        proto::AuditState { epoch: EPOCH.may_load(&*kv)?.map(|epoch| epoch.to_proto()), ..Default::default() };
    for entry in DEMANDS.range(&*kv, None, None, up) {
        state.demands.push(entry?.1.to_proto());
    }
    for entry in OPENINGS.range(&*kv, None, None, up) {
        let (settlement, openings) = entry?;
        state.openings.push(openings.to_proto(settlement));
    }
    for entry in AUDITORS.range(&*kv, None, None, up) {
        let (address, auditor) = entry?;
        state.auditors.push(auditor.to_proto(&Address::new(address)?));
    }
    for entry in SEEDS.range(&*kv, None, None, up) {
        let (epoch, seed) = entry?;
        state.seeds.push(proto::Seed { epoch, seed: seed.to_vec() });
    }
    for entry in REPLACEMENT_COMMITS.range(&*kv, None, None, up) {
        let ((settlement, number), commit) = entry?;
        state.replacement_commits.push(commit.to_proto(settlement, number));
    }
    for entry in UNDECLARED.range(&*kv, None, None, up) {
        let ((settlement, round, place), showing) = entry?;
        state.undeclared.push(showing.to_proto((settlement, round), read_place(place)));
    }
    Ok(state)
}
