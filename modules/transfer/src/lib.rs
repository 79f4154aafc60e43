//! Fungible tokens over IBC (ICS-20): tokens of this chain go elsewhere and come home, those of others come here as vouchers.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `ibc.applications.transfer.v1.MsgTransfer` | an account sends tokens to another chain | `msg/transfer.rs` |
//! | `ibc.applications.transfer.v1.MsgUpdateParams` | the authority says whether any may be sent and received | `msg/update_params.rs` |
//!
//! | file | what |
//! | --- | --- |
//! | [`denom`] | traces and the vouchers named after them |
//! | [`packet`], [`ack`] | what packets and answers say, byte for byte as ibc-go writes them |
//! | `relay.rs` | tokens leave, arrive and come back |
//! | `callbacks.rs` | what IBC core tells the application of the port `transfer` |
//! | [`stack`] | the layers over it that act on packets too |
//! | `remote.rs` | what comes from another chain may pay and act here by its memo |
//! | `port.rs` | the seam to IBC core |
//! | [`channels`] | what the module asks of IBC core, and of what stands between |
//! | [`address`] | escrow accounts; accounts of remote senders |
//!
//! Queries (`query.rs`): all of `ibc.applications.transfer.v1.Query`, and `openledger.transfer.v1.Query`. Keys: [`state`]. Genesis:
//! `ibc.applications.transfer.v1.GenesisState`.
//!
//! Invariants: the escrow accounts hold at least what the totals say; every voucher has its trace, every trace its metadata.
//!
//! Semantics: ibc-go v8 `modules/apps/transfer`.

pub mod ack;
pub mod address;
mod callbacks;
pub mod channels;
pub mod denom;
mod error;
mod events;
mod genesis;
mod keeper;
mod msg;
pub mod packet;
mod port;
mod query;
mod relay;
mod remote;
pub mod stack;
pub mod state;

pub use callbacks::VERSION;
pub use channels::{Channels, Outgoing};
pub use error::{IbcError, TransferError};
pub use keeper::Transfer;
pub use port::{Core, Port};
pub use relay::{arriving, Arriving, Send};
pub use remote::Remote;
pub use stack::{Answer, Layer};

use ibc_proto::ibc::applications::transfer::v1::{GenesisState, MsgTransfer, MsgUpdateParams};
use openledger_core::{Context, Module, Result, Router};
use openledger_store::StoreName;
use prost::{Message, Name};

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "transfer";
/// The port that transfers go through.
pub const PORT: &str = "transfer";

impl Module for Transfer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgTransfer, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "ibc.applications.transfer.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        genesis::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(ctx)?.encode_to_vec())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        self.check(ctx)
    }
}
