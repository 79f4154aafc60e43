//! What `tx gov draft-proposal` asks, and what an answer has to be (SDK v0.50 `x/gov/client/cli/prompt.go`, `client/prompt_validation.go`).
//!
//! The questions and their order are `simd`'s. What it asks for and then forgets (64-bit numbers, enums, booleans) is kept here; what it
//! does not ask for (messages in the message, lists but of text, bytes) is for the file.

use anyhow::{anyhow, bail, ensure, Context, Result};
use openledger_core::address::{ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::{Address, Coins};
use openledger_proto::walker::schema::{Field, Kind, Label};
use openledger_proto::walker::{self, Method};
use serde_json::{json, Map, Value};

use super::super::auto;
use super::draft::Draft;
use super::message::is_handled;

const OTHER: &str = "other";
/// What is proposed most, and the message of each.
const KINDS: [(&str, &str); 5] = [
    ("text", ""),
    ("community-pool-spend", "cosmos.distribution.v1beta1.MsgCommunityPoolSpend"),
    ("software-upgrade", "cosmos.upgrade.v1beta1.MsgSoftwareUpgrade"),
    ("cancel-software-upgrade", "cosmos.upgrade.v1beta1.MsgCancelUpgrade"),
    (OTHER, ""),
];
/// The fields of a proposal's metadata (SDK `x/gov/types/metadata.go`).
const METADATA: [&str; 6] = ["title", "authors", "summary", "details", "proposal_forum_url", "vote_option_context"];
/// What the name of a field has in it whose text is an address, as the SDK tells.
const ADDRESSES: [&str; 7] = ["addr", "sender", "voter", "depositor", "granter", "grantee", "recipient"];

/// Who is asked.
pub struct Ask<'a> {
    /// Where the next answer comes from.
    pub line: &'a mut dyn FnMut(&str) -> openledger_client::Result<String>,
    /// Whether a wrong answer is asked for again: of a person, not of a file.
    pub again: bool,
}

impl Ask<'_> {
    /// An answer that is right.
    fn answer<T>(&mut self, question: &str, right: impl Fn(&str) -> Result<T>) -> Result<T> {
        loop {
            let answer = (self.line)(question)?;
            match right(&answer) {
                Err(error) if self.again => eprintln!("{error:#}"),
                right => return right.with_context(|| format!("{question}: {answer:?}")),
            }
        }
    }

    /// One of several, by name or by number.
    fn choice(&mut self, question: &str, names: &[String]) -> Result<usize> {
        if self.again {
            names.iter().zip(1u32..).for_each(|(name, number)| eprintln!("{number:4}  {name}"));
        }
        self.answer(question, |answer| {
            let wanted = answer.trim_start_matches('/');
            let by_number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let by_name = names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
            let chosen = by_name.or(by_number).filter(|index| *index < names.len());
            chosen.with_context(|| format!("choose one of {} by name or number", names.len()))
        })
    }

    /// What is proposed: a message, or `None` for a text.
    pub fn kind(&mut self) -> Result<Option<String>> {
        let names: Vec<String> = KINDS.iter().map(|(name, _)| (*name).to_string()).collect();
        let chosen = self.choice("Select proposal type", &names)?;
        let Some((name, message)) = KINDS.get(chosen) else { bail!("there is no such type") };
        if *name != OTHER {
            return Ok(Some((*message).to_string()).filter(|message| !message.is_empty()));
        }
        let messages = messages();
        let chosen = self.choice("Select proposal message type:", &messages)?;
        Ok(messages.get(chosen).cloned())
    }

    /// The proposal of a message, named and as it is by default.
    pub fn draft(&mut self, message: Option<(String, Value)>, skip_metadata: bool) -> Result<Draft> {
        let mut metadata = empty_metadata();
        for name in METADATA.into_iter().filter(|name| !skip_metadata || ["title", "summary"].contains(name)) {
            let text = self.answer(&format!("Enter proposal {}", words(name)), not_empty)?;
            metadata.insert(name.into(), one_or_list(name, &text));
        }
        let deposit = self.answer("Enter proposal deposit", |answer| {
            answer.parse::<Coins>().map_err(|error| anyhow!("invalid coins: {error}"))?;
            Ok(answer.to_string())
        })?;
        let message = match message {
            Some((name, template)) => Some(self.message(&name, template)?),
            None => None,
        };
        Ok(Draft { metadata, deposit, message })
    }

    fn message(&mut self, name: &str, mut message: Value) -> Result<Value> {
        let signer = signer(name)?;
        let gov = governance(signer);
        for field in auto::fields(auto::message(name)?).filter(|field| is_asked(field)) {
            let own = gov.as_deref().filter(|_| field.name == signer.name);
            let hint = own.map(|gov| format!(" [{gov}]")).unwrap_or_default();
            let question = format!("Enter msg {}{hint}", words(&field.name));
            let value = self.answer(&question, |answer| {
                let answer = own.filter(|_| answer.is_empty()).unwrap_or(answer);
                read(name, field, answer)
            })?;
            message[&field.name] = value;
        }
        Ok(message)
    }
}

/// Metadata that say nothing yet.
pub fn empty_metadata() -> Map<String, Value> {
    METADATA.map(|name| (name.to_string(), one_or_list(name, ""))).into_iter().collect()
}

/// Of the metadata the authors alone are a list; as in the SDK the answer is its one entry.
fn one_or_list(name: &str, text: &str) -> Value {
    if name == "authors" {
        json!([text])
    } else {
        text.into()
    }
}

/// A message as it is by default, of the governance account.
pub fn template(name: &str) -> Result<Value> {
    let mut message = walker::to_json(name, &[])?.as_object().cloned().unwrap_or_default();
    // The inputs of a MsgMultiSend sign it: those are for the file.
    if let Some(text) = governance(signer(name)?) {
        message.insert(signer(name)?.name.clone(), text.into());
    }
    let mut typed = Map::from_iter([("@type".to_string(), Value::from(format!("/{name}")))]);
    typed.extend(message);
    Ok(Value::Object(typed))
}

fn signer(name: &str) -> Result<&'static Field> {
    let schema = auto::message(name)?;
    let signer = schema.signers.as_deref().and_then(|signers| schema.fields.get(*signers.first()?));
    signer.with_context(|| format!("{name} is no message: it names no signer"))
}

/// The governance account as a field has it; `None` where that is no text.
fn governance(signer: &Field) -> Option<String> {
    let account = Address::module("gov");
    match (signer.kind, signer.scalar.as_str()) {
        (Kind::String, "cosmos.ValidatorAddressString") => Some(account.to_bech32(VALOPER_PREFIX)),
        (Kind::String, _) => Some(account.to_string()),
        _ => None,
    }
}

/// The messages that this chain takes, in order.
fn messages() -> Vec<String> {
    let methods = auto::MODULES.iter().flat_map(|module| auto::methods(module.package, "Msg"));
    let mut names: Vec<String> =
        methods.filter(|method: &&Method| is_handled(method)).map(|method| method.input.clone()).collect();
    names.sort_unstable();
    names
}

/// `proposal_forum_url` as `proposal forum url`.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn is_asked(field: &Field) -> bool {
    let is_text = field.kind == Kind::String;
    match field.label {
        Label::Map => false,
        Label::Repeated(_) => is_text,
        // Of a oneof one field stands, which a person chooses in the file.
        _ => field.oneof.is_none() && !matches!(field.kind, Kind::Bytes | Kind::Message(_)),
    }
}

/// A field's JSON from an answer; the one entry of a list, as in the SDK.
fn read(message: &str, field: &Field, answer: &str) -> Result<Value> {
    let is_address = field.scalar.ends_with("AddressString") || ADDRESSES.iter().any(|part| field.name.contains(part));
    if is_address || field.name == "authority" {
        check_address(answer)?;
    } else {
        not_empty(answer)?;
    }
    let value = match field.label {
        Label::Repeated(_) => json!([answer]),
        _ => auto::read(message, &field.name, answer)?,
    };
    // The walker knows numbers, their ranges, and the names of enums.
    walker::from_json(message, &json!({&field.name: &value}))?;
    Ok(value)
}

fn not_empty(answer: &str) -> Result<String> {
    ensure!(!answer.is_empty(), "input cannot be empty");
    Ok(answer.to_string())
}

/// As `client.ValidatePromptAddress`: of an account, an operator or a consensus key.
fn check_address(answer: &str) -> Result<()> {
    let tried = [ACCOUNT_PREFIX, VALOPER_PREFIX, VALCONS_PREFIX].map(|prefix| Address::from_bech32(answer, prefix));
    if tried.iter().any(Result::is_ok) {
        return Ok(());
    }
    bail!("invalid address: {answer:?} is none of {ACCOUNT_PREFIX}1…, {VALOPER_PREFIX}1… and {VALCONS_PREFIX}1…")
}

#[cfg(test)]
mod tests {
    use super::super::draft::{DRAFT, DRAFT_METADATA};
    use super::super::proposal;
    use super::*;

    /// The draft that these answers give, of which none is left, and the questions.
    fn asked(answers: &[&str], skip: bool, again: bool) -> Result<(Draft, Vec<String>)> {
        let (mut left, mut questions) = (answers.iter(), Vec::new());
        let mut line = |question: &str| {
            questions.push(question.to_string());
            let answer = left.next().map(|answer| (*answer).to_string());
            answer.ok_or_else(|| openledger_client::Error::Input("standard input ended".into()))
        };
        let mut ask = Ask { line: &mut line, again };
        let message = ask.kind()?.map(|name| (name.clone(), template(&name).unwrap()));
        let draft = ask.draft(message, skip)?;
        assert_eq!(left.next(), None);
        Ok((draft, questions))
    }

    fn refusal(answers: &[&str]) -> String {
        format!("{:#}", asked(answers, true, false).map(drop).unwrap_err())
    }

    /// The draft is a proposal that can be submitted.
    fn submitted(draft: &Draft) -> Value {
        let request = proposal::submit(&draft.proposal(), &Address::module("someone")).unwrap();
        let bytes = walker::from_json(proposal::SUBMIT, &request).unwrap();
        walker::to_json(proposal::SUBMIT, &bytes).unwrap()
    }

    #[test]
    fn a_text_is_asked_for_its_metadata_and_its_deposit_and_both_files_are_written() {
        let answers = ["text", "A title", "Ann, Bob", "Why", "More", "https://forum.org/1", "Yes: so", "10aopen"];
        let (draft, questions) = asked(&answers, false, false).unwrap();
        let expected = [
            "Select proposal type",
            "Enter proposal title",
            "Enter proposal authors",
            "Enter proposal summary",
            "Enter proposal details",
            "Enter proposal proposal forum url",
            "Enter proposal vote option context",
            "Enter proposal deposit",
        ];
        assert_eq!(questions, expected);
        let folder = tempfile::tempdir().unwrap();
        draft.write(folder.path(), false).unwrap();
        let read = |name: &str| -> Value {
            serde_json::from_slice(&std::fs::read(folder.path().join(name)).unwrap()).unwrap()
        };
        let proposal = json!({"metadata": "ipfs://CID", "deposit": "10aopen", "title": "A title", "summary": "Why", "expedited": false});
        assert_eq!(read(DRAFT), proposal);
        let metadata = json!({"title": "A title", "authors": ["Ann, Bob"], "summary": "Why", "details": "More",
            "proposal_forum_url": "https://forum.org/1", "vote_option_context": "Yes: so"});
        assert_eq!(read(DRAFT_METADATA), metadata);
        assert_eq!(submitted(&draft)["messages"], json!([]));
    }

    #[test]
    fn without_metadata_title_and_summary_are_asked_for_alone_and_no_file_is_written_of_them() {
        let who = Address::module("somebody").to_string();
        let (draft, questions) = asked(&["2", "T", "S", "", "", &who], true, false).unwrap();
        let gov = Address::module("gov").to_string();
        assert_eq!(
            questions[3..],
            [
                "Enter proposal deposit".to_string(),
                format!("Enter msg authority [{gov}]"),
                "Enter msg recipient".into(),
            ]
        );
        let message = json!({"@type": "/cosmos.distribution.v1beta1.MsgCommunityPoolSpend", "authority": gov,
            "recipient": who, "amount": []});
        assert_eq!(submitted(&draft)["messages"], json!([message]));
        let folder = tempfile::tempdir().unwrap();
        draft.write(folder.path(), true).unwrap();
        assert!(folder.path().join(DRAFT).is_file() && !folder.path().join(DRAFT_METADATA).exists());
    }

    #[test]
    fn an_upgrade_and_its_end_are_drafts_to_be_completed() {
        let (draft, _) = asked(&["software-upgrade", "T", "S", "10aopen", ""], true, false).unwrap();
        let plan = &submitted(&draft)["messages"][0]["plan"];
        assert_eq!((&plan["name"], &plan["height"]), (&json!(""), &json!("0")));
        let (draft, _) = asked(&["cancel-software-upgrade", "T", "S", "10aopen", ""], true, false).unwrap();
        assert_eq!(submitted(&draft)["messages"][0]["authority"], Address::module("gov").to_string());
    }

    #[test]
    fn any_message_of_the_chain_may_be_chosen_and_its_numbers_and_choices_are_kept() {
        let who = Address::module("somebody").to_string();
        let answers = ["other", "/cosmos.gov.v1.MsgVote", "T", "S", "1aopen", "7", &who, "yes", "because"];
        let (draft, _) = asked(&answers, true, false).unwrap();
        let message = &submitted(&draft)["messages"][0];
        assert_eq!((&message["proposal_id"], &message["option"]), (&json!("7"), &json!("VOTE_OPTION_YES")));
        assert_eq!((&message["voter"], &message["metadata"]), (&json!(who), &json!("because")));
        let all = messages();
        assert!(all.is_sorted() && all.len() > 100, "{}", all.len());
        for name in &all {
            template(name).unwrap();
        }
    }

    #[test]
    fn answers_are_checked_as_the_sdk_checks_them() {
        for (answers, text) in [
            (&["9"][..], "choose one of 5"),
            (&["spend"], "choose one of 5"),
            (&["other", "cosmos.bank.v1beta1.MsgNothing"], "by name or number"),
            (&["text", ""], "input cannot be empty"),
            (&["text", "T", "S", "ten"], "invalid coins"),
            (&["2", "T", "S", "1aopen", "nobody"], "invalid address"),
            (&["2", "T", "S", "1aopen", "", ""], "invalid address"),
            (&["other", "cosmos.gov.v1.MsgVote", "T", "S", "1aopen", "18446744073709551616"], "proposal id"),
            (&["text", "T"], "standard input ended"),
        ] {
            let error = refusal(answers);
            assert!(error.contains(text), "{answers:?}: {error}");
        }
    }

    #[test]
    fn a_person_is_asked_again_where_an_answer_is_wrong() {
        let (draft, questions) = asked(&["what", "1", "", "T", "S", "ten", "10aopen"], true, true).unwrap();
        assert_eq!((draft.deposit.as_str(), &draft.metadata["title"]), ("10aopen", &json!("T")));
        assert_eq!(questions.iter().filter(|question| *question == "Enter proposal title").count(), 2);
    }
}
