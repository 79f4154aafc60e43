//! An equivocation: a validator signed two blocks of one height.
//!
//! Source: `cosmossdk.io/x/evidence` v0.1.1 `types/evidence.go`.

use openledger_core::address::VALCONS_PREFIX;
use openledger_core::comet::Misbehavior;
use openledger_core::{Address, Result, SdkError};
use openledger_proto::cosmos::evidence::v1beta1::Equivocation as Proto;
use openledger_proto::{Any, Message, Name};
use openledger_staking::Time;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::EvidenceError;

/// The only kind of evidence that there is; fields as in `cosmos.evidence.v1beta1.Equivocation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equivocation {
    /// The height of the blocks.
    pub height: i64,
    /// The time of that height.
    pub time: Time,
    /// The validator's power at that height.
    pub power: i64,
    /// The validator's consensus address, in bech32.
    pub consensus_address: String,
}

impl Equivocation {
    /// What CometBFT proved. An attack on light clients counts as an equivocation, as in the SDK.
    pub(crate) fn of(misbehavior: &Misbehavior) -> Result<Self> {
        let number = |number: u64| {
            i64::try_from(number).map_err(|_| SdkError::Logic(format!("misbehaviour: {number} exceeds 63 bits")))
        };
        Ok(Self {
            height: number(misbehavior.height)?,
            time: Time { seconds: misbehavior.time_seconds, nanos: misbehavior.time_nanos },
            power: number(misbehavior.power)?,
            consensus_address: Address::new(misbehavior.validator.as_slice())?.to_bech32(VALCONS_PREFIX),
        })
    }

    /// Reads and checks a message that holds evidence; refuses other kinds of message.
    pub fn from_any(any: &Any) -> Result<Self> {
        if any.type_url != Proto::type_url() {
            let text = format!("{:?} is no evidence; {} is", any.type_url, Proto::type_url());
            return Err(EvidenceError::InvalidEvidence(text).into());
        }
        let decoded = Proto::decode(any.value.as_slice());
        let proto = decoded.map_err(|error| EvidenceError::InvalidEvidence(format!("{}: {error}", Proto::NAME)))?;
        let time = Time::from_proto(proto.time.as_ref());
        let Proto { height, power, consensus_address, .. } = proto;
        let read = Self { height, time, power, consensus_address };
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<()> {
        let Self { height, time, power, consensus_address } = self;
        let why = if time.seconds <= 0 {
            format!("invalid equivocation time: {time}")
        } else if *height < 1 {
            format!("invalid equivocation height: {height}")
        } else if *power < 1 {
            format!("invalid equivocation validator power: {power}")
        } else if consensus_address.is_empty() {
            format!("invalid equivocation validator consensus address: {consensus_address}")
        } else {
            return Ok(());
        };
        Err(EvidenceError::InvalidEvidence(format!("failed basic validation: {why}")).into())
    }

    /// The protobuf form.
    pub fn to_any(&self) -> Any {
        Any { type_url: Proto::type_url(), value: self.to_proto().encode_to_vec() }
    }

    fn to_proto(&self) -> Proto {
        Proto {
            height: self.height,
            time: Some(self.time.to_proto()),
            power: self.power,
            consensus_address: self.consensus_address.clone(),
        }
    }

    /// SHA-256 of the protobuf form.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_proto().encode_to_vec()).into()
    }
}
