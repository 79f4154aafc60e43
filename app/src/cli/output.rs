//! How results are printed: `json` is one line, `text` is YAML with its keys in order, as the SDK's commands print them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{bail, Context, Result};
use serde_json::Value;

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// One line of JSON.
    Json,
    /// YAML.
    Text,
    /// A table, of statements alone.
    Csv,
}

impl std::str::FromStr for Output {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            "csv" => Ok(Self::Csv),
            _ => bail!("the output {text:?} is unknown: choose json, text, or csv for statements"),
        }
    }
}

/// Prints a result.
pub fn print(answer: &Value, output: Output) -> Result<()> {
    match output {
        Output::Json => line(&answer.to_string()),
        Output::Text => put(yaml(answer)?.as_bytes()),
        Output::Csv => bail!("csv is for statements: choose json or text"),
    }
}

/// Prints a text as it is.
pub fn raw(text: &str) -> Result<()> {
    put(text.as_bytes())
}

/// Prints a line.
pub fn line(text: &str) -> Result<()> {
    put(format!("{text}\n").as_bytes())
}

/// Prints a line, or writes it to the file that `--output-document` names.
pub fn document(text: &str, file: Option<&Path>) -> Result<()> {
    match file {
        Some(path) => std::fs::write(path, format!("{text}\n")).with_context(|| format!("writing {}", path.display())),
        None => line(text),
    }
}

/// A reader that has enough (`| head`) is no error.
fn put(bytes: &[u8]) -> Result<()> {
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("writing the result"),
        _ => Ok(()),
    }
}

fn yaml(answer: &Value) -> Result<String> {
    Ok(serde_norway::to_string(&Sorted::of(answer))?)
}

/// JSON with the keys of each object in order.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Sorted<'a> {
    Plain(&'a Value),
    List(Vec<Sorted<'a>>),
    Object(BTreeMap<&'a str, Sorted<'a>>),
}

impl<'a> Sorted<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Array(list) => Self::List(list.iter().map(Self::of).collect()),
            Value::Object(object) => {
                Self::Object(object.iter().map(|(key, value)| (key.as_str(), Self::of(value))).collect())
            }
            plain => Self::Plain(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_yaml_with_sorted_keys_and_quoted_numbers() {
        let answer =
            json!({"pagination": {"total": "1", "next_key": null}, "balances": [{"denom": "aopen", "amount": "10"}]});
        let text = yaml(&answer).unwrap();
        assert_eq!(text, "balances:\n- amount: '10'\n  denom: aopen\npagination:\n  next_key: null\n  total: '1'\n");
    }
}
