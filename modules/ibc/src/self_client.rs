//! This chain as others know it: what they may have written down of its heights, and what their clients of it must be like.
//!
//! Source: ibc-go v8 `modules/light-clients/07-tendermint/consensus_host.go`. Past headers are those that staking keeps
//! (`x/staking`'s historical info): a height's root is the application hash that its header shows, that of the state before it.

use ibc::clients::tendermint::consensus_state::ConsensusState;
use ibc::clients::tendermint::types::ClientState as TmClientState;
use ibc::core::client::types::Height;
use ibc::core::commitment_types::specs::ProofSpecs;
use ibc_proto::google::protobuf::Timestamp;
use ibc_proto::ibc::core::commitment::v1::MerkleRoot;
use ibc_proto::ibc::lightclients::tendermint::v1::ConsensusState as RawConsensusState;
use openledger_core::{Context, Result};

use crate::error::Kind;
use crate::keeper::{revision, Ibc};

/// Where the upgrade module keeps what this chain will be.
const UPGRADE_PATH: [&str; 2] = ["upgrade", "upgradedIBCState"];

/// What whoever follows this chain knows of one of its past heights.
pub(crate) fn consensus_state(keeper: &Ibc, ctx: &Context, height: &Height) -> Result<ConsensusState> {
    let own = revision(&ctx.block().chain_id);
    if height.revision_number() != own {
        let text = format!(
            "chainID revision number does not match height revision number: expected {own}, got {}",
            height.revision_number()
        );
        return Err(Kind::InvalidHeight.with(text).into());
    }
    let gone = || Kind::SelfConsensusStateNotFound.with(format!("height {}", height.revision_height()));
    let past = keeper.staking.historical_info(ctx, height.revision_height())?.and_then(|past| past.header);
    let header = past.ok_or_else(gone)?;
    let time = header.time.unwrap_or_default();
    let raw = RawConsensusState {
        timestamp: Some(Timestamp { seconds: time.seconds, nanos: time.nanos }),
        root: Some(MerkleRoot { hash: header.app_hash }),
        next_validators_hash: header.next_validators_hash,
    };
    Ok(ConsensusState::try_from(raw).map_err(|error| Kind::InvalidConsensus.with(error.to_string()))?)
}

/// Refuses a client of this chain on another that could not follow it, or would trust too much.
pub(crate) fn validate(keeper: &Ibc, ctx: &Context, client: &TmClientState) -> Result<()> {
    let refuse = |text: String| Err(Kind::InvalidClient.with(text).into());
    if client.is_frozen() {
        return Err(Kind::ClientFrozen.with("the counterparty's client of this chain").into());
    }
    let chain_id = &ctx.block().chain_id;
    if client.chain_id.as_str() != chain_id {
        return refuse(format!("invalid chain-id. expected: {chain_id}, got: {}", client.chain_id));
    }
    let (latest, own) = (client.latest_height, keeper.host_height(ctx));
    if latest.revision_number() != own.revision_number {
        return refuse(format!(
            "client is not in the same revision as the chain. expected revision: {}, got: {}",
            own.revision_number,
            latest.revision_number()
        ));
    }
    if latest.revision_height() >= own.revision_height {
        return refuse(format!(
            "client has LatestHeight {latest} greater than or equal to chain height {}",
            own.revision_height
        ));
    }
    if client.proof_specs != ProofSpecs::cosmos() {
        return refuse("client has invalid proof specs. expected those of IAVL and Tendermint".into());
    }
    let (part, whole) = (client.trust_level.numerator(), client.trust_level.denominator());
    // Light clients of CometBFT trust between a third and all of the power.
    let enough = u128::from(part).saturating_mul(3) >= u128::from(whole);
    if whole == 0 || !enough || part > whole {
        return refuse(format!("trust-level invalid: {part}/{whole} is not within [1/3, 1]"));
    }
    let unbonding = keeper.staking.unbonding_time(ctx)?;
    if client.unbonding_period != unbonding {
        let (expected, got) = (unbonding, client.unbonding_period);
        return refuse(format!("invalid unbonding period. expected: {expected:?}, got: {got:?}"));
    }
    if client.unbonding_period < client.trusting_period {
        return refuse(format!(
            "unbonding period must be greater than trusting period ({:?} < {:?})",
            client.unbonding_period, client.trusting_period
        ));
    }
    if !client.upgrade_path.is_empty() && client.upgrade_path != UPGRADE_PATH {
        return refuse(format!(
            "upgrade path must be the upgrade path defined by upgrade module. expected {UPGRADE_PATH:?}, got {:?}",
            client.upgrade_path
        ));
    }
    Ok(())
}
