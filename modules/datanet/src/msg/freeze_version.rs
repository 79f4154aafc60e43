//! `MsgFreezeVersion`: publishes everything that the datanet has accepted so far.
//!
//! Constant work: the version's root is that of the mountain range as it stands. From here on the newly frozen contributions share
//! the baseline; where their shares start is stored with the version, once for all of them.

use cosmwasm_std::Binary;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgFreezeVersion, MsgFreezeVersionResponse};
use openledger_provenance::mmr::VersionRoot;

use crate::error::DatanetError;
use crate::events;
use crate::keeper::{broken, Datanets};
use crate::lifecycle::{self, Act};
use crate::state::{BASELINES, GROWTH, STORE, VERSIONS};
use crate::types::Version;

impl Handle<MsgFreezeVersion> for Datanets {
    type Response = MsgFreezeVersionResponse;

    fn validate(&self, msg: &MsgFreezeVersion) -> Result<()> {
        msg.owner.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgFreezeVersion) -> Result<MsgFreezeVersionResponse> {
        let datanet = self.owned_datanet(ctx, msg.datanet_id, &msg.owner)?;
        lifecycle::check(&datanet, Act::Publish)?;
        let mut growth = self.growth(ctx, datanet.id)?;
        let (count, index) = match growth.last_version {
            0 => (0, 0),
            last => {
                let last = self.version(ctx, datanet.id, last)?.ok_or_else(|| broken("the last version is missing"))?;
                (last.count, last.total_index)
            }
        };
        if growth.count == count {
            return Err(DatanetError::NothingToFreeze(datanet.id).into());
        }
        let number = growth.last_version.checked_add(1).ok_or(DatanetError::Overflow("the next version"))?;
        let mut baseline = self.baseline(ctx, datanet.id)?;
        let root = VersionRoot::freeze(&growth.frontier()?);
        let version = Version {
            count: root.count,
            root: Binary::from(root.root),
            total_index: growth.total_index,
            frozen_height: ctx.height(),
            frozen_seconds: ctx.block().time_seconds,
            per_index: baseline.per_index,
        };
        let ended = std::mem::take(&mut growth.ended_index);
        let new = growth.total_index.checked_sub(index).and_then(|new| new.checked_sub(ended));
        let new = new.ok_or_else(|| broken("more share indices have ended than there are"))?;
        let sharing = baseline.sharing_index.checked_add(new);
        baseline.sharing_index = sharing.ok_or(DatanetError::Overflow("a sum of share indices"))?;
        growth.last_version = number;
        let mut kv = ctx.kv_mut(STORE);
        VERSIONS.save(&mut kv, (datanet.id, number), &version)?;
        GROWTH.save(&mut kv, datanet.id, &growth)?;
        BASELINES.save(&mut kv, datanet.id, &baseline)?;
        self.contributors.record_in(
            ctx,
            datanet.id,
            &datanet.owner,
            Role::Owner,
            (ObjectKind::Datanet, datanet.id),
            Outcome::Published,
        )?;
        ctx.emit(events::version_frozen(datanet.id, number, &version));
        Ok(MsgFreezeVersionResponse { version: number, count: version.count, root: version.root.into() })
    }
}
