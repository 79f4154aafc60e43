//! Makes the Rust types of the project's own packages, and of the few SDK packages that
//! `cosmos-sdk-proto` leaves out, from the committed descriptors. No protoc is needed.

// It runs at build time: no consensus in it, and a panic stops the build.
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;
use prost_types::FileDescriptorSet;

/// SDK packages of `proto/descriptors.bin` whose types are made here.
const SDK_GAPS: [&str; 3] = ["cosmos.circuit.v1", "cosmos.consensus.v1", "cosmos.store.snapshots.v1"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=descriptors.bin");
    println!("cargo:rerun-if-changed=build.rs");
    let set = FileDescriptorSet::decode(fs::read("descriptors.bin")?.as_slice())?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let packages: BTreeSet<String> = set.file.iter().map(|file| file.package().to_owned()).collect();

    let mut config = prost_build::Config::new();
    config.btree_map(["."]).enable_type_names().compile_well_known_types();
    for package in packages.iter().filter(|package| !is_own(package) && !SDK_GAPS.contains(&package.as_str())) {
        config.extern_path(format!(".{package}"), home(package));
    }
    config.compile_fds(set)?;
    fs::write(out.join("openledger.rs"), tree(packages.iter().filter(|package| is_own(package))))?;
    Ok(())
}

fn is_own(package: &str) -> bool {
    package.starts_with("openledger.")
}

/// The Rust path of a package that is not made here. For those that no type made here names, it is never looked up.
fn home(package: &str) -> String {
    let path = package.replace('.', "::");
    match package.split('.').next() {
        Some("google") => format!("::tendermint_proto::{path}"),
        Some("tendermint") => format!("::tendermint_proto::v0_38{}", path.trim_start_matches("tendermint")),
        _ => format!("::cosmos_sdk_proto::{path}"),
    }
}

/// Nested modules, one for each part of a package's name.
fn tree<'a>(packages: impl Iterator<Item = &'a String>) -> String {
    let mut code = String::new();
    let mut open: Vec<&str> = Vec::new();
    for package in packages {
        let parts: Vec<&str> = package.split('.').collect();
        let shared = open.iter().zip(&parts).take_while(|(a, b)| a == b).count();
        code.push_str(&"}\n".repeat(open.len() - shared));
        for part in &parts[shared..] {
            code.push_str(&format!("pub mod {part} {{\n"));
        }
        code.push_str(&format!("include!(concat!(env!(\"OUT_DIR\"), \"/{package}.rs\"));\n"));
        open = parts;
    }
    code.push_str(&"}\n".repeat(open.len()));
    code
}
