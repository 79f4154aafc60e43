//! Genesis: the whole state. Mountain ranges, totals, indices and the queue of deadlines are made again from it.
//!
//! A genesis is checked by taking it over: every part is read as messages are, and then the invariants must hold. `validate` does that
//! in a scratch state, so a genesis that passes it is one that a chain starts with (if bank's holds the money that is owed).

use std::collections::BTreeMap;
use std::sync::Arc;

use cosmwasm_std::{Binary, Empty, Order};
use openledger_core::wire::add;
use openledger_core::{Address, BlockInfo, Context, GasMeter, Mode, Result};
use openledger_proto::openledger::datanet::v1::{
    AllowedEntry, CommonsChange as ProtoChange, CommonsEntry, ContentEntry, GenesisState, GenesisVersion, Governance,
    ShareEntry,
};
use openledger_proto::Message;
use openledger_provenance::content::Commitment;
use openledger_store::{BlockState, MemSnapshot};

use crate::content;
use crate::error::DatanetError;
use crate::genesis_read as parts;
use crate::governance;
use crate::invariants;
use crate::keeper::Datanets;
use crate::money::Totals;
use crate::params::Params;
use crate::state::*;
use crate::types::{Contribution, Growth, Status};

/// The parameters' defaults and nothing else.
pub(crate) fn default() -> GenesisState {
    GenesisState {
        params: Some(Params::default().to_proto()),
        next_datanet_id: 1,
        next_seq: 1,
        governance: Some(Governance { next_proposal_id: 1, ..Governance::default() }),
        content: Some(Default::default()),
        ..Default::default()
    }
}

pub(crate) fn invalid(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidGenesis(text.into()).into()
}

/// Decodes a genesis and checks it, in a scratch state.
pub(crate) fn read(genesis: &[u8]) -> Result<GenesisState> {
    let genesis = GenesisState::decode(genesis).map_err(|error| invalid(error.to_string()))?;
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo::default();
    let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
    write(&Datanets::default(), &mut ctx, &genesis)?;
    invariants::check_books(&Datanets::default(), &ctx).map_err(|error| invalid(error.message))?;
    Ok(genesis)
}

/// Takes a genesis over. Bank's must be taken over before it.
pub(crate) fn init(keeper: &Datanets, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    write(keeper, ctx, &read(genesis)?)?;
    invariants::check(keeper, ctx).map_err(|error| invalid(error.message))
}

/// Saves under a key that must be free.
macro_rules! save_new {
    ($map:ident, $ctx:expr, $key:expr, $value:expr, $what:expr) => {{
        let key = $key;
        if $map.has(&*$ctx.kv(STORE), key) {
            return Err(invalid(format!("{} stands there twice", $what)));
        }
        $map.save(&mut $ctx.kv_mut(STORE), key, $value)?;
    }};
}

pub(crate) use save_new;

fn write(keeper: &Datanets, ctx: &mut Context, genesis: &GenesisState) -> Result<()> {
    let params = Params::from_proto(genesis.params.as_ref())?;
    keeper.set_params(ctx, &params)?;
    NEXT_DATANET.save(&mut ctx.kv_mut(STORE), &genesis.next_datanet_id.max(1))?;
    NEXT_SEQ.save(&mut ctx.kv_mut(STORE), &genesis.next_seq.max(1))?;
    let mut totals = Totals::default();
    for datanet in &genesis.datanets {
        let datanet = parts::datanet(&params, datanet)?;
        save_new!(DATANETS, ctx, datanet.id, &datanet, format!("datanet {}", datanet.id));
    }
    for entry in &genesis.allowed {
        let address: Address = entry.address.parse()?;
        ALLOWED.save(&mut ctx.kv_mut(STORE), (entry.datanet_id, address.as_bytes()), &Empty {})?;
    }
    for review in &genesis.reviews {
        let (seq, reviewer, review) = parts::review(review)?;
        let key = (seq, reviewer.as_bytes());
        save_new!(REVIEWS, ctx, key, &review, format!("the review of {seq} by {reviewer}"));
    }
    write_contributions(keeper, ctx, genesis, &mut totals)?;
    write_versions(ctx, genesis)?;
    content::genesis::write(ctx, genesis, &mut totals)?;
    for entry in &genesis.commons {
        let changes = parts::commons(entry)?;
        save_new!(COMMONS, ctx, entry.seq, &changes, format!("commons entry {}", entry.seq));
    }
    for baseline in &genesis.baselines {
        let (id, baseline) = parts::baseline(baseline)?;
        totals.baselines = add(totals.baselines, baseline.owed()?)?;
        save_new!(BASELINES, ctx, id, &baseline, format!("the baseline of datanet {id}"));
    }
    for treasury in &genesis.treasuries {
        let (id, treasury) = parts::treasury(treasury)?;
        totals.treasuries = add(totals.treasuries, treasury.owed()?)?;
        save_new!(TREASURIES, ctx, id, &treasury, format!("the treasury of datanet {id}"));
    }
    let empty = Governance::default();
    governance::genesis::write(keeper, ctx, genesis.governance.as_ref().unwrap_or(&empty), &mut totals)?;
    TOTALS.save(&mut ctx.kv_mut(STORE), &totals)?;
    Ok(())
}

fn write_contributions(
    keeper: &Datanets,
    ctx: &mut Context,
    genesis: &GenesisState,
    totals: &mut Totals,
) -> Result<()> {
    let mut accepted: BTreeMap<(u64, u64), Contribution> = BTreeMap::new();
    for contribution in &genesis.contributions {
        let contribution = parts::contribution(contribution)?;
        let (seq, datanet) = (contribution.seq, contribution.datanet);
        totals.deposits = add(totals.deposits, contribution.deposit)?;
        save_new!(CONTRIBUTIONS, ctx, seq, &contribution, format!("contribution {seq}"));
        let mut kv = ctx.kv_mut(STORE);
        BY_DATANET.save(&mut kv, (datanet, seq), &Empty {})?;
        BY_AUTHOR.save(&mut kv, (contribution.author.as_bytes(), seq), &Empty {})?;
        if let Some(reveal) = &contribution.reveal {
            BY_ROOT.save(&mut kv, (reveal.root.as_slice(), seq), &Empty {})?;
        }
        if contribution.status == Status::Committed {
            PENDING.save(&mut kv, (contribution.reveal_deadline, seq), &Empty {})?;
        }
        if let Some(index) = contribution.accept_index() {
            if accepted.insert((datanet, index), contribution).is_some() {
                return Err(invalid(format!("place {index} of datanet {datanet} is taken twice")));
            }
        }
    }
    for entry in &genesis.contents {
        let commitment = Commitment::of(&entry.content);
        let contribution = CONTRIBUTIONS.may_load(&*ctx.kv(STORE), entry.seq)?;
        let expected = contribution.map(|contribution| contribution.commitment()).transpose()?.flatten();
        if expected != Some(commitment) {
            return Err(invalid(format!("the content of contribution {} is not what it committed to", entry.seq)));
        }
        let content = Binary::from(entry.content.as_slice());
        save_new!(CONTENTS, ctx, entry.seq, &content, format!("the content of contribution {}", entry.seq));
    }
    write_accepted(keeper, ctx, genesis, &accepted)
}

/// The mountain ranges, from the contributions in order of their places.
fn write_accepted(
    keeper: &Datanets,
    ctx: &mut Context,
    genesis: &GenesisState,
    accepted: &BTreeMap<(u64, u64), Contribution>,
) -> Result<()> {
    let mut frozen: BTreeMap<u64, (u32, u64)> = BTreeMap::new();
    for version in genesis.versions.iter().filter_map(|entry| entry.version.as_ref()) {
        let last = frozen.entry(version.datanet_id).or_default();
        *last = (*last).max((version.version, version.count));
    }
    for entry in &genesis.shares {
        let share = parts::share(entry)?;
        save_new!(SHARES, ctx, entry.seq, &share, format!("the share of contribution {}", entry.seq));
    }
    let mut grown: BTreeMap<u64, Growth> = BTreeMap::new();
    for ((datanet, index), contribution) in accepted {
        let (last_version, count) = frozen.get(datanet).copied().unwrap_or_default();
        let growth = grown.entry(*datanet).or_default();
        growth.last_version = last_version;
        let mut frontier = growth.frontier()?;
        let leaf =
            contribution.leaf()?.ok_or_else(|| invalid(format!("contribution {} has no content", contribution.seq)))?;
        frontier.append(leaf).map_err(|error| invalid(error.to_string()))?;
        growth.set_frontier(&frontier);
        let too_large = DatanetError::Overflow("a sum of share indices");
        let total = growth.total_index.checked_add(contribution.share_index());
        growth.total_index = total.ok_or(too_large.clone())?;
        let ended = SHARES.may_load(&*ctx.kv(STORE), contribution.seq)?.is_some_and(|share| share.end.is_some());
        if ended && *index >= count {
            let ended = growth.ended_index.checked_add(contribution.share_index());
            growth.ended_index = ended.ok_or(too_large)?;
        }
        let mut kv = ctx.kv_mut(STORE);
        ACCEPTED.save(&mut kv, (*datanet, *index), &contribution.seq)?;
        if let Some(reveal) = &contribution.reveal {
            let key = (*datanet, reveal.root.as_slice());
            ACCEPTED_ROOT.save(&mut kv, key, &contribution.seq)?;
        }
        keeper.append_nodes(ctx, *datanet, *index, leaf)?;
    }
    for (datanet, growth) in &grown {
        GROWTH.save(&mut ctx.kv_mut(STORE), *datanet, growth)?;
    }
    Ok(())
}

fn write_versions(ctx: &mut Context, genesis: &GenesisState) -> Result<()> {
    for entry in &genesis.versions {
        let (key, version) = parts::version(entry)?;
        save_new!(VERSIONS, ctx, key, &version, format!("version {} of datanet {}", key.1, key.0));
    }
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(keeper: &Datanets, ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    let mut genesis = GenesisState {
        params: Some(keeper.params(ctx)?.to_proto()),
        next_datanet_id: NEXT_DATANET.may_load(&*kv)?.unwrap_or(1),
        next_seq: NEXT_SEQ.may_load(&*kv)?.unwrap_or(1),
        governance: Some(governance::genesis::export(ctx)?),
        ..Default::default()
    };
    for pair in DATANETS.range(&*kv, None, None, up) {
        genesis.datanets.push(pair?.1.to_proto());
    }
    for key in ALLOWED.keys(&*kv, None, None, up) {
        let (datanet_id, address) = key?;
        genesis.allowed.push(AllowedEntry { datanet_id, address: Address::new(address)?.to_string() });
    }
    for pair in CONTRIBUTIONS.range(&*kv, None, None, up) {
        genesis.contributions.push(pair?.1.to_proto());
    }
    for pair in CONTENTS.range(&*kv, None, None, up) {
        let (seq, content) = pair?;
        genesis.contents.push(ContentEntry { seq, content: content.into() });
    }
    for pair in REVIEWS.range(&*kv, None, None, up) {
        let ((seq, reviewer), review) = pair?;
        genesis.reviews.push(review.to_proto(seq, &Address::new(reviewer)?));
    }
    for pair in VERSIONS.range(&*kv, None, None, up) {
        let ((datanet, number), version) = pair?;
        let per_index = version.per_index.to_string();
        genesis.versions.push(GenesisVersion { version: Some(version.to_proto(datanet, number)), per_index });
    }
    for pair in COMMONS.range(&*kv, None, None, up) {
        let (seq, changes) = pair?;
        let changes = changes.iter().map(|change| ProtoChange { height: change.height, listed: change.listed });
        genesis.commons.push(CommonsEntry { seq, changes: changes.collect() });
    }
    for pair in BASELINES.range(&*kv, None, None, up) {
        let (id, baseline) = pair?;
        genesis.baselines.push(baseline.to_proto(id));
    }
    for pair in SHARES.range(&*kv, None, None, up) {
        let (seq, share) = pair?;
        let (ended, end) = (share.end.is_some(), share.end.unwrap_or_default());
        let (claimed, end_per_index) = (share.claimed.to_string(), end.to_string());
        genesis.shares.push(ShareEntry { seq, claimed, ended, end_per_index });
    }
    for pair in TREASURIES.range(&*kv, None, None, up) {
        let (id, treasury) = pair?;
        genesis.treasuries.push(treasury.to_proto(id));
    }
    genesis.content = Some(content::genesis::export(ctx)?);
    Ok(genesis)
}
