//! `cosmos.gov.v1.MsgSubmitProposal`: somebody proposes messages that the governance account shall execute.
//!
//! Source: SDK v0.50 `x/gov/keeper/msg_server.go`, in its order of checks. What every message has to be is in `keeper.rs`.

use openledger_core::{Address, Coins, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{MsgSubmitProposal, MsgSubmitProposalResponse};
use serde_json::Value;

use super::{read_address, read_coins};
use crate::error::GovError;
use crate::keeper::Gov;
use crate::{deposit, events};

impl Handle<MsgSubmitProposal> for Gov {
    type Response = MsgSubmitProposalResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSubmitProposal) -> Result<MsgSubmitProposalResponse> {
        let (proposer, coins) = read(msg)?;
        let rules = self.rules(ctx)?;
        deposit::check_initial(&rules, &coins, msg.expedited)?;
        deposit::check_denoms(&rules, &coins)?;
        let proposal = self.submit(ctx, msg, &proposer)?;
        if self.deposit(ctx, proposal.id, &proposer, &coins)? {
            ctx.emit(events::voting_started_at_once(proposal.id));
        }
        Ok(MsgSubmitProposalResponse { proposal_id: proposal.id })
    }
}

fn read(msg: &MsgSubmitProposal) -> Result<(Address, Coins)> {
    if msg.title.is_empty() {
        return Err(SdkError::InvalidRequest("proposal title cannot be empty".into()).into());
    }
    if msg.summary.is_empty() {
        return Err(SdkError::InvalidRequest("proposal summary cannot be empty".into()).into());
    }
    let proposer = read_address("proposer", &msg.proposer)?;
    if msg.messages.is_empty() && msg.metadata.is_empty() {
        let text = "either metadata or Msgs length must be non-nil";
        return Err(GovError::NoProposalMsgs(text.into()).into());
    }
    check_metadata(msg)?;
    Ok((proposer, read_coins(&msg.initial_deposit)?))
}

/// Metadata in the recommended form, JSON, may not give the proposal another title or summary; in any other form they may say what
/// they will.
fn check_metadata(msg: &MsgSubmitProposal) -> Result<()> {
    if msg.metadata.is_empty() {
        return Ok(());
    }
    let Some((title, summary)) = metadata_of(&msg.metadata) else { return Ok(()) };
    let differs = |what: &str, inner: &str, outer: &str| {
        let text = format!("metadata {what} '{inner}' must equal proposal {what} '{outer}'");
        Err(GovError::InvalidProposalContent(text).into())
    };
    if title != msg.title {
        return differs("title", &title, &msg.title);
    }
    if summary != msg.summary {
        return differs("summary", &summary, &msg.summary);
    }
    Ok(())
}

/// Title and summary of metadata that Go's JSON would read into the SDK's `ProposalMetadata`: names in any case, null as nothing, and
/// `None` where a field has another type.
fn metadata_of(text: &str) -> Option<(String, String)> {
    let (mut title, mut summary) = (String::new(), String::new());
    let object = match serde_json::from_str(text).ok()? {
        Value::Null => return Some((title, summary)),
        Value::Object(object) => object,
        _ => return None,
    };
    for (name, value) in object {
        match (name.to_lowercase().as_str(), value) {
            (_, Value::Null) => {}
            ("title", Value::String(text)) => title = text,
            ("summary", Value::String(text)) => summary = text,
            ("details" | "proposal_forum_url" | "vote_option_context", Value::String(_)) => {}
            ("authors", Value::Array(authors)) if authors.iter().all(|name| name.is_string() || name.is_null()) => {}
            ("title" | "summary" | "details" | "proposal_forum_url" | "vote_option_context" | "authors", _) => {
                return None;
            }
            _ => {}
        }
    }
    Some((title, summary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_read_as_go_reads_them() {
        let some = |title: &str, summary: &str| Some((title.to_string(), summary.to_string()));
        assert_eq!(metadata_of(r#"{"title":"a","summary":"b","authors":["x"],"more":7}"#), some("a", "b"));
        assert_eq!(metadata_of(r#"{"Title":"a","SUMMARY":"b"}"#), some("a", "b"));
        assert_eq!(metadata_of(r#"{"title":null}"#), some("", ""));
        assert_eq!(metadata_of("null"), some("", ""));
        for other in ["ipfs://x", "7", r#"{"title":7}"#, r#"{"authors":"x"}"#, r#"["a"]"#, r#"{"title":"a""#] {
            assert_eq!(metadata_of(other), None, "{other}");
        }
    }
}
