//! A whole node asked over REST, so prepared that there is something to ask about: alice's validator is there since genesis; she undelegated,
//! proposed and voted, let bob send and pay fees in her name, and then sent 7 aopen to bob. `tests/simd/chain.py` prepares simd alike.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use base64::Engine as _;
use openledger_client::key::DEFAULT_PATH;
use openledger_client::{any, Key, Rpc, TxBuilder, Wallet};
use openledger_core::address::VALOPER_PREFIX;
use openledger_proto::cosmos::authz::v1beta1::{Grant, MsgGrant};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, SendAuthorization};
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::feegrant::v1beta1::{BasicAllowance, MsgGrantAllowance};
use openledger_proto::cosmos::gov::v1::{MsgSubmitProposal, MsgVote, VoteOption};
use openledger_proto::cosmos::staking::v1beta1::MsgUndelegate;
use openledger_proto::Any;
use serde_json::Value;

use crate::node::{Home, Node};
use openledger_client::free_port;

/// What transactions pay.
const FEE: &str = "3aopen";
const GAS: u64 = 200_000;
/// With so much a vote begins at once: the least deposit of a new chain.
const DEPOSIT: &str = "10000000000000000000";

/// The chain, and what calls are filled with.
pub struct Chain {
    /// The node.
    pub node: Node,
    /// `{alice}`, `{bob}`, `{nobody}`, `{denom}`, `{hash}`, `{height}`, `{tx_bytes}`, `{chain_id}`, `{validator}`, `{cons}`.
    pub values: BTreeMap<&'static str, String>,
    /// `http://127.0.0.1:…`, of REST.
    pub base: String,
    client: reqwest::Client,
    /// Its folder; alice is in its keyring.
    pub home: Home,
}

/// An answer.
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The height that was read, as the header has it.
    pub height: Option<String>,
    /// The body.
    pub body: Value,
}

impl Chain {
    /// Starts it, and sends the transaction.
    pub async fn start(chain_id: &str) -> Result<Self> {
        let home = Home::init(chain_id)?;
        let key = |words: &str| Key::from_mnemonic(words, DEFAULT_PATH);
        // BIP-39's own example, and two more of its vectors. Whoever reads this has the keys: for tests alone.
        let alice = key(&format!("{}about", "abandon ".repeat(11)))?;
        let bob = key(&format!("{}yellow", "legal winner thank year wave sausage worth useful legal winner thank "))?;
        let nobody = key(&format!("{}wrong", "zoo ".repeat(11)))?;
        let (alice_address, bob_address) = (alice.address().to_string(), bob.address().to_string());
        home.succeed_with(&["keys", "add", "alice", "--recover"], &format!("{}about\n", "abandon ".repeat(11)))?;
        home.succeed(&["genesis", "add-genesis-account", &alice_address, "100000000000000000000aopen"])?;
        home.succeed(&["genesis", "gentx", "alice", "5000000000000000000aopen"])?;
        home.succeed(&["genesis", "collect-gentxs"])?;
        let cons = home.succeed(&["comet", "show-address"])?.trim().to_string();
        let api = format!("127.0.0.1:{}", free_port()?);
        let flags = ["--api.enable", "--api.swagger", "--api.address", &format!("tcp://{api}")];
        let mut node = Node::start(&home, &flags)?;
        node.reach(2).await?;

        let coin = Coin { denom: "aopen".into(), amount: "7".into() };
        let send = MsgSend { from_address: alice_address.clone(), to_address: bob_address.clone(), amount: vec![coin] };
        let mut wallet = Wallet::connect(Rpc::new(&node.rpc_address), alice.clone()).await?;
        wallet.fee = FEE.parse()?;
        let validator = alice.address().to_bech32(VALOPER_PREFIX);
        let done = wallet.send(done(&alice_address, &bob_address, &validator), 5 * GAS).await?;
        node.reach(done.height + 1).await?;
        let sent = wallet.send(vec![any(&send)], GAS).await?;
        let next = TxBuilder { messages: vec![any(&send)], gas_limit: GAS, fee: FEE.parse()?, ..Default::default() };
        // Her validator was the first transaction, what she did before she sent the second.
        let next = next.sign(chain_id, &[(&alice, 0, 3)])?;
        node.reach(sent.height + 2).await?;

        let values = [
            ("alice", alice_address),
            ("bob", bob_address),
            ("nobody", nobody.address().to_string()),
            ("denom", "aopen".into()),
            ("hash", sent.hash),
            ("height", sent.height.to_string()),
            ("tx_bytes", base64::engine::general_purpose::STANDARD.encode(next)),
            ("chain_id", chain_id.into()),
            ("validator", validator),
            ("cons", cons),
        ];
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { node, values: values.into(), base: format!("http://{api}"), client, home })
    }

    /// A text with its `{names}` replaced.
    pub fn fill(&self, text: &str) -> String {
        self.values.iter().fold(text.to_string(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// Asks; the path and the body are filled.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let url = format!("{}{}", self.base, self.fill(path));
        let mut request = self.client.request(method.parse()?, url);
        if let Some(body) = body {
            request = request.body(self.fill(&body.to_string()));
        }
        let answer = request.send().await?;
        let height = answer.headers().get("grpc-metadata-x-cosmos-block-height");
        let height = height.map(|height| height.to_str().map(str::to_string)).transpose()?;
        let status = answer.status().as_u16();
        let body = answer.json().await.with_context(|| format!("{method} {path}: {status} without JSON"))?;
        Ok(Answer { status, height, body })
    }
}

/// What alice did before she sent, in one transaction.
fn done(alice: &str, bob: &str, validator: &str) -> Vec<Any> {
    let (alice, bob) = (alice.to_string(), bob.to_string());
    let amount = |amount: &str| Coin { denom: "aopen".into(), amount: amount.into() };
    let send = SendAuthorization { spend_limit: vec![amount("100")], allow_list: Vec::new() };
    let allowance = BasicAllowance { spend_limit: vec![amount("100")], expiration: None };
    let grant = Some(Grant { authorization: Some(any(&send)), expiration: None });
    vec![
        any(&MsgUndelegate {
            delegator_address: alice.clone(),
            validator_address: validator.into(),
            amount: Some(amount("10")),
        }),
        any(&MsgSubmitProposal {
            messages: Vec::new(),
            initial_deposit: vec![amount(DEPOSIT)],
            proposer: alice.clone(),
            metadata: "ipfs://x".into(),
            title: "A title".into(),
            summary: "A summary".into(),
            expedited: false,
        }),
        any(&MsgVote { proposal_id: 1, voter: alice.clone(), option: VoteOption::Yes.into(), metadata: String::new() }),
        any(&MsgGrant { granter: alice.clone(), grantee: bob.clone(), grant }),
        any(&MsgGrantAllowance { granter: alice, grantee: bob, allowance: Some(any(&allowance)) }),
    ]
}

/// Notes where two answers have other fields, another order of fields, or other kinds of values. Of lists the first elements are compared, of
/// one type where they have one.
pub fn compare(name: &str, at: &str, ours: &Value, simd: &Value, wrong: &mut Vec<String>) {
    match (ours, simd) {
        (Value::Object(ours), Value::Object(simd)) => {
            if !ours.keys().eq(simd.keys()) {
                let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>().join(" ");
                wrong.push(format!("{name}: {at} has {}, simd {}", names(ours), names(simd)));
                return;
            }
            for (field, value) in ours {
                compare(name, &format!("{at}/{field}"), value, &simd[field], wrong);
            }
        }
        (Value::Array(ours), Value::Array(simd)) => match (ours.first(), simd.first()) {
            (Some(first), Some(simds)) => {
                let same_type = simd.iter().find(|simd| simd["@type"] == first["@type"]);
                compare(name, &format!("{at}/0"), first, same_type.unwrap_or(simds), wrong);
            }
            (None, None) => {}
            _ => wrong.push(format!("{name}: {at} has {} elements, simd {}", ours.len(), simd.len())),
        },
        (Value::Null, Value::Null)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => {}
        _ => wrong.push(format!("{name}: {at} is {ours}, simd {simd}")),
    }
}
