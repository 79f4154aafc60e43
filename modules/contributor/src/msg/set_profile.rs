//! `MsgSetProfile`: the sender's profile as a whole. Handles have messages of their own.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgSetProfile, MsgSetProfileResponse};

use crate::error::ContributorError;
use crate::events;
use crate::keeper::Contributors;
use crate::params::Params;
use crate::state::{StoredProfile, PROFILES, STORE};

impl Handle<MsgSetProfile> for Contributors {
    type Response = MsgSetProfileResponse;

    fn validate(&self, msg: &MsgSetProfile) -> Result<()> {
        msg.account.parse::<Address>()?;
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
        let profile = StoredProfile {
            name: msg.name.clone(),
            about: msg.about.clone(),
            website: msg.website.clone(),
            updated_height: ctx.height(),
        };
        PROFILES.save(&mut ctx.kv_mut(STORE), account.as_bytes(), &profile)?;
        ctx.emit(events::profile_set(&account));
        Ok(MsgSetProfileResponse {})
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
