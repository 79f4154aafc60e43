use openledger_proto::openledger::contributor::v1::*;

use crate::chain::{account, code, Chain};

fn profile(who: u8, handle: &str) -> MsgSetProfile {
    MsgSetProfile {
        account: account(who).to_string(),
        handle: handle.into(),
        name: "Ada Lovelace".into(),
        about: "Notes\non engines".into(),
        website: "https://example.org".into(),
    }
}

fn by_handle(chain: &Chain, handle: &str) -> QueryProfileByHandleResponse {
    let request = QueryProfileByHandleRequest { handle: handle.into() };
    chain.query("ProfileByHandle", &request).unwrap()
}

#[test]
fn a_profile_is_found_by_account_and_by_handle() {
    let mut chain = Chain::new();
    chain.deliver(&profile(1, "ada")).unwrap();
    let request = QueryProfileRequest { address: account(1).to_string() };
    let found: QueryProfileResponse = chain.query("Profile", &request).unwrap();
    let found = found.profile.unwrap();
    assert_eq!((found.handle.as_str(), found.name.as_str(), found.updated_height), ("ada", "Ada Lovelace", 1));
    assert_eq!(by_handle(&chain, "ada").profile, Some(found));
    assert_eq!(by_handle(&chain, "ada").record.unwrap().holder, account(1).to_string());
    let stranger = QueryProfileRequest { address: account(9).to_string() };
    assert!(chain.query::<_, QueryProfileResponse>("Profile", &stranger).is_err());
}

#[test]
fn a_held_handle_is_nobody_else_s() {
    let mut chain = Chain::new();
    chain.deliver(&profile(1, "ada")).unwrap();
    assert_eq!(code(chain.deliver(&profile(2, "ada"))), 5);
    chain.deliver(&profile(1, "ada")).unwrap();
}

#[test]
fn a_handle_that_was_given_up_rests_for_all_but_its_last_holder() {
    let mut chain = Chain::new();
    chain.deliver(&profile(1, "ada")).unwrap();
    chain.block.height = 2;
    chain.deliver(&profile(1, "countess")).unwrap();
    assert_eq!(by_handle(&chain, "ada").record.unwrap().released_seconds, 1_000);
    assert_eq!(code(chain.deliver(&profile(2, "ada"))), 6);
    chain.deliver(&profile(1, "ada")).unwrap();
    chain.deliver(&profile(1, "")).unwrap();
    chain.block.time_seconds += 365 * 86_400 - 1;
    assert_eq!(code(chain.deliver(&profile(2, "ada"))), 6);
    chain.block.time_seconds += 1;
    chain.deliver(&profile(2, "ada")).unwrap();
    assert_eq!(by_handle(&chain, "ada").record.unwrap().holder, account(2).to_string());
}

#[test]
fn a_refused_change_of_handle_keeps_the_old_one() {
    let mut chain = Chain::new();
    chain.deliver(&profile(1, "ada")).unwrap();
    chain.deliver(&profile(2, "babbage")).unwrap();
    assert_eq!(code(chain.deliver(&profile(2, "ada"))), 5);
    assert_eq!(by_handle(&chain, "babbage").record.unwrap().released_seconds, 0);
}

#[test]
fn texts_are_refused_when_too_long_or_no_such_texts() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&profile(1, "Ada"))), 4);
    let good = profile(1, "ada");
    for bad in [
        MsgSetProfile { name: "n".repeat(65), ..good.clone() },
        MsgSetProfile { about: "a".repeat(1_001), ..good.clone() },
        MsgSetProfile { website: format!("https://{}", "w".repeat(249)), ..good.clone() },
        MsgSetProfile { website: "javascript:alert(1)".into(), ..good.clone() },
        MsgSetProfile { name: "two\nlines".into(), ..good.clone() },
    ] {
        assert_eq!(code(chain.deliver(&bad)), 7, "{bad:?}");
    }
    let longest = MsgSetProfile {
        name: "n".repeat(64),
        about: "a".repeat(1_000),
        website: format!("https://{}", "w".repeat(248)),
        ..good
    };
    chain.deliver(&longest).unwrap();
    let nobody = MsgSetProfile { account: "open1".into(), ..profile(1, "x-y") };
    assert_eq!(chain.deliver(&nobody).unwrap_err().code, 7, "sdk: invalid address");
}
