//! Where unwinding ends: out of gas becomes code 11, any other panic code 111222, and the node goes on.
//!
//! `cosmwasm_std::Storage` cannot fail, so running out of gas unwinds with [`OutOfGas`]; our code has no other panics, but
//! dependencies do, and one crafted message must not stop every validator. The texts are the same on every node: nothing of a
//! panic's payload is in them.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use openledger_core::{OutOfGas, Result, SdkError};

/// Runs `f`; unwinding becomes an error. The caller undoes what `f` changed.
pub fn contained<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    // What `f` may have left half-changed is state behind a journal, which every caller reverts on an error.
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| Err(explain(payload.as_ref()).into()))
}

fn explain(payload: &(dyn Any + Send)) -> SdkError {
    match payload.downcast_ref::<OutOfGas>() {
        Some(out) => out_of_gas(out),
        None => SdkError::Panic("recovered: the handler failed in a way it should not; its changes are undone".into()),
    }
}

/// Code 11 in the SDK's words.
pub fn out_of_gas(out: &OutOfGas) -> SdkError {
    let OutOfGas { descriptor, limit, consumed } = out;
    SdkError::OutOfGas(format!("out of gas in location: {descriptor}; gasWanted: {limit}, gasUsed: {consumed}"))
}

/// A fault that this node must not go on from: it unwinds with the text, and the ABCI server ends the process.
pub fn halt(why: impl std::fmt::Display) -> ! {
    let why = why.to_string();
    tracing::error!(%why, "the node stops");
    std::panic::resume_unwind(Box::new(why))
}
