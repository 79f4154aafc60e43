//! Policies, what they promise to a contribution, and reviews as they are stored; their protobuf forms are in `wire.rs`.

use std::collections::BTreeSet;

use cosmwasm_std::Uint256;
use openledger_core::Address;
use serde::{Deserialize, Serialize};

use crate::content::PointerPolicy;

/// Who may contribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Anybody.
    Open,
    /// The owner and who stands on the allow-list.
    AllowList,
    /// The owner and who has bonded.
    Bonded,
    /// The owner and who passed an assessment, and so came onto the allow-list.
    Assessment,
}

/// What a datanet's owner decides for later contributions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Who may contribute.
    pub admission: Admission,
    /// Curators in order of their bytes, none twice; none where the owner decides.
    pub curators: Vec<Address>,
    /// How many curators must accept; 0: the owner decides.
    pub quorum: u32,
    /// What a contribution locks, in base units.
    pub deposit: Uint256,
    /// Whether a rejection burns the deposit.
    pub burn_rejected: bool,
    /// Most bytes in a contribution.
    pub max_length: u64,
    /// Bytes above which length adds nothing to a share.
    pub length_cap: u64,
    /// What of a contribution's pay those have that point at it.
    #[serde(default)]
    pub pointers: PointerPolicy,
    /// What a contributor must have bonded, in base units; 0 where admission is not bonded.
    pub contributor_bond: Uint256,
    /// Of it, what a rejection or an expiry burns, in basis points.
    pub contributor_slash_bps: u32,
    /// The least median mark that admits; 0 where nobody is assessed.
    pub pass_mark: u32,
    /// Least bytes in a contribution; 0 is 1.
    pub min_length: u64,
    /// Most commits of an account in a day; 0: any number.
    pub daily_count: u64,
    /// Most bytes that an account reveals in a day; 0: any number.
    pub daily_bytes: u64,
    /// Media types, as `text/markdown` or `text/*`; none: any that fits the modality.
    pub media_types: Vec<String>,
    /// Licences of licensed contributions; none: any.
    pub licences: Vec<String>,
    /// What a curator must have bonded, in base units; 0: nothing, and all weigh the same.
    pub curator_bond: Uint256,
    /// Whether reviews are committed first.
    pub hidden_reviews: bool,
    /// Most that one curator weighs, in basis points; 0 is [`Policy::DEFAULT_MAX_WEIGHT_BPS`].
    pub max_weight_bps: u32,
    /// How far the weighted median may lie from the unweighted one; 0 is [`Policy::DEFAULT_SCORE_BAND`].
    pub score_band: u32,
    /// Blocks for reviews, or their commits; 0: the parameter's.
    pub review_window_blocks: u64,
    /// Blocks for hidden reviews' reveals; 0: the parameter's.
    pub review_reveal_blocks: u64,
}

impl Policy {
    /// A third: with one third each, no one curator and no two of four decide alone.
    pub const DEFAULT_MAX_WEIGHT_BPS: u32 = 3_333;
    /// A fifth of the scale.
    pub const DEFAULT_SCORE_BAND: u32 = 2_000;

    /// What is filled in by reading: open to anybody, without limits.
    pub(crate) fn unread() -> Self {
        let (none, zero) = (Vec::new(), Uint256::zero());
        Self {
            admission: Admission::Open,
            curators: Vec::new(),
            quorum: 0,
            deposit: zero,
            burn_rejected: false,
            max_length: 0,
            length_cap: 0,
            contributor_bond: zero,
            contributor_slash_bps: 0,
            pass_mark: 0,
            min_length: 0,
            daily_count: 0,
            daily_bytes: 0,
            media_types: none.clone(),
            licences: none,
            curator_bond: zero,
            hidden_reviews: false,
            max_weight_bps: 0,
            score_band: 0,
            review_window_blocks: 0,
            review_reveal_blocks: 0,
            pointers: PointerPolicy::default(),
        }
    }

    /// Most that one curator weighs, in basis points.
    pub fn max_weight(&self) -> u32 {
        if self.max_weight_bps == 0 {
            Self::DEFAULT_MAX_WEIGHT_BPS
        } else {
            self.max_weight_bps
        }
    }

    /// How far the weighted median may lie from the unweighted one.
    pub fn band(&self) -> u32 {
        if self.score_band == 0 {
            Self::DEFAULT_SCORE_BAND
        } else {
            self.score_band
        }
    }

    /// Whether this account is a curator.
    pub fn has_curator(&self, account: &Address) -> bool {
        self.curators.binary_search(account).is_ok()
    }
}

/// What was promised to a contribution, whatever becomes of its datanet's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The number of the policy at the commit, by which it is judged.
    pub policy: u32,
    /// What is locked of its author's bond, in base units, until it is decided.
    pub at_risk: Uint256,
    /// Last height at which hidden reviews are committed; 0 where they are not hidden, and before the reveal.
    pub review_commit_deadline: u64,
    /// Last height at which it is reviewed; 0 before the reveal.
    pub review_deadline: u64,
    /// Height at whose end its author takes it back, unless it is decided by then or being rejected; 0: nobody asked for that.
    #[serde(default)]
    pub withdraw_height: u64,
}

impl Terms {
    /// The heights at whose end something is to be done about a pending contribution: ascending, each once.
    pub(crate) fn due(&self) -> BTreeSet<u64> {
        let withdrawal = Some(self.withdraw_height).filter(|height| *height != 0);
        withdrawal.into_iter().chain([self.review_deadline]).collect()
    }
}

/// One curator's, or the owner's, judgement; contribution and reviewer are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Whether it may become a part of the datanet.
    pub accept: bool,
    /// 0 to 10,000.
    pub score: u32,
    /// Whether it is boilerplate.
    pub commons: bool,
    /// Height of the review.
    pub height: u64,
    /// The curator's bond then, in base units; 1 where none is asked for, 0 for the owner's word.
    pub weight: Uint256,
    /// Shares of the curators' pot that it has.
    pub shares: u64,
    /// What is burnt of the bond if it is overruled, in base units.
    pub at_risk: Uint256,
    /// Last header time, in seconds, at which it may be overruled; 0: it cannot be.
    pub stands_until_seconds: i64,
    /// Whether it was.
    pub overruled: bool,
    /// The epoch of the datanet's council when it was given, or committed; that council may overrule it. 0: there was none.
    #[serde(default)]
    pub council_epoch: u64,
}

impl Review {
    /// A review with nothing yet that its decision adds.
    pub(crate) fn new(accept: bool, score: u32, commons: bool, height: u64, weight: Uint256) -> Self {
        let (shares, at_risk, stands_until_seconds, overruled, council_epoch) = (0, Uint256::zero(), 0, false, 0);
        Self { accept, score, commons, height, weight, shares, at_risk, stands_until_seconds, overruled, council_epoch }
    }
}
