//! The fuzz targets for libFuzzer; see `targets.rs`, and `README.md` for how to run them.

#[path = "../../app/tests/common/mod.rs"]
pub mod common;
pub mod targets;
