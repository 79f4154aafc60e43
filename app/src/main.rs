//! `openledgerd`: the chain as one program. Everything is in the library; see `app/src/cli/mod.rs` for the verbs.

use std::process::ExitCode;

fn main() -> ExitCode {
    openledger_app::cli::main()
}
