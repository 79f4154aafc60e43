//! `config`: reads and changes `app.toml`, `client.toml` and `config.toml`, as confix does (cosmossdk.io/tools/confix v0.1).
//!
//! A change keeps comments and order, and is refused where the program could not read the file afterwards.

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::{Args, Subcommand};
use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::output::{document, line, print, Output};
use super::Global;
use crate::node::home::{default_toml, write_file};
use crate::node::{AppConfig, ClientConfig, Home};

/// The verbs.
#[derive(Subcommand)]
#[command(after_help = "\
Files: app (the application), client (the commands that talk to a node), config (CometBFT). A key in a table is written table.key.

Examples:
  openledgerd config set client node tcp://10.0.0.7:26657
  openledgerd config get app minimum-gas-prices
  openledgerd config set config p2p.max_num_inbound_peers 80
  openledgerd config view app
  openledgerd config diff app")]
pub enum Config {
    /// Print one setting
    #[command(after_help = "Example:\n  openledgerd config get client chain-id")]
    Get {
        /// app, client or config
        file: String,
        /// The setting
        key: String,
    },
    /// Change one setting
    Set(Set),
    /// Print a whole file
    #[command(after_help = "Example:\n  openledgerd config view client --output-format json")]
    View {
        /// app, client or config
        file: String,
        /// toml or json
        #[arg(long = "output-format", value_parser = ["toml", "json"], default_value = "toml")]
        format: String,
    },
    /// Print the node's folder
    #[command(after_help = "Example:\n  openledgerd config home --home /srv/openledger")]
    Home,
    /// Print the settings that differ from the defaults
    #[command(after_help = "Example:\n  openledgerd config diff app")]
    Diff {
        /// app, client or config
        #[arg(default_value = "app")]
        file: String,
    },
    /// Add the settings that a file of an older version lacks, and refuse those that are not known any more
    #[command(after_help = "Example:\n  openledgerd config migrate app --stdout")]
    Migrate {
        /// app, client or config
        #[arg(default_value = "app")]
        file: String,
        /// Print the file in the place of writing it
        #[arg(long)]
        stdout: bool,
    },
}

/// `config set`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  openledgerd config set client keyring-backend file
  openledgerd config set app api.enable true
  openledgerd config set app minimum-gas-prices 0.1aopen --stdout")]
pub struct Set {
    /// app, client or config
    file: String,
    /// The setting
    key: String,
    /// Its value
    value: String,
    /// Print the file in the place of writing it
    #[arg(long)]
    stdout: bool,
    /// Write it even where the program cannot read it
    #[arg(long = "skip-validate", short = 's')]
    skip_validate: bool,
    /// Say what was changed
    #[arg(long, short)]
    verbose: bool,
}

impl Config {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let home = global.home()?;
        match self {
            Self::Home => line(&home.root().display().to_string()),
            Self::Get { file, key } => {
                let file = File::open(&home, &file)?;
                let value = find(file.document.as_table(), &key)?;
                line(value.to_string().trim())
            }
            Self::Set(verb) => verb.run(&home),
            Self::View { file, format } => {
                let file = File::open(&home, &file)?;
                match format.as_str() {
                    "json" => print(&toml_json(&file.document.to_string())?, Output::Json),
                    _ => document(file.document.to_string().trim_end(), None),
                }
            }
            Self::Diff { file } => diff(&File::open(&home, &file)?),
            Self::Migrate { file, stdout } => migrate(File::open(&home, &file)?, stdout),
        }
    }
}

/// One of the three files.
struct File {
    name: String,
    path: PathBuf,
    document: DocumentMut,
}

impl File {
    fn open(home: &Home, name: &str) -> Result<Self> {
        let name = name.strip_suffix(".toml").unwrap_or(name);
        if !matches!(name, "app" | "client" | "config") {
            bail!("there is no file {name:?}: choose app, client or config");
        }
        let path = home.config(&format!("{name}.toml"));
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading {}: `openledgerd init` makes it", path.display()))?;
        let document = text.parse().with_context(|| format!("{} is wrong", path.display()))?;
        Ok(Self { name: name.into(), path, document })
    }

    /// Whether the program could read it.
    fn check(&self) -> Result<()> {
        let text = self.document.to_string();
        match self.name.as_str() {
            "app" => toml::from_str::<AppConfig>(&text)?.check(),
            "client" => toml::from_str::<ClientConfig>(&text)?.check(),
            _ => text.parse::<toml::Table>().map(drop).map_err(Into::into),
        }
    }

    fn defaults(&self) -> Result<DocumentMut> {
        Ok(default_toml(&self.name)?.parse()?)
    }

    fn write(&self, stdout: bool) -> Result<()> {
        let text = self.document.to_string();
        if stdout {
            return document(text.trim_end(), None);
        }
        write_file(&self.path, text.as_bytes(), 0o644)
    }
}

impl Set {
    fn run(self, home: &Home) -> Result<()> {
        let mut file = File::open(home, &self.file)?;
        let (table, key) = self.key.rsplit_once('.').unwrap_or(("", &self.key));
        match find(file.document.as_table(), &self.key) {
            Ok(old) => {
                let new = value_like(old, &self.value)?;
                let table = table_mut(file.document.as_table_mut(), table)?;
                let item = table.get_mut(key).and_then(Item::as_value_mut);
                let item = item.with_context(|| format!("key {:?} not found", self.key))?;
                let decor = item.decor().clone();
                *item = new;
                *item.decor_mut() = decor;
            }
            // The file lists what differs from CometBFT's own defaults; it has many more settings.
            Err(error) if file.name == "config" && error.to_string().ends_with("not found") => {
                let value = self.value.parse().unwrap_or_else(|_| Value::from(self.value.as_str()));
                let table = table_mut(file.document.as_table_mut(), table)?;
                ensure!(table.get(key).is_none(), error);
                table.insert(key, Item::Value(value));
                eprintln!(
                    "{} was not in config.toml and is added; CometBFT ignores settings that it does not know",
                    self.key
                );
            }
            Err(error) => return Err(error),
        }
        if !self.skip_validate {
            let (key, value, path) = (&self.key, &self.value, file.path.display());
            file.check().with_context(|| format!("{key} = {value:?} is not taken; {path} is as it was"))?;
        }
        if self.verbose {
            eprintln!("update {}={} in {}", self.key, self.value, file.path.display());
        }
        file.write(self.stdout)
    }
}

fn find<'a>(table: &'a dyn TableLike, key: &str) -> Result<&'a Value> {
    let mut table = table;
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        let item = table.get(part).with_context(|| format!("key {key:?} not found"))?;
        if parts.peek().is_none() {
            return item.as_value().with_context(|| format!("key {key:?} is a table: name a setting in it"));
        }
        table = item.as_table_like().with_context(|| format!("key {key:?} not found: {part} is no table"))?;
    }
    bail!("key {key:?} not found")
}

fn table_mut<'a>(root: &'a mut dyn TableLike, path: &str) -> Result<&'a mut dyn TableLike> {
    let mut table = root;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let found = table.get_mut(part).and_then(Item::as_table_like_mut);
        table = found.with_context(|| format!("there is no table {part:?}"))?;
    }
    Ok(table)
}

/// The value that a text stands for: text stays text even where it looks like a number, other kinds are written as TOML.
fn value_like(old: &Value, text: &str) -> Result<Value> {
    if old.is_str() {
        let quoted = text.parse::<Value>().ok().filter(Value::is_str);
        return Ok(quoted.unwrap_or_else(|| Value::from(text)));
    }
    let new: Value = text.parse().with_context(|| format!("{text:?} is no {}", old.type_name()))?;
    ensure!(
        new.type_name() == old.type_name(),
        "{text:?} is a {}, where a {} is wanted",
        new.type_name(),
        old.type_name()
    );
    Ok(new)
}

fn toml_json(text: &str) -> Result<Json> {
    Ok(serde_json::to_value(text.parse::<toml::Table>()?)?)
}

/// Every setting by its whole name, as it is written.
fn settings(table: &dyn TableLike, prefix: &str, into: &mut Vec<(String, String)>) {
    for (key, item) in table.iter() {
        let name = if prefix.is_empty() { key.to_string() } else { format!("{prefix}.{key}") };
        match item {
            Item::Value(value) => into.push((name, value.to_string().trim().to_string())),
            item => item.as_table_like().into_iter().for_each(|table| settings(table, &name, into)),
        }
    }
}

fn diff(file: &File) -> Result<()> {
    let (mut have, mut defaults) = (Vec::new(), Vec::new());
    settings(file.document.as_table(), "", &mut have);
    settings(file.defaults()?.as_table(), "", &mut defaults);
    let value = |list: &[(String, String)], name: &str| {
        list.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    };
    let mut lines = Vec::new();
    for (name, is) in &have {
        match value(&defaults, name) {
            Some(default) if default == *is => {}
            Some(default) => lines.push(format!("{name}: {is} (default {default})")),
            None => lines.push(format!("{name}: {is} (not known)")),
        }
    }
    let missing = defaults.iter().filter(|(name, _)| value(&have, name).is_none());
    lines.extend(missing.map(|(name, default)| format!("{name}: missing (default {default})")));
    if lines.is_empty() {
        return line("All config values are the same as the defaults.");
    }
    line("The following config values are different from the defaults:")?;
    lines.iter().try_for_each(|text| line(text))
}

fn migrate(mut file: File, stdout: bool) -> Result<()> {
    let defaults = file.defaults()?;
    let mut added = Vec::new();
    merge(file.document.as_table_mut(), defaults.as_table(), "", &mut added);
    file.check().with_context(|| format!("{} holds what this version does not know", file.path.display()))?;
    added.iter().for_each(|name| eprintln!("added {name} with its default"));
    file.write(stdout)
}

fn merge(into: &mut toml_edit::Table, defaults: &toml_edit::Table, prefix: &str, added: &mut Vec<String>) {
    for (key, default) in defaults.iter() {
        let name = if prefix.is_empty() { key.to_string() } else { format!("{prefix}.{key}") };
        match (into.get_mut(key), default) {
            (None, _) => {
                // With its comment.
                if let Some((key, item)) = defaults.get_key_value(key) {
                    into.insert_formatted(key, item.clone());
                    added.push(name);
                }
            }
            (Some(Item::Table(table)), Item::Table(defaults)) => merge(table, defaults, &name, added),
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_the_kind_of_the_one_before() {
        let like = |old: &str, text: &str| value_like(&old.parse().unwrap(), text);
        assert_eq!(like("\"a\"", "5").unwrap().as_str(), Some("5"));
        assert_eq!(like("\"a\"", "\"b\"").unwrap().as_str(), Some("b"));
        assert_eq!(like("1", "5").unwrap().as_integer(), Some(5));
        assert_eq!(like("true", "false").unwrap().as_bool(), Some(false));
        assert!(like("1", "five").is_err());
        assert!(like("true", "1").unwrap_err().to_string().contains("boolean"));
    }

    #[test]
    fn what_an_older_file_lacks_is_added_with_its_comment() {
        let mut file: DocumentMut = "a = 1\n[t]\nx = 2\n".parse().unwrap();
        let defaults: DocumentMut = "a = 9\n# why b\nb = 3\n[t]\nx = 9\ny = 4\n[u]\nz = 5\n".parse().unwrap();
        let mut added = Vec::new();
        merge(file.as_table_mut(), defaults.as_table(), "", &mut added);
        assert_eq!(added, ["b", "t.y", "u"]);
        let text = file.to_string();
        assert!(text.contains("a = 1") && text.contains("# why b\nb = 3") && text.contains("x = 2\ny = 4"), "{text}");
        assert_eq!(text.parse::<toml::Table>().unwrap()["u"]["z"].as_integer(), Some(5));
    }
}
