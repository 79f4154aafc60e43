//! Allowances to pay fees from another account.
