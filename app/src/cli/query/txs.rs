//! `query tx`, `txs` and `wait-tx`: transactions in blocks (SDK v0.50 `x/auth/client/cli/query.go`, `client/rpc/tx.go`).

use std::io::Read;
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use clap::{Arg, ArgMatches, Command};
use openledger_client::{prompt, Error, Rpc};
use openledger_proto::cosmos::tx::v1beta1::{
    GetTxRequest, GetTxResponse, GetTxsEventRequest, GetTxsEventResponse, OrderBy,
};
use openledger_proto::{walker, Message, Name};
use serde_json::{json, Value};

const SERVICE: &str = "/cosmos.tx.v1beta1.Service";

/// The verbs.
pub fn commands() -> [Command; 3] {
    let kind = Arg::new("type")
        .long("type")
        .value_name("KIND")
        .value_parser(["hash", "acc_seq", "signature"])
        .default_value("hash")
        .help("What names it: its hash, ADDRESS/SEQUENCE of a signer, or its signatures in base64, comma-separated");
    [
        Command::new("tx")
            .about("A transaction in a block, by its hash, a signer's sequence, or its signatures")
            .arg(Arg::new("id").required(true).value_name("HASH").help("What names it; see --type"))
            .arg(kind)
            .after_help(
                "Examples:\n  openledgerd query tx 3C2F…\n  openledgerd query tx --type acc_seq open1…/7\n  \
                 openledgerd query tx --type signature BASE64,BASE64",
            ),
        Command::new("txs").about("Transactions whose events match a query, by pages").args(search_flags()).after_help(
            "The query is CometBFT's: conditions like message.sender='open1…' or tx.height>7, with AND between.\n\n\
             Example:\n  openledgerd query txs --query \"message.action='/cosmos.bank.v1beta1.MsgSend' AND tx.height>7\" --page 2",
        ),
        Command::new("wait-tx")
            .visible_alias("event-query-tx-for")
            .about("Wait until a block holds a transaction")
            .arg(Arg::new("hash").help("Its hash [default: that in the output of tx, on standard input]"))
            .arg(
                Arg::new("timeout")
                    .long("timeout")
                    .value_name("DURATION")
                    .default_value("15s")
                    .help("How long to wait: 15s, 2m, 500ms"),
            )
            .after_help(
                "Examples:\n  openledgerd query wait-tx 3C2F… --timeout 1m\n  \
                 openledgerd tx bank send alice open1… 10aopen --yes -o json | openledgerd query wait-tx",
            ),
    ]
}

/// The flags of a search, for transactions and blocks.
pub fn search_flags() -> [Arg; 4] {
    let [page, limit] = pages();
    [
        arg("query", "QUERY", "What the events must be").required(true),
        page,
        limit,
        arg("order_by", "ORDER", "asc or desc").value_parser(["asc", "desc", "dsc"]).hide_possible_values(true),
    ]
}

/// The flags of pages that are counted.
pub fn pages() -> [Arg; 2] {
    [
        arg("page", "NUMBER", "Which page, from 1").default_value("1"),
        arg("limit", "NUMBER", "How many a page has, at most 100").default_value("100"),
    ]
}

fn arg(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// The flags of [`pages`], read: which page, how many it has.
pub fn page(matches: &ArgMatches) -> Result<(u64, u64)> {
    let number = |name: &str| -> Result<u64> {
        let text = matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
        let number = text.parse().with_context(|| format!("--{name} {text:?} is no number"))?;
        ensure!(number > 0, "--{name} 0: it begins with 1");
        Ok(number)
    };
    Ok((number("page")?, number("limit")?))
}

/// The flags of a search, read: query, page, limit, order (`asc`, `desc` or nothing).
pub fn searched(matches: &ArgMatches) -> Result<(String, u64, u64, &'static str)> {
    let (page, limit) = page(matches)?;
    let order = match matches.get_one::<String>("order_by").map(String::as_str) {
        Some("asc") => "asc",
        Some(_) => "desc",
        None => "",
    };
    let query = matches.get_one::<String>("query").cloned().unwrap_or_default();
    Ok((query, page, limit, order))
}

/// `query tx`.
pub async fn one(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let id = matches.get_one::<String>("id").context("name a transaction")?;
    let (query, what) = match matches.get_one::<String>("type").map(String::as_str) {
        Some("acc_seq") => {
            ensure!(id.contains('/'), "{id:?}: --type acc_seq takes ADDRESS/SEQUENCE, e.g. open1…/7");
            (format!("tx.acc_seq='{id}'"), "given address and sequence combination")
        }
        Some("signature") => {
            let events = id.split(',').map(|signature| format!("tx.signature='{}'", signature.trim()));
            (events.collect::<Vec<_>>().join(" AND "), "given signatures")
        }
        _ => return by_hash(rpc, id).await,
    };
    let mut found = find(rpc, query, 1, 100, "").await?.tx_responses;
    ensure!(found.len() <= 1, "found {} txs matching {what}", found.len());
    let found = found.pop().with_context(|| format!("found no txs matching {what}"))?;
    Ok(walker::to_json("cosmos.base.abci.v1beta1.TxResponse", &found.encode_to_vec())?)
}

async fn by_hash(rpc: &Rpc, hash: &str) -> Result<Value> {
    let digits = hash.strip_prefix("0x").unwrap_or(hash);
    ensure!(
        digits.len() == 64 && hex::decode(digits).is_ok(),
        "{hash:?} is no transaction's hash: it has 64 hexadecimal digits"
    );
    let request = GetTxRequest { hash: digits.into() };
    let answer: GetTxResponse = match rpc.query(&format!("{SERVICE}/GetTx"), &request).await {
        Err(Error::Query { log, .. }) if log.contains("not found") => bail!("tx ({digits}) not found"),
        answer => answer?,
    };
    let response = answer.tx_response.with_context(|| format!("no transaction found with hash {digits}"))?;
    Ok(walker::to_json("cosmos.base.abci.v1beta1.TxResponse", &response.encode_to_vec())?)
}

#[allow(deprecated)] // `events` and `pagination` stay empty.
async fn find(rpc: &Rpc, query: String, page: u64, limit: u64, order: &str) -> Result<GetTxsEventResponse> {
    let order_by = match order {
        "asc" => OrderBy::Asc,
        "desc" => OrderBy::Desc,
        _ => OrderBy::Unspecified,
    };
    let request = GetTxsEventRequest { query, page, limit, order_by: order_by.into(), ..Default::default() };
    Ok(rpc.query(&format!("{SERVICE}/GetTxsEvent"), &request).await?)
}

/// `query txs`, as the SDK's `SearchTxsResult`.
pub async fn search(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let (query, page, limit, order) = searched(matches)?;
    let found = find(rpc, query, page, limit, order).await?;
    let shown = walker::to_json(&GetTxsEventResponse::full_name(), &found.encode_to_vec())?;
    Ok(json!({
        "total_count": found.total.to_string(),
        "count": found.tx_responses.len().to_string(),
        "page_number": page.to_string(),
        "page_total": found.total.div_ceil(limit).to_string(),
        "limit": limit.to_string(),
        "txs": shown["tx_responses"],
    }))
}

/// `query wait-tx`.
pub async fn wait(rpc: &Rpc, matches: &ArgMatches) -> Result<Value> {
    let timeout = matches.get_one::<String>("timeout").map(String::as_str).unwrap_or("15s");
    let timeout = duration(timeout).with_context(|| format!("--timeout {timeout:?}: write e.g. 15s, 2m or 500ms"))?;
    let hash = match matches.get_one::<String>("hash") {
        Some(hash) => hash.clone(),
        None => {
            ensure!(!prompt::is_terminal(), "name a hash, or pipe the output of a tx command in");
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            hash_in(&text).context("txhash not found")?
        }
    };
    match rpc.wait_for_tx(&hash, timeout).await {
        Err(Error::Timeout(hash)) => bail!("timed out waiting for transaction {hash} to be included in a block"),
        found => drop(found?),
    }
    by_hash(rpc, &hash).await
}

/// The hash in what `tx` printed, JSON or YAML.
fn hash_in(text: &str) -> Option<String> {
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return value["txhash"].as_str().map(str::to_string);
    }
    let line = text.lines().find_map(|line| line.strip_prefix("txhash:"))?;
    Some(line.trim().trim_matches(|quote| quote == '\'' || quote == '"').to_string())
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" | "" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_found_in_either_form_of_output() {
        assert_eq!(hash_in(r#"{"code":0,"txhash":"AB12"}"#).as_deref(), Some("AB12"));
        assert_eq!(hash_in("code: 0\ntxhash: AB12\n").as_deref(), Some("AB12"));
        assert_eq!(hash_in("code: 0\ntxhash: '12'\n").as_deref(), Some("12"));
        assert_eq!(hash_in("nothing"), None);
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("soon"), None);
    }
}
