//! Who was paid how much for which bytes, and what anyone can check.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet, Key};
use openledger_core::coin::parse_amount;
use openledger_engine::chain;
use openledger_engine::watch::{self, Published as Answer};
use openledger_proto::cosmos::bank::v1beta1 as bank;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::contributor::v1 as contributor;
use openledger_provenance::claim::Claim;
use openledger_provenance::{ECHO, WINDOW_BYTES};

use crate::community::{Cast, Published};
use crate::family::Family;
use crate::frauds::Frauds;
use crate::localnet::{Localnet, OPEN};
use crate::Stage;

const GAS: u64 = 1_000_000;
/// Rows of the table that are printed.
const ROWS: usize = 25;

/// What happened, by whose books it is to be told.
pub struct Story<'a> {
    /// The datanets.
    pub datanets: [&'a Published; 2],
    /// The second one's cast.
    pub family: &'a Family,
    /// Settlements of honest servers.
    pub honest: Vec<u64>,
    /// The lying one's.
    pub frauds: &'a Frauds,
}

impl Story<'_> {
    /// Whose contribution it is.
    fn author(&self, seq: u64) -> &str {
        self.datanets.iter().find_map(|published| published.author(seq)).unwrap_or("?")
    }

    fn key(&self, seq: u64) -> Result<&Key> {
        let contributed = self.datanets.iter().find_map(|published| published.contributions.get(&seq));
        Ok(&contributed.with_context(|| format!("contribution {seq} is nobody's here"))?.work.key)
    }
}

/// What one contribution got.
#[derive(Default)]
struct Pay {
    windows: u64,
    claimed: Uint256,
}

/// What was settled and paid.
pub struct Paid {
    answers: Vec<Answer>,
    authors: BTreeMap<u64, Pay>,
    owed: Uint256,
    held: Uint256,
    balance: String,
}

/// The contribution with most windows in a settlement.
pub async fn most_used(net: &Localnet, settlement: u64, published: &Published) -> Result<u64> {
    let mut weights: BTreeMap<u64, u64> = BTreeMap::new();
    for answer in watch::published(&net.rpc(), settlement).await? {
        for (seq, windows) in answer.claim.weights(answer.settled.receipt.windows()).sources {
            *weights.entry(seq).or_default() += u64::from(windows);
        }
    }
    let commons = |seq: &u64| published.contributions.get(seq).is_none_or(|contributed| contributed.work.commons);
    let most =
        weights.into_iter().filter(|(seq, _)| !commons(seq)).max_by_key(|(seq, windows)| (*windows, u64::MAX - seq));
    Ok(most.context("no author was attributed anything")?.0)
}

/// Waits for the windows to close, lets everybody claim, and asks the chain for the balance of what it owes.
pub async fn collect(net: &Localnet, cast: &Cast, story: &Story<'_>, stage: &mut Stage) -> Result<Paid> {
    for settlement in &story.honest {
        let paid = wait_paid(net, *settlement).await?;
        stage.done(&format!("the dispute window of settlement {settlement} is closed: {} aopen credited", paid.pool));
    }
    let mended = wait_paid(net, story.frauds.disputed).await?;
    stage.done(&format!("nobody refuted the new claims of settlement {}: {} aopen credited", mended.id, mended.pool));

    let mut answers = Vec::new();
    for settlement in &story.honest {
        answers.extend(watch::published(&net.rpc(), *settlement).await?);
    }
    let mut authors: BTreeMap<u64, Pay> = BTreeMap::new();
    for answer in &answers {
        for (seq, windows) in answer.claim.weights(answer.settled.receipt.windows()).sources {
            authors.entry(seq).or_default().windows += u64::from(windows);
        }
    }
    for seq in [story.family.copycat, story.family.correction, story.frauds.cheated] {
        authors.entry(seq).or_default();
    }
    let claims = claim(net, story, &mut authors).await?;
    for key in [&cast.server, &cast.tuner, &cast.concierge] {
        let message = pb::MsgClaim { claimant: key.address().to_string(), recipient: String::new() };
        net.wallet(key).await?.send(vec![any(&message)], GAS).await?;
    }
    stage.done(&format!("{claims} authors, both servers and the agent's operator claimed what they are owed"));

    let solvency: pb::QuerySolvencyResponse =
        net.rpc().query("/openledger.attribution.v1.Query/Solvency", &pb::QuerySolvencyRequest {}).await?;
    let (owed, held) = (parse_amount(&solvency.owed)?, parse_amount(&solvency.held)?);
    let module = openledger_core::Address::module("attribution").to_string();
    let request = bank::QueryBalanceRequest { address: module, denom: "aopen".into() };
    let balance: bank::QueryBalanceResponse = net.rpc().query("/cosmos.bank.v1beta1.Query/Balance", &request).await?;
    let balance = balance.balance.unwrap_or_default().amount;
    Ok(Paid { answers, authors, owed, held, balance })
}

/// Lets every author claim who is owed anything; how many.
async fn claim(net: &Localnet, story: &Story<'_>, authors: &mut BTreeMap<u64, Pay>) -> Result<usize> {
    let (mut sent, mut asked) = (Vec::new(), BTreeSet::new());
    for seq in authors.keys() {
        let key = story.key(*seq)?;
        let address = key.address().to_string();
        if !asked.insert(address.clone()) || owed(net, &address).await?.is_zero() {
            continue;
        }
        let message = pb::MsgClaim { claimant: address, recipient: String::new() };
        let mut author = net.wallet(key).await?;
        let hash = author.submit(vec![any(&message)], GAS).await?;
        sent.push((*seq, author, hash));
    }
    let claims = sent.len();
    for (seq, author, hash) in sent {
        let claimed = wallet::responses::<pb::MsgClaimResponse>(&author.outcome(&hash).await?)?;
        let amount = claimed.first().and_then(|claimed| claimed.amount.clone()).context("nothing was claimed")?;
        authors.entry(seq).or_default().claimed = parse_amount(&amount.amount)?;
    }
    Ok(claims)
}

async fn wait_paid(net: &Localnet, id: u64) -> Result<pb::Settlement> {
    for _ in 0..400 {
        let settlement = chain::settlement(&net.rpc(), id).await?;
        match settlement.status() {
            pb::SettlementStatus::Paid => return Ok(settlement),
            pb::SettlementStatus::Baselined => bail!("the pool of settlement {id} went to the baseline"),
            _ => tokio::time::sleep(Duration::from_millis(300)).await,
        }
    }
    let settlement = chain::settlement(&net.rpc(), id).await?;
    bail!("settlement {id} is still {:?} after two minutes", settlement.status())
}

async fn owed(net: &Localnet, address: &str) -> Result<Uint256> {
    let request = pb::QueryOwedRequest { address: address.into() };
    let answer: pb::QueryOwedResponse = net.rpc().query("/openledger.attribution.v1.Query/Owed", &request).await?;
    Ok(parse_amount(&answer.owed.unwrap_or_default().amount)?)
}

/// Prints it all; an error where owed and held differ, or where the tale is not what the books say.
pub async fn print(net: &Localnet, cast: &Cast, story: &Story<'_>, paid: &Paid) -> Result<()> {
    for (number, answer) in paid.answers.iter().enumerate() {
        print_answer(number + 1, story, answer);
    }
    print_table(story, paid);
    print_tale(story, paid)?;
    print_statements(net, cast).await?;
    println!("\nWhat the attribution module owes, by its own books: {} aopen", paid.owed);
    println!("What its account holds:                             {} aopen (bank: {})", paid.held, paid.balance);
    ensure!(paid.owed == paid.held && paid.held.to_string() == paid.balance, "owed and held differ");
    println!("They are equal, as at every height.");
    let home = net.home.display();
    println!("\nLook further, while the chain runs (--keep):");
    let queries = [
        "attribution settlement 1",
        "attribution disputes",
        "attribution all-earnings",
        "attribution solvency",
        "model lineage 2",
        "datanet version-contributions 1 1",
        "contributor history",
        "bank total",
    ];
    for query in queries {
        println!("  openledgerd query {query} --node {} --home {home}", net.rpc_url);
    }
    println!("  grpcurl -plaintext {} list", net.grpc);
    Ok(())
}

fn print_answer(number: usize, story: &Story<'_>, answer: &Answer) {
    let prompt_len = answer.settled.receipt.prompt_len as usize;
    let (prompt, output) = answer.transcript.split_at(prompt_len.min(answer.transcript.len()));
    println!("\n--- answer {number} to {:?}", String::from_utf8_lossy(prompt));
    println!("{}", marked(output, &answer.claim));
    let weights = answer.claim.weights(answer.settled.receipt.windows());
    println!(
        "--- of {} windows: {} echo, {} nobody's, and",
        answer.settled.receipt.windows(),
        weights.echo,
        weights.none
    );
    for (seq, windows) in &weights.sources {
        println!("    [{seq}] {windows} windows of {}", story.author(*seq));
    }
}

/// The output with each segment's first window led by its owner's number: `[12] text`.
fn marked(output: &[u8], claim: &Claim) -> String {
    let mut text = String::new();
    let mut done = 0;
    for segment in &claim.segments {
        let start = (segment.start as usize).min(output.len());
        text.push_str(&String::from_utf8_lossy(&output[done.min(start)..start]));
        let owner = if segment.source == ECHO { "echo".to_string() } else { segment.source.to_string() };
        text.push_str(&format!("\x1b[36m[{owner}]\x1b[0m"));
        done = start;
    }
    text.push_str(&String::from_utf8_lossy(&output[done..]));
    text
}

fn print_table(story: &Story<'_>, paid: &Paid) {
    let mut rows: Vec<_> = paid.authors.iter().collect();
    rows.sort_by_key(|(seq, pay)| (std::cmp::Reverse(pay.claimed), **seq));
    println!("\n{:>6}  {:<44} {:>8}  {:>12}", "seq", "author", "windows", "OPEN");
    for (seq, pay) in rows.iter().take(ROWS) {
        let commons = if pay.claimed.is_zero() && pay.windows > 0 { " (commons: to the baseline)" } else { "" };
        println!("{seq:>6}  {:<44} {:>8}  {:>12}{commons}", story.author(**seq), pay.windows, in_open(pay.claimed));
    }
    if rows.len() > ROWS {
        println!("        and {} more", rows.len() - ROWS);
    }
}

/// The copycat, the corrector and the author who was passed over.
fn print_tale(story: &Story<'_>, paid: &Paid) -> Result<()> {
    let pay = |seq: u64| paid.authors.get(&seq).map_or((0, Uint256::zero()), |pay| (pay.windows, pay.claimed));
    let Family { copycat, copied, correction, corrected, .. } = *story.family;
    let held = windows_held(story, paid, copycat);
    let (windows, claimed) = pay(copycat);
    println!(
        "\nThe copycat's text holds {held} of the answers' windows; it owns {windows} of them and gets {} OPEN: all",
        in_open(claimed)
    );
    println!("of them are older in seq {copied} ({}) or elsewhere.", story.author(copied));
    ensure!(held > 0 && windows == 0 && claimed.is_zero(), "the copycat earned something, or was not tried");
    let (windows, claimed) = pay(correction);
    println!(
        "The correction, seq {correction}, owns {windows} windows and gets {} OPEN of what seq {corrected} earned.",
        in_open(claimed)
    );
    ensure!(!claimed.is_zero(), "the corrector earned nothing");
    let (cheated, preferred) = (story.frauds.cheated, story.frauds.preferred);
    let (_, claimed) = pay(cheated);
    println!(
        "{} (seq {cheated}), passed over for {}, has {} OPEN by the new claims and the other answers.",
        story.author(cheated),
        story.author(preferred),
        in_open(claimed)
    );
    ensure!(!claimed.is_zero(), "the author who was passed over was not paid");
    Ok(())
}

/// How many of the answers' windows stand in a contribution.
fn windows_held(story: &Story<'_>, paid: &Paid, seq: u64) -> usize {
    let Some(contributed) = story.datanets.iter().find_map(|published| published.contributions.get(&seq)) else {
        return 0;
    };
    let held: HashSet<&[u8]> = contributed.work.document.bytes.windows(WINDOW_BYTES as usize).collect();
    let output = |answer: &Answer| answer.transcript[answer.settled.receipt.prompt_len as usize..].to_vec();
    let outputs = paid.answers.iter().map(output);
    outputs.map(|output| output.windows(WINDOW_BYTES as usize).filter(|window| held.contains(window)).count()).sum()
}

/// What the others were paid, and for what, by the chain's statements.
async fn print_statements(net: &Localnet, cast: &Cast) -> Result<()> {
    println!("\nWhat the others were paid, by their statements:");
    for (name, key) in cast.named() {
        let request = contributor::QueryStatementsRequest { address: key.address().to_string(), ..Default::default() };
        let path = "/openledger.contributor.v1.Query/Statements";
        let statement: contributor::QueryStatementsResponse = net.rpc().query(path, &request).await?;
        for line in statement.lines {
            let kind = line.kind().as_str_name().trim_start_matches("INCOME_KIND_").to_lowercase();
            println!("  {name:<10} {} {kind:<12} {:>14} OPEN", line.year, in_open(parse_amount(&line.amount)?));
        }
    }
    Ok(())
}

/// Base units as OPEN with six decimals, rounded down.
fn in_open(amount: Uint256) -> String {
    let millionth = Uint256::from(OPEN / 1_000_000);
    let millionths = amount / millionth;
    let million = Uint256::from(1_000_000u64);
    format!("{}.{:0>6}", millionths / million, (millionths % million).to_string())
}
