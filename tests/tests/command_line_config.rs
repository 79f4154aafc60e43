//! `config`, `completion`, environment variables, and every help text.

use std::process::{Command, Stdio};

use anyhow::{ensure, Context, Result};
use openledger_tests::node::{openledgerd, Home};
use serde_json::Value;

#[test]
fn settings_are_read_and_changed_with_their_comments_kept() -> Result<()> {
    let home = Home::init("config-1")?;
    assert_eq!(home.succeed(&["config", "home"])?.trim(), home.path().to_str().context("a path")?);
    assert_eq!(home.succeed(&["config", "get", "client", "chain-id"])?.trim(), "\"config-1\"");
    let path = home.path().join("config/app.toml");
    let before = std::fs::read_to_string(&path)?;
    home.succeed(&["config", "set", "app", "minimum-gas-prices", "5aopen"])?;
    home.succeed(&["config", "set", "app", "grpc.enable", "false"])?;
    let after = std::fs::read_to_string(&path)?;
    assert_eq!(home.succeed(&["config", "get", "app", "grpc.enable"])?.trim(), "false");
    let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(comments(&before), comments(&after));
    let diff = home.succeed(&["config", "diff", "app"])?;
    assert!(diff.contains("minimum-gas-prices: \"5aopen\" (default \"0aopen\")"), "{diff}");
    assert_eq!(diff.lines().count(), 3, "{diff}");
    let view: Value = serde_json::from_str(&home.succeed(&["config", "view", "app", "--output-format", "json"])?)?;
    assert_eq!(view["minimum-gas-prices"], "5aopen");
    home.succeed(&["config", "set", "config", "p2p.max_num_inbound_peers", "80"])?;
    let shown = home.succeed(&["config", "set", "app", "halt-height", "9", "--stdout"])?;
    assert!(shown.contains("halt-height = 9") && home.succeed(&["config", "get", "app", "halt-height"])?.trim() == "0");
    Ok(())
}

#[test]
fn a_setting_that_would_not_be_read_is_refused_and_the_file_stays() -> Result<()> {
    let home = Home::init("config-2")?;
    for (line, part) in [
        (["app", "pruning", "some"], "some"),
        (["app", "halt-height", "soon"], "soon"),
        (["app", "grpc.enable", "1"], "boolean"),
        (["app", "grpc", "1"], "table"),
        (["app", "minimum-gas-price", "1"], "\"minimum-gas-price\" not found"),
        (["client", "output", "xml"], "xml"),
        (["client", "keyring-backend", "os"], "use file"),
        (["server", "x", "1"], "choose app, client or config"),
    ] {
        let error = home.fail(&[&["config", "set"], &line[..]].concat())?;
        assert!(error.contains(part), "{line:?}: {error}");
    }
    assert!(home.succeed(&["config", "diff", "app"])?.contains("same as the defaults"));
    Ok(())
}

#[test]
fn a_file_of_an_older_version_gets_what_it_lacks() -> Result<()> {
    let home = Home::init("config-3")?;
    let path = home.path().join("config/client.toml");
    std::fs::write(&path, "chain-id = \"mine\"\noutput = \"json\"\n")?;
    home.succeed(&["config", "migrate", "client"])?;
    let text = std::fs::read_to_string(&path)?;
    assert!(text.contains("chain-id = \"mine\"") && text.contains("broadcast-mode = \"sync\""), "{text}");
    std::fs::write(&path, "what-is-this = 1\n")?;
    assert!(home.fail(&["config", "migrate", "client"])?.contains("what-is-this"));
    Ok(())
}

#[test]
fn a_variable_stands_for_each_flag_and_a_flag_wins_over_it() -> Result<()> {
    let home = Home::empty()?;
    let run = |args: &[&str], variables: &[(&str, &str)]| -> Result<String> {
        let mut command = Command::new(openledgerd());
        command.args(args).env("OPENLEDGERD_HOME", home.path()).stdin(Stdio::null());
        let output = command.envs(variables.iter().copied()).output()?;
        Ok(format!("{}{}", String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
    };
    let refused = run(&["keys", "list"], &[("OPENLEDGERD_KEYRING_BACKEND", "os")])?;
    assert!(refused.contains("use file"), "{refused}");
    assert_eq!(run(&["keys", "list"], &[("OPENLEDGERD_OUTPUT", "json")])?, "[]\n");
    let both = [("OPENLEDGERD_OUTPUT", "json"), ("OPENLEDGERD_KEYRING_BACKEND", "os")];
    assert_eq!(run(&["keys", "list", "--keyring-backend", "test"], &both)?, "[]\n");
    let node = [("OPENLEDGERD_NODE", "tcp://127.0.0.1:2")];
    assert!(run(&["query", "bank", "params"], &node)?.contains("127.0.0.1:2"));
    Ok(())
}

#[test]
fn shells_complete_verbs_and_flags() -> Result<()> {
    let home = Home::empty()?;
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = home.succeed(&["completion", shell])?;
        assert!(script.contains("multisig-threshold") && script.contains("total-supply-of"), "{shell}");
    }
    assert!(home.fail(&["completion", "tcsh"])?.contains("bash"));
    Ok(())
}

/// The names of a help's subcommands.
fn verbs(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let names = list
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_string).collect()
}

fn walk(home: &Home, path: &[String], seen: &mut usize) -> Result<()> {
    let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let output = home.run(&args)?;
    ensure!(output.status.success(), "{args:?}");
    let help = String::from_utf8(output.stdout)?;
    *seen += 1;
    let verbs = verbs(&help);
    if verbs.is_empty() {
        let name = path.join(" ");
        ensure!(help.contains("Example"), "no example in: openledgerd {name} --help\n{help}");
        ensure!(help.lines().next().is_some_and(|line| line.len() > 8), "{name} says nothing of itself:\n{help}");
    }
    for verb in verbs {
        walk(home, &[path, &[verb]].concat(), seen)?;
    }
    Ok(())
}

#[test]
fn every_command_says_what_it_does_and_shows_an_example() -> Result<()> {
    let home = Home::empty()?;
    let mut seen = 0;
    walk(&home, &[], &mut seen)?;
    ensure!(seen > 150, "only {seen} commands were found");
    Ok(())
}
