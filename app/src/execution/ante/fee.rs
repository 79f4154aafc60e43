//! The fee goes to the fee collector, from the payer or from a granter who allowed it (SDK `DeductFeeDecorator`, `checkTxFeeWithValidatorMinGasPrices`).

use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_core::{Address, Coins, Context, Error, Event, Mode, Result, SdkError};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

use super::{Ante, Tx};

pub(super) fn deduct(ante: &Ante, ctx: &mut Context, tx: &Tx) -> Result<()> {
    let mode = ctx.mode();
    let fee = tx.auth_info.fee.as_ref();
    let coins = read(fee.map_or(&[], |fee| &fee.amount))?;
    // A node's own prices decide what it lets in and gossips, never what a block may hold.
    if matches!(mode, Mode::Check | Mode::Recheck) {
        ante.config.min_gas_prices.admit(&coins, tx.gas_limit())?;
    }
    let granter = fee.map(|fee| fee.granter.as_str()).filter(|granter| !granter.is_empty());
    let granter = granter.map(|granter| use_grant(ante, ctx, tx, granter, &coins)).transpose()?;
    let payer = granter.as_ref().unwrap_or(&tx.fee_payer);
    if !ante.auth.has_account(ctx, payer) {
        return Err(SdkError::UnknownAddress(format!("fee payer address: {payer} does not exist")).into());
    }
    if !coins.is_empty() {
        let collector = Address::module(FEE_COLLECTOR);
        let paid = ante.bank.send(ctx, payer, &collector, &coins);
        paid.map_err(|error| SdkError::InsufficientFunds(error.to_string()))?;
    }
    if ctx.tells_events() {
        ctx.emit(Event::new("tx").attr("fee", &coins).attr("fee_payer", payer));
    }
    Ok(())
}

/// Takes the fee off what the named granter allows the payer; its address. Nobody needs an allowance from themselves.
fn use_grant(ante: &Ante, ctx: &mut Context, tx: &Tx, granter: &str, fee: &Coins) -> Result<Address> {
    let granter: Address =
        granter.parse().map_err(|error| SdkError::InvalidAddress(format!("invalid fee granter address ({error})")))?;
    let payer = &tx.fee_payer;
    if granter != *payer {
        let messages: Vec<&str> = tx.messages.iter().map(|message| message.type_url.as_str()).collect();
        let used = ante.feegrants.use_granted_fees(ctx, &granter, payer, fee, &messages);
        used.map_err(|error| Error {
            message: format!("{granter} does not allow to pay fees for {payer}: {error}"),
            ..error
        })?;
    }
    Ok(granter)
}

/// The coins of a fee; coins that are all zero are no fee.
fn read(amount: &[ProtoCoin]) -> Result<Coins, SdkError> {
    if amount.iter().all(|coin| coin.amount == "0") {
        return Ok(Coins::default());
    }
    Coins::from_proto(amount).map_err(|error| SdkError::InsufficientFee(format!("invalid fee amount: {error}")))
}
