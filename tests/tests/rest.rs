//! REST as wallets and explorers use it, against a whole node, and its answers beside those of simd.
//!
//! `tests/simd/rest.json` holds what simd (Cosmos SDK v0.50) answered to the same calls; `tests/simd/rest.py` made it.

use anyhow::{Context, Result};
use openledger_tests::rest::{compare, Chain};
use serde_json::{json, Value};

const SIMD: &str = include_str!("../simd/rest.json");

/// GETs of Keplr (v0.13, `packages/stores/src/query/cosmos`) and Ping.pub (`src/libs/api`, profile v0.50) that our modules answer: the
/// status, and where in the answer the client looks.
const ANSWERED: &[(&str, u16, &[&str])] = &[
    // Keplr
    ("/cosmos/base/tendermint/v1beta1/node_info", 200, &["/default_node_info/network", "/application_version/version"]),
    ("/cosmos/auth/v1beta1/accounts/{alice}", 200, &["/account/sequence", "/account/account_number", "/account/@type"]),
    ("/cosmos/auth/v1beta1/accounts/{nobody}", 404, &["/message"]),
    ("/cosmos/bank/v1beta1/balances/{alice}?pagination.limit=1000", 200, &["/balances/0/amount", "/balances/0/denom"]),
    ("/cosmos/bank/v1beta1/spendable_balances/{alice}", 200, &["/balances/0/amount"]),
    // How it finds out whether the chain knows the query.
    ("/cosmos/bank/v1beta1/spendable_balances/test", 400, &["/message"]),
    // Ping.pub
    ("/cosmos/auth/v1beta1/params", 200, &["/params/max_memo_characters"]),
    (
        "/cosmos/auth/v1beta1/accounts?pagination.limit=20&pagination.count_total=true",
        200,
        &["/accounts/0/@type", "/pagination/total"],
    ),
    ("/cosmos/bank/v1beta1/params", 200, &["/params/default_send_enabled"]),
    ("/cosmos/bank/v1beta1/balances/{alice}", 200, &["/balances/0/amount", "/pagination/total"]),
    ("/cosmos/bank/v1beta1/denoms_metadata", 200, &["/metadatas"]),
    ("/cosmos/bank/v1beta1/supply?pagination.limit=20&pagination.count_total=true", 200, &["/supply/0/amount"]),
    ("/cosmos/bank/v1beta1/supply/by_denom?denom={denom}", 200, &["/amount/amount"]),
    ("/cosmos/base/tendermint/v1beta1/blocks/latest", 200, &["/block_id/hash", "/block/header/height"]),
    (
        "/cosmos/base/tendermint/v1beta1/blocks/{height}",
        200,
        &["/block/data/txs/0", "/block/last_commit/signatures/0/timestamp", "/block/header/proposer_address"],
    ),
    (
        "/cosmos/base/tendermint/v1beta1/validatorsets/latest?pagination.limit=100&pagination.offset=0",
        200,
        &["/validators/0/address", "/validators/0/pub_key/key", "/validators/0/voting_power", "/pagination/total"],
    ),
    (
        "/cosmos/base/tendermint/v1beta1/validatorsets/{height}?pagination.limit=100&pagination.offset=0",
        200,
        &["/block_height", "/validators/0/proposer_priority"],
    ),
    (
        "/cosmos/tx/v1beta1/txs?query=message.sender='{alice}'&pagination.limit=20&pagination.offset=0",
        200,
        &["/tx_responses/0/txhash", "/tx_responses/0/timestamp", "/total"],
    ),
    // As an explorer asks a chain of an SDK before 0.50.
    (
        "/cosmos/tx/v1beta1/txs?events=message.sender='{alice}'&pagination.limit=20&pagination.offset=0",
        200,
        &["/txs/0/body/messages/0/@type"],
    ),
    ("/cosmos/tx/v1beta1/txs/{hash}", 200, &["/tx/auth_info/fee/amount/0/amount", "/tx_response/tx/@type"]),
    ("/cosmos/tx/v1beta1/txs/block/{height}", 200, &["/txs/0/body/messages/0/amount/0/denom", "/block/header/time"]),
    // Keplr: what an account has staked, earns, may vote on and was granted.
    (
        "/cosmos/staking/v1beta1/delegations/{alice}?pagination.limit=1000",
        200,
        &["/delegation_responses/0/balance/amount"],
    ),
    (
        "/cosmos/staking/v1beta1/delegators/{alice}/unbonding_delegations?pagination.limit=1000",
        200,
        &["/unbonding_responses/0/entries/0/completion_time"],
    ),
    (
        "/cosmos/staking/v1beta1/validators?pagination.limit=1000&status=BOND_STATUS_BONDED",
        200,
        &[
            "/validators/0/description/moniker",
            "/validators/0/commission/commission_rates/rate",
            "/validators/0/tokens",
        ],
    ),
    ("/cosmos/staking/v1beta1/validators/{validator}", 200, &["/validator/consensus_pubkey/key", "/validator/jailed"]),
    ("/cosmos/staking/v1beta1/params", 200, &["/params/unbonding_time", "/params/bond_denom"]),
    ("/cosmos/staking/v1beta1/pool", 200, &["/pool/bonded_tokens", "/pool/not_bonded_tokens"]),
    ("/cosmos/distribution/v1beta1/delegators/{alice}/rewards", 200, &["/rewards/0/validator_address", "/total"]),
    ("/cosmos/distribution/v1beta1/params", 200, &["/params/community_tax"]),
    ("/cosmos/mint/v1beta1/inflation", 200, &["/inflation"]),
    ("/cosmos/mint/v1beta1/params", 200, &["/params/mint_denom"]),
    ("/cosmos/gov/v1beta1/params/tallying", 200, &["/tally_params/quorum"]),
    ("/cosmos/gov/v1/proposals?pagination.limit=3000", 200, &["/proposals/0/status", "/proposals/0/title"]),
    ("/cosmos/gov/v1/proposals/1/tally", 200, &["/tally/yes_count"]),
    ("/cosmos/gov/v1/proposals/1/votes/{alice}", 200, &["/vote/options/0/option"]),
    ("/cosmos/authz/v1beta1/grants/granter/{alice}?pagination.limit=1000", 200, &["/grants/0/authorization/@type"]),
    ("/cosmos/feegrant/v1beta1/allowances/{bob}?pagination.limit=1000", 200, &["/allowances/0/allowance/@type"]),
    // Ping.pub: the pages of validators, proposals, parameters and uptime.
    ("/cosmos/distribution/v1beta1/community_pool", 200, &["/pool/0/amount"]),
    ("/cosmos/distribution/v1beta1/validators/{validator}/commission", 200, &["/commission/commission"]),
    ("/cosmos/distribution/v1beta1/validators/{validator}/outstanding_rewards", 200, &["/rewards/rewards"]),
    ("/cosmos/distribution/v1beta1/validators/{validator}/slashes", 200, &["/slashes"]),
    ("/cosmos/mint/v1beta1/annual_provisions", 200, &["/annual_provisions"]),
    ("/cosmos/slashing/v1beta1/params", 200, &["/params/signed_blocks_window"]),
    ("/cosmos/slashing/v1beta1/signing_infos?pagination.limit=300", 200, &["/info/0/address", "/info/0/jailed_until"]),
    ("/cosmos/gov/v1/params/voting", 200, &["/voting_params/voting_period"]),
    ("/cosmos/gov/v1/params/tallying", 200, &["/tally_params/threshold"]),
    ("/cosmos/gov/v1/params/deposit", 200, &["/deposit_params/min_deposit/0/amount"]),
    (
        "/cosmos/gov/v1/proposals?proposal_status=2&pagination.limit=50&pagination.reverse=true",
        200,
        &["/proposals/0/final_tally_result/yes_count", "/pagination"],
    ),
    ("/cosmos/gov/v1/proposals/1", 200, &["/proposal/voting_end_time", "/proposal/total_deposit/0/amount"]),
    ("/cosmos/gov/v1/proposals/1/deposits", 200, &["/deposits/0/depositor"]),
    ("/cosmos/gov/v1/proposals/1/votes", 200, &["/votes/0/voter"]),
    (
        "/cosmos/staking/v1beta1/validators/{validator}/delegations?pagination.limit=20&pagination.count_total=true",
        200,
        &["/delegation_responses/0/delegation/shares", "/pagination/total"],
    ),
    (
        "/cosmos/staking/v1beta1/validators/{validator}/delegations/{alice}",
        200,
        &["/delegation_response/balance/denom"],
    ),
    ("/cosmos/staking/v1beta1/validators/{validator}/unbonding_delegations", 200, &["/unbonding_responses/0/entries"]),
    ("/cosmos/staking/v1beta1/delegators/{alice}/redelegations", 200, &["/redelegation_responses"]),
    ("/cosmos/staking/v1beta1/historical_info/{height}", 200, &["/hist/header/height", "/hist/valset/0/tokens"]),
    ("/cosmos/upgrade/v1beta1/module_versions", 200, &["/module_versions/0/name"]),
    ("/cosmos/evidence/v1beta1/evidence", 200, &["/evidence"]),
    ("/cosmos/circuit/v1/disable_list", 200, &["/disabled_list"]),
];

/// GETs of both for which the chain has no module yet: refused as an unknown route is, which both take for "not there".
const NOT_THERE: &[&str] = &[
    "/cosmos/bank/v1beta1/supply/{denom}",
    "/cosmos/params/v1beta1/params?subspace=baseapp&key=BlockParams",
    "/ibc/apps/transfer/v1/denoms/test",
];

/// Calls that we refuse in other words than simd: our status and gRPC code. Where the request itself is wrong we say so (400, code 3);
/// the SDK lets some of these errors through without a code, which then are 500 and code 2, or 13.
const DIFFERENT: &[(&str, u16, u32)] = &[
    ("GET /cosmos/auth/v1beta1/accounts/nonsense", 400, 3),
    ("GET /cosmos/bank/v1beta1/supply?pagination.offset=1&pagination.key=AA==", 400, 3),
    ("GET /cosmos/tx/v1beta1/txs/block/0", 400, 3),
    // The same code; our text names the value, or the length of our addresses.
    ("GET /cosmos/auth/v1beta1/bech32/{alice}", 400, 3),
    ("GET /cosmos/bank/v1beta1/balances/nonsense", 400, 3),
    ("GET /cosmos/bank/v1beta1/spendable_balances/test", 400, 3),
    ("POST /cosmos/tx/v1beta1/simulate []", 400, 3),
    ("GET /cosmos/staking/v1beta1/validators/nonsense", 500, 2),
    // The same code; the SDK's text names codespace and code.
    ("GET /cosmos/distribution/v1beta1/delegators/{nobody}/rewards/{validator}", 500, 2),
    ("GET /cosmos/authz/v1beta1/grants?granter={alice}&grantee={bob}&msg_type_url=/cosmos.gov.v1.MsgVote", 500, 2),
    // Where nothing is found; the SDK shows the key and the type of its store.
    ("GET /cosmos/circuit/v1/accounts/{nobody}", 404, 5),
];

#[tokio::test]
async fn every_call_of_keplr_and_ping_pub_is_answered_as_they_expect() -> Result<()> {
    let chain = Chain::start("clients-1").await?;
    for (path, status, looked_at) in ANSWERED {
        let answer = chain.ask("GET", path, None).await?;
        assert_eq!(answer.status, *status, "{path}: {}", answer.body);
        for pointer in *looked_at {
            assert!(
                answer.body.pointer(pointer).is_some_and(|value| !value.is_null()),
                "{path}: {pointer} in {}",
                answer.body
            );
        }
    }
    for path in NOT_THERE {
        let answer = chain.ask("GET", path, None).await?;
        assert_eq!((answer.status, &answer.body["message"]), (501, &json!("Not Implemented")), "{path}");
    }
    let info = chain.ask("GET", "/cosmos/base/tendermint/v1beta1/node_info", None).await?.body;
    assert_eq!(info["default_node_info"]["network"], chain.values["chain_id"]);
    let deps = info["application_version"]["build_deps"].as_array().context("build_deps")?;
    assert!(deps.iter().any(|dep| dep["path"] == "github.com/cosmos/ibc-go/v8"), "{deps:?}");
    let connections = chain.ask("GET", "/ibc/core/connection/v1/connections", None).await?.body;
    assert_eq!((&connections["connections"], &connections["pagination"]["total"]), (&json!([]), &json!("0")));
    assert_ne!(connections["height"]["revision_height"], json!("0"), "{connections}");
    let transfers = chain.ask("GET", "/ibc/apps/transfer/v1/params", None).await?.body;
    assert_eq!(transfers, json!({"params": {"send_enabled": true, "receive_enabled": true}}));
    a_wallet_sends(&chain).await
}

/// Keplr simulates, sends, and looks for what became of it.
async fn a_wallet_sends(chain: &Chain) -> Result<()> {
    let tx = json!({"tx_bytes": "{tx_bytes}", "mode": "BROADCAST_MODE_SYNC"});
    let simulated = chain.ask("POST", "/cosmos/tx/v1beta1/simulate", Some(&json!({"tx_bytes": "{tx_bytes}"}))).await?;
    let gas = simulated.body["gas_info"]["gas_used"].as_str().context("gas_used")?.parse::<u64>()?;
    assert!(gas > 30_000, "{gas}");
    let sent = chain.ask("POST", "/cosmos/tx/v1beta1/txs", Some(&tx)).await?;
    assert_eq!((sent.status, &sent.body["tx_response"]["code"]), (200, &json!(0)), "{}", sent.body);
    let hash = sent.body["tx_response"]["txhash"].as_str().context("txhash")?;
    chain.node.rpc.wait_for_tx(hash, openledger_tests::node::PATIENCE).await?;
    let found = chain.ask("GET", &format!("/cosmos/tx/v1beta1/txs/{hash}"), None).await?;
    assert_eq!(found.body["tx_response"]["code"], json!(0), "{}", found.body);
    let bob = chain.ask("GET", "/cosmos/bank/v1beta1/balances/{bob}/by_denom?denom={denom}", None).await?;
    assert_eq!(bob.body, json!({"balance": {"denom": "aopen", "amount": "14"}}));
    Ok(())
}

#[tokio::test]
async fn answers_have_the_shape_of_simd_s() -> Result<()> {
    let chain = Chain::start("shapes-1").await?;
    let calls: Vec<Value> = serde_json::from_str(SIMD)?;
    assert!(calls.len() > 140, "{}", calls.len());
    let mut wrong = Vec::new();
    for call in &calls {
        let (method, path) = (call["method"].as_str().context("method")?, call["path"].as_str().context("path")?);
        let answer = chain.ask(method, path, call.get("body")).await?;
        let name = match call.get("body") {
            Some(body) => format!("{method} {path} {body}"),
            None => format!("{method} {path}"),
        };
        let reason = DIFFERENT.iter().find(|(at, _, _)| *at == name);
        let (status, code) = match reason {
            Some((_, status, code)) => (json!(status), json!(code)),
            None => (call["status"].clone(), call["answer"]["code"].clone()),
        };
        if json!(answer.status) != status {
            wrong.push(format!("{name}: status {}, simd {}: {}", answer.status, call["status"], answer.body));
        } else if answer.status == 200 {
            if call["height_header"] == json!(true) && answer.height.is_none() {
                wrong.push(format!("{name}: no header for the height"));
            }
            compare(&name, "", &answer.body, &call["answer"], &mut wrong);
        } else {
            let text = chain.fill(call["answer"]["message"].as_str().unwrap_or_default());
            if answer.body["code"] != code || (reason.is_none() && answer.body["message"] != text) {
                wrong.push(format!("{name}: {}, simd {}", answer.body, call["answer"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} calls differ:\n{}", wrong.len(), calls.len(), wrong.join("\n"));
    Ok(())
}
