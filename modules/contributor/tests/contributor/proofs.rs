use openledger_contributor::{Contributors, Params};
use openledger_core::{Address, Module};
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::contributor::v1::*;

use crate::chain::{account, code, Chain};
use crate::handles::take;

fn claim(who: u8, kind: ProofKind, location: &str) -> MsgClaimProof {
    MsgClaimProof { account: account(who).to_string(), kind: kind.into(), location: location.into() }
}

fn withdraw(who: u8, location: &str) -> MsgWithdrawProof {
    MsgWithdrawProof { account: account(who).to_string(), kind: ProofKind::Domain.into(), location: location.into() }
}

fn proofs(chain: &Chain, who: u8, page: PageRequest) -> QueryHandleProofsResponse {
    let request = QueryHandleProofsRequest { address: account(who).to_string(), pagination: Some(page) };
    chain.query("HandleProofs", &request).unwrap()
}

#[test]
fn a_proof_says_what_is_to_stand_where() {
    let mut chain = Chain::new();
    take(&mut chain, 1, "ada").unwrap();
    let said = chain.deliver(&claim(1, ProofKind::Domain, "example.org")).unwrap();
    let text = format!("openledger-handle chain=openledger-test account={} handle=ada", account(1));
    assert_eq!((said.text.as_str(), said.place.as_str()), (text.as_str(), "_openledger.example.org: TXT record"));
    let said = chain.deliver(&claim(1, ProofKind::Repository, "https://example.org/ada/engine")).unwrap();
    assert_eq!(said.place, "https://example.org/ada/engine: file .openledger-handle");
    let found = proofs(&chain, 1, PageRequest::default()).proofs;
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|proof| proof.current && proof.text == text));
    assert_eq!(found[0].proof.as_ref().unwrap().height, chain.block.height);
}

#[test]
fn a_proof_of_a_handle_that_is_held_no_more_proves_nothing() {
    let mut chain = Chain::new();
    take(&mut chain, 1, "ada").unwrap();
    chain.deliver(&claim(1, ProofKind::Domain, "example.org")).unwrap();
    chain.deliver(&MsgReleaseHandle { account: account(1).to_string() }).unwrap();
    assert!(!proofs(&chain, 1, PageRequest::default()).proofs[0].current);
    take(&mut chain, 1, "countess").unwrap();
    assert!(!proofs(&chain, 1, PageRequest::default()).proofs[0].current);
    chain.deliver(&claim(1, ProofKind::Domain, "example.org")).unwrap();
    let found = proofs(&chain, 1, PageRequest::default()).proofs;
    assert!(found.len() == 1 && found[0].current && found[0].text.ends_with("handle=countess"));
}

#[test]
fn proofs_are_of_those_who_hold_a_handle_are_few_and_are_withdrawn() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&claim(1, ProofKind::Domain, "example.org"))), 13);
    take(&mut chain, 1, "ada").unwrap();
    take(&mut chain, 2, "babbage").unwrap();
    for n in 0..8 {
        chain.deliver(&claim(1, ProofKind::Domain, &format!("a{n}.example"))).unwrap();
    }
    assert_eq!(code(chain.deliver(&claim(1, ProofKind::Domain, "a8.example"))), 16);
    chain.deliver(&claim(1, ProofKind::Domain, "a7.example")).unwrap();
    assert_eq!(code(chain.deliver(&withdraw(2, "a7.example"))), 17);
    chain.deliver(&withdraw(1, "a7.example")).unwrap();
    assert_eq!(code(chain.deliver(&withdraw(1, "a7.example"))), 17);
    chain.deliver(&claim(1, ProofKind::Domain, "a8.example")).unwrap();
    let first = proofs(&chain, 1, PageRequest { limit: 5, ..Default::default() });
    let rest = proofs(&chain, 1, PageRequest { key: first.pagination.unwrap().next_key, ..Default::default() });
    assert_eq!((first.proofs.len(), rest.proofs.len()), (5, 3));
    assert_eq!(proofs(&chain, 2, PageRequest::default()).proofs.len(), 0);
    let none = openledger_proto::openledger::contributor::v1::Params { max_proofs: 0, ..Params::default().to_proto() };
    chain.deliver(&MsgUpdateParams { authority: Address::module("gov").to_string(), params: Some(none) }).unwrap();
    assert_eq!(code(chain.deliver(&claim(2, ProofKind::Domain, "example.org"))), 16);
    let exported = Contributors::default().export_genesis(&chain.ctx()).unwrap();
    let mut again = Chain::of(&exported).unwrap();
    assert_eq!(Contributors::default().export_genesis(&again.ctx()).unwrap(), exported);
}

#[test]
fn a_place_that_is_none_is_refused() {
    let mut chain = Chain::new();
    take(&mut chain, 1, "ada").unwrap();
    assert_eq!(code(chain.deliver(&claim(1, ProofKind::Domain, "Example.org"))), 15);
    assert_eq!(code(chain.deliver(&claim(1, ProofKind::Repository, "example.org"))), 15);
    assert_eq!(code(chain.deliver(&claim(1, ProofKind::Unspecified, "example.org"))), 15);
    assert_eq!(code(chain.deliver(&withdraw(1, "nowhere"))), 15);
}
