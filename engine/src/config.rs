//! Settings: one TOML file, `engine.toml` beside this crate explains each; flags override it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::agency::AgentSettings;
use crate::serve::settings::ServeSettings;
use crate::sync::FetchSettings;
use crate::watch::WatchSettings;

/// The file with every setting, its default and what it does.
pub const EXPLAINED: &str = include_str!("../engine.toml");

/// All settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The node and the key.
    pub chain: ChainSettings,
    /// Folders.
    pub data: DataSettings,
    /// What is logged.
    pub log: LogSettings,
    /// Figures.
    pub metrics: MetricsSettings,
    /// Where contents come from.
    pub sync: FetchSettings,
    /// What is served.
    pub serve: ServeSettings,
    /// The agent that is served.
    pub agent: AgentSettings,
    /// What is watched.
    pub watch: WatchSettings,
}

/// `[chain]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChainSettings {
    /// CometBFT's RPC of a node.
    pub node: String,
    /// Home folder with the keyring.
    pub home: String,
    /// Where keys are kept.
    pub keyring_backend: String,
    /// Name of the key that signs.
    pub from: String,
    /// Fee of each transaction.
    pub fees: String,
}

impl Default for ChainSettings {
    fn default() -> Self {
        Self {
            node: "http://127.0.0.1:26657".into(),
            home: "~/.openledger".into(),
            keyring_backend: "test".into(),
            from: String::new(),
            fees: String::new(),
        }
    }
}

/// `[data]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataSettings {
    /// Folder of the others; relative names lie in the home.
    pub folder: PathBuf,
    /// Contents by root.
    pub contents: PathBuf,
    /// Suffix arrays.
    pub index: PathBuf,
    /// A server's sessions, or an agent's.
    pub sessions: PathBuf,
    /// A watcher's book.
    pub watch: PathBuf,
}

impl Default for DataSettings {
    fn default() -> Self {
        let empty = PathBuf::new;
        Self { folder: "engine".into(), contents: empty(), index: empty(), sessions: empty(), watch: empty() }
    }
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `text` or `json`.
    pub format: LogFormat,
    /// What is logged, as `RUST_LOG` says it.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".into() }
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `[metrics]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsSettings {
    /// Where they are served; empty for nowhere.
    pub listen: String,
}

impl Settings {
    /// Reads a file; its defaults where none is named.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("settings {}", path.display()))
    }

    /// The home folder.
    pub fn home(&self) -> Result<PathBuf> {
        Ok(match self.chain.home.strip_prefix("~/") {
            Some(rest) => PathBuf::from(std::env::var("HOME").context("HOME is not set; give --home")?).join(rest),
            None => PathBuf::from(&self.chain.home),
        })
    }

    /// Fills in the folders that are not named.
    pub fn folders(&self) -> Result<DataSettings> {
        let base = self.home()?.join(&self.data.folder);
        let named = |path: &Path, name: &str| {
            if path.as_os_str().is_empty() {
                base.join(name)
            } else {
                path.to_path_buf()
            }
        };
        Ok(DataSettings {
            contents: named(&self.data.contents, "contents"),
            index: named(&self.data.index, "index"),
            sessions: named(&self.data.sessions, "sessions"),
            watch: named(&self.data.watch, "watch"),
            folder: base,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_explains_every_setting_holds_every_default() {
        let explained: Settings = toml::from_str(EXPLAINED).unwrap();
        assert_eq!(format!("{explained:?}"), format!("{:?}", Settings::default()));
        // Every field stands in the file: as many names as the structures have.
        let names = EXPLAINED.lines().filter(|line| line.trim_start_matches("# ").contains(" = ")).count();
        let fields = format!("{:?}", Settings::default()).matches(": ").count();
        let structures = 8;
        assert_eq!(names, fields - structures);
    }

    #[test]
    fn a_setting_that_does_not_exist_is_refused_by_its_name() {
        let error = toml::from_str::<Settings>("[sync]\nmirors = []\n").unwrap_err().to_string();
        assert!(error.contains("mirors"), "{error}");
        let error = toml::from_str::<Settings>("[serve]\nlissen = \"x\"\n").unwrap_err().to_string();
        assert!(error.contains("lissen"), "{error}");
    }
}
