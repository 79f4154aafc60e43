//! Every key of the store `evidence`.
//!
//! | key | value |
//! | --- | --- |
//! | `evidence` ‖ hash (32 bytes) | [`Equivocation`]: what was proven; never changed |
//!
//! Namespaces of maps are length-prefixed by cw-storage-plus; values are JSON. A hash is SHA-256 of the evidence's protobuf form.

use cw_storage_plus::Map;
use openledger_store::StoreName;

use crate::equivocation::Equivocation;

/// The module's store, named as in the SDK.
pub const STORE: StoreName = "evidence";

/// What was proven, by hash.
pub(crate) const EVIDENCE: Map<&[u8], Equivocation> = Map::new("evidence");
