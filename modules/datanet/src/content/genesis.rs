//! What happened to contents, in a genesis. Pointers and the nodes of mountain ranges follow from the contributions.

use cosmwasm_std::{Empty, Order};
use openledger_core::coin::parse_amount;
use openledger_core::wire::add;
use openledger_core::{Address, Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;

use super::availability::MAX_GAPS;
use super::state::*;
use super::types::{Challenge, Custody, DuplicateDispute, DuplicateStatus, Gap, Ruling, Seed, Unavailable};
use crate::genesis::invalid;
use crate::money::Totals;
use crate::state::{CONTRIBUTIONS, STORE};

/// The versions that leave a contribution out: apart, in order, the last one perhaps open.
pub(crate) fn gaps(gaps: &[proto::Gap]) -> Result<Vec<Gap>> {
    let mut read: Vec<Gap> = Vec::new();
    for gap in gaps {
        let to = (gap.to_version != 0).then_some(gap.to_version);
        let after = read.last().is_none_or(|last| last.to.is_some_and(|to| to <= gap.from_version));
        if gap.from_version == 0 || !after || to.is_some_and(|to| to <= gap.from_version) || read.len() > MAX_GAPS {
            return Err(invalid(format!("versions {} to {} cannot leave it out", gap.from_version, gap.to_version)));
        }
        read.push(Gap { from: gap.from_version, to });
    }
    Ok(read)
}

/// Takes the state over, after the contributions.
pub(crate) fn write(ctx: &mut Context, genesis: &proto::GenesisState, totals: &mut Totals) -> Result<()> {
    let default = proto::ContentState::default();
    let content = genesis.content.as_ref().unwrap_or(&default);
    write_pointers(ctx)?;
    NEXT_DUPLICATE.save(&mut ctx.kv_mut(STORE), &content.next_duplicate_id.max(1))?;
    for entry in &content.seeds {
        let time = entry.drawn.then_some((entry.seconds, entry.nanos));
        if !entry.drawn && (entry.seconds != 0 || entry.nanos != 0) {
            return Err(invalid(format!("the seed of height {} has a time and is not drawn", entry.height)));
        }
        SEEDS.save(&mut ctx.kv_mut(STORE), entry.height, &Seed { disputes: 0, time })?;
    }
    for entry in &content.duplicates {
        let dispute = duplicate(entry)?;
        totals.challenges = add(totals.challenges, dispute.bond)?;
        write_duplicate(ctx, &dispute)?;
    }
    for entry in &content.challenges {
        let challenge = Challenge {
            challenger: entry.challenger.parse()?,
            deposit: parse_amount(&entry.deposit)?,
            deadline: entry.deadline,
            missed: entry.missed,
        };
        totals.challenges = add(totals.challenges, challenge.deposit)?;
        if CHALLENGES.has(&*ctx.kv(STORE), (entry.seq, entry.chunk)) {
            return Err(invalid(format!("the challenge of chunk {} of {} stands there twice", entry.chunk, entry.seq)));
        }
        let mut kv = ctx.kv_mut(STORE);
        CHALLENGES.save(&mut kv, (entry.seq, entry.chunk), &challenge)?;
        if !challenge.missed {
            CHALLENGE_DEADLINES.save(&mut kv, (challenge.deadline, entry.seq, entry.chunk), &Empty {})?;
        }
    }
    write_payees(ctx, content)
}

/// What decides who is paid.
fn write_payees(ctx: &mut Context, content: &proto::ContentState) -> Result<()> {
    let mut kv = ctx.kv_mut(STORE);
    for entry in &content.rulings {
        let source = (entry.source != 0).then_some(entry.source);
        RULINGS.save(&mut kv, entry.seq, &Ruling { source, dispute: entry.dispute_id, height: entry.height })?;
    }
    for entry in &content.unavailable {
        let unavailable = Unavailable { missed: entry.missed, held_until: entry.held_until_seconds };
        UNAVAILABLE.save(&mut kv, entry.seq, &unavailable)?;
    }
    for entry in &content.custodies {
        let (account, statement): (Address, _) = (entry.account.parse()?, entry.statement.clone());
        CUSTODIES.save(&mut kv, entry.seq, &Custody { account, statement, from: entry.from_seconds })?;
    }
    for entry in &content.holds {
        HOLDS.save(&mut kv, entry.seq, &entry.until_seconds)?;
        HOLDS_DUE.save(&mut kv, (entry.until_seconds, entry.seq), &Empty {})?;
    }
    Ok(())
}

fn write_pointers(ctx: &mut Context) -> Result<()> {
    let mut found = Vec::new();
    for pair in CONTRIBUTIONS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let (seq, contribution) = pair?;
        if let (Some(pointer), Some(acceptance)) = (contribution.points_at(), &contribution.acceptance) {
            found.push((seq, *pointer, acceptance.pointer_bps));
        }
    }
    let mut kv = ctx.kv_mut(STORE);
    for (seq, pointer, bps) in found {
        POINTERS.save(&mut kv, (pointer.seq, seq), &Empty {})?;
        if bps > 0 {
            PAID_POINTERS.save(&mut kv, (pointer.seq, pointer.kind.number(), seq), &bps)?;
        }
    }
    Ok(())
}

fn duplicate(entry: &proto::DuplicateDispute) -> Result<DuplicateDispute> {
    let status = match proto::DuplicateStatus::try_from(entry.status) {
        Ok(proto::DuplicateStatus::Open) => DuplicateStatus::Open,
        Ok(proto::DuplicateStatus::Upheld) => DuplicateStatus::Upheld,
        Ok(proto::DuplicateStatus::Expired) => DuplicateStatus::Expired,
        _ => return Err(invalid(format!("duplicate dispute {} has no status", entry.id))),
    };
    Ok(DuplicateDispute {
        id: entry.id,
        seq: entry.seq,
        disputant: entry.disputant.parse()?,
        bond: parse_amount(&entry.bond)?,
        height: entry.height,
        deadline: entry.deadline,
        status,
    })
}

fn write_duplicate(ctx: &mut Context, dispute: &DuplicateDispute) -> Result<()> {
    if DUPLICATES.has(&*ctx.kv(STORE), dispute.id) {
        return Err(invalid(format!("duplicate dispute {} stands there twice", dispute.id)));
    }
    let mut kv = ctx.kv_mut(STORE);
    DUPLICATES.save(&mut kv, dispute.id, dispute)?;
    DUPLICATES_OF.save(&mut kv, (dispute.seq, dispute.id), &Empty {})?;
    if dispute.status == DuplicateStatus::Open {
        let mut seed = SEEDS.may_load(&kv, dispute.seed_height())?.unwrap_or_default();
        seed.disputes = seed.disputes.saturating_add(1);
        SEEDS.save(&mut kv, dispute.seed_height(), &seed)?;
        DUPLICATE_DEADLINES.save(&mut kv, (dispute.deadline, dispute.id), &Empty {})?;
    }
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(ctx: &Context) -> Result<proto::ContentState> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    let next_duplicate_id = NEXT_DUPLICATE.may_load(&*kv)?.unwrap_or(1);
    let mut content = proto::ContentState { next_duplicate_id, ..Default::default() };
    for pair in DUPLICATES.range(&*kv, None, None, up) {
        content.duplicates.push(pair?.1.to_proto());
    }
    for pair in SEEDS.range(&*kv, None, None, up) {
        let (height, seed) = pair?;
        let (seconds, nanos) = seed.time.unwrap_or_default();
        content.seeds.push(proto::DuplicateSeed { height, drawn: seed.time.is_some(), seconds, nanos });
    }
    for pair in RULINGS.range(&*kv, None, None, up) {
        let (seq, ruling) = pair?;
        content.rulings.push(ruling.to_proto(seq));
    }
    for pair in CHALLENGES.range(&*kv, None, None, up) {
        let ((seq, chunk), challenge) = pair?;
        content.challenges.push(challenge.to_proto(seq, chunk));
    }
    for pair in UNAVAILABLE.range(&*kv, None, None, up) {
        let (seq, unavailable) = pair?;
        content.unavailable.push(unavailable.to_proto(seq));
    }
    for pair in CUSTODIES.range(&*kv, None, None, up) {
        let (seq, custody) = pair?;
        content.custodies.push(custody.to_proto(seq));
    }
    for pair in HOLDS.range(&*kv, None, None, up) {
        let (seq, until_seconds) = pair?;
        content.holds.push(proto::Hold { seq, until_seconds });
    }
    Ok(content)
}
