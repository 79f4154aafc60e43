//! `MsgRevealContribution`: shows what was committed, at a later height than the commit and up to its deadline.
//!
//! Not in the commit's own block: there a proposer who saw both could still put a commit of its own before them. Refusal is by height
//! alone, wherever the queue of expiries stands.

use cosmwasm_std::{Binary, Empty, Uint256};
use openledger_contributor::{ObjectKind, Outcome};
use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgRevealContribution, MsgRevealContributionResponse};
use openledger_provenance::commit::ContributionCommit;
use openledger_provenance::content::Commitment;

use crate::error::DatanetError;
use crate::escrow::coins;
use crate::governance::admission::check_content;
use crate::governance::Policy;
use crate::keeper::{check_status, Datanets};
use crate::lifecycle::{self, Act};
use crate::state::{BY_ROOT, CONTENTS, PENDING, STORE};
use crate::types::{Contribution, Datanet, Reveal, Status};
use crate::{check, content, events};

/// Most bytes of a content that is kept on chain.
const MAX_ON_CHAIN_BYTES: usize = 4_096;

impl Handle<MsgRevealContribution> for Datanets {
    type Response = MsgRevealContributionResponse;

    fn validate(&self, msg: &MsgRevealContribution) -> Result<()> {
        msg.author.parse::<Address>()?;
        let commitment = read_commitment(msg)?;
        wire::hash("salt", &msg.salt)?;
        check::rights(msg.rights.as_ref())?;
        content::pointer(msg.points_at.as_ref())?;
        check::location(&msg.location, !msg.content.is_empty())?;
        check::media_type(&msg.media_type)?;
        if msg.content.len() > MAX_ON_CHAIN_BYTES {
            let text =
                format!("content has {} bytes; at most {MAX_ON_CHAIN_BYTES} are kept on chain", msg.content.len());
            return Err(DatanetError::InvalidContribution(text).into());
        }
        // Hashing here and not in `handle`: this runs in parallel, before execution.
        if !msg.content.is_empty() && Commitment::of(&msg.content) != commitment {
            return Err(DatanetError::ContentMismatch(msg.seq).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRevealContribution) -> Result<MsgRevealContributionResponse> {
        let author: Address = msg.author.parse()?;
        let mut contribution = self.authored_contribution(ctx, msg.seq, &author)?;
        check_time(ctx, &contribution)?;
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        lifecycle::check(&datanet, Act::Judge)?;
        let (commitment, policy) = (read_commitment(msg)?, self.policy_of(ctx, &contribution)?);
        self.check_limits(ctx, msg, &datanet, &policy)?;
        let (rights, points_at) = (check::rights(msg.rights.as_ref())?, content::pointer(msg.points_at.as_ref())?);
        if let Some(pointer) = &points_at {
            self.check_pointer(ctx, &contribution, pointer, &rights)?;
        }
        let commit = ContributionCommit {
            chain_id: &ctx.block().chain_id,
            datanet: contribution.datanet,
            author: author.as_bytes(),
            commitment,
            salt: wire::hash("salt", &msg.salt)?,
        };
        let commit = commit.hash().map_err(|error| DatanetError::InvalidContribution(error.to_string()))?;
        if contribution.commit.as_slice() != commit {
            return Err(DatanetError::CommitMismatch(msg.seq).into());
        }
        contribution.status = Status::Pending;
        contribution.commons = msg.commons;
        contribution.reveal = Some(Reveal {
            root: Binary::from(commitment.root),
            length: commitment.length,
            rights,
            location: msg.location.clone(),
            metadata: msg.metadata.clone(),
            media_type: msg.media_type.clone(),
            height: ctx.height(),
            on_chain: !msg.content.is_empty(),
            points_at,
        });
        self.count_bytes(ctx, &policy, &contribution, msg.length)?;
        self.start_review(ctx, &policy, &mut contribution)?;
        self.burn_on_chain_fee(ctx, &author, msg.content.len())?;
        self.save_contribution(ctx, &contribution)?;
        let mut kv = ctx.kv_mut(STORE);
        PENDING.remove(&mut kv, (contribution.reveal_deadline, msg.seq));
        BY_ROOT.save(&mut kv, (&commitment.root, msg.seq), &Empty {})?;
        if !msg.content.is_empty() {
            CONTENTS.save(&mut kv, msg.seq, &Binary::from(msg.content.as_slice()))?;
        }
        self.contributors.record_in(
            ctx,
            contribution.datanet,
            &author,
            contribution.role(),
            (ObjectKind::Contribution, msg.seq),
            Outcome::Revealed,
        )?;
        ctx.emit(events::contribution_revealed(&contribution));
        Ok(MsgRevealContributionResponse {})
    }
}

impl Datanets {
    /// Burns what a content on chain costs: state that nobody can shed again has its price a byte.
    fn burn_on_chain_fee(&self, ctx: &mut Context, author: &Address, bytes: usize) -> Result<()> {
        let each = self.params(ctx)?.content.on_chain_fee_per_byte;
        let bytes = Uint256::from(u64::try_from(bytes).unwrap_or(u64::MAX));
        let fee = each.checked_mul(bytes).map_err(|_| DatanetError::Overflow("the fee of a content on chain"))?;
        if fee.is_zero() {
            return Ok(());
        }
        self.bank.send_to_module(ctx, author, crate::NAME, &coins(fee))?;
        self.bank.burn(ctx, crate::NAME, &coins(fee))
    }

    fn check_limits(
        &self,
        ctx: &Context,
        msg: &MsgRevealContribution,
        datanet: &Datanet,
        policy: &Policy,
    ) -> Result<()> {
        let most = usize::try_from(self.params(ctx)?.max_metadata_bytes).unwrap_or(usize::MAX);
        if msg.metadata.len() > most {
            let text = format!("metadata has {} bytes; at most {most} are allowed", msg.metadata.len());
            return Err(DatanetError::InvalidContribution(text).into());
        }
        let rights = check::rights(msg.rights.as_ref())?;
        check_content(datanet.modality, policy, msg.length, &msg.media_type, &rights)
    }
}

/// Refuses a reveal in the commit's block and one after the deadline.
fn check_time(ctx: &Context, contribution: &Contribution) -> Result<()> {
    let (seq, deadline, committed) = (contribution.seq, contribution.reveal_deadline, contribution.commit_height);
    if contribution.status == Status::Expired || (contribution.status == Status::Committed && ctx.height() > deadline) {
        return Err(DatanetError::RevealTooLate { seq, deadline }.into());
    }
    check_status(contribution, Status::Committed)?;
    if ctx.height() <= committed {
        let from = committed.saturating_add(1);
        return Err(DatanetError::RevealTooEarly { seq, committed, from }.into());
    }
    Ok(())
}

fn read_commitment(msg: &MsgRevealContribution) -> Result<Commitment> {
    let commitment = Commitment { root: wire::hash("root", &msg.root)?, length: msg.length };
    if commitment.length == 0 {
        return Err(DatanetError::InvalidContribution("length is 0; there is nothing to contribute".into()).into());
    }
    commitment.check().map_err(|error| DatanetError::InvalidContribution(error.to_string()))?;
    Ok(commitment)
}
