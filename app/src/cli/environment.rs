//! Every flag as an environment variable, as the SDK's viper has it: `--keyring-backend` is `OPENLEDGERD_KEYRING_BACKEND`,
//! `--grpc.address` is `OPENLEDGERD_GRPC_ADDRESS`. A flag that is given wins.
//!
//! The flags of generated verbs (`query MODULE QUERY`, `tx MODULE MESSAGE`) that stand for a request's fields are left out: a variable
//! `OPENLEDGERD_NAME` should not change a message.

use clap::{Arg, Command};

use super::auto;

/// Gives each flag its variable.
pub fn with_variables(command: Command) -> Command {
    let path = command.get_name().to_string();
    of(command, &path)
}

fn of(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_string()).collect();
    let mut command = command.mut_args(variable);
    for name in names {
        let inside = format!("{path} {name}");
        let parent = path.rsplit(' ').next().unwrap_or_default();
        if matches!(parent, "query" | "tx") && auto::is_verb(&name) {
            continue;
        }
        command = command.mut_subcommand(name, |verb| of(verb, &inside));
    }
    command
}

fn variable(arg: Arg) -> Arg {
    let arg = arg.hide_env(true);
    let Some(long) = arg.get_long().filter(|_| arg.get_env().is_none()) else { return arg };
    let name = format!("OPENLEDGERD_{}", long.to_uppercase().replace(['-', '.'], "_"));
    arg.env(name)
}
