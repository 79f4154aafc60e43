//! Councils: members with weights who own a datanet together.
//!
//! A council's datanet is owned by an address that nobody has a key to, derived from the datanet's id as the SDK derives a module's
//! accounts, so every check of an owner works unchanged. What the owner may sign, a proposal may hold; it is carried out in that
//! address's name once the yes votes weigh the threshold.
//!
//! | step | who | when |
//! | --- | --- | --- |
//! | propose | a member, with a deposit | at any time |
//! | vote | each member once, with the weight it has | up to the end of the voting period |
//! | execute | a member | from the threshold on, up to a second voting period after the first |
//!
//! A change of the council has the next epoch and ends what is open: its votes were cast in another council. So who was removed cannot
//! have a say, weights never change under a vote, and a proposal has at most one vote a member. A proposal is removed when it is executed
//! and so cannot be twice; else when its time is over. Its deposit returns, unless in the end more weight said no than yes: then
//! the datanet's treasury has it.

use cosmwasm_std::{Binary, Empty, Order, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{self as proto, *};
use openledger_proto::{Any, Message, Name};
use serde::{Deserialize, Serialize};

use super::bond::seconds_key;
use super::events;
use crate::error::DatanetError;
use crate::escrow::coins;
use crate::keeper::Datanets;
use crate::money::lower;
use crate::params::Params;
use crate::state::{COUNCILS, NEXT_PROPOSAL, PROPOSALS, PROPOSALS_OF, PROPOSAL_DUE, STORE, VOTES};
use crate::NAME;

/// Most that a member weighs.
const MAX_WEIGHT: u64 = 1_000_000;
/// Most messages of a proposal.
const MAX_MESSAGES: usize = 8;
/// Most bytes of them together.
const MAX_MESSAGE_BYTES: usize = 16_384;

/// One of a council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub address: Address,
    /// What its vote weighs.
    pub weight: u64,
}

/// Who owns a datanet together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Council {
    /// In order of their bytes, none twice.
    pub members: Vec<Member>,
    /// The weight of yes votes that carries a proposal.
    pub threshold: u64,
    /// Seconds of header time of a vote.
    pub voting_seconds: u64,
    /// How often it was set.
    pub epoch: u64,
    /// Open proposals of this epoch.
    pub open_proposals: u32,
}

impl Council {
    /// The weight of a member; `None` of anybody else.
    pub fn weight(&self, account: &Address) -> Option<u64> {
        let place = self.members.binary_search_by(|member| member.address.cmp(account)).ok()?;
        self.members.get(place).map(|member| member.weight)
    }

    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64) -> proto::Council {
        let member = |member: &Member| proto::Member { address: member.address.to_string(), weight: member.weight };
        proto::Council {
            datanet_id: datanet,
            members: self.members.iter().map(member).collect(),
            threshold: self.threshold,
            voting_seconds: self.voting_seconds,
            epoch: self.epoch,
            open_proposals: self.open_proposals,
            address: address(datanet).to_string(),
        }
    }
}

/// What a council may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its datanet.
    pub datanet: u64,
    /// Who proposed it.
    pub proposer: Address,
    /// What it is about.
    pub title: String,
    /// Type URL and bytes of each message.
    pub messages: Vec<(String, Binary)>,
    /// What is locked, in base units.
    pub deposit: Uint256,
    /// The council's epoch.
    pub epoch: u64,
    /// Last header time at which it is voted on, in seconds.
    pub voting_ends_seconds: i64,
    /// Last header time at which it may be executed, in seconds.
    pub expires_seconds: i64,
    /// Weight of the yes votes.
    pub yes: u64,
    /// Weight of the no votes.
    pub no: u64,
}

impl Proposal {
    /// The protobuf form.
    pub fn to_proto(&self, id: u64) -> proto::Proposal {
        let any = |(type_url, value): &(String, Binary)| Any { type_url: type_url.clone(), value: value.to_vec() };
        proto::Proposal {
            id,
            datanet_id: self.datanet,
            proposer: self.proposer.to_string(),
            title: self.title.clone(),
            messages: self.messages.iter().map(any).collect(),
            deposit: self.deposit.to_string(),
            epoch: self.epoch,
            voting_ends_seconds: self.voting_ends_seconds,
            expires_seconds: self.expires_seconds,
            yes: self.yes,
            no: self.no,
        }
    }
}

/// One member's vote; proposal and voter are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Yes or no.
    pub yes: bool,
    /// What it weighs.
    pub weight: u64,
}

impl Vote {
    /// The protobuf form.
    pub fn to_proto(&self, proposal: u64, voter: &Address) -> proto::Vote {
        proto::Vote { proposal_id: proposal, voter: voter.to_string(), yes: self.yes, weight: self.weight }
    }
}

/// The address that a datanet's council owns it by: `address.Module("datanet", "council" ‖ id)` of the SDK (ADR-028), 32 bytes.
pub fn address(datanet: u64) -> Address {
    let key = [NAME.as_bytes(), &[0], b"council", &datanet.to_be_bytes()].concat();
    Address::of_named_key("module", &key)
}

fn invalid(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidCouncil(text.into()).into()
}

/// Reads members and threshold; what depends on parameters is left to [`check_params`].
pub(crate) fn read_members(members: &[proto::Member], threshold: u64) -> Result<Vec<Member>> {
    let read = |member: &proto::Member| -> Result<Member> {
        if !(1..=MAX_WEIGHT).contains(&member.weight) {
            return Err(invalid(format!("{} weighs {}; it must be 1 to {MAX_WEIGHT}", member.address, member.weight)));
        }
        Ok(Member { address: member.address.parse()?, weight: member.weight })
    };
    let mut members = members.iter().map(read).collect::<Result<Vec<_>>>()?;
    members.sort_by(|a, b| a.address.cmp(&b.address));
    let twice = members.iter().zip(members.iter().skip(1)).find(|(a, b)| a.address == b.address);
    if let Some((member, _)) = twice {
        return Err(invalid(format!("{} stands there twice", member.address)));
    }
    let total = members.iter().fold(0u64, |sum, member| sum.saturating_add(member.weight));
    if !(1..=total).contains(&threshold) {
        return Err(invalid(format!("threshold is {threshold}; it must be 1 to the members' weight of {total}")));
    }
    Ok(members)
}

/// Refuses a council that the parameters do not allow.
pub(crate) fn check_params(params: &Params, members: usize, voting_seconds: u64) -> Result<()> {
    let most = usize::try_from(params.max_members).unwrap_or(usize::MAX);
    if members > most {
        return Err(invalid(format!("{members} members; at most {most} are allowed")));
    }
    let (least, most) = (params.min_voting_seconds, params.max_voting_seconds);
    if !(least..=most).contains(&voting_seconds) {
        return Err(invalid(format!("voting_seconds is {voting_seconds}; it must be {least} to {most}")));
    }
    Ok(())
}

/// Runs one of the messages that an owner may sign.
type Run = fn(&Datanets, &mut Context, &[u8]) -> Result<Vec<u8>>;
/// Makes its stateless checks and returns its signer.
type Check = fn(&[u8]) -> Result<String>;

/// Each message that a council may send, with the field of its signer. None of them is a council's own (propose, vote, execute), so
/// execution never nests.
macro_rules! owner_messages {
    ($($message:ident . $signer:ident),* $(,)?) => {
        fn owner_message(type_url: &str) -> Option<(Check, Run)> {
            $(if type_url == $message::type_url() {
                return Some((
                    |bytes| {
                        let message = decode::<$message>(bytes)?;
                        Datanets::default().validate(&message)?;
                        Ok(message.$signer)
                    },
                    |keeper, ctx, bytes| {
                        if let Some(router) = ctx.router() {
                            router.check_gates(ctx, &$message::type_url())?;
                        }
                        Ok(keeper.handle(ctx, &decode::<$message>(bytes)?)?.encode_to_vec())
                    },
                ));
            })*
            None
        }
        /// Names of the messages that a council may send.
        pub(crate) const OWNER_MESSAGES: &[&str] = &[$(stringify!($message)),*];
    };
}

owner_messages! {
    MsgAssess.assessor,
    MsgFreezeVersion.owner,
    MsgGrantCustody.authority,
    MsgOverruleReview.authority,
    MsgReviewContribution.reviewer,
    MsgSetCouncil.owner,
    MsgSetDatanetState.owner,
    MsgSpendTreasury.owner,
    MsgUpdateAllowList.owner,
    MsgUpdateDatanet.owner,
}

fn refused(text: impl Into<String>) -> openledger_core::Error {
    DatanetError::InvalidProposal(text.into()).into()
}

fn decode<M: Message + Name + Default>(bytes: &[u8]) -> Result<M> {
    M::decode(bytes).map_err(|error| refused(format!("{}: {error}", M::NAME)))
}

/// Checks a proposal's messages: few, small, of this module, signed by the council's address of this datanet.
pub(crate) fn read_messages(datanet: u64, messages: &[Any]) -> Result<Vec<(String, Binary)>> {
    if !(1..=MAX_MESSAGES).contains(&messages.len()) {
        return Err(refused(format!("{} messages; give 1 to {MAX_MESSAGES}", messages.len())));
    }
    let bytes =
        messages.iter().fold(0usize, |sum, any| sum.saturating_add(any.type_url.len()).saturating_add(any.value.len()));
    if bytes > MAX_MESSAGE_BYTES {
        return Err(refused(format!("the messages have {bytes} bytes; at most {MAX_MESSAGE_BYTES} are allowed")));
    }
    let owner = address(datanet).to_string();
    for any in messages {
        let Some((check, _)) = owner_message(&any.type_url) else {
            let known = OWNER_MESSAGES.join(", ");
            return Err(refused(format!("{:?} is none that a council may send: {known}", any.type_url)));
        };
        let signer = check(&any.value)?;
        if signer != owner {
            return Err(refused(format!(
                "{} is to be signed by {signer:?}, not by the council's {owner}",
                any.type_url
            )));
        }
    }
    Ok(messages.iter().map(|any| (any.type_url.clone(), Binary::from(any.value.as_slice()))).collect())
}

impl Datanets {
    /// A datanet's council.
    pub fn council(&self, ctx: &Context, datanet: u64) -> Result<Option<Council>> {
        Ok(COUNCILS.may_load(&*ctx.kv(STORE), datanet)?)
    }

    /// How often a datanet's council was set; 0: it has none.
    pub(crate) fn council_epoch(&self, ctx: &Context, datanet: u64) -> Result<u64> {
        Ok(self.council(ctx, datanet)?.map_or(0, |council| council.epoch))
    }

    /// An open proposal.
    pub fn proposal(&self, ctx: &Context, id: u64) -> Result<Option<Proposal>> {
        Ok(PROPOSALS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// A datanet's council and the weight of a member of it.
    pub(crate) fn seat(&self, ctx: &Context, datanet: u64, account: &Address) -> Result<(Council, u64)> {
        let council = self.council(ctx, datanet)?.ok_or(DatanetError::NoCouncil(datanet))?;
        let weight = council.weight(account);
        let weight = weight.ok_or_else(|| DatanetError::NotMember { datanet, got: account.to_string() })?;
        Ok((council, weight))
    }

    /// A proposal that must be open, and of the council of now.
    pub(crate) fn open_proposal(&self, ctx: &Context, id: u64, account: &Address) -> Result<(Proposal, Council, u64)> {
        let proposal = self.proposal(ctx, id)?.ok_or(DatanetError::UnknownProposal(id))?;
        let (council, weight) = self.seat(ctx, proposal.datanet, account)?;
        if proposal.epoch != council.epoch {
            return Err(refused(format!("the council has changed since proposal {id} was made; propose it again")));
        }
        Ok((proposal, council, weight))
    }

    pub(crate) fn take_proposal_id(&self, ctx: &mut Context) -> Result<u64> {
        let id = NEXT_PROPOSAL.may_load(&*ctx.kv(STORE))?.unwrap_or(1);
        let next = id.checked_add(1).ok_or(DatanetError::Overflow("the next proposal's id"))?;
        NEXT_PROPOSAL.save(&mut ctx.kv_mut(STORE), &next)?;
        Ok(id)
    }

    /// Stores a new proposal with its index and its end.
    pub(crate) fn open(&self, ctx: &mut Context, id: u64, proposal: &Proposal) -> Result<()> {
        let mut kv = ctx.kv_mut(STORE);
        PROPOSALS.save(&mut kv, id, proposal)?;
        PROPOSALS_OF.save(&mut kv, (proposal.datanet, id), &Empty {})?;
        PROPOSAL_DUE.save(&mut kv, (seconds_key(proposal.expires_seconds), id), &Empty {})?;
        Ok(())
    }

    /// Removes a proposal and its votes, at most one a member, and gives its deposit back to the proposer or to the treasury.
    pub(crate) fn close(&self, ctx: &mut Context, id: u64, proposal: &Proposal, outcome: Outcome) -> Result<()> {
        let voters =
            VOTES.prefix(id).keys(&*ctx.kv(STORE), None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
        let mut kv = ctx.kv_mut(STORE);
        for voter in voters {
            VOTES.remove(&mut kv, (id, &voter));
        }
        PROPOSALS.remove(&mut kv, id);
        PROPOSALS_OF.remove(&mut kv, (proposal.datanet, id));
        PROPOSAL_DUE.remove(&mut kv, (seconds_key(proposal.expires_seconds), id));
        if let Some(mut council) = self.council(ctx, proposal.datanet)?.filter(|now| now.epoch == proposal.epoch) {
            council.open_proposals = council.open_proposals.saturating_sub(1);
            COUNCILS.save(&mut ctx.kv_mut(STORE), proposal.datanet, &council)?;
        }
        self.change_totals(ctx, |totals| lower(&mut totals.proposals, proposal.deposit))?;
        if outcome == Outcome::Rejected {
            self.add_to_treasury(ctx, proposal.datanet, proposal.deposit)?;
        } else {
            self.bank.send(ctx, &Address::module(NAME), &proposal.proposer, &coins(proposal.deposit))?;
        }
        let (datanet, who) = (proposal.datanet, &proposal.proposer);
        self.contributors.record_in(ctx, datanet, who, Role::Owner, (ObjectKind::Proposal, id), outcome)?;
        ctx.emit(events::proposal_closed(id, proposal, outcome));
        Ok(())
    }

    /// Carries out the messages in their order; what they answered. The first error is the whole's, and undoes it.
    pub(crate) fn run(&self, ctx: &mut Context, proposal: &Proposal) -> Result<Vec<Vec<u8>>> {
        let mut responses = Vec::new();
        for (type_url, value) in &proposal.messages {
            let (_, run) = owner_message(type_url).ok_or_else(|| refused(format!("{type_url:?} is unknown")))?;
            responses.push(run(self, ctx, value)?);
        }
        Ok(responses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_sdk_s_derived_module_account() {
        // cosmossdk.io: hex(address.Module("datanet", append([]byte("council"), 0, 0, 0, 0, 0, 0, 0, 1)))
        let bytes: String = address(1).as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bytes, "06e7faa6819663e5319c1d691cf9ae6d03957ac47fa978f55ab3793f9380d299");
        assert_ne!(address(1), address(2));
    }
}
