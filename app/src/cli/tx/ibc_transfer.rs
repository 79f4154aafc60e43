//! `tx ibc-transfer transfer`: tokens go to another chain, with timeouts relative to what is known of that chain.
//!
//! Source: ibc-go v8 `modules/apps/transfer/client/cli/tx.go`.

use anyhow::{ensure, Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use ibc_proto::ibc::applications::transfer::v1::MsgTransfer;
use ibc_proto::ibc::core::channel::v1::{QueryChannelClientStateRequest, QueryChannelClientStateResponse};
use ibc_proto::ibc::core::client::v1::{Height, QueryConsensusStateRequest, QueryConsensusStateResponse};
use ibc_proto::ibc::lightclients::tendermint::v1::{ClientState, ConsensusState};
use openledger_client::Rpc;
use openledger_core::Coin;
use openledger_proto::{Any, Message, Name};
use openledger_transfer::denom::Trace;

use super::factory::Factory;
use super::required;

/// The message that this verb makes.
pub const TRANSFER: &str = "ibc.applications.transfer.v1.MsgTransfer";
/// A thousand blocks.
const DEFAULT_HEIGHT: &str = "0-1000";
/// Ten minutes, in nanoseconds.
const DEFAULT_TIMESTAMP: &str = "600000000000";

/// The verb.
pub fn command() -> Command {
    let place = |name: &'static str, help: &'static str| Arg::new(name).required(true).value_name(name).help(help);
    Command::new("transfer")
        .about("Sends tokens to an account of another chain over IBC")
        .arg(place("SRC_PORT", "The port: transfer"))
        .arg(place("SRC_CHANNEL", "This chain's end of the channel, e.g. channel-0"))
        .arg(place("RECEIVER", "The address there"))
        .arg(place("AMOUNT", "The coin: 10aopen, 10ibc/… or the whole trace, 10transfer/channel-0/uatom"))
        .arg(
            Arg::new("packet-timeout-height")
                .long("packet-timeout-height")
                .value_name("REVISION-HEIGHT")
                .default_value(DEFAULT_HEIGHT)
                .help("How many blocks of the other chain it may take; 0-0 for any number"),
        )
        .arg(
            Arg::new("packet-timeout-timestamp")
                .long("packet-timeout-timestamp")
                .value_name("NANOSECONDS")
                .default_value(DEFAULT_TIMESTAMP)
                .help("How long it may take; 0 for any time"),
        )
        .arg(
            Arg::new("absolute-timeouts")
                .long("absolute-timeouts")
                .action(ArgAction::SetTrue)
                .help("The timeouts are the other chain's height and time themselves"),
        )
        .arg(Arg::new("memo").long("memo").value_name("TEXT").default_value("").help("What goes with the packet"))
        .after_help("Example:\n  openledgerd tx ibc-transfer transfer transfer channel-0 cosmos1… 10aopen --from alice")
}

/// Makes the message that the command line gives, and does with it what the flags say.
pub async fn send(factory: &Factory<'_>, matches: &ArgMatches) -> Result<()> {
    let signer = factory.signer(factory.options.from()?)?;
    let (port, channel) = (required(matches, "SRC_PORT")?, required(matches, "SRC_CHANNEL")?);
    let coin = required(matches, "AMOUNT")?;
    let mut coin: Coin = coin.parse().with_context(|| format!("the amount {coin:?}: write e.g. 10aopen"))?;
    if !coin.denom.starts_with("ibc/") {
        coin.denom = Trace::parse(&coin.denom).denom();
    }
    let height = read_height(required(matches, "packet-timeout-height")?)?;
    let timestamp = required(matches, "packet-timeout-timestamp")?;
    let timestamp: u64 = timestamp.parse().with_context(|| format!("{timestamp:?} are no nanoseconds"))?;
    let (height, timestamp) = if matches.get_flag("absolute-timeouts") {
        (height, timestamp)
    } else {
        ensure!(!factory.options.offline, "relative timeouts ask a node: give --absolute-timeouts with --offline");
        relative(&factory.rpc, (port, channel), height, timestamp).await?
    };
    let message = MsgTransfer {
        source_port: port.into(),
        source_channel: channel.into(),
        token: Some(ibc_proto::cosmos::base::v1beta1::Coin { denom: coin.denom, amount: coin.amount.to_string() }),
        sender: signer.0.to_string(),
        receiver: required(matches, "RECEIVER")?.into(),
        timeout_height: Some(height),
        timeout_timestamp: timestamp,
        memo: required(matches, "memo")?.into(),
    };
    factory.send(vec![Any { type_url: MsgTransfer::type_url(), value: message.encode_to_vec() }], signer).await
}

/// Adds timeouts to what this chain knows of the other one; to this machine's clock where that is later.
async fn relative(rpc: &Rpc, (port, channel): (&str, &str), height: Height, timestamp: u64) -> Result<(Height, u64)> {
    let request = QueryChannelClientStateRequest { port_id: port.into(), channel_id: channel.into() };
    let answer: QueryChannelClientStateResponse =
        rpc.query("/ibc.core.channel.v1.Query/ChannelClientState", &request).await?;
    let client = answer.identified_client_state.context("the channel has no client")?;
    let state = ClientState::decode(client.client_state.context("the client has no state")?.value.as_slice())?;
    let latest = state.latest_height.context("the client has no height")?;
    let request = QueryConsensusStateRequest {
        client_id: client.client_id,
        revision_number: latest.revision_number,
        revision_height: latest.revision_height,
        latest_height: true,
    };
    let answer: QueryConsensusStateResponse = rpc.query("/ibc.core.client.v1.Query/ConsensusState", &request).await?;
    let known = ConsensusState::decode(answer.consensus_state.context("the client knows no block")?.value.as_slice())?;
    let known = known.timestamp.context("the block has no time")?;
    let known = u64::try_from(known.seconds)?.saturating_mul(1_000_000_000) + u64::try_from(known.nanos)?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    let far = |sum: Option<u64>| sum.context("the timeout lies beyond all time");
    let height = match (height.revision_number, height.revision_height) {
        (0, 0) => height,
        (revisions, blocks) => Height {
            revision_number: far(latest.revision_number.checked_add(revisions))?,
            revision_height: far(latest.revision_height.checked_add(blocks))?,
        },
    };
    let timestamp = match timestamp {
        0 => 0,
        nanoseconds => far(u64::try_from(now)?.max(known).checked_add(nanoseconds))?,
    };
    Ok((height, timestamp))
}

fn read_height(text: &str) -> Result<Height> {
    let parts = text.split_once('-').and_then(|(revision, height)| {
        Some(Height { revision_number: revision.parse().ok()?, revision_height: height.parse().ok()? })
    });
    parts.with_context(|| format!("{text:?} is no height: write REVISION-HEIGHT, e.g. 0-1000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_takes_simd_s_arguments_and_flags() {
        let line =
            "transfer transfer channel-0 cosmos1x 10aopen --packet-timeout-height 0-7 --packet-timeout-timestamp 5 \
                    --absolute-timeouts --memo hello";
        let matches = command().try_get_matches_from(line.split_whitespace()).unwrap();
        assert_eq!(required(&matches, "RECEIVER").unwrap(), "cosmos1x");
        assert_eq!(required(&matches, "memo").unwrap(), "hello");
        let height = read_height(required(&matches, "packet-timeout-height").unwrap()).unwrap();
        assert_eq!(height, Height { revision_number: 0, revision_height: 7 });
        assert!(read_height("7").is_err() && read_height("0-x").is_err());
        let plain = command().try_get_matches_from("transfer transfer channel-0 cosmos1x 10aopen".split(' ')).unwrap();
        assert_eq!(required(&plain, "packet-timeout-height").unwrap(), "0-1000");
        assert!(command().try_get_matches_from("transfer transfer channel-0 cosmos1x".split(' ')).is_err());
    }
}
