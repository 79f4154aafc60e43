//! Reading profiles, and appending to the history.
//!
//! Guarantees: entries are numbered by actor from 0 without gaps, indexed, never changed.

use openledger_bank::Bank;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};

use crate::handle::Handle;
use crate::params::Params;
use crate::state::{
    Entry, StoredHandle, StoredProfile, BY_DATANET, BY_OBJECT, BY_ROLE, ENTRIES, HANDLES, HELD, NEXT_ENTRY, PARAMS,
    PROFILES, STORE,
};

/// The keeper of profiles and histories.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contributors {
    /// Balances.
    pub bank: Bank,
}

impl Contributors {
    /// Appends to an actor's history what was done, in what capacity, on which object (its id; a contribution's seq) and with what
    /// outcome; the block and the actor's handle are added. What the outcome is worth goes to the actor's reputation. Returns the
    /// number of the entry.
    pub fn record(
        &self,
        ctx: &mut Context,
        actor: &Address,
        role: Role,
        object: (ObjectKind, u64),
        outcome: Outcome,
    ) -> Result<u64> {
        self.record_in(ctx, 0, actor, role, object, outcome)
    }

    /// [`Contributors::record`] for what happened in a datanet (0: in none).
    pub fn record_in(
        &self,
        ctx: &mut Context,
        datanet: u64,
        actor: &Address,
        role: Role,
        (kind, object): (ObjectKind, u64),
        outcome: Outcome,
    ) -> Result<u64> {
        let entry = Entry {
            role: byte(role as i32)?,
            kind: byte(kind as i32)?,
            object,
            outcome: byte(outcome as i32)?,
            height: ctx.height(),
            time_seconds: ctx.block().time_seconds,
            handle: self.held_by(ctx, actor)?.map(|(handle, _)| handle),
            datanet,
        };
        self.credit_outcome(ctx, actor, datanet, role, outcome)?;
        self.append(ctx, actor, &entry)
    }

    pub(crate) fn append(&self, ctx: &mut Context, actor: &Address, entry: &Entry) -> Result<u64> {
        let number = self.history_length(ctx, actor)?;
        let next = number.checked_add(1).ok_or_else(|| SdkError::Logic(format!("history of {actor} is full")))?;
        let mut kv = ctx.kv_mut(STORE);
        let empty = cosmwasm_std::Empty {};
        ENTRIES.save(&mut kv, (actor.as_bytes(), number), entry)?;
        NEXT_ENTRY.save(&mut kv, actor.as_bytes(), &next)?;
        BY_ROLE.save(&mut kv, (actor.as_bytes(), entry.role, number), &empty)?;
        let place = entry.place(actor, number);
        BY_OBJECT.save(&mut kv, (entry.kind, entry.object, &place), &empty)?;
        if entry.datanet != 0 {
            BY_DATANET.save(&mut kv, (entry.datanet, &place), &empty)?;
        }
        Ok(number)
    }

    /// How many entries an account's history has.
    pub fn history_length(&self, ctx: &Context, actor: &Address) -> Result<u64> {
        Ok(NEXT_ENTRY.may_load(&*ctx.kv(STORE), actor.as_bytes())?.unwrap_or_default())
    }

    /// One entry of an account's history.
    pub fn entry(&self, ctx: &Context, actor: &Address, number: u64) -> Result<Option<Entry>> {
        Ok(ENTRIES.may_load(&*ctx.kv(STORE), (actor.as_bytes(), number))?)
    }

    /// An account's profile.
    pub fn profile(&self, ctx: &Context, account: &Address) -> Result<Option<StoredProfile>> {
        Ok(PROFILES.may_load(&*ctx.kv(STORE), account.as_bytes())?)
    }

    /// The handle that an account holds now, and its record.
    pub fn held_by(&self, ctx: &Context, account: &Address) -> Result<Option<(Handle, StoredHandle)>> {
        let Some(handle) = HELD.may_load(&*ctx.kv(STORE), account.as_bytes())? else { return Ok(None) };
        let record = self.handle(ctx, handle.as_str())?;
        let held = record.filter(|record| record.holder == *account && ctx.block().time_seconds < record.until_seconds);
        Ok(held.map(|record| (handle, record)))
    }

    /// Whether the holder of a record has not given its handle up or taken another.
    pub(crate) fn is_kept(&self, ctx: &Context, handle: &str, record: &StoredHandle) -> Result<bool> {
        let held = HELD.may_load(&*ctx.kv(STORE), record.holder.as_bytes())?;
        Ok(held.is_some_and(|held| held.as_str() == handle))
    }

    /// Who holds a handle, or held it last.
    pub fn handle(&self, ctx: &Context, handle: &str) -> Result<Option<StoredHandle>> {
        Ok(HANDLES.may_load(&*ctx.kv(STORE), handle)?)
    }

    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }
}

/// The number of a protobuf enum as it stands in keys; 0 is none.
pub(crate) fn byte(value: i32) -> Result<u8> {
    let byte = u8::try_from(value).ok().filter(|byte| *byte != 0);
    Ok(byte.ok_or_else(|| SdkError::Logic(format!("{value} is no role, kind, outcome or kind of income")))?)
}
