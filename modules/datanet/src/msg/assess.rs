//! `MsgAssess`: a curator marks an application, or the owner where the quorum is 0. At the quorum the lower median of the marks is held
//! against the pass mark; policy, curators and quorum are those of the application. Its deposit returns in any case.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgAssess, MsgAssessResponse};

use crate::error::DatanetError;
use crate::governance::Policy;
use crate::governance::{events, Application};
use crate::keeper::{broken, Datanets};
use crate::lifecycle::{self, Act};
use crate::msg::MAX_SCORE;
use crate::state::{APPLICATIONS, STORE};
use crate::types::Datanet;

impl Handle<MsgAssess> for Datanets {
    type Response = MsgAssessResponse;

    fn validate(&self, msg: &MsgAssess) -> Result<()> {
        msg.assessor.parse::<Address>()?;
        msg.applicant.parse::<Address>()?;
        if msg.score > MAX_SCORE {
            let text = format!("score is {}; at most {MAX_SCORE}", msg.score);
            return Err(DatanetError::InvalidApplication(text).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgAssess) -> Result<MsgAssessResponse> {
        let (assessor, applicant): (Address, Address) = (msg.assessor.parse()?, msg.applicant.parse()?);
        let datanet = self.known_datanet(ctx, msg.datanet_id)?;
        lifecycle::check(&datanet, Act::Judge)?;
        let missing = || format!("{applicant} has no open application to datanet {}", datanet.id);
        let application = self.application(ctx, datanet.id, &applicant)?;
        let mut application = application.ok_or_else(|| DatanetError::InvalidApplication(missing()))?;
        check_time(ctx, &application)?;
        let policy = self.policy(ctx, datanet.id, application.policy)?;
        let policy = policy.ok_or_else(|| broken("an application has no policy"))?;
        let role = check_assessor(&datanet, &policy, &assessor, &applicant, &application)?;
        self.review_weight(ctx, &policy, datanet.id, &assessor)?;
        application.assessments.push((assessor.clone(), msg.score));
        let object = (ObjectKind::Datanet, datanet.id);
        let outcome = if msg.score >= policy.pass_mark { Outcome::Accepted } else { Outcome::Rejected };
        self.contributors.record_in(ctx, datanet.id, &assessor, role, object, outcome)?;
        ctx.emit(events::assessed(datanet.id, &applicant, &assessor, msg.score));
        let needed = usize::try_from(policy.quorum.max(1)).unwrap_or(usize::MAX);
        let decided = application.assessments.len() >= needed;
        let admitted = decided && median(&application) >= policy.pass_mark;
        if decided {
            self.end_application(ctx, datanet.id, &applicant, &application, admitted)?;
        } else {
            APPLICATIONS.save(&mut ctx.kv_mut(STORE), (datanet.id, applicant.as_bytes()), &application)?;
        }
        Ok(MsgAssessResponse { decided, admitted })
    }
}

fn check_time(ctx: &Context, application: &Application) -> Result<()> {
    if ctx.height() <= application.deadline {
        return Ok(());
    }
    let text = format!("it could be assessed up to height {}", application.deadline);
    Err(DatanetError::InvalidApplication(text).into())
}

fn check_assessor(
    datanet: &Datanet,
    policy: &Policy,
    assessor: &Address,
    applicant: &Address,
    application: &Application,
) -> Result<Role> {
    let not = |who: &str| {
        let (who, got) = (who.to_string(), assessor.to_string());
        Err(DatanetError::NotReviewer { datanet: datanet.id, who, got }.into())
    };
    if assessor == applicant {
        return not("others than the applicant");
    }
    if application.assessments.iter().any(|(before, _)| before == assessor) {
        let text = format!("{assessor} has assessed {applicant} already");
        return Err(DatanetError::InvalidApplication(text).into());
    }
    match policy.quorum {
        0 if *assessor == datanet.owner => Ok(Role::Owner),
        0 => not("its owner"),
        _ if policy.has_curator(assessor) => Ok(Role::Curator),
        _ => not("its curators"),
    }
}

/// The lower one of two in the middle.
fn median(application: &Application) -> u32 {
    let mut marks: Vec<u32> = application.assessments.iter().map(|(_, mark)| *mark).collect();
    marks.sort_unstable();
    let middle = marks.len().saturating_sub(1).checked_div(2).unwrap_or_default();
    marks.get(middle).copied().unwrap_or_default()
}
