//! A request's bytes from what a path captured, the query parameters and the body (grpc-gateway v1 `runtime/query.go`, its generated
//! handlers, and gogoproto's `jsonpb`).
//!
//! Path and query are written into the JSON that the body is, which the walker then reads; so a field has one form, however it came.
//! What names no field is ignored, as grpc-gateway does, in a body too. Errors are the text of an InvalidArgument.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::text::scalar;
use super::Match;
use crate::walker::schema::{Field, Kind, Label, Message, Shape, SCHEMA};
use crate::walker::{self, MAX_DEPTH};

/// The request that `found` makes with these query parameters, in their order, and this body.
pub fn request(found: &Match<'_>, query: &[(String, String)], body: &[u8]) -> Result<Vec<u8>, String> {
    let binding = found.binding;
    let message = message(SCHEMA.message(binding.input))?;
    let mut object = Map::new();
    // A body that the route has no use for is not read.
    let body = if binding.body.is_empty() { None } else { first_value(body)? };
    match (binding.body, body) {
        (_, None | Some(Value::Null)) => {}
        ("*", Some(Value::Object(whole))) => object = whole,
        ("*", Some(_)) => return Err(format!("json: the body of a {} is an object", binding.input)),
        (field, Some(value)) => {
            object.insert(field.to_owned(), value);
        }
    }
    forget_unknown(message, &mut object);
    for (field, value) in &found.captured {
        let path: Vec<&str> = field.split('.').collect();
        set(message, &mut object, &path, 0, &[value.as_str()])
            .map_err(|error| format!("type mismatch, parameter: {field}, error: {error}"))?;
    }
    if binding.body != "*" {
        for (name, values) in &grouped(query) {
            let path: Vec<&str> = name.split('.').collect();
            // The path's and the body's word counts.
            let taken = |field: &str| field.split('.').zip(&path).all(|(a, b)| a == *b);
            if path.len() <= MAX_DEPTH && !binding.template.fields().chain([binding.body]).any(taken) {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                set(message, &mut object, &path, 0, &values)?;
            }
        }
    }
    walker::from_json(binding.input, &Value::Object(object)).map_err(|error| error.to_string())
}

fn message(index: Option<usize>) -> Result<&'static Message, String> {
    index.and_then(|index| SCHEMA.messages.get(index)).ok_or_else(|| "unresolved message type".to_owned())
}

/// The first JSON value of a body; what follows is not read, as Go's decoder does.
fn first_value(body: &[u8]) -> Result<Option<Value>, String> {
    serde_json::Deserializer::from_slice(body)
        .into_iter::<Value>()
        .next()
        .transpose()
        .map_err(|error| error.to_string())
}

/// Leaves out what a message does not have, also in the messages within it. As deep as JSON is read at all.
fn forget_unknown(message: &Message, object: &mut Map<String, Value>) {
    let field_of = |name: &str| message.fields.iter().find(|field| field.name == name || field.json_name == name);
    object.retain(|name, _| name == "@type" || field_of(name).is_some());
    for (name, value) in object.iter_mut() {
        let Some(Kind::Message(inner)) = field_of(name).map(|field| field.kind) else { continue };
        let Ok(inner) = self::message(Some(inner)) else { continue };
        match value {
            Value::Object(object) => forget_unknown_in(inner, object),
            Value::Array(items) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(|item| forget_unknown_in(inner, item))
            }
            _ => {}
        }
    }
}

/// The same for an object that may be an `Any`; maps and well-known types are left to whoever reads them.
fn forget_unknown_in(message: &Message, object: &mut Map<String, Value>) {
    let is_entry = |message: &Message| matches!(message.fields.as_slice(), [key, value] if key.name == "key" && value.name == "value");
    match message.shape {
        Shape::Plain if !is_entry(message) => {
            object.remove("@type");
            forget_unknown(message, object);
        }
        Shape::Any => {
            let url = object.get("@type").and_then(Value::as_str).unwrap_or_default();
            if let Ok(packed) = self::message(SCHEMA.message(url)) {
                if packed.shape == Shape::Plain {
                    forget_unknown(packed, object);
                }
            }
        }
        _ => {}
    }
}

/// Values by name; `a[b]=c` is the value c under the key b of a map a, and `a[]=c` one more value of a list a.
fn grouped(query: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in query {
        let key = name.strip_suffix(']').and_then(|name| name.split_once('['));
        match key {
            Some((name, "")) => all.entry(name.to_owned()).or_default().push(value.clone()),
            Some((name, key)) => all.entry(name.to_owned()).or_default().extend([key.to_owned(), value.clone()]),
            None => all.entry(name.clone()).or_default().push(value.clone()),
        }
    }
    all
}

/// Writes values at a field path, of which the first `at` parts are behind us.
fn set(
    message: &Message,
    object: &mut Map<String, Value>,
    path: &[&str],
    at: usize,
    values: &[&str],
) -> Result<(), String> {
    let Some(name) = path.get(at) else { return Ok(()) };
    let named = |field: &&Field| field.name == *name || field.json_name == *name;
    let Some(field) = message.fields.iter().find(named) else { return Ok(()) };
    let next = at.saturating_add(1);
    let (so_far, last) = (path.get(..next).unwrap_or_default().join("."), next == path.len());
    if field.json_name != field.name {
        // One spelling of each, so that what a body has and what is added meet.
        if let Some(value) = object.remove(&field.json_name) {
            object.insert(field.name.clone(), value);
        }
    }
    match (field.label, field.kind) {
        (Label::Repeated(_), _) if !last => return Err(format!("unexpected repeated field in {}", path.join("."))),
        (Label::Repeated(_), _) => {
            let items = values.iter().map(|value| scalar(field, value)).collect::<Result<_, _>>()?;
            object.insert(field.name.clone(), Value::Array(items));
        }
        (Label::Map, _) if !last => {
            return Err(format!("unexpected nested field {} in {so_far}", path.get(next).copied().unwrap_or_default()));
        }
        (Label::Map, Kind::Message(entry)) => set_entry(field, entry, object, values)?,
        (_, Kind::Message(inner)) if !last => {
            let inner = self::message(Some(inner))?;
            if inner.shape != Shape::Plain {
                return Err(format!("{so_far} is a {}, whose fields cannot be set one by one", inner.full_name));
            }
            let slot = object.entry(field.name.clone()).or_insert(Value::Null);
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(object) = slot {
                set(inner, object, path, next, values)?;
            }
        }
        _ if !last => {
            return Err(format!("unexpected nested field {} in {so_far}", path.get(next).copied().unwrap_or_default()));
        }
        _ => {
            let value = values.first().ok_or_else(|| format!("no value of field: {so_far}"))?;
            object.insert(field.name.clone(), scalar(field, value)?);
        }
    }
    Ok(())
}

fn set_entry(field: &Field, entry: usize, object: &mut Map<String, Value>, values: &[&str]) -> Result<(), String> {
    let [key, value] = values else {
        let key = values.first().copied().unwrap_or_default();
        return Err(format!("more than one value provided for key {key} in map {}", field.name));
    };
    let [_, value_field] = message(Some(entry))?.fields.as_slice() else {
        return Err("a map entry has a key and a value".to_owned());
    };
    let mut map = Map::new();
    map.insert((*key).to_owned(), scalar(value_field, value)?);
    object.insert(field.name.clone(), Value::Object(map));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Bindings;
    use super::*;
    use crate::cosmos::bank::v1beta1::{QueryAllBalancesRequest, QueryBalanceRequest};
    use crate::cosmos::tx::v1beta1::{BroadcastTxRequest, GetTxsEventRequest};
    use crate::Message as _;

    fn made(verb: &str, path: &str, query: &[(&str, &str)], body: &str) -> Result<Vec<u8>, String> {
        let all = Bindings::new(|_| true);
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request(&all.find(verb, path).unwrap(), &query, body.as_bytes())
    }

    const BALANCES: &str = "/cosmos/bank/v1beta1/balances/open1x";
    const TXS: &str = "/cosmos/tx/v1beta1/txs";

    fn balances(query: &[(&str, &str)]) -> Result<QueryAllBalancesRequest, String> {
        Ok(QueryAllBalancesRequest::decode(made("GET", BALANCES, query, "")?.as_slice()).unwrap())
    }

    #[test]
    fn path_and_query_fill_fields_also_nested_ones() {
        let request = balances(&[
            ("pagination.limit", "0x10"),
            ("pagination.key", "AP+/"),
            ("pagination.countTotal", "T"),
            ("pagination.reverse", "1"),
            ("resolve_denom", "true"),
            ("address", "open1y"),
            ("nobody", "knows"),
        ])
        .unwrap();
        let page = request.pagination.unwrap();
        assert_eq!((request.address.as_str(), request.resolve_denom), ("open1x", true));
        assert_eq!((page.limit, page.key, page.count_total, page.reverse), (16, vec![0, 255, 191], true, true));
    }

    #[test]
    fn lists_enums_and_bases_are_read_as_go_reads_them() {
        let read = |query: &[(&str, &str)]| {
            made("GET", TXS, query, "").map(|bytes| GetTxsEventRequest::decode(bytes.as_slice()).unwrap())
        };
        #[allow(deprecated)]
        let events = |request: &GetTxsEventRequest| request.events.clone();
        let request =
            read(&[("events", "a='b'"), ("order_by", "ORDER_BY_DESC"), ("events", "c=1"), ("page", "010")]).unwrap();
        assert_eq!((events(&request), request.order_by, request.page), (vec!["a='b'".into(), "c=1".into()], 2, 8));
        assert_eq!(events(&read(&[("events[]", "a=1")]).unwrap()), ["a=1"]);
        assert_eq!(read(&[("order_by", "2")]).unwrap().order_by, 2);
        assert!(read(&[("order_by", "7")]).unwrap_err().contains("7 is not a valid cosmos.tx.v1beta1.OrderBy"));
        assert!(read(&[("events.a", "x")]).unwrap_err().contains("unexpected repeated field"));
        assert!(read(&[("pagination", "x")]).unwrap_err().contains("not supported in query parameters"));
    }

    #[test]
    fn what_does_not_fit_is_refused_in_go_s_words() {
        let refused = |name: &str, value: &str| balances(&[(name, value)]).unwrap_err();
        assert_eq!(refused("pagination.limit", "-1"), "strconv.ParseUint: parsing \"-1\": invalid syntax");
        assert_eq!(refused("pagination.limit", ""), "strconv.ParseUint: parsing \"\": invalid syntax");
        let large = "18446744073709551616";
        assert_eq!(
            refused("pagination.limit", large),
            format!("strconv.ParseUint: parsing {large:?}: value out of range")
        );
        assert_eq!(refused("resolve_denom", "yes"), "strconv.ParseBool: parsing \"yes\": invalid syntax");
        assert_eq!(refused("pagination.key", "!"), "illegal base64 data at input byte 0");
        assert_eq!(refused("pagination.key", "AAAAA"), "illegal base64 data at input byte 4");
        assert_eq!(refused("resolve_denom.x", "y"), "unexpected nested field x in resolve_denom");
        let height = made("GET", "/cosmos/base/tendermint/v1beta1/blocks/x", &[], "").unwrap_err();
        assert_eq!(height, "type mismatch, parameter: height, error: strconv.ParseInt: parsing \"x\": invalid syntax");
    }

    #[test]
    fn a_body_is_the_whole_request_and_its_query_counts_for_nothing() {
        let body = r#"{"tx_bytes":"AQI=","mode":"BROADCAST_MODE_SYNC"} and what follows"#;
        let bytes = made("POST", TXS, &[("mode", "nonsense")], body).unwrap();
        let request = BroadcastTxRequest::decode(bytes.as_slice()).unwrap();
        assert_eq!((request.tx_bytes, request.mode), (vec![1, 2], 2));
        assert_eq!(made("POST", TXS, &[], "").unwrap(), Vec::<u8>::new());
        assert_eq!(made("POST", TXS, &[], "null").unwrap(), Vec::<u8>::new());
        for bad in ["{", "[]", "1", r#"{"tx_bytes":"?"}"#, r#"{"mode":{}}"#] {
            assert!(made("POST", TXS, &[], bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_body_has_beyond_the_message_is_left_out_at_any_depth() {
        let body = r#"{"new":1,"tx":{"signatures":[],"later":{},"body":{"memo":"m","x":0,"messages":[
            {"@type":"/cosmos.bank.v1beta1.MsgSend","from_address":"a","y":1,"amount":[{"denom":"d","amount":"1","z":[]}]}]}}}"#;
        let bytes = made("POST", "/cosmos/tx/v1beta1/encode", &[], body).unwrap();
        let tx = crate::cosmos::tx::v1beta1::TxEncodeRequest::decode(bytes.as_slice()).unwrap().tx.unwrap();
        let body = tx.body.unwrap();
        assert_eq!((body.memo.as_str(), body.messages.len()), ("m", 1));
        let unknown_type = body_with(r#"{"@type":"/no.Such"}"#);
        assert!(made("POST", "/cosmos/tx/v1beta1/encode", &[], &unknown_type).is_err());
    }

    fn body_with(message: &str) -> String {
        format!(r#"{{"tx":{{"body":{{"messages":[{message}]}}}}}}"#)
    }

    #[test]
    fn a_body_is_not_read_where_the_route_has_none() {
        let path = "/cosmos/bank/v1beta1/balances/open1x/by_denom";
        let bytes = made("GET", path, &[("denom", "ibc/AB")], "nonsense {").unwrap();
        assert_eq!(QueryBalanceRequest::decode(bytes.as_slice()).unwrap().denom, "ibc/AB");
    }

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_query_and_any_body_make_a_request_or_an_error(
            pick in any::<prop::sample::Index>(),
            names in prop::collection::vec("[a-z_.\\[\\]@]{0,40}|pagination\\.(limit|key|offset|reverse)|tx\\.body\\.memo", 0..6),
            values in prop::collection::vec(".{0,30}|[0-9xob+-]{0,25}", 6),
            body in ".{0,60}|\\{(\"[a-z_@]{0,9}\":(\\{\\}|\\[\\]|null|1|\"x\"),){0,5}\"tx\":\\{\"body\":\\{\"messages\":\\[\\{\\}\\]\\}\\}\\}",
        ) {
            let all = Bindings::new(|_| true);
            let count = all.iter().count();
            let binding = all.iter().nth(pick.index(count)).unwrap();
            let captured = binding.template.fields().zip(values.iter().cloned()).collect();
            let found = Match { binding, captured };
            let query: Vec<_> = names.into_iter().zip(values.clone()).collect();
            // Either is fine; it ends, and does not panic.
            let _ = request(&found, &query, body.as_bytes());
        }

        #[test]
        fn any_path_has_a_binding_or_none(path in "/?([a-z0-9{}:*%]{0,12}/){0,8}.{0,20}") {
            let _ = Bindings::new(|_| true).find("GET", &path);
            let _ = crate::http::Template::parse(&path);
        }
    }
}
