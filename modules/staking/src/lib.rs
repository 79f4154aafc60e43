//! Validators and delegations: shares, unbonding, the validator set.
