//! Who may contribute, how much in a day, and what: the checks of a commit and of a reveal.
//!
//! **Quotas** count commits on the day of the commit and bytes on the day of the reveal; a day is 86,400 seconds of header time. What was
//! used the day before still counts by the part of the new day that is left (rounded up), so that waiting for midnight does not double a
//! quota: in any 24 hours it is overrun by no more than an even pace the day before would explain. One record an account and datanet.

use cosmwasm_std::{Empty, Uint256};
use openledger_core::{Address, Coin, Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use super::bond::BondKind;
use super::events;
use crate::error::DatanetError;
use crate::escrow::coins;
use crate::governance::{Admission, Policy, Terms};
use crate::keeper::Datanets;
use crate::money::lower;
use crate::state::{ALLOWED, APPLICATIONS, APPLICATION_DUE, QUOTAS, STORE};
use crate::types::{Contribution, Datanet, Rights};
use crate::NAME;

const DAY_SECONDS: i64 = 86_400;

/// What an account brought into a datanet; datanet and account are the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The number of the day of header time, since 1970.
    pub day: i64,
    /// Commits on it.
    pub count: u64,
    /// Bytes revealed on it.
    pub bytes: u64,
    /// Commits the day before.
    pub last_count: u64,
    /// Bytes revealed the day before.
    pub last_bytes: u64,
}

impl Quota {
    /// The record as it stands at this time.
    pub fn at(mut self, now_seconds: i64) -> Self {
        let day = now_seconds.div_euclid(DAY_SECONDS);
        let passed = day.saturating_sub(self.day);
        if passed == 0 {
            return self;
        }
        let (count, bytes) = if passed == 1 { (self.count, self.bytes) } else { (0, 0) };
        self = Self { day, count: 0, bytes: 0, last_count: count, last_bytes: bytes };
        self
    }

    /// Commits and bytes that count at this time, for a record of this day.
    pub fn used(&self, now_seconds: i64) -> (u64, u64) {
        let left = DAY_SECONDS.saturating_sub(now_seconds.rem_euclid(DAY_SECONDS));
        let (left, day) = (u128::try_from(left).unwrap_or_default(), u128::from(DAY_SECONDS.unsigned_abs()));
        let weigh = |today: u64, before: u64| {
            let part = u128::from(before).saturating_mul(left).div_ceil(day);
            today.saturating_add(u64::try_from(part).unwrap_or(u64::MAX))
        };
        (weigh(self.count, self.last_count), weigh(self.bytes, self.last_bytes))
    }

    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64, account: &Address) -> proto::Quota {
        proto::Quota {
            datanet_id: datanet,
            account: account.to_string(),
            day: self.day,
            count: self.count,
            bytes: self.bytes,
            last_count: self.last_count,
            last_bytes: self.last_bytes,
        }
    }
}

/// Asks to be admitted; datanet and applicant are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The answer.
    pub answer: String,
    /// What is locked, in base units.
    pub deposit: Uint256,
    /// The number of the policy by which it is judged.
    pub policy: u32,
    /// Last height at which it is assessed.
    pub deadline: u64,
    /// Marks so far, each assessor once.
    pub assessments: Vec<(Address, u32)>,
}

impl Application {
    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64, applicant: &Address) -> proto::Application {
        let mark =
            |(assessor, score): &(Address, u32)| proto::Assessment { assessor: assessor.to_string(), score: *score };
        proto::Application {
            datanet_id: datanet,
            applicant: applicant.to_string(),
            answer: self.answer.clone(),
            deposit: self.deposit.to_string(),
            policy: self.policy,
            deadline: self.deadline,
            assessments: self.assessments.iter().map(mark).collect(),
        }
    }
}

/// What is asked of a commit.
impl Datanets {
    /// Refuses an account that is not admitted.
    pub(crate) fn check_admitted(&self, ctx: &Context, datanet: &Datanet, author: &Address) -> Result<()> {
        if *author == datanet.owner {
            return Ok(());
        }
        match datanet.policy.admission {
            Admission::Open => Ok(()),
            Admission::AllowList | Admission::Assessment if self.is_allowed(ctx, datanet.id, author) => Ok(()),
            Admission::AllowList | Admission::Assessment => {
                Err(DatanetError::NotAdmitted { datanet: datanet.id, author: author.to_string() }.into())
            }
            Admission::Bonded => self.check_bonded(ctx, datanet, author),
        }
    }

    fn check_bonded(&self, ctx: &Context, datanet: &Datanet, author: &Address) -> Result<()> {
        let (needed, free) =
            (datanet.policy.contributor_bond, self.bond(ctx, datanet.id, BondKind::Contributor, author)?.free());
        if free >= needed {
            return Ok(());
        }
        let (needed, free, datanet) = (Coin::base(needed), Coin::base(free), datanet.id);
        let text =
            format!("{author} has {free} bonded and not locked; datanet {datanet} asks contributors for {needed}");
        Err(DatanetError::Bond(text).into())
    }

    /// Counts a commit against the quota.
    pub(crate) fn count_commit(&self, ctx: &mut Context, datanet: &Datanet, author: &Address) -> Result<()> {
        let (now, most) = (ctx.block().time_seconds, datanet.policy.daily_count);
        let mut quota = self.quota(ctx, datanet.id, author)?.at(now);
        let used = quota.used(now).0;
        if most > 0 && used >= most {
            return Err(DatanetError::QuotaUsed { datanet: datanet.id, what: "commits", used, asked: 1, most }.into());
        }
        quota.count = quota.count.saturating_add(1);
        QUOTAS.save(&mut ctx.kv_mut(STORE), (datanet.id, author.as_bytes()), &quota)?;
        Ok(())
    }

    /// What a commit of now is promised; what it may cost its author is locked in the author's bond.
    pub(crate) fn pin_terms(&self, ctx: &mut Context, datanet: &Datanet, author: &Address) -> Result<Terms> {
        let policy = &datanet.policy;
        let at_risk = match policy.admission {
            Admission::Bonded if *author != datanet.owner => {
                part_of(policy.contributor_bond, policy.contributor_slash_bps)?
            }
            _ => Uint256::zero(),
        };
        if !at_risk.is_zero() {
            self.lock_bond(ctx, datanet.id, BondKind::Contributor, author, at_risk)?;
        }
        Ok(Terms { policy: datanet.policy_number, at_risk, ..Terms::default() })
    }

    /// Ends what a contribution has at risk of its author's bond: burns it, or gives it free.
    pub(crate) fn end_risk(&self, ctx: &mut Context, contribution: &mut Contribution, burn: bool) -> Result<()> {
        let at_risk = std::mem::take(&mut contribution.terms.at_risk);
        if at_risk.is_zero() {
            return Ok(());
        }
        let (datanet, kind) = (contribution.datanet, BondKind::Contributor);
        self.unlock_bond(ctx, datanet, kind, &contribution.author, at_risk)?;
        if burn {
            self.slash_bond(ctx, datanet, kind, &contribution.author, at_risk)?;
        }
        Ok(())
    }

    /// What an account used of a datanet's quotas.
    pub fn quota(&self, ctx: &Context, datanet: u64, account: &Address) -> Result<Quota> {
        Ok(QUOTAS.may_load(&*ctx.kv(STORE), (datanet, account.as_bytes()))?.unwrap_or_default())
    }
}

/// What is asked of a reveal.
impl Datanets {
    /// Counts revealed bytes against the quota of the policy of the commit.
    pub(crate) fn count_bytes(
        &self,
        ctx: &mut Context,
        policy: &Policy,
        contribution: &Contribution,
        length: u64,
    ) -> Result<()> {
        let (now, most, datanet) = (ctx.block().time_seconds, policy.daily_bytes, contribution.datanet);
        let mut quota = self.quota(ctx, datanet, &contribution.author)?.at(now);
        let used = quota.used(now).1;
        if most > 0 && used.saturating_add(length) > most {
            return Err(DatanetError::QuotaUsed { datanet, what: "bytes", used, asked: length, most }.into());
        }
        quota.bytes = quota.bytes.saturating_add(length);
        QUOTAS.save(&mut ctx.kv_mut(STORE), (datanet, contribution.author.as_bytes()), &quota)?;
        Ok(())
    }
}

/// Refuses a content that the policy of its commit does not take.
pub(crate) fn check_content(
    modality: i32,
    policy: &Policy,
    length: u64,
    media_type: &str,
    rights: &Rights,
) -> Result<()> {
    let refused = |text: String| Err(DatanetError::InvalidContribution(text).into());
    let least = policy.min_length.max(1);
    if length < least || length > policy.max_length {
        let most = policy.max_length;
        return refused(format!("length is {length}; the policy of its commit takes {least} to {most} bytes"));
    }
    let listed = policy.media_types.iter().any(|pattern| media_type_fits(pattern, media_type));
    if !policy.media_types.is_empty() && !listed {
        let allowed = policy.media_types.join(", ");
        return refused(format!("media_type is {media_type}; the policy of its commit takes {allowed}"));
    }
    if let Some(kind) =
        kind_of(modality).filter(|kind| policy.media_types.is_empty() && !media_type_fits(kind, media_type))
    {
        return refused(format!("media_type is {media_type}; this datanet's modality is that of {kind}"));
    }
    match rights {
        Rights::Licensed(licence) if !policy.licences.is_empty() && !policy.licences.contains(licence) => {
            let allowed = policy.licences.join(", ");
            refused(format!("licence is {licence}; the policy of its commit takes {allowed}"))
        }
        _ => Ok(()),
    }
}

/// Whether a media type is that of a pattern, `text/markdown` or `text/*`; both without regard to case, as RFC 6838 has it.
fn media_type_fits(pattern: &str, media_type: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => media_type.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
        None => media_type.eq_ignore_ascii_case(pattern),
    }
}

/// The pattern of a modality that tells its media types; texts, code, tables and mixtures come in too many.
fn kind_of(modality: i32) -> Option<&'static str> {
    match proto::Modality::try_from(modality) {
        Ok(proto::Modality::Image) => Some("image/*"),
        Ok(proto::Modality::Audio) => Some("audio/*"),
        Ok(proto::Modality::Video) => Some("video/*"),
        _ => None,
    }
}

/// Applications.
impl Datanets {
    /// An open application.
    pub fn application(&self, ctx: &Context, datanet: u64, applicant: &Address) -> Result<Option<Application>> {
        Ok(APPLICATIONS.may_load(&*ctx.kv(STORE), (datanet, applicant.as_bytes()))?)
    }

    /// Removes an application, returns its deposit, and admits or does not.
    pub(crate) fn end_application(
        &self,
        ctx: &mut Context,
        datanet: u64,
        applicant: &Address,
        application: &Application,
        admitted: bool,
    ) -> Result<()> {
        let mut kv = ctx.kv_mut(STORE);
        APPLICATIONS.remove(&mut kv, (datanet, applicant.as_bytes()));
        APPLICATION_DUE.remove(&mut kv, (application.deadline, datanet, applicant.as_bytes()));
        if admitted {
            ALLOWED.save(&mut kv, (datanet, applicant.as_bytes()), &Empty {})?;
        }
        self.change_totals(ctx, |totals| lower(&mut totals.proposals, application.deposit))?;
        self.bank.send(ctx, &Address::module(NAME), applicant, &coins(application.deposit))?;
        ctx.emit(events::application_decided(datanet, applicant, admitted));
        Ok(())
    }
}

/// The part of a sum that a fraction in basis points is, rounded down.
pub(crate) fn part_of(amount: Uint256, bps: u32) -> Result<Uint256> {
    Ok(amount.checked_multiply_ratio(bps, 10_000u32).map_err(|_| DatanetError::Overflow("a part of a bond"))?)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_yesterday_fades_over_the_day() {
        let noon = 10 * DAY_SECONDS + DAY_SECONDS / 2;
        let used = Quota { day: 9, count: 8, bytes: 101, ..Quota::default() }.at(noon);
        assert_eq!(used.used(noon), (4, 51), "half of it, rounded up");
        assert_eq!(used.used(10 * DAY_SECONDS), (8, 101), "all of it at midnight");
        let later = used.at(noon + DAY_SECONDS);
        assert_eq!(later.used(noon + DAY_SECONDS), (0, 0), "nothing two days later");
    }

    #[test]
    fn a_pattern_of_media_types_ends_where_its_kind_does() {
        assert!(media_type_fits("text/*", "TEXT/markdown") && media_type_fits("text/plain", "text/plain"));
        assert!(!media_type_fits("text/*", "text2/plain") && !media_type_fits("text/plain", "text/plain2"));
    }
}
