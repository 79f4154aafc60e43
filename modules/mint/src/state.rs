//! Every key of the store `mint`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//!
//! The value is JSON. The SDK keeps its inflation and annual provisions beside it; here both are 0 and nothing is kept.

use cw_storage_plus::Item;
use openledger_store::StoreName;

use crate::params::Params;

/// The module's store.
pub const STORE: StoreName = "mint";

pub(crate) const PARAMS: Item<Params> = Item::new("params");
