//! `MsgOpenSession`: a payer puts a deposit down and names the key that will sign vouchers.
//!
//! Prices and parameters are pinned here. A deployment answers only for corpora that it attested, so there is no session before it has
//! attested every datanet version that its model version declares.

use cosmwasm_std::{Empty, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_model::{sequence, Deployment};
use openledger_proto::openledger::attribution::v1::{MsgOpenSession, MsgOpenSessionResponse};
use openledger_proto::openledger::model::v1::Mode;
use openledger_provenance::voucher;

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::state::{SESSIONS_BY_DEPLOYMENT, SESSIONS_BY_PAYER, SESSION_SEQ, STORE};
use crate::till::Pot;
use crate::types::{Session, SessionStatus};

/// Gas for decompressing a voucher key: as much as for a signature.
const KEY_GAS: u64 = 1_000;

impl Handle<MsgOpenSession> for Attribution {
    type Response = MsgOpenSessionResponse;

    fn validate(&self, msg: &MsgOpenSession) -> Result<()> {
        wire::address("payer", &msg.payer)?;
        wire::base_coin("deposit", msg.deposit.as_ref())?;
        check_key_shape(&msg.voucher_key)?;
        wire::amount("max_base_price", &msg.max_base_price)?;
        wire::amount("max_byte_price", &msg.max_byte_price)?;
        if !msg.secret_commitment.is_empty() {
            wire::hash("secret_commitment", &msg.secret_commitment)?;
        }
        match Mode::try_from(msg.mode) {
            Ok(mode) if mode != Mode::Unspecified => Ok(()),
            _ => Err(AttributionError::Invalid(format!("{} is no mode of a session", msg.mode)).into()),
        }
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgOpenSession) -> Result<Self::Response> {
        ctx.gas().consume(KEY_GAS, "voucher key");
        voucher::check_key(&msg.voucher_key).map_err(|error| AttributionError::Voucher(error.to_string()))?;
        let deployment = self.known_deployment(ctx, msg.deployment)?;
        self.check_serves(ctx, &deployment, msg.mode)?;
        check_price("an answer", deployment.base_price, &msg.max_base_price)?;
        check_price("an output byte", deployment.byte_price, &msg.max_byte_price)?;
        let (payer, deposit) = (wire::address("payer", &msg.payer)?, wire::base_coin("deposit", msg.deposit.as_ref())?);
        self.receive(ctx, &payer, Pot::Sessions, deposit)?;
        let id = sequence::next(ctx, STORE, &SESSION_SEQ)?;
        let session = Session {
            id,
            payer,
            deployment: deployment.id,
            model_version: deployment.model_version,
            deposit,
            spent: Uint256::zero(),
            voucher_key: msg.voucher_key.clone().into(),
            base_price: deployment.base_price,
            byte_price: deployment.byte_price,
            secret_commitment: msg.secret_commitment.clone().into(),
            mode: msg.mode,
            params_version: self.params(ctx)?.0,
            opened_height: ctx.height(),
            status: SessionStatus::Open,
            closes_at: 0,
            settled_count: 0,
            frontier: Vec::new(),
            corpus_height: ctx.height(),
        };
        self.save_session(ctx, &session)?;
        let kv = &mut ctx.kv_mut(STORE);
        SESSIONS_BY_PAYER.save(kv, (session.payer.as_bytes(), id), &Empty {})?;
        SESSIONS_BY_DEPLOYMENT.save(kv, (deployment.id, id), &Empty {})?;
        ctx.emit(
            Event::new(events::SESSION_OPENED)
                .attr("session", id)
                .attr("payer", &msg.payer)
                .attr("deployment", deployment.id)
                .attr("deposit", deposit)
                .attr("base_price", session.base_price)
                .attr("byte_price", session.byte_price),
        );
        self.contributors.record(ctx, &session.payer, Role::Payer, (ObjectKind::Session, id), Outcome::Opened)?;
        let (base_price, byte_price) = (session.base_price.to_string(), session.byte_price.to_string());
        Ok(MsgOpenSessionResponse { session: id, base_price, byte_price })
    }
}

impl Attribution {
    /// Refuses a deployment that takes no session, does not serve the mode, or has not attested its whole corpus.
    fn check_serves(&self, ctx: &Context, deployment: &Deployment, mode: i32) -> Result<()> {
        let id = deployment.id;
        self.models.check_takes_sessions(ctx, deployment)?;
        if !deployment.modes.contains(&mode) {
            let text = format!("deployment {id} takes no sessions in mode {mode}");
            return Err(AttributionError::NotServed(text).into());
        }
        let declared = self.known_version(ctx, deployment.model_version)?.datanets;
        match declared.into_iter().find(|corpus| !self.models.has_attested(ctx, id, *corpus)) {
            None => Ok(()),
            Some(corpus) => {
                let (datanet, version) = (corpus.datanet, corpus.version);
                let text = format!("deployment {id} has not attested version {version} of datanet {datanet}");
                Err(AttributionError::NotServed(text).into())
            }
        }
    }
}

fn check_price(unit: &'static str, asked: Uint256, most: &str) -> Result<()> {
    let most = wire::amount(unit, most)?;
    if asked > most {
        return Err(AttributionError::Price { unit, asked, most }.into());
    }
    Ok(())
}

/// What a compressed key looks like. Whether it is a point of the curve costs a square root: it is found out once gas is paid for it.
fn check_key_shape(key: &[u8]) -> Result<()> {
    match (key.len(), key.first()) {
        (33, Some(2 | 3)) => Ok(()),
        (length, _) => {
            let text = format!("a voucher key has 33 bytes and begins with 2 or 3, this one has {length}");
            Err(AttributionError::Voucher(text).into())
        }
    }
}
