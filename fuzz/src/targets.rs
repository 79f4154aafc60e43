//! What is fuzzed: each target takes any bytes, and must neither panic nor let two chains differ.
//!
//! | target | bytes are |
//! | --- | --- |
//! | [`abci_frame`] | what a peer writes into the ABCI socket, behind the size of its packets |
//! | [`tx_decode`] | a transaction, in protobuf or in amino's binary form |
//! | [`finalize_block`] | a block, or the body of a transaction that is then signed |
//! | [`query`] | an ABCI query, or a request behind the number of its path |
//! | [`json_in`] | JSON of a message behind the number of its type, or an `app_state` |
//!
//! The gate runs them over the corpus and its mutations (`app/tests/fuzz.rs`); `fuzz/` runs them under libFuzzer. The chains keep the
//! state after their first block, so that what an input does is the same whatever ran before.

use std::io::Read;
use std::sync::LazyLock;

use bytes::Bytes;
use openledger_app::abci::FrameReader;
use openledger_app::execution::tx::Tx;
use openledger_app::runtime::Runtime;
use openledger_proto::cosmos::tx::v1beta1::TxBody;
use openledger_proto::tendermint::abci::{Request, RequestFinalizeBlock, RequestQuery, ResponseFinalizeBlock};
use openledger_proto::{amino, walker, Message};
use tendermint_abci::Application as _;

use crate::common::{draft, net_of, person, Net};

/// Takes any bytes.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: [(&str, Target); 5] = [
    ("abci_frame", abci_frame),
    ("tx_decode", tx_decode),
    ("finalize_block", finalize_block),
    ("query", query),
    ("json_in", json_in),
];
/// The most bytes of a message in [`abci_frame`].
const MAX_FRAME: usize = 1 << 16;
/// Types whose JSON comes from outside.
pub const JSON_TYPES: [&str; 18] = [
    "cosmos.tx.v1beta1.Tx",
    "cosmos.auth.v1beta1.GenesisState",
    "cosmos.bank.v1beta1.GenesisState",
    "openledger.contributor.v1.GenesisState",
    "openledger.datanet.v1.GenesisState",
    "openledger.model.v1.GenesisState",
    "openledger.attribution.v1.GenesisState",
    "cosmos.base.query.v1beta1.PageRequest",
    "cosmos.authz.v1beta1.GenesisState",
    "cosmos.circuit.v1.GenesisState",
    "cosmos.distribution.v1beta1.GenesisState",
    "cosmos.evidence.v1beta1.GenesisState",
    "cosmos.feegrant.v1beta1.GenesisState",
    "cosmos.gov.v1.GenesisState",
    "cosmos.mint.v1beta1.GenesisState",
    "cosmos.slashing.v1beta1.GenesisState",
    "cosmos.staking.v1beta1.GenesisState",
    "cosmos.upgrade.v1beta1.GenesisState",
];

/// Two chains that should never differ: of one thread and of several, the second guessing.
static PAIR: LazyLock<[Net; 2]> = LazyLock::new(|| {
    let one = net_of(Runtime::default, |config| {
        config.threads = 1;
        config.optimistic_execution = false;
    });
    let two = net_of(Runtime::default, |config| {
        config.signature_cache = 0;
        config.decoded_cache = 0;
    });
    [one, two]
});

/// Gives its bytes in packets of a size.
struct Packets<'a>(&'a [u8], usize);

impl Read for Packets<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.1.min(self.0.len()).min(buffer.len());
        let (now, later) = self.0.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.0 = later;
        Ok(size)
    }
}

/// See the file's head.
pub fn abci_frame(data: &[u8]) {
    let Some((packet, stream)) = data.split_first() else { return };
    let read = |packet: usize| {
        let mut reader = FrameReader::new(Packets(stream, packet), MAX_FRAME);
        let mut frames = Vec::new();
        let end = loop {
            match reader.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => match reader.fill() {
                    Ok(true) => {}
                    Ok(false) => break String::new(),
                    Err(error) => break error.to_string(),
                },
                Err(error) => break error.to_string(),
            }
        };
        (frames, end)
    };
    let (frames, end) = read(usize::from(*packet) + 1);
    assert!(frames.iter().map(Bytes::len).sum::<usize>() <= stream.len());
    assert!(frames.iter().all(|frame| frame.len() <= MAX_FRAME));
    assert_eq!(read(stream.len().max(1)), (frames.clone(), end), "packets change what is read");
    for frame in frames {
        let _ = Request::decode(frame);
    }
}

/// See the file's head.
pub fn tx_decode(data: &[u8]) {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(Runtime::default);
    let bytes = Bytes::copy_from_slice(data);
    let _ = amino::decode_std_tx(data);
    let Ok(tx) = Tx::decode(&bytes, RUNTIME.router()) else { return };
    assert_eq!(tx.size, data.len());
    assert!(!tx.messages.is_empty() && !tx.signers.is_empty() && tx.signers.contains(&tx.fee_payer));
    if let Ok(json) = walker::to_json("cosmos.tx.v1beta1.Tx", data) {
        let _ = walker::from_json("cosmos.tx.v1beta1.Tx", &json);
    }
    assert_eq!(Tx::decode(&bytes, RUNTIME.router()).ok().map(|again| again.hash), Some(tx.hash));
}

/// See the file's head.
pub fn finalize_block(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let next = PAIR[0].request(Vec::new());
    let mut block = match kind % 3 {
        0 => RequestFinalizeBlock::decode(rest)
            .unwrap_or_else(|_| RequestFinalizeBlock { txs: vec![Bytes::copy_from_slice(rest)], ..next.clone() }),
        // Signed by one person, and by two.
        count => {
            let Ok(body) = TxBody::decode(rest) else { return };
            let (ann, bob) = (person(0), person(1));
            let signers = [(&ann, 0), (&bob, 0)];
            let signers = &signers[..usize::from(count)];
            let tx = draft(Vec::new(), signers).gas(2_000_000).fee(1).with(|draft| draft.body = body);
            RequestFinalizeBlock { txs: vec![tx.sign()], ..next.clone() }
        }
    };
    block.height = next.height;
    let [one, two] = &*PAIR;
    let plain = one.app.chain().finalize_block(&block);
    two.propose(&block);
    assert_eq!(shown(&plain), shown(&two.app.chain().finalize_block(&block)), "two chains differ");
    let results = plain.unwrap_or_else(|error| panic!("a block without a result: {error}"));
    assert_eq!(results.tx_results.len(), block.txs.len());
}

fn shown(result: &openledger_core::Result<ResponseFinalizeBlock>) -> Result<&ResponseFinalizeBlock, String> {
    result.as_ref().map_err(ToString::to_string)
}

/// See the file's head.
pub fn query(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let request = match (kind, rest.split_first()) {
        (0, _) => match RequestQuery::decode(rest) {
            Ok(request) => request,
            Err(_) => return,
        },
        (kind, Some((height, rest))) => {
            let router = PAIR[0].app.router();
            let path = router.query_paths().nth(usize::from(*kind) % router.query_paths().count());
            RequestQuery {
                path: path.unwrap_or_default().into(),
                data: Bytes::copy_from_slice(rest),
                height: i64::from(*height) % 4,
                prove: height & 0x80 != 0,
            }
        }
        _ => return,
    };
    let [one, two] = PAIR.each_ref().map(|net| net.app.query(request.clone()));
    assert_eq!(one, two, "two chains differ");
    assert!(one.code != 111_222 && !one.log.contains("failed in a way it should not"), "a panic: {}", one.log);
}

/// See the file's head.
pub fn json_in(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(rest) else { return };
    if usize::from(*kind) >= JSON_TYPES.len() {
        if let serde_json::Value::Object(state) = json {
            let _ = Runtime::default().validate_genesis(&state);
        }
        return;
    }
    let name = JSON_TYPES[usize::from(*kind)];
    let Ok(bytes) = walker::from_json(name, &json) else { return };
    // What was read can be shown, and what is shown is read as the same.
    let shown = walker::to_json(name, &bytes).unwrap_or_else(|error| panic!("{name} cannot be shown: {error}"));
    let again = walker::from_json(name, &shown).unwrap_or_else(|error| panic!("{name} as shown is refused: {error}"));
    assert_eq!(walker::to_json(name, &again).ok(), Some(shown));
}
