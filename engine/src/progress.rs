//! Progress bars on long work, in a terminal only.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Whether and how progress is shown.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Shown where standard error is a terminal.
    pub fn on_terminal() -> Self {
        Self { shown: std::io::stderr().is_terminal() }
    }

    /// Never shown.
    pub fn none() -> Self {
        Self { shown: false }
    }

    /// A bar over bytes.
    pub fn bytes(self, what: &'static str, total: u64) -> ProgressBar {
        self.bar(what, total, "{msg:12} {bar:40} {binary_bytes}/{binary_total_bytes} {eta}")
    }

    /// A bar over things.
    pub fn count(self, what: &'static str, total: u64) -> ProgressBar {
        self.bar(what, total, "{msg:12} {bar:40} {pos}/{len} {eta}")
    }

    fn bar(self, what: &'static str, total: u64, template: &str) -> ProgressBar {
        if !self.shown {
            return ProgressBar::hidden();
        }
        // The templates above are valid; an invalid one would fall back to indicatif's own.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(total).with_style(style).with_message(what)
    }
}
