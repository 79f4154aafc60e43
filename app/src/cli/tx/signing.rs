//! Signatures: the bytes that are signed, by the mode of signing; one key's signature; several put together into a multisig's.
//!
//! Source: SDK v0.50 `client/tx.Sign`, `crypto/types/multisig`.

use anyhow::{bail, ensure, Context, Result};
use openledger_client::keyring::Record;
use openledger_client::{public_key, PublicKey};
use openledger_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use openledger_proto::cosmos::tx::signing::v1beta1::signature_descriptor::{data, Data};
use openledger_proto::cosmos::tx::signing::v1beta1::{SignMode, SignatureDescriptor, SignatureDescriptors};
use openledger_proto::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use openledger_proto::cosmos::tx::v1beta1::{ModeInfo, SignDoc, SignerInfo, Tx};
use openledger_proto::Message as _;
use secp256k1::{ecdsa, Message, Secp256k1};
use sha2::{Digest, Sha256};

use super::document::parts;

/// Whose signature it is.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The chain.
    pub chain_id: &'a str,
    /// The account's number.
    pub account_number: u64,
    /// The account's sequence.
    pub sequence: u64,
}

/// Signs a transaction; the signature takes the place of all there are, or is put behind them.
pub fn sign(tx: &mut Tx, record: &Record, signer: Signer<'_>, mode: SignMode, overwrite: bool) -> Result<()> {
    let key = record.key()?;
    let mode_info = Some(single(mode));
    let info = SignerInfo { public_key: Some(record.public_key.to_any()), mode_info, sequence: signer.sequence };
    if overwrite {
        tx.signatures.clear();
        parts(tx).1.signer_infos.clear();
    }
    // What is signed directly names all signers, this one included.
    let infos = &mut parts(tx).1.signer_infos;
    ensure!(
        !infos.iter().any(is_direct),
        "txs signed with CLI can have maximum 1 DIRECT signer, who signs last: let the others sign before it with \
         --sign-mode amino-json"
    );
    infos.push(info);
    let signature = key.sign(&sign_bytes(tx, mode, signer)?)?;
    tx.signatures.push(signature);
    Ok(())
}

fn is_direct(info: &SignerInfo) -> bool {
    let mode = info.mode_info.as_ref().and_then(|mode| mode.sum.as_ref());
    matches!(mode, Some(Sum::Single(single)) if single.mode == SignMode::Direct as i32)
}

/// The bytes that a signer signs.
pub fn sign_bytes(tx: &mut Tx, mode: SignMode, signer: Signer<'_>) -> Result<Vec<u8>> {
    let (body, auth_info) = parts(tx);
    let body_bytes = body.encode_to_vec();
    match mode {
        SignMode::Direct => {
            let document = SignDoc {
                body_bytes,
                auth_info_bytes: auth_info.encode_to_vec(),
                chain_id: signer.chain_id.into(),
                account_number: signer.account_number,
            };
            Ok(document.encode_to_vec())
        }
        SignMode::LegacyAminoJson => {
            let Signer { chain_id, account_number, sequence } = signer;
            let signer = openledger_proto::amino::Signer { chain_id, account_number, sequence };
            let fee = auth_info.fee.clone().unwrap_or_default();
            Ok(openledger_proto::amino::sign_bytes(signer, &body_bytes, &fee)?)
        }
        other => bail!("{} is not supported", other.as_str_name()),
    }
}

/// The mode of one signature.
pub fn single(mode: SignMode) -> ModeInfo {
    ModeInfo { sum: Some(Sum::Single(Single { mode: mode as i32 })) }
}

/// The modes of a signature that is not made, for a simulation: a multisig's are as many as its threshold.
pub fn simulated_mode(key: Option<&PublicKey>, mode: SignMode) -> ModeInfo {
    let Some(PublicKey::Multisig { threshold, keys }) = key else { return single(mode) };
    let count = usize::try_from(*threshold).unwrap_or(usize::MAX).min(keys.len());
    let chosen = keys.iter().take(count);
    let mode_infos = chosen.map(|key| simulated_mode(Some(key), SignMode::LegacyAminoJson)).collect();
    let bits: Vec<bool> = (0..keys.len()).map(|index| index < count).collect();
    ModeInfo { sum: Some(Sum::Multi(Multi { bitarray: Some(bit_array(&bits)), mode_infos })) }
}

/// The signatures of a transaction, as a file holds them.
pub fn descriptors(tx: &mut Tx) -> Result<SignatureDescriptors> {
    let signatures = tx.signatures.clone();
    let infos = &parts(tx).1.signer_infos;
    ensure!(infos.len() == signatures.len(), "{} signatures with {} signers' infos", signatures.len(), infos.len());
    let signatures = infos.iter().zip(&signatures).map(|(info, signature)| {
        Ok(SignatureDescriptor {
            public_key: info.public_key.clone(),
            data: Some(data_of(info.mode_info.as_ref(), signature)?),
            sequence: info.sequence,
        })
    });
    Ok(SignatureDescriptors { signatures: signatures.collect::<Result<_>>()? })
}

fn data_of(mode: Option<&ModeInfo>, signature: &[u8]) -> Result<Data> {
    let sum = match mode.and_then(|mode| mode.sum.as_ref()).context("a signature has no mode")? {
        Sum::Single(single) => data::Sum::Single(data::Single { mode: single.mode, signature: signature.to_vec() }),
        Sum::Multi(multi) => {
            let parts = MultiSignature::decode(signature).context("a multisignature is damaged")?.signatures;
            ensure!(parts.len() == multi.mode_infos.len(), "a multisignature has other parts than modes");
            let parts = multi.mode_infos.iter().zip(&parts).map(|(mode, part)| data_of(Some(mode), part));
            let signatures = parts.collect::<Result<_>>()?;
            data::Sum::Multi(data::Multi { bitarray: multi.bitarray.clone(), signatures })
        }
    };
    Ok(Data { sum: Some(sum) })
}

/// A file's signature as a transaction carries it.
fn mode_of(data: &Data) -> Result<(ModeInfo, Vec<u8>)> {
    match data.sum.as_ref().context("a signature is empty")? {
        data::Sum::Single(single) => {
            let mode = ModeInfo { sum: Some(Sum::Single(Single { mode: single.mode })) };
            Ok((mode, single.signature.clone()))
        }
        data::Sum::Multi(multi) => {
            let parts = multi.signatures.iter().map(mode_of).collect::<Result<Vec<_>>>()?;
            let (mode_infos, signatures) = parts.into_iter().unzip();
            let mode = Multi { bitarray: multi.bitarray.clone(), mode_infos };
            Ok((ModeInfo { sum: Some(Sum::Multi(mode)) }, MultiSignature { signatures }.encode_to_vec()))
        }
    }
}

/// Signatures of members, put together for a multisig account.
pub struct Combined<'a> {
    keys: &'a [PublicKey],
    threshold: u32,
    signed: Vec<Option<Data>>,
}

impl<'a> Combined<'a> {
    /// For this key.
    pub fn new(key: &'a PublicKey) -> Result<Self> {
        let PublicKey::Multisig { threshold, keys } = key else { bail!("the key is no multisig") };
        Ok(Self { keys, threshold: *threshold, signed: vec![None; keys.len()] })
    }

    /// Adds a member's signature; refuses one of somebody else, and with `signer` one that is wrong.
    pub fn add(&mut self, tx: &mut Tx, signature: &SignatureDescriptor, signer: Option<Signer<'_>>) -> Result<()> {
        let key = signature.public_key.as_ref().context("a signature has no public key")?;
        let key = public_key::from_any(key)?;
        let address = key.address();
        let index = self.keys.iter().position(|member| *member == key);
        let index = index.with_context(|| format!("{address} is no member of the multisig"))?;
        let data = signature.data.clone().context("a signature is empty")?;
        if let Some(signer) = signer {
            verify(tx, &key, &data, signer)
                .with_context(|| format!("couldn't verify signature for address {address}"))?;
        }
        let slot = self.signed.get_mut(index).context("no such member")?;
        *slot = Some(data);
        Ok(())
    }

    /// Sets the transaction's only signature; refuses fewer than the threshold.
    pub fn finish(self, tx: &mut Tx, key: &PublicKey, sequence: u64) -> Result<()> {
        let bits: Vec<bool> = self.signed.iter().map(Option::is_some).collect();
        let parts: Vec<Data> = self.signed.into_iter().flatten().collect();
        let threshold = self.threshold;
        ensure!(
            parts.len() as u64 >= u64::from(threshold),
            "{} of {} members signed, and {threshold} must",
            parts.len(),
            bits.len()
        );
        let multi = data::Multi { bitarray: Some(bit_array(&bits)), signatures: parts };
        let (mode_info, signature) = mode_of(&Data { sum: Some(data::Sum::Multi(multi)) })?;
        let info = SignerInfo { public_key: Some(key.to_any()), mode_info: Some(mode_info), sequence };
        parts_of(tx, info, signature);
        Ok(())
    }
}

fn parts_of(tx: &mut Tx, info: SignerInfo, signature: Vec<u8>) {
    parts(tx).1.signer_infos = vec![info];
    tx.signatures = vec![signature];
}

/// Whether a member signed this transaction for the multisig account `signer`.
fn verify(tx: &mut Tx, key: &PublicKey, data: &Data, signer: Signer<'_>) -> Result<()> {
    let (mode, signature) = match (data.sum.as_ref(), key) {
        (Some(data::Sum::Single(single)), PublicKey::Secp256k1(_)) => (single.mode, &single.signature),
        (Some(data::Sum::Multi(_)), PublicKey::Multisig { .. }) => {
            bail!("it is a multisig within the multisig: use --skip-signature-verification, and the chain verifies it")
        }
        _ => bail!("the signature is not one of its key"),
    };
    let mode = SignMode::try_from(mode).with_context(|| format!("the mode {mode} is unknown"))?;
    ensure!(mode == SignMode::LegacyAminoJson, "members of a multisig sign with --sign-mode amino-json");
    let digest: [u8; 32] = Sha256::digest(sign_bytes(tx, mode, signer)?).into();
    let PublicKey::Secp256k1(bytes) = key else { bail!("only secp256k1 keys sign") };
    let public = secp256k1::PublicKey::from_slice(bytes)?;
    let signature = ecdsa::Signature::from_compact(signature).context("the signature has not 64 bytes")?;
    let Signer { chain_id, account_number, sequence } = signer;
    Secp256k1::verification_only().verify_ecdsa(Message::from_digest(digest), &signature, &public).with_context(|| {
        format!("it is not over this transaction, chain {chain_id}, account number {account_number} and sequence {sequence}")
    })
}

/// The SDK's `CompactBitArray`: the first bit is the highest of the first byte.
fn bit_array(bits: &[bool]) -> CompactBitArray {
    let bytes = bits
        .chunks(8)
        .map(|chunk| chunk.iter().enumerate().fold(0u8, |byte, (index, bit)| byte | (u8::from(*bit) << (7 - index))));
    CompactBitArray { extra_bits_stored: (bits.len() % 8) as u32, elems: bytes.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_stored_as_the_sdk_does() {
        let bits = |text: &str| bit_array(&text.chars().map(|bit| bit == 'x').collect::<Vec<_>>());
        assert_eq!(bits("x_x"), CompactBitArray { extra_bits_stored: 3, elems: vec![0b1010_0000] });
        assert_eq!(bits("________"), CompactBitArray { extra_bits_stored: 0, elems: vec![0] });
        assert_eq!(bits("_______xx"), CompactBitArray { extra_bits_stored: 1, elems: vec![1, 0b1000_0000] });
    }
}
