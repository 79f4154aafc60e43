//! The flags of every transaction command (SDK v0.50 `client/flags`), read and checked.

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches};
use openledger_core::{Address, Coins};
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;

use super::super::settings::{keyring_flags, node_flag, output_flag};
use super::fees;

/// The gas of a transaction where `--gas` does not say, as the SDK's.
pub const DEFAULT_GAS: u64 = 200_000;

/// What the flags say.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name or address of the signer.
    pub from: Option<String>,
    /// `--account-number`.
    pub account_number: Option<u64>,
    /// `--sequence`.
    pub sequence: Option<u64>,
    /// The memo.
    pub note: String,
    /// The last height whose block may hold it; 0 for any.
    pub timeout_height: u64,
    /// The gas limit; `None`: estimate it.
    pub gas: Option<u64>,
    /// What an estimate is multiplied with.
    pub gas_adjustment: f64,
    /// `--fees`.
    pub fees: Option<Coins>,
    /// `--gas-prices`, read when the gas is known.
    pub gas_prices: Option<String>,
    /// Who pays in the place of the first signer.
    pub fee_payer: Option<Address>,
    /// Whose grant pays.
    pub fee_granter: Option<Address>,
    /// The mode of signing; `None`: the usual one.
    pub sign_mode: Option<SignMode>,
    /// Ask no node.
    pub offline: bool,
    /// Print the transaction, unsigned.
    pub generate_only: bool,
    /// Estimate the gas and do nothing.
    pub dry_run: bool,
    /// Do not ask.
    pub yes: bool,
    /// Where the result goes.
    pub output_document: Option<PathBuf>,
}

/// The flags of every command of `tx`.
pub fn flags() -> Vec<Arg> {
    let arg = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).global(true).value_name(value).help(help)
    };
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).global(true).action(ArgAction::SetTrue).help(help)
    };
    let refused = |name: &'static str| switch(name, "Not supported").hide(true);
    let signing = [
        arg("from", "NAME_OR_ADDRESS", "The key that signs"),
        arg("chain-id", "ID", "The chain [default: that of config/client.toml, else the node's]"),
        arg("account-number", "NUMBER", "The account's number; with --offline").short('a'),
        arg("sequence", "NUMBER", "The account's sequence; with --offline").short('s'),
        arg(
            "sign-mode",
            "MODE",
            "How it is signed: direct, or amino-json as Ledger devices and multisigs do [default: direct]",
        )
        .value_parser(["direct", "amino-json", "direct-aux", "textual", "eip-191"])
        .hide_possible_values(true),
    ];
    let fee = [
        arg("gas", "GAS", "The gas limit, or auto to estimate it [default: 200000]"),
        arg("gas-adjustment", "FACTOR", "With --gas auto: what the estimate is multiplied with [default: 1.3]"),
        arg("fees", "COINS", "The fee, e.g. 1000aopen").conflicts_with("gas-prices"),
        arg("gas-prices", "PRICES", "The fee by gas, e.g. 0.025aopen"),
        arg("fee-payer", "ADDRESS", "Who pays the fee and signs too [default: the first signer]"),
        arg("fee-granter", "ADDRESS", "Whose grant pays the fee"),
    ];
    let what = [
        arg("note", "TEXT", "A note that goes with it"),
        arg("timeout-height", "HEIGHT", "The last block that may hold it; 0 for any [default: 0]"),
    ];
    let how = [
        switch("generate-only", "Print the transaction, unsigned, and do nothing else"),
        switch("offline", "Ask no node; needs --chain-id, --account-number and --sequence"),
        switch("dry-run", "Print the gas that it would use, and do nothing else"),
        switch("yes", "Do not ask before it is sent").short('y'),
        arg(
            "broadcast-mode",
            "MODE",
            "sync: wait for the node's check; async: do not [default: that of config/client.toml]",
        )
        .short('b')
        .value_parser(["sync", "async"]),
        arg("output-document", "FILE", "Write the signed or unsigned transaction to this file, not to standard output"),
        node_flag().global(true),
        output_flag().global(true),
    ];
    let all = signing
        .map(|flag| flag.help_heading("Signing"))
        .into_iter()
        .chain(keyring_flags().map(|flag| flag.global(true).help_heading("Signing")))
        .chain(fee.map(|flag| flag.help_heading("Gas and fee")))
        .chain(what)
        .chain(how)
        .chain([refused("ledger"), refused("aux"), refused("tip").action(ArgAction::Set)]);
    all.collect()
}

impl Options {
    /// Reads the flags.
    pub fn read(matches: &ArgMatches) -> Result<Self> {
        let text = |name: &str| matches.get_one::<String>(name);
        refuse(matches)?;
        let gas = match text("gas").map(String::as_str) {
            Some("auto") => None,
            Some(gas) => {
                let gas = gas.parse().with_context(|| format!("--gas {gas:?}: gas must be either integer or auto"))?;
                ensure!(gas > 0, "--gas 0: a transaction needs gas; 200000 is usual, auto estimates it");
                Some(gas)
            }
            None => Some(DEFAULT_GAS),
        };
        Ok(Self {
            from: text("from").cloned(),
            account_number: number(matches, "account-number")?,
            sequence: number(matches, "sequence")?,
            note: text("note").cloned().unwrap_or_default(),
            timeout_height: number(matches, "timeout-height")?.unwrap_or_default(),
            gas,
            gas_adjustment: fees::factor(text("gas-adjustment").map_or("1.3", String::as_str))?,
            fees: text("fees").map(|fees| fees.parse().with_context(|| format!("--fees {fees:?}"))).transpose()?,
            gas_prices: text("gas-prices").cloned(),
            fee_payer: address(matches, "fee-payer")?,
            fee_granter: address(matches, "fee-granter")?,
            sign_mode: sign_mode(text("sign-mode").map(String::as_str))?,
            offline: matches.get_flag("offline"),
            generate_only: matches.get_flag("generate-only"),
            dry_run: matches.get_flag("dry-run"),
            yes: matches.get_flag("yes"),
            output_document: text("output-document").map(PathBuf::from),
        })
    }

    /// The fee for so much gas.
    pub fn fee(&self, gas: u64) -> Result<Coins> {
        match (&self.fees, &self.gas_prices) {
            (Some(fees), _) => Ok(fees.clone()),
            (None, Some(prices)) => fees::of_prices(prices, gas).with_context(|| format!("--gas-prices {prices:?}")),
            (None, None) => Ok(Coins::default()),
        }
    }

    /// Account number and sequence where both are given; they must be with `--offline`.
    pub fn account(&self) -> Result<Option<(u64, u64)>> {
        match (self.account_number, self.sequence) {
            (Some(number), Some(sequence)) => Ok(Some((number, sequence))),
            _ if self.offline => bail!("account-number and sequence must be set in offline mode: -a NUMBER -s NUMBER"),
            _ => Ok(None),
        }
    }

    /// The signer's name or address.
    pub fn from(&self) -> Result<&str> {
        self.from.as_deref().context("--from names the key that signs")
    }
}

fn refuse(matches: &ArgMatches) -> Result<()> {
    ensure!(
        !matches.get_flag("ledger"),
        "--ledger: devices are not supported; sign with --sign-mode amino-json elsewhere"
    );
    ensure!(
        !matches.get_flag("aux"),
        "--aux: this command line does not sign so, though the chain takes it; use --fee-payer and amino-json"
    );
    ensure!(matches.get_one::<String>("tip").is_none(), "--tip: tips are not supported");
    Ok(())
}

fn sign_mode(mode: Option<&str>) -> Result<Option<SignMode>> {
    Ok(match mode {
        None => None,
        Some("direct") => Some(SignMode::Direct),
        Some("amino-json") => Some(SignMode::LegacyAminoJson),
        Some(other) => bail!(
            "--sign-mode {other}: this command line does not sign so; choose direct or amino-json{}",
            if other == "direct-aux" {
                " (the chain takes SIGN_MODE_DIRECT_AUX, from wallets that make it)"
            } else {
                ""
            }
        ),
    })
}

fn number(matches: &ArgMatches, name: &str) -> Result<Option<u64>> {
    let text = matches.get_one::<String>(name);
    text.map(|text| text.parse().with_context(|| format!("--{name} {text:?} is no number"))).transpose()
}

fn address(matches: &ArgMatches, name: &str) -> Result<Option<Address>> {
    let text = matches.get_one::<String>(name);
    text.map(|text| text.parse().with_context(|| format!("--{name} {text:?}"))).transpose()
}
