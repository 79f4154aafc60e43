//! A datanet's life: draft, live, frozen, retired; what each state takes.
//!
//! | act | messages | draft | live | frozen | retired |
//! | --- | --- | --- | --- | --- | --- |
//! | change | `UpdateDatanet`, `UpdateAllowList` | yes | yes | yes | no |
//! | commit of the owner | `CommitContribution` | yes | yes | no | no |
//! | commit of others | `CommitContribution` | no | yes | no | no |
//! | apply | `Apply` | no | yes | no | no |
//! | judge | `RevealContribution`, `ReviewContribution`, `CommitReview`, `RevealReview`, `Assess` | yes | yes | yes | no |
//! | bond | `BondContributor`, `BondCurator` | yes | yes | yes | no |
//! | publish | `FreezeVersion` | no | yes | yes | no |
//! | challenge | `ChallengeAvailability` | no | yes | yes | no |
//! | end and pay | all others: withdraw, unbond, claim, spend, tombstone, overrule, councils and their proposals | yes | yes | yes | yes |
//!
//! | from | to |
//! | --- | --- |
//! | draft | live, retired |
//! | live | frozen |
//! | frozen | live, retired |
//! | retired | nothing: it is final |
//!
//! Retiring takes two steps from live, so nobody who commits meets a datanet that is gone in the next block without having been frozen
//! first. What is under way then ends without blame: unrevealed and undecided contributions have their deposits back at their
//! deadlines (an author who withdraws, at once). What versions hold is attributed and paid in every state.
//!
//! Contents are asked for where a next version can leave them out: a draft has published nothing, a retired datanet publishes nothing
//! more. What was asked for before may be shown in every state, and copies may be named in every one, since pay flows in every one.

use openledger_core::{Address, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::DatanetError;
use crate::types::Datanet;

/// Where a datanet is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being prepared.
    Draft,
    /// Takes contributions.
    Live,
    /// Takes no commits.
    Frozen,
    /// For good.
    Retired,
}

/// What a message does, as far as the state of its datanet matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Change,
    OwnCommit,
    Commit,
    Apply,
    Judge,
    Bond,
    Publish,
    Challenge,
}

/// Each act and whether draft, live, frozen and retired take it; the table above.
const TABLE: [(Act, [bool; 4]); 8] = [
    (Act::Change, [true, true, true, false]),
    (Act::OwnCommit, [true, true, false, false]),
    (Act::Commit, [false, true, false, false]),
    (Act::Apply, [false, true, false, false]),
    (Act::Judge, [true, true, true, false]),
    (Act::Bond, [true, true, true, false]),
    (Act::Publish, [false, true, true, false]),
    (Act::Challenge, [false, true, true, false]),
];

impl Act {
    fn words(self) -> &'static str {
        match self {
            Self::Change => "is changed",
            Self::OwnCommit => "takes commits of its owner",
            Self::Commit => "takes commits",
            Self::Apply => "takes applications",
            Self::Judge => "reveals and judges",
            Self::Bond => "takes bonds",
            Self::Publish => "publishes versions",
            Self::Challenge => "is asked for its contents",
        }
    }
}

impl State {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Live, Self::Frozen, Self::Retired];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Frozen => "frozen",
            Self::Retired => "retired",
        }
    }

    /// The protobuf form.
    pub fn to_proto(self) -> proto::DatanetState {
        match self {
            Self::Draft => proto::DatanetState::Draft,
            Self::Live => proto::DatanetState::Live,
            Self::Frozen => proto::DatanetState::Frozen,
            Self::Retired => proto::DatanetState::Retired,
        }
    }

    /// Reads the protobuf form.
    pub fn from_proto(number: i32) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| i32::from(state.to_proto()) == number);
        let text = || format!("state {number} is none: it is 1 (draft), 2 (live), 3 (frozen) or 4 (retired)");
        Ok(found.ok_or_else(|| DatanetError::InvalidDatanet(text()))?)
    }

    /// Whether a datanet may go from here to there; the second table above.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft, Self::Live | Self::Retired)
                | (Self::Live, Self::Frozen)
                | (Self::Frozen, Self::Live | Self::Retired)
        )
    }

    pub(crate) fn allows(self, act: Act) -> bool {
        let place = Self::ALL.iter().position(|state| *state == self).unwrap_or(usize::MAX);
        TABLE.iter().any(|(row, states)| *row == act && states.get(place) == Some(&true))
    }
}

/// Refuses what the datanet's state does not take.
pub(crate) fn check(datanet: &Datanet, act: Act) -> Result<()> {
    if datanet.state.allows(act) {
        return Ok(());
    }
    let takers: Vec<&str> = State::ALL.iter().filter(|state| state.allows(act)).map(|state| state.name()).collect();
    let (state, act, takers) = (datanet.state.name(), act.words(), takers.join(", "));
    Err(DatanetError::WrongState { datanet: datanet.id, state, act, takers }.into())
}

/// Refuses a commit that the datanet's state does not take.
pub(crate) fn check_commit(datanet: &Datanet, author: &Address) -> Result<()> {
    check(datanet, if *author == datanet.owner { Act::OwnCommit } else { Act::Commit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_tables_are_those_of_the_code() {
        let head = include_str!("lifecycle.rs").split("use openledger_core").next().unwrap();
        let rows: Vec<[bool; 4]> = head
            .lines()
            .filter(|line| line.contains("| yes |") || line.contains("| no |"))
            .map(|line| line.split('|').rev().skip(1).take(4).map(|cell| cell.trim() == "yes").collect::<Vec<_>>())
            .map(|cells| [cells[3], cells[2], cells[1], cells[0]])
            .collect();
        let (last, acts) = rows.split_last().unwrap();
        assert_eq!(*last, [true; 4]);
        assert_eq!(acts, TABLE.map(|(_, states)| states));
        for state in State::ALL {
            let start = format!("//! | {} | ", state.name());
            let line = head.lines().rfind(|line| line.starts_with(&start)).unwrap();
            for next in State::ALL {
                assert_eq!(state.may_become(next), line[start.len()..].contains(next.name()), "{state:?} {next:?}");
            }
        }
    }
}
