//! Random steps on the SDK's own chain and on ours; ends with an error at the first answer that differs, naming seed and step.
//!
//!     cargo run -p openledger-tests --example differential -- --peer PATH [--seeds N] [--seed FIRST] [--steps N]

// A program for people, beside the node: it reads the clock and prints.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{bail, Context, Result};
use openledger_tests::differential::Pair;

fn main() -> Result<()> {
    let (mut peer, mut seeds, mut first, mut steps) = (None, 3u64, 1u64, 150u64);
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--peer" => peer = Some(PathBuf::from(value)),
            "--seeds" => seeds = value.parse()?,
            "--seed" => first = value.parse()?,
            "--steps" => steps = value.parse()?,
            _ => bail!("{name}: known are --peer, --seeds, --seed, --steps"),
        }
    }
    let peer = peer.context("--peer names the binary of tests/differential/peer")?;
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for seed in first..first + seeds {
        let since = Instant::now();
        let mut pair = Pair::start(&peer, seed).with_context(|| format!("seed {seed}"))?;
        let mut alike = 0;
        while alike < steps && pair.step().with_context(|| format!("seed {seed}, step {}", alike + 1))? {
            alike += 1;
        }
        if !pair.missing.is_empty() && seed == first {
            println!("NOT compared, openledgerd has no such module: {}", pair.missing.join(", "));
        }
        let end = if alike < steps { "; then the SDK's set is empty" } else { "" };
        println!("seed {seed}: {alike} steps alike in {:.1} s{end}", since.elapsed().as_secs_f64());
        for (kind, (done, refused)) in &pair.counts {
            let count = counts.entry(kind.clone()).or_default();
            *count = (count.0 + done, count.1 + refused);
        }
    }
    for (kind, (done, refused)) in counts {
        println!("{kind}: {done} done, {refused} refused alike");
    }
    Ok(())
}
