//! Liveness: signing windows, jail, unjail, tombstones.
