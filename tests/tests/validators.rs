//! Four validators: one that is away is jailed and comes back; one whose key runs twice is barred for ever.

use anyhow::{ensure, Context, Result};
use nix::sys::signal::Signal;
use openledger_client::any;
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::evidence::v1beta1::{Equivocation, QueryAllEvidenceRequest, QueryAllEvidenceResponse};
use openledger_proto::cosmos::slashing::v1beta1::MsgUnjail;
use openledger_proto::cosmos::staking::v1beta1::{MsgDelegate, QueryDelegationRequest, QueryDelegationResponse};
use openledger_proto::Message;
use openledger_tests::network::{start, Network, Place};
use openledger_tests::node::Home;
use serde_json::{json, Value};

const GAS: u64 = 300_000;
/// Of ten blocks five have to be signed.
const WINDOW: u64 = 10;
const ALLOWED: u64 = 5;
const JAIL_SECONDS: i64 = 4;

fn short_windows(genesis: &mut Value) {
    let params = &mut genesis["app_state"]["slashing"]["params"];
    params["signed_blocks_window"] = json!(WINDOW.to_string());
    params["downtime_jail_duration"] = json!(format!("{JAIL_SECONDS}s"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_that_is_away_is_jailed_in_time_and_comes_back_by_a_transaction() -> Result<()> {
    let mut network = Network::start("away-1", short_windows).await?;
    assert_eq!(network.powers(0).await?, [100; 4]);
    // Everybody is judged from the window's end on.
    network.reach(WINDOW + 2).await?;
    network.end(3, Signal::SIGKILL)?;
    let (_, killed) = network.node(0).rpc.chain().await?;
    network.until("it is jailed", |network| async { Ok(network.validator(0, 3).await?.jailed) }).await?;

    // At which height: the first that slashes.
    let (_, now) = network.node(0).rpc.chain().await?;
    let mut slashed = None;
    for height in killed..=now {
        let events = network.events(0, height, "slash").await?;
        if let Some(event) = events.first() {
            slashed = Some((height, event["attributes"].to_string()));
            break;
        }
    }
    let (height, event) = slashed.context("no block slashes")?;
    // Its last vote may be in two more blocks; then six in a row are missed.
    assert!(height <= killed + ALLOWED + 1 + 3, "killed at {killed}, jailed at {height}");
    assert!(event.contains("missing_signature") && event.contains(&network.validators[3].cons), "{event}");
    let info = network.signing_info(0, 3).await?;
    assert_eq!((info.missed_blocks_counter, info.index_offset, info.tombstoned), (0, 0, false));
    let tokens = network.validator(0, 3).await?.tokens;
    assert_eq!(tokens, "99000000000000000000", "a hundredth is lost");
    network.until("CometBFT's set is without it", |network| async { Ok(network.powers(0).await? == [100; 3]) }).await?;

    network.start_one(3)?;
    let (_, tip) = network.node(0).rpc.chain().await?;
    network.validators[3].node.as_mut().context("it runs")?.reach(tip).await?;
    let validator_addr = network.validators[3].operator_text();
    let mut wallet = network.validators[3].wallet(network.node(0)).await?;
    let unjail = any(&MsgUnjail { validator_addr });
    let until = info.jailed_until.context("a time")?.seconds;
    // Too early is refused with the SDK's code, if the four seconds are not over yet.
    if block_seconds(&network).await? < until - 1 {
        let error = wallet.deliver(vec![unjail.clone()], GAS).await.err().context("it is still in jail")?.to_string();
        assert!(error.contains("validator still jailed"), "{error}");
    }
    network.until("its time is over", |network| async move { Ok(block_seconds(network).await? > until) }).await?;
    wallet.resync().await?;
    wallet.deliver(vec![unjail], GAS).await?;
    network
        .until("it is in the set again", |network| async { Ok(network.powers(0).await? == [99, 100, 100, 100]) })
        .await?;
    let back = network.signing_info(0, 3).await?;
    assert!(back.start_height > i64::try_from(height)?, "{back:?}");
    // It signs again: votes are counted and none is missed.
    let counted = |network| async move {
        let info = Network::signing_info(network, 0, 3).await?;
        Ok(info.index_offset >= 5 && info.missed_blocks_counter <= 2)
    };
    network.until("it signs", counted).await?;
    network.check_no_fork().await?;
    Ok(())
}

/// The time of the last block of the first node.
async fn block_seconds(network: &Network) -> Result<i64> {
    let status = network.node(0).rpc.status().await?;
    let text = status["sync_info"]["latest_block_time"].as_str().context("a block has a time")?;
    Ok(text.parse::<prost_types::Timestamp>()?.seconds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_runs_twice_is_barred_for_ever_and_its_delegators_pay_too() -> Result<()> {
    let mut network = Network::start("twice-1", |_| {}).await?;
    // A delegator of the one who will misbehave: another's operator, with 10 OPEN.
    let (delegator, validator_address) =
        (network.validators[0].operator.address().to_string(), network.validators[3].operator_text());
    let amount = Some(Coin { denom: "aopen".into(), amount: "10000000000000000000".into() });
    let delegate =
        MsgDelegate { delegator_address: delegator.clone(), validator_address: validator_address.clone(), amount };
    network.validators[0].wallet(network.node(0)).await?.deliver(vec![any(&delegate)], GAS).await?;

    // The same key in a second home, which remembers no vote.
    let twin = Home::empty()?;
    twin.succeed(&["init", "twin", "--chain-id", "twice-1"])?;
    let original = network.validators[3].home.path();
    for file in ["genesis.json", "priv_validator_key.json", "config.toml"] {
        std::fs::copy(original.join("config").join(file), twin.path().join("config").join(file))?;
    }
    let peers = network.peers(3);
    let _second = start(&twin, &Place::here()?, &peers)?;
    let barred = |network| async move { Ok(Network::signing_info(network, 0, 3).await?.tombstoned) };
    network.until("it is barred", barred).await?;

    let info = network.signing_info(0, 3).await?;
    assert_eq!(info.jailed_until.context("a time")?.seconds, 253_402_300_799);
    let validator = network.validator(0, 3).await?;
    assert!(validator.jailed);
    assert_eq!(validator.tokens, "104500000000000000000", "a twentieth of 110 OPEN is lost");
    let request = QueryDelegationRequest { delegator_addr: delegator, validator_addr: validator_address.clone() };
    let path = "/cosmos.staking.v1beta1.Query/Delegation";
    let answer: QueryDelegationResponse = network.node(0).rpc.query(path, &request).await?;
    let balance = answer.delegation_response.and_then(|delegation| delegation.balance).context("a balance")?;
    assert_eq!(balance.amount, "9500000000000000000");

    let path = "/cosmos.evidence.v1beta1.Query/AllEvidence";
    let all: QueryAllEvidenceResponse = network.node(1).rpc.query(path, &QueryAllEvidenceRequest::default()).await?;
    ensure!(all.evidence.len() == 1, "{:?}", all.evidence);
    let kept = Equivocation::decode(all.evidence[0].value.as_slice())?;
    assert_eq!(kept.consensus_address, network.validators[3].cons);
    network.until("CometBFT's set is without it", |network| async { Ok(network.powers(0).await? == [100; 3]) }).await?;
    let mut wallet = network.validators[3].wallet(network.node(0)).await?;
    let unjail = any(&MsgUnjail { validator_addr: validator_address });
    let error = wallet.deliver(vec![unjail], GAS).await.err().context("it never comes back")?.to_string();
    assert!(error.contains("validator still jailed"), "{error}");
    // The three others go on without it.
    let (_, height) = network.node(0).rpc.chain().await?;
    for index in 0..3 {
        network.validators[index].node.as_mut().context("it runs")?.reach(height + 3).await?;
    }
    network.check_no_fork().await?;
    Ok(())
}
