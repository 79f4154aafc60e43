//! Evidence: validators that CometBFT caught signing two blocks of one height, and what they pay for it.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.evidence.v1beta1.MsgSubmitEvidence` | anybody submits evidence; the chain has no handler for any, as the SDK's simapp | `msg/submit_evidence.rs` |
//!
//! Queries (`query.rs`): all of `cosmos.evidence.v1beta1.Query`. Keys: [`state`]. Genesis: `cosmos.evidence.v1beta1.GenesisState`. Before each
//! block (`block.rs`) the misbehaviour that CometBFT proved in it is punished: slashed, jailed, and the key barred for ever.
//!
//! Invariant: evidence stands under the SHA-256 of its protobuf form.
//!
//! Semantics: `cosmossdk.io/x/evidence` v0.1.1. One difference: misbehaviour of a validator that staking does not know is skipped, where
//! the SDK stops the chain.

mod block;
mod equivocation;
mod error;
mod genesis;
mod keeper;
mod msg;
mod query;
pub mod state;

pub use block::DOUBLE_SIGN_JAIL_END;
pub use equivocation::Equivocation;
pub use error::EvidenceError;
pub use keeper::Evidence;

use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::evidence::v1beta1::{GenesisState, MsgSubmitEvidence};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "evidence";

impl Module for Evidence {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgSubmitEvidence, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.evidence.v1beta1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        GenesisState::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(self, ctx)?.encode_to_vec())
    }

    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        block::begin(self, ctx)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        for (hash, evidence) in self.all(ctx)? {
            if hash != evidence.hash() {
                return Err(SdkError::Logic(format!("evidence: {evidence:?} stands under another's hash")).into());
            }
        }
        Ok(())
    }
}
