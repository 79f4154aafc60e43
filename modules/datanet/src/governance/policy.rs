//! Policies: reading what an owner asks for, and keeping each under its number.
//!
//! A change of policy has the next number; the old one is kept. A contribution is judged by the policy of its commit, curators included,
//! so that an owner who dislikes what is coming cannot change the rules, or the judges, for what is under way.

use cosmwasm_std::Uint256;
use openledger_core::coin::parse_amount;
use openledger_core::{Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;

use crate::check;
use crate::error::DatanetError;
use crate::governance::{Admission, Policy};
use crate::keeper::{broken, Datanets};
use crate::params::MAX_WINDOW_BLOCKS;
use crate::state::{POLICIES, STORE};
use crate::types::{Contribution, Datanet};

const MAX_MEDIA_TYPES: usize = 16;
const MAX_LICENCES: usize = 32;
const MAX_BPS: u32 = 10_000;

fn invalid(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidDatanet(text.into()).into()
}

/// Reads an amount of which zero is none; protobuf's empty text is zero too.
pub(crate) fn optional_amount(name: &str, text: &str) -> Result<Uint256> {
    if text.is_empty() {
        return Ok(Uint256::zero());
    }
    parse_amount(text).map_err(|error| invalid(format!("{name}: {error}")))
}

/// Reads what a policy says of admission, limits and reviews into `policy`, whose other fields are read already.
pub(crate) fn read(message: &proto::Policy, policy: &mut Policy) -> Result<()> {
    policy.contributor_bond = optional_amount("contributor_bond", &message.contributor_bond)?;
    policy.curator_bond = optional_amount("curator_bond", &message.curator_bond)?;
    policy.contributor_slash_bps = message.contributor_slash_bps;
    policy.pass_mark = message.pass_mark;
    policy.min_length = message.min_length;
    policy.daily_count = message.daily_count;
    policy.daily_bytes = message.daily_bytes;
    policy.media_types.clone_from(&message.media_types);
    policy.licences.clone_from(&message.licences);
    policy.hidden_reviews = message.hidden_reviews;
    policy.max_weight_bps = message.max_weight_bps;
    policy.score_band = message.score_band;
    policy.review_window_blocks = message.review_window_blocks;
    policy.review_reveal_blocks = message.review_reveal_blocks;
    check_admission(policy)?;
    check_limits(policy)?;
    check_reviews(policy)
}

fn check_admission(policy: &Policy) -> Result<()> {
    let bonded = policy.admission == Admission::Bonded;
    if bonded == policy.contributor_bond.is_zero() {
        return Err(invalid(
            "contributor_bond goes with bonded admission, and bonded admission with a contributor_bond",
        ));
    }
    let slash = policy.contributor_slash_bps;
    if slash > MAX_BPS || (slash > 0 && !bonded) {
        return Err(invalid(format!("contributor_slash_bps is {slash}; it is 0 to {MAX_BPS}, with bonded admission")));
    }
    let marks = if policy.admission == Admission::Assessment { 1..=MAX_BPS } else { 0..=0 };
    if !marks.contains(&policy.pass_mark) {
        let text = format!("pass_mark is {}; it is 1 to {MAX_BPS} with assessment, else 0", policy.pass_mark);
        return Err(invalid(text));
    }
    Ok(())
}

fn check_limits(policy: &Policy) -> Result<()> {
    if policy.min_length > policy.max_length {
        let text = format!("min_length is {}, above max_length {}", policy.min_length, policy.max_length);
        return Err(invalid(text));
    }
    if policy.daily_bytes > 0 && policy.daily_bytes < policy.min_length.max(1) {
        return Err(invalid(format!("daily_bytes is {}, below min_length", policy.daily_bytes)));
    }
    if policy.media_types.len() > MAX_MEDIA_TYPES || policy.licences.len() > MAX_LICENCES {
        return Err(invalid(format!("at most {MAX_MEDIA_TYPES} media_types and {MAX_LICENCES} licences are allowed")));
    }
    for media_type in &policy.media_types {
        // `text/*` reads as the media type `text/x` would.
        let concrete = media_type.strip_suffix("/*").map_or(media_type.clone(), |kind| format!("{kind}/x"));
        check::media_type(&concrete).map_err(|_| invalid(format!("{media_type:?} is no media type such as text/*")))?;
    }
    for licence in &policy.licences {
        check::licence(licence)?;
    }
    Ok(())
}

fn check_reviews(policy: &Policy) -> Result<()> {
    if policy.quorum == 0 && (policy.hidden_reviews || !policy.curator_bond.is_zero()) {
        return Err(invalid("hidden_reviews and curator_bond go with curators and a quorum"));
    }
    if policy.hidden_reviews && policy.curator_bond.is_zero() {
        return Err(invalid("hidden_reviews need a curator_bond: who does not reveal must have something to lose"));
    }
    let checks = [
        ("max_weight_bps", u64::from(policy.max_weight_bps), 5_000),
        ("score_band", u64::from(policy.score_band), 10_000),
        ("review_window_blocks", policy.review_window_blocks, MAX_WINDOW_BLOCKS),
        ("review_reveal_blocks", policy.review_reveal_blocks, MAX_WINDOW_BLOCKS),
    ];
    match checks.iter().find(|(_, value, most)| value > most) {
        Some((name, value, most)) => Err(invalid(format!("{name} is {value}; it must be at most {most}"))),
        None => Ok(()),
    }
}

impl Datanets {
    /// Gives a datanet this policy, under the next number if it is another than it has.
    pub(crate) fn set_policy(&self, ctx: &mut Context, datanet: &mut Datanet, policy: Policy) -> Result<()> {
        if datanet.policy_number > 0 && datanet.policy == policy {
            return Ok(());
        }
        let number = datanet.policy_number.checked_add(1);
        datanet.policy_number = number.ok_or(DatanetError::Overflow("the next policy's number"))?;
        POLICIES.save(&mut ctx.kv_mut(STORE), (datanet.id, datanet.policy_number), &policy)?;
        datanet.policy = policy;
        Ok(())
    }

    /// A policy that a datanet has or had.
    pub fn policy(&self, ctx: &Context, datanet: u64, number: u32) -> Result<Option<Policy>> {
        Ok(POLICIES.may_load(&*ctx.kv(STORE), (datanet, number))?)
    }

    /// The policy by which a contribution is judged.
    pub fn policy_of(&self, ctx: &Context, contribution: &Contribution) -> Result<Policy> {
        let (datanet, number) = (contribution.datanet, contribution.terms.policy);
        let policy = self.policy(ctx, datanet, number)?;
        policy.ok_or_else(|| broken(format!("datanet {datanet} has no policy {number}")))
    }
}
