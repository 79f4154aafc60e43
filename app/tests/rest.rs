//! The REST door over TCP: routes, JSON, errors, heights, pages, limits, gRPC-web, CORS and the description. Without CometBFT; what
//! needs it is tested with a whole node.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

mod common;

use std::time::{Duration, Instant};

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine as _;
use common::*;
use openledger_app::doors::settings::Api;
use openledger_app::doors::{grpc, rest, Desk};
use openledger_app::services::{self, Comet};
use openledger_net::Listener;
use openledger_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use openledger_proto::Message as _;
use reqwest::header::HeaderMap;
use serde_json::{json, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEIGHT: &str = "grpc-metadata-x-cosmos-block-height";

struct House {
    net: Net,
    door: Listener,
    client: reqwest::Client,
}

fn settings() -> Api {
    Api { enable: true, address: "tcp://127.0.0.1:0".into(), ..Api::default() }
}

async fn house(settings: Api) -> House {
    let net = net();
    services::open(net.app.chain(), Comet::absent(), services::node::Settings::default());
    let desk = Desk::new(net.app.chain().clone());
    let web = Some(grpc::web(desk.clone()).unwrap());
    let door = rest::open(desk, &settings, web).await.unwrap();
    House { net, door, client: reqwest::Client::builder().http1_only().no_proxy().build().unwrap() }
}

impl House {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.door.address())
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> (u16, HeaderMap, Value) {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        assert_eq!(headers["content-type"], "application/json");
        (status, headers, answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, HeaderMap, Value) {
        self.ask(self.client.get(self.url(path))).await
    }

    async fn at(&self, path: &str, height: &str) -> (u16, HeaderMap, Value) {
        self.ask(self.client.get(self.url(path)).header("x-cosmos-block-height", height)).await
    }

    async fn post(&self, path: &str, body: String) -> (u16, Value) {
        let (status, _, body) = self.ask(self.client.post(self.url(path)).body(body)).await;
        (status, body)
    }

    /// The code and text of an error, whose form is checked.
    async fn refused(&self, path: &str) -> (u16, u64, String) {
        let (status, _, body) = self.get(path).await;
        assert_eq!(body["details"], json!([]), "{path}: {body}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{path}: {body}");
        (status, body["code"].as_u64().unwrap(), body["message"].as_str().unwrap().into())
    }

    async fn raw(&self) -> TcpStream {
        TcpStream::connect(self.door.address()).await.unwrap()
    }
}

fn by_denom(person: &Person) -> String {
    format!("/cosmos/bank/v1beta1/balances/{}/by_denom?denom=aopen", person.address())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_is_json_with_the_height_that_was_read() {
    let house = house(settings()).await;
    let (ann, bob) = (person(0), person(1));
    house.net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).sign());
    let path = by_denom(&bob);
    let (status, headers, body) = house.get(&path).await;
    assert_eq!((status, &headers[HEIGHT]), (200, &"2".parse().unwrap()));
    assert_eq!(headers["grpc-metadata-content-type"], "application/grpc");
    assert_eq!(body, json!({"balance": {"denom": "aopen", "amount": (START + 10).to_string()}}));
    let (_, headers, body) = house.at(&path, "1").await;
    assert_eq!((&headers[HEIGHT], &body["balance"]["amount"]), (&"1".parse().unwrap(), &json!(START.to_string())));
    let other_name = house.client.get(house.url(&path)).header(HEIGHT, "1");
    assert_eq!(house.ask(other_name).await.2, body);
    for (wrong, status, code) in [("99", 500, 2), ("-1", 400, 3), ("latest", 400, 3)] {
        let (answered, _, body) = house.at(&path, wrong).await;
        assert_eq!((answered, &body["code"]), (status, &json!(code)), "{wrong}: {body}");
    }
    let head = house.client.head(house.url(&path)).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-type"].to_str().unwrap()), (200, "application/json"));
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_of_grpc_gateway() {
    let house = house(settings()).await;
    for unknown in ["/", "/nothing", "/cosmos/params/v1beta1/params", "/cosmos/bank/v1beta1", "/swagger/", "/%2f"] {
        assert_eq!(house.refused(unknown).await, (501, 12, "Not Implemented".into()), "{unknown}");
    }
    // There, but by POST.
    assert_eq!(house.refused("/cosmos/tx/v1beta1/simulate").await.0, 501);
    let (status, code, text) = house.refused(&format!("/cosmos/auth/v1beta1/accounts/{}", person(99).address())).await;
    assert_eq!((status, code), (404, 5));
    assert!(text.contains("not found"), "{text}");
    let (status, code, text) = house.refused("/cosmos/bank/v1beta1/spendable_balances/test").await;
    assert_eq!((status, code), (400, 3), "{text}");
    let (status, code, text) = house.refused("/cosmos/auth/v1beta1/accounts?pagination.limit=many").await;
    assert_eq!((status, code), (400, 3));
    assert_eq!(text, "strconv.ParseUint: parsing \"many\": invalid syntax");
    assert_eq!(house.refused("/cosmos/base/tendermint/v1beta1/blocks/x").await.0, 400);
    assert_eq!(house.refused("/cosmos/auth/v1beta1/accounts/%ff").await.0, 400);
    let (status, code, text) = house.refused("/cosmos/base/tendermint/v1beta1/node_info").await;
    assert_eq!((status, code), (503, 14));
    assert!(text.contains("without CometBFT"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page_forwards_and_backwards() {
    let house = house(settings()).await;
    let path = "/cosmos/auth/v1beta1/accounts";
    let (_, _, all) = house.get(path).await;
    let total = all["pagination"]["total"].as_str().unwrap().parse::<usize>().unwrap();
    assert_eq!((all["accounts"].as_array().unwrap().len(), &all["pagination"]["next_key"]), (total, &Value::Null));
    assert!(total >= ACCOUNTS);
    for reverse in [false, true] {
        let (mut seen, mut key) = (Vec::new(), String::new());
        loop {
            let query = [("pagination.limit", "3"), ("pagination.reverse", if reverse { "true" } else { "false" })];
            let mut request = house.client.get(house.url(path)).query(&query);
            if !key.is_empty() {
                request = request.query(&[("pagination.key", &key)]);
            }
            let (status, _, page) = house.ask(request).await;
            assert_eq!((status, &page["pagination"]["total"]), (200, &json!("0")));
            seen.extend(page["accounts"].as_array().unwrap().clone());
            match page["pagination"]["next_key"].as_str() {
                Some(next) => key = next.into(),
                None => break,
            }
        }
        if reverse {
            seen.reverse();
        }
        assert_eq!(json!(seen), all["accounts"]);
    }
    let (_, _, page) =
        house.get(&format!("{path}?pagination.offset=1&pagination.limit=2&pagination.count_total=1")).await;
    assert_eq!(page["accounts"], json!(all["accounts"].as_array().unwrap()[1..3]));
    assert_eq!(page["pagination"]["total"], json!(total.to_string()));
    let both = house.refused(&format!("{path}?pagination.offset=1&pagination.key=AA==")).await;
    assert_eq!((both.0, both.1), (400, 3));
    assert!(both.2.contains("either offset or key is expected"), "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_simulated_decoded_and_encoded_in_json() {
    let house = house(settings()).await;
    let (ann, bob) = (person(0), person(1));
    let tx = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign().to_vec();
    let bytes = json!({"tx_bytes": BASE64.encode(&tx)});
    let (status, simulated) = house.post("/cosmos/tx/v1beta1/simulate", bytes.to_string()).await;
    assert_eq!(status, 200, "{simulated}");
    assert!(simulated["gas_info"]["gas_used"].as_str().unwrap().parse::<u64>().unwrap() > 30_000);
    assert_eq!(simulated["result"]["msg_responses"][0]["@type"], "/cosmos.bank.v1beta1.MsgSendResponse");

    let (status, decoded) = house.post("/cosmos/tx/v1beta1/decode", bytes.to_string()).await;
    assert_eq!(
        (status, decoded["tx"]["body"]["messages"][0]["@type"].as_str()),
        (200, Some("/cosmos.bank.v1beta1.MsgSend"))
    );
    let (status, encoded) = house.post("/cosmos/tx/v1beta1/encode", decoded.to_string()).await;
    assert_eq!((status, &encoded["tx_bytes"]), (200, &bytes["tx_bytes"]));

    let too_much = draft(vec![ann.send(&bob, START * 2)], &[(&ann, 0)]).sign().to_vec();
    let body = json!({"txBytes": BASE64.encode(&too_much)}).to_string();
    let (status, failed) = house.post("/cosmos/tx/v1beta1/simulate", body).await;
    assert_eq!((status, &failed["code"]), (500, &json!(2)), "{failed}");
    assert!(failed["message"].as_str().unwrap().contains("with gas used: '"), "{failed}");
    for bad in ["{", "[]", "{\"tx_byte\":\"\"}", "", "null", "{\"tx_bytes\":\"?\"}"] {
        let (status, refused) = house.post("/cosmos/tx/v1beta1/simulate", bad.into()).await;
        assert_eq!((status, &refused["code"]), (400, &json!(3)), "{bad}: {refused}");
    }
    // A form stands for a GET.
    let form = house.client.post(house.url("/cosmos/auth/v1beta1/accounts")).form(&[("pagination.limit", "1")]);
    assert_eq!(house.ask(form).await.2["accounts"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn amino_s_binary_form_of_a_transaction_is_the_sdk_s_both_ways() {
    let house = house(settings()).await;
    let golden: Value = serde_json::from_str(include_str!("../../proto/vectors/amino_binary.json")).unwrap();
    let find = |list: &str, note: &str| {
        let vectors = golden[list].as_array().unwrap();
        vectors.iter().find(|vector| vector["note"] == note).unwrap_or_else(|| panic!("{note}")).clone()
    };
    for note in ["a payment", "every field of the transaction", "a multisig", "a text is proposed"] {
        let vector = find("encode", note);
        let binary = BASE64.encode(hex::decode(vector["made"].as_str().unwrap()).unwrap());
        let body = json!({"amino_json": vector["given"]});
        let (status, encoded) = house.post("/cosmos/tx/v1beta1/encode/amino", body.to_string()).await;
        assert_eq!((status, &encoded), (200, &json!({"amino_binary": binary})), "{note}");
        let (status, decoded) = house.post("/cosmos/tx/v1beta1/decode/amino", encoded.to_string()).await;
        assert_eq!((status, decoded), (200, json!({"amino_json": find("decode", note)["made"]})), "{note}");
    }
    for (path, body, why) in [
        ("encode", json!({}), "invalid empty tx json"),
        ("decode", json!({}), "invalid empty tx bytes"),
        ("encode", json!({"amino_json": "{}"}), "StdTx: expected an object with the name of its type"),
        ("decode", json!({"amino_binary": "AQIDBA=="}), "StdTx: the bytes do not begin with its prefix"),
    ] {
        let (status, refused) = house.post(&format!("/cosmos/tx/v1beta1/{path}/amino"), body.to_string()).await;
        assert_eq!((status, &refused["code"]), (400, &json!(3)), "{refused}");
        assert!(refused["message"].as_str().unwrap().starts_with(why), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_too_slow_is_refused_and_others_are_answered_meanwhile() {
    let house = house(Api { rpc_max_body_bytes: 1_000, rpc_read_timeout: 1, ..settings() }).await;
    let (status, refused) = house.post("/cosmos/tx/v1beta1/simulate", " ".repeat(1_001)).await;
    assert_eq!(status, 400);
    assert!(refused["message"].as_str().unwrap().contains("too large: at most 1000 bytes"), "{refused}");

    let mut slow_header = house.raw().await;
    slow_header.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    let mut slow_body = house.raw().await;
    let head = b"POST /cosmos/tx/v1beta1/simulate HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n{";
    slow_body.write_all(head).await.unwrap();
    let begin = Instant::now();
    assert_eq!(house.get(&by_denom(&person(0))).await.0, 200);
    assert!(begin.elapsed() < Duration::from_millis(900), "{:?}", begin.elapsed());

    let mut answer = String::new();
    slow_body.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    assert!(answer.contains("did not arrive within 1 s"), "{answer}");
    // Dropped, with or without a word.
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), slow_header.read_to_end(&mut answer)).await.unwrap().unwrap();
    let long = house.client.get(house.url(&format!("/{}", "x".repeat(100_000)))).send().await;
    assert!(long.is_err() || matches!(long.unwrap().status().as_u16(), 414 | 431));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_until_another_one_leaves() {
    let house = house(Api { max_open_connections: 2, rpc_read_timeout: 60, ..settings() }).await;
    let (one, _two) = (house.raw().await, house.raw().await);
    let path = by_denom(&person(0));
    let mut waiting = Box::pin(house.get(&path));
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut waiting).await.is_err());
    drop(one);
    assert_eq!(waiting.await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_web_is_answered_on_the_same_port_in_both_encodings() {
    let house = house(settings()).await;
    let request =
        QueryBalanceRequest { address: person(0).address().to_string(), denom: "aopen".into() }.encode_to_vec();
    let frame = [&[0, 0, 0, 0, u8::try_from(request.len()).unwrap()][..], &request].concat();
    for text in [false, true] {
        let kind = if text { "application/grpc-web-text" } else { "application/grpc-web" };
        let body = if text { BASE64.encode(&frame).into_bytes() } else { frame.clone() };
        let url = house.url("/cosmos.bank.v1beta1.Query/Balance");
        let request = house.client.post(url).header("content-type", kind).header("accept", kind).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut bytes = answer.bytes().await.unwrap().to_vec();
        if text {
            // Each frame is encoded for itself, with its padding.
            let parts = String::from_utf8(bytes).unwrap();
            bytes = decode_padded(&parts);
        }
        let length = usize::from(bytes[4]);
        let balance = QueryBalanceResponse::decode(&bytes[5..5 + length]).unwrap().balance.unwrap();
        assert_eq!(balance.amount, START.to_string());
        assert!(String::from_utf8_lossy(&bytes[5 + length..]).contains("grpc-status:0"));
    }
}

/// Base64 whose padding may stand in the middle.
fn decode_padded(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(4).flat_map(|part| BASE64.decode(part).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_may_ask_only_where_the_settings_say_so() {
    let path = by_denom(&person(0));
    for open in [false, true] {
        let house = house(Api { enabled_unsafe_cors: open, ..settings() }).await;
        let ask = |method: reqwest::Method| {
            let request = house.client.request(method, house.url(&path)).header("origin", "https://example.org");
            request.header("access-control-request-method", "POST").header("access-control-request-headers", "x-y")
        };
        let answer = ask(reqwest::Method::GET).send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!((answer.status().as_u16(), allowed), (200, open.then_some("*")));
        let preflight = ask(reqwest::Method::OPTIONS).send().await.unwrap();
        let headers = preflight.headers().get("access-control-allow-headers").map(|value| value.to_str().unwrap());
        assert_eq!((preflight.status().as_u16(), headers), if open { (204, Some("x-y")) } else { (501, None) });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_describes_itself_and_answers_what_it_describes() {
    let house = house(Api { swagger: true, ..settings() }).await;
    let page = house.client.get(house.url("/swagger/")).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    assert!(page.text().await.unwrap().contains("openapi.json"));
    let (_, _, document) = house.get("/swagger/openapi.json").await;
    assert_eq!(document["openapi"], "3.0.3");
    let (mut asked, mut services) = (0, std::collections::BTreeSet::new());
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (verb, operation) in operations.as_object().unwrap() {
            services.insert(operation["tags"][0].as_str().unwrap().to_string());
            let url = house.url(&path.replace(['{', '}'], ""));
            let request = if verb == "get" { house.client.get(url) } else { house.client.post(url).body("{}") };
            let (status, _, body) = house.ask(request).await;
            assert_ne!(status, 501, "{verb} {path}: {body}");
            asked += 1;
        }
    }
    assert!(asked > 80, "{asked}");
    for service in ["cosmos.bank.v1beta1.Query", "cosmos.tx.v1beta1.Service", "openledger.attribution.v1.Query"] {
        assert!(services.contains(service), "{service}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_closes_answers_what_it_began_and_takes_no_more() {
    let house = house(settings()).await;
    let address = house.door.address();
    let _idle = house.raw().await;
    assert_eq!(house.get(&by_denom(&person(0))).await.0, 200);
    let begin = Instant::now();
    house.door.close().await;
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert!(TcpStream::connect(address).await.is_err());
}
