//! A node that is played: CometBFT's calls and the chain's queries, as far as a watcher asks them. It refuses every transaction.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_client::{any, Rpc};
use openledger_engine::forms;
use openledger_engine::tally::{Tally, Terms};
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountResponse};
use openledger_proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::datanet::v1 as dn;
use openledger_proto::openledger::model::v1 as md;
use openledger_proto::{Any, Message};
use openledger_provenance::content::Commitment;
use serde_json::{json, Value};

#[derive(Default)]
struct Chain {
    height: u64,
    /// Transactions and their events, by height.
    blocks: BTreeMap<u64, Vec<(Vec<u8>, Value)>>,
    settlements: BTreeMap<u64, pb::Settlement>,
    versions: BTreeMap<u64, dn::Contribution>,
    accepted: BTreeMap<u64, dn::Contribution>,
    sent: Vec<String>,
}

/// The node.
pub struct Played {
    chain: Arc<Mutex<Chain>>,
    url: String,
}

impl Played {
    pub async fn begin() -> Self {
        let chain: Arc<Mutex<Chain>> = Arc::default();
        let router = Router::new().route("/", post(answer)).with_state(chain.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { chain, url }
    }

    pub fn rpc(&self) -> Rpc {
        Rpc::new(&self.url)
    }

    /// The chain's last block.
    pub fn reach(&self, height: u64) {
        self.chain.lock().unwrap().height = height;
    }

    /// A model version over one contribution.
    pub fn declare(&self, version: u64, seq: u64, text: &[u8], location: &str) {
        let Commitment { root, length } = Commitment::of(text);
        let location = location.into();
        let reveal = Some(dn::Reveal { root: root.to_vec(), length, location, ..Default::default() });
        let contribution = dn::Contribution { seq, reveal, ..Default::default() };
        self.chain.lock().unwrap().versions.insert(version, contribution);
    }

    /// A contribution that is accepted in a block.
    pub fn accept(&self, seq: u64, height: u64, text: &[u8]) {
        let Commitment { root, length } = Commitment::of(text);
        let reveal = Some(dn::Reveal { root: root.to_vec(), length, ..Default::default() });
        let status = dn::ContributionStatus::Accepted as i32;
        let events =
            json!([{"type": "contribution_accepted", "attributes": [{"key": "seq", "value": seq.to_string()}]}]);
        let mut chain = self.chain.lock().unwrap();
        chain.accepted.insert(seq, dn::Contribution { seq, reveal, status, ..Default::default() });
        chain.blocks.entry(height).or_default().push((Vec::new(), events));
    }

    /// A settlement that can be disputed.
    pub fn pend(&self, id: u64) {
        let status = pb::SettlementStatus::Pending as i32;
        let rounds = vec![pb::Round::default()];
        let settlement = pb::Settlement { id, first_receipt: 1, receipts: 1, status, rounds, ..Default::default() };
        self.chain.lock().unwrap().settlements.insert(id, settlement);
    }

    pub fn end(&self, id: u64, status: pb::SettlementStatus) {
        self.chain.lock().unwrap().settlements.get_mut(&id).unwrap().status = status as i32;
    }

    /// A block with a transaction of one message, which makes a settlement.
    pub fn settle(&self, id: u64, height: u64, message: pb::MsgSettle) {
        self.settle_in(id, height, any(&message), &[("msg_index", "0")]);
    }

    /// The same of any message, whose event has these last attributes.
    pub fn settle_in(&self, id: u64, height: u64, message: Any, place: &[(&str, &str)]) {
        self.pend(id);
        let body = TxBody { messages: vec![message], ..Default::default() };
        let tx = TxRaw { body_bytes: body.encode_to_vec(), ..Default::default() };
        let id = id.to_string();
        let attributes = std::iter::once(("settlement", id.as_str())).chain(place.iter().copied());
        let attributes: Vec<_> = attributes.map(|(key, value)| json!({"key": key, "value": value})).collect();
        let events = json!([{"type": "attribution_settled", "attributes": attributes}]);
        self.chain.lock().unwrap().blocks.entry(height).or_default().push((tx.encode_to_vec(), events));
    }

    /// The messages of what was sent.
    pub fn sent(&self) -> Vec<String> {
        self.chain.lock().unwrap().sent.clone()
    }
}

/// A settlement of one receipt under a model version, whose output is a text that its claim gives to nobody.
pub fn settlement(model_version: u64, output: &[u8]) -> pb::MsgSettle {
    let terms = Terms {
        chain_id: "played-1".into(),
        session: model_version,
        deployment: 1,
        model_version,
        base_price: 1u64.into(),
        byte_price: 1u64.into(),
        deposit: 1_000_000u64.into(),
        voucher_key: Vec::new(),
        wallet: None,
        secret_commitment: Vec::new(),
        opened_height: 1,
        settled: 0,
        sealed: false,
    };
    let tally = Tally::new(terms, [7; 32]);
    let receipt = tally.receipt(b"As they say: ", output, 1).unwrap();
    let claimed = pb::ClaimedReceipt {
        receipt: Some(forms::receipt_message(&receipt)),
        transcript: [b"As they say: ", output].concat(),
        receipt_key: tally.receipt_key(1).0.to_vec(),
        ..Default::default()
    };
    pb::MsgSettle { receipts: vec![claimed], ..Default::default() }
}

async fn answer(State(chain): State<Arc<Mutex<Chain>>>, Json(call): Json<Value>) -> Json<Value> {
    let mut chain = chain.lock().unwrap();
    let params = &call["params"];
    let height: u64 = params["height"].as_str().and_then(|height| height.parse().ok()).unwrap_or(0);
    let block = chain.blocks.get(&height).cloned().unwrap_or_default();
    let result = match call["method"].as_str().unwrap() {
        "status" => json!({
            "node_info": {"network": "played-1"},
            "sync_info": {"latest_block_height": chain.height.to_string(), "earliest_block_height": "1"},
        }),
        "block_results" => {
            let results: Vec<_> = block.iter().map(|(_, events)| json!({"code": 0, "events": events})).collect();
            json!({"txs_results": results, "finalize_block_events": null})
        }
        "block" => {
            let txs: Vec<_> = block.iter().map(|(tx, _)| BASE64.encode(tx)).collect();
            json!({"block": {"data": {"txs": txs}}})
        }
        "broadcast_tx_sync" => {
            let tx = BASE64.decode(params["tx"].as_str().unwrap()).unwrap();
            let body = TxRaw::decode(tx.as_slice()).unwrap().body_bytes;
            let body = TxBody::decode(body.as_slice()).unwrap();
            chain.sent.extend(body.messages.into_iter().map(|message| message.type_url));
            json!({"code": 5, "codespace": "sdk", "log": "insufficient funds", "hash": "00"})
        }
        "abci_query" => {
            let data = hex::decode(params["data"].as_str().unwrap()).unwrap();
            let found = query(&chain, params["path"].as_str().unwrap(), &data);
            json!({"response": {"code": 0, "value": BASE64.encode(found)}})
        }
        method => panic!("{method} is not played"),
    };
    Json(json!({"jsonrpc": "2.0", "id": 1, "result": result}))
}

fn query(chain: &Chain, path: &str, data: &[u8]) -> Vec<u8> {
    match path.rsplit_once('.').unwrap().1 {
        "Query/Account" => QueryAccountResponse { account: Some(any(&BaseAccount::default())) }.encode_to_vec(),
        "Query/Settlement" => {
            let id = pb::QuerySettlementRequest::decode(data).unwrap().id;
            let settlement = chain.settlements.get(&id).cloned();
            pb::QuerySettlementResponse { settlement, ..Default::default() }.encode_to_vec()
        }
        "Query/Dispute" => {
            let id = pb::QueryDisputeRequest::decode(data).unwrap().id;
            let status = pb::DisputeStatus::Committed as i32;
            let dispute = Some(pb::Dispute { id, status, ..Default::default() });
            pb::QueryDisputeResponse { dispute }.encode_to_vec()
        }
        "Query/ModelVersion" => {
            let id = md::QueryModelVersionRequest::decode(data).unwrap().id;
            let datanets = vec![md::DatanetVersion { datanet: id, version: 1 }];
            let version = Some(md::ModelVersion { id, datanets, ..Default::default() });
            md::QueryModelVersionResponse { version }.encode_to_vec()
        }
        "Query/VersionContributions" => {
            let datanet = dn::QueryVersionContributionsRequest::decode(data).unwrap().datanet_id;
            let contributions = chain.versions.get(&datanet).cloned().into_iter().collect();
            dn::QueryVersionContributionsResponse { contributions, ..Default::default() }.encode_to_vec()
        }
        "Query/Contribution" => {
            let seq = dn::QueryContributionRequest::decode(data).unwrap().seq;
            let contribution = chain.accepted.get(&seq).cloned();
            dn::QueryContributionResponse { contribution, ..Default::default() }.encode_to_vec()
        }
        "Query/Datanets" => {
            let datanets = vec![dn::Datanet { id: 1, ..Default::default() }];
            dn::QueryDatanetsResponse { datanets, ..Default::default() }.encode_to_vec()
        }
        "Query/ContributionsByDatanet" => {
            let contributions = chain.accepted.values().cloned().collect();
            dn::QueryContributionsByDatanetResponse { contributions, ..Default::default() }.encode_to_vec()
        }
        // Nothing is listed, disputed or challenged.
        "Query/Commons" | "Query/Disputes" | "Query/Challenges" => Vec::new(),
        path => panic!("{path} is not played"),
    }
}
