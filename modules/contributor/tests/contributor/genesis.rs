use openledger_contributor::{Contributors, ObjectKind, Outcome, Role};
use openledger_core::Module;
use openledger_proto::openledger::contributor::v1::*;
use openledger_proto::Message;
use proptest::prelude::*;

use crate::chain::{account, Chain};

fn lived() -> Chain {
    let mut chain = Chain::new();
    for (who, handle) in [(1, "ada"), (2, "babbage"), (1, "countess"), (3, "")] {
        let account = account(who).to_string();
        let name = format!("number {who}");
        chain.deliver(&MsgSetProfile { account, handle: handle.into(), name, ..Default::default() }).unwrap();
    }
    for object in 1..20 {
        let who = (object % 3) as u8 + 1;
        let object = (ObjectKind::Contribution, object);
        Contributors.record(&mut chain.ctx(), &account(who), Role::Author, object, Outcome::Revealed).unwrap();
    }
    chain
}

#[test]
fn a_chain_made_of_an_exported_genesis_exports_the_same() {
    let mut chain = lived();
    let exported = Contributors.export_genesis(&chain.ctx()).unwrap();
    Contributors.validate_genesis(&exported).unwrap();
    let mut again = Chain::of(&exported).unwrap();
    Contributors.check_invariants(&again.ctx()).unwrap();
    assert_eq!(Contributors.export_genesis(&again.ctx()).unwrap(), exported);
    let genesis = GenesisState::decode(exported.as_slice()).unwrap();
    assert_eq!((genesis.profiles.len(), genesis.handles.len(), genesis.history.len()), (3, 3, 19));
}

#[test]
fn a_genesis_that_contradicts_itself_is_refused() {
    let mut chain = lived();
    let good = GenesisState::decode(Contributors.export_genesis(&chain.ctx()).unwrap().as_slice()).unwrap();
    let refused = |change: &dyn Fn(&mut GenesisState)| {
        let mut genesis = good.clone();
        change(&mut genesis);
        Contributors.validate_genesis(&genesis.encode_to_vec()).unwrap_err()
    };
    refused(&|genesis| genesis.params = None);
    refused(&|genesis| genesis.history[1].number = 7);
    refused(&|genesis| genesis.history[0].role = 99);
    refused(&|genesis| genesis.profiles[0].handle = "stolen".into());
    refused(&|genesis| genesis.handles.clear());
    refused(&|genesis| genesis.profiles.push(genesis.profiles[0].clone()));
    refused(&|genesis| genesis.handles.push(genesis.handles[0].clone()));
    refused(&|genesis| genesis.profiles[0].address = "x".into());
    refused(&|genesis| genesis.profiles[0].name = "n".repeat(65));
}

proptest! {
    #[test]
    fn any_bytes_are_a_genesis_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Contributors.validate_genesis(&bytes);
    }
}
