//! The doors' part of `app.toml`, with the names and meanings that `simd`'s has, and the same as flags of `start`.

use std::time::Duration;

use clap::Args;
use serde::Deserialize;

/// The REST server: `[api]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Api {
    /// Whether it is open.
    pub enable: bool,
    /// Whether `/swagger/` describes it.
    pub swagger: bool,
    /// Where it listens.
    pub address: String,
    /// The most open connections.
    pub max_open_connections: usize,
    /// How long a request may take to arrive, in seconds; also how long a client may idle between two. 0: no limit.
    pub rpc_read_timeout: u64,
    /// How long a client may refuse to take more of an answer, in seconds. 0: no limit.
    pub rpc_write_timeout: u64,
    /// The longest body in bytes.
    pub rpc_max_body_bytes: usize,
    /// Whether web pages of any origin may ask.
    pub enabled_unsafe_cors: bool,
}

/// The gRPC server: `[grpc]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grpc {
    /// Whether it is open.
    pub enable: bool,
    /// Where it listens.
    pub address: String,
}

/// gRPC-web: `[grpc-web]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GrpcWeb {
    /// Whether the REST server answers gRPC-web too; the gRPC server does always.
    pub enable: bool,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            enable: false,
            swagger: false,
            address: "tcp://127.0.0.1:1317".into(),
            max_open_connections: 1_000,
            rpc_read_timeout: 10,
            rpc_write_timeout: 30,
            rpc_max_body_bytes: 1_000_000,
            enabled_unsafe_cors: false,
        }
    }
}

impl Default for Grpc {
    fn default() -> Self {
        Self { enable: true, address: "127.0.0.1:9090".into() }
    }
}

impl Default for GrpcWeb {
    fn default() -> Self {
        Self { enable: true }
    }
}

impl Api {
    /// `rpc-read-timeout`.
    pub fn read_timeout(&self) -> Option<Duration> {
        (self.rpc_read_timeout > 0).then(|| Duration::from_secs(self.rpc_read_timeout))
    }

    /// `rpc-write-timeout`.
    pub fn write_timeout(&self) -> Option<Duration> {
        (self.rpc_write_timeout > 0).then(|| Duration::from_secs(self.rpc_write_timeout))
    }
}

/// Flags that stand for these settings.
#[derive(Debug, Default, Args)]
pub struct Flags {
    /// Open the REST server
    #[arg(long = "api.enable", env = "OPENLEDGERD_API_ENABLE", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    api_enable: Option<bool>,
    /// Describe the REST server at /swagger/
    #[arg(long = "api.swagger", env = "OPENLEDGERD_API_SWAGGER", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    api_swagger: Option<bool>,
    /// Where the REST server listens
    #[arg(long = "api.address", env = "OPENLEDGERD_API_ADDRESS", value_name = "ADDRESS")]
    api_address: Option<String>,
    /// The most open connections to the REST server
    #[arg(long = "api.max-open-connections", env = "OPENLEDGERD_API_MAX_OPEN_CONNECTIONS", value_name = "COUNT")]
    api_max_open_connections: Option<usize>,
    /// How many seconds a request to the REST server may take to arrive; 0 for any time
    #[arg(long = "api.rpc-read-timeout", env = "OPENLEDGERD_API_RPC_READ_TIMEOUT", value_name = "SECONDS")]
    api_rpc_read_timeout: Option<u64>,
    /// How many seconds a client of the REST server may refuse to take more; 0 for any time
    #[arg(long = "api.rpc-write-timeout", env = "OPENLEDGERD_API_RPC_WRITE_TIMEOUT", value_name = "SECONDS")]
    api_rpc_write_timeout: Option<u64>,
    /// The longest body that the REST server reads
    #[arg(long = "api.rpc-max-body-bytes", env = "OPENLEDGERD_API_RPC_MAX_BODY_BYTES", value_name = "BYTES")]
    api_rpc_max_body_bytes: Option<usize>,
    /// Let web pages of any origin ask the REST server
    #[arg(long = "api.enabled-unsafe-cors", env = "OPENLEDGERD_API_ENABLED_UNSAFE_CORS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    api_enabled_unsafe_cors: Option<bool>,
    /// Open the gRPC server
    #[arg(long = "grpc.enable", env = "OPENLEDGERD_GRPC_ENABLE", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    grpc_enable: Option<bool>,
    /// Where the gRPC server listens
    #[arg(long = "grpc.address", env = "OPENLEDGERD_GRPC_ADDRESS", value_name = "ADDRESS")]
    grpc_address: Option<String>,
    /// Answer gRPC-web on the REST server's port too
    #[arg(long = "grpc-web.enable", env = "OPENLEDGERD_GRPC_WEB_ENABLE", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    grpc_web_enable: Option<bool>,
}

impl Flags {
    /// Sets what was given.
    pub fn over(self, api: &mut Api, grpc: &mut Grpc, grpc_web: &mut GrpcWeb) {
        fn set<T>(setting: &mut T, flag: Option<T>) {
            if let Some(value) = flag {
                *setting = value;
            }
        }
        set(&mut api.enable, self.api_enable);
        set(&mut api.swagger, self.api_swagger);
        set(&mut api.address, self.api_address);
        set(&mut api.max_open_connections, self.api_max_open_connections);
        set(&mut api.rpc_read_timeout, self.api_rpc_read_timeout);
        set(&mut api.rpc_write_timeout, self.api_rpc_write_timeout);
        set(&mut api.rpc_max_body_bytes, self.api_rpc_max_body_bytes);
        set(&mut api.enabled_unsafe_cors, self.api_enabled_unsafe_cors);
        set(&mut grpc.enable, self.grpc_enable);
        set(&mut grpc.address, self.grpc_address);
        set(&mut grpc_web.enable, self.grpc_web_enable);
    }
}
