//! `MsgSettle`: a server turns a voucher into money, with a claim for each receipt who owns its windows.
//!
//! The voucher's signature, the receipts' root and the sum of their fees are checked against the session; then every claim is judged
//! (`judge.rs`). All shares of the fees but the contributor pool are final now: the server's, the platform's and the model's
//! may be claimed, the burn is burnt, the stakers' share waits in the fee collector. The curators' share goes to the curators of
//! the declared datanets, by what the receipts draw from them (`uses.rs`); where a datanet has none, to its treasury. The contributor
//! pool waits for the dispute window, with twice as much of the server's bond locked behind it.

use cosmwasm_std::{Empty, Uint256};
use openledger_auth::authority;
use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::wire::{self, add, sub};
use openledger_core::{Context, Event, Handle, Result, SdkError};
use openledger_model::{sequence, ModelVersion};
use openledger_proto::openledger::attribution::v1::{self as proto, MsgSettle, MsgSettleResponse};
use openledger_proto::Message;
use openledger_provenance::amount::Amount;
use openledger_provenance::split::BASIS_POINTS;

use crate::batch::{self, Claimed};
use crate::error::AttributionError;
use crate::events;
use crate::judge::{base_units, Judged};
use crate::keeper::Attribution;
use crate::params::Params;
use crate::record::{Sale, Sold};
use crate::rounds::liability;
use crate::state::{SETTLEMENTS_BY_DEPLOYMENT, SETTLEMENTS_BY_SESSION, SETTLEMENT_SEQ, STORE, USAGE};
use crate::till::Pot;
use crate::types::{Check, Session, Settlement, SettlementStatus};
use crate::voucher;

impl Handle<MsgSettle> for Attribution {
    type Response = MsgSettleResponse;

    fn validate(&self, msg: &MsgSettle) -> Result<()> {
        wire::address("server", &msg.server)?;
        voucher::check_shape(voucher::of(msg.voucher.as_ref())?)?;
        batch::read(&msg.receipts, Check::from_proto(msg.check)?, msg.encoded_len()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSettle) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_not_closed()?;
        session.check_not_expired(ctx)?;
        session.check_of_deployment()?;
        let deployment = self.known_deployment(ctx, session.deployment)?;
        deployment.check_server(&msg.server)?;
        let check = Check::from_proto(msg.check)?;
        let batch = batch::read(&msg.receipts, check, msg.encoded_len())?;
        let first_receipt = session.settled_count.saturating_add(1);
        advance(ctx, &mut session, &batch, voucher::of(msg.voucher.as_ref())?)?;

        let params = self.kept_params(ctx, session.params_version)?;
        params.check_taken(check, session.mode)?;
        let version = self.known_version(ctx, session.model_version)?;
        let judged = self.judge(ctx, &version, &params, &batch)?;
        let (pool, fees) = (judged.shares.contributors, judged.shares.fees);
        self.models.lock(ctx, deployment.id, liability(pool)?)?;
        self.touch(ctx, &mut session)?;
        self.save_session(ctx, &session)?;
        self.take(ctx, Pot::Sessions, fees)?;
        self.put(ctx, Pot::Pools, pool)?;
        self.distribute(ctx, &deployment.server, &version, &judged)?;
        self.count_usage(ctx, &version, batch.len(), &judged)?;
        self.count_settled(ctx, &session, &params, &batch, &judged)?;

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
            mode: session.mode,
            credited: judged.credited,
            credits_root: judged.credits_root().to_vec().into(),
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

/// Checks a voucher and its receipts against the session and moves the session on.
fn advance(ctx: &Context, session: &mut Session, batch: &[Claimed], voucher: &proto::Voucher) -> Result<()> {
    session.check_voucher(ctx, voucher, batch.len())?;
    let (mut leaves, mut credited) = (Vec::new(), Uint256::zero());
    for (settled, Claimed { receipt, credit, .. }) in (session.settled_count..).zip(batch) {
        check_receipt(ctx, session, settled, receipt)?;
        // A note over more than the fee gives back all of the fee: else the session could never be settled.
        let presented = session.credit_of(receipt.index).min(Uint256::from_be_bytes(receipt.fee));
        if *credit < presented {
            let text = format!("receipt {} carries {credit}, its payer presented {presented}", receipt.index);
            return Err(AttributionError::Credit(text).into());
        }
        credited = add(credited, *credit)?;
        leaves.push((receipt.leaf(), Uint256::from_be_bytes(receipt.fee)));
        session.corpus_height = receipt.corpus_height;
    }
    session.advance(voucher, &leaves, credited)
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
        judged: &Judged,
    ) -> Result<()> {
        let shares = &judged.shares;
        self.earn(ctx, server, IncomeKind::Serving, shares.server)?;
        self.owe(ctx, &authority(), shares.platform)?;
        self.burn(ctx, shares.burnt)?;
        self.pay_module(ctx, FEE_COLLECTOR, shares.stakers)?;
        self.credit_curators(ctx, version, &judged.uses, shares.curators)?;
        // Ancestors' and feedback's shares are rounded down; the model's owner, who comes last, has the rest.
        let royalties = self.models.royalties(ctx, version)?;
        let whole = Amount::from_be_bytes(shares.model.to_be_bytes());
        let mut rest = shares.model;
        let Some(((owner, _), others)) = royalties.split_last() else { return Ok(()) };
        let ancestors = version.ancestors.iter().map(|_| IncomeKind::Royalty);
        let kinds = ancestors.chain(version.feedback.iter().map(|_| IncomeKind::Feedback));
        for ((account, bps), kind) in others.iter().zip(kinds) {
            let (part, _) = whole.share(u64::from(*bps), BASIS_POINTS).unwrap_or_default();
            rest = sub(rest, base_units(part))?;
            self.earn(ctx, account, kind, base_units(part))?;
        }
        self.earn(ctx, owner, IncomeKind::Royalty, rest)
    }

    fn count_usage(&self, ctx: &mut Context, version: &ModelVersion, receipts: usize, judged: &Judged) -> Result<()> {
        let mut usage = USAGE.may_load(&*ctx.kv(STORE), version.id)?.unwrap_or_default();
        usage.receipts = usage.receipts.saturating_add(u64::try_from(receipts).unwrap_or(u64::MAX));
        usage.output_bytes = usage.output_bytes.saturating_add(judged.output_bytes);
        usage.fees = add(usage.fees, judged.shares.fees)?;
        usage.burnt = add(usage.burnt, judged.shares.burnt)?;
        Ok(USAGE.save(&mut ctx.kv_mut(STORE), version.id, &usage)?)
    }

    /// Adds to the deployment's record, and to the period's sales of model version and deployment.
    fn count_settled(
        &self,
        ctx: &mut Context,
        session: &Session,
        params: &Params,
        batch: &[Claimed],
        judged: &Judged,
    ) -> Result<()> {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let latest = ctx.height().saturating_sub(params.late_receipt_blocks);
        let late = batch.iter().filter(|claimed| claimed.receipt.corpus_height < latest).count();
        let (receipts, fees) = (count(batch.len()), judged.shares.fees);
        self.count_record(ctx, session.deployment, |record| {
            record.settlements = record.settlements.saturating_add(1);
            record.receipts = record.receipts.saturating_add(receipts);
            record.fees = add(record.fees, fees)?;
            record.credited_receipts = record.credited_receipts.saturating_add(count(judged.credits.len()));
            record.credited = add(record.credited, judged.credited)?;
            record.late_receipts = record.late_receipts.saturating_add(count(late));
            Ok(())
        })?;
        let sale = Sale { receipts, output_bytes: judged.output_bytes, fees };
        self.count_sale(ctx, Sold::ModelVersion(session.model_version), params, &sale)?;
        self.count_sale(ctx, Sold::Deployment(session.deployment), params, &sale)
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
                .attr("credited", settlement.credited)
                .attr("burnt", settlement.burnt)
                .attr("pool", settlement.pool)
                .attr("check", format!("{:?}", settlement.present()?.check)),
        );
        Ok(())
    }
}
