use cosmwasm_std::Uint256;
use openledger_contributor::{Contributors, IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::Module;
use openledger_proto::openledger::contributor::v1::*;
use openledger_proto::Message;
use proptest::prelude::*;

use crate::chain::{account, Chain};
use crate::handles::{commit, take};

fn lived() -> Chain {
    let mut chain = Chain::new();
    for who in 1..4 {
        let (account, name) = (account(who).to_string(), format!("number {who}"));
        chain.deliver(&MsgSetProfile { account, name, ..Default::default() }).unwrap();
    }
    take(&mut chain, 1, "ada").unwrap();
    take(&mut chain, 2, "babbage").unwrap();
    let (one, kind) = (account(1).to_string(), ProofKind::Domain.into());
    chain.deliver(&MsgClaimProof { account: one, kind, location: "example.org".into() }).unwrap();
    chain.deliver(&commit(3, "charles")).unwrap();
    for object in 1..20 {
        let who = (object % 3) as u8 + 1;
        let object = (ObjectKind::Contribution, object);
        Contributors::default()
            .record(&mut chain.ctx(), &account(who), Role::Author, object, Outcome::Accepted)
            .unwrap();
        let amount = Uint256::from(object.1);
        Contributors::default()
            .record_income(&mut chain.ctx(), &account(who), IncomeKind::Attribution, amount)
            .unwrap();
        Contributors::default().credit_usage(&mut chain.ctx(), &account(who), 3, Role::Server, amount).unwrap();
    }
    chain
}

#[test]
fn a_chain_made_of_an_exported_genesis_exports_the_same() {
    let mut chain = lived();
    let exported = Contributors::default().export_genesis(&chain.ctx()).unwrap();
    Contributors::default().validate_genesis(&exported).unwrap();
    let mut again = Chain::of(&exported).unwrap();
    Contributors::default().check_invariants(&again.ctx()).unwrap();
    assert_eq!(Contributors::default().export_genesis(&again.ctx()).unwrap(), exported);
    let genesis = GenesisState::decode(exported.as_slice()).unwrap();
    assert_eq!((genesis.profiles.len(), genesis.handles.len(), genesis.history.len()), (3, 2, 19));
    assert_eq!((genesis.reputations.len(), genesis.statements.len()), (9, 3));
}

#[test]
fn a_genesis_that_contradicts_itself_is_refused() {
    let mut chain = lived();
    let good = GenesisState::decode(Contributors::default().export_genesis(&chain.ctx()).unwrap().as_slice()).unwrap();
    let refused = |change: &dyn Fn(&mut GenesisState)| {
        let mut genesis = good.clone();
        change(&mut genesis);
        Contributors::default().validate_genesis(&genesis.encode_to_vec()).unwrap_err()
    };
    refused(&|genesis| genesis.params = None);
    refused(&|genesis| genesis.history[1].number = 7);
    refused(&|genesis| genesis.history[0].role = 99);
    refused(&|genesis| genesis.profiles[0].handle = "stolen".into());
    refused(&|genesis| genesis.history[1].time_seconds = 1);
    refused(&|genesis| genesis.handles[0].handle = "Ada".into());
    refused(&|genesis| genesis.handle_commits[0].commit = vec![1; 31]);
    refused(&|genesis| genesis.handle_commits.push(genesis.handle_commits[0].clone()));
    refused(&|genesis| genesis.handle_proofs[0].location = "nowhere".into());
    refused(&|genesis| genesis.handle_proofs[0].handle = "Ada".into());
    refused(&|genesis| genesis.handle_proofs.push(genesis.handle_proofs[0].clone()));
    refused(&|genesis| genesis.profiles.push(genesis.profiles[0].clone()));
    refused(&|genesis| genesis.handles.push(genesis.handles[0].clone()));
    refused(&|genesis| genesis.profiles[0].address = "x".into());
    refused(&|genesis| genesis.profiles[0].name = "n".repeat(65));
    refused(&|genesis| genesis.reputations.push(genesis.reputations[0].clone()));
    refused(&|genesis| genesis.reputations[0].role = 14);
    refused(&|genesis| genesis.reputations[0].role = 0);
    refused(&|genesis| genesis.reputations[0].gained = "-1".into());
    refused(&|genesis| genesis.reputations[0].burnt.clear());
    refused(&|genesis| {
        genesis.reputation_clock = Some(ReputationClock { epoch: 1, since_seconds: 5, length_seconds: 0 });
    });
    refused(&|genesis| {
        genesis.reputation_clock = Some(ReputationClock { epoch: 1, since_seconds: -5, length_seconds: 9 });
    });
    refused(&|genesis| genesis.statements.push(genesis.statements[0].clone()));
    refused(&|genesis| genesis.statements[0].kind = 16);
    refused(&|genesis| genesis.statements[0].kind = 0);
    refused(&|genesis| genesis.statements[0].year = 1971);
    refused(&|genesis| genesis.statements[0].year = 70_000);
    refused(&|genesis| genesis.statements[0].amount = "0".into());
    refused(&|genesis| genesis.statements[0].count = 0);
    refused(&|genesis| genesis.statements[0].first_seconds += 1);
}

proptest! {
    #[test]
    fn any_bytes_are_a_genesis_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Contributors::default().validate_genesis(&bytes);
    }
}
