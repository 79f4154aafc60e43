//! From messages to a transaction in the mempool: account, gas, fee, confirmation, signature, broadcast.

use anyhow::{bail, ensure, Context, Result};
use openledger_client::keyring::Record;
use openledger_client::{prompt, wallet, Error, PublicKey, Rpc};
use openledger_core::Address;
use openledger_proto::cosmos::base::abci::v1beta1::TxResponse;
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, SignerInfo, SimulateRequest, SimulateResponse, Tx, TxBody};
use openledger_proto::{walker, Any, Message, Name};
use serde_json::Value;

use super::super::output::{document, print};
use super::super::settings::Settings;
use super::flags::{Options, DEFAULT_GAS};
use super::{document as file, fees, signing};

/// What makes transactions, as the flags say.
pub struct Factory<'a> {
    /// Node, keyring, chain.
    pub settings: &'a Settings,
    /// The flags.
    pub options: Options,
    /// CometBFT's RPC.
    pub rpc: Rpc,
}

impl<'a> Factory<'a> {
    /// With these flags.
    pub fn new(settings: &'a Settings, options: Options) -> Self {
        Self { settings, options, rpc: settings.rpc() }
    }

    /// The address of a name or an address, and its key where the keyring has it.
    pub fn signer(&self, name_or_address: &str) -> Result<(Address, Option<Record>)> {
        self.settings.signer(name_or_address)
    }

    /// The chain that is signed for.
    pub async fn chain_id(&self) -> Result<String> {
        match self.settings.chain_id() {
            Some(id) => Ok(id.into()),
            None if self.options.offline => bail!("set the chain id with either the --chain-id flag or config file"),
            None => Ok(self.rpc.chain().await?.0),
        }
    }

    /// Number and sequence of an account: those of the flags where they are given, else the chain's.
    pub async fn account(&self, address: &Address) -> Result<(u64, u64)> {
        if let Some(account) = self.options.account()? {
            return Ok(account);
        }
        let (number, sequence) = wallet::account(&self.rpc, &address.to_string()).await?;
        Ok((self.options.account_number.unwrap_or(number), self.options.sequence.unwrap_or(sequence)))
    }

    /// The transaction of these messages, without gas and signatures.
    pub fn unsigned(&self, messages: Vec<Any>) -> Tx {
        let Options { note, timeout_height, fee_payer, fee_granter, .. } = &self.options;
        let text = |address: &Option<Address>| address.as_ref().map(Address::to_string).unwrap_or_default();
        let body = TxBody { messages, memo: note.clone(), timeout_height: *timeout_height, ..TxBody::default() };
        let fee = Fee { payer: text(fee_payer), granter: text(fee_granter), ..Fee::default() };
        Tx {
            body: Some(body),
            auth_info: Some(AuthInfo { fee: Some(fee), ..AuthInfo::default() }),
            signatures: Vec::new(),
        }
    }

    /// Does with a transaction of these messages what the flags say.
    pub async fn send(&self, messages: Vec<Any>, (address, record): (Address, Option<Record>)) -> Result<()> {
        let options = &self.options;
        let mut tx = self.unsigned(messages);
        if options.gas.is_none() || options.dry_run {
            ensure!(!options.offline, "cannot estimate gas in offline mode: give --gas a number");
            let used = self.estimate(&mut tx, &address, record.as_ref()).await?;
            eprintln!("gas estimate: {used}");
            if options.dry_run {
                return Ok(());
            }
            self.set_fee(&mut tx, used)?;
        } else {
            self.set_fee(&mut tx, options.gas.unwrap_or(DEFAULT_GAS))?;
        }
        if options.generate_only {
            return document(&file::to_json(&tx)?.to_string(), options.output_document.as_deref());
        }
        let record =
            record.with_context(|| format!("no key of {address} in the keyring: keys list shows those there are"))?;
        record.key()?;
        let (chain_id, (number, sequence)) = (self.chain_id().await?, self.account(&address).await?);
        if !options.yes && !options.offline {
            eprintln!("{}", file::to_json(&tx)?);
            if !prompt::confirm("confirm transaction before signing and broadcasting")? {
                eprintln!("canceled transaction");
                return Ok(());
            }
        }
        let signer = signing::Signer { chain_id: &chain_id, account_number: number, sequence };
        let mode = options.sign_mode.unwrap_or(SignMode::Direct);
        signing::sign(&mut tx, &record, signer, mode, true)?;
        if options.offline {
            return document(&file::to_json(&tx)?.to_string(), options.output_document.as_deref());
        }
        self.broadcast(&tx.encode_to_vec()).await
    }

    fn set_fee(&self, tx: &mut Tx, gas: u64) -> Result<()> {
        let amount = self.options.fee(gas)?.to_proto();
        let fee = file::fee(tx);
        (fee.gas_limit, fee.amount) = (gas, amount);
        Ok(())
    }

    /// The gas that a transaction would use, with its margin. Paying a fee uses gas too, so that the estimate pays one.
    async fn estimate(&self, tx: &mut Tx, address: &Address, record: Option<&Record>) -> Result<u64> {
        self.set_fee(tx, DEFAULT_GAS)?;
        let simulated = self.simulate(tx, address, record).await?;
        let used = simulated.gas_info.context("the node answered without gas")?.gas_used;
        Ok(fees::adjusted(used, self.options.gas_adjustment))
    }

    /// Executes a transaction at the node and forgets it there; signatures are left empty.
    pub async fn simulate(&self, tx: &Tx, address: &Address, record: Option<&Record>) -> Result<SimulateResponse> {
        let (_, sequence) = self.account(address).await?;
        let mut tx = tx.clone();
        let key = record.map(|record| record.public_key.clone());
        let mode = self.options.sign_mode.unwrap_or(SignMode::Direct);
        let mode_info = Some(signing::simulated_mode(key.as_ref(), mode));
        let public_key = key.as_ref().map(PublicKey::to_any);
        let info = SignerInfo { public_key, mode_info, sequence };
        // A fee payer of its own signs as well; what it costs is like the first's.
        let count = file::signers(&tx)?.len();
        tx.signatures = vec![Vec::new(); count];
        let others = SignerInfo { public_key: None, mode_info: Some(signing::simulated_mode(None, mode)), sequence: 0 };
        let infos = &mut file::parts(&mut tx).1.signer_infos;
        *infos = vec![others; count];
        if let Some(first) = infos.first_mut() {
            *first = info;
        }
        #[allow(deprecated)]
        let request = SimulateRequest { tx: None, tx_bytes: tx.encode_to_vec() };
        Ok(self.rpc.query("/cosmos.tx.v1beta1.Service/Simulate", &request).await?)
    }

    /// Hands a signed transaction to the node and prints what it says.
    pub async fn broadcast(&self, tx: &[u8]) -> Result<()> {
        let method = if self.settings.broadcast_mode() == "async" { "broadcast_tx_async" } else { "broadcast_tx_sync" };
        let response = match self.rpc.broadcast_by(method, tx).await {
            Ok(answer) => TxResponse {
                txhash: answer.hash,
                code: answer.code,
                codespace: answer.codespace,
                data: answer.data,
                raw_log: answer.log,
                ..TxResponse::default()
            },
            Err(error) => not_submitted(error, tx)?,
        };
        let shown: Value = walker::to_json(&TxResponse::full_name(), &response.encode_to_vec())?;
        print(&shown, self.settings.output()?)?;
        ensure!(response.code == 0, "the node refused it: {}", response.raw_log);
        Ok(())
    }
}

/// What the mempool refused before its check, as a result with the SDK's code (SDK `client.CheckCometError`).
fn not_submitted(error: Error, tx: &[u8]) -> Result<TxResponse> {
    let text = error.to_string().to_lowercase();
    let (code, raw_log) = match () {
        () if text.contains("tx already exists in cache") => (19, "the mempool has this transaction already"),
        () if text.contains("mempool is full") => (20, "the mempool is full; send it again later"),
        () if text.contains("tx too large") => (21, "the transaction is larger than the mempool takes"),
        () => return Err(error.into()),
    };
    let txhash = openledger_client::tx::hash(tx);
    Ok(TxResponse { code, codespace: "sdk".into(), txhash, raw_log: raw_log.into(), ..TxResponse::default() })
}
