use cosmwasm_std::Uint256;
use openledger_core::Coin;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn update(owner: u8, policy: Policy) -> MsgUpdateDatanet {
    let texts = ("New title".to_string(), String::new(), String::new());
    MsgUpdateDatanet {
        owner: name(owner),
        datanet_id: 1,
        title: texts.0,
        description: texts.1,
        schema: texts.2,
        policy: Some(policy),
    }
}

#[test]
fn a_new_policy_holds_for_later_commits_only() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let before = chain.commit(id, 2, b"before");
    let dear = Policy { deposit: Some(Coin::base(2 * OPEN).to_proto()), burn_rejected: true, ..policy() };
    chain.deliver(&update(1, dear)).unwrap();
    let after = chain.commit(id, 2, b"after");
    let (before, after) = (chain.contribution(before), chain.contribution(after));
    assert_eq!((before.deposit, before.burn_if_rejected), (Uint256::from(OPEN), false));
    assert_eq!((after.deposit, after.burn_if_rejected), (Uint256::from(2 * OPEN), true));
    let found: QueryDatanetResponse = chain.query("Datanet", &QueryDatanetRequest { datanet_id: id }).unwrap();
    assert_eq!(found.datanet.unwrap().title, "New title");
}

#[test]
fn the_owner_alone_updates_and_only_to_what_could_be_created() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&update(1, policy()))), 5, "there is none yet");
    chain.datanet();
    assert_eq!(code(chain.deliver(&update(2, policy()))), 6);
    assert_eq!(code(chain.deliver(&update(1, Policy { quorum: 1, ..policy() }))), 4);
    let cheap = Policy { deposit: Some(Coin::base(1u128).to_proto()), ..policy() };
    assert_eq!(code(chain.deliver(&update(1, cheap))), 4);
    assert_eq!(code(chain.deliver(&MsgUpdateDatanet { title: String::new(), ..update(1, policy()) })), 4);
    assert_eq!(code(chain.deliver(&MsgUpdateDatanet { schema: "s".repeat(2_001), ..update(1, policy()) })), 4);
}
