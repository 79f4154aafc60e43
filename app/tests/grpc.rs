//! The gRPC door, driven by a gRPC client over TCP: methods, heights, statuses, services without CometBFT, reflection.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

mod common;

use bytes::Bytes;
use common::*;
use openledger_app::doors::grpc::{self, Raw};
use openledger_app::doors::{Desk, HEIGHT_HEADER};
use openledger_app::services::{self, Comet};
use openledger_net::Listener;
use openledger_proto::cosmos::auth::v1beta1::QueryAccountRequest;
use openledger_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use openledger_proto::cosmos::base::node::v1beta1::{ConfigRequest, ConfigResponse};
use openledger_proto::cosmos::base::tendermint::v1beta1::{AbciQueryRequest, AbciQueryResponse, GetNodeInfoRequest};
use openledger_proto::cosmos::tx::v1beta1::{
    BroadcastTxRequest, GetTxRequest, SimulateRequest, SimulateResponse, TxDecodeRequest, TxDecodeResponse,
};
use openledger_proto::Message;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::ServerReflectionRequest;

const BALANCE: &str = "/cosmos.bank.v1beta1.Query/Balance";

/// A chain with its door, and a client in front of it.
struct House {
    net: Net,
    door: Listener,
    channel: Channel,
}

async fn house() -> House {
    let net = net();
    let settings = services::node::Settings { pruning_keep_recent: 3, pruning_interval: 10 };
    services::open(net.app.chain(), Comet::absent(), settings);
    let door = grpc::open(Desk::new(net.app.chain().clone()), "127.0.0.1:0").await.unwrap();
    let channel = Channel::from_shared(format!("http://{}", door.address())).unwrap().connect().await.unwrap();
    House { net, door, channel }
}

impl House {
    async fn call(&self, path: &str, request: Bytes, height: Option<&str>) -> Result<Response<Bytes>, Status> {
        let mut client = tonic::client::Grpc::new(self.channel.clone()).max_decoding_message_size(usize::MAX);
        client.ready().await.unwrap();
        let mut request = Request::new(request);
        if let Some(height) = height {
            request.metadata_mut().insert(HEIGHT_HEADER, height.parse().unwrap());
        }
        client.unary(request, path.parse().unwrap(), Raw).await
    }

    async fn ask<Req: Message, Resp: Message + Default>(&self, path: &str, request: Req) -> Result<Resp, Status> {
        let response = self.call(path, request.encode_to_vec().into(), None).await?;
        Ok(Resp::decode(response.into_inner()).unwrap())
    }

    async fn refused<Req: Message>(&self, path: &str, request: Req) -> Status {
        self.call(path, request.encode_to_vec().into(), None).await.unwrap_err()
    }
}

fn balance_of(person: &Person) -> QueryBalanceRequest {
    QueryBalanceRequest { address: person.address().to_string(), denom: "aopen".into() }
}

fn read(response: &Response<Bytes>) -> (u128, &str) {
    let balance = QueryBalanceResponse::decode(response.get_ref().clone()).unwrap().balance.unwrap();
    (balance.amount.parse().unwrap(), response.metadata().get(HEIGHT_HEADER).unwrap().to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_is_answered_with_the_height_that_was_read() {
    let house = house().await;
    let (ann, bob) = (person(0), person(1));
    house.net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).sign());
    let request = Bytes::from(balance_of(&bob).encode_to_vec());
    let latest = house.call(BALANCE, request.clone(), None).await.unwrap();
    assert_eq!(read(&latest), (START + 10, "2"));
    let before = house.call(BALANCE, request.clone(), Some("1")).await.unwrap();
    assert_eq!(read(&before), (START, "1"));
    for (wrong, code) in [("99", Code::Unknown), ("-1", Code::InvalidArgument), ("latest", Code::InvalidArgument)] {
        let status = house.call(BALANCE, request.clone(), Some(wrong)).await.unwrap_err();
        assert_eq!(status.code(), code, "{wrong}: {status}");
    }
    house.door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_their_grpc_codes() {
    let house = house().await;
    let account =
        |address: String| house.refused("/cosmos.auth.v1beta1.Query/Account", QueryAccountRequest { address });
    let missing = account(person(99).address().to_string()).await;
    assert_eq!(missing.code(), Code::NotFound);
    assert!(missing.message().contains("not found"), "{missing}");
    assert_eq!(account("nonsense".into()).await.code(), Code::InvalidArgument);
    let garbage = house.call(BALANCE, Bytes::from_static(&[0xff]), None).await.unwrap_err();
    assert_eq!(garbage.code(), Code::InvalidArgument);
    for unknown in ["/cosmos.params.v1beta1.Query/Params", "/nonsense", "/"] {
        let status = house.call(unknown, Bytes::new(), None).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{unknown}");
    }
    let large = house.call(BALANCE, vec![0; 11 * 1024 * 1024].into(), None).await.unwrap_err();
    assert_eq!(large.code(), Code::OutOfRange, "{large}");
    let panicked = house.call("/odd.Query/Panic", Bytes::new(), None).await.unwrap_err();
    assert_eq!(panicked.code(), Code::Internal);
    house.call(BALANCE, balance_of(&person(0)).encode_to_vec().into(), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_cometbft_simulation_works_and_the_rest_says_what_is_missing() {
    let house = house().await;
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign().to_vec();
    let simulate = "/cosmos.tx.v1beta1.Service/Simulate";
    #[allow(deprecated)]
    let request = |tx_bytes: Vec<u8>| SimulateRequest { tx: None, tx_bytes };
    let simulated: SimulateResponse = house.ask(simulate, request(tx.clone())).await.unwrap();
    assert!(simulated.gas_info.unwrap().gas_used > 30_000);
    let result = simulated.result.unwrap();
    assert_eq!(result.msg_responses[0].type_url, "/cosmos.bank.v1beta1.MsgSendResponse");
    assert!(result.events.iter().any(|event| event.r#type == "transfer"));

    let too_much = draft(vec![ann.send(&bob, START * 2)], &[(&ann, 0)]).sign().to_vec();
    let failed = house.refused(simulate, request(too_much)).await;
    assert_eq!(failed.code(), Code::Unknown);
    assert!(failed.message().contains("insufficient funds with gas used: '"), "{failed}");
    assert_eq!(house.refused(simulate, request(Vec::new())).await.code(), Code::InvalidArgument);

    let away = [
        house.refused("/cosmos.tx.v1beta1.Service/GetTx", GetTxRequest { hash: "AB".repeat(32) }).await,
        house
            .refused("/cosmos.tx.v1beta1.Service/BroadcastTx", BroadcastTxRequest { tx_bytes: tx.clone(), mode: 2 })
            .await,
        house.refused("/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo", GetNodeInfoRequest {}).await,
    ];
    for status in away {
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.message().contains("without CometBFT"), "{status}");
    }
    let block = BroadcastTxRequest { tx_bytes: tx.clone(), mode: 1 };
    let unsupported = house.refused("/cosmos.tx.v1beta1.Service/BroadcastTx", block).await;
    assert!(unsupported.message().contains("supported types: sync, async"), "{unsupported}");
    let decoded: TxDecodeResponse =
        house.ask("/cosmos.tx.v1beta1.Service/TxDecode", TxDecodeRequest { tx_bytes: tx.clone() }).await.unwrap();
    assert_eq!(decoded.tx.unwrap().encode_to_vec(), tx);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_answered_through_abci_too() {
    let house = house().await;
    let path = "/cosmos.base.node.v1beta1.Service/Config";
    let config: ConfigResponse = house.ask(path, ConfigRequest {}).await.unwrap();
    assert_eq!((config.pruning_keep_recent.as_str(), config.pruning_interval.as_str()), ("3", "10"));
    let through_abci = house.net.query(path, "", 0, false);
    assert_eq!((through_abci.code, through_abci.value), (0, config.encode_to_vec().into()));

    let path = "/cosmos.base.tendermint.v1beta1.Service/ABCIQuery";
    let query = |path: &str| AbciQueryRequest { path: path.into(), ..AbciQueryRequest::default() };
    let version: AbciQueryResponse = house.ask(path, query("app/version")).await.unwrap();
    assert_eq!(version.value, env!("CARGO_PKG_VERSION").as_bytes());
    let refused = house.refused(path, query(BALANCE)).await;
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("unsupported ABCI query path"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decoded_transaction_has_no_field_that_the_chain_does_not_know() {
    let house = house().await;
    let (ann, bob) = (person(0), person(1));
    let mut tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign().to_vec();
    // Field 99 of the transaction, a number.
    tx.extend([0x98, 0x06, 0x01]);
    let status = house.refused("/cosmos.tx.v1beta1.Service/TxDecode", TxDecodeRequest { tx_bytes: tx }).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("TagNum: 99"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_ask_by_grpc_web_on_the_same_port() {
    let house = house().await;
    let ask = async |path: &str, request: Vec<u8>, kind: &str| {
        let body = frame(&request);
        let url = format!("http://{}{path}", house.door.address());
        let client = reqwest::Client::builder().http1_only().build().unwrap();
        client.post(url).header("content-type", kind).header("accept", kind).body(body).send().await.unwrap()
    };
    let answer = ask(BALANCE, balance_of(&person(1)).encode_to_vec(), "application/grpc-web+proto").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-cosmos-block-height"], "1");
    let body = answer.bytes().await.unwrap();
    let (message, trailers) = unframe(&body);
    assert_eq!(QueryBalanceResponse::decode(message).unwrap().balance.unwrap().amount, START.to_string());
    assert!(trailers.contains("grpc-status:0"), "{trailers}");

    let missing = QueryAccountRequest { address: person(99).address().to_string() }.encode_to_vec();
    let answer = ask("/cosmos.auth.v1beta1.Query/Account", missing, "application/grpc-web+proto").await;
    assert_eq!(answer.headers()["grpc-status"], "5");
    // HTTP/1.1 has no other way into this port.
    let plain = ask(BALANCE, Vec::new(), "application/json").await;
    assert_eq!(plain.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_lists_what_is_served_and_describes_it() {
    let house = house().await;
    let mut client = ServerReflectionClient::new(house.channel.clone()).max_decoding_message_size(usize::MAX);
    let mut ask = async |message_request| {
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(message_request) };
        let mut answers = client.server_reflection_info(Once(Some(request))).await.unwrap().into_inner();
        answers.message().await.map(|answer| answer.unwrap().message_response.unwrap())
    };
    let Ok(MessageResponse::ListServicesResponse(list)) = ask(MessageRequest::ListServices(String::new())).await else {
        panic!("no list")
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    for served in [
        "cosmos.bank.v1beta1.Query",
        "cosmos.tx.v1beta1.Service",
        "cosmos.base.tendermint.v1beta1.Service",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ] {
        assert!(names.contains(&served), "{served} is not in {names:?}");
    }
    for absent in ["cosmos.bank.v1beta1.Msg", "cosmos.params.v1beta1.Query"] {
        assert!(!names.contains(&absent), "{absent}");
    }
    for symbol in names.iter().copied().filter(|name| !name.starts_with("odd.")).chain(["cosmos.bank.v1beta1.MsgSend"])
    {
        let found = ask(MessageRequest::FileContainingSymbol(symbol.into())).await;
        // Each version of reflection describes itself.
        let described = matches!(&found, Ok(MessageResponse::FileDescriptorResponse(file)) if !file.file_descriptor_proto[0].is_empty());
        assert!(described || symbol.starts_with("grpc.reflection.v1alpha"), "{symbol}: {found:?}");
    }
    let missing = ask(MessageRequest::FileContainingSymbol("no.Such".into())).await;
    assert_eq!(missing.unwrap_err().code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_queries_stop_neither_blocks_nor_other_queries() {
    let house = std::sync::Arc::new(house().await);
    let slow = |_: &[u8], _: u64| {
        std::thread::sleep(std::time::Duration::from_secs(7));
        Ok(Vec::new())
    };
    house.net.app.chain().add_service("/odd.Service/Slow", std::sync::Arc::new(slow));
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..65 {
        let house = house.clone();
        asked.spawn(async move { house.call("/odd.Service/Slow", Bytes::new(), None).await.map(|_| ()) });
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let (ann, bob) = (person(0), person(1));
    house.net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).sign());
    let balance = house.call(BALANCE, balance_of(&bob).encode_to_vec().into(), None).await.unwrap();
    assert_eq!(read(&balance), (START + 10, "2"));
    assert!(asked.try_join_next().is_none(), "the slow ones are still being answered");
    let answers = asked.join_all().await;
    let refused: Vec<Code> = answers.into_iter().filter_map(Result::err).map(|status| status.code()).collect();
    // One beyond the bound, which waited in vain for its turn.
    assert_eq!(refused, [Code::ResourceExhausted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_clients_ask_reflection_v1alpha() {
    use tonic_reflection::pb::v1alpha::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1alpha::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1alpha::server_reflection_response::MessageResponse;
    use tonic_reflection::pb::v1alpha::ServerReflectionRequest;
    let house = house().await;
    let mut client = ServerReflectionClient::new(house.channel.clone());
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = client.server_reflection_info(Once(Some(request))).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(list) = answer else { panic!("no list") };
    assert!(list.service.iter().any(|service| service.name == "cosmos.bank.v1beta1.Query"));
}

/// A message as gRPC sends it: not compressed, its length, itself.
fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat()
}

/// The message and the trailers of a gRPC-web answer.
fn unframe(body: &[u8]) -> (&[u8], String) {
    let length = |at: usize| u32::from_be_bytes(body[at + 1..at + 5].try_into().unwrap()) as usize;
    let end = 5 + length(0);
    assert_eq!((body[0], body[end]), (0, 0x80));
    (&body[5..end], String::from_utf8(body[end + 5..end + 5 + length(end)].to_vec()).unwrap())
}

/// One item, then the end.
struct Once<T>(Option<T>);

impl<T: Unpin> tonic::codegen::tokio_stream::Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<T>> {
        std::task::Poll::Ready(self.0.take())
    }
}
