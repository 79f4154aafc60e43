//! What a relayer may bring of another chain's light client, before ibc-rs sees it.
//!
//! - Proof specifications: those of IAVL stores under a CometBFT header, and no others. ibc-rs takes any that a client brings and hands
//!   them to the ics23 crate, which some of them make panic or prove what is not so; the SDK's chains have no others.
//! - Headers: ibc-rs takes the revision of a header's chain id and its height for granted and panics where they are not what it
//!   expects; such headers are refused here.
//! - The chain id and the upgrade path: ibc-rs bounds neither the path's parts nor their number, and what a client keeps is written anew
//!   with each update and shown to whoever lists clients.
//!
//! Gas: verifying costs time in proportion to the bytes of a message (signatures, validators, proofs are each checked a bounded number
//! of times), and each byte of a transaction is paid for (10 by default) before it is executed. A commit's signature has at least 100
//! bytes and its validator, who is there in two sets, 80 in each, that is 2,600 gas, for at most two verifications that cost 590 each
//! where a transaction's own are paid for. So nothing is charged beside, as in ibc-go.

use std::str::FromStr;

use ibc::clients::tendermint::types::{
    ClientState as TmClientState, ConsensusState as TmConsensusState, Header, Misbehaviour,
    TENDERMINT_CLIENT_STATE_TYPE_URL, TENDERMINT_CONSENSUS_STATE_TYPE_URL, TENDERMINT_HEADER_TYPE_URL,
    TENDERMINT_MISBEHAVIOUR_TYPE_URL,
};
use ibc::core::commitment_types::specs::ProofSpecs;
use ibc::core::host::types::identifiers::ChainId;
use ibc_proto::ibc::lightclients::tendermint::v1::{
    ClientState as RawClientState, Fraction, Header as RawHeader, Misbehaviour as RawMisbehaviour,
};
use openledger_core::{Error, Result};
use openledger_proto::{Any, Duration, Message};

use crate::error::Kind;

/// The most bytes of a chain's id: CometBFT's own limit.
const MAX_CHAIN_ID: usize = 50;
/// The most parts of an upgrade path; the SDK's chains have two.
const MAX_UPGRADE_PATH: usize = 8;
/// The most bytes of such a part.
const MAX_UPGRADE_PART: usize = 64;

fn expect<'a>(any: Option<&'a Any>, url: &str) -> Result<&'a Any> {
    let any = any.ok_or_else(|| Kind::UnpackAny.with("protobuf Any message cannot be nil"))?;
    if any.type_url == url {
        return Ok(any);
    }
    Err(Kind::InvalidClientType.with(format!("expected {url}, got {}", any.type_url)).into())
}

fn decode<M: Message + Default>(any: &Any) -> Result<M> {
    M::decode(any.value.as_slice()).map_err(|error| Kind::UnpackAny.with(error.to_string()).into())
}

/// Reads a client that is new here: refused with ibc-go's codes, in the order of its `ClientState.Validate`, before ibc-rs reads it, which
/// knows fewer.
pub(crate) fn read_new(any: Option<&Any>) -> Result<TmClientState> {
    check_new(&decode(expect(any, TENDERMINT_CLIENT_STATE_TYPE_URL)?)?)?;
    let client = read(any)?;
    client.validate().map_err(|error| Kind::InvalidClient.with(error.to_string()))?;
    check_specs(&client)?;
    check_path(&client)?;
    if client.is_frozen() {
        return Err(Kind::ClientNotActive.with("cannot create a client with status Frozen").into());
    }
    Ok(client)
}

fn check_new(client: &RawClientState) -> Result<()> {
    check_chain_id(&client.chain_id)?;
    let trust = client.trust_level.unwrap_or_default();
    let (numerator, denominator) = (u128::from(trust.numerator), u128::from(trust.denominator));
    if denominator == 0 || numerator > denominator || numerator.saturating_mul(3) < denominator {
        let text = format!("trust level must be within [1/3, 1], given {numerator}/{denominator}");
        return Err(Kind::InvalidClient.with(text).into());
    }
    let length = |duration: Option<Duration>| duration.map_or((0, 0), |length| (length.seconds, length.nanos));
    let (trusting, unbonding) = (length(client.trusting_period), length(client.unbonding_period));
    for (length, kind, what) in [
        (trusting, Kind::InvalidTrustingPeriod, "trusting period"),
        (unbonding, Kind::InvalidUnbondingPeriod, "unbonding period"),
        (length(client.max_clock_drift), Kind::InvalidMaxClockDrift, "max clock drift"),
    ] {
        if length <= (0, 0) {
            return Err(kind.with(format!("{what} must be greater than zero")).into());
        }
    }
    let height = client.latest_height.unwrap_or_default();
    let revision = ChainId::from_str(&client.chain_id).map_or(0, |id| id.revision_number());
    if height.revision_number != revision {
        let text = format!(
            "latest height revision number must match chain id revision number ({} != {revision})",
            height.revision_number
        );
        return Err(Kind::InvalidHeaderHeight.with(text).into());
    }
    if height.revision_height == 0 {
        return Err(Kind::InvalidHeaderHeight.with("latest height revision height cannot be zero").into());
    }
    if trusting >= unbonding {
        return Err(Kind::InvalidTrustingPeriod.with("trusting period should be < unbonding period").into());
    }
    if client.proof_specs.is_empty() {
        return Err(Kind::InvalidProofSpecs.with("proof specs cannot be nil for tm client").into());
    }
    Ok(())
}

/// Reads a client.
pub(crate) fn read(any: Option<&Any>) -> Result<TmClientState> {
    let any = expect(any, TENDERMINT_CLIENT_STATE_TYPE_URL)?;
    TmClientState::try_from(any.clone()).map_err(|error| Kind::InvalidClient.with(error.to_string()).into())
}

/// Reads a consensus state.
pub(crate) fn read_consensus_state(any: Option<&Any>) -> Result<TmConsensusState> {
    let any = expect(any, TENDERMINT_CONSENSUS_STATE_TYPE_URL)?;
    TmConsensusState::try_from(any.clone()).map_err(|error| Kind::InvalidConsensus.with(error.to_string()).into())
}

/// Refuses a client whose proofs are not those of the SDK's stores.
pub(crate) fn check_specs(client: &TmClientState) -> Result<()> {
    if client.proof_specs == ProofSpecs::cosmos() {
        return Ok(());
    }
    Err(Kind::InvalidProofSpecs.with("expected those of IAVL and Tendermint, in this order").into())
}

/// Refuses a client with more to keep than any chain gives it.
pub(crate) fn check_lengths(client: &TmClientState) -> Result<()> {
    check_chain_id(client.chain_id.as_str())?;
    check_path(client)
}

fn check_chain_id(id: &str) -> Result<()> {
    if id.trim().is_empty() {
        return Err(Kind::InvalidChainId.with("chain id cannot be empty string").into());
    }
    if id.len() > MAX_CHAIN_ID {
        let text = format!("chain id has {} bytes, at most {MAX_CHAIN_ID} are possible", id.len());
        return Err(Kind::InvalidChainId.with(text).into());
    }
    Ok(())
}

fn check_path(client: &TmClientState) -> Result<()> {
    let refuse = |text: String| Err(Kind::InvalidClient.with(text).into());
    let path = &client.upgrade_path;
    if path.len() > MAX_UPGRADE_PATH {
        return refuse(format!("upgrade path has {} parts, at most {MAX_UPGRADE_PATH} are possible", path.len()));
    }
    if let Some(part) = path.iter().find(|part| part.len() > MAX_UPGRADE_PART) {
        let text =
            format!("a part of the upgrade path has {} bytes, at most {MAX_UPGRADE_PART} are possible", part.len());
        return refuse(text);
    }
    Ok(())
}

/// A client without what each client chooses for itself (ibc-go's `ZeroCustomFields`).
pub(crate) fn without_choices(any: Option<&Any>) -> Result<Any> {
    let any = expect(any, TENDERMINT_CLIENT_STATE_TYPE_URL)?;
    let client: RawClientState = decode(any)?;
    #[allow(deprecated, reason = "the retired fields are set to nothing")]
    let client = RawClientState {
        trust_level: Some(Fraction { numerator: 0, denominator: 0 }),
        trusting_period: Some(Duration::default()),
        max_clock_drift: Some(Duration::default()),
        frozen_height: Some(Default::default()),
        allow_update_after_expiry: false,
        allow_update_after_misbehaviour: false,
        ..client
    };
    Ok(Any { type_url: any.type_url.clone(), value: client.encode_to_vec() })
}

/// Checks a header, or misbehaviour, as far as that goes without a state, and returns it as ibc-rs reads it: misbehaviour names the
/// client, which ibc-go retired and ibc-rs asks for.
pub(crate) fn read_message(any: Option<&Any>, client_id: &str) -> Result<Any> {
    let any = any.ok_or_else(|| Kind::UnpackAny.with("protobuf Any message cannot be nil"))?;
    match any.type_url.as_str() {
        TENDERMINT_HEADER_TYPE_URL => {
            check_header(Some(&decode(any)?))?;
            let header = Header::try_from(any.clone()).map_err(|error| invalid(error.to_string()))?;
            check_consistent(&header)?;
            Ok(any.clone())
        }
        #[allow(deprecated, reason = "ibc-rs asks for the retired field")]
        TENDERMINT_MISBEHAVIOUR_TYPE_URL => {
            let mut misbehaviour: RawMisbehaviour = decode(any)?;
            check_header(misbehaviour.header_1.as_ref())?;
            check_header(misbehaviour.header_2.as_ref())?;
            misbehaviour.client_id = client_id.into();
            let any = Any { type_url: any.type_url.clone(), value: misbehaviour.encode_to_vec() };
            let read = Misbehaviour::try_from(any.clone());
            let read = read.map_err(|error| Kind::InvalidMisbehaviour.with(error.to_string()))?;
            check_consistent(read.header1())?;
            check_consistent(read.header2())?;
            Ok(any)
        }
        other => Err(Kind::InvalidClientType.with(format!("{other} is no message of a client of this chain")).into()),
    }
}

fn invalid(text: String) -> Error {
    Kind::InvalidTendermintHeader.with(text).into()
}

fn check_header(header: Option<&RawHeader>) -> Result<()> {
    let missing = |what: &str| Kind::InvalidHeader.with(format!("the {what} is missing"));
    let whole = header.ok_or_else(|| missing("header"))?;
    let header = whole.signed_header.as_ref().and_then(|signed| signed.header.as_ref());
    let header = header.ok_or_else(|| missing("signed header"))?;
    if whole.validator_set.is_none() {
        return Err(missing("validator set").into());
    }
    if header.height <= 0 {
        return Err(invalid(format!("{} is no height of a header", header.height)));
    }
    ChainId::from_str(&header.chain_id).map_err(|error| invalid(format!("chain id of the header: {error}")))?;
    Ok(())
}

/// Refuses a header that contradicts itself: a trusted height that is not before its own, validators whose hash it does not state.
fn check_consistent(header: &Header) -> Result<()> {
    let (trusted, own) = (header.trusted_height, header.height());
    if trusted >= own {
        let text = format!("trusted height {trusted} must be less than header height {own}");
        return Err(Kind::InvalidHeaderHeight.with(text).into());
    }
    if header.validator_set.hash() != header.signed_header.header.validators_hash {
        return Err(Kind::InvalidHeader.with("validator set does not match hash").into());
    }
    Ok(())
}
