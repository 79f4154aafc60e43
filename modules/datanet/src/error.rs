//! What can be wrong with datanets and contributions; codespace `datanet`.

use openledger_core::Coded;

/// Errors of the datanet module; each code is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatanetError {
    /// Code 2.
    #[error("datanet genesis: {0}")]
    InvalidGenesis(String),
    /// Code 3: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 4: a field of a datanet or its policy.
    #[error("datanet: {0}")]
    InvalidDatanet(String),
    /// Code 5.
    #[error("there is no datanet {0}")]
    UnknownDatanet(u64),
    /// Code 6.
    #[error("datanet {datanet} is owned by {owner}, not by {got}")]
    NotOwner {
        /// The datanet.
        datanet: u64,
        /// Its owner.
        owner: String,
        /// Who asked.
        got: String,
    },
    /// Code 7.
    #[error("{author} is not on the allow-list of datanet {datanet}; ask its owner")]
    NotAdmitted {
        /// The datanet.
        datanet: u64,
        /// Who wanted to contribute.
        author: String,
    },
    /// Code 8.
    #[error("there is no contribution {0}")]
    UnknownContribution(u64),
    /// Code 9.
    #[error("contribution {seq} is by {author}, not by {got}")]
    NotAuthor {
        /// The contribution.
        seq: u64,
        /// Its author.
        author: String,
        /// Who asked.
        got: String,
    },
    /// Code 10.
    #[error("contribution {seq} is {status}; it must be {needed}")]
    WrongStatus {
        /// The contribution.
        seq: u64,
        /// Where it stands.
        status: &'static str,
        /// Where it would have to stand.
        needed: &'static str,
    },
    /// Code 11.
    #[error("contribution {seq} was committed at height {committed}; reveal it from height {from} on")]
    RevealTooEarly {
        /// The contribution.
        seq: u64,
        /// Height of its commit.
        committed: u64,
        /// First height at which it may be revealed.
        from: u64,
    },
    /// Code 12.
    #[error("contribution {seq} could be revealed up to height {deadline}; its deposit is burnt")]
    RevealTooLate {
        /// The contribution.
        seq: u64,
        /// Last height at which it could be revealed.
        deadline: u64,
    },
    /// Code 13.
    #[error("contribution {0}: root, length and salt do not hash to its commit")]
    CommitMismatch(u64),
    /// Code 14: a field of a commit or a reveal.
    #[error("contribution: {0}")]
    InvalidContribution(String),
    /// Code 15.
    #[error("the content of contribution {0} does not have the root and length that are revealed")]
    ContentMismatch(u64),
    /// Code 16.
    #[error("{got} may not review in datanet {datanet}: {who} may")]
    NotReviewer {
        /// The datanet.
        datanet: u64,
        /// Who may.
        who: String,
        /// Who tried.
        got: String,
    },
    /// Code 17.
    #[error("{reviewer} has reviewed contribution {seq} already")]
    AlreadyReviewed {
        /// The contribution.
        seq: u64,
        /// The curator.
        reviewer: String,
    },
    /// Code 18: a field of a review.
    #[error("review: {0}")]
    InvalidReview(String),
    /// Code 19.
    #[error("contribution {seq} is a copy of contribution {earlier}, which datanet {datanet} has accepted; reject it")]
    Copy {
        /// The contribution.
        seq: u64,
        /// The earlier one.
        earlier: u64,
        /// The datanet.
        datanet: u64,
    },
    /// Code 20.
    #[error("contribution {seq} is tombstoned from height {height} on")]
    Tombstoned {
        /// The contribution.
        seq: u64,
        /// Since when.
        height: u64,
    },
    /// Code 21.
    #[error("datanet {0} has accepted nothing since its last version")]
    NothingToFreeze(u64),
    /// Code 22.
    #[error("datanet {datanet} has no version {version}")]
    UnknownVersion {
        /// The datanet.
        datanet: u64,
        /// The version.
        version: u32,
    },
    /// Code 23.
    #[error("commons list: {0}")]
    InvalidCommons(String),
    /// Code 24.
    #[error("the baseline owes nothing to these contributions now")]
    NothingOwed,
    /// Code 25.
    #[error("contribution {0} is custodial: its pay is held until its author proves control")]
    Held(u64),
    /// Code 26.
    #[error("the treasury of datanet {datanet} can spend {available} now, not {asked}")]
    TreasuryShort {
        /// The datanet.
        datanet: u64,
        /// What was asked for.
        asked: String,
        /// What is unlocked.
        available: String,
    },
    /// Code 27: a sum that its type cannot hold.
    #[error("{0} is too large")]
    Overflow(&'static str),
    /// Code 28: a list that is empty, too long or not in order.
    #[error("{0}")]
    InvalidList(String),
    /// Code 40.
    #[error("datanet {datanet} is {state}; a datanet {act} while it is {takers}")]
    WrongState {
        /// The datanet.
        datanet: u64,
        /// Where it is in its life.
        state: &'static str,
        /// What was asked of it.
        act: &'static str,
        /// The states that take it.
        takers: String,
    },
    /// Code 41.
    #[error("datanet {datanet} is {from} and cannot become {to}")]
    WrongTransition {
        /// The datanet.
        datanet: u64,
        /// Where it is.
        from: &'static str,
        /// Where it should go.
        to: &'static str,
    },
    /// Code 42: a field of a council.
    #[error("council: {0}")]
    InvalidCouncil(String),
    /// Code 43.
    #[error("datanet {0} has no council")]
    NoCouncil(u64),
    /// Code 44.
    #[error("{got} is not a member of the council of datanet {datanet}")]
    NotMember {
        /// The datanet.
        datanet: u64,
        /// Who asked.
        got: String,
    },
    /// Code 45.
    #[error("there is no open proposal {0}: it was executed, or its time is over")]
    UnknownProposal(u64),
    /// Code 46: a field of a proposal, or a proposal at the wrong time.
    #[error("proposal: {0}")]
    InvalidProposal(String),
    /// Code 47.
    #[error("{voter} has voted on proposal {id} already; a vote stands")]
    AlreadyVoted {
        /// The proposal.
        id: u64,
        /// The member.
        voter: String,
    },
    /// Code 48.
    #[error("proposal {id} has yes votes of weight {yes}; it needs {threshold}")]
    NotCarried {
        /// The proposal.
        id: u64,
        /// Weight of its yes votes.
        yes: u64,
        /// The council's threshold.
        threshold: u64,
    },
    /// Code 49.
    #[error("bond: {0}")]
    Bond(String),
    /// Code 50.
    #[error("quota of datanet {datanet}: {used} {what} of the last day count and {asked} more are asked for; at most {most} are allowed")]
    QuotaUsed {
        /// The datanet.
        datanet: u64,
        /// Commits or bytes.
        what: &'static str,
        /// What counts.
        used: u64,
        /// What is asked for.
        asked: u64,
        /// The quota.
        most: u64,
    },
    /// Code 51.
    #[error("application: {0}")]
    InvalidApplication(String),
    /// Code 52: a review at the wrong time or of the wrong kind.
    #[error("review of contribution {seq}: {text}")]
    ReviewRefused {
        /// The contribution.
        seq: u64,
        /// Why.
        text: String,
    },
    /// Code 53.
    #[error("{0}")]
    NotRuler(String),
    /// Code 54.
    #[error("these datanets' pots owe nothing to {0} now")]
    NoCurationOwed(String),
}

impl Coded for DatanetError {
    fn codespace(&self) -> &'static str {
        crate::NAME
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidGenesis(_) => 2,
            Self::InvalidParams(_) => 3,
            Self::InvalidDatanet(_) => 4,
            Self::UnknownDatanet(_) => 5,
            Self::NotOwner { .. } => 6,
            Self::NotAdmitted { .. } => 7,
            Self::UnknownContribution(_) => 8,
            Self::NotAuthor { .. } => 9,
            Self::WrongStatus { .. } => 10,
            Self::RevealTooEarly { .. } => 11,
            Self::RevealTooLate { .. } => 12,
            Self::CommitMismatch(_) => 13,
            Self::InvalidContribution(_) => 14,
            Self::ContentMismatch(_) => 15,
            Self::NotReviewer { .. } => 16,
            Self::AlreadyReviewed { .. } => 17,
            Self::InvalidReview(_) => 18,
            Self::Copy { .. } => 19,
            Self::Tombstoned { .. } => 20,
            Self::NothingToFreeze(_) => 21,
            Self::UnknownVersion { .. } => 22,
            Self::InvalidCommons(_) => 23,
            Self::NothingOwed => 24,
            Self::Held(_) => 25,
            Self::TreasuryShort { .. } => 26,
            Self::Overflow(_) => 27,
            Self::InvalidList(_) => 28,
            Self::WrongState { .. } => 40,
            Self::WrongTransition { .. } => 41,
            Self::InvalidCouncil(_) => 42,
            Self::NoCouncil(_) => 43,
            Self::NotMember { .. } => 44,
            Self::UnknownProposal(_) => 45,
            Self::InvalidProposal(_) => 46,
            Self::AlreadyVoted { .. } => 47,
            Self::NotCarried { .. } => 48,
            Self::Bond(_) => 49,
            Self::QuotaUsed { .. } => 50,
            Self::InvalidApplication(_) => 51,
            Self::ReviewRefused { .. } => 52,
            Self::NotRuler(_) => 53,
            Self::NoCurationOwed(_) => 54,
        }
    }
}
