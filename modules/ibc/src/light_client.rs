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
    let refuse = |text: String| Err(Kind::InvalidClient.with(text).into());
    let (id, path) = (client.chain_id.as_str(), &client.upgrade_path);
    if id.len() > MAX_CHAIN_ID {
        return refuse(format!("chain id has {} bytes, at most {MAX_CHAIN_ID} are possible", id.len()));
    }
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
            Header::try_from(any.clone()).map_err(|error| invalid(error.to_string()))?;
            Ok(any.clone())
        }
        #[allow(deprecated, reason = "ibc-rs asks for the retired field")]
        TENDERMINT_MISBEHAVIOUR_TYPE_URL => {
            let mut misbehaviour: RawMisbehaviour = decode(any)?;
            check_header(misbehaviour.header_1.as_ref())?;
            check_header(misbehaviour.header_2.as_ref())?;
            misbehaviour.client_id = client_id.into();
            let any = Any { type_url: any.type_url.clone(), value: misbehaviour.encode_to_vec() };
            Misbehaviour::try_from(any.clone()).map_err(|error| Kind::InvalidMisbehaviour.with(error.to_string()))?;
            Ok(any)
        }
        other => Err(Kind::InvalidClientType.with(format!("{other} is no message of a client of this chain")).into()),
    }
}

fn invalid(text: String) -> Error {
    Kind::InvalidTendermintHeader.with(text).into()
}

fn check_header(header: Option<&RawHeader>) -> Result<()> {
    let header = header.and_then(|header| header.signed_header.as_ref()?.header.as_ref());
    let header = header.ok_or_else(|| invalid("the header is missing".into()))?;
    if header.height <= 0 {
        return Err(invalid(format!("{} is no height of a header", header.height)));
    }
    ChainId::from_str(&header.chain_id).map_err(|error| invalid(format!("chain id of the header: {error}")))?;
    Ok(())
}
