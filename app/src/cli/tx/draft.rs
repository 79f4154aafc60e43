//! `tx gov draft-proposal`: a proposal's files to begin with, by questions and answers (SDK v0.50 `x/gov/client/cli/prompt.go`), or,
//! where the message is named, without any.
//!
//! Of a module's `MsgUpdateParams` the draft has the parameters of now. Off a terminal each answer is the next line of standard input,
//! and one that is wrong ends the command.

use std::path::Path;

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use openledger_client::prompt;
use openledger_proto::walker;
use serde_json::{json, Map, Value};

use super::super::auto;
use super::super::output::line;
use super::factory::Factory;
use super::questions::{empty_metadata, template, Ask};

pub(super) const DRAFT: &str = "draft_proposal.json";
pub(super) const DRAFT_METADATA: &str = "draft_metadata.json";
/// The metadata lie where whoever proposes puts them.
const PLACE: &str = "ipfs://CID";

/// The verb.
pub fn command() -> Command {
    Command::new("draft-proposal")
        .about("Writes the draft of a proposal, to be completed and submitted")
        .arg(Arg::new("message").value_name("MESSAGE").help(
            "What shall be executed; nothing is asked then, and of a module's MsgUpdateParams the draft has the parameters of now",
        ))
        .arg(
            Arg::new("skip-metadata")
                .long("skip-metadata")
                .action(ArgAction::SetTrue)
                .help("Ask for no metadata but title and summary, and write none"),
        )
        .after_help(format!(
            "Writes {DRAFT} and {DRAFT_METADATA} into the current folder. Without a message it asks what is proposed; off a terminal \
             the answers are lines of standard input.\n\nExample:\n  openledgerd tx gov draft-proposal\n  openledgerd tx gov \
             draft-proposal openledger.attribution.v1.MsgUpdateParams\n  openledgerd tx gov submit-proposal {DRAFT} --from alice"
        ))
}

/// Writes the draft.
pub async fn draft(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let skip = matches.get_flag("skip-metadata");
    let made = if let Some(name) = matches.get_one::<String>("message") {
        let name = name.trim_start_matches('/');
        Draft {
            metadata: empty_metadata(),
            deposit: "10000000000000000000aopen".into(),
            message: Some(of_now(factory, name).await?),
        }
    } else {
        let mut ask = Ask { line: &mut prompt::line, again: prompt::is_terminal() };
        let name = ask.kind()?;
        let message = match &name {
            Some(name) => Some((name.clone(), of_now(factory, name).await?)),
            None => None,
        };
        ask.draft(message, skip)?
    };
    made.write(Path::new(""), skip)?;
    let metadata =
        if skip { "" } else { ", put the metadata of draft_metadata.json where others find them, say in it where" };
    line(&format!("The draft proposal has successfully been generated: complete {DRAFT}{metadata}, and submit it"))
}

/// What was made.
pub struct Draft {
    /// More about it than the chain keeps, title and summary among it.
    pub metadata: Map<String, Value>,
    /// The deposit, as it was written.
    pub deposit: String,
    /// What shall be executed; nothing for a text.
    pub message: Option<Value>,
}

impl Draft {
    /// A text has no messages at all, as `simd` writes it.
    pub fn proposal(&self) -> Value {
        let of = |name: &str| self.metadata.get(name).cloned().unwrap_or_default();
        let mut proposal = Map::new();
        proposal.extend(self.message.iter().map(|message| ("messages".into(), json!([message]))));
        let rest = [
            ("metadata", PLACE.into()),
            ("deposit", self.deposit.clone().into()),
            ("title", of("title")),
            ("summary", of("summary")),
            ("expedited", false.into()),
        ];
        proposal.extend(rest.map(|(name, value)| (name.to_string(), value)));
        Value::Object(proposal)
    }

    /// Writes the files.
    pub fn write(&self, folder: &Path, skip_metadata: bool) -> Result<()> {
        let write = |name: &str, value: &Value| {
            let text = serde_json::to_string_pretty(value)?;
            std::fs::write(folder.join(name), text).with_context(|| name.to_string())
        };
        write(DRAFT, &self.proposal())?;
        if skip_metadata {
            return Ok(());
        }
        write(DRAFT_METADATA, &Value::Object(self.metadata.clone()))
    }
}

/// A message as it is by default, of the governance account, with the parameters of now where it has a module's.
async fn of_now(factory: &Factory<'_>, name: &str) -> Result<Value> {
    let mut message = template(name)?;
    if let Some(package) = name.strip_suffix(".MsgUpdateParams").filter(|_| !factory.options.offline) {
        put_params(&mut message, params_of(factory, package).await?);
    }
    Ok(message)
}

/// Parameters in their place: consensus has them in the message itself.
fn put_params(message: &mut Value, params: Value) {
    if let Some(place) = message.get_mut("params") {
        *place = params;
        return;
    }
    for (name, value) in params.as_object().into_iter().flatten() {
        if let Some(place) = message.get_mut(name) {
            *place = value.clone();
        }
    }
}

/// A module's parameters as they are, so that whoever changes one keeps the others.
async fn params_of(factory: &Factory<'_>, package: &str) -> Result<Value> {
    // The parts of IBC core call it ClientParams and the like.
    let methods = || auto::methods(package, "Query").iter();
    let method = methods().find(|method| method.name == "Params");
    let method = method.or_else(|| methods().find(|method| method.name.ends_with("Params")));
    let method = method.with_context(|| format!("{package} has no query for its parameters"))?;
    let path = format!("/{package}.Query/{}", method.name);
    let answer = factory.settings.rpc().abci_query(&path, &[], 0, false).await?;
    ensure!(answer.code == 0, "the parameters of {package}: {}", answer.log);
    let answer = walker::to_json(&method.output, &answer.value)?;
    Ok(answer.get("params").cloned().unwrap_or(Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_go_where_their_message_has_them() {
        let mut of_mint = template("cosmos.mint.v1beta1.MsgUpdateParams").unwrap();
        put_params(&mut of_mint, json!({"mint_denom": "aopen"}));
        assert_eq!(of_mint["params"]["mint_denom"], "aopen");
        let name = "cosmos.consensus.v1.MsgUpdateParams";
        let mut of_consensus = template(name).unwrap();
        put_params(&mut of_consensus, json!({"block": {"max_bytes": "9", "max_gas": "-1"}, "version": {"app": "1"}}));
        assert_eq!(of_consensus["block"]["max_bytes"], "9");
        let mut fields = of_consensus.as_object().cloned().unwrap();
        fields.shift_remove("@type");
        walker::from_json(name, &Value::Object(fields)).unwrap();
    }
}
