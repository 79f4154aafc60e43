//! Fetching contents from where they are said to lie, and trusting none of it.
//!
//! | location | what |
//! | --- | --- |
//! | on chain | asked of the node |
//! | `file:` | a regular file under one of the folders that the settings name |
//! | `http:`, `https:` | a GET; hosts of private networks are refused unless the settings allow them, redirects always |
//! | `s3:` | `s3://bucket/key`, unsigned unless the settings say so |
//!
//! Then the mirrors: a folder or URL of any of these kinds under which contents lie by their root in hexadecimal. A host may send anything:
//! what is longer than the commitment is cut off unread, what is not the commitment's is refused, a host that is slow is left.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use object_store::aws::AmazonS3Builder;
use object_store::ObjectStore;
use openledger_client::Rpc;
use openledger_proto::openledger::datanet::v1::{Contribution, Reveal};
use openledger_provenance::content::Commitment;
use openledger_provenance::MAX_CONTRIBUTION_BYTES;
use serde::Deserialize;

use crate::chain;
use crate::sync::hosts;
use crate::sync::store::Contents;

/// How contents are fetched: `[sync]` of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FetchSettings {
    /// Where contents lie by their roots, tried after the location that the contribution names.
    pub mirrors: Vec<String>,
    /// Folders under which `file:` locations are read.
    pub file_folders: Vec<PathBuf>,
    /// Whether hosts of private networks are asked.
    pub private_hosts: bool,
    /// Seconds that one attempt may take.
    pub timeout_seconds: u64,
    /// Attempts at each place.
    pub attempts: u32,
    /// Whether requests to S3 are signed with the credentials of the environment.
    pub s3_signed: bool,
    /// Another S3 than Amazon's.
    pub s3_endpoint: Option<String>,
    /// The region of the buckets.
    pub s3_region: String,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            mirrors: Vec::new(),
            file_folders: Vec::new(),
            private_hosts: false,
            timeout_seconds: 30,
            attempts: 3,
            s3_signed: false,
            s3_endpoint: None,
            s3_region: "us-east-1".into(),
        }
    }
}

/// Fetches contents into a folder.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// What is there already.
    pub store: Contents,
    rpc: Rpc,
    http: reqwest::Client,
    settings: FetchSettings,
}

impl Fetcher {
    /// Fetches into `store`.
    pub fn new(store: Contents, rpc: Rpc, settings: FetchSettings) -> Result<Self> {
        let timeout = Duration::from_secs(settings.timeout_seconds.max(1));
        let mut http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("openledger-engine/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if !settings.private_hosts {
            http = http.dns_resolver(std::sync::Arc::new(hosts::Public));
        }
        Ok(Self { store, rpc, http: http.build()?, settings })
    }

    /// The bytes of a contribution: those that are kept, or fetched, checked and kept now.
    pub async fn obtain(&self, contribution: &Contribution) -> Result<Vec<u8>> {
        let seq = contribution.seq;
        let reveal = contribution.reveal.as_ref().with_context(|| format!("contribution {seq} is not revealed"))?;
        if self.store.has(&reveal.root) {
            match self.store.get(&reveal.root, reveal.length) {
                Ok(bytes) => return Ok(bytes),
                Err(error) => tracing::warn!(seq, "{error:#}; it is fetched again"),
            }
        }
        ensure!(reveal.length <= MAX_CONTRIBUTION_BYTES, "contribution {seq} claims {} bytes", reveal.length);
        let mut refusals = Vec::new();
        for place in self.places(reveal) {
            for attempt in 0..self.settings.attempts.max(1) {
                if attempt > 0 {
                    tokio::time::sleep(Duration::from_millis(200 << attempt.min(6))).await;
                }
                match self.take(seq, reveal, &place).await {
                    Ok(bytes) => return Ok(bytes),
                    Err(Refused { why, final_ }) => {
                        let last = final_ || attempt + 1 == self.settings.attempts.max(1);
                        if last {
                            refusals.push(format!("{}: {why:#}", place.name()));
                            break;
                        }
                    }
                }
            }
        }
        bail!("contribution {seq} is nowhere to be had: {}", refusals.join("; "))
    }

    async fn take(&self, seq: u64, reveal: &Reveal, place: &Place) -> Result<Vec<u8>, Refused> {
        let limit = Duration::from_secs(self.settings.timeout_seconds.max(1));
        let read = self.read(seq, place, reveal.length);
        let bytes = tokio::time::timeout(limit, read).await.context("too slow").and_then(|read| read);
        let bytes = bytes.map_err(|why| Refused { why, final_: false })?;
        // A host that sends other bytes will send them again.
        let refused = |why| Refused { why, final_: true };
        let found = Commitment::of(&bytes);
        if found.root != reveal.root.as_ref() || found.length != reveal.length {
            return Err(refused(anyhow::anyhow!("sent {} bytes that are not the commitment's", bytes.len())));
        }
        self.store.put(&bytes).map_err(refused)?;
        Ok(bytes)
    }

    fn places(&self, reveal: &Reveal) -> Vec<Place> {
        let name = hex::encode(&reveal.root);
        let chain = reveal.on_chain.then_some(Place::Chain);
        let named = Some(reveal.location.as_str())
            .filter(|location| ["file:", "http:", "https:", "s3:"].iter().any(|scheme| location.starts_with(scheme)));
        let mirrors = self.settings.mirrors.iter().map(|mirror| {
            let whole = format!("{}/{name}", mirror.trim_end_matches('/'));
            if mirror.contains("://") {
                Place::Mirror(whole)
            } else {
                Place::Folder(whole.into())
            }
        });
        chain.into_iter().chain(named.map(|named| Place::Named(named.into()))).chain(mirrors).collect()
    }

    async fn read(&self, seq: u64, place: &Place, length: u64) -> Result<Vec<u8>> {
        match place {
            Place::Chain => chain::content(&self.rpc, seq).await,
            Place::Folder(path) => read_file(path, length),
            Place::Named(url) => self.read_url(url, length, false).await,
            Place::Mirror(url) => self.read_url(url, length, true).await,
        }
    }

    async fn read_url(&self, url: &str, length: u64, trusted: bool) -> Result<Vec<u8>> {
        let url: reqwest::Url = url.parse().context("no URL")?;
        match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| anyhow::anyhow!("no path of this machine"))?;
                let path = path.canonicalize().context("no such file")?;
                let within = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder));
                ensure!(
                    trusted || self.settings.file_folders.iter().any(within),
                    "not in a folder of sync.file_folders"
                );
                read_file(&path, length)
            }
            "http" | "https" => {
                if !self.settings.private_hosts {
                    hosts::check_literal(&url)?;
                }
                self.get(url, length).await
            }
            "s3" => self.read_s3(&url, length).await,
            scheme => bail!("the scheme {scheme} is not known"),
        }
    }

    async fn get(&self, url: reqwest::Url, length: u64) -> Result<Vec<u8>> {
        let mut response = self.http.get(url).send().await?;
        ensure!(response.status().is_success(), "answers {}", response.status());
        let mut bytes = Vec::with_capacity(usize::try_from(length)?);
        while let Some(chunk) = response.chunk().await? {
            ensure!(
                bytes.len() as u64 + chunk.len() as u64 <= length,
                "sends more than the {length} bytes committed to"
            );
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn read_s3(&self, url: &reqwest::Url, length: u64) -> Result<Vec<u8>> {
        let bucket = url.host_str().context("an S3 location names a bucket")?;
        let settings = &self.settings;
        let mut builder = if settings.s3_signed { AmazonS3Builder::from_env() } else { AmazonS3Builder::new() };
        builder =
            builder.with_bucket_name(bucket).with_region(&settings.s3_region).with_skip_signature(!settings.s3_signed);
        if let Some(endpoint) = &settings.s3_endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        let key = object_store::path::Path::from_url_path(url.path())?;
        let found = builder.build()?.get(&key).await?;
        ensure!(found.meta.size == length, "holds {} bytes, not the {length} committed to", found.meta.size);
        Ok(found.bytes().await?.to_vec())
    }
}

/// Where a content may lie.
enum Place {
    Chain,
    Named(String),
    Mirror(String),
    Folder(PathBuf),
}

impl Place {
    fn name(&self) -> String {
        match self {
            Self::Chain => "the chain".into(),
            Self::Named(url) | Self::Mirror(url) => url.clone(),
            Self::Folder(path) => path.display().to_string(),
        }
    }
}

/// Why nothing was taken; `final_` where asking again is of no use.
struct Refused {
    why: anyhow::Error,
    final_: bool,
}

fn read_file(path: &Path, length: u64) -> Result<Vec<u8>> {
    let found = std::fs::metadata(path)?;
    ensure!(found.is_file(), "not a regular file");
    ensure!(found.len() == length, "has {} bytes, not the {length} committed to", found.len());
    Ok(std::fs::read(path)?)
}
