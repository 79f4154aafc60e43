//! `tx distribution withdraw-rewards --commission` and `withdraw-all-rewards`: several messages in one transaction
//! (SDK v0.50 `x/distribution/client/cli`).

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_client::any;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::Address;
use openledger_proto::cosmos::distribution::v1beta1::{
    MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission, QueryDelegatorValidatorsRequest,
    QueryDelegatorValidatorsResponse,
};
use openledger_proto::Any;
use serde_json::Value;

use super::factory::Factory;
use super::flags::Options;
use super::required;

/// The message of `withdraw-rewards`.
pub const WITHDRAW: &str = "cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward";
/// The verb that no message stands for.
pub const ALL: &str = "withdraw-all-rewards";

/// Adds `--commission`.
pub fn extend(command: Command) -> Command {
    let commission = Arg::new("commission").long("commission").action(ArgAction::SetTrue);
    command.arg(commission.help("Withdraw the validator's commission, too; its operator alone may")).after_help(
        "Examples:\n  openledgerd tx distribution withdraw-rewards openvaloper1… --from alice\n  \
             openledgerd tx distribution withdraw-rewards openvaloper1… --commission --from operator",
    )
}

/// `withdraw-all-rewards`.
pub fn all_command() -> Command {
    Command::new(ALL)
        .about("Takes the rewards of all delegations of the signer")
        .arg(
            Arg::new("max-msgs")
                .long("max-msgs")
                .value_name("COUNT")
                .default_value("0")
                .help("How many validators a transaction is for, in several transactions; 0 for all in one"),
        )
        .after_help("Example:\n  openledgerd tx distribution withdraw-all-rewards --gas auto --from alice")
}

/// What `--commission` adds to a withdrawal of rewards.
pub fn commission(
    options: &Options,
    input: &str,
    matches: &ArgMatches,
    (request, signer): (&Value, &Address),
) -> Result<Option<Any>> {
    if input != WITHDRAW || !matches.get_flag("commission") {
        return Ok(None);
    }
    let validator = request["validator_address"].as_str().context("name the validator")?;
    // What is not sent from here may be signed by both.
    let own = signer.to_bech32(VALOPER_PREFIX);
    ensure!(
        options.generate_only || own == validator,
        "--commission: {validator} is not the validator of {signer}, which would be {own}"
    );
    Ok(Some(any(&MsgWithdrawValidatorCommission { validator_address: validator.into() })))
}

/// Asks the node where there are rewards, and withdraws them.
pub async fn withdraw_all(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let options = &factory.options;
    ensure!(!options.offline, "cannot generate tx in offline mode: the node says to whom the signer delegates");
    let most = required(matches, "max-msgs")?;
    let most: usize = most.parse().with_context(|| format!("--max-msgs {most:?} is no number"))?;
    let signer = factory.signer(options.from()?)?;
    let request = QueryDelegatorValidatorsRequest { delegator_address: signer.0.to_string() };
    let path = "/cosmos.distribution.v1beta1.Query/DelegatorValidators";
    let answer: QueryDelegatorValidatorsResponse = factory.rpc.query(path, &request).await?;
    let messages = withdrawals(&signer.0, answer.validators, most);
    ensure!(!messages.is_empty(), "{} delegates to no validator: there are no rewards to withdraw", signer.0);
    if messages.len() == 1 || options.generate_only || options.dry_run {
        for messages in messages {
            factory.send(messages, signer.clone()).await?;
        }
        return Ok(());
    }
    // The chain's sequence goes on with its blocks alone.
    let (number, first) = factory.account(&signer.0).await?;
    for (messages, sequence) in messages.into_iter().zip(first..) {
        let options = Options { account_number: Some(number), sequence: Some(sequence), ..options.clone() };
        Factory::new(factory.settings, options).send(messages, signer.clone()).await?;
    }
    Ok(())
}

/// The messages of each transaction, at most so many; 0 for all in one.
fn withdrawals(delegator: &Address, validators: Vec<String>, most: usize) -> Vec<Vec<Any>> {
    let withdraw = |validator_address| {
        any(&MsgWithdrawDelegatorReward { delegator_address: delegator.to_string(), validator_address })
    };
    let messages: Vec<Any> = validators.into_iter().map(withdraw).collect();
    let most = if most == 0 { messages.len().max(1) } else { most };
    messages.chunks(most).map(<[Any]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use openledger_proto::Message;

    use super::*;

    #[test]
    fn rewards_of_all_validators_are_withdrawn_in_one_transaction_or_in_as_many_as_are_asked_for() {
        let delegator = Address::module("delegator");
        let counts = |most| -> Vec<usize> {
            let validators = ["a", "b", "c", "d", "e"].map(String::from).to_vec();
            withdrawals(&delegator, validators, most).iter().map(Vec::len).collect()
        };
        assert_eq!(counts(0), [5]);
        assert_eq!(counts(2), [2, 2, 1]);
        assert!(withdrawals(&delegator, Vec::new(), 0).is_empty());
        let all = withdrawals(&delegator, vec!["openvaloper1x".into()], 0);
        assert_eq!(all[0][0].type_url, format!("/{WITHDRAW}"));
        let message = MsgWithdrawDelegatorReward::decode(all[0][0].value.as_slice()).unwrap();
        assert_eq!(
            (message.delegator_address, message.validator_address.as_str()),
            (delegator.to_string(), "openvaloper1x")
        );
    }
}
