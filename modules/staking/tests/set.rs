//! The set, its history, genesis and queries.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_auth::Auth;
use openledger_core::query::Code;
use openledger_core::Module;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::cosmos::staking::v1beta1::*;
use openledger_proto::Message;
use openledger_staking::Staking;

/// What a chain of one validator exports, and its keeper.
fn exported() -> (GenesisState, Staking) {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.next(1);
    let staking = chain.staking;
    let exported = chain.with(|ctx| staking.export_genesis(ctx).unwrap());
    (GenesisState::decode(exported.as_slice()).unwrap(), staking)
}

#[test]
fn the_highest_powers_are_in_the_set_and_of_equals_the_lower_operator() {
    let mut chain = Chain::new();
    chain.params(|params| params.max_validators = 2);
    for byte in [3, 1, 2] {
        chain.create(byte, 5 * OPEN);
    }
    let (updates, _) = chain.next(1);
    let keys: Vec<_> = updates.iter().map(|update| update.key.clone()).collect();
    assert_eq!(keys, [key(1), key(2)]);
    // One more unit of power, and it takes the place of the last.
    chain.delegate(9, 3, OPEN).unwrap();
    let (updates, _) = chain.next(1);
    let told: Vec<_> = updates.iter().map(|update| (update.key.clone(), update.power)).collect();
    assert_eq!(told, [(key(3), 6), (key(2), 0)]);
    assert!(chain.validator(2).is_unbonding());
    let staking = chain.staking;
    assert_eq!(chain.with(|ctx| staking.last_total_power(ctx).unwrap()), 11);
    let powers = chain.with(|ctx| staking.bonded_by_power(ctx).unwrap());
    assert_eq!(powers.iter().map(|validator| validator.consensus_power()).collect::<Vec<_>>(), [6, 5]);
    // Less than one unit of power is no power.
    chain.create(4, OPEN - 1);
    chain.params(|params| params.max_validators = 9);
    let (updates, _) = chain.next(1);
    assert_eq!((updates.len(), &updates[0].key), (1, &key(2)));
    assert!(chain.validator(4).is_unbonded());
}

#[test]
fn history_names_the_set_that_each_height_had_and_forgets() {
    let mut chain = Chain::new();
    chain.params(|params| params.historical_entries = 3);
    chain.create(1, 5 * OPEN);
    chain.create(2, 7 * OPEN);
    chain.next(1);
    let info = |chain: &Chain, height: u64| {
        let request = QueryHistoricalInfoRequest { height: i64::try_from(height).unwrap() };
        chain.ask::<QueryHistoricalInfoResponse>("HistoricalInfo", &request)
    };
    let hist = info(&chain, 2).unwrap().hist.unwrap();
    assert_eq!(hist.header.as_ref().unwrap().height, 2);
    assert_eq!(hist.header.unwrap().chain_id, "test");
    let monikers = |set: &[Validator]| -> Vec<String> {
        set.iter().map(|validator| validator.description.clone().unwrap().moniker).collect()
    };
    assert_eq!(monikers(&hist.valset), ["v2", "v1"], "the highest power first");
    chain.delegate(9, 1, 5 * OPEN).unwrap();
    for _ in 0..3 {
        chain.next(1);
    }
    assert_eq!(monikers(&info(&chain, 5).unwrap().hist.unwrap().valset), ["v1", "v2"]);
    assert_eq!(
        monikers(&info(&chain, 3).unwrap().hist.unwrap().valset),
        ["v1", "v2"],
        "written at 3, named by 4 and 5"
    );
    let missing = info(&chain, 2).unwrap_err();
    assert_eq!((missing.code, missing.message.as_str()), (Code::NotFound, "historical info for height 2 not found"));
    let negative =
        chain.ask::<QueryHistoricalInfoResponse>("HistoricalInfo", &QueryHistoricalInfoRequest { height: -1 });
    assert_eq!(negative.unwrap_err().code, Code::InvalidArgument);
    // Fewer are kept: the rest goes at once.
    chain.params(|params| params.historical_entries = 1);
    chain.next(1);
    assert!(info(&chain, 5).is_err());
    assert!(info(&chain, 6).is_ok());
}

#[test]
fn an_exported_chain_goes_on_where_it_was() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.create(2, 10 * OPEN);
    chain.next(1);
    chain.delegate(3, 1, 5 * OPEN).unwrap();
    chain.undelegate(3, 1, OPEN).unwrap();
    chain.redelegate(3, 1, 2, OPEN).unwrap();
    chain.jail(2).unwrap();
    chain.next(1);
    let staking = chain.staking;
    let exported = chain.with(|ctx| staking.export_genesis(ctx).unwrap());
    let bank = chain.with(|ctx| BANK.export_genesis(ctx).unwrap());
    let auth = chain.with(|ctx| Auth.export_genesis(ctx).unwrap());

    let mut other = Chain::new();
    other.state = openledger_store::BlockState::new(std::sync::Arc::new(openledger_store::MemSnapshot::default()));
    other.block = chain.block.clone();
    other.with(|ctx| {
        Auth.init_genesis(ctx, &auth).unwrap();
        BANK.init_genesis(ctx, &bank).unwrap();
        staking.init_genesis(ctx, &exported).unwrap();
        staking.check_invariants(ctx).unwrap();
    });
    assert_eq!(other.with(|ctx| staking.export_genesis(ctx).unwrap()), exported);
    assert_eq!(other.with(|ctx| staking.set_as_updates(ctx).unwrap()).len(), 1);
    // What unbonds is paid there as here, and numbers go on.
    other.with(|ctx| staking.put_unbonding_on_hold(ctx, 1)).unwrap();
    other.with(|ctx| staking.unbonding_can_complete(ctx, 1)).unwrap();
    for chain in [&mut chain, &mut other] {
        chain.next(UNBONDING);
        chain.next(1);
        assert!(chain.validator(2).is_unbonded());
    }
    assert_eq!(chain.balance(3), other.balance(3));
    let ends = [&mut chain, &mut other].map(|chain| chain.with(|ctx| staking.export_genesis(ctx).unwrap()));
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn the_last_of_a_set_stay_in_it_until_somebody_else_comes() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.create(2, 10 * OPEN);
    chain.next(1);
    // CometBFT stops at an empty set.
    chain.jail(1).unwrap();
    chain.jail(2).unwrap();
    for _ in 0..3 {
        assert_eq!(chain.next(1).0, [], "both stay as they were");
    }
    assert!(chain.validator(1).is_bonded() && chain.validator(2).jailed);
    let staking = chain.staking;
    assert_eq!(chain.with(|ctx| staking.last_total_power(ctx).unwrap()), 20);
    chain.create(3, 5 * OPEN);
    let (mut updates, _) = chain.next(1);
    updates.sort_by(|a, b| a.key.cmp(&b.key));
    let told: Vec<_> = updates.into_iter().map(|update| (update.key, update.power)).collect();
    assert_eq!(told, [(key(1), 0), (key(2), 0), (key(3), 5)]);
    assert!(chain.validator(1).is_unbonding() && chain.validator(2).is_unbonding());
}

#[test]
fn the_last_validator_that_loses_all_it_has_stays_until_somebody_else_comes() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.next(1);
    chain.undelegate(1, 1, 10 * OPEN).unwrap();
    assert_eq!(chain.next(UNBONDING + 1).0, []);
    chain.next(1);
    assert!(chain.validator(1).is_bonded() && chain.validator(1).tokens.is_zero());
    chain.create(2, 5 * OPEN);
    let (updates, _) = chain.next(1);
    assert_eq!(updates.len(), 2, "{updates:?}");
    chain.next(UNBONDING + 1);
    chain.next(1);
    let staking = chain.staking;
    assert!(chain.with(|ctx| staking.validator(ctx, &address(1)).unwrap()).is_none(), "nothing is left of it");
}

#[test]
fn a_validator_that_comes_back_forgets_the_unbondings_that_are_over() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.create(2, 10 * OPEN);
    chain.next(1);
    for _ in 0..3 {
        chain.jail(2).unwrap();
        chain.next(1);
        assert_eq!(chain.validator(2).unbonding_ids.len(), 1);
        chain.unjail(2).unwrap();
        chain.next(1);
        assert!(chain.validator(2).is_bonded() && chain.validator(2).unbonding_ids.is_empty());
    }
}

#[test]
fn tokens_without_shares_are_refused_in_any_genesis_and_the_last_of_a_set_with_neither_are_taken() {
    let (mut genesis, staking) = exported();
    genesis.delegations.clear();
    genesis.validators[0].delegator_shares = "0".into();
    for exported in [false, true] {
        genesis.exported = exported;
        let error = staking.validate_genesis(&genesis.encode_to_vec()).unwrap_err();
        assert!(error.message.contains("zero delegator shares"), "{error}");
    }
    genesis.validators[0].tokens = "0".into();
    staking.validate_genesis(&genesis.encode_to_vec()).unwrap();
    genesis.exported = false;
    assert!(staking.validate_genesis(&genesis.encode_to_vec()).is_err(), "only where a chain left it so");
}

#[test]
fn the_denomination_of_stake_stays_what_it_is() {
    let mut chain = Chain::new();
    let staking = chain.staking;
    let params = chain.with(|ctx| staking.params(ctx).unwrap()).to_proto();
    let mut update = |params| {
        let authority = openledger_auth::authority().to_string();
        chain.execute(&MsgUpdateParams { authority, params: Some(params) })
    };
    let error = update(Params { bond_denom: "uatom".into(), ..params.clone() }).unwrap_err();
    assert!(error.message.contains("bond denom cannot change from aopen to uatom"), "{error}");
    update(Params { max_entries: 3, ..params }).unwrap();
    let params = chain.with(|ctx| staking.params(ctx).unwrap());
    assert_eq!((params.bond_denom.as_str(), params.max_entries), ("aopen", 3));
}

type Change = fn(&mut GenesisState);

#[test]
fn a_genesis_that_does_not_add_up_is_refused() {
    let (exported, staking) = exported();
    let cases: &[(&str, Change)] = &[
        ("duplicate validator", |genesis| genesis.validators.push(genesis.validators[0].clone())),
        ("bonded and jailed", |genesis| (genesis.exported, genesis.validators[0].jailed) = (false, true)),
        ("zero delegator shares", |genesis| genesis.validators[0].delegator_shares = "0".into()),
        ("params are missing", |genesis| genesis.params = None),
        ("max entries", |genesis| genesis.params.as_mut().unwrap().max_entries = 0),
        ("its delegations have", |genesis| genesis.delegations.clear()),
        ("there is no validator", |genesis| genesis.delegations[0].validator_address = operator(5)),
        ("invalid validator status", |genesis| genesis.validators[0].status = 0),
        ("two delegations of", |genesis| genesis.delegations.push(genesis.delegations[0].clone())),
        ("is bonded, and has none", |genesis| drop(genesis.last_validator_powers.pop())),
        ("two last_validator_powers", |genesis| {
            genesis.last_validator_powers.push(genesis.last_validator_powers[0].clone());
        }),
        ("is not bonded, and has one", |genesis| genesis.validators[0].status = BondStatus::Unbonded.into()),
        ("of openvaloper", |genesis| genesis.last_validator_powers[0].power = 0),
        ("last_total_power is", |genesis| genesis.last_validator_powers[0].power += 1),
        ("not a number", |genesis| genesis.last_total_power = b"x".to_vec()),
    ];
    for (text, change) in cases {
        let mut genesis = exported.clone();
        change(&mut genesis);
        let error = staking.validate_genesis(&genesis.encode_to_vec()).unwrap_err();
        assert!(error.message.contains(text), "{error} without {text}");
    }
    // Pools that hold something else are found when it is taken over.
    let mut other = Chain::new();
    let error = other.with(|ctx| staking.init_genesis(ctx, &exported.encode_to_vec())).unwrap_err();
    assert!(error.message.contains("bonded pool balance is different from bonded coins"), "{error}");
}

#[test]
fn what_stands_twice_in_a_genesis_is_refused() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.create(2, 10 * OPEN);
    chain.next(1);
    chain.delegate(3, 1, 5 * OPEN).unwrap();
    chain.undelegate(3, 1, OPEN).unwrap();
    chain.redelegate(3, 1, 2, OPEN).unwrap();
    let staking = chain.staking;
    let exported = chain.with(|ctx| staking.export_genesis(ctx).unwrap());
    let exported = GenesisState::decode(exported.as_slice()).unwrap();
    let cases: [(String, Change); 3] = [
        (format!("two delegations of {} to {}", text(1), operator(1)), |genesis| {
            genesis.delegations.push(genesis.delegations[0].clone());
        }),
        (format!("two unbonding delegations of {} from {}", text(3), operator(1)), |genesis| {
            genesis.unbonding_delegations.push(genesis.unbonding_delegations[0].clone());
        }),
        (format!("two redelegations of {} from {} to {}", text(3), operator(1), operator(2)), |genesis| {
            genesis.redelegations.push(genesis.redelegations[0].clone());
        }),
    ];
    staking.validate_genesis(&exported.encode_to_vec()).unwrap();
    for (text, change) in cases {
        let mut genesis = exported.clone();
        change(&mut genesis);
        let error = staking.validate_genesis(&genesis.encode_to_vec()).unwrap_err();
        assert!(error.message.contains(&text), "{error} without {text}");
    }
}

#[test]
fn queries_answer_with_the_sdk_s_words() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.create(2, 10 * OPEN);
    chain.next(1);
    chain.delegate(3, 1, 100).unwrap();
    chain.redelegate(3, 1, 2, 40).unwrap();
    chain.undelegate(3, 1, 10).unwrap();
    let pair = |delegator: u8, validator: u8| QueryDelegationRequest {
        delegator_addr: text(delegator),
        validator_addr: operator(validator),
    };
    let found: QueryDelegationResponse = chain.ask("Delegation", &pair(3, 1)).unwrap();
    let response = found.delegation_response.unwrap();
    assert_eq!(response.balance.unwrap(), coin(50));
    assert_eq!(response.delegation.unwrap().shares, dec("50"));
    let missing = chain.ask::<QueryDelegationResponse>("Delegation", &pair(4, 1)).unwrap_err();
    let words = format!("delegation with delegator {} not found for validator {}", text(4), operator(1));
    assert_eq!((missing.code, missing.message), (Code::NotFound, words));
    let empty = chain.ask::<QueryDelegationResponse>("Delegation", &QueryDelegationRequest::default()).unwrap_err();
    assert_eq!((empty.code, empty.message.as_str()), (Code::InvalidArgument, "delegator address cannot be empty"));

    let of = QueryRedelegationsRequest { delegator_addr: text(3), ..Default::default() };
    let redelegations: QueryRedelegationsResponse = chain.ask("Redelegations", &of).unwrap();
    let redelegation = &redelegations.redelegation_responses[0];
    assert_eq!(redelegation.redelegation.as_ref().unwrap().validator_dst_address, operator(2));
    assert_eq!(redelegation.entries[0].balance, "40");
    let from = QueryRedelegationsRequest { src_validator_addr: operator(1), ..Default::default() };
    let by_source: QueryRedelegationsResponse = chain.ask("Redelegations", &from).unwrap();
    assert_eq!(by_source.redelegation_responses, redelegations.redelegation_responses);

    let unbonding = QueryDelegatorUnbondingDelegationsRequest { delegator_addr: text(3), pagination: None };
    let unbonding: QueryDelegatorUnbondingDelegationsResponse =
        chain.ask("DelegatorUnbondingDelegations", &unbonding).unwrap();
    assert_eq!(unbonding.unbonding_responses[0].entries[0].balance, "10");
    let from = QueryValidatorUnbondingDelegationsRequest { validator_addr: operator(1), pagination: None };
    let from: QueryValidatorUnbondingDelegationsResponse = chain.ask("ValidatorUnbondingDelegations", &from).unwrap();
    assert_eq!(from.unbonding_responses, unbonding.unbonding_responses);

    let page = Some(PageRequest { limit: 1, count_total: true, ..PageRequest::default() });
    let to = QueryValidatorDelegationsRequest { validator_addr: operator(1), pagination: page };
    let to: QueryValidatorDelegationsResponse = chain.ask("ValidatorDelegations", &to).unwrap();
    assert_eq!((to.delegation_responses.len(), to.pagination.unwrap().total), (1, 2));
    let of = QueryDelegatorValidatorsRequest { delegator_addr: text(3), pagination: None };
    let of: QueryDelegatorValidatorsResponse = chain.ask("DelegatorValidators", &of).unwrap();
    assert_eq!(of.validators.len(), 2);
    let one = QueryDelegatorValidatorRequest { delegator_addr: text(4), validator_addr: operator(1) };
    let one = chain.ask::<QueryDelegatorValidatorResponse>("DelegatorValidator", &one).unwrap_err();
    assert_eq!((one.code, one.message.as_str()), (Code::Internal, "no delegation for (address, validator) tuple"));

    let pool: QueryPoolResponse = chain.ask("Pool", &QueryPoolRequest {}).unwrap();
    let expected = Pool { bonded_tokens: (20 * OPEN + 90).to_string(), not_bonded_tokens: "10".into() };
    assert_eq!(pool.pool.unwrap(), expected);
    let ask = |status: &str| QueryValidatorsRequest { status: status.into(), pagination: None };
    let bonded: QueryValidatorsResponse = chain.ask("Validators", &ask("BOND_STATUS_BONDED")).unwrap();
    let unbonded: QueryValidatorsResponse = chain.ask("Validators", &ask("BOND_STATUS_UNBONDED")).unwrap();
    assert_eq!((bonded.validators.len(), unbonded.validators.len()), (2, 0));
    let wrong = chain.ask::<QueryValidatorsResponse>("Validators", &ask("bonded")).unwrap_err();
    assert_eq!(wrong.message, "invalid validator status bonded");
    let missing = QueryValidatorRequest { validator_addr: operator(7) };
    let missing = chain.ask::<QueryValidatorResponse>("Validator", &missing).unwrap_err();
    assert_eq!(missing.message, format!("validator {} not found", operator(7)));
}

#[test]
fn a_genesis_with_keys_that_consensus_does_not_admit_is_refused() {
    let (mut genesis, staking) = exported();
    let key = openledger_core::ConsensusKey::Secp256k1(vec![2; 33]);
    genesis.validators[0].consensus_pubkey = Some(openledger_staking::key_to_any(&key));
    staking.validate_genesis(&genesis.encode_to_vec()).unwrap();
    let error = Chain::new().with(|ctx| staking.init_genesis(ctx, &genesis.encode_to_vec())).unwrap_err();
    assert!(error.message.contains("secp256k1") && error.message.contains(&operator(1)), "{error}");
}

#[test]
fn the_bonded_are_found_without_looking_at_those_that_stand_by() {
    let mut chain = Chain::new();
    chain.params(|params| params.max_validators = 2);
    for (byte, open) in [(1, 10), (2, 20), (3, 5), (4, 5)] {
        chain.create(byte, open * OPEN);
    }
    chain.next(1);
    let staking = chain.staking;
    let bonded = |chain: &mut Chain| {
        let bonded = chain.with(|ctx| staking.bonded_by_power(ctx)).unwrap();
        bonded.into_iter().map(|validator| validator.operator).collect::<Vec<_>>()
    };
    assert_eq!(bonded(&mut chain), [address(2), address(1)]);
    // The order is that of powers now, and who is jailed has none, before the block's end brings the set up to date.
    chain.delegate(5, 1, 15 * OPEN).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bonded(&mut chain), [address(1), address(2)]);
    chain.jail(1).unwrap();
    assert_eq!(bonded(&mut chain), [address(2)]);
    chain.with(|ctx| {
        for byte in [3, 4] {
            let key = [&[0, 10], b"validators".as_slice(), address(byte).as_bytes()].concat();
            let mut kv = ctx.kv_mut("staking");
            assert!(cosmwasm_std::Storage::get(&kv, &key).is_some());
            cosmwasm_std::Storage::set(&mut kv, &key, b"nothing that could be read");
        }
    });
    assert_eq!(bonded(&mut chain), [address(2)]);
}
