//! The command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use cosmwasm_std::Uint256;
use openledger_engine::config::{LogFormat, Settings};

const EXAMPLES: &str = "\
Examples:
  openledger-engine config > engine.toml                            every setting, explained
  openledger-engine --from server serve --deployment 1              answers at http://127.0.0.1:8091/v1
  openledger-engine --from alice open --deployment 1 --deposit 100000000000000000000
  openledger-engine --from alice ask --deployment 1 --deposit 100000000000000000000 \"What we saw \"
  openledger-engine --from bob serve-agent --agent 1                answers made of its parts' answers
  openledger-engine --from server credit --session 3 --receipt 2 --amount 1000 > note.json
  openledger-engine --from alice take-credit note.json
  openledger-engine --from watcher watch                            every settlement, as they come
  openledger-engine prove-payment --settlement 1 --contribution 7 > payment.json
  openledger-engine verify-payment payment.json --app-hash 8F2A…";

/// The command line.
#[derive(Parser)]
#[command(
    name = "openledger-engine",
    version,
    about = "Serves models, asks them, and watches what they claim",
    after_help = EXAMPLES
)]
pub struct Args {
    /// File with settings; `openledger-engine config` prints one that explains each.
    #[arg(long, global = true, value_name = "FILE", env = "OPENLEDGER_ENGINE_CONFIG")]
    pub config: Option<PathBuf>,
    /// CometBFT's RPC of a node [default: http://127.0.0.1:26657].
    #[arg(long, global = true, value_name = "URL")]
    node: Option<String>,
    /// Home folder with the keyring [default: ~/.openledger].
    #[arg(long, global = true, value_name = "FOLDER", env = "OPENLEDGERD_HOME")]
    home: Option<String>,
    /// Where keys are kept: test or file [default: test].
    #[arg(long, global = true, value_name = "BACKEND")]
    keyring_backend: Option<String>,
    /// Name of the key that signs.
    #[arg(long, global = true, value_name = "NAME")]
    from: Option<String>,
    /// Fee of each transaction, e.g. 1000aopen.
    #[arg(long, global = true, value_name = "COINS")]
    fees: Option<String>,
    /// What is logged, as RUST_LOG says it [default: info].
    #[arg(long, global = true, value_name = "LEVEL", env = "RUST_LOG")]
    log_level: Option<String>,
    /// How log lines are written.
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Where Prometheus' figures are served, e.g. 127.0.0.1:9464.
    #[arg(long, global = true, value_name = "ADDRESS")]
    metrics: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Serves a deployment over HTTP: answers OpenAI's API, takes vouchers, settles them.
    Serve(Serve),
    /// Serves an agent over HTTP: asks its parts, pays them, settles what its payers sign.
    ServeAgent {
        /// The agent, as registered on chain for the key's account.
        #[arg(long)]
        agent: Option<u64>,
        /// Folder in which sessions are kept.
        #[arg(long, value_name = "FOLDER")]
        sessions: Option<PathBuf>,
        /// Where to listen; port 0 takes a free one and prints it [default: 127.0.0.1:8091].
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
    },
    /// Opens a session with an agent, asks each prompt, checks the answers down to their parts' receipts and signs a voucher for each.
    AskAgent {
        /// The agent.
        #[arg(long)]
        agent: u64,
        /// Where it is served, e.g. http://127.0.0.1:8092.
        #[arg(long, value_name = "URL")]
        endpoint: String,
        /// What is paid in, base units.
        #[arg(long, value_parser = amount)]
        deposit: Uint256,
        /// The most bytes of each output.
        #[arg(long, default_value_t = 512)]
        max_bytes: usize,
        /// Seed of the first answer; each further one adds one.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The prompts.
        #[arg(required = true)]
        prompts: Vec<String>,
    },
    /// Gives a part of an answer's fee back before it is settled: signs a credit note, keeps it for the payer and the settlement, prints it.
    Credit {
        /// The session, of the key's deployment or agent.
        #[arg(long)]
        session: u64,
        /// The answer's number in it.
        #[arg(long)]
        receipt: u64,
        /// What is given back of it in all, base units.
        #[arg(long, value_parser = amount)]
        amount: Uint256,
        /// Folder in which the server keeps sessions.
        #[arg(long, value_name = "FOLDER")]
        sessions: Option<PathBuf>,
    },
    /// Presents a credit note on chain, as the session's payer: nothing that gives back less is settled from then on.
    TakeCredit {
        /// The note, as `credit` prints it; - is standard input.
        note: PathBuf,
    },
    /// Opens a session with a deployment and prints what a client needs: base_url, api_key, and the keys of the session.
    Open {
        /// The deployment.
        #[arg(long)]
        deployment: u64,
        /// What is paid in, base units.
        #[arg(long, value_parser = amount)]
        deposit: Uint256,
        /// Keeps the transcripts to the payer and the server; they are never published, and cost a premium.
        #[arg(long)]
        sealed: bool,
    },
    /// Opens a session, asks each prompt, checks the answers and signs one voucher.
    Ask {
        /// The deployment.
        #[arg(long)]
        deployment: u64,
        /// What is paid in, base units.
        #[arg(long, value_parser = amount)]
        deposit: Uint256,
        /// The most bytes of each output.
        #[arg(long, default_value_t = 512)]
        max_bytes: usize,
        /// Seed of the first answer; each further one adds one.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Keeps the transcripts to the payer and the server; they are never published, and cost a premium.
        #[arg(long)]
        sealed: bool,
        /// Waits for the settlement, checks each claim against the answers, and disputes what deviates.
        #[arg(long)]
        check: bool,
        /// Folder of contents by root; with --check.
        #[arg(long, value_name = "FOLDER")]
        contents: Option<PathBuf>,
        /// The prompts.
        #[arg(required = true)]
        prompts: Vec<String>,
    },
    /// Recomputes what settlements claim and disputes the first deviation: of every settlement as they come, or of one.
    Watch {
        /// This settlement alone.
        #[arg(long)]
        settlement: Option<u64>,
        /// Folder of contents by root.
        #[arg(long, value_name = "FOLDER")]
        contents: Option<PathBuf>,
        /// Says what it finds, and disputes nothing.
        #[arg(long)]
        dry_run: bool,
        /// The first height to look at.
        #[arg(long, value_name = "HEIGHT")]
        from_height: Option<u64>,
        /// Makes the canonical claims where others were refuted, for an eighth of the bond that was forfeited.
        #[arg(long, conflicts_with_all = ["dry_run", "settlement"])]
        replace: bool,
        /// Names contributions that copy earlier ones, behind a bond that comes back when that is shown.
        #[arg(long, conflicts_with = "settlement")]
        copies: bool,
        /// Asks on the chain for accepted contents that could not be had again and again, behind a deposit each; with --copies.
        #[arg(long, requires = "copies", conflicts_with = "dry_run")]
        availability: bool,
    },
    /// Makes the maker of a settlement's claims open what lies behind them, for a deposit: a byte of a segment, or a transcript. Claims that
    /// are not opened in time are false.
    Demand {
        /// The settlement.
        #[arg(long)]
        settlement: u64,
        /// The receipt's number in its session.
        #[arg(long)]
        receipt: u64,
        /// The segment of its claim, from 0, whose byte is to be opened in the transcript and in the source: anybody may ask.
        #[arg(long, requires = "byte")]
        segment: Option<u32>,
        /// The byte under that segment, from 0.
        #[arg(long, requires = "segment")]
        byte: Option<u32>,
        /// Asks for the transcript as the author of this contribution, which is in the corpus; without it and --segment, as the payer.
        #[arg(long, conflicts_with = "segment")]
        contribution: Option<u64>,
    },
    /// Shows text of an output, which its claim leaves to nobody, in a contribution that the model version did not declare: its author has
    /// those windows' share of the receipt's baseline. The receipt's transcript must be published.
    ClaimUndeclared {
        /// The settlement.
        #[arg(long)]
        settlement: u64,
        /// The receipt's number in its session.
        #[arg(long)]
        receipt: u64,
        /// The contribution.
        #[arg(long)]
        contribution: u64,
        /// Folder of contents by root.
        #[arg(long, value_name = "FOLDER")]
        contents: Option<PathBuf>,
    },
    /// Shows the chunks of contents that somebody asks for, for their deposits, so that the contents stay available.
    Hold {
        /// Folder of contents by root.
        #[arg(long, value_name = "FOLDER")]
        contents: Option<PathBuf>,
    },
    /// Fetches and indexes the corpus of a model version, and ends; or follows the chain and keeps every content that is accepted.
    Sync {
        /// The model version.
        #[arg(long, required_unless_present = "follow", conflicts_with = "follow")]
        model_version: Option<u64>,
        /// Fetches what is accepted on the whole chain, as it comes; after a restart it goes on where it was.
        #[arg(long)]
        follow: bool,
        /// Folder of contents by root.
        #[arg(long, value_name = "FOLDER")]
        contents: Option<PathBuf>,
    },
    /// Gathers what proves a payment, from its receipts to the balance, and prints it as one JSON file.
    ProvePayment {
        /// The settlement that paid.
        #[arg(long)]
        settlement: u64,
        /// The contribution that was paid.
        #[arg(long)]
        contribution: u64,
    },
    /// Checks such a file to the unit, trusting an app hash alone.
    VerifyPayment {
        /// The file; - is standard input.
        file: PathBuf,
        /// The app hash in the header of the file's height + 1, in hexadecimal, from a source that you trust.
        #[arg(long, value_name = "HEX", required_unless_present = "trust_node")]
        app_hash: Option<String>,
        /// Takes the app hash from --node: trusts what this node says of the chain's headers.
        #[arg(long, conflicts_with = "app_hash")]
        trust_node: bool,
    },
    /// Prints every setting with its default and what it does.
    Config,
}

/// Serves a deployment.
#[derive(clap::Args)]
pub struct Serve {
    /// The deployment, as registered on chain for the key's account.
    #[arg(long)]
    deployment: Option<u64>,
    /// Folder of contents by root.
    #[arg(long, value_name = "FOLDER")]
    contents: Option<PathBuf>,
    /// Folder in which sessions are kept.
    #[arg(long, value_name = "FOLDER")]
    sessions: Option<PathBuf>,
    /// Folder in which suffix arrays are kept.
    #[arg(long, value_name = "FOLDER")]
    index: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one and prints it [default: 127.0.0.1:8091].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

impl Args {
    /// The settings: the file's, where flags do not say otherwise.
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::read(self.config.as_deref())?;
        let chain = &mut settings.chain;
        set(&mut chain.node, &self.node);
        set(&mut chain.home, &self.home);
        set(&mut chain.keyring_backend, &self.keyring_backend);
        set(&mut chain.from, &self.from);
        set(&mut chain.fees, &self.fees);
        set(&mut settings.log.level, &self.log_level);
        set(&mut settings.log.format, &self.log_format);
        set(&mut settings.metrics.listen, &self.metrics);
        match &self.command {
            Command::Serve(serve) => {
                set(&mut settings.serve.deployment, &serve.deployment);
                set(&mut settings.serve.listen, &serve.listen);
                set(&mut settings.data.contents, &serve.contents);
                set(&mut settings.data.sessions, &serve.sessions);
                set(&mut settings.data.index, &serve.index);
            }
            Command::Watch { contents, from_height, dry_run, replace, copies, availability, .. } => {
                set(&mut settings.data.contents, contents);
                set(&mut settings.watch.from_height, from_height);
                settings.watch.dry_run |= *dry_run;
                settings.watch.replace |= *replace;
                settings.watch.copies |= *copies;
                settings.watch.availability |= *availability;
            }
            Command::Sync { contents, .. } | Command::Hold { contents } => set(&mut settings.data.contents, contents),
            Command::ServeAgent { agent, sessions, listen } => {
                set(&mut settings.agent.agent, agent);
                set(&mut settings.data.sessions, sessions);
                set(&mut settings.serve.listen, listen);
            }
            Command::Credit { sessions, .. } => set(&mut settings.data.sessions, sessions),
            Command::Ask { contents, .. } | Command::ClaimUndeclared { contents, .. } => {
                set(&mut settings.data.contents, contents)
            }
            Command::AskAgent { .. }
            | Command::TakeCredit { .. }
            | Command::Open { .. }
            | Command::Demand { .. }
            | Command::ProvePayment { .. }
            | Command::VerifyPayment { .. }
            | Command::Config => {}
        }
        Ok(settings)
    }
}

fn set<T: Clone>(setting: &mut T, flag: &Option<T>) {
    if let Some(flag) = flag {
        *setting = flag.clone();
    }
}

fn amount(text: &str) -> Result<Uint256, String> {
    openledger_core::coin::parse_amount(text).map_err(|error| error.to_string())
}
