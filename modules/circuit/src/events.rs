//! The events of the circuit breaker (`cosmossdk.io/x/circuit` v0.1.1, `keeper/msg_server.go`).

use openledger_core::Event;

use crate::state::{Level, Permissions};

/// Someone may switch something from now on.
pub(crate) fn authorized(granter: &str, grantee: &str, permissions: &Permissions) -> Event {
    Event::new("authorize_circuit_breaker")
        .attr("granter", granter)
        .attr("grantee", grantee)
        .attr("permission", text(permissions))
}

/// Types of message were switched off (`trip`) or on (`reset`).
pub(crate) fn switched(verb: &str, authority: &str, type_urls: &[String]) -> Event {
    Event::new(format!("{verb}_circuit_breaker")).attr("authority", authority).attr("msg_url", type_urls.join(","))
}

/// Permissions as Go prints a protobuf message: what is not empty, each field followed by a space.
fn text(permissions: &Permissions) -> String {
    let mut text = String::new();
    if permissions.level != Level::None {
        text.push_str(&format!("level:{} ", permissions.proto_level().as_str_name()));
    }
    for url in &permissions.limit_type_urls {
        let url = url.replace('\\', "\\\\").replace('"', "\\\"");
        text.push_str(&format!("limit_type_urls:\"{url}\" "));
    }
    text
}
