use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn update(owner: u8, add: &[u8], remove: &[u8]) -> MsgUpdateAllowList {
    let names = |list: &[u8]| list.iter().map(|n| name(*n)).collect();
    MsgUpdateAllowList { owner: name(owner), datanet_id: 1, add: names(add), remove: names(remove) }
}

#[test]
fn only_the_owner_and_who_is_listed_may_commit() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(Policy { admission: Admission::AllowList.into(), ..policy() })).unwrap().datanet_id;
    assert_eq!(code(chain.deliver(&commit(id, 2, b"x"))), 7);
    chain.commit(id, 1, b"the owner's");
    chain.deliver(&update(1, &[2, 3], &[])).unwrap();
    chain.commit(id, 2, b"x");
    chain.deliver(&update(1, &[], &[2])).unwrap();
    assert_eq!(code(chain.deliver(&commit(id, 2, b"y"))), 7);
    let list: QueryAllowListResponse =
        chain.query("AllowList", &QueryAllowListRequest { datanet_id: id, pagination: None }).unwrap();
    assert_eq!(list.addresses, [name(3)]);
}

#[test]
fn a_list_that_says_nothing_or_two_things_is_refused() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&update(1, &[2], &[]))), 5);
    chain.datanet();
    assert_eq!(code(chain.deliver(&update(2, &[2], &[]))), 6);
    assert_eq!(code(chain.deliver(&update(1, &[], &[]))), 28);
    assert_eq!(code(chain.deliver(&update(1, &[2], &[2]))), 28);
    assert_eq!(code(chain.deliver(&update(1, &[2; 201], &[]))), 28);
    let bad = MsgUpdateAllowList { add: vec!["x".into()], ..update(1, &[], &[]) };
    assert_eq!(coded(chain.deliver(&bad)), ("sdk", 7));
}
