//! Sub-sessions with an agent's parts: bought when they are first needed, taken up again after a restart, topped up where they are used up.
//!
//! A sub-session's keys are in the session's file before its deposit moves, so a process that dies on the way finds it again by its
//! commitment on chain. What its server tells of answers that this file does not know is taken only where it is the one that was asked
//! for last.

use std::time::Duration;

use anyhow::{Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::any;
use openledger_core::coin::parse_amount;
use openledger_core::Coin;
use openledger_proto::openledger::attribution::v1::MsgTopUpSession;
use openledger_proto::openledger::model::v1::Mode;

use crate::agency::held::HeldAgent;
use crate::agency::Agency;
use crate::chain;
use crate::payer::{Keys, Payer};
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
                let session = self.buy(held, deployment).await?;
                held.bought(deployment, session)?;
                session
            }
        };
        let part = held.parts.get(&deployment).context("a part")?;
        if part.payer.is_none() {
            let payer = Payer::take_up(&self.rpc, session, part.keys.clone(), &part.said).await?;
            // The reply of the last answer was lost with a former process.
            let lost: Vec<_> = payer.tally.answers().iter().skip(part.said.len()).cloned().collect();
            for answer in lost {
                let said = Said::of(&answer);
                held.part_said(deployment, answer.prompt, said)?;
            }
            held.parts.get_mut(&deployment).context("a part")?.payer = Some(payer);
        }
        let part = held.parts.get_mut(&deployment).context("a part")?;
        let payer = part.payer.as_mut().context("a payer")?;
        self.fund(payer, bytes).await?;
        Ok(payer)
    }

    /// Opens a sub-session, or finds the one that a former process opened with these keys.
    async fn buy(&self, held: &HeldAgent, deployment: u64) -> Result<u64> {
        let keys = &held.parts.get(&deployment).context("a part")?.keys;
        let mut wallet = self.wallet.lock().await;
        let commitment = keys.commitment();
        let ours = chain::sessions(&self.rpc, &wallet.address()).await?;
        if let Some(found) = ours.iter().find(|session| session.secret_commitment == commitment) {
            return Ok(found.id);
        }
        let terms = &held.tally.terms;
        let (deposit, mode) = (parse_amount(&self.settings.part_deposit)?, Mode::try_from(terms.mode)?);
        let session = Payer::buy(&mut wallet, deployment, deposit, (terms.session, mode), keys).await?;
        tracing::info!(session = terms.session, part = deployment, sub_session = session, "opened a sub-session");
        Ok(session)
    }

    /// Tops a sub-session up where its deposit does not cover the next answer.
    async fn fund(&self, payer: &mut Payer, bytes: usize) -> Result<()> {
        let (terms, spent) = (&payer.tally.terms, payer.tally.cumulative_fee());
        let missing = terms.price(bytes)?.saturating_sub(terms.deposit.saturating_sub(spent));
        if missing.is_zero() {
            return Ok(());
        }
        let amount: Uint256 = parse_amount(&self.settings.part_deposit)?.max(missing);
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
