//! Genesis: parameters, the pool, who is owed what and from when on.
//!
//! Source: SDK v0.50 `x/distribution/keeper/genesis.go`. It comes before staking's, whose new validators then begin their periods by the
//! hooks; those of an exported chain are here.

use cosmwasm_std::Order;
use openledger_core::address::{VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::{Address, Context, DecCoins, Result};
use openledger_proto::cosmos::distribution::v1beta1::{
    DelegatorStartingInfoRecord, DelegatorWithdrawInfo, FeePool, GenesisState, ValidatorAccumulatedCommission,
    ValidatorAccumulatedCommissionRecord, ValidatorCurrentRewardsRecord, ValidatorHistoricalRewardsRecord,
    ValidatorOutstandingRewardsRecord, ValidatorSlashEventRecord,
};

use crate::genesis_read::{read, refusal, Checked};
use crate::keeper::Distribution;
use crate::params::Params;
use crate::state::{COMMISSIONS, CURRENT, HISTORICAL, OUTSTANDING, SLASHES, STARTING, STORE, WITHDRAW_ADDRESSES};
use crate::NAME;

/// The parameters' defaults, and nothing to pay.
pub(crate) fn default() -> GenesisState {
    GenesisState {
        params: Some(Params::default().to_proto()),
        fee_pool: Some(FeePool::default()),
        ..GenesisState::default()
    }
}

/// Takes a genesis over; the module's account must hold what the records say.
pub(crate) fn init(keeper: &Distribution, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let checked = read(genesis)?;
    keeper.set_params(ctx, &checked.params)?;
    keeper.set_pool(ctx, &checked.pool)?;
    keeper.set_previous_proposer(ctx, checked.previous_proposer.clone())?;
    write(ctx, &checked)?;
    let mut holdings = checked.pool;
    for (_, outstanding) in &checked.outstanding {
        holdings = holdings.add(outstanding)?;
    }
    let (holdings, _) = holdings.truncate()?;
    let account = keeper.auth.ensure_module(ctx, NAME)?.address;
    let balances = keeper.bank.balances(ctx, &account)?;
    if balances != holdings {
        let text = format!("distribution module balance does not match the module holdings: {balances} <-> {holdings}");
        return Err(refusal(text).into());
    }
    Ok(())
}

fn write(ctx: &mut Context, checked: &Checked) -> Result<()> {
    let mut kv = ctx.kv_mut(STORE);
    for (delegator, to) in &checked.withdraw_addresses {
        WITHDRAW_ADDRESSES.save(&mut kv, delegator.as_bytes(), to)?;
    }
    for (operator, coins) in &checked.outstanding {
        OUTSTANDING.save(&mut kv, operator.as_bytes(), coins)?;
    }
    for (operator, coins) in &checked.commissions {
        COMMISSIONS.save(&mut kv, operator.as_bytes(), coins)?;
    }
    for (operator, period, historical) in &checked.historical {
        HISTORICAL.save(&mut kv, (operator.as_bytes(), *period), historical)?;
    }
    for (operator, current) in &checked.current {
        CURRENT.save(&mut kv, operator.as_bytes(), current)?;
    }
    for (operator, delegator, info) in &checked.starting {
        STARTING.save(&mut kv, (operator.as_bytes(), delegator.as_bytes()), info)?;
    }
    for (operator, height, slash) in &checked.slashes {
        SLASHES.save(&mut kv, (operator.as_bytes(), *height, slash.period), slash)?;
    }
    Ok(())
}

/// The state as a genesis, each kind of record in order of its keys.
pub(crate) fn export(keeper: &Distribution, ctx: &Context) -> Result<GenesisState> {
    let proposer = keeper.previous_proposer(ctx)?;
    let previous_proposer = match proposer.as_slice() {
        [] => String::new(),
        bytes => Address::new(bytes)?.to_bech32(VALCONS_PREFIX),
    };
    Ok(GenesisState {
        params: Some(keeper.params(ctx)?.to_proto()),
        fee_pool: Some(FeePool { community_pool: keeper.community_pool(ctx)?.to_proto() }),
        previous_proposer,
        ..records(ctx)?
    })
}

fn records(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let mut genesis = GenesisState::default();
    for entry in WITHDRAW_ADDRESSES.range(&*kv, None, None, Order::Ascending) {
        let (delegator, to) = entry?;
        let delegator_address = Address::new(delegator)?.to_string();
        let info = DelegatorWithdrawInfo { delegator_address, withdraw_address: to.to_string() };
        genesis.delegator_withdraw_infos.push(info);
    }
    for (validator_address, coins) in each_outstanding(ctx)? {
        let (validator_address, outstanding_rewards) = (text(validator_address.as_bytes())?, coins.to_proto());
        let record = ValidatorOutstandingRewardsRecord { validator_address, outstanding_rewards };
        genesis.outstanding_rewards.push(record);
    }
    for entry in COMMISSIONS.range(&*kv, None, None, Order::Ascending) {
        let (operator, coins) = entry?;
        let accumulated = Some(ValidatorAccumulatedCommission { commission: coins.to_proto() });
        let record = ValidatorAccumulatedCommissionRecord { validator_address: text(&operator)?, accumulated };
        genesis.validator_accumulated_commissions.push(record);
    }
    for entry in HISTORICAL.range(&*kv, None, None, Order::Ascending) {
        let ((operator, period), historical) = entry?;
        let (validator_address, rewards) = (text(&operator)?, Some(historical.to_proto()));
        let record = ValidatorHistoricalRewardsRecord { validator_address, period, rewards };
        genesis.validator_historical_rewards.push(record);
    }
    for entry in CURRENT.range(&*kv, None, None, Order::Ascending) {
        let (operator, current) = entry?;
        let (validator_address, rewards) = (text(&operator)?, Some(current.to_proto()));
        genesis.validator_current_rewards.push(ValidatorCurrentRewardsRecord { validator_address, rewards });
    }
    for entry in STARTING.range(&*kv, None, None, Order::Ascending) {
        let ((operator, delegator), info) = entry?;
        let delegator_address = Address::new(delegator)?.to_string();
        let (validator_address, starting_info) = (text(&operator)?, Some(info.to_proto()));
        let record = DelegatorStartingInfoRecord { delegator_address, validator_address, starting_info };
        genesis.delegator_starting_infos.push(record);
    }
    for entry in SLASHES.range(&*kv, None, None, Order::Ascending) {
        let ((operator, height, period), slash) = entry?;
        let (validator_address, event) = (text(&operator)?, Some(slash.to_proto()));
        let record = ValidatorSlashEventRecord { validator_address, height, period, validator_slash_event: event };
        genesis.validator_slash_events.push(record);
    }
    Ok(genesis)
}

/// What is outstanding, by operator.
pub(crate) fn each_outstanding(ctx: &Context) -> Result<Vec<(Address, DecCoins)>> {
    let kv = ctx.kv(STORE);
    let entries = OUTSTANDING.range(&*kv, None, None, Order::Ascending);
    entries
        .map(|entry| entry.map_err(Into::into).and_then(|(operator, coins)| Ok((Address::new(operator)?, coins))))
        .collect()
}

fn text(operator: &[u8]) -> Result<String> {
    Ok(Address::new(operator)?.to_bech32(VALOPER_PREFIX))
}
