//! A chain of the modules below models, in memory, with a datanet of one frozen version. Invariants hold after every message.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use cosmwasm_std::Uint256;
use openledger_core::{Address, BlockInfo, Coin, Context, Error, GasMeter, Mode, Module, Router, Status, BASE_DENOM};
use openledger_model::{Deployment, Models};
use openledger_proto::openledger::{datanet::v1 as datanet, model::v1 as proto};
use openledger_proto::{Message, Name};
use openledger_provenance::commit::ContributionCommit;
use openledger_provenance::content::Commitment;
use openledger_store::{BlockState, MemSnapshot};

pub const OPEN: u128 = 1_000_000_000_000_000_000;
pub const OWNER: u8 = 1;
pub const SERVER: u8 = 2;
pub const OTHER: u8 = 3;

pub struct World {
    pub models: Models,
    pub block: BlockInfo,
    /// Tells the weights of registered versions apart.
    pub weights: u64,
    state: BlockState,
    router: Router,
}

pub fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

pub fn text(byte: u8) -> String {
    address(byte).to_string()
}

/// Open terms: anything goes, and feedback earns nothing.
pub fn terms() -> proto::Terms {
    proto::Terms {
        licence: "Apache-2.0".into(),
        derivatives_allowed: true,
        commercial: true,
        serving: proto::Serving::Open.into(),
        feedback_deposit: "0".into(),
        ..proto::Terms::default()
    }
}

pub fn feedback_msg(author: u8, model_version: u64) -> proto::MsgSubmitFeedback {
    proto::MsgSubmitFeedback {
        author: text(author),
        model_version,
        kind: proto::FeedbackKind::Correction.into(),
        subject: Some(proto::Subject { settlement: 4, receipt: 2, reference: String::new() }),
        text: "Paris is in France".into(),
        deposit: coin(OPEN),
        ..proto::MsgSubmitFeedback::default()
    }
}

pub fn decide(feedback: u64, accept: bool) -> proto::MsgDecideFeedback {
    proto::MsgDecideFeedback { owner: text(OWNER), feedback, accept, reason: "checked".into() }
}

pub fn coin(amount: u128) -> Option<openledger_proto::cosmos::base::v1beta1::Coin> {
    Some(Coin::base(amount).to_proto())
}

impl World {
    pub fn new() -> Self {
        let models = Models::default();
        let mut router = Router::default();
        models.datanets.register(&mut router);
        models.register(&mut router);
        let block = BlockInfo { chain_id: "test".into(), height: 1, time_seconds: 1_000, ..BlockInfo::default() };
        let mut world =
            Self { models, block, weights: 0, state: BlockState::new(Arc::new(MemSnapshot::default())), router };
        world.with(|ctx| {
            models.auth.init_genesis(ctx, &models.auth.default_genesis()).unwrap();
            models.bank.init_genesis(ctx, &models.bank.default_genesis()).unwrap();
            for byte in 1..=9 {
                models.bank.credit_genesis(ctx, &address(byte), &Coin::base(10_000 * OPEN).into()).unwrap();
            }
            models.contributors.init_genesis(ctx, &models.contributors.default_genesis()).unwrap();
            models.datanets.init_genesis(ctx, &models.datanets.default_genesis()).unwrap();
            models.init_genesis(ctx, &models.default_genesis()).unwrap();
        });
        world.make_datanet("Apache-2.0");
        world.ok(&proto::MsgRegisterModel { owner: text(OWNER), name: "Parrot".into(), description: String::new() });
        world
    }

    /// A datanet of one contribution, frozen; its number.
    pub fn make_datanet(&mut self, licence: &str) -> u64 {
        let policy = datanet::Policy {
            admission: datanet::Admission::Open.into(),
            deposit: coin(OPEN),
            max_length: 100_000,
            length_cap: 10_000,
            ..datanet::Policy::default()
        };
        let created = self.ok(&datanet::MsgCreateDatanet {
            owner: text(OWNER),
            title: "Prose".into(),
            modality: datanet::Modality::Text.into(),
            licence: licence.into(),
            policy: Some(policy),
            ..datanet::MsgCreateDatanet::default()
        });
        let id = datanet::MsgCreateDatanetResponse::decode(created.as_slice()).unwrap().datanet_id;
        let (salt, who, commitment) = ([7; 32], address(OWNER), Commitment::of(&[b'a'; 100]));
        let commit = ContributionCommit { chain_id: "test", datanet: id, author: who.as_bytes(), commitment, salt };
        let commit = commit.hash().unwrap().to_vec();
        let committed = self.ok(&datanet::MsgCommitContribution { author: text(OWNER), datanet_id: id, commit });
        let seq = datanet::MsgCommitContributionResponse::decode(committed.as_slice()).unwrap().seq;
        self.block.height += 1;
        self.ok(&datanet::MsgRevealContribution {
            author: text(OWNER),
            seq,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: salt.to_vec(),
            rights: Some(datanet::Rights { kind: datanet::RightsKind::Own.into(), ..Default::default() }),
            location: "https://example.org/document".into(),
            media_type: "text/plain".into(),
            ..datanet::MsgRevealContribution::default()
        });
        let accept =
            datanet::MsgReviewContribution { reviewer: text(OWNER), seq, accept: true, score: 10_000, commons: false };
        self.ok(&accept);
        self.ok(&datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id: id });
        id
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        act(&mut Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite()))
    }

    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<Vec<u8>, Error> {
        let Self { models, block, state, router, .. } = self;
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite());
        let route = router.msg_route(&M::type_url()).unwrap();
        let point = ctx.checkpoint();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            ctx.revert(point);
        }
        models.bank.check_invariants(&ctx).unwrap();
        models.check_invariants(&ctx).unwrap();
        result
    }

    pub fn ok<M: Message + Name>(&mut self, msg: &M) -> Vec<u8> {
        match self.execute(msg) {
            Ok(response) => response,
            Err(error) => panic!("{}: {error}", M::NAME),
        }
    }

    pub fn code<M: Message + Name>(&mut self, msg: &M) -> (&'static str, u32) {
        let error = self.execute(msg).unwrap_err();
        (error.codespace, error.code)
    }

    pub fn ask<R: Message + Default>(&self, method: &str, request: &impl Message) -> Result<R, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/openledger.model.v1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec());
        answer.map(|bytes| R::decode(bytes.as_slice()).unwrap())
    }

    /// A version of model 1: without parents, fine-tuned from one, or merged from many; with weights of its own.
    pub fn version_msg(&self, parents: &[u64], royalty_bps: u32) -> proto::MsgRegisterModelVersion {
        let kind = if parents.len() > 1 { proto::LineageKind::Merge } else { proto::LineageKind::Base };
        proto::MsgRegisterModelVersion {
            owner: text(OWNER),
            model: 1,
            weights_hash: [[7; 24].as_slice(), &self.weights.to_be_bytes()].concat(),
            recipe: "none".into(),
            datanets: vec![proto::DatanetVersion { datanet: 1, version: 1 }],
            parents: parents.iter().map(|version| proto::Parent { version: *version, kind: kind.into() }).collect(),
            royalty_bps,
            terms: Some(terms()),
            ..proto::MsgRegisterModelVersion::default()
        }
    }

    pub fn register_version(&mut self, parents: &[u64], royalty_bps: u32) -> u64 {
        let msg = self.version_msg(parents, royalty_bps);
        self.register(&msg)
    }

    pub fn register(&mut self, msg: &proto::MsgRegisterModelVersion) -> u64 {
        let response = self.ok(msg);
        self.weights += 1;
        proto::MsgRegisterModelVersionResponse::decode(response.as_slice()).unwrap().model_version
    }

    /// Submits feedback on a version and accepts it.
    pub fn accepted_feedback(&mut self, author: u8, model_version: u64) -> u64 {
        let msg = feedback_msg(author, model_version);
        let response = self.ok(&msg);
        let feedback = proto::MsgSubmitFeedbackResponse::decode(response.as_slice()).unwrap().feedback;
        self.ok(&decide(feedback, true));
        feedback
    }

    /// Who shares in a version's income, in basis points.
    pub fn royalties(&mut self, version: u64) -> Vec<(Address, u32)> {
        let models = self.models;
        self.with(|ctx| {
            let version = models.version(ctx, version).unwrap().unwrap();
            models.royalties(ctx, &version).unwrap()
        })
    }

    pub fn version(&self, id: u64) -> proto::ModelVersion {
        let answer: proto::QueryModelVersionResponse =
            self.ask("ModelVersion", &proto::QueryModelVersionRequest { id }).unwrap();
        answer.version.unwrap()
    }

    pub fn deploy_msg(&self, bond: u128) -> proto::MsgDeploy {
        proto::MsgDeploy {
            server: text(SERVER),
            model_version: 1,
            endpoint: "http://localhost".into(),
            base_price: "1".into(),
            byte_price: "2".into(),
            bond: coin(bond),
            modes: vec![proto::Mode::Public.into()],
        }
    }

    pub fn deployment(&mut self) -> Deployment {
        let models = self.models;
        self.with(|ctx| models.deployment(ctx, 1).unwrap().unwrap())
    }

    pub fn balance(&mut self, address: &Address) -> Uint256 {
        let models = self.models;
        self.with(|ctx| models.bank.balance(ctx, address, BASE_DENOM).unwrap())
    }
}
