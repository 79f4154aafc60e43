//! `query block`, `blocks` and `block-results`: CometBFT's blocks (SDK v0.50 `server/cmt_cmds.go`). A block is printed as
//! `tendermint.types.Block`, results as CometBFT's RPC has them.

use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::{Arg, ArgMatches, Command};
use openledger_client::Rpc;
use serde_json::{json, Value};

use super::txs::{search_flags, searched};

/// The verbs.
pub fn commands() -> [Command; 3] {
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
    ]
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
    Ok(block.clone())
}

/// `query blocks`, as the SDK's `SearchBlocksResult`.
pub async fn search(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let (query, page, limit, order_by) = searched(matches)?;
    let params = json!({"query": query, "page": page.to_string(), "per_page": limit.to_string(), "order_by": order_by});
    let answer = rpc.call("block_search", params).await?;
    let blocks = answer["blocks"].as_array().into_iter().flatten().map(|block| block["block"].clone());
    let blocks: Vec<Value> = blocks.collect();
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

fn at_height(at: Option<&str>) -> Result<Value> {
    let Some(at) = at.filter(|at| !at.is_empty()) else {
        eprintln!("Falling back to latest block height:");
        return Ok(json!({}));
    };
    let height: u64 = at.parse().with_context(|| format!("failed to parse block height: {at:?} is no number"))?;
    Ok(json!({"height": height.to_string()}))
}
