//! What the help says of generated verbs and their fields: the comments of the project's .proto files, which the descriptors carry, and
//! for the SDK's, whose comments they do not, the texts below.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use openledger_proto::walker::schema::{Field, Kind, Label};
use openledger_proto::walker::{DESCRIPTORS, SCHEMA};
use prost::Message as _;
use prost_types::FileDescriptorSet;

use super::value::is_coin;
use super::{kebab, kind};

/// A message of any type.
const ANY: &str = "google.protobuf.Any";

/// What the SDK's methods do.
const SDK: &[(&str, &str)] = &[
    ("cosmos.auth.v1beta1.Msg.UpdateParams", "Changes the parameters of accounts; governance alone may"),
    ("cosmos.auth.v1beta1.Query.Account", "An account: its key, number and sequence"),
    ("cosmos.auth.v1beta1.Query.AccountAddressByID", "The address of the account with a number"),
    ("cosmos.auth.v1beta1.Query.AccountInfo", "What all kinds of accounts have: address, key, number, sequence"),
    ("cosmos.auth.v1beta1.Query.Accounts", "All accounts, by pages"),
    ("cosmos.auth.v1beta1.Query.AddressBytesToString", "The bech32 form of an address's bytes"),
    ("cosmos.auth.v1beta1.Query.AddressStringToBytes", "The bytes of a bech32 address"),
    ("cosmos.auth.v1beta1.Query.Bech32Prefix", "The prefix of this chain's addresses"),
    ("cosmos.auth.v1beta1.Query.ModuleAccountByName", "The account of one module"),
    ("cosmos.auth.v1beta1.Query.ModuleAccounts", "The accounts of all modules"),
    ("cosmos.auth.v1beta1.Query.Params", "The parameters of accounts: gas of signatures, limits of memos"),
    ("cosmos.authz.v1beta1.Msg.Exec", "Executes messages of those who granted them"),
    ("cosmos.authz.v1beta1.Msg.Grant", "Lets another account execute a type of message for the signer"),
    ("cosmos.authz.v1beta1.Msg.Revoke", "Takes a grant for a type of message back"),
    ("cosmos.authz.v1beta1.Query.GranteeGrants", "What an account was granted by others"),
    ("cosmos.authz.v1beta1.Query.GranterGrants", "What an account grants to others"),
    ("cosmos.authz.v1beta1.Query.Grants", "What one account grants to another"),
    ("cosmos.bank.v1beta1.Msg.MultiSend", "Sends from one account to several"),
    ("cosmos.bank.v1beta1.Msg.Send", "Sends coins from one account to another"),
    ("cosmos.bank.v1beta1.Msg.SetSendEnabled", "Sets which denominations can be sent; governance alone may"),
    ("cosmos.bank.v1beta1.Msg.UpdateParams", "Changes the parameters of the bank; governance alone may"),
    ("cosmos.bank.v1beta1.MsgSend.amount", "What is sent"),
    ("cosmos.bank.v1beta1.MsgSend.from_address", "Name or address of the sender"),
    ("cosmos.bank.v1beta1.MsgSend.to_address", "Address of the receiver"),
    ("cosmos.bank.v1beta1.Query.AllBalances", "All balances of an account"),
    ("cosmos.bank.v1beta1.Query.Balance", "An account's balance in one denomination"),
    ("cosmos.bank.v1beta1.Query.DenomMetadata", "What a denomination is called and how many places it has"),
    ("cosmos.bank.v1beta1.Query.DenomMetadataByQueryString", "The same, for denominations with a / in them"),
    ("cosmos.bank.v1beta1.Query.DenomOwners", "Who holds a denomination, and how much"),
    ("cosmos.bank.v1beta1.Query.DenomOwnersByQuery", "The same, for denominations with a / in them"),
    ("cosmos.bank.v1beta1.Query.DenomsMetadata", "What all denominations are called"),
    ("cosmos.bank.v1beta1.Query.Params", "The parameters of the bank"),
    ("cosmos.bank.v1beta1.Query.SendEnabled", "Which denominations can be sent, where it is set"),
    ("cosmos.bank.v1beta1.Query.SpendableBalanceByDenom", "What an account can spend of one denomination"),
    ("cosmos.bank.v1beta1.Query.SpendableBalances", "What an account can spend"),
    ("cosmos.bank.v1beta1.Query.SupplyOf", "How much there is of one denomination"),
    ("cosmos.bank.v1beta1.Query.TotalSupply", "How much there is of each denomination"),
    ("cosmos.bank.v1beta1.QueryAllBalancesRequest.resolve_denom", "Name denominations by their metadata's display"),
    ("cosmos.base.node.v1beta1.Service.Config", "The node's minimum gas prices and pruning"),
    ("cosmos.base.node.v1beta1.Service.Status", "Where the node stands: height, time, app hash"),
    ("cosmos.base.tendermint.v1beta1.Service.ABCIQuery", "A query by its ABCI path, with a proof where asked for"),
    ("cosmos.base.tendermint.v1beta1.Service.GetBlockByHeight", "The block of a height"),
    ("cosmos.base.tendermint.v1beta1.Service.GetLatestBlock", "The last block"),
    ("cosmos.base.tendermint.v1beta1.Service.GetLatestValidatorSet", "The validators of the last block, by pages"),
    ("cosmos.base.tendermint.v1beta1.Service.GetNodeInfo", "The node's id, network and versions"),
    ("cosmos.base.tendermint.v1beta1.Service.GetSyncing", "Whether the node is catching up"),
    ("cosmos.base.tendermint.v1beta1.Service.GetValidatorSetByHeight", "The validators of a height, by pages"),
    (
        "cosmos.circuit.v1.Msg.AuthorizeCircuitBreaker",
        "Says which messages an account may switch off; super admins may",
    ),
    ("cosmos.circuit.v1.Msg.ResetCircuitBreaker", "Switches types of message on again"),
    ("cosmos.circuit.v1.Msg.TripCircuitBreaker", "Switches types of message off"),
    ("cosmos.circuit.v1.Query.Account", "What an account may switch off"),
    ("cosmos.circuit.v1.Query.Accounts", "Who may switch what off"),
    ("cosmos.circuit.v1.Query.DisabledList", "The types of message that are off"),
    ("cosmos.consensus.v1.Msg.UpdateParams", "Changes the parameters of consensus; governance alone may"),
    ("cosmos.consensus.v1.Query.Params", "The parameters of consensus: sizes of blocks, age of evidence, keys"),
    ("cosmos.distribution.v1beta1.Msg.CommunityPoolSpend", "Pays from the community pool; governance alone may"),
    ("cosmos.distribution.v1beta1.Msg.DepositValidatorRewardsPool", "Gives coins to a validator's stakers"),
    ("cosmos.distribution.v1beta1.Msg.FundCommunityPool", "Gives coins to the community pool"),
    ("cosmos.distribution.v1beta1.Msg.SetWithdrawAddress", "Sets the account that one's rewards go to"),
    ("cosmos.distribution.v1beta1.Msg.UpdateParams", "Changes the parameters of rewards; governance alone may"),
    ("cosmos.distribution.v1beta1.Msg.WithdrawDelegatorReward", "Takes the rewards of a delegation"),
    (
        "cosmos.distribution.v1beta1.Msg.WithdrawValidatorCommission",
        "Takes a validator's commission; its operator alone may",
    ),
    ("cosmos.distribution.v1beta1.Query.CommunityPool", "What is the community's"),
    ("cosmos.distribution.v1beta1.Query.DelegationRewards", "The rewards that a delegation is due"),
    (
        "cosmos.distribution.v1beta1.Query.DelegationTotalRewards",
        "The rewards that all delegations of an account are due",
    ),
    ("cosmos.distribution.v1beta1.Query.DelegatorValidators", "The validators that an account has delegated to"),
    ("cosmos.distribution.v1beta1.Query.DelegatorWithdrawAddress", "The account that a delegator's rewards go to"),
    ("cosmos.distribution.v1beta1.Query.Params", "The parameters of rewards: the community's part"),
    ("cosmos.distribution.v1beta1.Query.ValidatorCommission", "The commission that a validator is due"),
    (
        "cosmos.distribution.v1beta1.Query.ValidatorDistributionInfo",
        "What a validator's operator is due: commission and rewards",
    ),
    ("cosmos.distribution.v1beta1.Query.ValidatorOutstandingRewards", "What a validator and its stakers are due"),
    ("cosmos.distribution.v1beta1.Query.ValidatorSlashes", "The slashes of a validator"),
    (
        "cosmos.evidence.v1beta1.Msg.SubmitEvidence",
        "Submits evidence of misbehaviour; this chain takes CometBFT's alone",
    ),
    ("cosmos.evidence.v1beta1.Query.AllEvidence", "All evidence of misbehaviour, by pages"),
    ("cosmos.evidence.v1beta1.Query.Evidence", "The evidence with a hash, in hexadecimal"),
    ("cosmos.feegrant.v1beta1.Msg.GrantAllowance", "Lets another account pay fees from the signer's"),
    ("cosmos.feegrant.v1beta1.Msg.PruneAllowances", "Removes up to 75 expired allowances"),
    ("cosmos.feegrant.v1beta1.Msg.RevokeAllowance", "Takes an allowance for fees back"),
    ("cosmos.feegrant.v1beta1.Query.Allowance", "What one account lets another pay fees with"),
    ("cosmos.feegrant.v1beta1.Query.Allowances", "The allowances that an account has from others"),
    ("cosmos.feegrant.v1beta1.Query.AllowancesByGranter", "The allowances that an account has given"),
    ("cosmos.gov.v1.Msg.CancelProposal", "Takes one's own proposal back, at a charge on its deposits"),
    ("cosmos.gov.v1.Msg.Deposit", "Adds to a proposal's deposits; with enough of them the vote begins"),
    ("cosmos.gov.v1.Msg.ExecLegacyContent", "Executes a content of gov v1beta1; governance alone may"),
    ("cosmos.gov.v1.Msg.SubmitProposal", "Proposes messages that the governance account shall execute"),
    ("cosmos.gov.v1.Msg.UpdateParams", "Changes the parameters of governance; governance alone may"),
    ("cosmos.gov.v1.Msg.Vote", "Votes on a proposal: yes, no, no-with-veto or abstain"),
    ("cosmos.gov.v1.Msg.VoteWeighted", "Divides a vote among options: yes=0.6,no=0.3,abstain=0.1"),
    ("cosmos.gov.v1.Query.Constitution", "The chain's constitution"),
    ("cosmos.gov.v1.Query.Deposit", "What somebody has deposited on a proposal"),
    ("cosmos.gov.v1.Query.Deposits", "Who has deposited what on a proposal"),
    (
        "cosmos.gov.v1.Query.Params",
        "The parameters of governance; voting, tallying or deposit shows a part by itself too",
    ),
    ("cosmos.gov.v1.Query.Proposal", "A proposal"),
    ("cosmos.gov.v1.Query.Proposals", "All proposals, or those of a status, a voter or a depositor"),
    ("cosmos.gov.v1.Query.TallyResult", "The votes on a proposal, as they stand or as they were counted"),
    ("cosmos.gov.v1.Query.Vote", "Somebody's vote on a proposal that is voted on"),
    ("cosmos.gov.v1.Query.Votes", "The votes on a proposal that is voted on"),
    ("cosmos.mint.v1beta1.Msg.UpdateParams", "Changes what is shown of a fixed supply; governance alone may"),
    ("cosmos.mint.v1beta1.Query.AnnualProvisions", "How much is minted in a year: nothing"),
    ("cosmos.mint.v1beta1.Query.Inflation", "The rate of inflation: 0"),
    ("cosmos.mint.v1beta1.Query.Params", "The parameters of minting: there is none"),
    ("cosmos.slashing.v1beta1.Msg.Unjail", "Lets the sender's validator out of jail once its time there is over"),
    ("cosmos.slashing.v1beta1.Msg.UpdateParams", "Changes the parameters of slashing; governance alone may"),
    (
        "cosmos.slashing.v1beta1.Query.Params",
        "The parameters of slashing: the window, how much of it must be signed, what is lost",
    ),
    ("cosmos.slashing.v1beta1.Query.SigningInfo", "How one validator signs, by its consensus address (openvalcons1…)"),
    ("cosmos.slashing.v1beta1.Query.SigningInfos", "How all validators sign, by pages"),
    (
        "cosmos.staking.v1beta1.Msg.BeginRedelegate",
        "Moves what the sender delegates to one validator to another, at once",
    ),
    ("cosmos.staking.v1beta1.Msg.CancelUnbondingDelegation", "Delegates again what is unbonding since a height"),
    (
        "cosmos.staking.v1beta1.Msg.CreateValidator",
        "Makes the sender a validator's operator, with a delegation of its own",
    ),
    ("cosmos.staking.v1beta1.Msg.Delegate", "Delegates to a validator"),
    (
        "cosmos.staking.v1beta1.Msg.EditValidator",
        "Changes a validator's texts, commission or least self-delegation; [do-not-modify] keeps a text",
    ),
    (
        "cosmos.staking.v1beta1.Msg.Undelegate",
        "Takes back what is delegated; it is paid when the unbonding time is over",
    ),
    ("cosmos.staking.v1beta1.Msg.UpdateParams", "Changes the parameters of staking; governance alone may"),
    (
        "cosmos.staking.v1beta1.Query.Delegation",
        "What somebody delegates to a validator: shares, and what they are worth",
    ),
    ("cosmos.staking.v1beta1.Query.DelegatorDelegations", "What somebody delegates, by pages"),
    ("cosmos.staking.v1beta1.Query.DelegatorUnbondingDelegations", "What somebody has unbonding, by pages"),
    ("cosmos.staking.v1beta1.Query.DelegatorValidator", "A validator to which somebody delegates"),
    ("cosmos.staking.v1beta1.Query.DelegatorValidators", "The validators to which somebody delegates, by pages"),
    ("cosmos.staking.v1beta1.Query.HistoricalInfo", "The header and the validators of a past height"),
    (
        "cosmos.staking.v1beta1.Query.Params",
        "The parameters of staking: unbonding time, most validators and entries, denomination",
    ),
    ("cosmos.staking.v1beta1.Query.Pool", "How much is bonded, and how much is staked and not bonded"),
    (
        "cosmos.staking.v1beta1.Query.Redelegations",
        "What somebody has on its way between validators, or what is on its way from one",
    ),
    ("cosmos.staking.v1beta1.Query.UnbondingDelegation", "What somebody has unbonding from a validator"),
    ("cosmos.staking.v1beta1.Query.Validator", "A validator, by its operator's address (openvaloper1…)"),
    ("cosmos.staking.v1beta1.Query.ValidatorDelegations", "Who delegates to a validator, by pages"),
    ("cosmos.staking.v1beta1.Query.ValidatorUnbondingDelegations", "What unbonds from a validator, by pages"),
    (
        "cosmos.staking.v1beta1.Query.Validators",
        "The validators, by pages; --status BOND_STATUS_BONDED for those in the set",
    ),
    ("cosmos.upgrade.v1beta1.Msg.CancelUpgrade", "Drops the scheduled upgrade; governance alone may"),
    ("cosmos.upgrade.v1beta1.Msg.SoftwareUpgrade", "Schedules an upgrade; governance alone may"),
    ("cosmos.upgrade.v1beta1.Query.AppliedPlan", "The height at which an upgrade was carried out; 0 where it was not"),
    ("cosmos.upgrade.v1beta1.Query.Authority", "Who may schedule upgrades"),
    ("cosmos.upgrade.v1beta1.Query.CurrentPlan", "The upgrade that is scheduled"),
    ("cosmos.upgrade.v1beta1.Query.ModuleVersions", "The versions of the modules' states"),
    ("cosmos.upgrade.v1beta1.Query.UpgradedConsensusState", "This chain's first consensus state after an upgrade"),
    ("cosmos.vesting.v1beta1.Msg.CreatePeriodicVestingAccount", "Pays coins to a new account, to be spent by periods"),
    (
        "cosmos.vesting.v1beta1.Msg.CreatePermanentLockedAccount",
        "Pays coins to a new account, to be staked and never spent",
    ),
    ("cosmos.vesting.v1beta1.Msg.CreateVestingAccount", "Pays coins to a new account, to be spent over time"),
    ("ibc.applications.transfer.v1.Msg.Transfer", "Sends tokens to an account of another chain over IBC"),
    (
        "ibc.applications.transfer.v1.Msg.UpdateParams",
        "Changes the parameters of transfers over IBC; governance alone may",
    ),
    ("ibc.applications.transfer.v1.Query.DenomHash", "The hash of a whole trace, which names its voucher"),
    ("ibc.applications.transfer.v1.Query.DenomTrace", "Where a voucher comes from, by its hash, denomination or trace"),
    ("ibc.applications.transfer.v1.Query.DenomTraces", "Where all vouchers come from, by pages"),
    ("ibc.applications.transfer.v1.Query.EscrowAddress", "The account that holds what left through a channel"),
    ("ibc.applications.transfer.v1.Query.Params", "Whether tokens may be sent and received over IBC"),
    ("ibc.applications.transfer.v1.Query.TotalEscrowForDenom", "How much of a denomination has left over all channels"),
    ("ibc.core.channel.v1.Msg.Acknowledgement", "Brings the answer to a packet back to its sender, with its proof"),
    ("ibc.core.channel.v1.Msg.ChannelCloseConfirm", "Closes a channel whose other end is proven closed"),
    ("ibc.core.channel.v1.Msg.ChannelCloseInit", "Closes a channel, where its application allows that"),
    (
        "ibc.core.channel.v1.Msg.ChannelOpenAck",
        "Opens a channel whose other end is proven tried: the third step of its handshake",
    ),
    (
        "ibc.core.channel.v1.Msg.ChannelOpenConfirm",
        "Opens a channel whose other end is proven open: the last step of its handshake",
    ),
    ("ibc.core.channel.v1.Msg.ChannelOpenInit", "Begins a channel: the first step of its handshake"),
    (
        "ibc.core.channel.v1.Msg.ChannelOpenTry",
        "Answers a channel that is proven begun: the second step of its handshake",
    ),
    ("ibc.core.channel.v1.Msg.RecvPacket", "Brings a packet to its receiver, with its proof"),
    ("ibc.core.channel.v1.Msg.Timeout", "Proves to a packet's sender that it ran out unreceived"),
    (
        "ibc.core.channel.v1.Msg.TimeoutOnClose",
        "Proves to a packet's sender that its channel was closed before it was received",
    ),
    ("ibc.core.channel.v1.Msg.UpdateChannelParams", "Changes the parameters of channels; governance alone may"),
    ("ibc.core.channel.v1.Query.Channel", "A channel's end on this chain"),
    ("ibc.core.channel.v1.Query.ChannelClientState", "The state of the client behind a channel"),
    (
        "ibc.core.channel.v1.Query.ChannelConsensusState",
        "What the client behind a channel knows of its chain at a height",
    ),
    ("ibc.core.channel.v1.Query.ChannelParams", "The parameters of channels"),
    ("ibc.core.channel.v1.Query.Channels", "All channels, by pages"),
    ("ibc.core.channel.v1.Query.ConnectionChannels", "The channels of a connection, by pages"),
    ("ibc.core.channel.v1.Query.NextSequenceReceive", "The number that an ordered channel receives next"),
    ("ibc.core.channel.v1.Query.NextSequenceSend", "The number that the next packet of a channel gets"),
    ("ibc.core.channel.v1.Query.PacketAcknowledgement", "The hash of the answer to a packet that was received"),
    (
        "ibc.core.channel.v1.Query.PacketAcknowledgements",
        "The hashes of the answers to packets, by pages or by numbers",
    ),
    ("ibc.core.channel.v1.Query.PacketCommitment", "The hash of a packet that was sent and is not answered yet"),
    (
        "ibc.core.channel.v1.Query.PacketCommitments",
        "The packets of a channel that were sent and are not answered yet, by pages",
    ),
    ("ibc.core.channel.v1.Query.PacketReceipt", "Whether a packet was received"),
    (
        "ibc.core.channel.v1.Query.UnreceivedAcks",
        "Of packets that the other end answered, those whose answer is not here yet",
    ),
    ("ibc.core.channel.v1.Query.UnreceivedPackets", "Of packets that the other end sent, those that are not here yet"),
    ("ibc.core.channel.v1.Query.Upgrade", "The upgrade of a channel; channels of this chain have none"),
    ("ibc.core.channel.v1.Query.UpgradeError", "Why a channel's upgrade failed; channels of this chain have none"),
    ("ibc.core.client.v1.Msg.CreateClient", "Makes a light client of another chain"),
    (
        "ibc.core.client.v1.Msg.IBCSoftwareUpgrade",
        "Schedules an upgrade with a new client of this chain; governance alone may",
    ),
    ("ibc.core.client.v1.Msg.RecoverClient", "Revives a client with the state of another; governance alone may"),
    (
        "ibc.core.client.v1.Msg.SubmitMisbehaviour",
        "Freezes a client by the proof that its chain's validators signed two headers",
    ),
    ("ibc.core.client.v1.Msg.UpdateClient", "Brings a header of its chain to a client"),
    ("ibc.core.client.v1.Msg.UpdateClientParams", "Changes which kinds of clients may be made; governance alone may"),
    ("ibc.core.client.v1.Msg.UpgradeClient", "Takes a client over an upgrade of its chain"),
    ("ibc.core.client.v1.Query.ClientParams", "The parameters of clients: which kinds may be made"),
    ("ibc.core.client.v1.Query.ClientState", "A client's state"),
    ("ibc.core.client.v1.Query.ClientStates", "All clients, by pages"),
    ("ibc.core.client.v1.Query.ClientStatus", "Whether a client is active, expired or frozen"),
    (
        "ibc.core.client.v1.Query.ConsensusState",
        "What a client knows of its chain at a height (1-20), or with --latest-height",
    ),
    ("ibc.core.client.v1.Query.ConsensusStateHeights", "The heights of its chain that a client knows, by pages"),
    ("ibc.core.client.v1.Query.ConsensusStates", "What a client knows of its chain, by pages"),
    ("ibc.core.client.v1.Query.UpgradedClientState", "The client of this chain after the upgrade that is scheduled"),
    (
        "ibc.core.client.v1.Query.UpgradedConsensusState",
        "This chain's first consensus state after the upgrade that is scheduled",
    ),
    ("ibc.core.client.v1.Query.VerifyMembership", "Whether a client accepts a proof"),
    (
        "ibc.core.connection.v1.Msg.ConnectionOpenAck",
        "Opens a connection whose other end is proven tried: the third step of its handshake",
    ),
    (
        "ibc.core.connection.v1.Msg.ConnectionOpenConfirm",
        "Opens a connection whose other end is proven open: the last step of its handshake",
    ),
    ("ibc.core.connection.v1.Msg.ConnectionOpenInit", "Begins a connection: the first step of its handshake"),
    (
        "ibc.core.connection.v1.Msg.ConnectionOpenTry",
        "Answers a connection that is proven begun: the second step of its handshake",
    ),
    (
        "ibc.core.connection.v1.Msg.UpdateConnectionParams",
        "Changes how long blocks are expected to take; governance alone may",
    ),
    ("ibc.core.connection.v1.Query.ClientConnections", "The connections of a client"),
    ("ibc.core.connection.v1.Query.Connection", "A connection's end on this chain"),
    ("ibc.core.connection.v1.Query.ConnectionClientState", "The state of the client behind a connection"),
    (
        "ibc.core.connection.v1.Query.ConnectionConsensusState",
        "What the client behind a connection knows of its chain at a height (1-20)",
    ),
    (
        "ibc.core.connection.v1.Query.ConnectionParams",
        "The parameters of connections: how long a block is expected to take",
    ),
    ("ibc.core.connection.v1.Query.Connections", "All connections, by pages"),
];

/// Comments of the .proto files by full name: `package.Service.Method`, `package.Message.field`.
static COMMENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut comments = BTreeMap::new();
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default().file;
    for file in &files {
        let package = file.package();
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            let index = |at: usize| location.path.get(at).and_then(|index| usize::try_from(*index).ok());
            let [outer, _, 2, _] = location.path.as_slice() else { continue };
            let (Some(parent), Some(child)) = (index(1), index(3)) else { continue };
            let name = match outer {
                6 => file
                    .service
                    .get(parent)
                    .and_then(|service| Some((service.name(), service.method.get(child)?.name()))),
                4 => file
                    .message_type
                    .get(parent)
                    .and_then(|message| Some((message.name(), message.field.get(child)?.name()))),
                _ => None,
            };
            let text = [location.leading_comments(), location.trailing_comments()];
            let text = text.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default();
            if let Some((parent, child)) = name.filter(|_| !text.is_empty()) {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                comments.insert(format!("{package}.{parent}.{child}"), text);
            }
        }
    }
    comments
});

fn comment(full_name: &str) -> Option<String> {
    let sdk = SDK.iter().find(|(name, _)| *name == full_name).map(|(_, text)| (*text).to_string());
    sdk.or_else(|| COMMENTS.get(full_name).cloned())
}

/// What a method does: its comment without its name at the front, as a sentence without a full stop.
pub fn method(full_name: &str, name: &str) -> String {
    let text = comment(full_name).unwrap_or_else(|| kebab(name).replace('-', " "));
    let text =
        text.strip_prefix(name).filter(|rest| rest.starts_with(' ')).unwrap_or(&text).trim().trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What a field is: its comment, and what may be written for it.
pub fn field(message: &str, field: &Field) -> String {
    let comment = comment(&format!("{message}.{}", field.name));
    let comment = comment.map(|text| text.trim_end_matches('.').to_string());
    let names = match field.kind {
        Kind::Enum(index) => SCHEMA.enums.get(index).map(|all| {
            let names = all.values.iter().map(|(name, _)| name.as_str());
            format!("one of {}", names.filter(|name| !name.ends_with("_UNSPECIFIED")).collect::<Vec<_>>().join(", "))
        }),
        Kind::Message(index) if !is_coin(index) && field.label != Label::Map => {
            SCHEMA.messages.get(index).map(|message| {
                // Its JSON is not what its two fields say.
                if message.full_name == ANY {
                    return "with @type and the fields of that type".into();
                }
                let names =
                    message.order.iter().filter_map(|at| message.fields.get(*at)).map(|field| field.name.as_str());
                format!("with {}", names.collect::<Vec<_>>().join(", "))
            })
        }
        _ => None,
    };
    comment.into_iter().chain(names).collect::<Vec<_>>().join("; ")
}

/// What somebody might write for a field.
pub fn sample(field: &Field) -> String {
    let is_address = field.scalar == "cosmos.AddressString" || field.name.ends_with("address");
    match field.kind {
        Kind::Message(index) if is_coin(index) => "10aopen".into(),
        Kind::Message(_) if matches!(field.label, Label::Repeated(_)) => "'[{…}]'".into(),
        Kind::Message(_) => "'{…}'".into(),
        Kind::String if field.name == "from_address" => "alice".into(),
        Kind::String if is_address => "open1…".into(),
        Kind::String if field.name.contains("denom") => "aopen".into(),
        Kind::String => kebab(&field.name).to_uppercase(),
        Kind::Bytes => "0x…".into(),
        Kind::Bool => "true".into(),
        Kind::Enum(index) => {
            let values = SCHEMA.enums.get(index).map(|all| all.values.as_slice()).unwrap_or_default();
            values.iter().map(|(name, _)| name.clone()).nth(1).unwrap_or_else(|| kind(field))
        }
        _ => "1".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_say_what_the_proto_files_say() {
        assert_eq!(
            method("openledger.datanet.v1.Msg.CreateDatanet", "CreateDatanet"),
            "Makes a datanet that the sender owns"
        );
        assert_eq!(method("cosmos.bank.v1beta1.Query.Balance", "Balance"), "An account's balance in one denomination");
    }

    #[test]
    fn a_message_of_any_type_is_told_as_its_json_is() {
        let message = super::super::message("cosmos.feegrant.v1beta1.MsgGrantAllowance").unwrap();
        let allowance = message.fields.iter().find(|field| field.name == "allowance").unwrap();
        let text = field("cosmos.feegrant.v1beta1.MsgGrantAllowance", allowance);
        assert!(text.ends_with("with @type and the fields of that type"), "{text}");
    }

    #[test]
    fn every_text_stands_for_something() {
        for (name, _) in SDK {
            let (parent, child) = name.rsplit_once('.').unwrap();
            let method = openledger_proto::walker::services().iter().any(|service| {
                service.full_name == parent && service.methods.iter().any(|method| method.name == child)
            });
            let field =
                super::super::message(parent).is_ok_and(|message| message.fields.iter().any(|f| f.name == child));
            assert!(method || field, "{name}");
        }
    }
}
