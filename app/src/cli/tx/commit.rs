//! Commits and what opens them, so that nobody computes a hash by hand.
//!
//! | commit | what is kept for its opening | opened by |
//! | --- | --- | --- |
//! | `contributor commit-handle HANDLE` | handle, salt | `contributor claim-handle HANDLE YEARS` |
//! | `datanet commit-contribution DATANET FILE` | root, length, salt; the file's bytes among the engine's contents | `datanet reveal-contribution SEQ RIGHTS LOCATION` |
//! | `datanet commit-review SEQ ACCEPT SCORE COMMONS` | judgement, salt | `datanet reveal-review SEQ` |
//! | `attribution commit-dispute SETTLEMENT EVIDENCE` | evidence, salt | `attribution reveal-dispute DISPUTE` |
//! | `attribution commit-seed` | the 32 random bytes | `attribution reveal-seed` |
//!
//! A commit that was made elsewhere is sent with `--commit`, and opened with the flags of the fields that it binds. What is kept is
//! found by the commit that the chain holds, so the right one is opened, however many were made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgMatches, Command};
use openledger_core::Address;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::attribution::v1 as attribution;
use openledger_proto::openledger::contributor::v1 as contributor;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::walker::Method;
use openledger_provenance::commit::{ContributionCommit, DisputeCommit, HandleCommit, ReviewCommit};
use openledger_provenance::content::Commitment;
use openledger_provenance::sampling::SeedCommit;
use openledger_provenance::MAX_CONTRIBUTION_BYTES;
use rand::RngCore;
use serde_json::{Map, Value};

use super::super::auto;
use super::factory::Factory;
use super::promises::{Promise, Promises};

const CLAIM_HANDLE: &str = "openledger.contributor.v1.MsgClaimHandle";
const REVEAL_CONTRIBUTION: &str = "openledger.datanet.v1.MsgRevealContribution";
const REVEAL_REVIEW: &str = "openledger.datanet.v1.MsgRevealReview";
const REVEAL_DISPUTE: &str = "openledger.attribution.v1.MsgRevealDispute";
const REVEAL_SEED: &str = "openledger.attribution.v1.MsgRevealSeed";

/// A message that commits: what a person gives for it.
struct Commit {
    message: &'static str,
    about: &'static str,
    /// Arguments in order: name, help.
    args: &'static [(&'static str, &'static str)],
    example: &'static str,
    opened_by: &'static str,
}

const COMMITS: [Commit; 5] = [
    Commit {
        message: "openledger.contributor.v1.MsgCommitHandle",
        about: "Promises to claim a handle, without saying which; keeps the salt for claim-handle",
        args: &[("handle", "3 to 32 of a-z, 0-9 and single inner hyphens, led by a letter")],
        example: "openledgerd tx contributor commit-handle alice-writes --from alice",
        opened_by: CLAIM_HANDLE,
    },
    Commit {
        message: "openledger.datanet.v1.MsgCommitContribution",
        about: "Commits to a content without showing it; keeps the salt for reveal-contribution",
        args: &[("datanet", "The datanet's number"), ("file", "The file that is contributed")],
        example: "openledgerd tx datanet commit-contribution 1 notes.txt --from bob",
        opened_by: REVEAL_CONTRIBUTION,
    },
    Commit {
        message: "openledger.datanet.v1.MsgCommitReview",
        about: "Commits to a judgement without showing it; keeps it for reveal-review",
        args: &[
            ("seq", "The contribution"),
            ("accept", "true or false"),
            ("score", "Quality in basis points, 0 to 10,000; 0 with a rejection"),
            ("commons", "Whether it is boilerplate: true or false"),
        ],
        example: "openledgerd tx datanet commit-review 7 true 9000 false --from carol",
        opened_by: REVEAL_REVIEW,
    },
    Commit {
        message: "openledger.attribution.v1.MsgCommitDispute",
        about: "Commits to a dispute of a settlement without showing it; keeps it for reveal-dispute",
        args: &[("settlement", "The settlement"), ("evidence", "File with the encoded dispute")],
        example: "openledgerd tx attribution commit-dispute 3 dispute.bin --from watcher",
        opened_by: REVEAL_DISPUTE,
    },
    Commit {
        message: "openledger.attribution.v1.MsgCommitSeed",
        about: "Commits an auditor to random bytes for the next epoch's seed; keeps them for reveal-seed",
        args: &[],
        example: "openledgerd tx attribution commit-seed --from auditor",
        opened_by: REVEAL_SEED,
    },
];

/// The fields of a message that a commit binds, where it opens one: they are filled in, or given by their flags, all together.
fn bound(message: &str) -> &'static [&'static str] {
    match message {
        CLAIM_HANDLE => &["salt"],
        REVEAL_CONTRIBUTION => &["root", "length", "salt"],
        REVEAL_REVIEW => &["accept", "score", "commons", "salt"],
        REVEAL_DISPUTE => &["evidence", "salt"],
        REVEAL_SEED => &["value"],
        _ => &[],
    }
}

/// The verb of a message that commits or opens a commit, if it is one.
pub fn verb(module: &auto::Module, method: &Method, signer: &'static str) -> Option<Result<Command>> {
    if let Some(commit) = COMMITS.iter().find(|commit| commit.message == method.input) {
        return Some(Ok(commit_verb(module, method, commit)));
    }
    let bound = bound(&method.input);
    (!bound.is_empty()).then(|| {
        let hidden: Vec<&str> = std::iter::once(signer).chain(bound.iter().copied()).collect();
        let mut verb = auto::verb(&format!("tx {}", module.name), module.package, "Msg", method, &hidden)?;
        for name in bound {
            verb = verb.arg(auto::flag_of(&method.input, name)?.help_heading("Of a commit that was made elsewhere"));
        }
        Ok(verb)
    })
}

fn commit_verb(module: &auto::Module, method: &Method, commit: &Commit) -> Command {
    let name = auto::kebab(&method.name);
    let upper: Vec<String> = commit.args.iter().map(|(name, _)| name.to_uppercase()).collect();
    let mut verb = Command::new(name.clone())
        .about(commit.about)
        .override_usage(format!("openledgerd tx {} {name} [OPTIONS] {}", module.name, upper.join(" ")))
        .after_help(format!("Example:\n  {}", commit.example));
    for ((name, help), upper) in commit.args.iter().zip(upper) {
        // A commit that was made elsewhere needs the datanet or the settlement alone.
        let arg = Arg::new(*name).value_name(upper).help(*help);
        verb = verb.arg(arg);
    }
    let made = Arg::new("commit").long("commit").value_name("BASE64|0xHEX|@FILE");
    verb = verb.arg(made.help("A commit that was made elsewhere, 32 bytes: sent as it is, nothing is kept"));
    if commit.opened_by == REVEAL_CONTRIBUTION {
        let contents = Arg::new("contents").long("contents").value_name("FOLDER");
        verb = verb.arg(contents.help("Where the bytes are put under their root [default: <home>/engine/contents]"));
    }
    verb
}

/// The request of a message that commits, or opens a commit; nothing for other messages.
pub async fn request(
    factory: &Factory<'_>,
    method: &Method,
    matches: &ArgMatches,
    signer: (&str, &Address),
) -> Result<Option<Value>> {
    if let Some(commit) = COMMITS.iter().find(|commit| commit.message == method.input) {
        return make(factory, commit, matches, signer).await.map(Some);
    }
    match bound(&method.input) {
        [] => Ok(None),
        bound => open(factory, method, matches, signer, bound).await.map(Some),
    }
}

/// What a commit binds: its hash, the fields that open it, those of the message that commits.
struct Made {
    hash: [u8; 32],
    opens: Vec<(&'static str, String)>,
    message: Vec<(&'static str, Value)>,
}

async fn make(
    factory: &Factory<'_>,
    commit: &Commit,
    matches: &ArgMatches,
    (signer_field, signer): (&str, &Address),
) -> Result<Value> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().map(String::as_str);
    let mut object = Map::from_iter([(signer_field.to_string(), Value::String(signer.to_string()))]);
    if let Some(given) = auto::given(commit.message, matches, "commit")? {
        object.insert("commit".into(), given);
        for (field, arg) in [("datanet_id", "datanet"), ("seq", "seq"), ("settlement", "settlement")] {
            object.extend(text(arg).map(|value| (field.to_string(), Value::String(value.into()))));
        }
        return Ok(Value::Object(object));
    }
    for (name, help) in commit.args {
        ensure!(text(name).is_some(), "{} is missing: {help}; e.g. {}", name.to_uppercase(), commit.example);
    }
    let chain_id = factory.chain_id().await?;
    let given = |name: &str| text(name).unwrap_or_default();
    let made = match commit.opened_by {
        CLAIM_HANDLE => handle(&chain_id, signer, given("handle"))?,
        REVEAL_CONTRIBUTION => {
            let contents = text("contents").map(PathBuf::from);
            let contents = contents.unwrap_or_else(|| factory.settings.home.root().join("engine/contents"));
            let contents = (!factory.options.dry_run).then_some(contents);
            contribution(&chain_id, signer, given("datanet"), Path::new(given("file")), contents.as_deref())?
        }
        REVEAL_REVIEW => review(&chain_id, signer, ["seq", "accept", "score", "commons"].map(given))?,
        REVEAL_DISPUTE => dispute(&chain_id, signer, given("settlement"), given("evidence"))?,
        _ => seed(factory, &chain_id, signer).await?,
    };
    object.extend(made.message.into_iter().map(|(field, value)| (field.to_string(), value)));
    let hash = format!("0x{}", hex::encode(made.hash));
    object.insert("commit".into(), auto::read(commit.message, "commit", &hash)?);
    if !factory.options.dry_run {
        let promise = Promise {
            opened_by: commit.opened_by.into(),
            chain_id,
            account: signer.to_string(),
            fields: made.opens.into_iter().map(|(field, value)| (field.to_string(), value)).collect(),
        };
        let path = Promises::of(factory.settings.home.root()).keep(&made.hash, &promise)?;
        eprintln!("commit {hash}: what opens it is kept in {}", path.display());
    }
    Ok(Value::Object(object))
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    bytes
}

fn hex_text(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn handle(chain_id: &str, account: &Address, handle: &str) -> Result<Made> {
    // A commit of a handle that is none could never be opened.
    openledger_contributor::Handle::new(handle)?;
    let salt = random();
    let hash = HandleCommit { chain_id, account: account.as_bytes(), handle, salt }.hash()?;
    Ok(Made { hash, opens: vec![("handle", handle.into()), ("salt", hex_text(&salt))], message: Vec::new() })
}

fn contribution(chain_id: &str, author: &Address, datanet: &str, file: &Path, contents: Option<&Path>) -> Result<Made> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let length = bytes.len() as u64;
    ensure!(length > 0, "{} is empty: there is nothing to contribute", file.display());
    ensure!(
        length <= MAX_CONTRIBUTION_BYTES,
        "{} has {length} bytes; a contribution has at most {MAX_CONTRIBUTION_BYTES}: cut it",
        file.display()
    );
    let number: u64 = datanet.parse().with_context(|| format!("{datanet:?} is no datanet's number"))?;
    let (commitment, salt) = (Commitment::of(&bytes), random());
    let hash = ContributionCommit { chain_id, datanet: number, author: author.as_bytes(), commitment, salt }.hash()?;
    if let Some(contents) = contents {
        let path = put(contents, &commitment.root, &bytes)?;
        eprintln!("the content is kept in {}", path.display());
    }
    let opens = vec![("root", hex_text(&commitment.root)), ("length", length.to_string()), ("salt", hex_text(&salt))];
    Ok(Made { hash, opens, message: vec![("datanet_id", Value::String(datanet.into()))] })
}

/// Puts a content where engines look for it; whole, or not at all.
fn put(contents: &Path, root: &[u8], bytes: &[u8]) -> Result<PathBuf> {
    let path = contents.join(hex::encode(root));
    let half = contents.join(format!(".{}.{}", hex::encode(root), std::process::id()));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(contents)?;
        std::fs::write(&half, bytes)?;
        std::fs::rename(&half, &path)
    };
    write().with_context(|| format!("keeping the content in {}", path.display()))?;
    Ok(path)
}

fn review(chain_id: &str, reviewer: &Address, [seq, accept, score, commons]: [&str; 4]) -> Result<Made> {
    let flag = |name: &str, text: &str| text.parse::<bool>().with_context(|| format!("{name} {text:?}: true or false"));
    let salt = random();
    let commit = ReviewCommit {
        chain_id,
        seq: seq.parse().with_context(|| format!("{seq:?} is no contribution's number"))?,
        reviewer: reviewer.as_bytes(),
        accept: flag("ACCEPT", accept)?,
        score: score.parse().with_context(|| format!("the score {score:?} is no number from 0 to 10000"))?,
        commons: flag("COMMONS", commons)?,
        salt,
    };
    // What the chain would refuse at the reveal, when the bond is at risk.
    ensure!(commit.score <= 10_000, "the score {score} is over 10000");
    ensure!(commit.accept || commit.score == 0 && !commit.commons, "a rejection has score 0 and is no commons");
    let opens = [("accept", accept), ("score", score), ("commons", commons)].map(|(name, text)| (name, text.into()));
    let opens = opens.into_iter().chain([("salt", hex_text(&salt))]).collect();
    Ok(Made { hash: commit.hash()?, opens, message: vec![("seq", Value::String(seq.into()))] })
}

fn dispute(chain_id: &str, disputant: &Address, settlement: &str, file: &str) -> Result<Made> {
    let evidence = std::fs::read(file).with_context(|| format!("reading {file}"))?;
    let number: u64 = settlement.parse().with_context(|| format!("{settlement:?} is no settlement's number"))?;
    // Shown now rather than refused at the reveal, when it costs the bond.
    openledger_provenance::dispute::Dispute::from_bytes(&evidence)
        .with_context(|| format!("{file} holds no encoded dispute"))?;
    let salt = random();
    let commit =
        DisputeCommit { chain_id, settlement: number, disputant: disputant.as_bytes(), dispute: &evidence, salt };
    let opens = vec![("evidence", hex_text(&evidence)), ("salt", hex_text(&salt))];
    Ok(Made { hash: commit.hash()?, opens, message: vec![("settlement", Value::String(settlement.into()))] })
}

async fn seed(factory: &Factory<'_>, chain_id: &str, auditor: &Address) -> Result<Made> {
    ensure!(!factory.options.offline, "offline nobody knows the epoch: give --commit");
    let request = attribution::QueryEpochRequest {};
    let answer: attribution::QueryEpochResponse =
        factory.rpc.query("/openledger.attribution.v1.Query/Epoch", &request).await?;
    let value = random();
    let present = answer.epoch.context("the node answered without an epoch")?.number;
    let epoch = present.checked_add(1).context("no epoch comes after this one")?;
    let hash = SeedCommit { chain_id, epoch, auditor: auditor.as_bytes(), value }.hash()?;
    Ok(Made { hash, opens: vec![("value", hex_text(&value))], message: Vec::new() })
}

/// A message that opens a commit: what the commit binds is filled in from what was kept, or given by flags.
async fn open(
    factory: &Factory<'_>,
    method: &Method,
    matches: &ArgMatches,
    (signer_field, signer): (&str, &Address),
    bound: &[&'static str],
) -> Result<Value> {
    let mut given = Vec::new();
    for name in bound {
        given.extend(auto::given(&method.input, matches, name)?.map(|value| (*name, value)));
    }
    let flags = || bound.iter().map(|name| format!("--{}", auto::kebab(name))).collect::<Vec<_>>().join(", ");
    ensure!(given.is_empty() || given.len() == bound.len(), "give all of {}, or none of them", flags());
    let account = signer.to_string();
    let preset = |more: &[(&'static str, Value)]| -> Vec<(&str, Value)> {
        std::iter::once((signer_field, Value::String(account.clone())))
            .chain(more.iter().map(|(name, value)| (*name, value.clone())))
            .collect()
    };
    if given.len() == bound.len() {
        return auto::request(&method.input, matches, &preset(&given));
    }
    ensure!(!factory.options.offline, "offline nobody knows which commit is opened: give {}", flags());
    // What is kept is looked up by the commit that the chain holds; which one that is, the other fields say.
    let blank: Vec<_> = bound.iter().map(|name| (*name, Value::Null)).collect();
    let asked = auto::request(&method.input, matches, &preset(&blank))?;
    let commit = committed(factory, &method.input, &asked, &account).await?;
    let chain_id = factory.chain_id().await?;
    let promise = Promises::of(factory.settings.home.root()).find(&commit, &method.input, &chain_id, &account)?;
    let filled: BTreeMap<&'static str, Value> = bound
        .iter()
        .map(|name| {
            let text = promise.fields.get(*name).with_context(|| format!("what is kept lacks {name}"))?;
            Ok((*name, auto::read(&method.input, name, text)?))
        })
        .collect::<Result<_>>()?;
    // A handle is both bound by the commit and named, so that nobody claims another by mistake.
    if let Some(handle) = promise.fields.get("handle") {
        ensure!(asked["handle"] == handle.as_str(), "the commit is of the handle {handle:?}, not {}", asked["handle"]);
    }
    auto::request(&method.input, matches, &preset(&filled.into_iter().collect::<Vec<_>>()))
}

/// The commit on chain that a message opens.
async fn committed(factory: &Factory<'_>, message: &str, asked: &Value, account: &str) -> Result<Vec<u8>> {
    let rpc = &factory.rpc;
    let number = |field: &str| -> Result<u64> {
        let text = asked[field].as_str().with_context(|| format!("{field} is missing"))?;
        text.parse().with_context(|| format!("{field} {text:?} is no number"))
    };
    Ok(match message {
        CLAIM_HANDLE => {
            let request = contributor::QueryHandleCommitRequest { address: account.into() };
            let path = "/openledger.contributor.v1.Query/HandleCommit";
            let answer: contributor::QueryHandleCommitResponse = rpc.query(path, &request).await?;
            answer.commit.context("the node answered without a commit")?.commit.to_vec()
        }
        REVEAL_CONTRIBUTION => {
            let request = datanet::QueryContributionRequest { seq: number("seq")? };
            let path = "/openledger.datanet.v1.Query/Contribution";
            let answer: datanet::QueryContributionResponse = rpc.query(path, &request).await?;
            answer.contribution.context("the node answered without a contribution")?.commit.to_vec()
        }
        REVEAL_REVIEW => review_commit(factory, number("seq")?, account).await?,
        REVEAL_DISPUTE => {
            let request = attribution::QueryDisputeRequest { id: number("dispute")? };
            let path = "/openledger.attribution.v1.Query/Dispute";
            let answer: attribution::QueryDisputeResponse = rpc.query(path, &request).await?;
            answer.dispute.context("the node answered without a dispute")?.commit.to_vec()
        }
        _ => {
            let path = "/openledger.attribution.v1.Query/Auditors";
            let answer: attribution::QueryAuditorsResponse =
                rpc.query(path, &attribution::QueryAuditorsRequest { pagination: Some(page(Vec::new())) }).await?;
            let auditor = answer.auditors.into_iter().find(|auditor| auditor.address == account);
            let commit = auditor.with_context(|| format!("{account} is no auditor"))?.commit.to_vec();
            ensure!(
                !commit.is_empty(),
                "{account} has committed to nothing for this epoch; a commit is opened in the next one"
            );
            commit
        }
    })
}

/// A page as large as a node gives: of all auditors there are.
fn page(key: Vec<u8>) -> PageRequest {
    PageRequest { key, limit: 1_000, ..Default::default() }
}

async fn review_commit(factory: &Factory<'_>, seq: u64, reviewer: &str) -> Result<Vec<u8>> {
    let mut key = Vec::new();
    loop {
        let request = datanet::QueryReviewCommitsRequest { seq, pagination: Some(page(key)) };
        let path = "/openledger.datanet.v1.Query/ReviewCommits";
        let answer: datanet::QueryReviewCommitsResponse = factory.rpc.query(path, &request).await?;
        if let Some(found) = answer.commits.into_iter().find(|commit| commit.reviewer == reviewer) {
            return Ok(found.commit.to_vec());
        }
        key = answer.pagination.unwrap_or_default().next_key.to_vec();
        if key.is_empty() {
            bail!("{reviewer} has no hidden review of contribution {seq}");
        }
    }
}
