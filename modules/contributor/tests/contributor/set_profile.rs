use openledger_proto::openledger::contributor::v1::*;

use crate::chain::{account, code, Chain};

fn profile(who: u8) -> MsgSetProfile {
    MsgSetProfile {
        account: account(who).to_string(),
        name: "Ada Lovelace".into(),
        about: "Notes\non engines".into(),
        website: "https://example.org".into(),
    }
}

#[test]
fn a_profile_is_found_by_its_account_and_replaced_as_a_whole() {
    let mut chain = Chain::new();
    chain.deliver(&profile(1)).unwrap();
    let request = QueryProfileRequest { address: account(1).to_string() };
    let found: QueryProfileResponse = chain.query("Profile", &request).unwrap();
    assert!(found.handle.is_none());
    let found = found.profile.unwrap();
    assert_eq!((found.handle.as_str(), found.name.as_str(), found.updated_height), ("", "Ada Lovelace", 1));
    chain.pass(1);
    chain.deliver(&MsgSetProfile { name: "Ada".into(), about: String::new(), ..profile(1) }).unwrap();
    let found: QueryProfileResponse = chain.query("Profile", &request).unwrap();
    let found = found.profile.unwrap();
    assert_eq!((found.name.as_str(), found.about.as_str(), found.updated_height), ("Ada", "", 2));
    let stranger = QueryProfileRequest { address: account(9).to_string() };
    assert!(chain.query::<_, QueryProfileResponse>("Profile", &stranger).is_err());
}

#[test]
fn texts_are_refused_when_too_long_or_no_such_texts() {
    let mut chain = Chain::new();
    let good = profile(1);
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
    let nobody = MsgSetProfile { account: "open1".into(), ..profile(1) };
    assert_eq!(chain.deliver(&nobody).unwrap_err().code, 7, "sdk: invalid address");
}
