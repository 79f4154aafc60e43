//! What `/v1/models` tells of the model that is served.

use anyhow::{Context, Result};
use openledger_client::Rpc;
use openledger_proto::openledger::model::v1 as pb;
use serde_json::{json, Value};

use crate::chain;

/// How messages become the text that the model continues: the contents of all messages, parted by a blank line. No roles, no marks.
pub const CHAT_TEMPLATE: &str =
    "{% for message in messages %}{{ message.content }}{% if not loop.last %}\\n\\n{% endif %}{% endfor %}";
/// Which bytes are attributed as the prompt.
pub const PROMPT_RULE: &str =
    "the contents of the messages with role user, in order, with nothing between; of a completion, the prompt";

/// A served model.
#[derive(Debug, Clone)]
pub struct Card {
    /// What requests name: the model's name and the version's number.
    pub id: String,
    /// The entry of the list.
    pub entry: Value,
}

impl Card {
    /// Asks the chain about a deployment's model.
    pub async fn of(rpc: &Rpc, offer: &pb::Deployment) -> Result<Self> {
        let version = chain::model_version(rpc, offer.model_version).await?;
        let model = chain::model(rpc, version.model).await?;
        let id = name(&model.name, version.id);
        let mut parents = Vec::new();
        for parent in &version.parents {
            let found = chain::model_version(rpc, parent.version).await?;
            let of = chain::model(rpc, found.model).await?;
            parents.push(json!({
                "id": name(&of.name, found.id),
                "model_version": found.id,
                "kind": pb::LineageKind::try_from(parent.kind).map(|kind| kind.as_str_name()).unwrap_or_default(),
            }));
        }
        let mut ancestors = Vec::new();
        for ancestor in &version.ancestors {
            ancestors.push(json!({"model_version": ancestor.version, "royalty_bps": ancestor.royalty_bps}));
        }
        let mut datanets = Vec::new();
        for declared in &version.datanets {
            let datanet = chain::datanet(rpc, declared.datanet).await?;
            datanets.push(json!({
                "datanet": datanet.id,
                "version": declared.version,
                "title": datanet.title,
                "licence": datanet.licence,
            }));
        }
        let root = parents.first().map_or(json!(id), |parent| parent["id"].clone());
        let terms = version.terms.clone().unwrap_or_default();
        let entry = json!({
            "id": id,
            "object": "model",
            "created": Self::created(rpc, version.registered_height).await?,
            "owned_by": model.owner,
            "root": root,
            "parent": parents.first().map(|parent| parent["id"].clone()),
            "openledger": {
                "model": model.id,
                "model_version": version.id,
                "weights_hash": hex::encode(&version.weights_hash),
                "recipe": version.recipe,
                "licence": terms.licence,
                "derivatives_allowed": terms.derivatives_allowed,
                "commercial": terms.commercial,
                "lineage": {"depth": version.depth, "parents": parents, "ancestors": ancestors},
                "datanets": datanets,
                "deployment": offer.id,
                "server": offer.server,
                "price": {"base": offer.base_price, "byte": offer.byte_price, "denom": "aopen"},
                "tokens": "bytes",
                "chat_template": CHAT_TEMPLATE,
                "attributed_prompt": PROMPT_RULE,
            },
        });
        Ok(Self { id, entry })
    }

    /// The time of a block, in seconds since 1970.
    pub(crate) async fn created(rpc: &Rpc, height: u64) -> Result<i64> {
        let block = rpc.call("header", json!({"height": height.max(1).to_string()})).await?;
        let time = block["header"]["time"].as_str().context("a header without time")?;
        let format = &time::format_description::well_known::Rfc3339;
        Ok(time::OffsetDateTime::parse(time, format)?.unix_timestamp())
    }

    /// Whether a request names this model: by its id, or by the version's number alone.
    pub fn is(&self, asked: &str) -> bool {
        let number = self.id.rsplit('/').next().unwrap_or_default();
        asked == self.id || asked == number
    }
}

fn name(model: &str, version: u64) -> String {
    format!("{}/{version}", model.to_lowercase().replace(' ', "-"))
}
