//! `MsgAttestCorpus`: *I hold every byte* of a datanet version. A deployment answers only for versions that it attested.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgAttestCorpus, MsgAttestCorpusResponse};

use crate::error::ModelError;
use crate::events;
use crate::keeper::Models;
use crate::state::{ATTESTATIONS, STORE};
use crate::types::DatanetVersion;

impl Handle<MsgAttestCorpus> for Models {
    type Response = MsgAttestCorpusResponse;

    fn validate(&self, msg: &MsgAttestCorpus) -> Result<()> {
        wire::address("server", &msg.server)?;
        corpus(msg).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgAttestCorpus) -> Result<Self::Response> {
        let deployment = self.deployment_or_error(ctx, msg.deployment)?;
        deployment.check_server(&msg.server)?;
        let corpus = corpus(msg)?;
        let DatanetVersion { datanet, version } = corpus;
        let declared = self.version_or_error(ctx, deployment.model_version)?.datanets;
        if !declared.contains(&corpus) {
            let model_version = deployment.model_version;
            let text = format!("model version {model_version} does not declare version {version} of datanet {datanet}");
            return Err(ModelError::Corpus(text).into());
        }
        if self.has_attested(ctx, deployment.id, corpus) {
            let text = format!("deployment {} attested version {version} of datanet {datanet} before", deployment.id);
            return Err(ModelError::Corpus(text).into());
        }
        let height = ctx.height();
        ATTESTATIONS.save(&mut ctx.kv_mut(STORE), (deployment.id, datanet, version), &height)?;
        ctx.emit(
            Event::new(events::ATTESTED)
                .attr("deployment", deployment.id)
                .attr("server", &msg.server)
                .attr("datanet", datanet)
                .attr("version", version),
        );
        self.contributors.record(
            ctx,
            &deployment.server,
            Role::Server,
            (ObjectKind::Deployment, deployment.id),
            Outcome::Attested,
        )?;
        Ok(MsgAttestCorpusResponse {})
    }
}

fn corpus(msg: &MsgAttestCorpus) -> Result<DatanetVersion> {
    let corpus = msg.corpus.as_ref().ok_or_else(|| ModelError::Invalid("corpus is missing".into()))?;
    Ok(DatanetVersion::from_proto(corpus))
}
