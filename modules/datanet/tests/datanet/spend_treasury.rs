use cosmwasm_std::Uint256;
use openledger_core::{Address, Coin};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn spend(amount: u128) -> MsgSpendTreasury {
    let amount = Some(Coin::base(amount).to_proto());
    MsgSpendTreasury { owner: name(1), datanet_id: 1, recipient: name(9), amount }
}

/// A chain whose treasury of datanet 1 was credited with 1,000.
fn credited() -> Chain {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 2, b"content");
    let version = chain.freeze(id);
    chain.credit_treasury(&[(id, version)], 1_000).unwrap();
    chain
}

#[test]
fn income_is_spent_after_the_timelock() {
    let mut chain = credited();
    assert_eq!(code(chain.deliver(&spend(1))), 26);
    chain.block.time_seconds += TIMELOCK as i64 + TIMELOCK as i64 / 8 - 1;
    assert_eq!(code(chain.deliver(&spend(1))), 26);
    chain.block.time_seconds += 1;
    let found: QueryTreasuryResponse = chain.query("Treasury", &QueryTreasuryRequest { datanet_id: 1 }).unwrap();
    assert_eq!(found.spendable.unwrap().amount, "1000");
    chain.deliver(&spend(400)).unwrap();
    assert_eq!(chain.balance(&account(9)), Uint256::from(PURSE + 400));
    assert_eq!(code(chain.deliver(&spend(601))), 26);
    chain.deliver(&spend(600)).unwrap();
    assert_eq!(code(chain.deliver(&spend(1))), 26);
}

#[test]
fn treasuries_divide_by_total_index() {
    let mut chain = Chain::new();
    let (one, two) = (chain.datanet(), chain.datanet());
    chain.accepted(one, 2, &[1; 100]);
    chain.accepted(two, 2, &[2; 300]);
    let versions = [(one, chain.freeze(one)), (two, chain.freeze(two))];
    chain.credit_treasury(&versions, 1_000).unwrap();
    let amount = |id| {
        let found: QueryTreasuryResponse = chain.query("Treasury", &QueryTreasuryRequest { datanet_id: id }).unwrap();
        found.treasury.unwrap().locked[0].amount.clone()
    };
    assert_eq!((amount(one), amount(two)), ("250".into(), "750".into()));
}

#[test]
fn only_the_owner_spends_and_only_what_can_be_paid() {
    let mut chain = credited();
    chain.block.time_seconds += 1_000;
    assert_eq!(code(chain.deliver(&MsgSpendTreasury { owner: name(2), ..spend(1) })), 6);
    assert_eq!(code(chain.deliver(&MsgSpendTreasury { datanet_id: 2, ..spend(1) })), 5);
    assert_eq!(coded(chain.deliver(&spend(0))), ("sdk", 10));
    assert_eq!(coded(chain.deliver(&MsgSpendTreasury { amount: None, ..spend(1) })), ("sdk", 10));
    let foreign = ProtoCoin { denom: "uatom".into(), amount: "1".into() };
    assert_eq!(coded(chain.deliver(&MsgSpendTreasury { amount: Some(foreign), ..spend(1) })), ("sdk", 10));
    let largest = ProtoCoin { denom: "aopen".into(), amount: Uint256::MAX.to_string() };
    assert_eq!(code(chain.deliver(&MsgSpendTreasury { amount: Some(largest), ..spend(1) })), 26);
    let module = MsgSpendTreasury { recipient: Address::module("datanet").to_string(), ..spend(1) };
    assert_eq!(coded(chain.deliver(&module)), ("sdk", 4));
    chain.deliver(&spend(1)).unwrap();
}
