use openledger_contributor::{Contributors, Params, YEAR_SECONDS};
use openledger_core::{Address, Module};
use openledger_proto::openledger::contributor::v1::*;
use openledger_proto::Message;
use openledger_provenance::commit::HandleCommit as Commit;
use proptest::prelude::*;

use crate::chain::{account, code, Chain, CHAIN_ID, OPEN, PURSE};

const SALT: [u8; 32] = [7; 32];
const WAIT: u64 = 5;
const WINDOW: u64 = 1_200;
const REST: i64 = 365 * 86_400;

pub fn commit(who: u8, handle: &str) -> MsgCommitHandle {
    let account = account(who);
    let commit = Commit { chain_id: CHAIN_ID, account: account.as_bytes(), handle, salt: SALT }.hash().unwrap();
    MsgCommitHandle { account: account.to_string(), commit: commit.into() }
}

pub fn claim(who: u8, handle: &str, years: u32) -> MsgClaimHandle {
    MsgClaimHandle { account: account(who).to_string(), handle: handle.into(), salt: SALT.into(), years }
}

/// Commits, waits and claims for a year.
pub fn take(chain: &mut Chain, who: u8, handle: &str) -> Result<MsgClaimHandleResponse, openledger_core::Error> {
    chain.deliver(&commit(who, handle)).unwrap();
    chain.pass(WAIT);
    chain.deliver(&claim(who, handle, 1))
}

fn renew(who: u8, years: u32) -> MsgRenewHandle {
    MsgRenewHandle { account: account(who).to_string(), years }
}

fn release(who: u8) -> MsgReleaseHandle {
    MsgReleaseHandle { account: account(who).to_string() }
}

fn by_handle(chain: &Chain, handle: &str) -> QueryProfileByHandleResponse {
    chain.query("ProfileByHandle", &QueryProfileByHandleRequest { handle: handle.into() }).unwrap()
}

fn handle_of(chain: &Chain, who: u8) -> String {
    let request = QueryProfileRequest { address: account(who).to_string() };
    let found = chain.query::<_, QueryProfileResponse>("Profile", &request);
    found.map(|found| found.profile.unwrap().handle).unwrap_or_default()
}

#[test]
fn a_handle_is_committed_claimed_and_found_and_its_rent_is_burnt() {
    let mut chain = Chain::new();
    let supply = chain.supply();
    let heights = chain.deliver(&commit(1, "ada")).unwrap();
    assert_eq!((heights.first_height, heights.last_height), (1 + WAIT, WAIT + WINDOW));
    let request = QueryHandleCommitRequest { address: account(1).to_string() };
    let found: QueryHandleCommitResponse = chain.query("HandleCommit", &request).unwrap();
    assert_eq!((found.first_height, found.last_height), (heights.first_height, heights.last_height));
    chain.pass(WAIT);
    let until = chain.deliver(&claim(1, "ada", 3)).unwrap().until_seconds;
    assert_eq!(until, 1_000 + WAIT as i64 + 3 * YEAR_SECONDS);
    assert_eq!((chain.balance(1), chain.supply()), (PURSE - 3 * OPEN, supply - 3 * OPEN));
    assert!(chain.query::<_, QueryHandleCommitResponse>("HandleCommit", &request).is_err(), "the commit is used up");

    let found = by_handle(&chain, "ada");
    let record = found.record.clone().unwrap();
    assert_eq!((record.holder.as_str(), record.until_seconds), (account(1).to_string().as_str(), until));
    assert_eq!((found.status(), found.free_seconds), (HandleStatus::Held, until + REST));
    assert_eq!((found.profile.unwrap().handle.as_str(), handle_of(&chain, 1).as_str()), ("ada", "ada"));
    let request = QueryProfileRequest { address: account(1).to_string() };
    let found: QueryProfileResponse = chain.query("Profile", &request).unwrap();
    assert_eq!(found.handle, Some(record));
}

#[test]
fn a_claim_needs_its_own_commit_and_its_time() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&claim(1, "ada", 1))), 9);
    chain.deliver(&commit(1, "ada")).unwrap();
    assert_eq!(code(chain.deliver(&claim(1, "ada", 1))), 11, "in the same block");
    chain.pass(WAIT - 1);
    assert_eq!(code(chain.deliver(&claim(1, "ada", 1))), 11, "a block too early");
    chain.pass(1);
    assert_eq!(code(chain.deliver(&claim(1, "adb", 1))), 10);
    assert_eq!(code(chain.deliver(&MsgClaimHandle { salt: vec![8; 32], ..claim(1, "ada", 1) })), 10);
    chain.deliver(&MsgCommitHandle { account: account(2).to_string(), ..commit(1, "ada") }).unwrap();
    chain.pass(WINDOW - 1);
    assert_eq!(code(chain.deliver(&claim(2, "ada", 1))), 10, "a copied commit is of no use");
    let mut late = chain;
    late.pass(1);
    assert_eq!(code(late.deliver(&claim(1, "ada", 1))), 11, "a block too late");
    late.deliver(&commit(1, "ada")).unwrap();
    late.pass(WAIT + WINDOW - 1);
    late.deliver(&claim(1, "ada", 1)).unwrap();
}

#[test]
fn a_claim_of_another_chain_is_of_no_use() {
    let mut chain = Chain::new();
    chain.deliver(&commit(1, "ada")).unwrap();
    chain.pass(WAIT);
    chain.block.chain_id = "openledger-other".into();
    assert_eq!(code(chain.deliver(&claim(1, "ada", 1))), 10);
}

#[test]
fn whoever_sees_a_claim_in_the_mempool_comes_too_late() {
    let mut chain = Chain::new();
    chain.deliver(&commit(1, "ada")).unwrap();
    chain.pass(WAIT);
    // The claim of 1 is in the mempool now; 2 reads it and commits first.
    chain.deliver(&commit(2, "ada")).unwrap();
    assert_eq!(code(chain.deliver(&claim(2, "ada", 1))), 11);
    chain.pass(WAIT - 1);
    assert_eq!(code(chain.deliver(&claim(2, "ada", 1))), 11, "though the claim is held back for some blocks");
    chain.deliver(&claim(1, "ada", 1)).unwrap();
    chain.pass(1);
    assert_eq!(code(chain.deliver(&claim(2, "ada", 1))), 5);
}

#[test]
fn a_handle_that_ran_out_rests_for_all_but_its_last_holder_and_is_then_free() {
    let mut chain = Chain::new();
    let until = take(&mut chain, 1, "ada").unwrap().until_seconds;
    chain.block.time_seconds = until - 1;
    assert_eq!(code(take_at(&mut chain, 2, "ada", until - 1)), 5);
    assert_eq!(handle_of(&chain, 1), "ada");
    chain.block.time_seconds = until;
    assert_eq!((handle_of(&chain, 1).as_str(), by_handle(&chain, "ada").status()), ("", HandleStatus::Resting));
    assert_eq!(code(take_at(&mut chain, 2, "ada", until + REST - 1)), 6);
    assert_eq!(code(chain.deliver(&renew(1, 1))), 13, "it is to be claimed, not renewed");
    take_at(&mut chain, 1, "ada", until + REST - 1).unwrap();
    let until = by_handle(&chain, "ada").record.unwrap().until_seconds;
    chain.block.time_seconds = until + REST;
    assert_eq!(by_handle(&chain, "ada").status(), HandleStatus::Free);
    take_at(&mut chain, 2, "ada", until + REST).unwrap();
    assert_eq!((handle_of(&chain, 1).as_str(), handle_of(&chain, 2).as_str()), ("", "ada"));
    take(&mut chain, 1, "countess").unwrap();
    assert_eq!(by_handle(&chain, "ada").record.unwrap().holder, account(2).to_string());
}

/// Takes a handle at a time.
fn take_at(
    chain: &mut Chain,
    who: u8,
    handle: &str,
    seconds: i64,
) -> Result<MsgClaimHandleResponse, openledger_core::Error> {
    chain.deliver(&commit(who, handle)).unwrap();
    chain.pass(WAIT);
    chain.block.time_seconds = seconds;
    chain.deliver(&claim(who, handle, 1))
}

#[test]
fn an_account_holds_one_handle_and_gives_it_up_for_another() {
    let mut chain = Chain::new();
    take(&mut chain, 1, "ada").unwrap();
    assert_eq!(code(take(&mut chain, 1, "countess")), 12);
    chain.deliver(&release(1)).unwrap();
    assert_eq!(code(chain.deliver(&release(1))), 13);
    chain.deliver(&claim(1, "countess", 1)).unwrap();
    assert_eq!(handle_of(&chain, 1), "countess");
    assert_eq!(by_handle(&chain, "ada").status(), HandleStatus::Resting);
    assert_eq!(by_handle(&chain, "ada").profile.unwrap().handle, "countess", "its last holder's profile");
    assert_eq!(code(take(&mut chain, 2, "ada")), 6);
    chain.deliver(&release(1)).unwrap();
    take(&mut chain, 1, "ada").unwrap();
    assert_eq!(chain.balance(1), PURSE - 3 * OPEN, "rent is not paid back");
}

#[test]
fn a_renewal_adds_years_up_to_the_most_from_now() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&renew(1, 1))), 13);
    let until = take(&mut chain, 1, "ada").unwrap().until_seconds;
    assert_eq!(chain.deliver(&renew(1, 9)).unwrap().until_seconds, until + 9 * YEAR_SECONDS);
    assert_eq!(chain.balance(1), PURSE - 10 * OPEN);
    assert_eq!(code(chain.deliver(&renew(1, 1))), 14);
    assert_eq!(code(chain.deliver(&renew(1, 0))), 14);
    chain.block.time_seconds += YEAR_SECONDS;
    chain.deliver(&renew(1, 1)).unwrap();
    assert_eq!(code(chain.deliver(&renew(1, u32::MAX))), 14);
    for years in [0, 11, u32::MAX] {
        chain.deliver(&commit(2, "babbage")).unwrap();
        chain.pass(WAIT);
        assert_eq!(code(chain.deliver(&claim(2, "babbage", years))), 14, "{years}");
    }
}

#[test]
fn who_cannot_pay_the_rent_gets_no_handle() {
    let mut chain = Chain::new();
    chain.deliver(&commit(10, "ada")).unwrap();
    chain.pass(WAIT);
    let error = chain.deliver(&claim(10, "ada", 1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 5));
    assert!(chain
        .query::<_, QueryProfileByHandleResponse>(
            "ProfileByHandle",
            &QueryProfileByHandleRequest { handle: "ada".into() }
        )
        .is_err());
    let params = openledger_proto::openledger::contributor::v1::Params {
        handle_rent: "0".into(),
        ..Params::default().to_proto()
    };
    chain.deliver(&MsgUpdateParams { authority: Address::module("gov").to_string(), params: Some(params) }).unwrap();
    chain.deliver(&claim(10, "ada", 1)).unwrap();
}

#[test]
fn no_handles_are_handles_and_reserved_ones_are_nobody_s() {
    let mut chain = Chain::new();
    for bad in ["", "Ada", "ab", "open1abc"] {
        assert_eq!(code(chain.deliver(&claim(1, bad, 1))), 4, "{bad}");
    }
    assert_eq!(code(take(&mut chain, 1, "treasury")), 8);
    let short = MsgCommitHandle { commit: vec![1; 31], ..commit(1, "ada") };
    assert_eq!(chain.deliver(&short).unwrap_err().codespace, "sdk");
    let short = MsgClaimHandle { salt: vec![1; 33], ..claim(1, "ada", 1) };
    assert_eq!(chain.deliver(&short).unwrap_err().codespace, "sdk");
    let nobody = "nobody".to_string();
    assert!(chain.deliver(&MsgCommitHandle { account: nobody.clone(), ..commit(1, "ada") }).is_err());
    assert!(chain.deliver(&MsgClaimHandle { account: nobody.clone(), ..claim(1, "ada", 1) }).is_err());
    assert!(chain.deliver(&MsgRenewHandle { account: nobody.clone(), years: 1 }).is_err());
    assert!(chain.deliver(&MsgReleaseHandle { account: nobody }).is_err());
}

#[test]
fn handles_survive_an_export() {
    let mut chain = Chain::new();
    take(&mut chain, 1, "ada").unwrap();
    take(&mut chain, 2, "babbage").unwrap();
    chain.deliver(&release(2)).unwrap();
    take(&mut chain, 2, "charles").unwrap();
    chain.deliver(&commit(3, "menabrea")).unwrap();
    let exported = Contributors::default().export_genesis(&chain.ctx()).unwrap();
    let genesis = GenesisState::decode(exported.as_slice()).unwrap();
    assert_eq!((genesis.handles.len(), genesis.handle_commits.len()), (3, 1));
    let mut again = Chain::of(&exported).unwrap();
    assert_eq!(Contributors::default().export_genesis(&again.ctx()).unwrap(), exported);
    // Its clock begins earlier than the exported chain's ended.
    assert_eq!((handle_of(&again, 1).as_str(), handle_of(&again, 2).as_str()), ("ada", "charles"));
    assert_eq!(code(take(&mut again, 1, "babbage")), 12);
    assert_eq!(code(take(&mut again, 3, "babbage")), 6, "what was given up rests");

    let mut both = genesis;
    for record in &mut both.handles {
        (record.holder, record.kept) = (account(1).to_string(), true);
    }
    assert!(Contributors::default().validate_genesis(&both.encode_to_vec()).is_err());
    assert!(Chain::of(&both.encode_to_vec()).is_err(), "an account holds one");
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Commit(u8, usize),
    Claim(u8, usize, u32),
    Renew(u8, u32),
    Release(u8),
    Blocks(u64),
    Years(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let (who, handle) = (1u8..4, 0usize..3);
    prop_oneof![
        4 => (who.clone(), handle.clone()).prop_map(|(who, handle)| Act::Commit(who, handle)),
        4 => (who.clone(), handle, 0u32..4).prop_map(|(who, handle, years)| Act::Claim(who, handle, years)),
        1 => (who.clone(), 0u32..4).prop_map(|(who, years)| Act::Renew(who, years)),
        1 => who.prop_map(Act::Release),
        3 => (1u64..8).prop_map(Act::Blocks),
        1 => (1i64..4).prop_map(Act::Years),
    ]
}

proptest! {
    #[test]
    fn whatever_people_do_each_handle_has_one_holder_and_all_rent_is_burnt(acts in prop::collection::vec(act(), 1..60)) {
        let handles = ["ada", "babbage", "charles"];
        let mut chain = Chain::new();
        let supply = chain.supply();
        let mut paid = 0;
        for act in acts {
            // Invariants are checked after each message.
            match act {
                Act::Commit(who, handle) => drop(chain.deliver(&commit(who, handles[handle])).unwrap()),
                Act::Claim(who, handle, years) => {
                    if chain.deliver(&claim(who, handles[handle], years)).is_ok() {
                        paid += u128::from(years) * OPEN;
                        prop_assert_eq!(handle_of(&chain, who), handles[handle]);
                    }
                }
                Act::Renew(who, years) => paid += if chain.deliver(&renew(who, years)).is_ok() { u128::from(years) * OPEN } else { 0 },
                Act::Release(who) => drop(chain.deliver(&release(who))),
                Act::Blocks(blocks) => chain.pass(blocks),
                Act::Years(years) => chain.block.time_seconds += years * YEAR_SECONDS,
            }
            let held: Vec<_> = (1..4).map(|who| handle_of(&chain, who)).filter(|handle| !handle.is_empty()).collect();
            let distinct: std::collections::BTreeSet<_> = held.iter().collect();
            prop_assert_eq!(distinct.len(), held.len());
        }
        prop_assert_eq!(chain.supply(), supply - paid);
        let exported = Contributors::default().export_genesis(&chain.ctx()).unwrap();
        prop_assert!(Contributors::default().validate_genesis(&exported).is_ok());
    }
}
