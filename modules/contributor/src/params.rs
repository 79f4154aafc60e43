//! The parameters: how long handles rest, how long a profile's texts may be.

use openledger_core::Result;
use openledger_proto::openledger::contributor::v1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::ContributorError;

/// Ten years in seconds, the longest that a handle may rest.
const MAX_REST_SECONDS: u64 = 10 * 365 * 86_400;

/// The parameters; fields as in `openledger.contributor.v1.Params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Seconds of header time for which a handle that was given up may be taken by its last holder alone.
    pub handle_rest_seconds: u64,
    /// Most bytes in a name.
    pub max_name_bytes: u32,
    /// Most bytes in an about text.
    pub max_about_bytes: u32,
    /// Most bytes in a website.
    pub max_website_bytes: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self { handle_rest_seconds: 365 * 86_400, max_name_bytes: 64, max_about_bytes: 1_000, max_website_bytes: 256 }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&ProtoParams>) -> Result<Self> {
        let params = params.ok_or_else(|| ContributorError::InvalidParams("params are missing".into()))?;
        let checks = [
            ("handle_rest_seconds", params.handle_rest_seconds, 0, MAX_REST_SECONDS),
            ("max_name_bytes", params.max_name_bytes.into(), 1, 256),
            ("max_about_bytes", params.max_about_bytes.into(), 1, 10_000),
            ("max_website_bytes", params.max_website_bytes.into(), 1, 1_024),
        ];
        for (name, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                let text = format!("{name} is {value}; it must be {least} to {most}");
                return Err(ContributorError::InvalidParams(text).into());
            }
        }
        Ok(Self {
            handle_rest_seconds: params.handle_rest_seconds,
            max_name_bytes: params.max_name_bytes,
            max_about_bytes: params.max_about_bytes,
            max_website_bytes: params.max_website_bytes,
        })
    }

    /// The protobuf form.
    pub fn to_proto(self) -> ProtoParams {
        ProtoParams {
            handle_rest_seconds: self.handle_rest_seconds,
            max_name_bytes: self.max_name_bytes,
            max_about_bytes: self.max_about_bytes,
            max_website_bytes: self.max_website_bytes,
        }
    }
}
