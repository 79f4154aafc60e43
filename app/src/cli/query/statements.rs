//! `query contributor statement` and `statements` with `--output csv`: a row a year and kind of income, for tables and for who asks what
//! was earned.
//!
//! RFC 4180: a header, CRLF after each row, quotes where a value needs them. Rows are in order of accounts, years and kinds, whatever the
//! order in which the node tells them, so that the same state always gives the same bytes. The chain's whole answer is written, not a page
//! of it, unless `--page-…` flags ask for one.

use anyhow::{bail, Context, Result};
use clap::ArgMatches;
use openledger_client::Rpc;
use openledger_proto::openledger::contributor::v1::{
    IncomeKind, QueryStatementResponse, QueryStatementsResponse, StatementLine,
};
use openledger_proto::{walker, Message};
use prost_types::Timestamp;
use serde_json::{json, Value};

use super::super::auto;
use super::ask;

const PACKAGE: &str = "openledger.contributor.v1";
/// Lines asked for at once, the most that a node gives.
const PAGE: &str = "1000";
/// Decimal places of an OPEN.
const PLACES: usize = 18;
const HEADER: [&str; 10] = [
    "account",
    "year",
    "kind",
    "amount_aopen",
    "amount_open",
    "payments",
    "first_height",
    "first_time",
    "last_height",
    "last_time",
];

/// The statement that a command line asks for, as CSV; an error where it asks for something else.
pub async fn csv(rpc: &Rpc, verb: &str, matches: &ArgMatches) -> Result<String> {
    let lines = match (verb, matches.subcommand()) {
        ("contributor", Some(("statement", matches))) => {
            let request = auto::request(&format!("{PACKAGE}.QueryStatementRequest"), matches, &[])?;
            let answer: QueryStatementResponse = asked(rpc, "Statement", &request, matches).await?;
            answer.lines
        }
        ("contributor", Some(("statements", matches))) => all(rpc, matches).await?,
        _ => bail!("csv is for statements: openledgerd query contributor statement ADDRESS YEAR --output csv"),
    };
    table(lines)
}

/// All lines, page after page; one page where flags name one.
async fn all(rpc: &Rpc, matches: &ArgMatches) -> Result<Vec<StatementLine>> {
    let mut request = auto::request(&format!("{PACKAGE}.QueryStatementsRequest"), matches, &[])?;
    let one = request.get("pagination").is_some();
    let mut lines = Vec::new();
    loop {
        if !one {
            request["pagination"]["limit"] = PAGE.into();
        }
        let answer: QueryStatementsResponse = asked(rpc, "Statements", &request, matches).await?;
        lines.extend(answer.lines);
        let next = answer.pagination.unwrap_or_default().next_key;
        if one || next.is_empty() {
            return Ok(lines);
        }
        use base64::Engine;
        let key = base64::engine::general_purpose::STANDARD.encode(&next);
        request["pagination"] = json!({ "key": key });
    }
}

async fn asked<T: Message + Default>(rpc: &Rpc, method: &str, request: &Value, matches: &ArgMatches) -> Result<T> {
    let request = walker::from_json(&format!("{PACKAGE}.Query{method}Request"), request)?;
    let answer = ask(rpc, &format!("/{PACKAGE}.Query/{method}"), request, matches).await?;
    Ok(T::decode(answer.as_slice())?)
}

fn table(mut lines: Vec<StatementLine>) -> Result<String> {
    lines.sort_by(|a, b| (&a.address, a.year, a.kind).cmp(&(&b.address, b.year, b.kind)));
    let mut text = row(&HEADER.map(String::from));
    for line in &lines {
        text.push_str(&row(&values(line)?));
    }
    Ok(text)
}

fn values(line: &StatementLine) -> Result<[String; 10]> {
    // A kind that a later version of the chain knows stays a number.
    let kind = IncomeKind::try_from(line.kind).map(|kind| kind.as_str_name().to_string());
    let kind = kind.unwrap_or_else(|_| line.kind.to_string());
    let kind = kind.strip_prefix("INCOME_KIND_").unwrap_or(&kind).to_lowercase();
    let time = |seconds| Timestamp { seconds, nanos: 0 }.to_string();
    Ok([
        line.address.clone(),
        line.year.to_string(),
        kind,
        line.amount.clone(),
        open(&line.amount).with_context(|| format!("the amount {:?} of {}", line.amount, line.address))?,
        line.count.to_string(),
        line.first_height.to_string(),
        time(line.first_seconds),
        line.last_height.to_string(),
        time(line.last_seconds),
    ])
}

/// Base units as OPEN, exactly, without zeros at the end.
fn open(aopen: &str) -> Result<String> {
    if aopen.is_empty() || !aopen.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("it is no number of base units");
    }
    let digits = format!("{aopen:0>width$}", width = PLACES + 1);
    let (whole, fraction) = digits.split_at(digits.len() - PLACES);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let fraction = fraction.trim_end_matches('0');
    Ok(if fraction.is_empty() { whole.into() } else { format!("{whole}.{fraction}") })
}

/// A row of RFC 4180.
fn row(values: &[String]) -> String {
    let quoted = values.iter().map(|value| {
        if value.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            value.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(address: &str, year: u32, kind: IncomeKind, amount: &str) -> StatementLine {
        StatementLine {
            address: address.into(),
            year,
            kind: kind as i32,
            amount: amount.into(),
            count: 2,
            first_height: 7,
            first_seconds: 1_767_225_600,
            last_height: 9,
            last_seconds: 1_767_225_661,
        }
    }

    #[test]
    fn a_statement_is_a_table_in_order_of_accounts_years_and_kinds() {
        let lines = vec![
            line("open1b", 2026, IncomeKind::Attribution, "1500000000000000000"),
            line("open1a", 2026, IncomeKind::Bounty, "1"),
            line("open1a", 2026, IncomeKind::Attribution, "2000000000000000000"),
            line("open1a", 2025, IncomeKind::Opening, "30"),
        ];
        let text = table(lines.clone()).unwrap();
        let times = "7,2026-01-01T00:00:00Z,9,2026-01-01T00:01:01Z";
        let want = [
            HEADER.join(","),
            format!("open1a,2025,opening,30,0.00000000000000003,2,{times}"),
            format!("open1a,2026,attribution,2000000000000000000,2,2,{times}"),
            format!("open1a,2026,bounty,1,0.000000000000000001,2,{times}"),
            format!("open1b,2026,attribution,1500000000000000000,1.5,2,{times}"),
        ];
        assert_eq!(text, want.map(|row| row + "\r\n").concat());
        // Whatever the order in which they come.
        assert_eq!(table(lines.into_iter().rev().collect()).unwrap(), text);
        assert_eq!(table(Vec::new()).unwrap(), HEADER.join(",") + "\r\n");
    }

    #[test]
    fn values_with_commas_quotes_and_line_ends_are_quoted() {
        let values = ["plain", "a,b", "say \"so\"", "two\r\nlines", ""].map(String::from);
        assert_eq!(row(&values), "plain,\"a,b\",\"say \"\"so\"\"\",\"two\r\nlines\",\r\n");
    }

    #[test]
    fn a_kind_of_a_later_chain_is_its_number_and_no_number_is_no_amount() {
        let unknown = StatementLine { kind: 99, ..line("open1a", 2026, IncomeKind::Bounty, "0") };
        assert_eq!(values(&unknown).unwrap()[2..5], ["99", "0", "0"].map(String::from));
        for amount in ["", "-1", "1.5", "many"] {
            assert!(values(&line("open1a", 2026, IncomeKind::Bounty, amount)).is_err(), "{amount}");
        }
        let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(
            open(most).unwrap(),
            "115792089237316195423570985008687907853269984665640564039457.584007913129639935"
        );
    }
}
