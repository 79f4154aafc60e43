//! From ibc-rs's errors to ibc-go's codes: where ibc-rs says what was wrong, the code is the one that ibc-go answers with.
//!
//! What this module's own reads and applications answered through ibc-rs, which keeps of it a text, is put back whole
//! (`Host::recover`).

use ibc::core::channel::types::error::ChannelError;
use ibc::core::client::types::error::ClientError;
use ibc::core::commitment_types::error::CommitmentError;
use ibc::core::connection::types::error::ConnectionError;
use ibc::core::host::types::error::{DecodingError, HostError};
use openledger_core::Error;

use crate::error::{IbcError, Kind};

/// An error of ibc-rs, or the text under which an error of ours went through it.
pub(crate) enum Fault {
    /// ibc-rs's own.
    Known(IbcError),
    /// Ours.
    Ours(String),
}

impl From<IbcError> for Fault {
    fn from(error: IbcError) -> Self {
        Self::Known(error)
    }
}

impl Fault {
    /// The error, where nothing better is known of it.
    pub(crate) fn plain(self) -> Error {
        match self {
            Self::Known(error) => error.into(),
            Self::Ours(text) => Kind::Logic.with(text).into(),
        }
    }
}

impl From<HostError> for Fault {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Other { description } => Self::Ours(description),
            other => Self::Ours(other.to_string()),
        }
    }
}

impl From<DecodingError> for Fault {
    fn from(error: DecodingError) -> Self {
        let kind = match &error {
            DecodingError::Identifier(_) => Kind::InvalidId,
            DecodingError::Protobuf(_)
            | DecodingError::Prost(_)
            | DecodingError::MismatchedResourceName { .. }
            | DecodingError::UnknownTypeUrl(_) => Kind::UnpackAny,
            _ => Kind::InvalidRequest,
        };
        kind.with(error.to_string()).into()
    }
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        let kind = match error {
            ClientError::Host(error) => return error.into(),
            // Of what is decoded while a client verifies, only a proof was not looked at before.
            ClientError::Decoding(DecodingError::Protobuf(_)) => Kind::InvalidProof,
            ClientError::Decoding(error) => return error.into(),
            ClientError::Upgrade(_) => Kind::InvalidUpgradeClient,
            ClientError::InvalidStatus(status) => {
                return Kind::ClientNotActive.with(format!("client status is {status}")).into();
            }
            ClientError::InvalidHeight | ClientError::InvalidClientRecoveryHeights { .. } => Kind::InvalidHeight,
            ClientError::InvalidHeaderType(_) | ClientError::InvalidUpdateClientMessage => Kind::InvalidHeader,
            ClientError::InsufficientProofHeight { .. } => Kind::InvalidProofHeight,
            ClientError::MissingLocalConsensusState(_) => Kind::ConsensusStateNotFound,
            ClientError::DuplicateClientState(_) => Kind::ClientExists,
            ClientError::FailedToVerifyClientRecoveryStates => Kind::InvalidSubstitute,
            ClientError::FailedICS23Verification(
                CommitmentError::MissingMerkleProof
                | CommitmentError::MissingMerkleRoot
                | CommitmentError::MissingCommitmentRoot
                | CommitmentError::MismatchedNumberOfProofs { .. },
            ) => Kind::InvalidMerkleProof,
            ClientError::FailedICS23Verification(_) => Kind::InvalidProof,
            ClientError::FailedToVerifyHeader { .. } | ClientError::ClientSpecific { .. } => {
                Kind::InvalidTendermintHeader
            }
            ClientError::FailedToHandleMisbehaviour { .. } => Kind::InvalidMisbehaviour,
            ClientError::InvalidConsensusStateTimestamp(_) | ClientError::Timestamp(_) => Kind::InvalidConsensus,
            ClientError::InvalidTrustThreshold { .. } | ClientError::InvalidClientStateType(_) => Kind::InvalidClient,
        };
        kind.with(error.to_string()).into()
    }
}

impl From<ConnectionError> for Fault {
    fn from(error: ConnectionError) -> Self {
        let kind = match error {
            ConnectionError::Host(error) => return error.into(),
            ConnectionError::Decoding(error) => return error.into(),
            ConnectionError::Client(error) => return error.into(),
            ConnectionError::Timestamp(_) => Kind::InvalidConnection,
            ConnectionError::InvalidCounterparty | ConnectionError::MissingCounterparty => {
                Kind::InvalidConnectionCounterparty
            }
            ConnectionError::InvalidState { .. } | ConnectionError::MismatchedConnectionStates { .. } => {
                Kind::InvalidConnectionState
            }
            ConnectionError::MissingFeatures => Kind::InvalidConnectionVersion,
            ConnectionError::MissingCommonVersion => Kind::VersionNegotiationFailed,
            ConnectionError::InsufficientConsensusHeight { .. } => Kind::InvalidProofHeight,
            ConnectionError::InsufficientBlocksElapsed { .. } | ConnectionError::InsufficientTimeElapsed { .. } => {
                Kind::DelayPeriodNotPassed
            }
        };
        kind.with(error.to_string()).into()
    }
}

impl From<ChannelError> for Fault {
    fn from(error: ChannelError) -> Self {
        let kind = match error {
            ChannelError::Host(error) => return error.into(),
            ChannelError::Decoding(error) => return error.into(),
            ChannelError::Client(error) => return error.into(),
            ChannelError::Connection(error) => return error.into(),
            ChannelError::AppSpecific { description } => return Self::Ours(description),
            ChannelError::Timestamp(_) | ChannelError::MissingTimeout => Kind::InvalidPacket,
            ChannelError::DuplicateAcknowledgment(_) => Kind::AcknowledgementExists,
            ChannelError::InsufficientPacketHeight { .. } | ChannelError::ExpiredPacketTimestamp => {
                Kind::TimeoutElapsed
            }
            ChannelError::InsufficientPacketTimeout { .. } => Kind::TimeoutNotReached,
            ChannelError::InvalidState { .. } => Kind::InvalidChannelState,
            ChannelError::InvalidConnectionHopsLength { .. } => Kind::TooManyConnectionHops,
            ChannelError::MissingAcknowledgmentStatus => Kind::InvalidAcknowledgement,
            // Of a packet alone: a handshake's counterparty is proven, not compared.
            ChannelError::MissingCounterparty
            | ChannelError::MismatchedCounterparty { .. }
            | ChannelError::MismatchedPacketCommitment { .. } => Kind::InvalidPacket,
            ChannelError::MismatchedPacketSequence { .. } => Kind::PacketSequenceOutOfOrder,
            ChannelError::UnsupportedVersion { .. } => Kind::InvalidChannelVersion,
        };
        kind.with(error.to_string()).into()
    }
}
