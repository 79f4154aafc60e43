//! The circuit breaker: types of message that are switched off.
