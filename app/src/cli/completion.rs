//! `completion`: what makes a shell complete this program's verbs and flags.

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "\
Examples:
  openledgerd completion bash > /etc/bash_completion.d/openledgerd
  openledgerd completion zsh > \"${fpath[1]}/_openledgerd\"
  openledgerd completion fish > ~/.config/fish/completions/openledgerd.fish
  openledgerd completion powershell | Out-String | Invoke-Expression")]
pub struct Completion {
    /// The shell
    shell: Shell,
}

impl Completion {
    pub(super) fn run(self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "openledgerd", &mut script);
        super::output::document(String::from_utf8(script)?.trim_end(), None)
    }
}
