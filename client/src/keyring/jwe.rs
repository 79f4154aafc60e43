//! What a file of the keyring holds: a JSON Web Encryption (RFC 7516, compact form) under a passphrase, as 99designs/keyring writes it.
//!
//! `base64url(header) . base64url(wrapped key) . base64url(nonce) . base64url(ciphertext) . base64url(tag)`: a key derived with PBKDF2
//! (HMAC-SHA-256, RFC 7518 section 4.8) wraps a fresh content key by AES-128 key wrap (RFC 3394); the content is AES-256-GCM with
//! the encoded header as associated data. Source: github.com/99designs/keyring v1.2 `file.go`, github.com/dvsekhvalnov/jose2go v1.6.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use aes_kw::KekAes128;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use base64::Engine;
use rand::RngCore;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

const ALGORITHM: &str = "PBES2-HS256+A128KW";
const ENCRYPTION: &str = "A256GCM";
/// Rounds of PBKDF2 that jose2go takes, and the most that it reads: more is an attack on whoever opens the file.
const ROUNDS: u32 = 8192;
const MAX_ROUNDS: u32 = 1_300_000;

/// Why a file does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The passphrase is another, or the wrapped key was changed.
    #[error("the passphrase is wrong, or the file is damaged")]
    Passphrase,
    /// The passphrase is right and the content is not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    p2c: u32,
    p2s: String,
}

/// Encrypts `content`.
pub fn seal(content: &[u8], passphrase: &str) -> Result<String, Fault> {
    let (mut salt, mut key, mut nonce) = ([0u8; 12], [0u8; 32], [0u8; 12]);
    let mut random = rand::rngs::OsRng;
    [&mut salt[..], &mut key[..], &mut nonce[..]].into_iter().for_each(|bytes| random.fill_bytes(bytes));
    let header = json!({"alg": ALGORITHM, "enc": ENCRYPTION, "p2c": ROUNDS, "p2s": BASE64.encode(salt)}).to_string();
    let header = BASE64.encode(header);
    let mut wrapped = [0u8; 40];
    wrapping_key(passphrase, &salt, ROUNDS).wrap(&key, &mut wrapped).map_err(damaged)?;
    let payload = Payload { msg: content, aad: header.as_bytes() };
    let sealed = Aes256Gcm::new(&key.into()).encrypt(&Nonce::from(nonce), payload).map_err(damaged)?;
    let (text, tag) = sealed.split_at(sealed.len().saturating_sub(16));
    let parts = [&wrapped[..], &nonce[..], text, tag].map(|part| BASE64.encode(part)).join(".");
    Ok(format!("{header}.{parts}"))
}

/// Decrypts what [`seal`] or 99designs/keyring made.
pub fn open(token: &str, passphrase: &str) -> Result<Vec<u8>, Fault> {
    let parts: Vec<&str> = token.trim().split('.').collect();
    let [encoded, wrapped, nonce, text, tag] = parts.as_slice() else {
        return Err(Fault::Damaged(format!("it has {} parts and must have 5, with dots between", parts.len())));
    };
    let header: Header = serde_json::from_slice(&decode("header", encoded)?).map_err(damaged)?;
    if header.alg != ALGORITHM || header.enc != ENCRYPTION {
        let text = format!("it is encrypted with {} and {}, not {ALGORITHM} and {ENCRYPTION}", header.alg, header.enc);
        return Err(Fault::Damaged(text));
    }
    if header.p2c == 0 || header.p2c > MAX_ROUNDS {
        return Err(Fault::Damaged(format!("p2c is {} and must be 1 to {MAX_ROUNDS}", header.p2c)));
    }
    let salt = decode("p2s", &header.p2s)?;
    let wrapped = decode("key", wrapped)?;
    let mut key = [0u8; 32];
    if wrapped.len() != 40 {
        return Err(Fault::Damaged(format!("the wrapped key has {} bytes, not 40", wrapped.len())));
    }
    wrapping_key(passphrase, &salt, header.p2c).unwrap(&wrapped, &mut key).map_err(|_| Fault::Passphrase)?;
    let nonce: [u8; 12] =
        decode("nonce", nonce)?.try_into().map_err(|_| Fault::Damaged("the nonce has not 12 bytes".into()))?;
    let sealed = [decode("ciphertext", text)?, decode("tag", tag)?].concat();
    let payload = Payload { msg: &sealed, aad: encoded.as_bytes() };
    let opened = Aes256Gcm::new(&key.into()).decrypt(&Nonce::from(nonce), payload);
    opened.map_err(|_| Fault::Damaged("its content was changed after it was written".into()))
}

fn wrapping_key(passphrase: &str, salt: &[u8], rounds: u32) -> KekAes128 {
    let salt = [ALGORITHM.as_bytes(), &[0], salt].concat();
    let mut key = [0u8; 16];
    pbkdf2::pbkdf2_hmac::<Sha256>(passphrase.as_bytes(), &salt, rounds, &mut key);
    KekAes128::from(key)
}

fn decode(what: &str, text: &str) -> Result<Vec<u8>, Fault> {
    BASE64.decode(text).map_err(|error| Fault::Damaged(format!("{what}: {error}")))
}

fn damaged(error: impl std::fmt::Display) -> Fault {
    Fault::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back_with_its_passphrase_alone() {
        let token = seal(b"secret", "correct horse").unwrap();
        assert_eq!(open(&token, "correct horse").unwrap(), b"secret");
        assert_eq!(open(&token, "Correct horse"), Err(Fault::Passphrase));
        assert_ne!(seal(b"secret", "correct horse").unwrap(), token, "salt, key and nonce are fresh");
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let token = seal(b"secret", "pass").unwrap();
        for at in (0..token.len()).step_by(7) {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(open(&String::from_utf8(bytes).unwrap(), "pass").is_err(), "byte {at}");
        }
        for wrong in ["", ".", "a.b.c.d", "....", "e30.e30.e30.e30.e30"] {
            assert!(matches!(open(wrong, "pass"), Err(Fault::Damaged(_))), "{wrong}");
        }
    }

    #[test]
    fn a_file_that_asks_for_endless_work_is_refused() {
        let token = seal(b"x", "pass").unwrap();
        let header = json!({"alg": ALGORITHM, "enc": ENCRYPTION, "p2c": 4_000_000_000u32, "p2s": ""}).to_string();
        let rest = token.split_once('.').unwrap().1;
        let error = open(&format!("{}.{rest}", BASE64.encode(header)), "pass").unwrap_err();
        assert!(error.to_string().contains("p2c"), "{error}");
    }
}
