//! Errors with ibc-go v8's codespaces and codes.
//!
//! Sources: `modules/core/{02-client,03-connection,04-channel,05-port,23-commitment,24-host}` and `modules/core/errors`, and
//! `modules/light-clients/07-tendermint`, each in `errors.go`.

use openledger_core::Coded;

/// An error of ibc-go's tables with what was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}: {}", kind.text())]
pub struct IbcError {
    /// Which it is.
    pub kind: Kind,
    /// What was wrong, with the value.
    pub text: String,
}

impl Coded for IbcError {
    fn codespace(&self) -> &'static str {
        self.kind.place().0
    }

    fn code(&self) -> u32 {
        self.kind.place().1
    }
}

impl Kind {
    /// This error, with what was wrong.
    pub fn with(self, text: impl Into<String>) -> IbcError {
        IbcError { kind: self, text: text.into() }
    }
}

macro_rules! kinds {
    ($($name:ident = $codespace:literal, $code:literal, $text:literal;)*) => {
        /// The errors that this module reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $(
                #[doc = concat!("`", $codespace, "` ", stringify!($code), ": ", $text, ".")]
                $name,
            )*
        }

        impl Kind {
            /// Codespace and code.
            pub fn place(self) -> (&'static str, u32) {
                match self {
                    $(Self::$name => ($codespace, $code),)*
                }
            }

            /// What ibc-go calls it.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

kinds! {
    InvalidSequence = "ibc", 1, "invalid sequence";
    Unauthorized = "ibc", 2, "unauthorized";
    InvalidAddress = "ibc", 5, "invalid address";
    InvalidRequest = "ibc", 8, "invalid request";
    InvalidProofHeight = "ibc", 9, "invalid height";
    UnpackAny = "ibc", 14, "failed unpacking protobuf message from Any";
    Logic = "ibc", 15, "internal logic error";
    ClientExists = "client", 2, "light client already exists";
    InvalidClient = "client", 3, "light client is invalid";
    ClientNotFound = "client", 4, "light client not found";
    ClientFrozen = "client", 5, "light client is frozen due to misbehaviour";
    InvalidClientMetadata = "client", 6, "invalid client metadata";
    ConsensusStateNotFound = "client", 7, "consensus state not found";
    InvalidConsensus = "client", 8, "invalid consensus state";
    InvalidClientType = "client", 10, "invalid client type";
    InvalidHeader = "client", 12, "invalid client header";
    InvalidMisbehaviour = "client", 13, "invalid light client misbehaviour";
    SelfConsensusStateNotFound = "client", 22, "self consensus state not found";
    UpdateClientFailed = "client", 23, "unable to update light client";
    InvalidRecoveryClient = "client", 24, "invalid recovery client";
    InvalidUpgradeClient = "client", 25, "invalid client upgrade";
    InvalidHeight = "client", 26, "invalid height";
    InvalidSubstitute = "client", 27, "invalid client state substitute";
    ClientNotActive = "client", 29, "client state is not active";
    ConnectionNotFound = "connection", 3, "connection not found";
    InvalidConnectionState = "connection", 6, "invalid connection state";
    InvalidConnectionCounterparty = "connection", 7, "invalid counterparty connection";
    InvalidConnection = "connection", 8, "invalid connection";
    InvalidConnectionVersion = "connection", 9, "invalid connection version";
    VersionNegotiationFailed = "connection", 10, "connection version negotiation failed";
    ChannelNotFound = "channel", 3, "channel not found";
    InvalidChannel = "channel", 4, "invalid channel";
    InvalidChannelState = "channel", 5, "invalid channel state";
    InvalidChannelOrdering = "channel", 6, "invalid channel ordering";
    InvalidChannelCounterparty = "channel", 7, "invalid counterparty channel";
    SequenceSendNotFound = "channel", 10, "sequence send not found";
    SequenceReceiveNotFound = "channel", 11, "sequence receive not found";
    SequenceAckNotFound = "channel", 12, "sequence acknowledgement not found";
    InvalidPacket = "channel", 13, "invalid packet";
    TooManyConnectionHops = "channel", 15, "too many connection hops";
    InvalidAcknowledgement = "channel", 16, "invalid acknowledgement";
    AcknowledgementExists = "channel", 17, "acknowledgement for packet already exists";
    PacketReceived = "channel", 19, "packet already received";
    PacketCommitmentNotFound = "channel", 20, "packet commitment not found";
    PacketSequenceOutOfOrder = "channel", 21, "packet sequence is out of order";
    RedundantTx = "channel", 22, "packet messages are redundant";
    InvalidChannelVersion = "channel", 24, "invalid channel version";
    InvalidTimeout = "channel", 26, "invalid packet timeout";
    TimeoutNotReached = "channel", 39, "timeout not reached";
    TimeoutElapsed = "channel", 40, "timeout elapsed";
    PortNotFound = "port", 3, "port not found";
    InvalidProof = "commitment", 2, "invalid proof";
    InvalidMerkleProof = "commitment", 4, "invalid merkle proof";
    InvalidId = "host", 2, "invalid identifier";
    InvalidChainId = "07-tendermint", 2, "invalid chain-id";
    InvalidTrustingPeriod = "07-tendermint", 3, "invalid trusting period";
    InvalidUnbondingPeriod = "07-tendermint", 4, "invalid unbonding period";
    InvalidHeaderHeight = "07-tendermint", 5, "invalid header height";
    InvalidTendermintHeader = "07-tendermint", 6, "invalid header";
    InvalidMaxClockDrift = "07-tendermint", 7, "invalid max clock drift";
    ProcessedTimeNotFound = "07-tendermint", 8, "processed time not found";
    DelayPeriodNotPassed = "07-tendermint", 10, "packet-specified delay period has not been reached";
    InvalidProofSpecs = "07-tendermint", 13, "invalid proof specs";
}
