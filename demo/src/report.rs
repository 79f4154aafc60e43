//! Who was paid how much for which bytes, and what anyone can check.

use std::collections::BTreeMap;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet};
use openledger_core::coin::parse_amount;
use openledger_engine::chain;
use openledger_engine::watch::Published as Answer;
use openledger_proto::cosmos::bank::v1beta1 as bank;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::claim::Claim;
use openledger_provenance::ECHO;

use crate::community::{Cast, Published};
use crate::frauds::Frauds;
use crate::localnet::{Localnet, OPEN};
use crate::market;
use crate::Stage;

const GAS: u64 = 1_000_000;
/// Rows of the table that are printed.
const ROWS: usize = 25;

/// What one author got.
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

/// Waits for the windows to close, lets every author claim, and asks the chain for the balance of what it owes.
pub async fn collect(
    net: &Localnet,
    cast: &Cast,
    published: &Published,
    settlement: u64,
    frauds: &Frauds,
    stage: &mut Stage,
) -> Result<Paid> {
    let honest = wait_status(net, settlement, &[pb::SettlementStatus::Paid]).await?;
    stage.done(&format!("the dispute window of settlement {settlement} is closed: {} aopen credited", honest.pool));
    let ended = [pb::SettlementStatus::Paid, pb::SettlementStatus::Baselined];
    wait_status(net, frauds.disputed, &ended).await?;
    stage.done(&format!("nobody replaced the claims of settlement {}: its pool goes to the baseline", frauds.disputed));

    let answers = market::answers(net, settlement).await?;
    let mut authors: BTreeMap<u64, Pay> = BTreeMap::new();
    for answer in &answers {
        for (seq, windows) in answer.claim.weights(answer.settled.receipt.windows()).sources {
            let pay = authors.entry(seq).or_insert(Pay { windows: 0, claimed: Uint256::zero() });
            pay.windows += u64::from(windows);
        }
    }
    let mut sent = Vec::new();
    for seq in authors.keys() {
        let contributed = published.contributions.get(seq).context("an unknown contribution was paid")?;
        let address = contributed.key.address().to_string();
        if owed(net, &address).await?.is_zero() {
            continue;
        }
        let message = pb::MsgClaim { claimant: address, recipient: String::new() };
        let mut author = net.wallet(&contributed.key).await?;
        let hash = author.submit(vec![any(&message)], GAS).await?;
        sent.push((*seq, author, hash));
    }
    let claims = sent.len();
    for (seq, author, hash) in sent {
        let claimed = wallet::responses::<pb::MsgClaimResponse>(&author.outcome(&hash).await?)?;
        let amount = claimed.first().and_then(|claimed| claimed.amount.clone()).context("nothing was claimed")?;
        if let Some(pay) = authors.get_mut(&seq) {
            pay.claimed = parse_amount(&amount.amount)?;
        }
    }
    let server = pb::MsgClaim { claimant: cast.server.address().to_string(), recipient: String::new() };
    net.wallet(&cast.server).await?.send(vec![any(&server)], GAS).await?;
    stage.done(&format!("{claims} authors and the server claimed what they are owed"));

    let solvency: pb::QuerySolvencyResponse =
        net.rpc().query("/openledger.attribution.v1.Query/Solvency", &pb::QuerySolvencyRequest {}).await?;
    let (owed, held) = (parse_amount(&solvency.owed)?, parse_amount(&solvency.held)?);
    let module = openledger_core::Address::module("attribution").to_string();
    let request = bank::QueryBalanceRequest { address: module, denom: "aopen".into() };
    let balance: bank::QueryBalanceResponse = net.rpc().query("/cosmos.bank.v1beta1.Query/Balance", &request).await?;
    let balance = balance.balance.unwrap_or_default().amount;
    Ok(Paid { answers, authors, owed, held, balance })
}

async fn wait_status(net: &Localnet, id: u64, wanted: &[pb::SettlementStatus]) -> Result<pb::Settlement> {
    for _ in 0..300 {
        let settlement = chain::settlement(&net.rpc(), id).await?;
        if wanted.iter().any(|status| settlement.status == *status as i32) {
            return Ok(settlement);
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    let settlement = chain::settlement(&net.rpc(), id).await?;
    anyhow::bail!("settlement {id} is still {:?} after a minute and a half", settlement.status())
}

async fn owed(net: &Localnet, address: &str) -> Result<Uint256> {
    let request = pb::QueryOwedRequest { address: address.into() };
    let answer: pb::QueryOwedResponse = net.rpc().query("/openledger.attribution.v1.Query/Owed", &request).await?;
    Ok(parse_amount(&answer.owed.unwrap_or_default().amount)?)
}

/// Prints it all; an error where owed and held differ.
pub async fn print(net: &Localnet, published: &Published, paid: &Paid) -> Result<()> {
    for (number, answer) in paid.answers.iter().enumerate() {
        print_answer(number + 1, published, answer);
    }
    print_table(published, paid);
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

fn print_answer(number: usize, published: &Published, answer: &Answer) {
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
        println!("    [{seq}] {windows} windows of {}", published.author(*seq));
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

fn print_table(published: &Published, paid: &Paid) {
    let mut rows: Vec<_> = paid.authors.iter().collect();
    rows.sort_by_key(|(seq, pay)| (std::cmp::Reverse(pay.claimed), **seq));
    println!("\n{:>6}  {:<40} {:>8}  {:>12}", "seq", "author", "windows", "OPEN");
    for (seq, pay) in rows.iter().take(ROWS) {
        let commons = if pay.claimed.is_zero() { " (commons: to the baseline)" } else { "" };
        println!("{seq:>6}  {:<40} {:>8}  {:>12}{commons}", published.author(**seq), pay.windows, in_open(pay.claimed));
    }
    if rows.len() > ROWS {
        println!("        and {} more", rows.len() - ROWS);
    }
}

/// Base units as OPEN with six decimals, rounded down.
fn in_open(amount: Uint256) -> String {
    let millionth = Uint256::from(OPEN / 1_000_000);
    let millionths = amount / millionth;
    let million = Uint256::from(1_000_000u64);
    format!("{}.{:0>6}", millionths / million, (millionths % million).to_string())
}
