//! A key with its account on a chain: sends messages in one transaction and waits for what became of it.

use std::time::Duration;

use openledger_core::Coins;
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use openledger_proto::cosmos::base::abci::v1beta1::TxMsgData;
use openledger_proto::{Any, Message};

use crate::rpc::TxInBlock;
use crate::{Error, Key, Result, Rpc, TxBuilder};

/// How long a transaction may take to come into a block.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Codes of codespace `sdk`: the mempool holds it already; and those that another attempt may not meet: mempool full, a wrong
/// sequence (somebody else sends with this key).
const IN_MEMPOOL: u32 = 19;
const RETRIED: [u32; 2] = [20, 32];
/// Blocks within which a delivered transaction must come, or never comes.
const DELIVERY_BLOCKS: u64 = 30;
/// Attempts at delivering, each with a transaction of its own.
const DELIVERY_ATTEMPTS: u32 = 5;
/// Between looking for a transaction again.
const PAUSE: Duration = Duration::from_millis(200);

/// A key that sends transactions to one chain, keeping count of its sequence.
#[derive(Debug)]
pub struct Wallet {
    /// The node.
    pub rpc: Rpc,
    /// The key.
    pub key: Key,
    /// Base units of gas price are paid as this fee a transaction.
    pub fee: Coins,
    chain_id: String,
    account_number: u64,
    sequence: u64,
}

/// Account number and sequence of an address.
pub async fn account(rpc: &Rpc, address: &str) -> Result<(u64, u64)> {
    let request = QueryAccountRequest { address: address.into() };
    let answer: QueryAccountResponse = rpc.query("/cosmos.auth.v1beta1.Query/Account", &request).await?;
    let account = answer.account.unwrap_or_default();
    let account = BaseAccount::decode(account.value.as_slice())
        .map_err(|error| Error::Key(format!("account {address} is a {}: {error}", account.type_url)))?;
    Ok((account.account_number, account.sequence))
}

impl Wallet {
    /// Looks the chain and the key's account up.
    pub async fn connect(rpc: Rpc, key: Key) -> Result<Self> {
        let (chain_id, _) = rpc.chain().await?;
        let (account_number, sequence) = account(&rpc, &key.address().to_string()).await?;
        Ok(Self { rpc, key, fee: Coins::default(), chain_id, account_number, sequence })
    }

    /// The account's address.
    pub fn address(&self) -> String {
        self.key.address().to_string()
    }

    /// The id of the chain it sends to.
    pub fn chain_id(&self) -> &str {
        &self.chain_id
    }

    /// Signs and hands over one transaction; its hash once the mempool took it.
    pub async fn submit(&mut self, messages: Vec<Any>, gas_limit: u64) -> Result<String> {
        let builder = TxBuilder { messages, gas_limit, fee: self.fee.clone(), ..Default::default() };
        let tx = builder.sign(&self.chain_id, &[(&self.key, self.account_number, self.sequence)])?;
        let answer = self.rpc.broadcast(&tx).await?;
        if answer.code != 0 {
            return Err(refused(&answer.hash, &answer.codespace, answer.code, &answer.log));
        }
        self.sequence += 1;
        Ok(answer.hash)
    }

    /// Reads the account's sequence anew: others may send with the same key.
    pub async fn resync(&mut self) -> Result<()> {
        (self.account_number, self.sequence) = account(&self.rpc, &self.address()).await?;
        Ok(())
    }

    /// Sends messages in one transaction until it is known what became of it; an error where it failed, or where no attempt reached a
    /// block. It is never in two blocks: a further attempt is made only once the one before can no longer come, or was refused.
    pub async fn deliver(&mut self, messages: Vec<Any>, gas_limit: u64) -> Result<TxInBlock> {
        let mut last = None;
        for attempt in 0..DELIVERY_ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(500 << attempt)).await;
                self.resync().await?;
            }
            let timeout_height = self.rpc.chain().await?.1 + DELIVERY_BLOCKS;
            let builder = TxBuilder {
                messages: messages.clone(),
                gas_limit,
                fee: self.fee.clone(),
                timeout_height,
                ..Default::default()
            };
            let tx = builder.sign(&self.chain_id, &[(&self.key, self.account_number, self.sequence)])?;
            match self.rpc.broadcast(&tx).await {
                // The node has it, or may have it although its answer was lost.
                Ok(answer) if answer.code == 0 || (answer.codespace == "sdk" && answer.code == IN_MEMPOOL) => {}
                Err(Error::Node { .. }) => {}
                Ok(answer) if answer.codespace == "sdk" && RETRIED.contains(&answer.code) => {
                    last = Some(refused(&answer.hash, &answer.codespace, answer.code, &answer.log));
                    continue;
                }
                Ok(answer) => return Err(refused(&answer.hash, &answer.codespace, answer.code, &answer.log)),
                // CometBFT has seen it, where it says so; else its mempool is full.
                Err(Error::Refused { message, .. }) if message.contains("already exists") => {}
                Err(error @ Error::Refused { .. }) => {
                    last = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            }
            match self.found_by(&crate::tx::hash(&tx), timeout_height).await? {
                Some(found) if found.tx_result.code == 0 => {
                    self.sequence += 1;
                    return Ok(found);
                }
                Some(found) => {
                    self.resync().await?;
                    let result = &found.tx_result;
                    return Err(refused(&found.hash, &result.codespace, result.code, &result.log));
                }
                None => last = Some(Error::Timeout(crate::tx::hash(&tx))),
            }
        }
        Err(last.unwrap_or_else(|| Error::Timeout("that was never sent".into())))
    }

    /// The transaction, once a block holds it; `None` once its last height has passed without it.
    async fn found_by(&self, hash: &str, timeout_height: u64) -> Result<Option<TxInBlock>> {
        let mut silent = 0;
        loop {
            // The height first: what is not found after a block beyond the last one will not come.
            let height = self.rpc.chain().await;
            match (height, self.rpc.tx(hash).await) {
                (_, Ok(Some(found))) => return Ok(Some(found)),
                (Ok((_, height)), Ok(None)) if height > timeout_height + 1 => return Ok(None),
                (Ok(_), Ok(None)) => silent = 0,
                (Err(error), _) | (_, Err(error)) => {
                    // A node that restarts is waited for, a minute at most.
                    silent += 1;
                    if silent > 300 {
                        return Err(error);
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends messages in one transaction and waits for its block; an error where it failed.
    pub async fn send(&mut self, messages: Vec<Any>, gas_limit: u64) -> Result<TxInBlock> {
        let hash = self.submit(messages, gas_limit).await?;
        self.outcome(&hash).await
    }

    /// Waits for a submitted transaction; an error where it failed.
    pub async fn outcome(&self, hash: &str) -> Result<TxInBlock> {
        let found = self.rpc.wait_for_tx(hash, TIMEOUT).await?;
        let result = &found.tx_result;
        if result.code != 0 {
            return Err(refused(&found.hash, &result.codespace, result.code, &result.log));
        }
        Ok(found)
    }
}

/// The responses to a transaction's messages, decoded as `M` (all of one type).
pub fn responses<M: Message + Default>(found: &TxInBlock) -> Result<Vec<M>> {
    let wrong = |error: prost::DecodeError| Error::Key(format!("responses of {}: {error}", found.hash));
    let data = TxMsgData::decode(found.tx_result.data.as_slice()).map_err(wrong)?;
    data.msg_responses.iter().map(|response| M::decode(response.value.as_slice()).map_err(wrong)).collect()
}

fn refused(hash: &str, codespace: &str, code: u32, log: &str) -> Error {
    Error::Tx { hash: hash.into(), codespace: codespace.into(), code, log: log.into() }
}
