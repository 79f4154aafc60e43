//! Sub-sessions with an agent's parts: bought when they are first needed, taken up again after a restart, topped up where they are used up.
//!
//! A sub-session's keys are in the session's file before its deposit moves, so a process that dies on the way finds it again by its
//! commitment on chain. An operator locks for a payer's parts what that payer has left with the agent, by what an answer costs at each, and holds no more
//! sub-sessions open than its settings say: strangers do not have its capital. What its server tells of answers that this file does not know is taken only where it is the one that was asked
//! for last.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::any;
use openledger_core::coin::parse_amount;
use openledger_core::Coin;
use openledger_proto::openledger::attribution::v1::{MsgTopUpSession, Session, SessionStatus};
use openledger_proto::openledger::model::v1::Mode;

use crate::agency::held::HeldAgent;
use crate::agency::tally::AgentTerms;
use crate::agency::Agency;
use crate::chain;
use crate::line::Keys;
use crate::payer::Payer;
use crate::tally::Terms;
use crate::wire::Said;

/// Gas for topping a session up.
const TOP_UP_GAS: u64 = 500_000;
/// How long a server may believe what the chain said of a session before: after that it knows of a top-up.
const KNOWN_AFTER: Duration = Duration::from_secs(6);

impl Agency {
    /// The payer's side of a sub-session with a part, ready for an answer of up to `bytes`.
    pub(super) async fn part<'a>(
        &self,
        held: &'a mut HeldAgent,
        deployment: u64,
        bytes: usize,
    ) -> Result<&'a mut Payer> {
        if !held.parts.contains_key(&deployment) {
            held.buying(deployment, Keys::generate()?)?;
        }
        let known = held.parts.get(&deployment).and_then(|part| part.session);
        let session = match known {
            Some(session) => session,
            None => {
                let session = self.buy(held, deployment, bytes).await?;
                held.bought(deployment, session)?;
                session
            }
        };
        let part = held.parts.get(&deployment).context("a part")?;
        if part.payer.is_none() {
            let payer = Payer::take_up(&self.rpc, session, &part.keys, &part.said).await?;
            // The reply of the last answer was lost with a former process.
            let lost: Vec<_> = payer.tally.answers().iter().skip(part.said.len()).cloned().collect();
            for answer in lost {
                let said = Said::of(&answer);
                held.part_said(deployment, answer.prompt, said)?;
            }
            held.parts.get_mut(&deployment).context("a part")?.payer = Some(payer);
        }
        let most = self.to_lock(held, deployment, bytes)?;
        let part = held.parts.get_mut(&deployment).context("a part")?;
        let payer = part.payer.as_mut().context("a payer")?;
        self.fund(payer, bytes, most).await?;
        Ok(payer)
    }

    /// Opens a sub-session, or finds the one that a former process opened with these keys.
    async fn buy(&self, held: &HeldAgent, deployment: u64, bytes: usize) -> Result<u64> {
        let keys = &held.parts.get(&deployment).context("a part")?.keys;
        let mut wallet = self.wallet.lock().await;
        let commitment = keys.commitment();
        let ours = chain::sessions(&self.rpc, &wallet.address()).await?;
        if let Some(found) = ours.iter().find(|session| session.secret_commitment == commitment) {
            return Ok(found.id);
        }
        check_room(&ours, self.settings.part_sessions)?;
        let terms = &held.tally.terms;
        let (deposit, mode) = (self.to_lock(held, deployment, bytes)?, Mode::try_from(terms.mode)?);
        let session = Payer::buy(&mut wallet, deployment, deposit, (terms.session, mode), keys).await?;
        tracing::info!(session = terms.session, part = deployment, sub_session = session, "opened a sub-session");
        Ok(session)
    }

    /// What is locked at once for a part.
    fn to_lock(&self, held: &HeldAgent, deployment: u64, bytes: usize) -> Result<Uint256> {
        let left = held.tally.terms.deposit.saturating_sub(held.tally.cumulative_fee());
        to_lock(&held.tally.terms, left, (deployment, bytes), parse_amount(&self.settings.part_deposit)?)
    }

    /// Tops a sub-session up where its deposit does not cover the next answer, by `most` or what is missing.
    async fn fund(&self, payer: &mut Payer, bytes: usize, most: Uint256) -> Result<()> {
        let (terms, spent) = (&payer.tally.terms, payer.tally.cumulative_fee());
        let missing = terms.price(bytes)?.saturating_sub(terms.deposit.saturating_sub(spent));
        if missing.is_zero() {
            return Ok(());
        }
        let amount = most.max(missing);
        let (session, chain_id) = (terms.session, terms.chain_id.clone());
        let mut wallet = self.wallet.lock().await;
        let message = MsgTopUpSession { payer: wallet.address(), session, amount: Some(Coin::base(amount).to_proto()) };
        wallet.deliver(vec![any(&message)], TOP_UP_GAS).await?;
        drop(wallet);
        payer.tally.terms = Terms::of(&chain_id, &chain::session(&self.rpc, session).await?)?;
        tracing::info!(sub_session = session, %amount, "topped a sub-session up");
        tokio::time::sleep(KNOWN_AFTER).await;
        Ok(())
    }
}

/// What is locked at once for a part of which an answer of `bytes` is wanted: of what the payer has left, as much as the part's price is of
/// an answer's from all parts, so that they lock no more together than the payer did; `most` at the most, and an answer's price at least.
fn to_lock(terms: &AgentTerms, left: Uint256, (deployment, bytes): (u64, usize), most: Uint256) -> Result<Uint256> {
    let part = terms.parts.iter().find(|part| part.deployment == deployment);
    let price = part.context("no part of the agent")?.price(bytes)?;
    let whole = terms.parts.iter().try_fold(Uint256::zero(), |sum, part| {
        sum.checked_add(part.price(bytes)?).context("the price exceeds 256 bits")
    })?;
    // Free parts are held open by a deposit all the same.
    let share = if whole.is_zero() { Uint256::zero() } else { left.checked_multiply_ratio(price, whole)? };
    Ok(share.min(most).max(price).max(Uint256::one()))
}

/// Refuses another sub-session where as many are open as the settings take.
fn check_room(ours: &[Session], most: usize) -> Result<()> {
    let open = |session: &&Session| session.parent != 0 && session.status != SessionStatus::Closed as i32;
    let count = ours.iter().filter(open).count();
    ensure!(count < most, "the agent's operator holds {count} sub-sessions open, and takes no more than {most}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agency::tally::PartPrice;

    fn terms() -> AgentTerms {
        let part = |deployment, base: u64| PartPrice { deployment, base_price: base.into(), byte_price: 1u64.into() };
        AgentTerms {
            chain_id: "test-1".into(),
            session: 1,
            agent: 4,
            base_price: 5u64.into(),
            byte_price: 0u64.into(),
            parts: vec![part(2, 10), part(3, 40)],
            deposit: 1_000u64.into(),
            voucher_key: Vec::new(),
            secret_commitment: Vec::new(),
            settled: 0,
            mode: 1,
        }
    }

    #[test]
    fn an_operator_locks_no_more_for_a_payers_parts_than_the_payer_has_left() {
        let locked = |left: u64, most: u64| {
            [2, 3].map(|part| to_lock(&terms(), left.into(), (part, 10), most.into()).unwrap().to_string())
        };
        assert_eq!(locked(700, 1_000_000), ["200", "500"], "all that is left, by what each asks");
        assert_eq!(locked(700, 300), ["200", "300"], "the settings' bound");
        assert_eq!(locked(3, 1_000_000), ["20", "50"], "an answer's price at least");
        assert_eq!(locked(700, 1), ["20", "50"]);
    }

    #[test]
    fn an_operator_holds_no_more_sub_sessions_open_than_its_settings_say() {
        let at = |status: SessionStatus, parent| Session { status: status.into(), parent, ..Session::default() };
        let mut ours = vec![at(SessionStatus::Open, 1), at(SessionStatus::Closing, 1)];
        assert!(check_room(&ours, 2).is_err());
        check_room(&ours, 3).unwrap();
        ours.extend([at(SessionStatus::Closed, 1), at(SessionStatus::Open, 0)]);
        check_room(&ours, 3).unwrap();
    }
}
