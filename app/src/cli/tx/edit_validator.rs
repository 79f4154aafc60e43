//! `tx staking edit-validator` in the form that `simd` has (SDK v0.50 `x/staking/client/cli`): a flag for each text, and what is not named
//! stays as it is.

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgMatches, Command};
use openledger_staking::DO_NOT_MODIFY;
use serde_json::{json, Value};

use super::super::auto;

/// The message.
pub const EDIT_VALIDATOR: &str = "cosmos.staking.v1beta1.MsgEditValidator";

/// Fields of a description by both of their names in JSON, with their flags and what these are for.
const TEXTS: [(&str, &str, &str, &str); 5] = [
    ("moniker", "moniker", "new-moniker", "Its name"),
    ("identity", "identity", "identity", "A signature of its identity, e.g. of Keybase"),
    ("website", "website", "website", "Where to read more"),
    ("security_contact", "securityContact", "security-contact", "Whom to tell of a fault"),
    ("details", "details", "details", "Anything else"),
];

/// Adds a flag for each text.
pub fn extend(command: Command) -> Command {
    let text = |flag: &'static str, help: &'static str| {
        let arg = Arg::new(flag).long(flag).value_name("TEXT").allow_hyphen_values(true);
        arg.help(help).help_heading("Description, where it changes")
    };
    let command = TEXTS.iter().fold(command, |command, (_, _, flag, help)| command.arg(text(flag, help)));
    command.override_usage("openledgerd tx staking edit-validator [OPTIONS]").after_help(HELP)
}

const HELP: &str = r#"What is not named stays as it is. Texts may be given together as JSON, too; an empty text removes what was there.

Examples:
  openledgerd tx staking edit-validator --commission-rate 0.12 --from operator
  openledgerd tx staking edit-validator --new-moniker my-node --website https://example.org --from operator
  openledgerd tx staking edit-validator --description '{"moniker": "my-node", "details": ""}' --from operator"#;

/// The message that a command line gives, without its signer.
pub fn request(matches: &ArgMatches) -> Result<Value> {
    let mut request = auto::request(EDIT_VALIDATOR, matches, &[("validator_address", Value::Null)])?;
    let mut description = match request["description"].take() {
        Value::Null => json!({}),
        given => given,
    };
    let texts = description.as_object_mut().context("--description: write JSON, e.g. {\"moniker\": \"my-node\"}")?;
    for (name, other_name, flag, _) in TEXTS {
        let in_json = texts.contains_key(name) || texts.contains_key(other_name);
        match matches.get_one::<String>(flag) {
            Some(text) => {
                ensure!(!in_json, "--{flag}: the description names it, too");
                texts.insert(name.into(), text.as_str().into());
            }
            None if in_json => {}
            None => drop(texts.insert(name.into(), DO_NOT_MODIFY.into())),
        }
    }
    request["description"] = description;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use openledger_proto::walker;

    use super::*;

    fn read(line: &str) -> Result<Value> {
        let mut methods = auto::methods("cosmos.staking.v1beta1", "Msg").iter();
        let method = methods.find(|method| method.input == EDIT_VALIDATOR).unwrap();
        let command = auto::verb("tx x", "cosmos.staking.v1beta1", "Msg", method, &["validator_address"]).unwrap();
        let words = line.split(' ').filter(|word| !word.is_empty());
        let mut made = request(&extend(command).try_get_matches_from(std::iter::once("x").chain(words))?)?;
        made["validator_address"] = "openvaloper1x".into();
        let bytes = walker::from_json(EDIT_VALIDATOR, &made)?;
        Ok(walker::to_json(EDIT_VALIDATOR, &bytes)?)
    }

    #[test]
    fn what_an_edit_does_not_name_stays_as_it_is() {
        let kept = "[do-not-modify]";
        let made = read("--commission-rate 0.12").unwrap();
        assert_eq!(made["commission_rate"], "0.120000000000000000");
        assert_eq!(made["min_self_delegation"], Value::Null);
        for (name, _, _, _) in TEXTS {
            assert_eq!(made["description"][name], kept, "{name}");
        }
        let made = read("--new-moniker x --security-contact - --min-self-delegation 5").unwrap();
        let want = json!({"moniker": "x", "identity": kept, "website": kept, "security_contact": "-", "details": kept});
        assert_eq!((&made["description"], &made["commission_rate"]), (&want, &Value::Null));
        assert_eq!(made["min_self_delegation"], "5");
        // As JSON, in either form of a field's name; an empty text is one.
        let want = json!({"moniker": "y", "identity": "", "website": "w", "security_contact": "s", "details": kept});
        let line = r#"--description {"moniker":"y","identity":"","securityContact":"s"} --website w"#;
        assert_eq!(read(line).unwrap()["description"], want);
    }

    #[test]
    fn an_edit_that_names_a_text_twice_or_none_that_there_is_is_refused() {
        for (line, text) in [
            (r#"--description {"moniker":"y"} --new-moniker x"#, "the description names it"),
            (r#"--description {"monicker":"y"}"#, "monicker"),
            (r#"--description "y""#, "write JSON"),
            ("--commission-rate much", "commission_rate"),
        ] {
            let error = format!("{:#}", read(line).unwrap_err());
            assert!(error.contains(text), "{line}: {error}");
        }
    }
}
