//! Times are the kit's; what stands in a validator or a delegation is one of them.

pub use openledger_core::time::{Time, KEY_BYTES};
