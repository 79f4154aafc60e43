//! Datanets: datasets that communities own, the contributions they are made of, and the money they share.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `MsgCreateDatanet`, `MsgUpdateDatanet` | a datanet, its texts and policy | `msg/create_datanet.rs`, `msg/update_datanet.rs` |
//! | `MsgUpdateAllowList` | who may contribute | `msg/update_allow_list.rs` |
//! | `MsgCommitContribution` | a hidden content takes the next seq | `msg/commit_contribution.rs` |
//! | `MsgRevealContribution` | shows what was committed | `msg/reveal_contribution.rs` |
//! | `MsgReviewContribution` | accepts or rejects | `msg/review_contribution.rs`, `accept.rs` |
//! | `MsgWithdrawContribution` | an author takes one back | `msg/withdraw_contribution.rs` |
//! | `MsgTombstone` | a notice takes a content out of the corpus | `msg/tombstone.rs` |
//! | `MsgFreezeVersion` | publishes what is accepted as a version | `msg/freeze_version.rs` |
//! | `MsgSetCommons` | governance changes the chain's commons list | `msg/set_commons.rs` |
//! | `MsgClaimBaseline` | authors pull what the baseline owes them | `msg/claim_baseline.rs` |
//! | `MsgSpendTreasury` | the owner pays from the treasury | `msg/spend_treasury.rs` |
//! | `MsgCommitDuplicate`, `MsgRevealDuplicate` | disputes a contribution as a copy of earlier ones | `msg/commit_duplicate.rs`, `msg/reveal_duplicate.rs`, `content/duplicates.rs` |
//! | `MsgChallengeAvailability`, `MsgAnswerAvailability` | asks for a chunk, and shows it | `msg/challenge_availability.rs`, `msg/answer_availability.rs`, `content/availability.rs` |
//! | `MsgProveCustody`, `MsgGrantCustody` | whose a custodial contribution is | `msg/prove_custody.rs`, `msg/grant_custody.rs`, `content/custody.rs` |
//! | `MsgUpdateParams` | the authority replaces the parameters | `msg/update_params.rs` |
//! | `MsgSetDatanetState` | draft, live, frozen, retired | `msg/set_datanet_state.rs`, [`lifecycle`] |
//! | `MsgSetCouncil` | a datanet goes to a council, or the council changes | `msg/set_council.rs` |
//! | `MsgCreateProposal`, `MsgVoteProposal`, `MsgExecuteProposal` | a council decides | `msg/create_proposal.rs` … |
//! | `MsgBondContributor`, `MsgUnbondContributor` | a bond to contribute | `msg/bond_contributor.rs` … |
//! | `MsgBondCurator`, `MsgUnbondCurator` | a bond to review | `msg/bond_curator.rs` … |
//! | `MsgApply`, `MsgAssess` | admission by assessment | `msg/apply.rs`, `msg/assess.rs` |
//! | `MsgCommitReview`, `MsgRevealReview` | a hidden review | `msg/commit_review.rs`, `msg/reveal_review.rs` |
//! | `MsgOverruleReview` | slashes the bonds behind scores | `msg/overrule_review.rs` |
//! | `MsgClaimCuration` | curators pull what their pots owe | `msg/claim_curation.rs` |
//!
//! Who decides, and by which rules: [`governance`]; the life of a datanet: [`lifecycle`].
//!
//! End of a block: commits that were not revealed in time expire (`block.rs`); reviews, applications, proposals and unbondings that are
//! due end (`governance/block.rs`), and disputes and challenges that were not met, and holds (`content/block.rs`). Queries: `query.rs`,
//! `governance/query.rs`, `content/query.rs`. Keys: [`state`], `content/state.rs`. Money: [`money`]. Other modules read
//! with [`Datanets::contribution`], [`Datanets::version`], [`Datanets::is_chain_commons`] and [`Datanets::payees`] (who is paid for what
//! a contribution owns, `payees.rs`), and pay in with [`Datanets::credit_baseline`], [`Datanets::credit_treasury`] and
//! [`Datanets::credit_curation`]; [`Datanets::penalize_curators`] slashes behind scores that were wrong, which a duplicate never does. Rules:
//! `docs/attribution-spec.md`, sections 1 and 5.
//!
//! Invariants (`invariants.rs`): the module's account holds exactly what it owes to deposits, treasuries and baselines, and each of
//! these is the sum of its parts; no baseline owes more than it was credited; ranges, versions, indices and queues are those of the
//! contributions.

mod accept;
mod block;
mod check;
pub mod content;
mod error;
mod escrow;
pub mod events;
mod genesis;
mod genesis_read;
pub mod governance;
mod invariants;
mod keeper;
pub mod lifecycle;
pub mod money;
mod msg;
mod params;
pub mod payees;
mod query;
pub mod spdx;
pub mod state;
pub mod types;
mod wire;

pub use content::{ContentError, ContentParams, Gap, Pointer, PointerKind, PointerPolicy};
pub use error::DatanetError;
pub use keeper::Datanets;
pub use lifecycle::State;
pub use params::Params;
pub use payees::{divide_pay, Payee, Payment};
pub use types::{Contribution, Datanet, Rights, Status, Version};

use openledger_core::{Context, Module, Result, Router, ValidatorUpdate};
use openledger_proto::openledger::datanet::v1::{
    GenesisState, MsgApply, MsgAssess, MsgBondContributor, MsgBondCurator, MsgClaimBaseline, MsgClaimCuration,
    MsgCommitContribution, MsgCommitReview, MsgCreateDatanet, MsgCreateProposal, MsgExecuteProposal, MsgFreezeVersion,
    MsgOverruleReview, MsgRevealContribution, MsgRevealReview, MsgReviewContribution, MsgSetCommons, MsgSetCouncil,
    MsgSetDatanetState, MsgSpendTreasury, MsgTombstone, MsgUnbondContributor, MsgUnbondCurator, MsgUpdateAllowList,
    MsgUpdateDatanet, MsgUpdateParams, MsgVoteProposal, MsgWithdrawContribution,
};
use openledger_proto::openledger::datanet::v1::{
    MsgAnswerAvailability, MsgChallengeAvailability, MsgCommitDuplicate, MsgGrantCustody, MsgProveCustody,
    MsgRevealDuplicate,
};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

/// The module's name.
pub const NAME: &str = "datanet";

impl Module for Datanets {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(state::STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgCreateDatanet, _>(NAME, self);
        router.msg::<MsgUpdateDatanet, _>(NAME, self);
        router.msg::<MsgUpdateAllowList, _>(NAME, self);
        router.msg::<MsgCommitContribution, _>(NAME, self);
        router.msg::<MsgRevealContribution, _>(NAME, self);
        router.msg::<MsgReviewContribution, _>(NAME, self);
        router.msg::<MsgWithdrawContribution, _>(NAME, self);
        router.msg::<MsgTombstone, _>(NAME, self);
        router.msg::<MsgFreezeVersion, _>(NAME, self);
        router.msg::<MsgSetCommons, _>(NAME, self);
        router.msg::<MsgClaimBaseline, _>(NAME, self);
        router.msg::<MsgSpendTreasury, _>(NAME, self);
        router.msg::<MsgCommitDuplicate, _>(NAME, self);
        router.msg::<MsgRevealDuplicate, _>(NAME, self);
        router.msg::<MsgChallengeAvailability, _>(NAME, self);
        router.msg::<MsgAnswerAvailability, _>(NAME, self);
        router.msg::<MsgProveCustody, _>(NAME, self);
        router.msg::<MsgGrantCustody, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        router.msg::<MsgSetDatanetState, _>(NAME, self);
        router.msg::<MsgSetCouncil, _>(NAME, self);
        router.msg::<MsgCreateProposal, _>(NAME, self);
        router.msg::<MsgVoteProposal, _>(NAME, self);
        router.msg::<MsgExecuteProposal, _>(NAME, self);
        router.msg::<MsgBondContributor, _>(NAME, self);
        router.msg::<MsgUnbondContributor, _>(NAME, self);
        router.msg::<MsgBondCurator, _>(NAME, self);
        router.msg::<MsgUnbondCurator, _>(NAME, self);
        router.msg::<MsgApply, _>(NAME, self);
        router.msg::<MsgAssess, _>(NAME, self);
        router.msg::<MsgCommitReview, _>(NAME, self);
        router.msg::<MsgRevealReview, _>(NAME, self);
        router.msg::<MsgOverruleReview, _>(NAME, self);
        router.msg::<MsgClaimCuration, _>(NAME, self);
        query::register(*self, router);
        governance::query::register(*self, router);
        content::query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "openledger.datanet.v1.GenesisState"
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
        Ok(genesis::export(self, ctx)?.encode_to_vec())
    }

    fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        block::end(self, ctx)?;
        content::end(self, ctx)?;
        Ok(Vec::new())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        invariants::check(self, ctx)
    }
}
