//! Reading the parts of a genesis into what is stored; each is checked as a message that makes it would be.

use cosmwasm_std::{Binary, Uint256};
use openledger_core::coin::parse_amount;
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::datanet::v1 as proto;

use crate::genesis::invalid;
use crate::governance::{Review, Terms};
use crate::lifecycle::State;
use crate::money::{Baseline, Bucket, Share, Treasury};
use crate::msg::{MAX_CHANGES, MAX_SCORE};
use crate::params::Params;
use crate::types::{Acceptance, CommonsChange, Contribution, Datanet, Reveal, Status, Tombstone, Version};
use crate::{check, content};

/// A datanet. Its policy may be below parameters that were raised since.
pub(crate) fn datanet(params: &Params, datanet: &proto::Datanet) -> Result<Datanet> {
    check::title(&datanet.title)?;
    check::modality(datanet.modality)?;
    check::licence(&datanet.licence)?;
    let texts = [("title", &*datanet.title), ("description", &*datanet.description), ("schema", &*datanet.schema)];
    check::texts(params, &texts)?;
    Ok(Datanet {
        id: datanet.id,
        owner: datanet.owner.parse()?,
        title: datanet.title.clone(),
        description: datanet.description.clone(),
        modality: datanet.modality,
        licence: datanet.licence.clone(),
        schema: datanet.schema.clone(),
        policy: check::policy(datanet.policy.as_ref())?,
        created_height: datanet.created_height,
        state: State::from_proto(datanet.state)?,
        policy_number: datanet.policy_number,
    })
}

/// A contribution; whether its parts fit together is an invariant.
pub(crate) fn contribution(contribution: &proto::Contribution) -> Result<Contribution> {
    let seq = contribution.seq;
    let status = match proto::ContributionStatus::try_from(contribution.status) {
        Ok(proto::ContributionStatus::Committed) => Status::Committed,
        Ok(proto::ContributionStatus::Pending) => Status::Pending,
        Ok(proto::ContributionStatus::Accepted) => Status::Accepted,
        Ok(proto::ContributionStatus::Rejected) => Status::Rejected,
        Ok(proto::ContributionStatus::Withdrawn) => Status::Withdrawn,
        Ok(proto::ContributionStatus::Expired) => Status::Expired,
        _ => return Err(invalid(format!("contribution {seq} has no status"))),
    };
    let reveal = contribution.reveal.as_ref().map(self::reveal).transpose()?;
    let acceptance = contribution
        .acceptance
        .as_ref()
        .map(|acceptance| {
            Ok::<_, openledger_core::Error>(Acceptance {
                accept_index: acceptance.accept_index,
                height: acceptance.height,
                score: acceptance.score,
                share_index: acceptance.share_index,
                pointer_bps: acceptance.pointer_bps,
                pointers: content::policy(acceptance.pointers.as_ref())?,
            })
        })
        .transpose()?;
    let tombstone = match contribution.tombstoned_height {
        0 if contribution.tombstone_reason.is_empty() => None,
        0 => return Err(invalid(format!("contribution {seq} has a reason for no tombstone"))),
        height => Some(Tombstone { height, reason: contribution.tombstone_reason.clone() }),
    };
    Ok(Contribution {
        seq,
        datanet: contribution.datanet_id,
        author: contribution.author.parse()?,
        commit: Binary::from(wire::hash("commit", &contribution.commit)?),
        commit_height: contribution.commit_height,
        reveal_deadline: contribution.reveal_deadline,
        deposit: parse_amount(&contribution.deposit)?,
        burn_if_rejected: contribution.burn_if_rejected,
        status,
        reveal,
        acceptance,
        commons: contribution.commons,
        tombstone,
        left_out: content::genesis::gaps(&contribution.left_out)?,
        terms: terms(contribution, status)?,
    })
}

fn terms(contribution: &proto::Contribution, status: Status) -> Result<Terms> {
    let seq = contribution.seq;
    let terms = contribution.terms.as_ref().ok_or_else(|| invalid(format!("contribution {seq} has no terms")))?;
    let (withdrawn, reviewed) = (terms.withdraw_height, terms.review_deadline);
    // A notice is given of what is under review, ends with it at the latest, and stays written when it is decided.
    let unrevealed = matches!(status, Status::Committed | Status::Expired);
    if withdrawn > reviewed || (unrevealed && withdrawn != 0) {
        let text = format!("contribution {seq} goes back at height {withdrawn} and is reviewed until {reviewed} only");
        return Err(invalid(text));
    }
    Ok(Terms {
        policy: terms.policy,
        at_risk: parse_amount(&terms.at_risk)?,
        review_commit_deadline: terms.review_commit_deadline,
        review_deadline: terms.review_deadline,
        withdraw_height: terms.withdraw_height,
    })
}

fn reveal(reveal: &proto::Reveal) -> Result<Reveal> {
    // A tombstone may have taken the content off the chain that a reveal without location had put there.
    check::location(&reveal.location, true)?;
    check::media_type(&reveal.media_type)?;
    Ok(Reveal {
        root: Binary::from(wire::hash("root", &reveal.root)?),
        length: reveal.length,
        rights: check::rights(reveal.rights.as_ref())?,
        location: reveal.location.clone(),
        metadata: reveal.metadata.clone(),
        media_type: reveal.media_type.clone(),
        height: reveal.height,
        on_chain: reveal.on_chain,
        points_at: content::pointer(reveal.points_at.as_ref())?,
    })
}

/// A review, its contribution and its reviewer.
pub(crate) fn review(review: &proto::Review) -> Result<(u64, Address, Review)> {
    if review.score > MAX_SCORE || (!review.accept && (review.score != 0 || review.commons)) {
        return Err(invalid(format!("the review of {} by {} cannot be", review.seq, review.reviewer)));
    }
    let weight = parse_amount(&review.weight)?;
    let read = Review {
        shares: review.shares,
        at_risk: parse_amount(&review.at_risk)?,
        stands_until_seconds: review.stands_until_seconds,
        overruled: review.overruled,
        council_epoch: review.council_epoch,
        ..Review::new(review.accept, review.score, review.commons, review.height, weight)
    };
    Ok((review.seq, review.reviewer.parse()?, read))
}

/// A version and its key.
pub(crate) fn version(entry: &proto::GenesisVersion) -> Result<((u64, u32), Version)> {
    let version = entry.version.as_ref().ok_or_else(|| invalid("a version is missing"))?;
    let stored = Version {
        count: version.count,
        root: Binary::from(wire::hash("root", &version.root)?),
        total_index: version.total_index,
        frozen_height: version.frozen_height,
        frozen_seconds: version.frozen_seconds,
        per_index: parse_amount(&entry.per_index)?,
    };
    Ok(((version.datanet_id, version.version), stored))
}

/// The changes of a contribution's place on the commons list.
pub(crate) fn commons(entry: &proto::CommonsEntry) -> Result<Vec<CommonsChange>> {
    let changes: Vec<CommonsChange> =
        entry.changes.iter().map(|change| CommonsChange { height: change.height, listed: change.listed }).collect();
    let first = changes.first().is_some_and(|change| change.listed);
    let ordered = changes.windows(2).all(|pair| match pair {
        [before, after] => before.height < after.height && before.listed != after.listed,
        _ => false,
    });
    if !first || !ordered || changes.len() > MAX_CHANGES {
        return Err(invalid(format!("the commons list's changes of contribution {} cannot be", entry.seq)));
    }
    Ok(changes)
}

/// A baseline and its datanet.
pub(crate) fn baseline(baseline: &proto::Baseline) -> Result<(u64, Baseline)> {
    let stored = Baseline {
        per_index: parse_amount(&baseline.per_index)?,
        carry: parse_amount(&baseline.carry)?,
        credited: parse_amount(&baseline.credited)?,
        claimed: parse_amount(&baseline.claimed)?,
        sharing_index: baseline.sharing_index,
    };
    Ok((baseline.datanet_id, stored))
}

/// What the baseline remembers of a contribution.
pub(crate) fn share(entry: &proto::ShareEntry) -> Result<Share> {
    let end = parse_amount(&entry.end_per_index)?;
    if !entry.ended && end != Uint256::zero() {
        return Err(invalid(format!("the share of contribution {} has an end and has not ended", entry.seq)));
    }
    Ok(Share { claimed: parse_amount(&entry.claimed)?, end: entry.ended.then_some(end) })
}

/// A treasury and its datanet.
pub(crate) fn treasury(treasury: &proto::Treasury) -> Result<(u64, Treasury)> {
    let locked = treasury.locked.iter().map(|bucket| {
        Ok(Bucket {
            opened_seconds: bucket.opened_seconds,
            closes_seconds: bucket.closes_seconds,
            unlocks_seconds: bucket.unlocks_seconds,
            amount: parse_amount(&bucket.amount)?,
        })
    });
    let locked = locked.collect::<Result<_>>()?;
    Ok((treasury.datanet_id, Treasury { available: parse_amount(&treasury.available)?, locked }))
}
