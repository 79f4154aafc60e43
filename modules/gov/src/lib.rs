//! Proposals: deposits, votes, tallies, execution.
