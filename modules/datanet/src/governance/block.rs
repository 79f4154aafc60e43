//! What is due at the end of a block: reviews, applications, proposals, unbondings.
//!
//! Bounded: at most `max_due_per_block` of each, from the front of queues that are in order of their times; what is left waits. Each
//! queue is its own cursor, and messages are refused by height or header time, so waiting here prolongs nothing.

use cosmwasm_std::{Order, StdResult};
use cw_storage_plus::PrefixBound;
use openledger_contributor::Outcome;
use openledger_core::{Address, Context, Result};

use super::bond::{read_due_key, seconds_key};
use crate::keeper::{broken, Datanets};
use crate::state::{APPLICATION_DUE, PROPOSAL_DUE, REVIEW_DUE, STORE, UNBONDING_DUE};

/// Ends what is due.
pub(crate) fn end(keeper: &Datanets, ctx: &mut Context) -> Result<()> {
    let most = usize::try_from(keeper.params(ctx)?.max_due_per_block).unwrap_or(usize::MAX);
    reviews(keeper, ctx, most)?;
    applications(keeper, ctx, most)?;
    proposals(keeper, ctx, most)?;
    unbondings(keeper, ctx, most)
}

fn reviews(keeper: &Datanets, ctx: &mut Context, most: usize) -> Result<()> {
    let upto = Some(PrefixBound::inclusive(ctx.height()));
    let kv = ctx.kv(STORE);
    let due = REVIEW_DUE
        .prefix_range(&*kv, None, upto, Order::Ascending)
        .take(most)
        .map(|pair| pair.map(|(key, _)| key))
        .collect::<StdResult<Vec<_>>>()?;
    for (height, seq) in due {
        // Of one that was decided in this pass nothing is due any more.
        if REVIEW_DUE.has(&*ctx.kv(STORE), (height, seq)) {
            keeper.end_due(ctx, height, seq)?;
        }
    }
    Ok(())
}

fn applications(keeper: &Datanets, ctx: &mut Context, most: usize) -> Result<()> {
    let kv = ctx.kv(STORE);
    let due = APPLICATION_DUE
        .range(&*kv, None, None, Order::Ascending)
        .take(most)
        .map(|pair| pair.map(|(key, _)| key))
        .collect::<StdResult<Vec<_>>>()?;
    for (deadline, datanet, applicant) in due {
        if deadline > ctx.height() {
            break;
        }
        let applicant = Address::new(applicant)?;
        let application = keeper.application(ctx, datanet, &applicant)?;
        let application = application.ok_or_else(|| broken("an application is due and not there"))?;
        keeper.end_application(ctx, datanet, &applicant, &application, false)?;
    }
    Ok(())
}

/// A proposal may be executed in the second at which it expires, so it is removed later.
fn proposals(keeper: &Datanets, ctx: &mut Context, most: usize) -> Result<()> {
    let upto = Some(PrefixBound::exclusive(seconds_key(ctx.block().time_seconds)));
    let kv = ctx.kv(STORE);
    let due = PROPOSAL_DUE
        .prefix_range(&*kv, None, upto, Order::Ascending)
        .take(most)
        .map(|pair| pair.map(|((_, id), _)| id))
        .collect::<StdResult<Vec<_>>>()?;
    for id in due {
        let proposal =
            keeper.proposal(ctx, id)?.ok_or_else(|| broken(format!("proposal {id} is due and not there")))?;
        let outcome = if proposal.no > proposal.yes { Outcome::Rejected } else { Outcome::Expired };
        keeper.close(ctx, id, &proposal, outcome)?;
    }
    Ok(())
}

fn unbondings(keeper: &Datanets, ctx: &mut Context, most: usize) -> Result<()> {
    let upto = Some(PrefixBound::inclusive(seconds_key(ctx.block().time_seconds)));
    let kv = ctx.kv(STORE);
    let due = UNBONDING_DUE
        .prefix_range(&*kv, None, upto, Order::Ascending)
        .take(most)
        .map(|pair| pair.map(|(key, _)| key))
        .collect::<StdResult<Vec<_>>>()?;
    for (seconds, key) in due {
        UNBONDING_DUE.remove(&mut ctx.kv_mut(STORE), (seconds, &key));
        let (datanet, kind, account) = read_due_key(&key).ok_or_else(|| broken("an unbonding names no bond"))?;
        keeper.pay_unbonded(ctx, datanet, kind, &account)?;
    }
    Ok(())
}
