//! `MsgApply`: asks to be admitted to a datanet that assesses; one open application an account, with a contribution's deposit locked.

use cosmwasm_std::Empty;
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgApply, MsgApplyResponse};

use crate::error::DatanetError;
use crate::governance::Admission;
use crate::governance::{events, Application};
use crate::keeper::Datanets;
use crate::lifecycle::{self, Act};
use crate::state::{APPLICATIONS, APPLICATION_DUE, STORE};

impl Handle<MsgApply> for Datanets {
    type Response = MsgApplyResponse;

    fn validate(&self, msg: &MsgApply) -> Result<()> {
        msg.applicant.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgApply) -> Result<MsgApplyResponse> {
        let (applicant, refused): (Address, _) =
            (msg.applicant.parse()?, |text: String| Err(DatanetError::InvalidApplication(text).into()));
        let datanet = self.known_datanet(ctx, msg.datanet_id)?;
        lifecycle::check(&datanet, Act::Apply)?;
        let (id, params) = (datanet.id, self.params(ctx)?);
        if datanet.policy.admission != Admission::Assessment {
            return refused(format!("datanet {id} does not assess; see its policy's admission"));
        }
        if applicant == datanet.owner || self.is_allowed(ctx, id, &applicant) {
            return refused(format!("{applicant} may contribute to datanet {id} already"));
        }
        if self.application(ctx, id, &applicant)?.is_some() {
            return refused(format!("{applicant} has an open application to datanet {id}; wait for its decision"));
        }
        let most = usize::try_from(params.max_text_bytes).unwrap_or(usize::MAX);
        if msg.answer.is_empty() || msg.answer.len() > most {
            return refused(format!("answer has {} bytes; it must have 1 to {most}", msg.answer.len()));
        }
        let window = datanet.policy.review_window_blocks;
        let window = if window == 0 { params.review_window_blocks } else { window };
        let application = Application {
            answer: msg.answer.clone(),
            deposit: datanet.policy.deposit,
            policy: datanet.policy_number,
            deadline: ctx.height().checked_add(window).ok_or(DatanetError::Overflow("the application's deadline"))?,
            assessments: Vec::new(),
        };
        self.lock_proposal(ctx, &applicant, application.deposit)?;
        let (deadline, mut kv) = (application.deadline, ctx.kv_mut(STORE));
        APPLICATIONS.save(&mut kv, (id, applicant.as_bytes()), &application)?;
        APPLICATION_DUE.save(&mut kv, (deadline, id, applicant.as_bytes()), &Empty {})?;
        ctx.emit(events::applied(id, &applicant, deadline));
        Ok(MsgApplyResponse { deadline })
    }
}
