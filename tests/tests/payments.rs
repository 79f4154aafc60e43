//! What a paid answer leaves behind: a payment that anybody can check, contents that stay available.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use openledger_client::any;
use openledger_engine::chain;
use openledger_engine::payer::Payer;
use openledger_engine::watch::evidence;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::datanet::v1 as dn;
use openledger_tests::market::{Market, OPEN};
use serde_json::Value;

async fn eventually<T>(what: &str, mut done: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(value) = done().await? {
            return Ok(value);
        }
        ensure!(Instant::now() < deadline, "{what}: not within two minutes");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_proven_to_who_trusts_a_header_alone_and_contents_that_are_asked_for_are_shown() -> Result<()> {
    let market = Market::open("payments-1", |genesis| {
        let params = &mut genesis["app_state"]["attribution"]["params"][0]["params"];
        params["dispute_window"] = "4".into();
        params["reveal_window"] = "2".into();
        genesis["app_state"]["datanet"]["params"]["content"]["availability_answer_blocks"] = "300".into();
    })
    .await?;
    let mut server = market.serve(&[])?;
    let rpc = &market.node.rpc;
    let mut wallet = market.wallet("payer").await?;
    let mut payer = Payer::open(&mut wallet, market.deployment, (20 * OPEN).into()).await?;
    for seed in 0..2 {
        payer.ask(&wallet, b"The river ", 300, seed).await?;
    }
    payer.pay().await?;

    // Somebody asks for a chunk: whoever serves the model holds it, and has the deposit.
    let mut alice = market.wallet("alice").await?;
    let ask = dn::MsgChallengeAvailability { challenger: alice.address(), seq: 2, chunk: 3 };
    alice.deliver(vec![any(&ask)], 1_000_000).await?;
    let shown = eventually("the chunk is shown", async || Ok(chain::challenges(rpc).await?.is_empty().then_some(())));
    shown.await.with_context(|| server.log_tail())?;
    // The server tells of it once it has seen the block.
    let told = eventually("the server tells", async || Ok(server.log().contains("showed a chunk").then_some(())));
    told.await.with_context(|| server.log_tail())?;

    let session = payer.tally.terms.session;
    let paid = eventually("the authors are paid", async || {
        let settled = chain::settlements(rpc, session).await?;
        Ok(settled.into_iter().find(|settlement| settlement.status == pb::SettlementStatus::Paid as i32))
    });
    let paid = paid.await.with_context(|| server.log_tail())?.id.to_string();
    // A header beyond the state that is proven.
    let (_, height) = rpc.chain().await?;
    eventually("two more blocks", async || Ok((rpc.chain().await?.1 > height + 2).then_some(()))).await?;
    let earned = (1..=6u64).map(|seq| (seq, pb::QueryEarningsRequest { contribution: seq }));
    let mut proven = 0;
    for (seq, request) in earned {
        let path = "/openledger.attribution.v1.Query/Earnings";
        let answer: Result<pb::QueryEarningsResponse, _> = rpc.query(path, &request).await;
        let total = answer.ok().and_then(|answer| answer.earnings).map(|earnings| earnings.total).unwrap_or_default();
        if total.is_empty() || total == "0" {
            continue;
        }
        let seq = seq.to_string();
        let file = market.engine("payer", &["prove-payment", "--settlement", &paid, "--contribution", &seq])?;
        verify(&market, &file, &total).await?;
        proven += 1;
    }
    ensure!(proven > 0, "nobody was paid");
    // Who was paid nothing has nothing to prove.
    let nobody = market.engine("payer", &["prove-payment", "--settlement", &paid, "--contribution", "99"]);
    assert!(nobody.is_err());
    server.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_session_publishes_no_word_costs_its_premium_and_is_checked_by_its_payer() -> Result<()> {
    let market = Market::open("sealed-1", |_| {}).await?;
    let mut server = market.serve(&[])?;
    let (deployment, deposit) = (market.deployment.to_string(), (20 * OPEN).to_string());
    let contents = market.contents();
    let contents = contents.to_string_lossy();
    let ask = ["ask", "--sealed", "--check", "--contents", &contents, "--deployment", &deployment];
    let said = market.engine("payer", &[&ask[..], &["--deposit", &deposit, "The river ", "A boat "]].concat())?;
    ensure!(said.contains("2 claims, all canonical"), "{said}");
    let session = said.lines().next().and_then(|line| line.strip_prefix("session ")).context("a session")?.parse()?;
    let rpc = &market.node.rpc;
    let found = chain::session(rpc, session).await?;
    let offer = chain::deployment(rpc, market.deployment).await?;
    let price = |text: &str| openledger_core::coin::parse_amount(text);
    let premium = price(&offer.base_price)?.checked_multiply_ratio(12_500u64, 10_000u64)?;
    assert_eq!(price(&found.base_price)?, premium);
    let settled = chain::settlements(rpc, session).await?;
    let settlement = settled.first().context("nothing is settled")?;
    assert_eq!(settlement.rounds[0].check, pb::Check::ClaimsOnly as i32);
    for claimed in evidence::claimed(rpc, settlement.id, 0, settlement.height).await? {
        assert!(claimed.transcript.is_empty() && claimed.receipt_key.is_empty() && claimed.openings.is_empty());
        assert!(!claimed.segments.is_empty());
    }
    server.stop()
}

async fn verify(market: &Market, file: &str, total: &str) -> Result<()> {
    let path = market.home.path().join("payment.json");
    std::fs::write(&path, file)?;
    let path = path.to_string_lossy();
    let said = market.engine("payer", &["verify-payment", &path, "--trust-node"])?;
    ensure!(said.contains(&format!("exactly {total}aopen")), "{said}");
    // Without any node, from the header that somebody else gave.
    let mut payment: Value = serde_json::from_str(file)?;
    let height = payment["height"].as_u64().context("a height")?;
    let hash = market.node.app_hash(height + 1).await?;
    let alone = ["verify-payment", &path, "--app-hash", &hash, "--node", "http://127.0.0.1:1"];
    assert_eq!(market.engine("payer", &alone)?, said);
    let other = market.node.app_hash(height).await?;
    if other != hash {
        assert!(market.engine("payer", &["verify-payment", &path, "--app-hash", &other]).is_err());
    }
    payment["receipts"][0]["fee"] = "1".into();
    std::fs::write(&*path, payment.to_string())?;
    assert!(market.engine("payer", &["verify-payment", &path, "--app-hash", &hash]).is_err());
    Ok(())
}
