//! The events of grants: the SDK's typed events, whose kinds are the names of their messages, whose attributes come in order of their
//! names and whose values are JSON, so that texts stand in quotation marks (v0.50 `types/events.go`, `TypedEventToEvent`).

use openledger_core::{Address, Event};

/// Someone was granted a type of message.
pub(crate) fn granted(granter: &Address, grantee: &Address, msg_type: &str) -> Event {
    of("EventGrant", granter, grantee, msg_type)
}

/// A grant was taken back or used up.
pub(crate) fn revoked(granter: &Address, grantee: &Address, msg_type: &str) -> Event {
    of("EventRevoke", granter, grantee, msg_type)
}

fn of(kind: &str, granter: &Address, grantee: &Address, msg_type: &str) -> Event {
    Event::new(format!("cosmos.authz.v1beta1.{kind}"))
        .attr("grantee", format!("\"{grantee}\""))
        .attr("granter", format!("\"{granter}\""))
        .attr("msg_type_url", format!("\"{}\"", escaped(msg_type)))
}

/// A text within JSON's quotation marks; type URLs of messages that are routed have nothing to escape, those of old grants may.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
