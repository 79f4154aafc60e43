//! Logs: which are written, and how.
//!
//! `--log_level` takes the SDK's words (`log/level.go`): one level, or pairs like `consensus:debug,store:trace,*:info`, where `*` is
//! everything else; tracing's own `openledger_app::abci=debug` works too. A module's name is one of ours (`abci`, `execution`, `doors`,
//! `node`, `services`, `store`, `bank`, …) or one of CometBFT's, which gets the same list.

use anyhow::{bail, ensure, Context, Result};
use tracing_subscriber::EnvFilter;

/// What is logged where nobody says.
const DEFAULT: &str = "info";

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// An object a line, instead of text.
    pub json: bool,
    /// Colours, where the log goes to a terminal.
    pub colour: bool,
}

/// Writes logs to stderr from now on, panics too: one that was contained is a bug worth a report.
///
/// # Errors
/// A level that is none.
pub fn begin(level: Option<&str>, style: Style) -> Result<()> {
    let level = level.unwrap_or(DEFAULT);
    let filter = filter(level).with_context(|| format!("--log_level {level:?}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if style.json {
        log.json().init();
    } else {
        log.with_ansi(style.colour && std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let (thread, place) = (thread.name().unwrap_or("?"), panic.location().map(ToString::to_string));
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        // Empty unless RUST_BACKTRACE asks for one.
        let trace = std::backtrace::Backtrace::capture();
        let trace = (trace.status() == std::backtrace::BacktraceStatus::Captured).then(|| trace.to_string());
        tracing::error!(thread, place, text, trace, "panicked");
    }));
    Ok(())
}

fn filter(list: &str) -> Result<EnvFilter> {
    let mut directives = Vec::new();
    for (module, level) in pairs(list)? {
        let level = ours(level)?;
        match module {
            "*" => directives.push(level.to_string()),
            target if target.contains("::") || target.starts_with("openledger_") => {
                directives.push(format!("{target}={level}"));
            }
            module => {
                let module = module.replace('-', "_");
                directives.push(format!("openledger_app::{module}={level},openledger_{module}={level}"));
            }
        }
    }
    if !directives.iter().any(|directive| !directive.contains('=')) {
        directives.push(DEFAULT.into());
    }
    Ok(EnvFilter::try_new(directives.join(","))?)
}

/// What CometBFT is to log, in its words: `debug`, `info`, `error` and `none`. `None` leaves its own setting.
pub fn for_comet(list: &str) -> Option<String> {
    let theirs = |level: &str| match ours(level).ok()? {
        "trace" | "debug" => Some("debug"),
        "info" => Some("info"),
        "warn" | "error" => Some("error"),
        _ => Some("none"),
    };
    let named = |(module, level): (&str, &str)| match (module, theirs(level)?) {
        (module, _) if module.contains(':') || module.starts_with("openledger_") => None,
        (module, level) => Some(format!("{module}:{level}")),
    };
    let pairs: Vec<String> = pairs(list).ok()?.into_iter().filter_map(named).collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// The pairs of a list; a level alone is everything's.
fn pairs(list: &str) -> Result<Vec<(&str, &str)>> {
    let mut pairs = Vec::new();
    for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let pair = item.split_once('=').or_else(|| item.rsplit_once(':')).unwrap_or(("*", item));
        let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':');
        ensure!(
            pair.0 == "*" || (!pair.0.is_empty() && pair.0.bytes().all(named)),
            "{item:?}: write a level, or module:level"
        );
        pairs.push(pair);
    }
    ensure!(!pairs.is_empty(), "there is no level: write info, or store:debug,*:info");
    Ok(pairs)
}

/// A level in tracing's words, from the SDK's.
fn ours(level: &str) -> Result<&'static str> {
    Ok(match level.to_ascii_lowercase().as_str() {
        "trace" => "trace",
        "debug" => "debug",
        "info" => "info",
        "warn" => "warn",
        "error" | "fatal" | "panic" => "error",
        "none" | "disabled" | "off" => "off",
        _ => bail!("{level:?} is no level: write trace, debug, info, warn, error or none"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_as_the_sdk_s_and_as_tracing_s() {
        let shown = |list: &str| {
            let mut parts: Vec<_> = filter(list).unwrap().to_string().split(',').map(str::to_string).collect();
            parts.sort();
            parts.join(",")
        };
        assert_eq!(shown("debug"), "debug");
        assert_eq!(shown("disabled"), "off");
        assert_eq!(shown("store:debug,*:error"), "error,openledger_app::store=debug,openledger_store=debug");
        assert_eq!(shown("abci:trace"), "info,openledger_abci=trace,openledger_app::abci=trace");
        assert_eq!(shown("openledger_app::abci=debug,warn"), "openledger_app::abci=debug,warn");
        for wrong in ["", "loud", "store:loud", "a b:info", ":info"] {
            assert!(filter(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn cometbft_is_told_the_same_in_its_own_words() {
        let told = |list: &str| for_comet(list).unwrap_or_default();
        assert_eq!(told("trace"), "*:debug");
        assert_eq!(told("none"), "*:none");
        assert_eq!(told("consensus:debug,p2p:warn,*:info"), "consensus:debug,p2p:error,*:info");
        assert_eq!(told("openledger_app::abci=debug"), "");
    }
}
