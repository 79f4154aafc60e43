//! Blocks as CometBFT's RPC writes them, in JSON, into the protobuf types of its own and of the SDK.

use openledger_core::address::VALCONS_PREFIX;
use openledger_core::{Address, Status};
use openledger_proto::cosmos::base::tendermint::v1beta1 as sdk;
use openledger_proto::tendermint::types::{Block, BlockId, Header};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};

use super::Comet;

/// A block with its id.
pub struct Found {
    /// Its hash and parts.
    pub id: BlockId,
    /// The block.
    pub block: Block,
}

/// The block at a height, `None` for the latest.
pub fn fetch(comet: &Comet, height: Option<i64>) -> Result<Found, Status> {
    let mut answer = comet.call("block", at(height))?;
    let (id, block) = (take(&mut answer, "block_id"), take(&mut answer, "block"));
    if block.is_null() {
        let height = height.unwrap_or_default();
        return Err(Status::not_found(format!("the block at height {height} is not kept any more, or not yet there")));
    }
    Ok(Found { id: parse("block_id", id)?, block: parse("block", block)? })
}

/// The header at a height.
pub fn header(comet: &Comet, height: i64) -> Result<Header, Status> {
    let mut answer = comet.call("header", at(Some(height)))?;
    parse("header", take(&mut answer, "header"))
}

/// CometBFT takes `null` for the latest.
fn at(height: Option<i64>) -> Value {
    json!({"height": height.map(|height| height.to_string())})
}

fn take(answer: &mut Value, name: &str) -> Value {
    answer.get_mut(name).map(Value::take).unwrap_or_default()
}

fn parse<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, Status> {
    serde_json::from_value(value).map_err(|error| Status::internal(format!("CometBFT's {what}: {error}")))
}

/// The block as the SDK shows it: its proposer as an address (SDK `cmtservice.convertBlock`).
pub fn to_sdk(block: &Block) -> Result<sdk::Block, Status> {
    let header = block.header.clone().map(|header| {
        Ok::<_, Status>(sdk::Header {
            version: header.version,
            chain_id: header.chain_id,
            height: header.height,
            time: header.time,
            last_block_id: header.last_block_id,
            last_commit_hash: header.last_commit_hash,
            data_hash: header.data_hash,
            validators_hash: header.validators_hash,
            next_validators_hash: header.next_validators_hash,
            consensus_hash: header.consensus_hash,
            app_hash: header.app_hash,
            last_results_hash: header.last_results_hash,
            evidence_hash: header.evidence_hash,
            proposer_address: Address::new(header.proposer_address)?.to_bech32(VALCONS_PREFIX),
        })
    });
    Ok(sdk::Block {
        header: header.transpose()?,
        data: block.data.clone(),
        evidence: block.evidence.clone(),
        last_commit: block.last_commit.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_proto::tendermint::types::evidence::Sum;

    /// What CometBFT v0.38.26 answers to `/block`, shortened. The evidence is in the form of its `libs/json`.
    fn answer() -> Value {
        let id = json!({"hash": "AA".repeat(32), "parts": {"total": 1, "hash": "BB".repeat(32)}});
        let vote = json!({"type": 2, "height": "6", "round": 0, "block_id": id, "timestamp": "2026-11-21T03:59:24.5Z",
                          "validator_address": "CC".repeat(20), "validator_index": 0, "signature": "AQI=",
                          "extension": null, "extension_signature": null});
        json!({"block_id": id, "block": {
            "header": {"version": {"block": "11"}, "chain_id": "test-1", "height": "7", "time": "2026-11-21T03:59:25Z",
                       "last_block_id": id, "last_commit_hash": "01", "data_hash": "02", "validators_hash": "03",
                       "next_validators_hash": "04", "consensus_hash": "05", "app_hash": "06", "last_results_hash": "",
                       "evidence_hash": "07", "proposer_address": "CC".repeat(20)},
            "data": {"txs": ["aGk="]},
            "evidence": {"evidence": [{"type": "tendermint/DuplicateVoteEvidence", "value": {
                "vote_a": vote, "vote_b": vote, "TotalVotingPower": "10", "ValidatorPower": "10",
                "Timestamp": "2026-11-21T03:59:24Z"}}]},
            "last_commit": {"height": "6", "round": 0, "block_id": id, "signatures": [
                {"block_id_flag": 2, "validator_address": "CC".repeat(20), "timestamp": "2026-11-21T03:59:24.5Z",
                 "signature": "AQI="},
                {"block_id_flag": 1, "validator_address": "", "timestamp": "0001-01-01T00:00:00Z", "signature": null}]},
        }})
    }

    #[test]
    fn a_block_is_read_whole_and_shows_its_proposer_s_address() {
        let block: Block = parse("block", answer()["block"].take()).unwrap();
        let id: BlockId = parse("block_id", answer()["block_id"].take()).unwrap();
        assert_eq!((id.hash, id.part_set_header.unwrap().total), (vec![0xAA; 32], 1));
        assert_eq!(block.data.as_ref().unwrap().txs, [b"hi"]);
        assert_eq!(block.last_commit.as_ref().unwrap().signatures.len(), 2);
        let Some(Sum::DuplicateVoteEvidence(evidence)) = &block.evidence.as_ref().unwrap().evidence[0].sum else {
            panic!("no evidence")
        };
        assert_eq!((evidence.total_voting_power, evidence.vote_a.as_ref().unwrap().height), (10, 6));
        let header = to_sdk(&block).unwrap().header.unwrap();
        assert_eq!((header.height, header.app_hash), (7, vec![6]));
        assert_eq!(header.proposer_address, Address::new([0xCC; 20]).unwrap().to_bech32(VALCONS_PREFIX));
    }
}
