//! What an outcome is worth: points of reputation by role and outcome, the one table of them.
//!
//! An outcome is what others, or the rules, made of an act. What somebody does alone (create, update, open, commit, publish, withdraw, cast
//! a verdict) is worth nothing, else reputation would cost gas alone. A bad outcome weighs several good ones, as trust does. 1,000
//! points are what an accepted contribution is worth; all others are set against it.

use openledger_proto::openledger::contributor::v1::{Outcome, Role};

/// Points for an outcome of an act in this role: above 0 gained, below 0 lost, 0 where it says nothing of the actor.
pub const fn points(role: Role, outcome: Outcome) -> i64 {
    match (role, outcome) {
        // The community took the work, or refused it.
        (Role::Author | Role::Corrector | Role::Labeler, Outcome::Accepted) => 1_000,
        (Role::Author | Role::Corrector | Role::Labeler, Outcome::Rejected) => -500,
        // A settlement paid for windows of the work: somebody used it. Small, since it comes again and again.
        (Role::Author | Role::Corrector | Role::Labeler, Outcome::Paid) => 20,
        // A commit that nobody could open.
        (Role::Author | Role::Corrector | Role::Labeler, Outcome::Expired) => -300,
        // The work was found to be another's.
        (Role::Author | Role::Corrector | Role::Labeler, Outcome::Refuted) => -3_000,
        // The content was asked for and shown.
        (Role::Author | Role::Corrector | Role::Labeler, Outcome::Answered) => 100,

        // A verdict that the quorum shared, or did not. The verdict itself is the curator's own act.
        (Role::Curator, Outcome::Confirmed) => 200,
        (Role::Curator, Outcome::Refuted) => -1_000,
        // A verdict that was promised and never shown.
        (Role::Curator, Outcome::Expired) => -500,

        // An evaluation or feedback that was taken, shared or refused.
        (Role::Evaluator, Outcome::Accepted) => 500,
        (Role::Evaluator, Outcome::Confirmed) => 200,
        (Role::Evaluator, Outcome::Rejected) => -250,
        (Role::Evaluator, Outcome::Refuted) => -1_000,
        (Role::Evaluator, Outcome::Expired) => -500,

        // An improvement of a model that its owner took, or refused.
        (Role::Developer, Outcome::Accepted) => 500,
        (Role::Developer, Outcome::Rejected) => -250,
        (Role::Developer, Outcome::Refuted) => -1_000,

        // A settlement that stood through its window, small because it comes often; one that was proven false is a fraud or a fault
        // that fifty true ones make good.
        (Role::Server, Outcome::Paid) => 100,
        (Role::Server, Outcome::Refuted) => -5_000,
        // A receipt that was asked for, and opened or not.
        (Role::Server, Outcome::Answered) => 100,
        (Role::Server, Outcome::Expired) => -2_000,

        // The same for whoever replaced a claim.
        (Role::Replacer, Outcome::Paid) => 500,
        (Role::Replacer, Outcome::Refuted) => -5_000,
        (Role::Replacer, Outcome::Answered) => 100,
        (Role::Replacer, Outcome::Expired) => -2_000,

        // A dispute that proved something false, one that failed, one that was never opened.
        (Role::Watcher, Outcome::Refuted | Outcome::Confirmed) => 2_000,
        (Role::Watcher, Outcome::Failed) => -1_000,
        (Role::Watcher, Outcome::Expired) => -500,

        // Randomness that came when it was due, or did not.
        (Role::Auditor, Outcome::Revealed) => 50,
        (Role::Auditor, Outcome::Expired) => -500,

        // Owners, payers and the authority act by right, not by merit; what a payer burns counts as usage.
        _ => 0,
    }
}

/// Whether an outcome says something of an account in its datanet alone, and nothing on the whole chain. That a work copies another can be
/// shown of works of one's own, by an accomplice, in a datanet of one's own, for gas: elsewhere it is worth nothing.
pub const fn is_local(role: Role, outcome: Outcome) -> bool {
    matches!((role, outcome), (Role::Watcher, Outcome::Confirmed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_does_alone_is_worth_nothing() {
        let alone = [
            Outcome::Unspecified,
            Outcome::Created,
            Outcome::Updated,
            Outcome::Withdrawn,
            Outcome::Tombstoned,
            Outcome::Published,
            Outcome::Opened,
            Outcome::Closed,
            Outcome::Settled,
            Outcome::Attested,
            Outcome::Retired,
            Outcome::Executed,
        ];
        for role in (0..=13).filter_map(|role| Role::try_from(role).ok()) {
            for outcome in alone {
                assert_eq!(points(role, outcome), 0, "{role:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn a_verdict_is_no_merit_of_the_curator_who_gives_it() {
        assert_eq!(points(Role::Curator, Outcome::Accepted), 0);
        assert_eq!(points(Role::Curator, Outcome::Rejected), 0);
    }

    #[test]
    fn bad_outcomes_cost_and_good_ones_gain() {
        for role in (1..=13).filter_map(|role| Role::try_from(role).ok()) {
            for outcome in [Outcome::Accepted, Outcome::Paid, Outcome::Answered, Outcome::Confirmed] {
                assert!(points(role, outcome) >= 0, "{role:?} {outcome:?}");
            }
            for outcome in [Outcome::Rejected, Outcome::Expired, Outcome::Failed] {
                assert!(points(role, outcome) <= 0, "{role:?} {outcome:?}");
            }
        }
        assert!(points(Role::Server, Outcome::Refuted) < 0 && points(Role::Watcher, Outcome::Refuted) > 0);
    }
}
