//! `tx`: every message of every module, and what is done with transactions in files (SDK v0.50 `client/tx`, `x/auth/client/cli`).
//!
//! | file | what |
//! | --- | --- |
//! | `flags.rs`, `fees.rs` | the flags of every command; gas and fees |
//! | `message.rs` | a message from a command line |
//! | `commit.rs`, `promises.rs` | commits, and what opens them, kept until then |
//! | `ibc_transfer.rs` | tokens to other chains |
//! | `proposal.rs`, `draft.rs`, `questions.rs` | proposals from files and flags; drafts of them by questions |
//! | `short.rs`, `authz.rs` | validators from files, allowances and authorizations from flags |
//! | `edit_validator.rs`, `periods.rs`, `rewards.rs` | edits of validators, periods from files, rewards of all validators |
//! | `factory.rs` | account, gas, fee, confirmation, broadcast |
//! | `signing.rs` | bytes to sign, signatures, multisigs of them |
//! | `document.rs` | transactions and signatures as JSON files |
//! | `sign.rs`, `multisign.rs`, `validate.rs`, `codec.rs` | the verbs on files |

mod authz;
mod codec;
mod commit;
pub(super) mod document;
mod draft;
mod edit_validator;
mod factory;
mod fees;
mod flags;
mod ibc_transfer;
mod message;
mod multisign;
mod periods;
mod promises;
mod proposal;
mod questions;
mod rewards;
mod short;
mod sign;
pub(super) mod signing;
mod validate;

use anyhow::{Context, Result};
use clap::{ArgMatches, Args, Command, FromArgMatches};

use self::factory::Factory;
use self::flags::Options;
use super::settings::{Flags, Settings};
use super::{auto, Global};

/// See the file's head.
pub struct Tx {
    matches: ArgMatches,
}

impl FromArgMatches for Tx {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { matches: matches.clone() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl Args for Tx {
    fn augment_args(command: Command) -> Command {
        let command = command.args(flags::flags()).subcommand_required(true).arg_required_else_help(true);
        let verbs = [sign::commands(), multisign::commands(), validate::commands(), codec::commands()];
        let command =
            command.subcommands(verbs.into_iter().flatten()).after_help(format!("{}\n\n{EXAMPLES}", auto::VALUES_HELP));
        command.subcommands(message::modules())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

const EXAMPLES: &str = "\
Examples:
  openledgerd tx bank send alice open1… 1000000aopen --gas auto --gas-prices 0.025aopen --yes
  # Signed elsewhere, by a machine without a network:
  openledgerd tx bank send open1… open1… 10aopen --generate-only > unsigned.json
  openledgerd tx sign unsigned.json --from alice --offline --chain-id my-chain-1 -a 7 -s 0 > signed.json
  openledgerd tx broadcast signed.json
  # By two of three:
  openledgerd tx sign unsigned.json --from alice --multisig board > alice.json
  openledgerd tx sign unsigned.json --from bob --multisig board > bob.json
  openledgerd tx multisign unsigned.json board alice.json bob.json > signed.json";

impl Tx {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let (verb, matches) = self.matches.subcommand().context("name a module or a verb")?;
        // The flags of all commands are read from the last: clap hands them down.
        let last = if message::is_module(verb) {
            auto::resolve(verb, matches)?.1.subcommand().context("name a message")?.1
        } else {
            matches
        };
        let settings = Settings::new(global, Flags::of(last))?;
        let factory = Factory::new(&settings, Options::read(last)?);
        tokio::runtime::Runtime::new()?.block_on(async {
            match verb {
                "sign" => sign::sign(&factory, matches).await,
                "sign-batch" => sign::sign_batch(&factory, matches).await,
                "multi-sign" => multisign::multisign(&factory, matches).await,
                "multisign-batch" => multisign::multisign_batch(&factory, matches).await,
                "validate-signatures" => validate::validate(&factory, matches).await,
                "broadcast" => codec::broadcast(&factory, matches).await,
                "encode" => codec::encode(matches),
                "decode" => codec::decode(&factory, matches),
                "simulate" => codec::simulate(&factory, matches).await,
                module => message::send(&factory, module, matches).await,
            }
        })
    }
}

/// The value of an argument that clap demands.
fn required<'a>(matches: &'a ArgMatches, name: &str) -> Result<&'a str> {
    matches.get_one::<String>(name).map(String::as_str).with_context(|| format!("{name} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_a_consistent_verb() {
        Tx::augment_args(Command::new("tx")).debug_assert();
    }
}
