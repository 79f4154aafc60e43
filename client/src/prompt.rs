//! Questions to whoever runs a command: on a terminal, passphrases without echo; otherwise the next line of standard input.
//!
//! Questions go to standard error, so that standard output holds results alone. As the SDK's `client/input`.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::{Error, Result};

/// The shortest passphrase that is taken (SDK `input.MinPassLength`), in bytes.
pub const MIN_PASSPHRASE: usize = 8;

/// Whether somebody sits there.
pub fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// An answer in the open, without the space around it.
pub fn line(question: &str) -> Result<String> {
    if is_terminal() {
        ask(&format!("> {question}\n"))?;
    }
    read(question)
}

/// A passphrase of any length.
pub fn secret(question: &str) -> Result<String> {
    if !is_terminal() {
        return read(question);
    }
    ask(question)?;
    rpassword::read_password().map_err(|error| fault(question, error))
}

/// A new passphrase, twice where `repeat` says so; too short ones are refused.
pub fn new_secret(question: &str, repeat: Option<&str>) -> Result<String> {
    let passphrase = secret(question)?;
    if passphrase.len() < MIN_PASSPHRASE {
        return Err(Error::Input(format!("password must be at least {MIN_PASSPHRASE} characters")));
    }
    match repeat {
        Some(again) if secret(again)? != passphrase => Err(Error::Input("passphrases do not match".into())),
        _ => Ok(passphrase),
    }
}

/// Yes or no; everything but `y` and `yes` is no.
pub fn confirm(question: &str) -> Result<bool> {
    if is_terminal() {
        ask(&format!("{question} [y/N]: "))?;
    }
    Ok(matches!(read(question)?.to_lowercase().as_str(), "y" | "yes"))
}

fn ask(question: &str) -> Result<()> {
    let mut out = io::stderr();
    write!(out, "{question}").and_then(|()| out.flush()).map_err(|error| fault(question, error))
}

fn read(question: &str) -> Result<String> {
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => Err(fault(question, "standard input ended; give the answer there, on a line of its own")),
        Ok(_) => Ok(line.trim().to_string()),
        Err(error) => Err(fault(question, error)),
    }
}

fn fault(question: &str, what: impl std::fmt::Display) -> Error {
    Error::Input(format!("{question:?}: {what}"))
}
