//! Reading datanets, contributions, versions and the commons list: what the module's own messages and other modules ask.

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_contributor::Contributors;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_provenance::mmr::VersionRoot;

use crate::error::DatanetError;
use crate::params::Params;
use crate::state::{
    ALLOWED, COMMONS, CONTENTS, CONTRIBUTIONS, DATANETS, GROWTH, NEXT_DATANET, NEXT_SEQ, PARAMS, STORE, VERSIONS,
};
use crate::types::{Contribution, Datanet, Growth, Status, Version};

/// The keeper of datanets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Datanets {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
    /// Histories.
    pub contributors: Contributors,
}

/// What other modules ask.
impl Datanets {
    /// A datanet.
    pub fn datanet(&self, ctx: &Context, id: u64) -> Result<Option<Datanet>> {
        Ok(DATANETS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// A contribution by its seq.
    pub fn contribution(&self, ctx: &Context, seq: u64) -> Result<Option<Contribution>> {
        Ok(CONTRIBUTIONS.may_load(&*ctx.kv(STORE), seq)?)
    }

    /// A frozen version.
    pub fn version(&self, ctx: &Context, datanet: u64, version: u32) -> Result<Option<Version>> {
        Ok(VERSIONS.may_load(&*ctx.kv(STORE), (datanet, version))?)
    }

    /// Count and root of a version, as `openledger_provenance` proves inclusion against them.
    pub fn version_root(&self, ctx: &Context, datanet: u64, version: u32) -> Result<Option<VersionRoot>> {
        let version = self.version(ctx, datanet, version)?;
        version.map(|version| Ok(VersionRoot { count: version.count, root: version.root()? })).transpose()
    }

    /// The number of a datanet's last version; 0 where there is none.
    pub fn last_version(&self, ctx: &Context, datanet: u64) -> Result<u32> {
        Ok(self.growth(ctx, datanet)?.last_version)
    }

    /// Whether a contribution is on the chain's commons list for receipts with this `corpus_height`. The answer for a height that
    /// has been reached never changes.
    pub fn is_chain_commons(&self, ctx: &Context, seq: u64, corpus_height: u64) -> Result<bool> {
        let changes = COMMONS.may_load(&*ctx.kv(STORE), seq)?.unwrap_or_default();
        let last = changes.iter().rev().find(|change| change.height <= corpus_height);
        Ok(last.is_some_and(|change| change.listed))
    }

    /// Whether a contribution is its datanet's commons: it ranks by seq like any other, and what it owns goes to the baseline.
    pub fn is_datanet_commons(&self, ctx: &Context, seq: u64) -> Result<bool> {
        Ok(self.contribution(ctx, seq)?.is_some_and(|contribution| contribution.commons))
    }

    /// The content of a contribution, where it lies on chain.
    pub fn content(&self, ctx: &Context, seq: u64) -> Result<Option<Vec<u8>>> {
        Ok(CONTENTS.may_load(&*ctx.kv(STORE), seq)?.map(Into::into))
    }

    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }
}

/// What the module's own messages share.
impl Datanets {
    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }

    /// A datanet that must be there.
    pub(crate) fn known_datanet(&self, ctx: &Context, id: u64) -> Result<Datanet> {
        Ok(self.datanet(ctx, id)?.ok_or(DatanetError::UnknownDatanet(id))?)
    }

    /// A datanet that must be there and be owned by `owner`.
    pub(crate) fn owned_datanet(&self, ctx: &Context, id: u64, owner: &str) -> Result<Datanet> {
        let datanet = self.known_datanet(ctx, id)?;
        if datanet.owner != owner.parse::<Address>()? {
            let (owner, got) = (datanet.owner.to_string(), owner.to_string());
            return Err(DatanetError::NotOwner { datanet: id, owner, got }.into());
        }
        Ok(datanet)
    }

    /// A contribution that must be there.
    pub(crate) fn known_contribution(&self, ctx: &Context, seq: u64) -> Result<Contribution> {
        Ok(self.contribution(ctx, seq)?.ok_or(DatanetError::UnknownContribution(seq))?)
    }

    /// A contribution that must be there and be by `author`.
    pub(crate) fn authored_contribution(&self, ctx: &Context, seq: u64, author: &Address) -> Result<Contribution> {
        let contribution = self.known_contribution(ctx, seq)?;
        if contribution.author != *author {
            let (author, got) = (contribution.author.to_string(), author.to_string());
            return Err(DatanetError::NotAuthor { seq, author, got }.into());
        }
        Ok(contribution)
    }

    pub(crate) fn save_contribution(&self, ctx: &mut Context, contribution: &Contribution) -> Result<()> {
        CONTRIBUTIONS.save(&mut ctx.kv_mut(STORE), contribution.seq, contribution)?;
        Ok(())
    }

    pub(crate) fn growth(&self, ctx: &Context, datanet: u64) -> Result<Growth> {
        Ok(GROWTH.may_load(&*ctx.kv(STORE), datanet)?.unwrap_or_default())
    }

    pub(crate) fn is_allowed(&self, ctx: &Context, datanet: u64, author: &Address) -> bool {
        ALLOWED.has(&*ctx.kv(STORE), (datanet, author.as_bytes()))
    }

    /// Takes the next datanet id.
    pub(crate) fn take_datanet_id(&self, ctx: &mut Context) -> Result<u64> {
        let id = NEXT_DATANET.may_load(&*ctx.kv(STORE))?.unwrap_or(1);
        let next = id.checked_add(1).ok_or(DatanetError::Overflow("the next datanet's id"))?;
        NEXT_DATANET.save(&mut ctx.kv_mut(STORE), &next)?;
        Ok(id)
    }

    /// Takes the next seq.
    pub(crate) fn take_seq(&self, ctx: &mut Context) -> Result<u64> {
        let seq = NEXT_SEQ.may_load(&*ctx.kv(STORE))?.unwrap_or(1);
        let next = seq.checked_add(1).ok_or(DatanetError::Overflow("the next contribution's seq"))?;
        NEXT_SEQ.save(&mut ctx.kv_mut(STORE), &next)?;
        Ok(seq)
    }
}

/// Refuses a contribution that stands elsewhere.
pub(crate) fn check_status(contribution: &Contribution, needed: Status) -> Result<()> {
    if contribution.status == needed {
        return Ok(());
    }
    let (status, needed) = (contribution.status.name(), needed.name());
    Err(DatanetError::WrongStatus { seq: contribution.seq, status, needed }.into())
}

/// What a block must have had: a state that this code wrote and cannot be.
pub(crate) fn broken(text: impl std::fmt::Display) -> openledger_core::Error {
    SdkError::Logic(format!("datanet: {text}")).into()
}
