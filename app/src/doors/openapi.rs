//! An OpenAPI 3.0 document of the REST server, made from the descriptors.
//!
//! Says what the walker writes: 64-bit integers as text, enums by name, bytes in base64, absent messages as `null`. Descriptions are the
//! comments of the project's own .proto files; the SDK's are not kept in the descriptors.

use std::collections::{BTreeMap, BTreeSet};

use openledger_proto::http::{Binding, Bindings};
use openledger_proto::walker::schema::{Custom, Field, Kind, Label, Message, Shape, SCHEMA};
use serde_json::{json, Map, Value};

/// How deep a request's fields are listed as query parameters.
const DEPTH: usize = 4;
const ABOUT: &str = "Every query of this node. 64-bit integers are text, bytes are base64. The header \
    `x-cosmos-block-height` asks about an earlier height; the header `grpc-metadata-x-cosmos-block-height` of an answer says which \
    was read. Lists are asked for in pages: `pagination.limit` (at most 1,000) and `pagination.key`, the `next_key` of the page before.";

/// The document.
pub fn document(bindings: &Bindings) -> Value {
    let mut schemas = Schemas::default();
    let mut paths: Map<String, Value> = Map::new();
    for binding in bindings.iter() {
        let operation = operation(binding, &mut schemas);
        let path = paths.entry(plain_path(binding.template.text())).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(binding.verb.to_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": "OpenLedger", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": tags(bindings),
        "paths": paths,
        "components": {"schemas": schemas.finish()},
    })
}

fn tags(bindings: &Bindings) -> Vec<Value> {
    let names: BTreeSet<&str> = bindings.iter().map(|binding| service_of(&binding.method)).collect();
    names.into_iter().map(|name| json!({"name": name})).collect()
}

fn service_of(method: &str) -> &str {
    method.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// `{a=**}` is `{a}` there.
fn plain_path(template: &str) -> String {
    let mut plain = String::new();
    for (index, part) in template.split('{').enumerate() {
        if index == 0 {
            plain.push_str(part);
            continue;
        }
        let (variable, after) = part.split_once('}').unwrap_or((part, ""));
        let name = variable.split('=').next().unwrap_or_default();
        plain.push_str(&format!("{{{name}}}{after}"));
    }
    plain
}

fn operation(binding: &Binding, schemas: &mut Schemas) -> Value {
    let service = service_of(&binding.method);
    let method = binding.method.rsplit('/').next().unwrap_or_default();
    let mut parameters = Vec::new();
    let in_path: Vec<&str> = binding.template.fields().collect();
    if let Some(message) = message(SCHEMA.message(binding.input)) {
        for field in &in_path {
            let schema = field_at(message, field).map_or(json!({"type": "string"}), scalar);
            parameters.push(json!({"name": field, "in": "path", "required": true, "schema": schema}));
        }
        if binding.body != "*" {
            let skip: Vec<&str> = in_path.iter().copied().chain([binding.body]).collect();
            query_parameters(message, "", &skip, &mut parameters);
        }
    }
    let json_of = |schema: Value| json!({"application/json": {"schema": schema}});
    let mut operation = json!({
        "tags": [service],
        "operationId": format!("{}_{method}_{}", service.replace('.', "_"), binding.verb.to_lowercase()),
        "summary": method,
        "description": comment(service, method),
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer.", "content": json_of(schemas.refer(binding.output))},
            "default": {"description": "An error.", "content": json_of(json!({"$ref": "#/components/schemas/Error"}))},
        },
    });
    if let (false, Some(operation)) = (binding.body.is_empty(), operation.as_object_mut()) {
        let schema = match (binding.body, message(SCHEMA.message(binding.input))) {
            ("*", _) | (_, None) => schemas.refer(binding.input),
            (name, Some(message)) => field_at(message, name).map_or(json!({}), |field| schemas.field(field)),
        };
        operation.insert("requestBody".into(), json!({"required": true, "content": json_of(schema)}));
    }
    operation
}

fn message(index: Option<usize>) -> Option<&'static Message> {
    SCHEMA.messages.get(index?)
}

fn field_at<'a>(message: &'a Message, path: &str) -> Option<&'a Field> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let field = message.fields.iter().find(|field| field.name == name)?;
    match field.kind {
        Kind::Message(inner) if !rest.is_empty() => field_at(self::message(Some(inner))?, rest),
        _ => Some(field),
    }
}

/// The fields that a query can set, those of messages by their path.
fn query_parameters(message: &Message, prefix: &str, skip: &[&str], parameters: &mut Vec<Value>) {
    for field in message.order.iter().filter_map(|index| message.fields.get(*index)) {
        let name = format!("{prefix}{}", field.name);
        if skip.contains(&name.as_str()) {
            continue;
        }
        let inner = match field.kind {
            Kind::Message(index) => self::message(Some(index)),
            _ => None,
        };
        let schema = match (inner, field.label) {
            (Some(_), Label::Repeated(_) | Label::Map) => continue,
            (Some(inner), _) if inner.shape == Shape::Plain => {
                if name.split('.').count() < DEPTH {
                    query_parameters(inner, &format!("{name}."), skip, parameters);
                }
                continue;
            }
            (Some(inner), _) if matches!(inner.shape, Shape::Any | Shape::Empty) => continue,
            (_, Label::Repeated(_)) => json!({"type": "array", "items": scalar(field)}),
            _ => scalar(field),
        };
        parameters.push(json!({"name": name, "in": "query", "required": false, "schema": schema}));
    }
}

/// One value that is no message with fields.
fn scalar(field: &Field) -> Value {
    match field.kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
        Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "format": "int64", "minimum": 0}),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "string", "format": "int64"}),
        Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64"}),
        Kind::Float | Kind::Double => json!({"type": "number"}),
        Kind::Bytes if field.custom == Custom::Plain => json!({"type": "string", "format": "byte"}),
        Kind::String | Kind::Bytes => json!({"type": "string"}),
        Kind::Enum(index) => {
            let values = SCHEMA.enums.get(index).map(|known| known.values.as_slice()).unwrap_or_default();
            let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
            json!({"type": "string", "enum": names})
        }
        Kind::Message(index) => match message(Some(index)).map(|message| message.shape) {
            Some(Shape::Timestamp) => json!({"type": "string", "format": "date-time"}),
            _ => json!({"type": "string"}),
        },
    }
}

/// The schemas that are referred to, and those still to be written.
#[derive(Default)]
struct Schemas {
    known: BTreeSet<&'static str>,
    open: Vec<&'static Message>,
    done: BTreeMap<&'static str, Value>,
}

impl Schemas {
    fn refer(&mut self, name: &str) -> Value {
        match message(SCHEMA.message(name)) {
            Some(message) => self.of(message),
            None => json!({}),
        }
    }

    fn of(&mut self, message: &'static Message) -> Value {
        match message.shape {
            Shape::Plain | Shape::Empty => {
                if self.known.insert(&message.full_name) {
                    self.open.push(message);
                }
                json!({"$ref": format!("#/components/schemas/{}", message.full_name)})
            }
            Shape::Any => json!({
                "type": "object", "required": ["@type"], "properties": {"@type": {"type": "string"}},
                "additionalProperties": true,
            }),
            Shape::Timestamp => json!({"type": "string", "format": "date-time"}),
            Shape::Duration => json!({"type": "string"}),
            Shape::Wrapper => message.fields.first().map_or(json!({}), scalar),
        }
    }

    /// One value of a field.
    fn one(&mut self, field: &Field) -> Value {
        match field.kind {
            Kind::Message(index) => message(Some(index)).map_or(json!({}), |message| self.of(message)),
            _ => scalar(field),
        }
    }

    fn field(&mut self, field: &Field) -> Value {
        let schema = match (field.label, field.kind) {
            (Label::Repeated(_), _) => return json!({"type": "array", "items": self.one(field)}),
            (Label::Map, Kind::Message(entry)) => {
                let value = message(Some(entry)).and_then(|entry| entry.fields.get(1));
                let value = value.map_or(json!({}), |value| self.one(value));
                return json!({"type": "object", "additionalProperties": value});
            }
            _ => self.one(field),
        };
        let may_lack = match (field.label, field.kind) {
            (Label::Optional, _) | (_, Kind::Bytes) => true,
            (_, Kind::Message(_)) => !field.non_null,
            _ => false,
        };
        match (may_lack, schema) {
            (true, Value::Object(schema)) if schema.contains_key("$ref") => {
                json!({"allOf": [schema], "nullable": true})
            }
            (true, Value::Object(mut schema)) => {
                schema.insert("nullable".into(), Value::Bool(true));
                Value::Object(schema)
            }
            (_, schema) => schema,
        }
    }

    fn finish(mut self) -> Value {
        while let Some(message) = self.open.pop() {
            let mut properties = Map::new();
            for field in message.order.iter().filter_map(|index| message.fields.get(*index)) {
                properties.insert(field.name.clone(), self.field(field));
            }
            self.done.insert(&message.full_name, json!({"type": "object", "properties": properties}));
        }
        let error = json!({"type": "object", "required": ["code", "message", "details"], "properties": {
            "code": {"type": "integer", "format": "int32", "description": "gRPC's code."},
            "message": {"type": "string"},
            "details": {"type": "array", "items": {"type": "object"}},
        }});
        self.done.insert("Error", error);
        json!(self.done)
    }
}

/// What stands before a method in its .proto file.
fn comment(service: &str, method: &str) -> String {
    let found = SCHEMA.pool().get_service_by_name(service);
    let Some(method) = found.and_then(|service| service.methods().find(|known| known.name() == method)) else {
        return String::new();
    };
    let file = method.parent_file();
    let locations = file.file_descriptor_proto().source_code_info.as_ref().map(|info| info.location.as_slice());
    let here = locations.unwrap_or_default().iter().find(|location| location.path == method.path());
    let text = here.map(|location| location.leading_comments()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` in a value.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_describes_every_route_and_refers_to_nothing_that_is_not_there() {
        let bindings = Bindings::new(|_| true);
        let document = document(&bindings);
        let operations: usize =
            document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(operations, bindings.iter().count());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn parameters_in_the_path_are_those_of_the_path() {
        let document = document(&Bindings::new(|_| true));
        for (path, operations) in document["paths"].as_object().unwrap() {
            let named: BTreeSet<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
            for operation in operations.as_object().unwrap().values() {
                let parameters = operation["parameters"].as_array().unwrap().iter();
                let of_path = parameters.filter(|parameter| parameter["in"] == "path");
                let declared: BTreeSet<&str> = of_path.map(|parameter| parameter["name"].as_str().unwrap()).collect();
                assert_eq!(named, declared, "{path}");
            }
        }
    }

    #[test]
    fn our_methods_have_the_words_of_their_proto_files() {
        let document = document(&Bindings::new(|path| path.starts_with("/openledger.")));
        let get = &document["paths"]["/openledger/attribution/v1/solvency"]["get"];
        assert!(get["description"].as_str().unwrap().contains("equal at every height"), "{get}");
        let models = &document["paths"]["/openledger/model/v1/models"]["get"]["parameters"];
        let names: Vec<&str> = models.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names[..2], ["owner", "pagination.key"]);
        assert_eq!(document["components"]["schemas"]["Error"]["type"], "object");
    }
}
