//! `query block`, `blocks`, `block-results` and `comet-validator-set`: CometBFT's blocks and validators (SDK v0.50 `server/cmt_cmds.go`,
//! `client/rpc/validators.go`), and what other chains know of a block (ibc-go v8 `02-client/client/cli`). A block is printed as
//! `tendermint.types.Block`, results as CometBFT's RPC has them.

use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::{Arg, ArgMatches, Command};
use openledger_client::Rpc;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::cosmos::base::tendermint::v1beta1::{
    GetLatestValidatorSetRequest, GetLatestValidatorSetResponse, GetValidatorSetByHeightRequest,
    GetValidatorSetByHeightResponse,
};
use openledger_proto::tendermint::types::Block;
use openledger_proto::{walker, Message, Name};
use serde_json::{json, Value};

use super::txs::{page, pages, search_flags, searched};

/// The verb of [`self_consensus_command`].
pub const SELF_CONSENSUS: &str = "self-consensus-state";

/// The verbs.
pub fn commands() -> [Command; 4] {
    let at = || Arg::new("at").value_name("HEIGHT");
    [
        Command::new("block")
            .about("A block by its height or hash")
            .arg(at().help("Its height, or with --type hash its hash [default: the last]"))
            .arg(
                Arg::new("type")
                    .long("type")
                    .value_name("KIND")
                    .value_parser(["height", "hash"])
                    .help("What names it [default: height where it is a number]"),
            )
            .after_help(
                "Examples:\n  openledgerd query block\n  openledgerd query block --type height 100\n  \
                 openledgerd query block --type hash 9F3A…",
            ),
        Command::new("blocks")
            .about("Blocks whose events match a query, by pages")
            .args(search_flags())
            .after_help("Example:\n  openledgerd query blocks --query \"block.height>7\" --order_by desc --limit 5"),
        Command::new("block-results")
            .about("The results of a block: transactions, events, validators")
            .arg(at().help("Its height [default: the last]"))
            .after_help("Example:\n  openledgerd query block-results 100"),
        Command::new("comet-validator-set")
            .alias("tendermint-validator-set")
            .about("The validators of a height, by pages")
            .arg(at().help("The height [default: the last]"))
            .args(pages())
            .after_help("Example:\n  openledgerd query comet-validator-set 100"),
    ]
}

/// `query ibc client self-consensus-state`.
pub fn self_consensus_command() -> Command {
    Command::new(SELF_CONSENSUS)
        .about("What a client on another chain knows of this chain's last block")
        .after_help("Example:\n  openledgerd query ibc client self-consensus-state")
}

/// `query block`.
pub async fn one(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let at = matches.get_one::<String>("at").map(String::as_str);
    let is_hash = match matches.get_one::<String>("type").map(String::as_str) {
        Some("hash") => true,
        Some(_) => false,
        // SDK v0.50 takes a hash where no type is given; a height is what people write.
        None => at.is_some_and(|at| at.len() == 64),
    };
    let answer = match at {
        Some(hash) if is_hash => {
            let bytes =
                hex::decode(hash).with_context(|| format!("{hash:?} is no hash: it has 64 hexadecimal digits"))?;
            rpc.call("block_by_hash", json!({"hash": BASE64.encode(bytes)})).await?
        }
        at => rpc.call("block", at_height(at)?).await?,
    };
    let block = &answer["block"];
    ensure!(!block.is_null(), "block not found: {}", at.unwrap_or_default());
    shown(block)
}

/// A block of CometBFT's RPC as `tendermint.types.Block`: its hashes are bytes there, and in JSON base64.
fn shown(block: &Value) -> Result<Value> {
    let block: Block = serde_json::from_value(block.clone()).context("a block of CometBFT's")?;
    Ok(walker::to_json("tendermint.types.Block", &block.encode_to_vec())?)
}

/// `query blocks`, as the SDK's `SearchBlocksResult`.
pub async fn search(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let (query, page, limit, order_by) = searched(matches)?;
    let params = json!({"query": query, "page": page.to_string(), "per_page": limit.to_string(), "order_by": order_by});
    let answer = rpc.call("block_search", params).await?;
    let blocks = answer["blocks"].as_array().into_iter().flatten().map(|block| shown(&block["block"]));
    let blocks = blocks.collect::<Result<Vec<_>>>()?;
    let total: u64 = answer["total_count"].as_str().and_then(|total| total.parse().ok()).unwrap_or_default();
    Ok(json!({
        "total_count": total.to_string(),
        "count": blocks.len().to_string(),
        "page_number": page.to_string(),
        "page_total": total.div_ceil(limit).to_string(),
        "limit": limit.to_string(),
        "blocks": blocks,
    }))
}

/// `query block-results`.
pub async fn results(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let at = matches.get_one::<String>("at").map(String::as_str);
    Ok(rpc.call("block_results", at_height(at)?).await?)
}

/// `query comet-validator-set`.
pub async fn validators(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    const SERVICE: &str = "/cosmos.base.tendermint.v1beta1.Service";
    let (page, limit) = page(matches)?;
    let offset = (page - 1).checked_mul(limit).context("--page: there are not so many validators")?;
    let pagination = Some(PageRequest { offset, limit, ..PageRequest::default() });
    let height = matches.get_one::<String>("at").or_else(|| matches.get_one::<String>("height"));
    let height = height.map(|height| height.parse::<i64>().with_context(|| format!("{height:?} is no height")));
    // The SDK takes 0 for the last.
    match height.transpose()?.filter(|height| *height > 0) {
        Some(height) => {
            let request = GetValidatorSetByHeightRequest { height, pagination };
            let answer: GetValidatorSetByHeightResponse =
                rpc.query(&format!("{SERVICE}/GetValidatorSetByHeight"), &request).await?;
            Ok(walker::to_json(&GetValidatorSetByHeightResponse::full_name(), &answer.encode_to_vec())?)
        }
        None => {
            let request = GetLatestValidatorSetRequest { pagination };
            let answer: GetLatestValidatorSetResponse =
                rpc.query(&format!("{SERVICE}/GetLatestValidatorSet"), &request).await?;
            Ok(walker::to_json(&GetLatestValidatorSetResponse::full_name(), &answer.encode_to_vec())?)
        }
    }
}

/// `query ibc client self-consensus-state`.
pub async fn self_consensus_state(rpc: &Rpc) -> Result<Value> {
    let answer = rpc.call("commit", json!({})).await?;
    consensus_state(&answer["signed_header"]["header"])
}

fn consensus_state(header: &Value) -> Result<Value> {
    let text = |name: &str| header[name].as_str().with_context(|| format!("the header has no {name}"));
    let root = hex::decode(text("app_hash")?).context("the header's app_hash")?;
    Ok(json!({
        "timestamp": text("time")?,
        "root": {"hash": BASE64.encode(root)},
        "next_validators_hash": text("next_validators_hash")?,
    }))
}

fn at_height(at: Option<&str>) -> Result<Value> {
    let Some(at) = at.filter(|at| !at.is_empty()) else {
        eprintln!("Falling back to latest block height:");
        return Ok(json!({}));
    };
    let height: u64 = at.parse().with_context(|| format!("failed to parse block height: {at:?} is no number"))?;
    Ok(json!({"height": height.to_string()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consensus_state_is_what_a_header_says_in_ibc_s_form() {
        let header = json!({"time": "2026-11-21T03:59:25Z", "app_hash": "0102", "next_validators_hash": "AB"});
        let want = json!({"timestamp": "2026-11-21T03:59:25Z", "root": {"hash": "AQI="}, "next_validators_hash": "AB"});
        assert_eq!(consensus_state(&header).unwrap(), want);
        assert!(consensus_state(&json!({})).is_err());
    }
}
