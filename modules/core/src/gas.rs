//! Gas: what a transaction may use of the machine, and what each thing costs.
//!
//! Source of the costs: Cosmos SDK v0.50 `store/types/gas.go` (`KVGasConfig`). `cosmwasm_std::Storage` cannot fail, so running out
//! leaves by unwinding with an [`OutOfGas`] payload, which the execution of a transaction catches and reports as code 11.

use std::cell::Cell;

/// Checking that a key is there.
pub const HAS_COST: u64 = 1_000;
/// Removing a key.
pub const DELETE_COST: u64 = 1_000;
/// Reading a value.
pub const READ_COST_FLAT: u64 = 1_000;
/// Reading, each byte of key and value.
pub const READ_COST_PER_BYTE: u64 = 3;
/// Writing a value.
pub const WRITE_COST_FLAT: u64 = 2_000;
/// Writing, each byte of key and value.
pub const WRITE_COST_PER_BYTE: u64 = 30;
/// Each step of an iterator.
pub const ITER_NEXT_COST_FLAT: u64 = 30;

/// The payload with which execution unwinds when the gas is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfGas {
    /// What was being paid for.
    pub descriptor: &'static str,
    /// The limit.
    pub limit: u64,
    /// What would have been consumed.
    pub consumed: u64,
}

/// Counts gas up to a limit. Reads are metered through shared references, hence the cells; a meter belongs to one thread.
#[derive(Debug, Clone)]
pub struct GasMeter {
    limit: u64,
    consumed: Cell<u64>,
}

impl GasMeter {
    /// A meter that stops at `limit`.
    pub fn new(limit: u64) -> Self {
        Self { limit, consumed: Cell::new(0) }
    }

    /// A meter that counts and never stops: genesis, begin and end block, simulation.
    pub fn infinite() -> Self {
        Self::new(u64::MAX)
    }

    /// The limit, `u64::MAX` for an infinite meter.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// What was consumed, past the limit too where that was tried.
    pub fn consumed(&self) -> u64 {
        self.consumed.get()
    }

    /// Pays `amount` for `descriptor`; unwinds with [`OutOfGas`] where the limit is passed. An infinite meter saturates.
    pub fn consume(&self, amount: u64, descriptor: &'static str) {
        let consumed = self.consumed.get().saturating_add(amount);
        self.consumed.set(consumed);
        if consumed > self.limit {
            std::panic::resume_unwind(Box::new(OutOfGas { descriptor, limit: self.limit, consumed }));
        }
    }

    /// Pays a flat price and one a byte.
    pub(crate) fn consume_bytes(&self, flat: u64, per_byte: u64, bytes: usize, descriptor: &'static str) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.consume(flat.saturating_add(per_byte.saturating_mul(bytes)), descriptor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_unwinds_with_its_payload_once_the_limit_is_passed() {
        let meter = GasMeter::new(10);
        meter.consume(10, "all of it");
        let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| meter.consume(1, "more"))).unwrap_err();
        let out = payload.downcast_ref::<OutOfGas>().unwrap();
        assert_eq!((out.descriptor, out.limit, out.consumed), ("more", 10, 11));
    }

    #[test]
    fn an_infinite_meter_never_stops() {
        let meter = GasMeter::infinite();
        meter.consume(u64::MAX, "once");
        meter.consume(u64::MAX, "twice");
        assert_eq!(meter.consumed(), u64::MAX);
    }
}
