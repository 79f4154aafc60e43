//! Epochs: auditors commit in one and reveal in the next; their reveals make its seed.
//!
//! An epoch ends by height alone, at the beginning of a block. Then the seed is the hash of the reveals in ascending order of addresses; who
//! committed and did not reveal loses the bond; and what was committed in it is to be revealed in the next. At most as many auditors
//! as a parameter says, so this is bounded. An auditor without a commit for 16 epochs is unbonded, so that none keeps another's place.

use cosmwasm_std::{Binary, Order};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Address, Context, Event, Result, SdkError};
use openledger_provenance::sampling::epoch_seed;
use openledger_provenance::Hash;

use super::types::{Auditor, Epoch};
use crate::events;
use crate::keeper::Attribution;
use crate::state::{AUDITORS, DRAWS, EPOCH, SEEDS, STORE};
use crate::till::Pot;

/// Epochs without a commit after which an auditor is unbonded.
const IDLE_EPOCHS: u64 = 16;

impl Attribution {
    /// The present epoch.
    pub fn epoch(&self, ctx: &Context) -> Result<Epoch> {
        match EPOCH.may_load(&*ctx.kv(STORE))? {
            Some(epoch) => Ok(epoch),
            None => {
                let blocks = self.params(ctx)?.1.audit.epoch_blocks;
                Ok(Epoch { number: 0, start: ctx.height(), blocks, last_seed: None })
            }
        }
    }

    /// An auditor.
    pub fn auditor(&self, ctx: &Context, address: &Address) -> Result<Option<Auditor>> {
        Ok(AUDITORS.may_load(&*ctx.kv(STORE), address.as_bytes())?)
    }

    /// All auditors, in ascending order of addresses.
    pub(crate) fn auditors(&self, ctx: &Context) -> Result<Vec<(Address, Auditor)>> {
        let kv = ctx.kv(STORE);
        let entries = AUDITORS.range(&*kv, None, None, Order::Ascending);
        entries
            .map(|entry| entry.map_err(Into::into).and_then(|(key, auditor)| Ok((Address::new(key)?, auditor))))
            .collect()
    }

    pub(crate) fn save_auditor(&self, ctx: &mut Context, address: &Address, auditor: &Auditor) -> Result<()> {
        Ok(AUDITORS.save(&mut ctx.kv_mut(STORE), address.as_bytes(), auditor)?)
    }

    /// Begin block: ends the epoch where its blocks are over.
    pub(crate) fn turn_epoch(&self, ctx: &mut Context) -> Result<()> {
        let epoch = self.epoch(ctx)?;
        if ctx.height() < epoch.start.saturating_add(epoch.blocks) {
            // The first block's.
            if epoch.start == ctx.height() {
                EPOCH.save(&mut ctx.kv_mut(STORE), &epoch)?;
            }
            return Ok(());
        }
        let auditors = self.auditors(ctx)?;
        let seed = seed_of(epoch.number, &auditors)?;
        let mut event = Event::new(events::EPOCH_ENDED).attr("epoch", epoch.number);
        let mut last_seed = epoch.last_seed;
        if let Some(seed) = seed {
            let seed = Binary::from(seed.to_vec());
            event = event.attr("seed", &seed);
            SEEDS.save(&mut ctx.kv_mut(STORE), epoch.number, &seed)?;
            last_seed = Some((epoch.number, seed));
        }
        ctx.emit(event);
        for (address, auditor) in auditors {
            self.turn_auditor(ctx, epoch.number, &address, auditor)?;
        }
        let blocks = self.params(ctx)?.1.audit.epoch_blocks;
        let next = Epoch { number: epoch.number.saturating_add(1), start: ctx.height(), blocks, last_seed };
        Ok(EPOCH.save(&mut ctx.kv_mut(STORE), &next)?)
    }

    fn turn_auditor(&self, ctx: &mut Context, epoch: u64, address: &Address, mut auditor: Auditor) -> Result<()> {
        let missed = !auditor.commit.is_empty() && auditor.reveal.is_empty();
        let idle = epoch >= auditor.active_epoch.saturating_add(IDLE_EPOCHS);
        if missed || idle {
            AUDITORS.remove(&mut ctx.kv_mut(STORE), address.as_bytes());
            self.take(ctx, Pot::Auditors, auditor.bond)?;
            let (outcome, what) = match missed {
                true => (Outcome::Failed, events::AUDITOR_MISSED),
                false => (Outcome::Expired, events::AUDITOR_UNBONDED),
            };
            match missed {
                true => self.burn(ctx, auditor.bond)?,
                false => self.owe(ctx, address, auditor.bond)?,
            }
            ctx.emit(Event::new(what).attr("auditor", address).attr("epoch", epoch).attr("bond", auditor.bond));
            self.contributors.record(ctx, address, Role::Auditor, (ObjectKind::Epoch, epoch), outcome)?;
            return Ok(());
        }
        auditor.commit = std::mem::take(&mut auditor.next_commit);
        auditor.reveal = Binary::default();
        self.save_auditor(ctx, address, &auditor)
    }

    /// The seed of an epoch that is over; nothing where it had no reveals.
    pub(crate) fn seed(&self, ctx: &Context, epoch: u64) -> Result<Option<Hash>> {
        SEEDS.may_load(&*ctx.kv(STORE), epoch)?.map(|seed| wire::stored_hash(&seed)).transpose()
    }

    /// Forgets seeds that no settlement waits for: all of past epochs once nothing waits for one.
    pub(crate) fn prune_seeds(&self, ctx: &mut Context, present: u64) -> Result<()> {
        let first = DRAWS.keys(&*ctx.kv(STORE), None, None, Order::Ascending).next().transpose()?;
        let needed = first.map_or(present, |(epoch, _)| epoch.min(present));
        let past = SEEDS.keys(&*ctx.kv(STORE), None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
        for epoch in past.into_iter().take_while(|epoch| *epoch < needed) {
            SEEDS.remove(&mut ctx.kv_mut(STORE), epoch);
        }
        Ok(())
    }
}

fn seed_of(epoch: u64, auditors: &[(Address, Auditor)]) -> Result<Option<Hash>> {
    let mut reveals = Vec::new();
    for (address, auditor) in auditors.iter().filter(|(_, auditor)| !auditor.reveal.is_empty()) {
        reveals.push((address.as_bytes(), wire::stored_hash(&auditor.reveal)?));
    }
    Ok(epoch_seed(epoch, reveals.into_iter()).map_err(|error| SdkError::Logic(error.to_string()))?)
}
