//! `MsgSettle`: a server turns a voucher into money, with a claim for each receipt who owns its windows.
//!
//! The voucher's signature, the receipts' root and the sum of their fees are checked against the session; then every claim is judged
//! (`judge.rs`). All shares of the fees but the contributor pool are final now: the server's, the platform's and the model's
//! may be claimed, the burn is burnt, the stakers' share waits in the fee collector. The curators' share goes to the treasuries of
//! the declared datanets, by total index: curators have no claims of their own yet, and a treasury is what can pay them. The
//! contributor pool waits for the dispute window, with twice as much of the server's bond locked behind it.

use cosmwasm_std::{Empty, Uint256};
use openledger_auth::authority;
use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::wire::{self, add, sub};
use openledger_core::{Context, Event, Handle, Result, SdkError};
use openledger_model::{sequence, ModelVersion};
use openledger_proto::openledger::attribution::v1::{self as proto, MsgSettle, MsgSettleResponse};
use openledger_proto::Message;
use openledger_provenance::amount::Amount;
use openledger_provenance::frontier::Frontier;
use openledger_provenance::split::BASIS_POINTS;
use openledger_provenance::voucher::Voucher;

use crate::batch::{self, Claimed};
use crate::error::AttributionError;
use crate::events;
use crate::judge::{base_units, Judged, Shares};
use crate::keeper::Attribution;
use crate::rounds::liability;
use crate::state::{SETTLEMENTS_BY_DEPLOYMENT, SETTLEMENTS_BY_SESSION, SETTLEMENT_SEQ, STORE, USAGE};
use crate::till::Pot;
use crate::types::{Check, Session, Settlement, SettlementStatus};

/// Gas for a voucher's signature, as the SDK charges a transaction's.
const VOUCHER_GAS: u64 = 1_000;

impl Handle<MsgSettle> for Attribution {
    type Response = MsgSettleResponse;

    fn validate(&self, msg: &MsgSettle) -> Result<()> {
        wire::address("server", &msg.server)?;
        let voucher = voucher_of(msg)?;
        wire::hash("receipts_root", &voucher.receipts_root)?;
        wire::amount("cumulative_fee", &voucher.cumulative_fee)?;
        batch::read(&msg.receipts, Check::from_proto(msg.check)?, msg.encoded_len()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSettle) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_not_closed()?;
        let deployment = self.known_deployment(ctx, session.deployment)?;
        deployment.check_server(&msg.server)?;
        let check = Check::from_proto(msg.check)?;
        let batch = batch::read(&msg.receipts, check, msg.encoded_len())?;
        let first_receipt = session.settled_count.saturating_add(1);
        let fees = advance(ctx, &mut session, &batch, voucher_of(msg)?)?;

        let params = self.kept_params(ctx, session.params_version)?;
        params.check_taken(check)?;
        let version = self.known_version(ctx, session.model_version)?;
        let judged = self.judge(ctx, &version, &params, &batch)?;
        let pool = judged.shares.contributors;
        self.models.lock(ctx, deployment.id, liability(pool)?)?;
        self.save_session(ctx, &session)?;
        self.take(ctx, Pot::Sessions, fees)?;
        self.put(ctx, Pot::Pools, pool)?;
        self.distribute(ctx, &deployment.server, &version, &judged.shares)?;
        self.count_usage(ctx, &version, batch.len(), &judged)?;

        let mut settlement = Settlement {
            id: sequence::next(ctx, STORE, &SETTLEMENT_SEQ)?,
            session: session.id,
            deployment: deployment.id,
            model_version: version.id,
            first_receipt,
            receipts: u32::try_from(batch.len()).map_err(|_| SdkError::Logic("a batch of over 2^32".into()))?,
            height: ctx.height(),
            params_version: session.params_version,
            receipts_root: judged.receipts_root.to_vec().into(),
            fees,
            burnt: judged.shares.burnt,
            pool,
            status: SettlementStatus::Pending,
            due: 0,
            winning_dispute: 0,
            maker_bounty: Uint256::zero(),
            rounds: Vec::new(),
        };
        self.add_round(ctx, &mut settlement, &params, (&deployment.server, check), &judged)?;
        self.save_settlement(ctx, &settlement)?;
        let kv = &mut ctx.kv_mut(STORE);
        SETTLEMENTS_BY_SESSION.save(kv, (session.id, settlement.id), &Empty {})?;
        SETTLEMENTS_BY_DEPLOYMENT.save(kv, (deployment.id, settlement.id), &Empty {})?;
        self.announce(ctx, &settlement, &session, &msg.server)?;
        self.contributors.record(
            ctx,
            &deployment.server,
            Role::Server,
            (ObjectKind::Settlement, settlement.id),
            Outcome::Settled,
        )?;
        Ok(MsgSettleResponse { settlement: settlement.id })
    }
}

fn voucher_of(msg: &MsgSettle) -> Result<&proto::Voucher> {
    Ok(msg.voucher.as_ref().ok_or_else(|| AttributionError::Voucher("is missing".into()))?)
}

/// Checks a voucher and its receipts against the session and moves the session on; the new receipts' fees.
fn advance(ctx: &Context, session: &mut Session, batch: &[Claimed], voucher: &proto::Voucher) -> Result<Uint256> {
    let refuse = |text: String| openledger_core::Error::from(AttributionError::Voucher(text));
    let new = u64::try_from(batch.len()).unwrap_or(u64::MAX);
    if session.settled_count.checked_add(new) != Some(voucher.count) {
        let (settled, count) = (session.settled_count, voucher.count);
        return Err(refuse(format!("{settled} receipts are settled and {new} are given, it counts {count}")));
    }
    let cumulative = wire::amount("cumulative_fee", &voucher.cumulative_fee)?;
    let receipts_root = wire::hash("receipts_root", &voucher.receipts_root)?;
    ctx.gas().consume(VOUCHER_GAS, "voucher signature");
    Voucher {
        chain_id: &ctx.block().chain_id,
        session: session.id,
        deployment: session.deployment,
        count: voucher.count,
        cumulative_fee: cumulative.to_be_bytes(),
        receipts_root,
    }
    .verify(&session.voucher_key, &voucher.signature)
    .map_err(|error| refuse(error.to_string()))?;

    let peaks = session.frontier.iter().map(wire::stored_hash).collect::<Result<Vec<_>>>()?;
    let full = |error: openledger_provenance::frontier::FrontierError| SdkError::Logic(error.to_string());
    let mut frontier = Frontier::new(session.settled_count, peaks).map_err(full)?;
    let mut fees = Uint256::zero();
    for Claimed { receipt, .. } in batch {
        check_receipt(ctx, session, frontier.count(), receipt)?;
        frontier.append(receipt.leaf()).map_err(full)?;
        session.corpus_height = receipt.corpus_height;
        let fee = Uint256::from_be_bytes(receipt.fee);
        fees = fees.checked_add(fee).map_err(|_| refuse("the receipts' fees exceed 256 bits".into()))?;
    }
    if frontier.root() != receipts_root {
        return Err(refuse("its receipts_root is not that of the receipts".into()));
    }
    // A cumulative fee below what is spent cannot be reached by adding fees.
    if session.spent.checked_add(fees).ok() != Some(cumulative) {
        let spent = session.spent;
        return Err(refuse(format!("{spent} is spent and the receipts cost {fees}, it says {cumulative}")));
    }
    if cumulative > session.deposit {
        return Err(refuse(format!("{cumulative} is more than the deposit of {}", session.deposit)));
    }
    session.spent = cumulative;
    session.settled_count = frontier.count();
    session.frontier = frontier.peaks().iter().map(|peak| peak.to_vec().into()).collect();
    Ok(fees)
}

/// Checks one receipt after `settled` others: its place, its model version, its corpus, its price.
fn check_receipt(
    ctx: &Context,
    session: &Session,
    settled: u64,
    receipt: &openledger_provenance::receipt::Receipt,
) -> Result<()> {
    let index = receipt.index;
    let refuse = |reason: String| Err(AttributionError::Receipt { index, reason }.into());
    if Some(index) != settled.checked_add(1) {
        return refuse(format!("the next one's index is {settled} + 1"));
    }
    if receipt.model_version != session.model_version {
        return refuse(format!("the session's model version is {}", session.model_version));
    }
    // Only a committed height's corpus is fixed: this block may still change its own.
    let (from, to) = (session.corpus_height, ctx.height());
    if receipt.corpus_height < from || receipt.corpus_height >= to {
        return refuse(format!("its corpus height {} is not in {from} .. {to}", receipt.corpus_height));
    }
    let output = Uint256::from(receipt.transcript_len.saturating_sub(receipt.prompt_len));
    let most = session.byte_price.checked_mul(output).ok().and_then(|bytes| bytes.checked_add(session.base_price).ok());
    let fee = Uint256::from_be_bytes(receipt.fee);
    match most {
        Some(most) if fee <= most => Ok(()),
        _ => refuse(format!("its fee of {fee} passes the pinned price for {output} bytes")),
    }
}

impl Attribution {
    /// Moves every share of the fees but the contributor pool to where it belongs.
    fn distribute(
        &self,
        ctx: &mut Context,
        server: &openledger_core::Address,
        version: &ModelVersion,
        shares: &Shares,
    ) -> Result<()> {
        self.owe(ctx, server, shares.server)?;
        self.owe(ctx, &authority(), shares.platform)?;
        self.burn(ctx, shares.burnt)?;
        self.pay_module(ctx, FEE_COLLECTOR, shares.stakers)?;
        self.credit_treasury(ctx, version, shares.curators)?;
        // Ancestors' shares are rounded down; the model's owner, who comes last, has the rest.
        let royalties = self.models.royalties(ctx, version)?;
        let whole = Amount::from_be_bytes(shares.model.to_be_bytes());
        let mut rest = shares.model;
        let Some(((owner, _), ancestors)) = royalties.split_last() else { return Ok(()) };
        for (ancestor, bps) in ancestors {
            let (part, _) = whole.share(u64::from(*bps), BASIS_POINTS).unwrap_or_default();
            rest = sub(rest, base_units(part))?;
            self.owe(ctx, ancestor, base_units(part))?;
        }
        self.owe(ctx, owner, rest)
    }

    fn count_usage(&self, ctx: &mut Context, version: &ModelVersion, receipts: usize, judged: &Judged) -> Result<()> {
        let mut usage = USAGE.may_load(&*ctx.kv(STORE), version.id)?.unwrap_or_default();
        usage.receipts = usage.receipts.saturating_add(u64::try_from(receipts).unwrap_or(u64::MAX));
        usage.output_bytes = usage.output_bytes.saturating_add(judged.output_bytes);
        usage.fees = add(usage.fees, judged.shares.fees)?;
        usage.burnt = add(usage.burnt, judged.shares.burnt)?;
        Ok(USAGE.save(&mut ctx.kv_mut(STORE), version.id, &usage)?)
    }

    fn announce(&self, ctx: &mut Context, settlement: &Settlement, session: &Session, server: &str) -> Result<()> {
        ctx.emit(
            Event::new(events::SETTLED)
                .attr("settlement", settlement.id)
                .attr("session", session.id)
                .attr("deployment", settlement.deployment)
                .attr("server", server)
                .attr("payer", &session.payer)
                .attr("receipts", settlement.receipts)
                .attr("fees", settlement.fees)
                .attr("burnt", settlement.burnt)
                .attr("pool", settlement.pool)
                .attr("check", format!("{:?}", settlement.present()?.check)),
        );
        Ok(())
    }
}
