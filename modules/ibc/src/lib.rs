//! IBC core by ibc-rs: light clients, connections, channels and packets.
