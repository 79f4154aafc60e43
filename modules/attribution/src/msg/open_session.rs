//! `MsgOpenSession`: a payer puts a deposit down and names the key that will sign vouchers.
//!
//! Prices and parameters are pinned here. A deployment answers only for corpora that it attested, so there is no session before it has
//! attested every datanet version that its model version declares; nor where its bond could be gone before its last settlement's
//! repairs are over. Payers without a key of the session's own sign vouchers with their account, as wallets do (ADR-036).

use cosmwasm_std::{Binary, Empty, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Address, Context, Event, Handle, Result};
use openledger_model::{sequence, Deployment};
use openledger_proto::openledger::attribution::v1::{MsgOpenSession, MsgOpenSessionResponse};
use openledger_proto::openledger::model::v1::Mode;
use openledger_provenance::voucher;

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{SESSIONS_BY_DEPLOYMENT, SESSIONS_BY_PAYER, SESSION_SEQ, STORE};
use crate::till::Pot;
use crate::types::{PartPrice, Session, SessionStatus};

/// Gas for decompressing a voucher key: as much as for a signature.
const KEY_GAS: u64 = 1_000;

impl Handle<MsgOpenSession> for Attribution {
    type Response = MsgOpenSessionResponse;

    fn validate(&self, msg: &MsgOpenSession) -> Result<()> {
        wire::address("payer", &msg.payer)?;
        wire::base_coin("deposit", msg.deposit.as_ref())?;
        match msg.adr036 {
            true if msg.voucher_key.is_empty() => {}
            true => {
                let text = "with adr036 the payer's account signs vouchers; leave voucher_key empty";
                return Err(AttributionError::Voucher(text.into()).into());
            }
            false => check_key_shape(&msg.voucher_key)?,
        }
        wire::amount("max_base_price", &msg.max_base_price)?;
        wire::amount("max_byte_price", &msg.max_byte_price)?;
        let one = (msg.deployment == 0) != (msg.agent == 0);
        if !one || (msg.agent != 0 && msg.parent != 0) {
            let text =
                "a session is with a deployment or with an agent; a parent is given for a part's deployment alone";
            return Err(AttributionError::Invalid(text.into()).into());
        }
        if !msg.secret_commitment.is_empty() {
            wire::hash("secret_commitment", &msg.secret_commitment)?;
        }
        match Mode::try_from(msg.mode) {
            Ok(mode) if mode != Mode::Unspecified => Ok(()),
            _ => Err(AttributionError::Invalid(format!("{} is no mode of a session", msg.mode)).into()),
        }
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgOpenSession) -> Result<Self::Response> {
        let (payer, deposit) = (wire::address("payer", &msg.payer)?, wire::base_coin("deposit", msg.deposit.as_ref())?);
        let voucher_key = self.voucher_key(ctx, msg, &payer)?;
        let (params_version, params) = self.params(ctx)?;
        params.check_unbonding(self.models.params(ctx)?.unbonding_seconds)?;
        let offer = self.offer(ctx, msg, &params, &payer)?;
        check_price("an answer", offer.asked.0, &msg.max_base_price)?;
        check_price("an output byte", offer.asked.1, &msg.max_byte_price)?;
        self.receive(ctx, &payer, Pot::Sessions, deposit)?;
        let id = sequence::next(ctx, STORE, &SESSION_SEQ)?;
        let mut session = Session {
            id,
            payer,
            deployment: offer.deployment,
            model_version: offer.model_version,
            deposit,
            spent: Uint256::zero(),
            voucher_key,
            base_price: offer.base_price,
            byte_price: offer.byte_price,
            secret_commitment: msg.secret_commitment.clone().into(),
            mode: msg.mode,
            params_version,
            opened_height: ctx.height(),
            status: SessionStatus::Open,
            closes_at: 0,
            settled_count: 0,
            frontier: Vec::new(),
            corpus_height: ctx.height(),
            credited: Uint256::zero(),
            credits: Vec::new(),
            adr036: msg.adr036,
            expires_at: 0,
            agent: msg.agent,
            agent_terms: offer.agent_terms,
            parent: msg.parent,
            parts: offer.parts,
            billed_count: 0,
            billed: Uint256::zero(),
        };
        self.touch(ctx, &mut session)?;
        self.save_session(ctx, &session)?;
        let kv = &mut ctx.kv_mut(STORE);
        SESSIONS_BY_PAYER.save(kv, (session.payer.as_bytes(), id), &Empty {})?;
        if session.agent == 0 {
            SESSIONS_BY_DEPLOYMENT.save(kv, (session.deployment, id), &Empty {})?;
        }
        announce(ctx, &session);
        self.contributors.record(ctx, &session.payer, Role::Payer, (ObjectKind::Session, id), Outcome::Opened)?;
        let (base_price, byte_price) = (session.base_price.to_string(), session.byte_price.to_string());
        Ok(MsgOpenSessionResponse { session: id, base_price, byte_price })
    }
}

/// Who would answer, at which prices.
struct Offer {
    /// 0 where an agent does.
    deployment: u64,
    /// 0 where an agent does.
    model_version: u64,
    /// What is pinned: of an agent its own price.
    base_price: Uint256,
    byte_price: Uint256,
    /// What the payer's limits are held against: of an agent with its parts' prices.
    asked: (Uint256, Uint256),
    agent_terms: u32,
    parts: Vec<PartPrice>,
}

fn announce(ctx: &mut Context, session: &Session) {
    ctx.emit(
        Event::new(events::SESSION_OPENED)
            .attr("session", session.id)
            .attr("payer", &session.payer)
            .attr("deployment", session.deployment)
            .attr("agent", session.agent)
            .attr("parent", session.parent)
            .attr("deposit", session.deposit)
            .attr("base_price", session.base_price)
            .attr("byte_price", session.byte_price)
            .attr("expires_at", session.expires_at),
    );
}

impl Attribution {
    /// The key that will sign vouchers: the session's own, or the payer's account's.
    fn voucher_key(&self, ctx: &Context, msg: &MsgOpenSession, payer: &Address) -> Result<Binary> {
        if msg.adr036 {
            return Ok(self.secp256k1_key(ctx, payer)?.into());
        }
        ctx.gas().consume(KEY_GAS, "voucher key");
        voucher::check_key(&msg.voucher_key).map_err(|error| AttributionError::Voucher(error.to_string()))?;
        Ok(msg.voucher_key.clone().into())
    }

    fn offer(&self, ctx: &Context, msg: &MsgOpenSession, params: &Params, payer: &Address) -> Result<Offer> {
        if msg.agent != 0 {
            let (agent_terms, terms, parts) = self.agent_offer(ctx, (msg.agent, msg.mode), params)?;
            let mut asked = (terms.base_price, terms.byte_price);
            for part in &parts {
                asked = (asked.0.saturating_add(part.base_price), asked.1.saturating_add(part.byte_price));
            }
            let (base_price, byte_price) = (terms.base_price, terms.byte_price);
            return Ok(Offer { deployment: 0, model_version: 0, base_price, byte_price, asked, agent_terms, parts });
        }
        let deployment = self.known_deployment(ctx, msg.deployment)?;
        self.check_serves(ctx, &deployment, msg.mode)?;
        let base_price = params.price_in(msg.mode, deployment.base_price)?;
        let byte_price = params.price_in(msg.mode, deployment.byte_price)?;
        if msg.parent != 0 {
            let of = (deployment.id, msg.mode);
            self.check_sub_session(ctx, msg.parent, payer, of, (base_price, byte_price))?;
        }
        Ok(Offer {
            deployment: deployment.id,
            model_version: deployment.model_version,
            base_price,
            byte_price,
            asked: (base_price, byte_price),
            agent_terms: 0,
            parts: Vec::new(),
        })
    }

    /// Refuses a deployment that takes no session, does not serve the mode, or has not attested its whole corpus.
    pub(crate) fn check_serves(&self, ctx: &Context, deployment: &Deployment, mode: i32) -> Result<()> {
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
