use proptest::prelude::*;
use tendermint::block::{header::Version, parts, Commit, Header, Id};
use tendermint::{Hash, Signature as TmSignature, Time};

use super::*;

/// What a validator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Signs,
    SignsAnother,
    SignsNothing,
    VotesNil,
    IsAbsent,
    SignsTwice,
}

fn does() -> impl Strategy<Value = Does> {
    use Does::{IsAbsent, Signs, SignsAnother, SignsNothing, SignsTwice, VotesNil};
    prop_oneof![
        30 => Just(Signs), 2 => Just(SignsAnother), 1 => Just(SignsNothing), 3 => Just(VotesNil), 3 => Just(IsAbsent), 1 => Just(SignsTwice),
    ]
}

fn key(number: u8) -> ed25519_consensus::SigningKey {
    ed25519_consensus::SigningKey::from([number + 1; 32])
}

fn info(number: u8, power: u32) -> validator::Info {
    let key = PublicKey::from_raw_ed25519(key(number).verification_key().as_bytes()).unwrap();
    validator::Info::new(key, power.into())
}

fn set(powers: &[u32]) -> ValidatorSet {
    ValidatorSet::without_proposer(powers.iter().zip(0..).map(|(power, number)| info(number, *power)).collect())
}

fn header(set: &ValidatorSet) -> Header {
    Header {
        version: Version { block: 11, app: 0 },
        chain_id: "other-1".parse().unwrap(),
        height: 7u32.into(),
        time: Time::from_unix_timestamp(1_700_000_000, 5).unwrap(),
        last_block_id: None,
        last_commit_hash: None,
        data_hash: None,
        validators_hash: set.hash(),
        next_validators_hash: set.hash(),
        consensus_hash: Hash::Sha256([3; 32]),
        app_hash: vec![9; 32].try_into().unwrap(),
        last_results_hash: None,
        evidence_hash: None,
        proposer_address: set.validators()[0].address,
    }
}

/// The header of a block for which these validators vote so, signed by an implementation of its own.
fn block(set: &ValidatorSet, votes: &[Does]) -> SignedHeader {
    let header = header(set);
    let block_id = Id { hash: header.hash(), part_set_header: parts::Header::new(1, Hash::Sha256([1; 32])).unwrap() };
    let commit = Commit { height: header.height, round: 0u16.into(), block_id, signatures: Vec::new() };
    let mut block = SignedHeader::new(header, commit).unwrap();
    for (number, does) in (0..).zip(votes) {
        let validator_address = info(number, 1).address;
        let timestamp = Time::from_unix_timestamp(1_700_000_001, number.into()).unwrap();
        let none = TmSignature::new([0; 64]).unwrap();
        let index = block.commit.signatures.len();
        let empty = CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature: none };
        let message = signed(&block, index, &empty).unwrap().sign_bytes();
        let message = if *does == Does::SignsAnother { b"another block".to_vec() } else { message };
        let signature = TmSignature::new(key(number).sign(&message).to_bytes()).unwrap();
        let vote = CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature: signature.clone() };
        let signatures = &mut block.commit.signatures;
        match does {
            Does::Signs | Does::SignsAnother => signatures.push(vote),
            Does::SignsNothing => {
                signatures.push(CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature: None });
            }
            Does::VotesNil => signatures.push(CommitSig::BlockIdFlagNil { validator_address, timestamp, signature }),
            Does::IsAbsent => signatures.push(CommitSig::BlockIdFlagAbsent),
            Does::SignsTwice => signatures.extend([vote.clone(), vote]),
        }
    }
    block
}

fn told<T: std::fmt::Debug>(result: Result<T, VerificationError>) -> Result<String, String> {
    result.map(|tally| format!("{tally:?}")).map_err(|error| format!("{:?}", error.0))
}

proptest! {
    #[test]
    fn a_batch_says_what_tendermint_rs_says(
        votes in prop::collection::vec((does(), 1u32..1_000), 1..14),
        trusted in prop::collection::vec(1u32..1_000, 1..14),
        twice: bool,
    ) {
        let (votes, powers): (Vec<_>, Vec<_>) = votes.into_iter().unzip();
        let (now, mut before) = (set(&powers), set(&trusted));
        if twice && trusted.len() % 3 == 0 {
            // A set that names a validator twice: no honest chain has one, a relayer may bring it.
            before = ValidatorSet::without_proposer([before.validators().as_slice(), &before.validators()[..1]].concat());
        }
        let block = block(&now, &votes);
        let (third, two_thirds) = (TrustThreshold::ONE_THIRD, TrustThreshold::TWO_THIRDS);
        let (ours, theirs) = (Together::default(), ProdVotingPowerCalculator::default());
        prop_assert_eq!(
            told(ours.voting_power_in(&block, &now, two_thirds)), told(theirs.voting_power_in(&block, &now, two_thirds))
        );
        prop_assert_eq!(
            told(ours.voting_power_in_sets(&block, (&before, third), (&now, two_thirds))),
            told(theirs.voting_power_in_sets(&block, (&before, third), (&now, two_thirds)))
        );
    }
}

#[test]
fn good_signatures_are_verified_together_and_no_other_is_taken() {
    let now = set(&[10, 10, 10, 10]);
    let sets = || [(&now, TrustThreshold::ONE_THIRD), (&now, TrustThreshold::TWO_THIRDS)];
    let good = block(&now, &[Does::Signs; 4]);
    let tally = tallies(&good, sets()).expect("all of them are good");
    assert_eq!((tally[0].tallied, tally[1].tallied, tally[0].total), (20, 30, 40));
    for forged in 0..3 {
        let mut votes = [Does::Signs; 4];
        votes[forged] = Does::SignsAnother;
        assert!(tallies(&block(&now, &votes), sets()).is_none(), "the signature of {forged} is forged");
    }
    // Two signatures changed places: the sum over all messages is that of good ones.
    let mut swapped = good;
    swapped.commit.signatures.swap(0, 1);
    let (first, rest) = swapped.commit.signatures.split_at_mut(1);
    let [CommitSig::BlockIdFlagCommit { validator_address: one, .. }] = first else { panic!("no vote") };
    let Some(CommitSig::BlockIdFlagCommit { validator_address: two, .. }) = rest.first_mut() else { panic!("no vote") };
    std::mem::swap(one, two);
    assert!(tallies(&swapped, sets()).is_none());
}

#[test]
fn keys_of_small_order_verify_as_in_cometbft() {
    // ZIP-215 takes what other rules of Ed25519 refuse: the neutral element as key and as the signature's point, with a zero.
    let mut point = [0u8; 32];
    point[0] = 1;
    let mut signature = [0u8; 64];
    signature[0] = 1;
    let weak = validator::Info::new(PublicKey::from_raw_ed25519(&point).unwrap(), 5u32.into());
    let now = ValidatorSet::without_proposer(vec![weak.clone()]);
    let mut block = block(&now, &[]);
    block.commit.signatures.push(CommitSig::BlockIdFlagCommit {
        validator_address: weak.address,
        timestamp: block.header.time,
        signature: TmSignature::new(signature).unwrap(),
    });
    let threshold = TrustThreshold::TWO_THIRDS;
    assert!(ProdVotingPowerCalculator::default().voting_power_in(&block, &now, threshold).is_ok());
    assert!(tallies(&block, [(&now, threshold)]).is_some());
}
