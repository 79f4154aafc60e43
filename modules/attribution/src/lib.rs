//! The till: sessions with deposits and vouchers, settlements whose claims the chain verifies, disputes, and what is owed to whom.
//!
//! | message | signer | file |
//! | --- | --- | --- |
//! | `MsgOpenSession` | the payer | `msg/open_session.rs` |
//! | `MsgTopUpSession` | the payer | `msg/top_up_session.rs` |
//! | `MsgNoticeClose` | the payer | `msg/notice_close.rs` |
//! | `MsgCloseSession` | the payer after its notice, or the server | `msg/close_session.rs` |
//! | `MsgSettle` | the server | `msg/settle.rs` |
//! | `MsgSettleAgent` | the agent's operator | `msg/settle_agent.rs` |
//! | `MsgPresentCredit` | the payer, with the server's note | `msg/present_credit.rs` |
//! | `MsgCommitDispute`, `MsgRevealDispute` | anyone with a bond | `msg/commit_dispute.rs`, `msg/reveal_dispute.rs` |
//! | `MsgDemandOpening`, `MsgAnswerOpening` | anyone with a deposit; who made the claims | `msg/demand_opening.rs`, `msg/answer_opening.rs` |
//! | `MsgDemandTranscript`, `MsgPublishTranscript` | payer or author; who made the claims | `msg/demand_transcript.rs`, `msg/publish_transcript.rs` |
//! | `MsgBondAuditor`, `MsgUnbondAuditor` | an auditor | `msg/bond_auditor.rs`, `msg/unbond_auditor.rs` |
//! | `MsgCommitSeed`, `MsgRevealSeed` | an auditor | `msg/commit_seed.rs`, `msg/reveal_seed.rs` |
//! | `MsgCommitReplacement`, `MsgReplaceClaim` | anyone with a bond | `msg/commit_replacement.rs`, `msg/replace_claim.rs` |
//! | `MsgClaimUndeclared` | anyone | `msg/claim_undeclared.rs` |
//! | `MsgClaim` | whoever is owed | `msg/claim.rs` |
//! | `MsgReleaseHeld` | anyone | `msg/release_held.rs` |
//! | `MsgUpdateParams` | governance | `msg/update_params.rs` |
//!
//! | file | what |
//! | --- | --- |
//! | `batch.rs`, `corpus.rs`, `judge.rs` | reading claims; what they may name; judging them and dividing fees and pools |
//! | `rounds.rs` | from a claim's arrival to its payment, or to its refutation and what follows |
//! | `audit/` | what makers of claims are made to open, sampling, replacements in order, undeclared sources |
//! | `held.rs` | pay that waits for whoever proves that it is theirs |
//! | `horizon.rs` | when a dispute window closes |
//! | `voucher.rs`, `agents.rs` | a voucher against its session; agents' sessions and what is billed of their parts |
//! | `credits.rs`, `expiry.rs` | what servers give back; sessions that end by themselves |
//! | [`proof`] | what explains a payment, for `PayoutProof` and for clients |
//! | `record.rs` | what deployments did, and at which prices was sold |
//! | `till.rs`, `invariants.rs` | which money is whose; that it is all there |
//! | `block.rs` | begin and end of a block: bounded passes over what is due |
//!
//! Queries: Params, Session(s), Settlement(s), SettlementRows, Dispute(s), Owed, Earnings, AllEarnings, Usage, DeploymentRecord,
//! SettledPrices, PayoutProof, Solvency, Demand(s), Openings, ReplacementCommits, UndeclaredSources, Auditors, Epoch. Keys: [`state`].
//! The rules are those of `docs/attribution-spec.md`; all hashing and verification is `openledger_provenance`'s.
//!
//! Invariants, at every height: the sum of what is owed equals what the module account holds; the parts of each settlement sum to
//! its pool; each deployment's locked bond is what its settlements lock; what is open is counted and queued, of settlements that stand.

mod agents;
mod audit;
mod batch;
mod block;
mod corpus;
mod credits;
mod error;
pub mod events;
mod expiry;
mod genesis;
mod held;
mod horizon;
mod invariants;
mod judge;
mod keeper;
mod msg;
mod params;
pub mod proof;
mod query;
mod record;
mod rounds;
pub mod state;
mod till;
mod types;
mod uses;
mod voucher;
mod wire;

pub use audit::params::AuditParams;
pub use audit::types::{Auditor, Demand, DemandKind, Epoch, Openings, ReplacementCommit, SamplingStatus, Undeclared};
pub use audit::{MAX_REPLACEMENT_COMMITS, MAX_TRIES, MAX_UNDECLARED};
pub use batch::{MAX_BATCH_BYTES, MAX_RECEIPTS_CLAIMS_ONLY, MAX_RECEIPTS_EXISTENCE};
pub use credits::MAX_CREDITS;
pub use error::AttributionError;
pub use keeper::Attribution;
pub use params::{Params, Split};
pub use record::{Sold, PERIODS};
pub use rounds::MAX_ROUNDS;
pub use till::{Forfeit, Totals};
pub use types::{
    assurance, Check, Credit, Dispute, DisputeStatus, Earnings, PartPrice, Record, Round, Session, SessionStatus,
    SettledPrice, Settlement, SettlementStatus, Usage,
};

use openledger_core::{Context, Module, Result, Router, ValidatorUpdate};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::Message;
use openledger_store::StoreName;

/// The module's name.
pub const NAME: &str = "attribution";

impl Module for Attribution {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(state::STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgOpenSession, _>(NAME, self);
        router.msg::<MsgTopUpSession, _>(NAME, self);
        router.msg::<MsgNoticeClose, _>(NAME, self);
        router.msg::<MsgCloseSession, _>(NAME, self);
        router.msg::<MsgSettle, _>(NAME, self);
        router.msg::<MsgSettleAgent, _>(NAME, self);
        router.msg::<MsgPresentCredit, _>(NAME, self);
        router.msg::<MsgCommitDispute, _>(NAME, self);
        router.msg::<MsgRevealDispute, _>(NAME, self);
        router.msg::<MsgDemandOpening, _>(NAME, self);
        router.msg::<MsgAnswerOpening, _>(NAME, self);
        router.msg::<MsgDemandTranscript, _>(NAME, self);
        router.msg::<MsgPublishTranscript, _>(NAME, self);
        router.msg::<MsgBondAuditor, _>(NAME, self);
        router.msg::<MsgUnbondAuditor, _>(NAME, self);
        router.msg::<MsgCommitSeed, _>(NAME, self);
        router.msg::<MsgRevealSeed, _>(NAME, self);
        router.msg::<MsgCommitReplacement, _>(NAME, self);
        router.msg::<MsgReplaceClaim, _>(NAME, self);
        router.msg::<MsgClaimUndeclared, _>(NAME, self);
        router.msg::<MsgClaim, _>(NAME, self);
        router.msg::<MsgReleaseHeld, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "openledger.attribution.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
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

    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        self.advance_horizon(ctx)?;
        self.turn_epoch(ctx)
    }

    fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        self.finish_block(ctx)?;
        Ok(Vec::new())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        invariants::check(self, ctx)
    }
}
