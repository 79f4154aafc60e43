//! The parts of the chain that have a command line, and the names that `simd` has for what is in them.

use anyhow::{Context, Result};
use clap::{ArgMatches, Command};

/// A part of the chain with a command line.
pub struct Module {
    /// Its verb.
    pub name: &'static str,
    /// Its protobuf package.
    pub package: &'static str,
    /// The service that has its queries.
    pub query: &'static str,
    /// The verb that it stands under; empty where it stands by itself.
    pub under: &'static str,
}

const fn module(name: &'static str, package: &'static str) -> Module {
    Module { name, package, query: "Query", under: "" }
}

/// A part of IBC core, as `simd` has it: `query ibc client …`.
const fn ibc(name: &'static str, package: &'static str) -> Module {
    Module { name, package, query: "Query", under: "ibc" }
}

/// All of them; the last three have queries alone.
pub const MODULES: &[Module] = &[
    module("attribution", "openledger.attribution.v1"),
    module("auth", "cosmos.auth.v1beta1"),
    module("authz", "cosmos.authz.v1beta1"),
    module("bank", "cosmos.bank.v1beta1"),
    module("circuit", "cosmos.circuit.v1"),
    module("consensus", "cosmos.consensus.v1"),
    module("contributor", "openledger.contributor.v1"),
    module("datanet", "openledger.datanet.v1"),
    module("distribution", "cosmos.distribution.v1beta1"),
    module("evidence", "cosmos.evidence.v1beta1"),
    module("feegrant", "cosmos.feegrant.v1beta1"),
    module("forward", "openledger.forward.v1"),
    module("gov", "cosmos.gov.v1"),
    ibc("channel", "ibc.core.channel.v1"),
    ibc("client", "ibc.core.client.v1"),
    ibc("connection", "ibc.core.connection.v1"),
    module("ibc-transfer", "ibc.applications.transfer.v1"),
    module("mint", "cosmos.mint.v1beta1"),
    module("model", "openledger.model.v1"),
    module("ratelimit", "openledger.ratelimit.v1"),
    module("slashing", "cosmos.slashing.v1beta1"),
    module("staking", "cosmos.staking.v1beta1"),
    module("transfer", "openledger.transfer.v1"),
    module("upgrade", "cosmos.upgrade.v1beta1"),
    module("vesting", "cosmos.vesting.v1beta1"),
    module("chain", "openledger.base.v1"),
    Module { name: "comet", package: "cosmos.base.tendermint.v1beta1", query: "Service", under: "" },
    Module { name: "node", package: "cosmos.base.node.v1beta1", query: "Service", under: "" },
];

/// Names that `simd` has for methods, beside those of the methods themselves.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("AccountAddressByID", "address-by-acc-num"),
    ("AllBalances", "balances"),
    ("AllEvidence", "list"),
    ("Allowance", "grant"),
    ("Allowances", "grants-by-grantee"),
    ("AllowancesByGranter", "grants-by-granter"),
    ("AppliedPlan", "applied"),
    ("AuthorizeCircuitBreaker", "authorize"),
    ("BeginRedelegate", "redelegate"),
    ("CancelUnbondingDelegation", "cancel-unbond"),
    ("Channel", "end"),
    ("ChannelClientState", "client-state"),
    ("ChannelParams", "params"),
    ("ClientConnections", "path"),
    ("ClientParams", "params"),
    ("ClientState", "state"),
    ("ClientStates", "states"),
    ("ClientStatus", "status"),
    ("Connection", "end"),
    ("ConnectionChannels", "connections"),
    ("ConnectionParams", "params"),
    ("CreateClient", "create"),
    ("CurrentPlan", "plan"),
    ("DelegationRewards", "rewards-by-validator"),
    ("DelegationTotalRewards", "rewards"),
    ("DelegatorDelegations", "delegations"),
    ("DelegatorUnbondingDelegations", "unbonding-delegations"),
    ("DepositValidatorRewardsPool", "fund-validator-rewards-pool"),
    ("GetBlockByHeight", "block-by-height"),
    ("GetLatestBlock", "block-latest"),
    ("GetLatestValidatorSet", "validator-set"),
    ("GetNodeInfo", "node-info"),
    ("GetSyncing", "syncing"),
    ("GetValidatorSetByHeight", "validator-set-by-height"),
    ("GrantAllowance", "grant"),
    ("GranteeGrants", "grants-by-grantee"),
    ("GranterGrants", "grants-by-granter"),
    ("ModuleAccountByName", "module-account"),
    ("PacketAcknowledgement", "packet-ack"),
    ("PruneAllowances", "prune"),
    ("Redelegations", "redelegation"),
    ("ResetCircuitBreaker", "reset"),
    ("RevokeAllowance", "revoke"),
    ("SetWithdrawAddress", "set-withdraw-addr"),
    ("SpendableBalanceByDenom", "spendable-balance"),
    ("SubmitMisbehaviour", "misbehaviour"),
    ("SupplyOf", "total-supply-of"),
    ("TallyResult", "tally"),
    ("TotalEscrowForDenom", "total-escrow"),
    ("TotalSupply", "total"),
    ("TripCircuitBreaker", "disable"),
    ("Undelegate", "unbond"),
    ("UpdateClient", "update"),
    ("UpgradeClient", "upgrade"),
    ("ValidatorCommission", "commission"),
    ("ValidatorDelegations", "delegations-to"),
    ("ValidatorSlashes", "slashes"),
    ("ValidatorUnbondingDelegations", "unbonding-delegations-from"),
    ("VoteWeighted", "weighted-vote"),
    ("WithdrawDelegatorReward", "withdraw-rewards"),
];

/// Names that `simd` has for fields, beside those of the fields themselves.
pub(super) const FLAG_ALIASES: &[(&str, &str)] =
    &[("packet_commitment_sequences", "sequences"), ("packet_ack_sequences", "sequences")];

/// Whether a verb is a module's, or stands over modules.
pub fn is_verb(name: &str) -> bool {
    MODULES.iter().any(|module| module.under == name || module.under.is_empty() && module.name == name)
}

/// The module that a command line names by one verb or two, and what stands after them.
pub fn resolve<'a>(verb: &str, matches: &'a ArgMatches) -> Result<(&'static Module, &'a ArgMatches)> {
    let find = |under: &str, name: &str| MODULES.iter().find(|module| module.under == under && module.name == name);
    if let Some(module) = find("", verb) {
        return Ok((module, matches));
    }
    let (name, matches) = matches.subcommand().context("name a module")?;
    Ok((find(verb, name).with_context(|| format!("no module {verb} {name}"))?, matches))
}

/// The verbs of modules, those that stand under another in one group of it.
pub fn grouped(about: &str, modules: impl Iterator<Item = (&'static Module, Command)>) -> Vec<Command> {
    let mut verbs: Vec<Command> = Vec::new();
    for (module, command) in modules {
        if module.under.is_empty() {
            verbs.push(command);
            continue;
        }
        let over = match verbs.iter().position(|verb| verb.get_name() == module.under) {
            Some(at) => verbs.remove(at),
            None => Command::new(module.under)
                .about(format!("{about} of IBC core: clients, connections, channels"))
                .subcommand_required(true)
                .arg_required_else_help(true),
        };
        verbs.push(over.subcommand(command));
    }
    verbs
}

impl Module {
    /// Its verbs on a command line: `query bank`, `query ibc client`.
    pub fn path(&self, first: &str) -> String {
        [first, self.under, self.name].into_iter().filter(|verb| !verb.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
