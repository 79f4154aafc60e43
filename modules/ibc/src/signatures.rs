//! The signatures under another chain's header, verified together: half of what an update of a client costs.
//!
//! tendermint-rs verifies one after the other until the signers have power enough. Here those that it would verify go into one batch,
//! which holds exactly if each of them does by ZIP-215's rules, the same as CometBFT's and tendermint-rs's own. Where the batch does not
//! hold, and wherever a commit is not plain, tendermint-rs itself is asked, so that it alone says what is wrong.
//!
//! A batch is weighed with coefficients that nobody can choose: they are drawn from a hash of all that is verified. Which signature gets which
//! may differ from node to node (the crate keeps keys in a hash map); the answer does not depend on it, but with one chance in 2^128.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_zebra::batch;
use ed25519_zebra::{Signature, VerificationKeyBytes};
use rand::rngs::StdRng;
use rand::SeedableRng;
use sha2::{Digest, Sha256};
use tendermint::block::CommitSig;
use tendermint::trust_threshold::TrustThreshold as _;
use tendermint::vote::{SignedVote, Type, ValidatorIndex, Vote};
use tendermint::{account, validator, PublicKey};
use tendermint_light_client_verifier::errors::VerificationError;
use tendermint_light_client_verifier::operations::{
    ProdCommitValidator, ProdVotingPowerCalculator, VotingPowerCalculator, VotingPowerTally,
};
use tendermint_light_client_verifier::predicates::ProdPredicates;
use tendermint_light_client_verifier::types::{SignedHeader, TrustThreshold, ValidatorSet};
use tendermint_light_client_verifier::PredicateVerifier;

/// tendermint-rs's verifier of headers, with the signatures in batches.
pub(crate) type Verifier = PredicateVerifier<ProdPredicates, Together, ProdCommitValidator>;

/// A verifier of headers.
pub(crate) fn verifier() -> Verifier {
    Verifier::new(ProdPredicates, Together::default(), ProdCommitValidator)
}

/// Counts the power of those who signed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Together(ProdVotingPowerCalculator);

impl VotingPowerCalculator for Together {
    fn voting_power_in(
        &self,
        header: &SignedHeader,
        set: &ValidatorSet,
        threshold: TrustThreshold,
    ) -> Result<VotingPowerTally, VerificationError> {
        match tallies(header, [(set, threshold)]) {
            Some([tally]) => Ok(tally),
            None => self.0.voting_power_in(header, set, threshold),
        }
    }

    fn voting_power_in_sets(
        &self,
        header: &SignedHeader,
        first: (&ValidatorSet, TrustThreshold),
        second: (&ValidatorSet, TrustThreshold),
    ) -> Result<(VotingPowerTally, VotingPowerTally), VerificationError> {
        match tallies(header, [first, second]) {
            Some([one, two]) => Ok((one, two)),
            None => self.0.voting_power_in_sets(header, first, second),
        }
    }
}

/// What of each set signed, as far as tendermint-rs counts, if all signatures that it asks for are plain and hold.
fn tallies<const SETS: usize>(
    header: &SignedHeader,
    sets: [(&ValidatorSet, TrustThreshold); SETS],
) -> Option<[VotingPowerTally; SETS]> {
    let votes = votes(header)?;
    let mut asked = BTreeMap::new();
    let mut tallies = Vec::with_capacity(SETS);
    for (set, threshold) in sets {
        tallies.push(count(set, threshold, &votes, &mut asked)?);
    }
    hold(header, &votes, &asked)?;
    tallies.try_into().ok()
}

/// The votes for the block, by their validators: where each stands, and what it is.
type Votes<'a> = BTreeMap<account::Id, (usize, &'a CommitSig)>;

fn votes(header: &SignedHeader) -> Option<Votes<'_>> {
    let mut votes = BTreeMap::new();
    for (index, vote) in header.commit.signatures.iter().enumerate() {
        let CommitSig::BlockIdFlagCommit { validator_address, signature, .. } = vote else { continue };
        if signature.is_none() || votes.insert(*validator_address, (index, vote)).is_some() {
            return None;
        }
    }
    Some(votes)
}

/// Adds up the power of those of a set who voted, until it is enough, and says with which keys their signatures are to be verified.
fn count(
    set: &ValidatorSet,
    threshold: TrustThreshold,
    votes: &Votes,
    asked: &mut BTreeMap<account::Id, PublicKey>,
) -> Option<VotingPowerTally> {
    let add = |sum: u64, one: &validator::Info| sum.checked_add(one.power());
    let total = set.validators().iter().try_fold(0, add)?;
    let (mut tallied, mut seen) = (0u64, BTreeSet::new());
    for validator in set.validators() {
        if !votes.contains_key(&validator.address) {
            continue;
        }
        let other = asked.insert(validator.address, validator.pub_key).is_some_and(|key| key != validator.pub_key);
        if other || !seen.insert(validator.address) {
            return None;
        }
        tallied = add(tallied, validator)?;
        if threshold.is_enough_power(tallied, total) {
            break;
        }
    }
    Some(VotingPowerTally { total, tallied, trust_threshold: threshold })
}

/// Verifies the votes that are asked for.
fn hold(header: &SignedHeader, votes: &Votes, asked: &BTreeMap<account::Id, PublicKey>) -> Option<()> {
    let (mut batch, mut all) = (batch::Verifier::new(), Sha256::new());
    for (address, key) in asked {
        let (index, vote) = votes.get(address)?;
        let PublicKey::Ed25519(key) = key else { return None };
        let signed = signed(header, *index, vote)?;
        let (signature, message) = (signed.signature().as_bytes(), signed.sign_bytes());
        all.update(key.as_bytes());
        all.update(signature);
        all.update(Sha256::digest(&message));
        let key = VerificationKeyBytes::try_from(key.as_bytes()).ok()?;
        batch.queue((key, Signature::from_slice(signature).ok()?, message.as_slice()));
    }
    batch.verify(StdRng::from_seed(all.finalize().into())).ok()
}

/// A vote for the block as its validator signed it; none where there is no signature.
fn signed(header: &SignedHeader, index: usize, vote: &CommitSig) -> Option<SignedVote> {
    let CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature } = vote else { return None };
    let vote = Vote {
        vote_type: Type::Precommit,
        height: header.commit.height,
        round: header.commit.round,
        block_id: Some(header.commit.block_id),
        timestamp: Some(*timestamp),
        validator_address: *validator_address,
        validator_index: ValidatorIndex::try_from(index).ok()?,
        signature: signature.clone(),
        extension: Vec::new(),
        extension_signature: None,
    };
    SignedVote::from_vote(vote, header.header.chain_id.clone())
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests fail by panicking")]
mod tests;
