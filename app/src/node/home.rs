//! The home folder: where everything of one node is, laid out as `simd` does it.
//!
//! Files are written beside their place and renamed into it, so a crash leaves the old one or the new one; those that hold
//! secrets are readable by their owner alone.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use nix::fcntl::{Flock, FlockArg};

/// The folder's name in the user's home.
pub const DEFAULT_FOLDER: &str = ".openledger";

const CONFIG_TOML: &str = include_str!("../../../cometbft-config/config.toml");
const APP_TOML: &str = include_str!("../../../cometbft-config/app.toml");
const CLIENT_TOML: &str = include_str!("../../../cometbft-config/client.toml");

/// A node's home folder.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    /// The folder that was named, or `~/.openledger`.
    pub fn new(folder: Option<PathBuf>) -> Result<Self> {
        if let Some(folder) = folder {
            return Ok(Self(std::path::absolute(folder)?));
        }
        let user = std::env::var_os("HOME").context("HOME is not set: name the node's folder with --home")?;
        Ok(Self(Path::new(&user).join(DEFAULT_FOLDER)))
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// `config/NAME`.
    pub fn config(&self, name: &str) -> PathBuf {
        self.0.join("config").join(name)
    }

    /// `data/NAME`.
    pub fn data(&self, name: &str) -> PathBuf {
        self.0.join("data").join(name)
    }

    /// The genesis that people share and edit.
    pub fn genesis(&self) -> PathBuf {
        self.config("genesis.json")
    }

    /// CometBFT's own genesis, made from the other.
    pub fn comet_genesis(&self) -> PathBuf {
        self.data("genesis.json")
    }

    /// Which of the two was made from which: SHA-256 of our genesis and of CometBFT's.
    pub fn comet_genesis_origin(&self) -> PathBuf {
        self.data("genesis.sha256")
    }

    /// The application's database.
    pub fn application_db(&self) -> PathBuf {
        self.data("application.db")
    }

    /// Snapshots for state sync.
    pub fn snapshots(&self) -> PathBuf {
        self.data("snapshots")
    }

    /// The ABCI socket between us and our CometBFT.
    pub fn socket(&self) -> PathBuf {
        self.0.join("run").join("abci.sock")
    }

    /// Refuses a folder that `init` has not made.
    pub fn require(&self) -> Result<()> {
        for file in [self.genesis(), self.config("config.toml")] {
            if !file.exists() {
                bail!(
                    "{} is missing: run `openledgerd init <moniker> --home {}` first",
                    file.display(),
                    self.0.display()
                );
            }
        }
        Ok(())
    }

    /// Makes the folders.
    pub fn create(&self) -> Result<()> {
        for folder in [self.0.join("config"), self.0.join("data")] {
            fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        }
        Ok(())
    }

    /// Takes the home for this process; fails where another one runs on it. Ends with the returned lock or the process.
    pub fn lock(&self) -> Result<Flock<File>> {
        fs::create_dir_all(self.0.join("data"))?;
        let path = self.data("openledgerd.lock");
        let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
        Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| {
            anyhow::anyhow!("another openledgerd runs on {}: stop it or name another --home", self.0.display())
        })
    }

    /// Writes CometBFT's settings.
    pub fn write_config_toml(&self, moniker: &str) -> Result<()> {
        write_file(&self.config("config.toml"), CONFIG_TOML.replace("{{moniker}}", &quoted(moniker)).as_bytes(), 0o644)
    }

    /// Writes the application's and the clients' settings where there are none.
    pub fn write_app_and_client_toml(&self, chain_id: &str) -> Result<()> {
        let client = CLIENT_TOML.replace("{{chain_id}}", &quoted(chain_id));
        for (name, text) in [("app.toml", APP_TOML), ("client.toml", &client)] {
            if !self.config(name).exists() {
                write_file(&self.config(name), text.as_bytes(), 0o644)?;
            }
        }
        Ok(())
    }
}

/// The text of `NAME.toml` (`app`, `client` or `config`) as `init` writes it, for nobody in particular.
pub fn default_toml(name: &str) -> Result<String> {
    let template = match name {
        "app" => APP_TOML,
        "client" => CLIENT_TOML,
        "config" => CONFIG_TOML,
        _ => bail!("there is no file {name:?}: choose app, client or config"),
    };
    Ok(template.replace("{{moniker}}", &quoted("")).replace("{{chain_id}}", &quoted("")))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

/// Puts a whole file in place, or none. A file that is there already keeps what its owner took from its mode.
pub fn write_file(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    let mode = fs::metadata(path).map_or(mode, |there| mode & there.permissions().mode());
    let write = || -> Result<()> {
        let mut file = tempfile::Builder::new().permissions(fs::Permissions::from_mode(mode)).tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    write().with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moniker_of_any_letters_is_read_back_from_config_toml() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().into())).unwrap();
        home.create().unwrap();
        for moniker in ["alice", "\"quoted\" = [\\", "ünïcödé\n# no comment"] {
            home.write_config_toml(moniker).unwrap();
            let text = fs::read_to_string(home.config("config.toml")).unwrap();
            let config: toml::Table = text.parse().unwrap();
            assert_eq!(config["moniker"].as_str(), Some(moniker));
            assert_eq!(config["genesis_file"].as_str(), Some("data/genesis.json"));
        }
    }

    #[test]
    fn a_home_is_taken_by_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().into())).unwrap();
        let lock = home.lock().unwrap();
        assert!(home.lock().unwrap_err().to_string().contains("another openledgerd runs"));
        drop(lock);
        home.lock().unwrap();
    }

    #[test]
    fn a_home_without_init_is_refused_with_the_command_that_helps() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().into())).unwrap();
        assert!(home.require().unwrap_err().to_string().contains("openledgerd init"));
    }
}
