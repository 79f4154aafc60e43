//! Who gets what of the fees: by stake, by commission, through slashes, to where they chose.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{address, base, coins, operator, proto_coin, text, Chain, BANK, DISTRIBUTION, OPEN, STAKING};
use openledger_core::comet::{Vote, VoteFlag};
use openledger_core::{Dec, Module};
use openledger_proto::cosmos::distribution::v1beta1::*;
use openledger_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgUndelegate};
use openledger_proto::Message;

/// What rewards are counted in here: large beside the last places of rewards per base unit of stake, which are cut.
const UNIT: u128 = 1_000_000_000_000;
/// The fees of a block.
const FEES: u128 = 150_000 * UNIT;

fn delegate(byte: u8, validator: u8, amount: u128) -> MsgDelegate {
    let amount = Some(proto_coin(amount));
    MsgDelegate { delegator_address: text(byte), validator_address: operator(validator), amount }
}

fn withdraw(byte: u8, validator: u8) -> MsgWithdrawDelegatorReward {
    MsgWithdrawDelegatorReward { delegator_address: text(byte), validator_address: operator(validator) }
}

fn due(chain: &Chain, byte: u8, validator: u8) -> u128 {
    let request =
        QueryDelegationRewardsRequest { delegator_address: text(byte), validator_address: operator(validator) };
    let answer: QueryDelegationRewardsResponse = chain.ask("DelegationRewards", &request).unwrap();
    // The message counts the 18th place; what is not whole is cut.
    let places: openledger_core::Dec = answer
        .rewards
        .first()
        .map_or(openledger_core::Dec::ZERO, |coin| openledger_core::Dec::from_proto(&coin.amount).unwrap());
    places.truncate_int().unwrap().to_string().parse::<u128>().unwrap() / UNIT
}

fn pool(chain: &mut Chain) -> String {
    chain.with(|ctx| DISTRIBUTION.community_pool(ctx).unwrap().to_string())
}

#[test]
fn fees_go_by_power_less_the_community_s_tax_and_the_validators_commission() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.next_block(FEES);
    // 2 % of 150,000 is the community's; powers are 100 and 50. The quotient 2/3 has 18 places, so a few units stay with the community.
    assert_eq!(pool(&mut chain), "3000000000000000.147000000000000000aopen");
    let outstanding =
        |chain: &mut Chain, byte| chain.with(|ctx| DISTRIBUTION.outstanding(ctx, &address(byte)).unwrap().to_string());
    assert_eq!(outstanding(&mut chain, 1), "97999999999999999.902000000000000000aopen");
    assert_eq!(outstanding(&mut chain, 2), "48999999999999999.951000000000000000aopen");
    assert_eq!((due(&chain, 1, 1), due(&chain, 2, 2)), (88_199, 36_749), "less 10 % and 25 %");
    let before = chain.balance(1);
    chain.execute(&withdraw(1, 1)).unwrap();
    chain.execute(&MsgWithdrawValidatorCommission { validator_address: operator(1) }).unwrap();
    assert_eq!((chain.balance(1) - before) / UNIT, 88_199 + 9_800);
    chain.check();
}

#[test]
fn what_the_votes_of_guests_bring_is_the_community_s_though_somebody_registered_their_keys() {
    let mut chain = Chain::new();
    chain.next_block(0);
    let keys = chain.with(|ctx| STAKING.set_as_updates(ctx).unwrap());
    assert_eq!(keys.len(), 2);
    chain.with(|ctx| STAKING.consensus.init(ctx, None, &keys).unwrap());
    chain.next_block(FEES);
    assert_eq!(pool(&mut chain), "150000000000000000.000000000000000000aopen");
    assert_eq!((due(&chain, 1, 1), due(&chain, 2, 2)), (0, 0));
    assert!(chain.with(|ctx| DISTRIBUTION.outstanding(ctx, &address(1)).unwrap()).is_empty());
    chain.check();
}

#[test]
fn rewards_are_paid_though_roundings_took_more_of_a_stake_than_the_sdk_s_margin() {
    let mut chain = Chain::new();
    chain.next_block(0);
    // A quarter is lost: a token costs one and a third shares, which have no end.
    chain.slash(1, "0.25");
    chain.execute(&delegate(3, 1, 900 * OPEN)).unwrap();
    chain.execute(&delegate(4, 1, 100 * OPEN)).unwrap();
    chain.next_block(0);
    let stake = |chain: &mut Chain| {
        chain.with(|ctx| {
            let validator = STAKING.validator(ctx, &address(1)).unwrap().unwrap();
            let shares = STAKING.delegation(ctx, &address(3), &address(1)).unwrap().unwrap().shares;
            validator.tokens_from_shares(shares).unwrap()
        })
    };
    let before = stake(&mut chain);
    for _ in 0..60 {
        let amount = Some(proto_coin(1));
        let undelegate = MsgUndelegate { delegator_address: text(4), validator_address: operator(1), amount };
        chain.execute(&undelegate).unwrap();
    }
    let after = stake(&mut chain);
    assert!(after.add(Dec::from_units(3)).unwrap() < before, "{after} is hardly less than {before}");
    chain.next_block(FEES);
    let held = chain.balance(3);
    chain.execute(&withdraw(3, 1)).unwrap();
    assert!(chain.balance(3) > held);
    chain.check();
}

#[test]
fn two_delegators_share_by_stake_and_only_what_came_while_they_had_it() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.next_block(FEES);
    chain.execute(&delegate(3, 1, 100 * OPEN)).unwrap();
    assert_eq!(due(&chain, 3, 1), 0);
    let early = due(&chain, 1, 1);
    chain.next_block(0);
    chain.next_block(250_000 * UNIT);
    // Powers 200 and 50: four fifths of 98 % of 250,000, less 10 %, in halves.
    assert_eq!(due(&chain, 3, 1), 88_200);
    assert_eq!(due(&chain, 1, 1), early + 88_200);
    let before = chain.balance(3);
    let events = chain.execute(&delegate(3, 1, OPEN)).unwrap();
    assert_eq!((before - chain.balance(3)), OPEN - 88_200 * UNIT, "a changed delegation is paid first");
    let paid = events.iter().find(|event| event.kind == "withdraw_rewards").unwrap();
    let expected = [("amount", "88200000000000000aopen".into()), ("validator", operator(1)), ("delegator", text(3))];
    assert_eq!(paid.attributes, expected.map(|(key, value)| (key.to_string(), value)));
    assert_eq!(due(&chain, 3, 1), 0);
    chain.check();
}

#[test]
fn a_slash_halves_what_comes_after_it_and_nothing_that_came_before() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.execute(&delegate(3, 1, 100 * OPEN)).unwrap();
    chain.next_block(0);
    chain.next_block(250_000 * UNIT);
    let before = due(&chain, 3, 1);
    assert_eq!(before, 88_200);
    chain.slash(1, "0.5");
    assert_eq!(due(&chain, 3, 1), before, "what came before stays");
    chain.next_block(0);
    chain.next_block(200_000 * UNIT);
    // Powers 100 and 50 now: two thirds of 98 % of 200,000, less 10 %, in halves.
    assert_eq!(due(&chain, 3, 1), before + 58_799);
    let slashes = QueryValidatorSlashesRequest {
        validator_address: operator(1),
        starting_height: 0,
        ending_height: 100,
        pagination: None,
    };
    let slashes: QueryValidatorSlashesResponse = chain.ask("ValidatorSlashes", &slashes).unwrap();
    assert_eq!(slashes.slashes.len(), 1);
    assert_eq!(slashes.slashes[0].fraction, "500000000000000000");
    chain.check();
    chain.execute(&withdraw(3, 1)).unwrap();
    chain.check();
}

#[test]
fn rewards_go_to_the_chosen_address_and_never_to_a_module() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.next_block(FEES);
    let to = |address: String| MsgSetWithdrawAddress { delegator_address: text(1), withdraw_address: address };
    let blocked = openledger_core::Address::module("distribution").to_string();
    let error = chain.execute(&to(blocked)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 4));
    let events = chain.execute(&to(text(7))).unwrap();
    assert_eq!(events[0].attributes, [("withdraw_address".to_string(), text(7))]);
    let (before, own) = (chain.balance(7), chain.balance(1));
    chain.execute(&withdraw(1, 1)).unwrap();
    assert_eq!(((chain.balance(7) - before) / UNIT, chain.balance(1)), (88_199, own));
    let request = QueryDelegatorWithdrawAddressRequest { delegator_address: text(1) };
    let answer: QueryDelegatorWithdrawAddressResponse = chain.ask("DelegatorWithdrawAddress", &request).unwrap();
    assert_eq!(answer.withdraw_address, text(7));
    let params = Params { withdraw_addr_enabled: false, ..openledger_distribution::Params::default().to_proto() };
    let authority = openledger_auth::authority().to_string();
    chain.execute(&MsgUpdateParams { authority, params: Some(params) }).unwrap();
    let error = chain.execute(&to(text(1))).unwrap_err();
    assert_eq!((error.codespace, error.code), ("distribution", 8));
}

#[test]
fn withdrawing_twice_in_a_block_pays_once_and_names_the_base_denomination() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.next_block(FEES);
    chain.execute(&withdraw(1, 1)).unwrap();
    let before = chain.balance(1);
    let events = chain.execute(&withdraw(1, 1)).unwrap();
    assert_eq!(chain.balance(1), before);
    let paid = events.iter().find(|event| event.kind == "withdraw_rewards").unwrap();
    assert_eq!(paid.attributes[0], ("amount".to_string(), "0aopen".to_string()));
    chain.check();
}

#[test]
fn strangers_get_the_sdk_s_errors() {
    let mut chain = Chain::new();
    chain.next_block(0);
    let code = |error: openledger_core::Error| (error.codespace, error.code);
    assert_eq!(code(chain.execute(&withdraw(3, 1)).unwrap_err()), ("staking", 19));
    assert_eq!(code(chain.execute(&withdraw(3, 5)).unwrap_err()), ("staking", 3));
    let commission = MsgWithdrawValidatorCommission { validator_address: operator(1) };
    assert_eq!(code(chain.execute(&commission).unwrap_err()), ("distribution", 7));
    let wrong = MsgWithdrawValidatorCommission { validator_address: text(1) };
    assert_eq!(code(chain.execute(&wrong).unwrap_err()), ("sdk", 7));
    let empty = MsgFundCommunityPool { amount: Vec::new(), depositor: text(3) };
    assert_eq!(code(chain.execute(&empty).unwrap_err()), ("sdk", 10));
    let request = QueryValidatorCommissionRequest { validator_address: String::new() };
    let error = chain.ask::<QueryValidatorCommissionResponse>("ValidatorCommission", &request).unwrap_err();
    assert_eq!(error.message, "empty validator address");
}

#[test]
fn the_community_pool_takes_from_anybody_and_gives_by_the_authority_alone() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.execute(&MsgFundCommunityPool { amount: vec![proto_coin(1_000)], depositor: text(3) }).unwrap();
    chain.collected += 1_000;
    let spend = |authority: String, amount| MsgCommunityPoolSpend {
        authority,
        recipient: text(4),
        amount: vec![proto_coin(amount)],
    };
    let error = chain.execute(&spend(text(3), 1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
    let gov = openledger_auth::authority().to_string();
    let error = chain.execute(&spend(gov.clone(), 1_001)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("distribution", 9));
    let before = chain.balance(4);
    chain.execute(&spend(gov, 400)).unwrap();
    assert_eq!(chain.balance(4) - before, 400);
    assert_eq!(pool(&mut chain), "600.000000000000000000aopen");
    chain.check();
}

#[test]
fn a_deposit_for_a_validator_is_its_stakers_less_its_commission() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.next_block(0);
    let deposit = |validator| MsgDepositValidatorRewardsPool {
        depositor: text(3),
        validator_address: operator(validator),
        amount: vec![proto_coin(1_000 * UNIT)],
    };
    chain.execute(&deposit(1)).unwrap();
    assert_eq!(due(&chain, 1, 1), 900);
    let nobody = chain.execute(&deposit(5)).unwrap_err();
    assert_eq!((nobody.codespace, nobody.code), ("staking", 3));
    let left = chain.with(|ctx| base(&BANK.balances(ctx, &address(3)).unwrap()));
    assert_eq!(left, 10_000 * OPEN - 1_000 * UNIT, "what failed took nothing");
    chain.check();
}

#[test]
fn votes_of_validators_that_staking_does_not_know_are_the_community_s() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.collected += 1_000;
    chain.with(|ctx| BANK.send_to_module(ctx, &address(8), "fee_collector", &coins(1_000)).unwrap());
    chain.begin(vec![Vote { validator: vec![9; 20], power: 10, flag: VoteFlag::Commit }]);
    assert_eq!(pool(&mut chain), "1000.000000000000000000aopen");
    chain.collected += 500;
    chain.with(|ctx| BANK.send_to_module(ctx, &address(8), "fee_collector", &coins(500)).unwrap());
    chain.begin(Vec::new());
    assert_eq!(pool(&mut chain), "1500.000000000000000000aopen");
}

#[test]
fn a_validator_that_goes_leaves_its_commission_to_its_operator_and_dust_to_the_community() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.next_block(FEES);
    let before = chain.balance(2);
    let amount = Some(proto_coin(common::SELF_STAKE[1]));
    chain.execute(&MsgUndelegate { delegator_address: text(2), validator_address: operator(2), amount }).unwrap();
    assert_eq!((chain.balance(2) - before) / UNIT, 36_749, "rewards are paid when the stake goes");
    for _ in 0..10 {
        chain.next_block(0);
    }
    // Unbonded by now, and gone with it: a quarter of 48,999 was commission, the stake has come back.
    assert_eq!((chain.balance(2) - before - common::SELF_STAKE[1]) / UNIT, 36_749 + 12_250);
    let genesis = chain.with(|ctx| DISTRIBUTION.export_genesis(ctx).unwrap());
    let genesis = GenesisState::decode(genesis.as_slice()).unwrap();
    let of_the_gone = |address: &String| *address == operator(2);
    assert!(!genesis.outstanding_rewards.iter().any(|record| of_the_gone(&record.validator_address)));
    assert!(!genesis.validator_historical_rewards.iter().any(|record| of_the_gone(&record.validator_address)));
    assert!(!genesis.validator_current_rewards.iter().any(|record| of_the_gone(&record.validator_address)));
    assert!(!genesis.validator_accumulated_commissions.iter().any(|record| of_the_gone(&record.validator_address)));
    chain.check();
}

#[test]
fn an_export_says_everything_and_is_checked_when_it_comes_back() {
    let mut chain = Chain::new();
    chain.next_block(0);
    chain.execute(&delegate(3, 1, 7 * OPEN + 13)).unwrap();
    chain.execute(&MsgSetWithdrawAddress { delegator_address: text(3), withdraw_address: text(5) }).unwrap();
    chain.next_block(FEES + 77);
    chain.slash(1, "0.123");
    chain.next_block(FEES);
    let exported = chain.with(|ctx| DISTRIBUTION.export_genesis(ctx).unwrap());
    let (again, holdings) = chain.with(|ctx| {
        let point = ctx.checkpoint();
        DISTRIBUTION.init_genesis(ctx, &exported).unwrap();
        let again = DISTRIBUTION.export_genesis(ctx).unwrap();
        ctx.revert(point);
        let mut wrong = GenesisState::decode(exported.as_slice()).unwrap();
        wrong.fee_pool.as_mut().unwrap().community_pool[0].amount.insert(0, '9');
        (again, DISTRIBUTION.init_genesis(ctx, &wrong.encode_to_vec()).unwrap_err())
    });
    assert_eq!(exported, again);
    assert!(holdings.message.contains("does not match the module holdings"), "{holdings}");
    let genesis = GenesisState::decode(exported.as_slice()).unwrap();
    assert_eq!(genesis.validator_slash_events.len(), 1);
    assert_eq!(genesis.delegator_starting_infos.len(), 3);
    let mut twice = genesis.clone();
    twice.validator_current_rewards.push(genesis.validator_current_rewards[0].clone());
    assert_eq!(DISTRIBUTION.validate_genesis(&twice.encode_to_vec()).unwrap_err().code, 100);
    let mut tax = genesis;
    tax.params.as_mut().unwrap().community_tax = "1000000000000000001".into();
    assert_eq!(DISTRIBUTION.validate_genesis(&tax.encode_to_vec()).unwrap_err().code, 101);
}
