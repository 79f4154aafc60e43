//! Queries of `ibc.core.{client,connection,channel}.v1.Query`.

use openledger_core::Router;

use crate::keeper::Ibc;

/// Registers them.
pub(crate) fn register(_keeper: &Ibc, _router: &mut Router) {}
