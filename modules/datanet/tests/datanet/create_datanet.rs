use openledger_core::Coin;
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

#[test]
fn datanets_are_numbered_from_one_and_read_back() {
    let mut chain = Chain::new();
    let curated = Policy { curators: vec![name(3), name(2)], quorum: 2, ..policy() };
    assert_eq!(chain.datanet(), 1);
    assert_eq!(chain.deliver(&create(curated)).unwrap().datanet_id, 2);
    let found: QueryDatanetResponse = chain.query("Datanet", &QueryDatanetRequest { datanet_id: 2 }).unwrap();
    let datanet = found.datanet.unwrap();
    assert_eq!((datanet.owner, datanet.modality), (name(1), Modality::Text.into()));
    assert_eq!(datanet.policy.unwrap().curators, [name(2), name(3)], "in order of their bytes");
    assert_eq!((found.accepted, found.last_version), (0, 0));
    assert_eq!(chain.outcomes(1).len(), 2);
}

#[test]
fn what_is_no_datanet_is_refused_with_the_field_that_is_wrong() {
    let mut chain = Chain::new();
    let good = create(policy());
    for (bad, field) in [
        (MsgCreateDatanet { title: " ".into(), ..good.clone() }, "title"),
        (MsgCreateDatanet { title: "two\nlines".into(), ..good.clone() }, "title"),
        (MsgCreateDatanet { title: "t".repeat(2_001), ..good.clone() }, "title"),
        (MsgCreateDatanet { description: "d".repeat(2_001), ..good.clone() }, "description"),
        (MsgCreateDatanet { schema: "s".repeat(2_001), ..good.clone() }, "schema"),
        (MsgCreateDatanet { modality: 0, ..good.clone() }, "modality"),
        (MsgCreateDatanet { modality: 99, ..good.clone() }, "modality"),
        (MsgCreateDatanet { licence: "free".repeat(70), ..good.clone() }, "licence"),
        (MsgCreateDatanet { licence: "MIT/Apache-2.0".into(), ..good.clone() }, "licence"),
        (MsgCreateDatanet { policy: None, ..good.clone() }, "policy"),
    ] {
        let error = chain.deliver(&bad).unwrap_err();
        assert_eq!((error.codespace, error.code), ("datanet", 4), "{error}");
        assert!(error.message.contains(field), "{error}");
    }
    let nobody = MsgCreateDatanet { owner: String::new(), ..good };
    assert_eq!(coded(chain.deliver(&nobody)), ("sdk", 7));
}

#[test]
fn a_policy_that_cannot_work_is_refused() {
    let mut chain = Chain::new();
    for (bad, text) in [
        (Policy { admission: 0, ..policy() }, "admission"),
        (Policy { quorum: 1, ..policy() }, "quorum"),
        (Policy { curators: vec![name(2)], ..policy() }, "quorum"),
        (Policy { curators: vec![name(2)], quorum: 2, ..policy() }, "quorum"),
        (Policy { curators: vec![name(2), name(2)], quorum: 1, ..policy() }, "twice"),
        (Policy { curators: (10..43).map(name).collect(), quorum: 1, ..policy() }, "curators"),
        (Policy { deposit: Some(Coin::base(OPEN - 1).to_proto()), ..policy() }, "deposit"),
        (Policy { max_length: 0, ..policy() }, "max_length"),
        (Policy { max_length: 5 * 1024 * 1024 + 1, ..policy() }, "max_length"),
        (Policy { length_cap: 0, ..policy() }, "length_cap"),
        (Policy { length_cap: u64::MAX, ..policy() }, "length_cap"),
    ] {
        let error = chain.deliver(&create(bad)).unwrap_err();
        assert_eq!((error.codespace, error.code), ("datanet", 4), "{error}");
        assert!(error.message.contains(text), "{error}");
    }
    let other = ProtoCoin { denom: "uatom".into(), amount: "1".into() };
    assert_eq!(coded(chain.deliver(&create(Policy { deposit: Some(other), ..policy() }))), ("sdk", 10));
    assert_eq!(coded(chain.deliver(&create(Policy { deposit: None, ..policy() }))), ("sdk", 10));
}
