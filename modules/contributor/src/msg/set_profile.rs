//! `MsgSetProfile`: the sender's profile as a whole, and the handle that it holds from now on.
//!
//! A handle belongs to one account. One that was given up rests: its last holder may take it back, others only after
//! `handle_rest_seconds` of header time, so that nobody steps into a name while it is still remembered as somebody else's.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgSetProfile, MsgSetProfileResponse};

use crate::error::ContributorError;
use crate::events;
use crate::handle::Handle as UserHandle;
use crate::keeper::Contributors;
use crate::params::Params;
use crate::state::{StoredHandle, StoredProfile, HANDLES, PROFILES, STORE};

impl Handle<MsgSetProfile> for Contributors {
    type Response = MsgSetProfileResponse;

    fn validate(&self, msg: &MsgSetProfile) -> Result<()> {
        msg.account.parse::<Address>()?;
        UserHandle::optional(&msg.handle)?;
        let website = &msg.website;
        if !website.is_empty() && !["https://", "http://"].iter().any(|scheme| website.starts_with(scheme)) {
            let text = "website must begin with https:// or http://".to_string();
            return Err(ContributorError::InvalidProfile(text).into());
        }
        for (name, text) in [("name", &msg.name), ("website", website)] {
            if text.chars().any(char::is_control) {
                let text = format!("{name} holds control characters");
                return Err(ContributorError::InvalidProfile(text).into());
            }
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSetProfile) -> Result<MsgSetProfileResponse> {
        let account: Address = msg.account.parse()?;
        check_texts(&self.params(ctx)?, &msg.name, &msg.about, &msg.website)?;
        let handle = UserHandle::optional(&msg.handle)?;
        let before = self.profile(ctx, &account)?.and_then(|profile| profile.handle);
        if handle != before {
            if let Some(handle) = &handle {
                self.take(ctx, &account, handle)?;
            }
            if let Some(before) = &before {
                self.release(ctx, &account, before)?;
            }
        }
        let profile = StoredProfile {
            handle,
            name: msg.name.clone(),
            about: msg.about.clone(),
            website: msg.website.clone(),
            updated_height: ctx.height(),
        };
        PROFILES.save(&mut ctx.kv_mut(STORE), account.as_bytes(), &profile)?;
        ctx.emit(events::profile_set(&account, &msg.handle));
        Ok(MsgSetProfileResponse {})
    }
}

impl Contributors {
    fn take(&self, ctx: &mut Context, account: &Address, handle: &UserHandle) -> Result<()> {
        if let Some(record) = self.handle(ctx, handle.as_str())? {
            let (handle, holder) = (handle.to_string(), record.holder.to_string());
            let Some(released) = record.released_seconds else {
                return Err(ContributorError::HandleTaken { handle, holder }.into());
            };
            // Header times and the checked rest are far below the ends of i64.
            let rest = i64::try_from(self.params(ctx)?.handle_rest_seconds).unwrap_or(i64::MAX);
            let until = released.saturating_add(rest);
            if record.holder != *account && ctx.block().time_seconds < until {
                return Err(ContributorError::HandleResting { handle, holder, until }.into());
            }
        }
        let record = StoredHandle { holder: account.clone(), since_height: ctx.height(), released_seconds: None };
        HANDLES.save(&mut ctx.kv_mut(STORE), handle.as_str(), &record)?;
        ctx.emit(events::handle_taken(account, handle.as_str()));
        Ok(())
    }

    fn release(&self, ctx: &mut Context, account: &Address, handle: &UserHandle) -> Result<()> {
        let since_height = self.handle(ctx, handle.as_str())?.map_or(0, |record| record.since_height);
        let released_seconds = Some(ctx.block().time_seconds);
        let record = StoredHandle { holder: account.clone(), since_height, released_seconds };
        HANDLES.save(&mut ctx.kv_mut(STORE), handle.as_str(), &record)?;
        ctx.emit(events::handle_released(account, handle.as_str()));
        Ok(())
    }
}

/// Refuses texts that are longer than the parameters allow.
pub(crate) fn check_texts(params: &Params, name: &str, about: &str, website: &str) -> Result<()> {
    let limits = [
        ("name", name, params.max_name_bytes),
        ("about", about, params.max_about_bytes),
        ("website", website, params.max_website_bytes),
    ];
    for (field, text, most) in limits {
        if u32::try_from(text.len()).unwrap_or(u32::MAX) > most {
            let text = format!("{field} has {} bytes; at most {most} are allowed", text.len());
            return Err(ContributorError::InvalidProfile(text).into());
        }
    }
    Ok(())
}
