//! The protobuf forms of datanets, contributions, reviews and versions, as queries answer and genesis holds them.

use openledger_core::{Address, Coin};
use openledger_proto::openledger::datanet::v1 as proto;

use crate::governance::{Admission, Policy, Review};
use crate::types::{Contribution, Datanet, Rights, Status, Version};

impl Status {
    /// The protobuf form.
    pub fn to_proto(self) -> proto::ContributionStatus {
        match self {
            Self::Committed => proto::ContributionStatus::Committed,
            Self::Pending => proto::ContributionStatus::Pending,
            Self::Accepted => proto::ContributionStatus::Accepted,
            Self::Rejected => proto::ContributionStatus::Rejected,
            Self::Withdrawn => proto::ContributionStatus::Withdrawn,
            Self::Expired => proto::ContributionStatus::Expired,
        }
    }
}

impl Version {
    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64, version: u32) -> proto::Version {
        proto::Version {
            datanet_id: datanet,
            version,
            count: self.count,
            root: self.root.to_vec(),
            total_index: self.total_index,
            frozen_height: self.frozen_height,
            frozen_seconds: self.frozen_seconds,
        }
    }
}

impl Policy {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Policy {
        let admission = match self.admission {
            Admission::Open => proto::Admission::Open,
            Admission::AllowList => proto::Admission::AllowList,
            Admission::Bonded => proto::Admission::Bonded,
            Admission::Assessment => proto::Admission::Assessment,
        };
        proto::Policy {
            admission: admission.into(),
            curators: self.curators.iter().map(ToString::to_string).collect(),
            quorum: self.quorum,
            deposit: Some(Coin::base(self.deposit).to_proto()),
            burn_rejected: self.burn_rejected,
            max_length: self.max_length,
            length_cap: self.length_cap,
            pointers: self.pointers.to_proto(),
            contributor_bond: self.contributor_bond.to_string(),
            contributor_slash_bps: self.contributor_slash_bps,
            pass_mark: self.pass_mark,
            min_length: self.min_length,
            daily_count: self.daily_count,
            daily_bytes: self.daily_bytes,
            media_types: self.media_types.clone(),
            licences: self.licences.clone(),
            curator_bond: self.curator_bond.to_string(),
            hidden_reviews: self.hidden_reviews,
            max_weight_bps: self.max_weight_bps,
            score_band: self.score_band,
            review_window_blocks: self.review_window_blocks,
            review_reveal_blocks: self.review_reveal_blocks,
        }
    }
}

impl Datanet {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Datanet {
        proto::Datanet {
            id: self.id,
            owner: self.owner.to_string(),
            title: self.title.clone(),
            description: self.description.clone(),
            modality: self.modality,
            licence: self.licence.clone(),
            schema: self.schema.clone(),
            policy: Some(self.policy.to_proto()),
            created_height: self.created_height,
            state: self.state.to_proto().into(),
            policy_number: self.policy_number,
        }
    }
}

impl Rights {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Rights {
        let (kind, licence, on_behalf_of) = match self {
            Self::Own => (proto::RightsKind::Own, "", ""),
            Self::Licensed(licence) => (proto::RightsKind::Licensed, licence.as_str(), ""),
            Self::PublicDomain => (proto::RightsKind::PublicDomain, "", ""),
            Self::Custodial(author) => (proto::RightsKind::Custodial, "", author.as_str()),
        };
        proto::Rights { kind: kind.into(), licence: licence.into(), on_behalf_of: on_behalf_of.into() }
    }
}

impl Contribution {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Contribution {
        let reveal = self.reveal.as_ref().map(|reveal| proto::Reveal {
            root: reveal.root.to_vec(),
            length: reveal.length,
            rights: Some(reveal.rights.to_proto()),
            location: reveal.location.clone(),
            metadata: reveal.metadata.clone(),
            media_type: reveal.media_type.clone(),
            height: reveal.height,
            on_chain: reveal.on_chain,
            points_at: reveal.points_at.as_ref().map(|pointer| pointer.to_proto()),
        });
        let acceptance = self.acceptance.as_ref().map(|acceptance| proto::Acceptance {
            accept_index: acceptance.accept_index,
            height: acceptance.height,
            score: acceptance.score,
            share_index: acceptance.share_index,
            pointer_bps: acceptance.pointer_bps,
            pointers: acceptance.pointers.to_proto(),
        });
        proto::Contribution {
            seq: self.seq,
            datanet_id: self.datanet,
            author: self.author.to_string(),
            commit: self.commit.to_vec(),
            commit_height: self.commit_height,
            reveal_deadline: self.reveal_deadline,
            deposit: self.deposit.to_string(),
            burn_if_rejected: self.burn_if_rejected,
            status: self.status.to_proto().into(),
            reveal,
            acceptance,
            commons: self.commons,
            tombstoned_height: self.tombstoned_height().unwrap_or_default(),
            tombstone_reason: self.tombstone.as_ref().map(|tombstone| tombstone.reason.clone()).unwrap_or_default(),
            left_out: self.left_out.iter().map(|gap| gap.to_proto()).collect(),
            terms: Some(proto::Terms {
                policy: self.terms.policy,
                at_risk: self.terms.at_risk.to_string(),
                review_commit_deadline: self.terms.review_commit_deadline,
                review_deadline: self.terms.review_deadline,
                withdraw_height: self.terms.withdraw_height,
            }),
        }
    }
}

impl Review {
    /// The protobuf form.
    pub fn to_proto(&self, seq: u64, reviewer: &Address) -> proto::Review {
        proto::Review {
            seq,
            reviewer: reviewer.to_string(),
            accept: self.accept,
            score: self.score,
            commons: self.commons,
            height: self.height,
            weight: self.weight.to_string(),
            shares: self.shares,
            at_risk: self.at_risk.to_string(),
            stands_until_seconds: self.stands_until_seconds,
            overruled: self.overruled,
            council_epoch: self.council_epoch,
        }
    }
}
