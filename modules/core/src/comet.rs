//! What CometBFT tells a block about validators: who signed the block before, and who misbehaved (SDK v0.50 `core/comet`).
//!
//! Both are for modules that reward, jail and slash. They are CometBFT's word, agreed on with the block, and never a client's.

/// The commit of the block before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastCommit {
    /// The round in which it was decided.
    pub round: u32,
    /// One vote a validator of that height, in CometBFT's order.
    pub votes: Vec<Vote>,
}

/// What a validator did about the block before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Its consensus address, 20 bytes.
    pub validator: Vec<u8>,
    /// Its power in that vote.
    pub power: u64,
    /// What it did.
    pub flag: VoteFlag,
}

/// CometBFT's `BlockIDFlag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteFlag {
    /// A number that CometBFT v0.38 does not have.
    Unknown,
    /// It was not heard of.
    Absent,
    /// It signed the block.
    Commit,
    /// It signed that it saw no block.
    Nil,
}

/// Proof that CometBFT found of a validator's misbehaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misbehavior {
    /// What it did.
    pub kind: MisbehaviorKind,
    /// Its consensus address, 20 bytes.
    pub validator: Vec<u8>,
    /// Its power at that height.
    pub power: u64,
    /// The height at which it did it.
    pub height: u64,
    /// The time of that height: whole seconds since 1970.
    pub time_seconds: i64,
    /// The time of that height: nanoseconds within the second.
    pub time_nanos: u32,
    /// The power of all validators at that height.
    pub total_power: u64,
}

/// CometBFT's `MisbehaviorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MisbehaviorKind {
    /// A number that CometBFT v0.38 does not have.
    Unknown,
    /// It signed two blocks of one height.
    DuplicateVote,
    /// It signed a block that was not the chain's, to deceive light clients.
    LightClientAttack,
}
