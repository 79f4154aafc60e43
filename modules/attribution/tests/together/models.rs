//! What is done with models: registered, published, let to servers; and feedback, which goes into versions and earns of their sales.

use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::openledger::model::v1 as model;

use crate::common::*;
use crate::{governance, pick, Case, Step};

/// Seconds within which an owner decides.
const WINDOW_SECONDS: u64 = 40;

/// A short time to decide feedback.
pub(crate) fn params(world: &mut World) -> model::MsgUpdateParams {
    let keeper = world.keeper;
    let params = world.with(|ctx| keeper.models.params(ctx).unwrap()).to_proto();
    let params = Some(model::Params { feedback_window_seconds: WINDOW_SECONDS, ..params });
    model::MsgUpdateParams { authority: governance(), params }
}

impl Case<'_> {
    /// The version of datanet 1 that is sold.
    fn frozen(&mut self) -> u32 {
        let (keeper, version) = (self.world.keeper, self.version);
        self.world.with(|ctx| keeper.models.version(ctx, version).unwrap().unwrap()).datanets[0].version
    }

    pub(crate) fn models(&mut self, step: &Step) {
        let owner = if step.a.is_multiple_of(4) { OTHER } else { MODEL_OWNER };
        let name = "m".repeat(step.c as usize + 10);
        self.tried("register a model", &model::MsgRegisterModel { owner: text(owner), name, ..Default::default() });
        // A child of what is sold, for those whom its owner lets alone.
        let frozen = self.frozen();
        let mut msg = self.world.version_msg(MODEL_OWNER, 1, frozen, &[self.version], (step.c * 100) as u32);
        msg.terms.as_mut().unwrap().serving = model::Serving::Permitted.into();
        let Some(child) = self.publish(&msg) else { return };
        if !step.c.is_multiple_of(4) {
            let server = text(SERVER);
            let allow = model::MsgSetServer { owner: text(owner), model_version: child, server, allowed: true };
            self.tried("set a server", &allow);
        }
        let deploy = model::MsgDeploy {
            server: text(SERVER),
            model_version: child,
            endpoint: String::new(),
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            bond: coin(1_000 * OPEN),
            modes: vec![model::Mode::Public.into()],
        };
        self.tried("deploy", &deploy);
    }

    fn publish(&mut self, msg: &model::MsgRegisterModelVersion) -> Option<u64> {
        let published = self.world.answer::<_, model::MsgRegisterModelVersionResponse>(msg);
        self.note("publish a version", published.is_ok());
        published.ok().map(|published| published.model_version)
    }

    pub(crate) fn feedback(&mut self, step: &Step) {
        let say = model::MsgSubmitFeedback {
            author: text(OTHER),
            model_version: self.version,
            kind: model::FeedbackKind::Correction.into(),
            text: "It is not so.".into(),
            deposit: coin(OPEN * u128::from(step.c.min(3))),
            ..Default::default()
        };
        let submitted = self.world.answer::<_, model::MsgSubmitFeedbackResponse>(&say);
        self.note("submit feedback", submitted.is_ok());
        let feedback = submitted.map_or(1 + step.a % 4, |submitted| submitted.feedback);
        let owner = text(if step.a.is_multiple_of(5) { OTHER } else { MODEL_OWNER });
        match step.b % 3 {
            0 => {
                let msg = model::MsgDecideFeedback { owner, feedback, accept: true, ..Default::default() };
                if self.tried("accept feedback", &msg) {
                    self.sell_with(feedback);
                }
            }
            1 => {
                let msg = model::MsgDecideFeedback { owner, feedback, accept: false, reason: "It is so.".into() };
                self.tried("refuse feedback", &msg);
            }
            _ => {
                if !step.a.is_multiple_of(4) {
                    self.world.block.time_seconds += WINDOW_SECONDS as i64 + 1;
                    self.world.next_block();
                }
                let msg = model::MsgReclaimFeedback { author: text(OTHER), feedback };
                self.tried("reclaim feedback", &msg);
            }
        }
    }

    /// From now on a version that incorporates the feedback, and on which feedback earns too, is sold.
    fn sell_with(&mut self, feedback: u64) {
        let frozen = self.frozen();
        let mut msg = self.world.version_msg(MODEL_OWNER, 1, frozen, &[], 0);
        msg.incorporates = vec![feedback];
        msg.terms.as_mut().unwrap().feedback_bps = 1_500;
        let Some(version) = self.publish(&msg) else { return };
        self.version = version;
        let deploy = model::MsgDeploy {
            server: text(SERVER),
            model_version: version,
            endpoint: String::new(),
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            bond: coin(10_000 * OPEN),
            modes: vec![model::Mode::Public.into()],
        };
        self.world.deployment = self.world.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
        let corpus = Some(model::DatanetVersion { datanet: 1, version: frozen });
        let deployment = self.world.deployment;
        self.world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment, corpus });
        self.world.session = self.world.open_session(1_000 * OPEN);
        self.world.answers.clear();
        self.world.next_block();
    }

    /// Puts a work on the chain's list, and takes it off now and then.
    pub(crate) fn commons(&mut self, step: &Step) {
        let seq = *pick(&[1, 4, 5, crate::HIDDEN], step.a);
        let list = |listed| datanet::MsgSetCommons { authority: governance(), seq, listed, from_height: 0 };
        self.tried("list as commons", &list(true));
        self.world.next_block();
        if !step.b.is_multiple_of(3) {
            self.tried("take off the commons", &list(false));
        }
    }
}
