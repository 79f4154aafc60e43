//! Queries over HTTP: which method a path names, and the request that path, query and body make (`google.api.http`).
//!
//! Relies on the routes that the walker read from the descriptors. Guarantees what grpc-gateway v1 (with gogoproto's `jsonpb`, as the
//! SDK v0.50 serves it) does, with two differences: where several routes fit, the most specific one answers whatever the order in the
//! .proto file, and a query parameter may hold any scalar, `math.Int` included. Pure: the door that listens is the application's.
//!
//! | file | what |
//! | --- | --- |
//! | [`template`] | path templates: `/a/{b}`, `{b=**}`, `{b.c=d/*}`, `:verb` |
//! | [`fill`] | the request's bytes from captured values, query parameters and body |
//! | `text` | one value of a path or a query |

pub mod fill;
pub mod template;
mod text;

use crate::walker::{self, Route};
pub use template::Template;

/// One way to call a method over HTTP.
#[derive(Debug)]
pub struct Binding {
    /// `/package.Service/Method`.
    pub method: String,
    /// Full name of the request's type.
    pub input: &'static str,
    /// Full name of the response's type.
    pub output: &'static str,
    /// `GET`, `POST`, …
    pub verb: &'static str,
    /// The path.
    pub template: Template,
    /// The field that the body fills, `*` for the whole request, or empty.
    pub body: &'static str,
}

/// A binding that fits a path, with what the path says.
#[derive(Debug)]
pub struct Match<'a> {
    /// The binding.
    pub binding: &'a Binding,
    /// Field paths and their values.
    pub captured: Vec<(&'a str, String)>,
}

/// Every binding of the methods that are served.
#[derive(Debug)]
pub struct Bindings(Vec<Binding>);

impl Bindings {
    /// The bindings of the methods whose path (`/package.Service/Method`) is served.
    pub fn new(served: impl Fn(&str) -> bool) -> Self {
        let mut all = Vec::new();
        for service in walker::services() {
            for method in &service.methods {
                let path = format!("/{}/{}", service.full_name, method.name);
                if served(&path) {
                    all.extend(method.routes.iter().filter_map(|route| binding(&path, method, route)));
                }
            }
        }
        // Whoever comes first answers: literals before captures.
        all.sort_by(|a, b| a.template.cmp(&b.template).then(a.verb.cmp(b.verb)));
        Self(all)
    }

    /// All of them, the most specific first.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.0.iter()
    }

    /// The binding for a verb and a decoded path.
    pub fn find(&self, verb: &str, path: &str) -> Option<Match<'_>> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        self.0.iter().filter(|binding| binding.verb == verb).find_map(|binding| {
            let captured = binding.template.matches(&parts)?;
            Some(Match { binding, captured })
        })
    }
}

/// A route whose template is not one of `google.api.http` is left out; a test holds that none is.
fn binding(path: &str, method: &'static walker::Method, route: &'static Route) -> Option<Binding> {
    Some(Binding {
        method: path.to_owned(),
        input: &method.input,
        output: &method.output,
        verb: &route.verb,
        template: Template::parse(&route.path)?,
        body: &route.body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Bindings {
        Bindings::new(|_| true)
    }

    #[test]
    fn every_route_of_the_descriptors_is_understood() {
        let routes =
            || walker::services().iter().flat_map(|service| &service.methods).flat_map(|method| &method.routes);
        for route in routes() {
            assert!(Template::parse(&route.path).is_some(), "{}", route.path);
        }
        assert_eq!(all().iter().count(), routes().count());
        assert!(routes().count() > 100);
    }

    #[test]
    fn the_most_specific_route_answers() {
        let all = all();
        let method = |verb: &str, path: &str| all.find(verb, path).map(|found| found.binding.method.clone());
        let comet = "/cosmos.base.tendermint.v1beta1.Service";
        let blocks = "/cosmos/base/tendermint/v1beta1/blocks";
        assert_eq!(method("GET", &format!("{blocks}/latest")), Some(format!("{comet}/GetLatestBlock")));
        assert_eq!(method("GET", &format!("{blocks}/7")), Some(format!("{comet}/GetBlockByHeight")));
        assert_eq!(method("GET", "/cosmos/tx/v1beta1/txs"), Some("/cosmos.tx.v1beta1.Service/GetTxsEvent".into()));
        assert_eq!(method("POST", "/cosmos/tx/v1beta1/txs"), Some("/cosmos.tx.v1beta1.Service/BroadcastTx".into()));
        assert_eq!(method("GET", "/cosmos/tx/v1beta1/simulate"), None);
        assert_eq!(method("GET", "/nothing"), None);
        assert_eq!(method("GET", "nothing"), None);
    }

    #[test]
    fn what_a_path_captures_is_named_by_its_field() {
        let all = all();
        let found = all.find("GET", "/cosmos/bank/v1beta1/balances/open1x/by_denom").unwrap();
        assert_eq!(found.captured, [("address", "open1x".to_owned())]);
        let found = all.find("GET", "/cosmos/bank/v1beta1/denoms_metadata/ibc/AB").unwrap_or_else(|| {
            all.find("GET", "/cosmos/bank/v1beta1/denoms_metadata/ibc").expect("a denomination in the path")
        });
        assert_eq!(found.binding.method, "/cosmos.bank.v1beta1.Query/DenomMetadata");
    }

    #[test]
    fn only_what_is_served_has_a_route() {
        let bank = Bindings::new(|path| path.starts_with("/cosmos.bank."));
        assert!(bank.find("GET", "/cosmos/bank/v1beta1/params").is_some());
        assert!(bank.find("GET", "/cosmos/auth/v1beta1/params").is_none());
    }
}
