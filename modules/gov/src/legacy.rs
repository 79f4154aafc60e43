//! What v1beta1 still means: proposals whose content is text, and how proposals of now look to clients of then.
//!
//! Of the contents of old, text alone has a handler, which does nothing; the others (parameter changes, spends, upgrades) are messages
//! now, and refused in the SDK's words. Source: SDK v0.50 `x/gov/types/v1beta1/proposal.go`, `x/gov/migrations/v3/convert.go`.

use openledger_core::{Dec, Error, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{self, MsgExecLegacyContent};
use openledger_proto::cosmos::gov::v1beta1 as old;
use openledger_proto::{Any, Message, Name, Timestamp};

use crate::error::GovError;

/// The most bytes of a legacy title.
const MAX_TITLE_BYTES: usize = 140;
/// The most bytes of a legacy description.
const MAX_DESCRIPTION_BYTES: usize = 10_000;

/// Contents of old and the routes of the handlers that they had.
const ROUTES: [(&str, &str); 5] = [
    ("/cosmos.gov.v1beta1.TextProposal", "gov"),
    ("/cosmos.params.v1beta1.ParameterChangeProposal", "params"),
    ("/cosmos.distribution.v1beta1.CommunityPoolSpendProposal", "distribution"),
    ("/cosmos.upgrade.v1beta1.SoftwareUpgradeProposal", "upgrade"),
    ("/cosmos.upgrade.v1beta1.CancelSoftwareUpgradeProposal", "upgrade"),
];

/// Reads the content that this chain handles: text.
pub(crate) fn text_of(content: Option<&Any>) -> Result<old::TextProposal> {
    let content = content.ok_or_else(|| GovError::InvalidProposalContent("missing content".into()))?;
    let Some((url, route)) = ROUTES.iter().find(|(url, _)| *url == content.type_url) else {
        return Err(GovError::InvalidProposalContent(format!("{} is no proposal's content", content.type_url)).into());
    };
    if *url != old::TextProposal::type_url() {
        return Err(GovError::NoProposalHandler((*route).into()).into());
    }
    let text = old::TextProposal::decode(content.value.as_slice());
    Ok(text.map_err(|error| GovError::InvalidProposalContent(error.to_string()))?)
}

/// Refuses a text without title or description, or with too long ones.
pub(crate) fn check_text(text: &old::TextProposal) -> Result<(), GovError> {
    let refusal = |text: String| Err(GovError::InvalidProposalContent(text));
    if text.title.trim().is_empty() {
        return refusal("proposal title cannot be blank".into());
    }
    if text.title.len() > MAX_TITLE_BYTES {
        return refusal(format!("proposal title is longer than max length of {MAX_TITLE_BYTES}"));
    }
    if text.description.is_empty() {
        return refusal("proposal description cannot be blank".into());
    }
    if text.description.len() > MAX_DESCRIPTION_BYTES {
        return refusal(format!("proposal description is longer than max length of {MAX_DESCRIPTION_BYTES}"));
    }
    Ok(())
}

/// How a proposal is refused whose legacy content fails: that there is no handler is said as it is.
pub(crate) fn refused(error: Error) -> Error {
    let missing = Error::from(GovError::NoProposalHandler(String::new())).code;
    if (error.codespace, error.code) == ("gov", missing) {
        return error;
    }
    GovError::InvalidProposalContent(error.message).into()
}

/// A proposal as clients of v1beta1 see it: it has to have exactly one message, which is its content.
pub(crate) fn proposal(proposal: &v1::Proposal) -> Result<old::Proposal> {
    let [message] = proposal.messages.as_slice() else {
        let text =
            "can't convert a gov/v1 Proposal to gov/v1beta1 Proposal when amount of proposal messages not exactly one";
        return Err(SdkError::InvalidRequest(text.into()).into());
    };
    let content = if message.type_url == MsgExecLegacyContent::type_url() {
        let exec = MsgExecLegacyContent::decode(message.value.as_slice());
        exec.map_err(|error| SdkError::Logic(error.to_string()))?.content
    } else {
        Some(message.clone())
    };
    // Times that are not yet are Go's zero time there.
    let time = |time: &Option<Timestamp>| Some(time.unwrap_or(Timestamp { seconds: -62_135_596_800, nanos: 0 }));
    Ok(old::Proposal {
        proposal_id: proposal.id,
        content,
        status: proposal.status,
        final_tally_result: proposal.final_tally_result.as_ref().map(tally),
        submit_time: time(&proposal.submit_time),
        deposit_end_time: time(&proposal.deposit_end_time),
        total_deposit: proposal.total_deposit.clone(),
        voting_start_time: time(&proposal.voting_start_time),
        voting_end_time: time(&proposal.voting_end_time),
    })
}

/// Votes that were counted.
pub(crate) fn tally(tally: &v1::TallyResult) -> old::TallyResult {
    old::TallyResult {
        yes: tally.yes_count.clone(),
        abstain: tally.abstain_count.clone(),
        no: tally.no_count.clone(),
        no_with_veto: tally.no_with_veto_count.clone(),
    }
}

/// A vote; v1beta1 writes weights as units of the 18th place.
#[allow(deprecated, reason = "the retired option is part of the message")]
pub(crate) fn vote(vote: &v1::Vote) -> Result<old::Vote> {
    let option = |option: &v1::WeightedVoteOption| -> Result<old::WeightedVoteOption> {
        Ok(old::WeightedVoteOption { option: option.option, weight: option.weight.parse::<Dec>()?.to_proto() })
    };
    Ok(old::Vote {
        proposal_id: vote.proposal_id,
        voter: vote.voter.clone(),
        option: 0,
        options: vote.options.iter().map(option).collect::<Result<_>>()?,
    })
}

/// A deposit.
pub(crate) fn deposit(deposit: &v1::Deposit) -> old::Deposit {
    old::Deposit {
        proposal_id: deposit.proposal_id,
        depositor: deposit.depositor.clone(),
        amount: deposit.amount.clone(),
    }
}

/// A share as v1beta1's parameters have it: the units of the 18th place, as text in bytes.
pub(crate) fn share(text: &str) -> Result<Vec<u8>> {
    Ok(text.parse::<Dec>()?.to_proto().into_bytes())
}
