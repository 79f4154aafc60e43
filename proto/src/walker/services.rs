//! Services and methods as the descriptors list them, with their HTTP routes (`google.api.http`).
//!
//! What the REST server and the reflection service are made from; the walk itself doesn't need it.

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

use super::schema::option;

/// One service.
#[derive(Debug)]
pub struct Service {
    /// Full name, e.g. `cosmos.bank.v1beta1.Query`.
    pub full_name: String,
    /// Its methods in the .proto file's order.
    pub methods: Vec<Method>,
}

/// One method.
#[derive(Debug)]
pub struct Method {
    /// Name, e.g. `Balance`.
    pub name: String,
    /// Full name of the request's type.
    pub input: String,
    /// Full name of the response's type.
    pub output: String,
    /// REST routes: the annotation and its additional bindings.
    pub routes: Vec<Route>,
}

/// One REST route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, ...
    pub verb: String,
    /// Path template, e.g. `/cosmos/bank/v1beta1/balances/{address}`.
    pub path: String,
    /// The field that the body fills, `*` for the whole request, or empty.
    pub body: String,
}

pub(super) fn load(pool: &DescriptorPool) -> Vec<Service> {
    let mut services: Vec<Service> = pool
        .services()
        .map(|service| Service {
            full_name: service.full_name().to_owned(),
            methods: service.methods().map(|method| load_method(&method)).collect(),
        })
        .collect();
    services.sort_by(|a, b| a.full_name.cmp(&b.full_name));
    services
}

fn load_method(method: &MethodDescriptor) -> Method {
    let mut routes = Vec::new();
    if let Some(Value::Message(rule)) = option(&method.options(), "google.api.http") {
        routes.extend(route(&rule));
        if let Some(Value::List(more)) = rule.get_field_by_name("additional_bindings").as_deref() {
            routes.extend(more.iter().filter_map(Value::as_message).filter_map(route));
        }
    }
    Method {
        name: method.name().to_owned(),
        input: method.input().full_name().to_owned(),
        output: method.output().full_name().to_owned(),
        routes,
    }
}

fn route(rule: &DynamicMessage) -> Option<Route> {
    let text = |name: &str| rule.get_field_by_name(name).and_then(|value| value.as_str().map(str::to_owned));
    let verb = ["get", "put", "post", "delete", "patch"].into_iter().find(|verb| rule.has_field_by_name(verb))?;
    Some(Route { verb: verb.to_uppercase(), path: text(verb)?, body: text("body").unwrap_or_default() })
}
