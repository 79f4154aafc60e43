//! The module's events.

use cosmwasm_std::Uint256;
use openledger_core::{Address, Coin, Event};

use crate::governance::Review;
use crate::types::{Contribution, Datanet, Version};

/// A datanet was made.
pub fn datanet_created(datanet: &Datanet) -> Event {
    Event::new("datanet_created").attr("datanet_id", datanet.id).attr("owner", &datanet.owner)
}

/// A datanet's texts or policy were replaced.
pub fn datanet_updated(datanet: &Datanet) -> Event {
    Event::new("datanet_updated").attr("datanet_id", datanet.id).attr("owner", &datanet.owner)
}

/// A datanet's allow-list changed.
pub fn allow_list_updated(datanet: u64, added: usize, removed: usize) -> Event {
    Event::new("allow_list_updated").attr("datanet_id", datanet).attr("added", added).attr("removed", removed)
}

pub(crate) fn contribution_event(kind: &str, contribution: &Contribution) -> Event {
    Event::new(kind)
        .attr("seq", contribution.seq)
        .attr("datanet_id", contribution.datanet)
        .attr("author", &contribution.author)
}

/// A contribution took its place.
pub fn contribution_committed(contribution: &Contribution) -> Event {
    contribution_event("contribution_committed", contribution).attr("reveal_deadline", contribution.reveal_deadline)
}

/// A contribution was revealed.
pub fn contribution_revealed(contribution: &Contribution) -> Event {
    let (root, length) =
        contribution.reveal.as_ref().map_or((String::new(), 0), |reveal| (reveal.root.to_base64(), reveal.length));
    contribution_event("contribution_revealed", contribution).attr("root", root).attr("length", length)
}

/// A reviewer judged.
pub fn contribution_reviewed(contribution: &Contribution, reviewer: &Address, review: &Review) -> Event {
    contribution_event("contribution_reviewed", contribution)
        .attr("reviewer", reviewer)
        .attr("accept", review.accept)
        .attr("score", review.score)
}

/// A contribution became a part of its datanet.
pub fn contribution_accepted(contribution: &Contribution) -> Event {
    contribution_event("contribution_accepted", contribution)
        .attr("accept_index", contribution.accept_index().unwrap_or_default())
        .attr("share_index", contribution.share_index())
        .attr("commons", contribution.commons)
}

/// A contribution was refused.
pub fn contribution_rejected(contribution: &Contribution) -> Event {
    contribution_event("contribution_rejected", contribution).attr("deposit_burnt", contribution.burn_if_rejected)
}

/// An author took a contribution back.
pub fn contribution_withdrawn(contribution: &Contribution) -> Event {
    contribution_event("contribution_withdrawn", contribution)
}

/// An author takes a contribution back at the end of a height, unless it is being rejected then.
pub fn contribution_withdrawal_announced(contribution: &Contribution, height: u64) -> Event {
    contribution_event("contribution_withdrawal_announced", contribution).attr("height", height)
}

/// A commit was not revealed in time; `burnt` is its deposit.
pub fn contribution_expired(contribution: &Contribution, burnt: Uint256) -> Event {
    contribution_event("contribution_expired", contribution).attr("burnt", Coin::base(burnt))
}

/// A content is out of the corpus from a height on.
pub fn contribution_tombstoned(contribution: &Contribution, height: u64) -> Event {
    contribution_event("contribution_tombstoned", contribution).attr("height", height)
}

/// A version was published.
pub fn version_frozen(datanet: u64, number: u32, version: &Version) -> Event {
    Event::new("version_frozen")
        .attr("datanet_id", datanet)
        .attr("version", number)
        .attr("count", version.count)
        .attr("root", version.root.to_base64())
        .attr("total_index", version.total_index)
}

/// The chain's commons list changes from a height on.
pub fn commons_set(seq: u64, listed: bool, from_height: u64) -> Event {
    Event::new("commons_set").attr("seq", seq).attr("listed", listed).attr("from_height", from_height)
}

/// A datanet's baseline was credited.
pub fn baseline_credited(datanet: u64, amount: Uint256) -> Event {
    Event::new("baseline_credited").attr("datanet_id", datanet).attr("amount", Coin::base(amount))
}

/// A contribution's part of the baseline was claimed.
pub fn baseline_claimed(contribution: &Contribution, amount: Uint256) -> Event {
    contribution_event("baseline_claimed", contribution).attr("amount", Coin::base(amount))
}

/// A datanet's treasury was credited.
pub fn treasury_credited(datanet: u64, amount: Uint256) -> Event {
    Event::new("treasury_credited").attr("datanet_id", datanet).attr("amount", Coin::base(amount))
}

/// A datanet's treasury paid.
pub fn treasury_spent(datanet: u64, recipient: &Address, amount: Uint256) -> Event {
    Event::new("treasury_spent")
        .attr("datanet_id", datanet)
        .attr("recipient", recipient)
        .attr("amount", Coin::base(amount))
}
