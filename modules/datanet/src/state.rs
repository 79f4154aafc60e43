//! Every key of the store `datanet`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `next_datanet`, `next_seq` | the id of the next datanet, the seq of the next commit; both from 1 |
//! | `totals` | [`Totals`]: what the module owes, by kind; together what its account holds |
//! | `datanets` ‖ id | [`Datanet`]: owner, texts, policy |
//! | `growth` ‖ id | [`Growth`]: what the datanet has accepted so far, its mountain range and last version |
//! | `allowed` ‖ id ‖ address | nothing: the allow-list |
//! | `contributions` ‖ seq | [`Contribution`] |
//! | `contents` ‖ seq | a content that lies on chain |
//! | `reviews` ‖ seq ‖ address | [`Review`]: a curator's, or the owner's, judgement |
//! | `pending` ‖ deadline (height) ‖ seq | nothing: commits that are not revealed yet; the end of a block takes from its front |
//! | `by_datanet` ‖ id ‖ seq, `by_author` ‖ address ‖ seq, `by_root` ‖ root ‖ seq | nothing: indices of `contributions` |
//! | `accepted` ‖ id ‖ accept_index | the seq of the contribution there |
//! | `accepted_root` ‖ id ‖ root | the contribution that the datanet accepted last with this content |
//! | `versions` ‖ id ‖ version (u32) | [`Version`] |
//! | `commons` ‖ seq | the changes of the chain's commons list, in order of heights |
//! | `baselines` ‖ id | [`Baseline`]: the pot that contributions share |
//! | `shares` ‖ seq | [`Share`]: what a contribution claimed, and where its share ended |
//! | `treasuries` ‖ id | [`Treasury`] |
//! | `policies` ‖ id ‖ number (u32) | [`Policy`]: each that a datanet has or had |
//! | `next_proposal` | the id of the next proposal, from 1 |
//! | `councils` ‖ id | [`Council`] of a datanet |
//! | `proposals` ‖ proposal | [`Proposal`] that is open |
//! | `proposals_of` ‖ id ‖ proposal | nothing: index of `proposals` |
//! | `proposal_due` ‖ time (seconds) ‖ proposal | nothing: when a proposal is removed |
//! | `votes` ‖ proposal ‖ address | [`Vote`] |
//! | `bonds` ‖ id ‖ kind (u8) ‖ address | [`Bond`] |
//! | `unbonding_due` ‖ time (seconds) ‖ bond (kind, id, address) | nothing: when a part of a bond is paid |
//! | `quotas` ‖ id ‖ address | [`Quota`] |
//! | `applications` ‖ id ‖ address | [`Application`] |
//! | `application_due` ‖ deadline (height) ‖ id ‖ address | nothing: when an application is refused |
//! | `review_due` ‖ height ‖ seq | nothing: pending contributions, by the ends of their reviews and of the notices of their withdrawals |
//! | `review_commits` ‖ seq ‖ address | [`ReviewCommit`]: hidden, not revealed yet |
//! | `curation` ‖ id | [`Baseline`]: the pot that curators share |
//! | `curators` ‖ id ‖ address | [`CuratorShare`] |
//!
//! Pointers, duplicates, availability, custody and the mountain ranges' nodes: `content/state.rs`.
//!
//! Names of maps and all parts of a key but the last are length-prefixed by cw-storage-plus; integers are u64 and big-endian where
//! nothing else is said; values are JSON.

use cosmwasm_std::{Binary, Empty};
use cw_storage_plus::{Item, Map};
use openledger_store::StoreName;

use crate::governance::{Application, Bond, Council, CuratorShare, Proposal, Quota, ReviewCommit, Vote};
use crate::governance::{Policy, Review};
use crate::money::{Baseline, Share, Totals, Treasury};
use crate::params::Params;
use crate::types::{CommonsChange, Contribution, Datanet, Growth, Version};

/// The module's store.
pub const STORE: StoreName = "datanet";

pub(crate) const PARAMS: Item<Params> = Item::new("params");
pub(crate) const NEXT_DATANET: Item<u64> = Item::new("next_datanet");
pub(crate) const NEXT_SEQ: Item<u64> = Item::new("next_seq");
pub(crate) const TOTALS: Item<Totals> = Item::new("totals");
pub(crate) const DATANETS: Map<u64, Datanet> = Map::new("datanets");
pub(crate) const GROWTH: Map<u64, Growth> = Map::new("growth");
pub(crate) const ALLOWED: Map<(u64, &[u8]), Empty> = Map::new("allowed");
pub(crate) const CONTRIBUTIONS: Map<u64, Contribution> = Map::new("contributions");
pub(crate) const CONTENTS: Map<u64, Binary> = Map::new("contents");
pub(crate) const REVIEWS: Map<(u64, &[u8]), Review> = Map::new("reviews");
pub(crate) const PENDING: Map<(u64, u64), Empty> = Map::new("pending");
pub(crate) const BY_DATANET: Map<(u64, u64), Empty> = Map::new("by_datanet");
pub(crate) const BY_AUTHOR: Map<(&[u8], u64), Empty> = Map::new("by_author");
pub(crate) const BY_ROOT: Map<(&[u8], u64), Empty> = Map::new("by_root");
pub(crate) const ACCEPTED: Map<(u64, u64), u64> = Map::new("accepted");
pub(crate) const ACCEPTED_ROOT: Map<(u64, &[u8]), u64> = Map::new("accepted_root");
pub(crate) const VERSIONS: Map<(u64, u32), Version> = Map::new("versions");
pub(crate) const COMMONS: Map<u64, Vec<CommonsChange>> = Map::new("commons");
pub(crate) const BASELINES: Map<u64, Baseline> = Map::new("baselines");
pub(crate) const SHARES: Map<u64, Share> = Map::new("shares");
pub(crate) const TREASURIES: Map<u64, Treasury> = Map::new("treasuries");
pub(crate) const POLICIES: Map<(u64, u32), Policy> = Map::new("policies");
pub(crate) const NEXT_PROPOSAL: Item<u64> = Item::new("next_proposal");
pub(crate) const COUNCILS: Map<u64, Council> = Map::new("councils");
pub(crate) const PROPOSALS: Map<u64, Proposal> = Map::new("proposals");
pub(crate) const PROPOSALS_OF: Map<(u64, u64), Empty> = Map::new("proposals_of");
pub(crate) const PROPOSAL_DUE: Map<(u64, u64), Empty> = Map::new("proposal_due");
pub(crate) const VOTES: Map<(u64, &[u8]), Vote> = Map::new("votes");
pub(crate) const BONDS: Map<(u64, u8, &[u8]), Bond> = Map::new("bonds");
pub(crate) const UNBONDING_DUE: Map<(u64, &[u8]), Empty> = Map::new("unbonding_due");
pub(crate) const QUOTAS: Map<(u64, &[u8]), Quota> = Map::new("quotas");
pub(crate) const APPLICATIONS: Map<(u64, &[u8]), Application> = Map::new("applications");
pub(crate) const APPLICATION_DUE: Map<(u64, u64, &[u8]), Empty> = Map::new("application_due");
pub(crate) const REVIEW_DUE: Map<(u64, u64), Empty> = Map::new("review_due");
pub(crate) const REVIEW_COMMITS: Map<(u64, &[u8]), ReviewCommit> = Map::new("review_commits");
pub(crate) const CURATION: Map<u64, Baseline> = Map::new("curation");
pub(crate) const CURATORS: Map<(u64, &[u8]), CuratorShare> = Map::new("curators");
