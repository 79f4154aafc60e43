//! Before a block's transactions: in the last block before an upgrade, what this chain will be is written down for others.
//!
//! Source: ibc-go v8 `modules/core/02-client/abci.go`.

use ibc_proto::google::protobuf::Timestamp;
use ibc_proto::ibc::core::commitment::v1::MerkleRoot;
use ibc_proto::ibc::lightclients::tendermint::v1::ConsensusState;
use openledger_core::{Context, Result, Time};
use openledger_proto::{Any, Message, Name};
use openledger_upgrade::Upgrade;

use crate::events;
use crate::keeper::encode;

pub(crate) fn begin(ctx: &mut Context) -> Result<()> {
    let upgrade = Upgrade::default();
    let Some(plan) = upgrade.plan(ctx)? else { return Ok(()) };
    let Ok(height) = u64::try_from(plan.height) else { return Ok(()) };
    if ctx.height().checked_add(1) != Some(height) || upgrade.upgraded_client(ctx, height).is_none() {
        return Ok(());
    }
    let Time { seconds, nanos } = Time::now(ctx);
    let state = ConsensusState {
        timestamp: Some(Timestamp { seconds, nanos: i32::try_from(nanos).unwrap_or_default() }),
        // Nobody knows it yet.
        root: Some(MerkleRoot::default()),
        next_validators_hash: ctx.block().next_validators_hash.clone(),
    };
    let any = Any { type_url: ConsensusState::type_url(), value: state.encode_to_vec() };
    upgrade.set_upgraded_consensus_state(ctx, height, &encode(&any));
    events::upgrade_chain(plan.height).into_iter().for_each(|event| ctx.emit(event));
    Ok(())
}
