//! The engine as processes on a chain of their own: what restarts, damage and liars cannot do.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use openledger_client::{any, free_port, wallet, Key};
use openledger_core::Coin;
use openledger_engine::agency::AgentPayer;
use openledger_engine::chain;
use openledger_engine::credit::{self, Note};
use openledger_engine::payer::Payer;
use openledger_engine::settle;
use openledger_engine::sync::{Contents, Corpus};
use openledger_engine::tally::{Answer, Tally, Terms};
use openledger_engine::watch::evidence;
use openledger_engine::wire::Signed;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::datanet::v1 as dn;
use openledger_proto::openledger::model::v1::{self as md, Mode};
use openledger_provenance::claim::SegmentsOpening;
use openledger_provenance::codec::Encode;
use openledger_provenance::dispute::SettledOpening;
use openledger_provenance::inquiry::Inquiry;
use openledger_tests::market::{Market, OPEN};

/// Waits until `done` gives something.
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
async fn a_server_restarted_in_mid_session_loses_nothing_and_charges_nothing_twice() -> Result<()> {
    let market = Market::open("restart-1", |_| {}).await?;
    let index = market.home.path().join("index");
    let index_flag = index.to_string_lossy().into_owned();
    let flags = ["--index", index_flag.as_str()];
    let server = market.serve(&flags)?;
    let mut wallet = market.wallet("payer").await?;
    let mut payer = Payer::open(&mut wallet, market.deployment, (20 * OPEN).into()).await?;
    let session = payer.tally.terms.session;
    for seed in 0..3 {
        payer.ask(&wallet, b"The river ", 300, seed).await?;
    }
    // Killed while it answers: asked again under the same key it has answered, or answers now.
    let asked = tokio::spawn(async move {
        let answered = payer.ask(&wallet, b"A boat ", 2_000, 3).await.cloned();
        (payer, wallet, answered)
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    server.kill()?;
    // The index is damaged meanwhile.
    let segments = std::fs::read_dir(&index)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let segment = segments.first().context("no segment was kept")?;
    let mut bytes = std::fs::read(segment)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(segment, &bytes)?;
    let server = market.serve(&flags)?;
    ensure!(server.log().contains("it is built again"), "the damage went unnoticed:\n{}", server.log_tail());
    let (mut payer, wallet, answered) = asked.await?;
    answered?;
    let again = payer.ask(&wallet, b"The river ", 300, 0).await?.output.clone();
    ensure!(again == payer.tally.answers()[0].output, "the index that was built again says something else");
    let standing = payer.pay().await?;
    assert_eq!((standing.answers, standing.vouchered), (5, 5));
    // Killed before, while or after it settles.
    server.kill()?;
    let mut server = market.serve(&flags)?;
    let rpc = &market.node.rpc;
    let settled = eventually("five receipts are settled", async || {
        let found = chain::session(rpc, session).await?;
        Ok((found.settled_count == 5).then_some(found))
    });
    let settled = settled.await?;
    assert_eq!(settled.spent, payer.tally.cumulative_fee().to_string());
    assert_eq!(chain::settlements(rpc, session).await?.len(), 1);
    server.stop()?;
    // Graceful: a third run has nothing to settle.
    let mut server = market.serve(&flags)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(chain::settlements(rpc, session).await?.len(), 1);
    assert_eq!(payer.standing().await?.settled, 5);
    server.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_questions_than_may_wait_are_told_when_to_come_again() -> Result<()> {
    let market = Market::open("busy-1", |_| {}).await?;
    let config = market.home.path().join("engine.toml");
    std::fs::write(&config, "[serve]\nworkers = 1\nqueue = 1\nunvouchered = 4\n")?;
    let figures = format!("127.0.0.1:{}", free_port()?);
    let flags = ["--config", &*config.to_string_lossy(), "--log-format", "json", "--metrics", &figures];
    let flags = flags.map(String::from);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut server = market.serve(&flags)?;
    let deployment = market.deployment.to_string();
    let deposit = (100 * OPEN).to_string();
    let session = market.engine("payer", &["open", "--deployment", &deployment, "--deposit", &deposit])?;
    let session: serde_json::Value = serde_json::from_str(&session)?;
    let url = format!("{}/completions", session["base_url"].as_str().context("base_url")?);
    let ask = || {
        let body = serde_json::json!({"model": market.model_version.to_string(), "prompt": "The ", "max_tokens": 3000});
        let key = session["api_key"].as_str().unwrap_or_default().to_string();
        let call = reqwest::Client::new().post(&url).bearer_auth(key).json(&body).send();
        async move { anyhow::Ok(call.await?) }
    };
    let calls: Vec<_> = (0..8).map(|_| tokio::spawn(ask())).collect();
    let (mut answered, mut busy) = (0, 0);
    for call in calls {
        let response = call.await??;
        match response.status().as_u16() {
            200 => answered += 1,
            429 => {
                assert_eq!(response.headers()["retry-after"], "1");
                let body: serde_json::Value = response.json().await?;
                assert_eq!(body["error"]["code"], "server_busy");
                busy += 1;
            }
            status => anyhow::bail!("{status}: {}", response.text().await?),
        }
    }
    assert!(answered >= 1 && busy >= 1, "{answered} answered, {busy} busy");
    // Without a voucher there is an end.
    let due = eventually("a voucher is due", async || {
        let response = ask().await?;
        Ok((response.status().as_u16() == 402).then_some(response))
    });
    let body: serde_json::Value = due.await?.json().await?;
    assert_eq!(body["error"]["code"], "voucher_required");
    let told = reqwest::get(format!("http://{figures}/metrics")).await?.text().await?;
    assert!(told.contains("\nopenledger_engine_answers_total "), "{told}");
    assert!(told.contains("route=\"/v1/completions\",status=\"429\""), "{told}");
    server.stop()?;
    assert!(
        server.log().lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{}",
        server.log()
    );
    Ok(())
}

/// A settlement by a server that leaves an owner out of its claim; its number.
async fn cheat(market: &Market) -> Result<u64> {
    let mut cheat = market.wallet("bob").await?;
    let deployment = market.deploy(&mut cheat, 1).await?;
    let mut payer = market.wallet("payer").await?;
    let (key, _) = Key::generate()?;
    let open = pb::MsgOpenSession {
        payer: payer.address(),
        deployment,
        deposit: Some(Coin::base(10 * OPEN).to_proto()),
        voucher_key: key.public_key(),
        max_base_price: OPEN.to_string(),
        max_byte_price: OPEN.to_string(),
        mode: Mode::Public as i32,
        ..Default::default()
    };
    let found = payer.deliver(vec![any(&open)], 1_000_000).await?;
    let session = wallet::responses::<pb::MsgOpenSessionResponse>(&found)?.first().context("no session")?.session;
    let rpc = &market.node.rpc;
    let corpus = Corpus::load(rpc, market.model_version, &Contents::new(&market.contents())).await?;
    let terms = Terms::of(payer.chain_id(), &chain::session(rpc, session).await?)?;
    let height = corpus.height.max(terms.opened_height);
    let mut tally = Tally::new(terms, [1; 32]);
    let (prompt, output) = (b"As they say: ".to_vec(), market.texts[2][100..400].to_vec());
    let receipt = tally.receipt(&prompt, &output, height)?;
    tally.accept(Answer { prompt, output, receipt })?;
    let signed = Signed { count: 1, signature: key.sign(&tally.voucher().sign_bytes()?)? };
    let mut claims = settle::canonical_claims(&tally, 1, &corpus.index);
    claims[0].segments.pop().context("nothing to leave out")?;
    eventually("the corpus is of a committed height", async || {
        let (_, now) = rpc.chain().await?;
        Ok((now > height).then_some(()))
    })
    .await?;
    settle::settle(&mut cheat, &tally, &signed, &claims, &corpus).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_catches_a_cheating_settlement_once_and_passes_the_honest_ones() -> Result<()> {
    let market = Market::open("watch-1", |genesis| {
        genesis["app_state"]["attribution"]["params"][0]["params"]["answer_window"] = "100".into();
    })
    .await?;
    let mut server = market.serve(&[])?;
    let mut wallet = market.wallet("payer").await?;
    let mut payer = Payer::open(&mut wallet, market.deployment, (20 * OPEN).into()).await?;
    payer.ask(&wallet, b"The river ", 300, 1).await?;
    payer.pay().await?;
    let contents = market.contents();
    let contents = contents.to_string_lossy();
    let watch = ["watch", "--replace", "--contents", &contents];
    let watcher = market.spawn("watcher", &watch)?;
    let settlement = cheat(&market).await?;
    let rpc = &market.node.rpc;
    let caught = eventually("the fraud is disputed", async || {
        let disputes = chain::disputes(rpc, settlement).await?;
        Ok(disputes.into_iter().find(|dispute| dispute.status == pb::DisputeStatus::Won as i32))
    });
    let caught = caught.await.with_context(|| watcher.log_tail())?;
    assert_eq!(caught.disputant, market.wallet("watcher").await?.address());
    assert_ne!(caught.bounty, "0");
    // Killed and started anew, it looks at everything again from its book and disputes nothing twice.
    watcher.kill()?;
    let mut watcher = market.spawn("watcher", &watch)?;
    let honest = eventually("the honest settlement is looked at", async || {
        let settled = chain::settlements(rpc, payer.tally.terms.session).await?;
        Ok(settled.first().map(|settlement| settlement.id))
    });
    let honest = honest.await?;
    let (_, height) = rpc.chain().await?;
    eventually("some blocks pass", async || Ok((rpc.chain().await?.1 > height + 15).then_some(()))).await?;
    // Somebody has to make the claims that the server should have made: the watcher does, once, and they are canonical.
    let mended = eventually("the claims are made anew", async || {
        let found = chain::settlement(rpc, settlement).await?;
        Ok((found.rounds.len() == 2).then_some(found))
    });
    let mended = mended.await.with_context(|| watcher.log_tail())?;
    assert_eq!(mended.rounds[1].maker, market.wallet("watcher").await?.address());
    assert_ne!(mended.rounds[1].contributions, mended.rounds[0].contributions);
    assert_eq!(chain::disputes(rpc, settlement).await?.len(), 1);
    assert!(chain::disputes(rpc, honest).await?.is_empty());
    assert!(watcher.log().contains("canonical"), "{}", watcher.log_tail());
    watcher.stop()?;
    server.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_demanded_of_claims_on_the_bond_is_opened_in_time_and_looked_at() -> Result<()> {
    let market = Market::open("demand-1", |genesis| {
        let params = &mut genesis["app_state"]["attribution"]["params"][0]["params"];
        params["claims_only"] = true.into();
        params["answer_window"] = "40".into();
        params["dispute_window"] = "100".into();
    })
    .await?;
    let config = market.home.path().join("engine.toml");
    std::fs::write(&config, "[serve]\ncheck = \"claims-only\"\n")?;
    let config = config.to_string_lossy().into_owned();
    let mut server = market.serve(&["--config", &config])?;
    let mut wallet = market.wallet("payer").await?;
    let mut payer = Payer::open(&mut wallet, market.deployment, (20 * OPEN).into()).await?;
    for seed in 0..3 {
        payer.ask(&wallet, b"The river ", 300, seed).await?;
    }
    payer.pay().await?;
    let rpc = &market.node.rpc;
    let session = payer.tally.terms.session;
    let settlement =
        eventually("it is settled", async || Ok(chain::settlements(rpc, session).await?.into_iter().next()));
    let settlement = settlement.await.with_context(|| server.log_tail())?;
    assert_eq!(settlement.rounds[0].check, pb::Check::ClaimsOnly as i32);
    let contents = market.contents();
    let mut watcher = market.spawn("watcher", &["watch", "--contents", &contents.to_string_lossy()])?;

    // Anyone may ask for a byte of a segment, the payer for a transcript.
    let receipts = evidence::claimed(rpc, settlement.id, 0, settlement.height).await?;
    let settled = receipts.iter().map(evidence::settled).collect::<Result<Vec<_>>>()?;
    let tree = evidence::tree(settled.iter().map(|(settled, _)| settled));
    let open = |place: usize| {
        let path = tree.prove(place as u64, 1)?;
        anyhow::Ok(SettledOpening { settled: settled[place].0, path })
    };
    let segment = settled[1].1.segments.iter().position(|segment| segment.source != 0).context("no source")?;
    let inquiry =
        Inquiry { settled: open(1)?, segment: SegmentsOpening::prove(&settled[1].1, segment as u32, 1)?, byte: 5 };
    let mut alice = market.wallet("alice").await?;
    let demand =
        pb::MsgDemandOpening { challenger: alice.address(), settlement: settlement.id, question: inquiry.encode() };
    alice.deliver(vec![any(&demand)], 5_000_000).await?;
    let demand = pb::MsgDemandTranscript {
        challenger: wallet.address(),
        settlement: settlement.id,
        receipt: open(2)?.encode(),
        ..Default::default()
    };
    wallet.deliver(vec![any(&demand)], 5_000_000).await?;
    let answered =
        eventually("both demands are answered", async || Ok(chain::demands(rpc).await?.is_empty().then_some(())));
    answered.await.with_context(|| server.log_tail())?;
    let found = chain::settlement(rpc, settlement.id).await?;
    assert_eq!(found.status, pb::SettlementStatus::Pending as i32);
    assert!(chain::disputes(rpc, settlement.id).await?.is_empty());
    let looked = eventually("the watcher has looked at the transcript", async || {
        Ok(watcher.log().contains("a published transcript's claim is canonical").then_some(()))
    });
    looked.await.with_context(|| watcher.log_tail())?;
    watcher.stop()?;
    server.stop()
}

/// Registers an agent of alice's over the market's deployment and one of bob's, who serves it at this port; the agent and bob's deployment.
async fn agent(market: &Market, port: u16) -> Result<(u64, u64)> {
    let mut bob = market.wallet("bob").await?;
    let second = market.deploy(&mut bob, port).await?;
    let mut alice = market.wallet("alice").await?;
    let register = md::MsgRegisterAgent {
        operator: alice.address(),
        name: "guide".into(),
        description: "Asks two servers".into(),
        deployments: vec![market.deployment, second],
        base_price: (OPEN / 10).to_string(),
        byte_price: "0".into(),
        splits: vec![md::AgentSplit { account: alice.address(), bps: 10_000 }],
    };
    let found = alice.deliver(vec![any(&register)], 5_000_000).await?;
    let agents = wallet::responses::<md::MsgRegisterAgentResponse>(&found)?;
    Ok((agents.first().context("no agent")?.agent, second))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_answers_through_its_parts_pays_them_and_settles_what_its_payer_signed_across_a_restart() -> Result<()>
{
    let market = Market::open("agent-1", |_| {}).await?;
    let (port, door) = (free_port()?, free_port()?);
    let (agent, second) = agent(&market, port).await?;
    let folder = |name: &str| market.home.path().join(name).to_string_lossy().into_owned();
    let mut first = market.serve(&["--sessions", &folder("s1")])?;
    let mut other = market.serve_as("bob", second, port, &["--sessions", &folder("s2")])?;
    let (number, listen, sessions) = (agent.to_string(), format!("127.0.0.1:{door}"), folder("sa"));
    let serve = ["serve-agent", "--agent", &number, "--listen", &listen, "--sessions", &sessions];
    let engine = market.start("alice", &serve)?;
    let url = format!("http://{listen}");
    let listed: serde_json::Value = reqwest::get(format!("{url}/v1/models")).await?.json().await?;
    assert_eq!(listed["data"][0]["id"], format!("guide/agent-{agent}"));
    assert_eq!(listed["data"][0]["openledger"]["parts"][1]["deployment"], second);

    let mut wallet = market.wallet("payer").await?;
    let mut payer = AgentPayer::open(&mut wallet, agent, &url, (50 * OPEN).into()).await?;
    let session = payer.tally.terms.session;
    let answer = payer.ask(&wallet.rpc, b"The river ", 400, 1).await?.clone();
    assert_eq!(answer.parts.iter().map(|part| part.deployment).collect::<Vec<_>>(), [market.deployment, second]);
    assert!(answer.parts.iter().all(|part| !part.said.output.is_empty()));
    // The operator lends one answer, and no more.
    let refused = payer.ask(&wallet.rpc, b"The river ", 400, 2).await.unwrap_err().to_string();
    assert!(refused.contains("402") && refused.contains("voucher_required"), "{refused}");
    payer.pay().await?;

    // Killed and started anew, it knows session, parts and their secrets.
    engine.kill()?;
    let mut engine = market.start("alice", &serve)?;
    payer.ask(&wallet.rpc, b"A boat ", 400, 3).await?;
    assert_eq!(payer.pay().await?.answers, 2);
    let rpc = &market.node.rpc;
    let settled = eventually("the agent has settled both answers", async || {
        let found = chain::session(rpc, session).await?;
        Ok((found.settled_count == 2).then_some(found))
    });
    let settled = settled.await.with_context(|| engine.log_tail())?;
    assert_eq!(settled.spent, payer.tally.cumulative_fee().to_string());
    let operator = market.wallet("alice").await?.address();
    let bought: Vec<_> =
        chain::sessions(rpc, &operator).await?.into_iter().filter(|sub| sub.parent == session).collect();
    assert_eq!(bought.len(), 2, "one sub-session a part, whatever restarts");
    assert!(bought.iter().all(|sub| sub.billed_count == 2 && sub.billed == sub.spent), "{bought:?}");

    // OpenAI's API, with the parts' receipts in the answer.
    let handout = payer.handout();
    let key = handout["api_key"].as_str().context("api_key")?;
    let body = serde_json::json!({
        "model": format!("guide/agent-{agent}"), "max_tokens": 200, "seed": 5,
        "messages": [{"role": "user", "content": "The rain "}],
    });
    let call = reqwest::Client::new().post(format!("{url}/v1/chat/completions")).bearer_auth(key).json(&body);
    let said: serde_json::Value = call.send().await?.json().await?;
    assert_eq!(said["openledger"]["parts"].as_array().map(Vec::len), Some(2), "{said}");
    assert_eq!(said["openledger"]["receipt"]["index"], 3);
    assert!(!said["choices"][0]["message"]["content"].as_str().unwrap_or_default().is_empty());
    for engine in [&mut engine, &mut first, &mut other] {
        engine.stop()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_gives_back_is_carried_by_the_settlement_whether_its_payer_presents_it_or_not() -> Result<()> {
    let market = Market::open("credit-1", |_| {}).await?;
    let mut server = market.serve(&[])?;
    let mut wallet = market.wallet("payer").await?;
    let mut payer = Payer::open(&mut wallet, market.deployment, (20 * OPEN).into()).await?;
    let session = payer.tally.terms.session.to_string();
    for seed in 0..2 {
        payer.ask(&wallet, b"The river ", 300, seed).await?;
    }
    let give = |who: &str, receipt: &str, amount: u128| {
        let amount = amount.to_string();
        market.engine(who, &["credit", "--session", &session, "--receipt", receipt, "--amount", &amount])
    };
    assert!(give("bob", "1", 1).is_err(), "not bob's session");
    give("server", "1", OPEN / 100)?;
    let printed = give("server", "2", OPEN)?;
    let notes = payer.credits(&wallet.rpc).await?;
    assert_eq!(notes.iter().map(|note| note.receipt).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(serde_json::from_str::<Note>(&printed)?, notes[1]);
    let forged = Note { amount: (2 * OPEN).into(), ..notes[1].clone() };
    assert!(credit::present(&mut wallet, &forged).await.is_err());
    credit::present(&mut wallet, &notes[1]).await?;
    payer.pay().await?;
    let rpc = &market.node.rpc;
    let settled = eventually("both are settled", async || {
        let found = chain::session(rpc, payer.tally.terms.session).await?;
        Ok((found.settled_count == 2).then_some(found))
    });
    let settled = settled.await.with_context(|| server.log_tail())?;
    // The second note gives more than its answer cost: all of it is given back.
    let second = payer.tally.answers()[1].receipt.fee;
    let second = u128::from_be_bytes(second[16..].try_into()?);
    assert!(second < OPEN);
    assert_eq!(settled.credited, (second + OPEN / 100).to_string());
    assert_eq!(settled.spent, payer.tally.cumulative_fee().to_string(), "the voucher keeps the whole fees");
    assert!(give("server", "2", 2 * OPEN).is_err(), "settled");
    server.stop()
}

/// The market's texts are made of few phrases; this one has none of them.
fn rare_text() -> Vec<u8> {
    (0..200u64).flat_map(|i| format!("{:x} ", i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into_bytes()).collect()
}

/// A text of which every 31st byte is changed: it shares no window with it.
fn edited(text: &[u8]) -> Vec<u8> {
    text.iter().enumerate().map(|(i, byte)| if i % 31 == 30 { b'#' } else { *byte }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_names_a_copy_of_an_earlier_work_shows_it_and_leaves_works_of_their_own_alone() -> Result<()> {
    let market = Market::open("copies-1", |_| {}).await?;
    let contents = market.contents().to_string_lossy().into_owned();
    let rpc = &market.node.rpc;
    let now = rpc.chain().await?.1.to_string();
    let mut watcher =
        market.spawn("watcher", &["watch", "--copies", "--from-height", &now, "--contents", &contents])?;
    let own = market.contribute(&mut market.wallet("bob").await?, &rare_text()).await?;
    market.accept(own).await?;
    let mut bob = market.wallet("bob").await?;
    let seq = market.contribute(&mut bob, &edited(&market.texts[0])).await?;
    market.accept(seq).await?;
    let shown = eventually("the copy is shown", async || {
        let found = chain::duplicates(rpc, seq).await?;
        Ok(found.into_iter().find(|dispute| dispute.status() == dn::DuplicateStatus::Upheld))
    });
    let shown = shown.await.with_context(|| watcher.log_tail())?;
    assert_eq!(shown.disputant, market.wallet("watcher").await?.address());
    let request = dn::QueryPayeesRequest { seq };
    let payees: dn::QueryPayeesResponse = rpc.query("/openledger.datanet.v1.Query/Payees", &request).await?;
    assert_eq!(payees.payees.len(), 1);
    assert_eq!(payees.payees[0].account, market.wallet("alice").await?.address(), "the first author is paid");
    let ended =
        eventually("its book has the end", async || Ok(watcher.log().contains("ruled: source 1").then_some(())));
    ended.await.with_context(|| watcher.log_tail())?;
    assert!(chain::duplicates(rpc, own).await?.is_empty(), "a work of its own");
    assert!(watcher.log().contains("a work of its own"), "{}", watcher.log_tail());
    watcher.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_names_a_copy_that_was_accepted_before_the_work_it_is_of() -> Result<()> {
    let market = Market::open("copies-2", |_| {}).await?;
    let contents = market.contents().to_string_lossy().into_owned();
    let rpc = &market.node.rpc;
    let now = rpc.chain().await?.1.to_string();
    let mut watcher =
        market.spawn("watcher", &["watch", "--copies", "--from-height", &now, "--contents", &contents])?;
    let text = rare_text();
    let first = market.contribute(&mut market.wallet("alice").await?, &text).await?;
    let copy = market.contribute(&mut market.wallet("bob").await?, &edited(&text)).await?;
    market.accept(copy).await?;
    let looked = async || Ok(watcher.log().contains("a work of its own").then_some(()));
    eventually("nothing earlier is there", looked).await.with_context(|| watcher.log_tail())?;
    assert!(chain::duplicates(rpc, copy).await?.is_empty());
    market.accept(first).await?;
    let ruled = eventually("it is shown to be a copy", async || chain::ruling(rpc, copy).await);
    assert_eq!(ruled.await.with_context(|| watcher.log_tail())?.source, first);
    watcher.stop()
}
