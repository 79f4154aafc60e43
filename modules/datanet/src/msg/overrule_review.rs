//! `MsgOverruleReview`: the datanet's council, or governance, finds that accepting scores should not have been given.
//!
//! A single owner cannot: curators would bond at one account's mercy. Nor can a council that was not in place, as it is now, when a review
//! was given (or committed): an owner would make itself one. Reviews keep its epoch. The ruling burns what stood behind the scores and takes their
//! shares of the curators' pot from here on. The contribution stays as it is: who reviewed badly is judged here, not who wrote.

use openledger_core::{Address, Coin, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgOverruleReview, MsgOverruleReviewResponse};

use crate::check;
use crate::error::DatanetError;
use crate::governance::curation::stands;
use crate::governance::review::refused;
use crate::governance::Review;
use crate::keeper::Datanets;

/// Most reviewers that are named: as many as a policy can have curators.
const MAX_REVIEWERS: usize = 100;

impl Handle<MsgOverruleReview> for Datanets {
    type Response = MsgOverruleReviewResponse;

    fn validate(&self, msg: &MsgOverruleReview) -> Result<()> {
        msg.authority.parse::<Address>()?;
        check::line("reason", &msg.reason)?;
        if msg.reviewers.len() > MAX_REVIEWERS {
            let text = format!("{} reviewers; name at most {MAX_REVIEWERS}, or none for all", msg.reviewers.len());
            return Err(DatanetError::InvalidList(text).into());
        }
        read(msg).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgOverruleReview) -> Result<MsgOverruleReviewResponse> {
        let ruler: Address = msg.authority.parse()?;
        let contribution = self.known_contribution(ctx, msg.seq)?;
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        let governs = ruler == openledger_auth::authority();
        let epoch = self.council_epoch(ctx, datanet.id)?;
        if !governs && (epoch == 0 || ruler != datanet.owner) {
            let text =
                format!("{ruler} cannot overrule reviews in datanet {}: its council or governance may", datanet.id);
            return Err(DatanetError::NotRuler(text).into());
        }
        let (named, now) = (read(msg)?, ctx.block().time_seconds);
        let may_rule = |review: &Review| governs || review.council_epoch == epoch;
        let standing = self.accepting(ctx, msg.seq)?;
        let standing = standing.into_iter().filter(|(_, review)| stands(review, now) && may_rule(review));
        let found: Vec<Address> = standing
            .map(|(reviewer, _)| reviewer)
            .filter(|reviewer| named.is_empty() || named.contains(reviewer))
            .collect();
        if found.is_empty() || found.len() < named.len() {
            return Err(refused(
                msg.seq,
                "no accepting review of these stands that you may overrule: it was overruled, its bond period is over, or the \
                 council of now was not in place when it was given (governance may overrule it then)",
            ));
        }
        let burnt = self.overrule(ctx, &contribution, &found)?;
        Ok(MsgOverruleReviewResponse { burnt: Some(Coin::base(burnt).to_proto()) })
    }
}

fn read(msg: &MsgOverruleReview) -> Result<Vec<Address>> {
    let mut reviewers = msg.reviewers.iter().map(|text| text.parse()).collect::<Result<Vec<Address>, _>>()?;
    reviewers.sort();
    reviewers.dedup();
    Ok(reviewers)
}
