//! The compact table over the descriptors that every visitor walks: messages, fields and enums by index.
//!
//! Built once, from `proto/descriptors.bin`, by way of `prost-reflect` (which keeps custom options); the
//! hot path then touches plain vectors only. Rust types appear nowhere: the table speaks for every package.

use std::sync::LazyLock;

use prost_reflect::{Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, Value};

use super::services::{self, Service};

/// The committed `FileDescriptorSet`: the SDK's, CometBFT's, ibc-go's and our files, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!("../../descriptors.bin");

/// The table over [`DESCRIPTORS`].
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::load);

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    Int32,
    Int64,
    Sint32,
    Sint64,
    Uint32,
    Uint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Float,
    Double,
    String,
    Bytes,
    /// Index into [`Schema::enums`].
    Enum(usize),
    /// Index into [`Schema::messages`].
    Message(usize),
}

impl Kind {
    /// The wire type of one value.
    pub fn wire_type(self) -> u8 {
        match self {
            Kind::Fixed64 | Kind::Sfixed64 | Kind::Double => 1,
            Kind::String | Kind::Bytes | Kind::Message(_) => 2,
            Kind::Fixed32 | Kind::Sfixed32 | Kind::Float => 5,
            _ => 0,
        }
    }
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// At most one; absence of a scalar means its default.
    Single,
    /// At most one, and absence is told from the default (`optional`, a member of a oneof).
    Optional,
    /// A list; scalars are written packed when `true`.
    Repeated(bool),
    /// A map; the kind is its entry message.
    Map,
}

/// Go types that change how a field looks in JSON (`gogoproto.customtype`, `stdtime`, `stdduration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custom {
    /// None.
    Plain,
    /// `math.Int`: decimal text on the wire and in JSON.
    Int,
    /// `math.LegacyDec`: an integer of 10^-18 on the wire, a decimal with 18 places in JSON.
    Dec,
    /// `time.Time`: its absence is year 1, not 1970.
    Time,
    /// `HexBytes`: upper-case hexadecimal in JSON.
    Hex,
}

/// One field of a message.
#[derive(Debug)]
pub struct Field {
    /// Number on the wire.
    pub number: u32,
    /// Name in the .proto file, which JSON is written with.
    pub name: String,
    /// lowerCamelCase name, which JSON is read with too.
    pub json_name: String,
    /// What it holds.
    pub kind: Kind,
    /// How many.
    pub label: Label,
    /// Index of its oneof in the message.
    pub oneof: Option<usize>,
    /// `gogoproto.nullable = false`: never absent in JSON, always on the wire.
    pub non_null: bool,
    /// Its Go type.
    pub custom: Custom,
    /// `cosmos_proto.scalar`, or empty.
    pub scalar: String,
    /// `deprecated`: another field has taken its place.
    pub deprecated: bool,
}

/// Messages whose JSON is not an object of their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object.
    Plain,
    /// `google.protobuf.Any`.
    Any,
    /// `google.protobuf.Timestamp`.
    Timestamp,
    /// `google.protobuf.Duration`.
    Duration,
    /// `google.protobuf.StringValue` and its like: the value itself.
    Wrapper,
    /// `google.protobuf.Empty`: an object, but under `value` within an `Any`.
    Empty,
}

/// One message.
#[derive(Debug)]
pub struct Message {
    /// Full name, without a leading slash.
    pub full_name: String,
    /// Fields, sorted by number.
    pub fields: Vec<Field>,
    /// Indexes into `fields` in the .proto file's order, which JSON is written in.
    pub order: Vec<usize>,
    /// Special JSON.
    pub shape: Shape,
    /// `cosmos.msg.v1.signer`: indexes into `fields`. `None`: an unknown field is named there.
    pub signers: Option<Vec<usize>>,
}

impl Message {
    /// The index of the field with a number.
    pub fn index_of(&self, number: u32) -> Option<usize> {
        let guess = (number as usize).wrapping_sub(1);
        match self.fields.get(guess) {
            Some(field) if field.number == number => Some(guess),
            _ => self.fields.binary_search_by_key(&number, |field| field.number).ok(),
        }
    }
}

/// One enum.
#[derive(Debug)]
pub struct Enum {
    /// Full name.
    pub full_name: String,
    /// Names and numbers in the .proto file's order.
    pub values: Vec<(String, i32)>,
}

/// Every message, enum and service.
#[derive(Debug)]
pub struct Schema {
    /// Sorted by full name.
    pub messages: Vec<Message>,
    /// Sorted by full name.
    pub enums: Vec<Enum>,
    /// Sorted by full name.
    pub services: Vec<Service>,
    /// (request type, response type) of `Msg` services, sorted.
    pub responses: Vec<(String, String)>,
    pool: DescriptorPool,
}

impl Schema {
    /// The index of a message by its full name or type URL (one leading slash).
    pub fn message(&self, name: &str) -> Option<usize> {
        let name = name.strip_prefix('/').unwrap_or(name);
        self.messages.binary_search_by(|message| message.full_name.as_str().cmp(name)).ok()
    }

    /// The descriptors as `prost-reflect` has them, for what the table leaves out.
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    // The bytes are part of the program and a test loads them: a failure is a broken build, not an input.
    #[allow(clippy::expect_used)]
    fn load() -> Schema {
        let pool = DescriptorPool::decode(DESCRIPTORS).expect("proto/descriptors.bin is a FileDescriptorSet");
        let mut messages: Vec<_> = pool.all_messages().collect();
        messages.sort_by(|a, b| a.full_name().cmp(b.full_name()));
        let mut enums: Vec<Enum> = pool
            .all_enums()
            .map(|e| Enum {
                full_name: e.full_name().to_owned(),
                values: e.values().map(|v| (v.name().to_owned(), v.number())).collect(),
            })
            .collect();
        enums.sort_by(|a, b| a.full_name.cmp(&b.full_name));
        let names: Vec<&str> = messages.iter().map(|m| m.full_name()).collect();
        let loader = Loader { names: &names, enums: &enums };
        let messages = messages.iter().map(|m| loader.message(m)).collect();
        let services = services::load(&pool);
        let mut responses: Vec<(String, String)> = services
            .iter()
            .filter(|service| service.full_name.ends_with(".Msg"))
            .flat_map(|service| service.methods.iter().map(|m| (m.input.clone(), m.output.clone())))
            .collect();
        responses.sort();
        Schema { messages, enums, services, responses, pool }
    }
}

struct Loader<'a> {
    names: &'a [&'a str],
    enums: &'a [Enum],
}

impl Loader<'_> {
    fn message(&self, message: &MessageDescriptor) -> Message {
        let mut declared: Vec<Field> = message.fields().map(|field| self.field(&field)).collect();
        // `fields()` is ordered by number; the file's order is the descriptor's.
        let file_order: Vec<u32> =
            message.descriptor_proto().field.iter().map(|f| u32::try_from(f.number()).unwrap_or(0)).collect();
        declared.sort_by_key(|field| field.number);
        let index = |number: &u32| declared.iter().position(|field| field.number == *number);
        let order = file_order.iter().filter_map(index).collect();
        let signers = strings(&message.options(), "cosmos.msg.v1.signer")
            .iter()
            .map(|name| declared.iter().position(|field| field.name == *name))
            .collect();
        Message {
            full_name: message.full_name().to_owned(),
            order,
            shape: shape(message.full_name()),
            signers,
            fields: declared,
        }
    }

    fn field(&self, field: &FieldDescriptor) -> Field {
        let options = field.options();
        let label = match field.cardinality() {
            Cardinality::Repeated if field.is_map() => Label::Map,
            Cardinality::Repeated => Label::Repeated(field.is_packed()),
            _ if field.supports_presence() && !matches!(field.kind(), prost_reflect::Kind::Message(_)) => {
                Label::Optional
            }
            _ => Label::Single,
        };
        let real_oneof = field.containing_oneof().filter(|_| !field.field_descriptor_proto().proto3_optional());
        let oneof = real_oneof.and_then(|o| field.parent_message().oneofs().position(|other| other == o));
        Field {
            number: field.number(),
            name: field.name().to_owned(),
            json_name: field.json_name().to_owned(),
            kind: self.kind(field.kind()),
            label,
            oneof,
            non_null: matches!(option(&options, "gogoproto.nullable"), Some(Value::Bool(false))),
            custom: custom(&options),
            scalar: string(&options, "cosmos_proto.scalar"),
            deprecated: field.field_descriptor_proto().options.as_ref().is_some_and(|options| options.deprecated()),
        }
    }

    fn kind(&self, kind: prost_reflect::Kind) -> Kind {
        use prost_reflect::Kind as K;
        match kind {
            K::Bool => Kind::Bool,
            K::Int32 => Kind::Int32,
            K::Int64 => Kind::Int64,
            K::Sint32 => Kind::Sint32,
            K::Sint64 => Kind::Sint64,
            K::Uint32 => Kind::Uint32,
            K::Uint64 => Kind::Uint64,
            K::Fixed32 => Kind::Fixed32,
            K::Fixed64 => Kind::Fixed64,
            K::Sfixed32 => Kind::Sfixed32,
            K::Sfixed64 => Kind::Sfixed64,
            K::Float => Kind::Float,
            K::Double => Kind::Double,
            K::String => Kind::String,
            K::Bytes => Kind::Bytes,
            // The pool has resolved every name, so both searches find theirs; any index is safe to walk.
            K::Message(m) => Kind::Message(self.names.binary_search(&m.full_name()).unwrap_or_else(|at| at)),
            K::Enum(e) => Kind::Enum(
                self.enums
                    .binary_search_by(|other| other.full_name.as_str().cmp(e.full_name()))
                    .unwrap_or_else(|at| at),
            ),
        }
    }
}

fn shape(full_name: &str) -> Shape {
    match full_name.strip_prefix("google.protobuf.") {
        Some("Any") => Shape::Any,
        Some("Timestamp") => Shape::Timestamp,
        Some("Duration") => Shape::Duration,
        Some("Empty") => Shape::Empty,
        Some(
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value" | "BoolValue"
            | "StringValue" | "BytesValue",
        ) => Shape::Wrapper,
        _ => Shape::Plain,
    }
}

fn custom(options: &DynamicMessage) -> Custom {
    let custom_type = string(options, "gogoproto.customtype");
    match custom_type.rsplit('.').next() {
        Some("Int") => Custom::Int,
        Some("LegacyDec" | "Dec") => Custom::Dec,
        _ if string(options, "gogoproto.casttype").ends_with(".HexBytes") => Custom::Hex,
        _ if matches!(option(options, "gogoproto.stdtime"), Some(Value::Bool(true))) => Custom::Time,
        _ => Custom::Plain,
    }
}

/// An extension's value, where it is set.
pub(crate) fn option(options: &DynamicMessage, extension: &str) -> Option<Value> {
    let mut set = options.extensions();
    set.find(|(descriptor, _)| descriptor.full_name() == extension).map(|(_, value)| value.clone())
}

pub(crate) fn string(options: &DynamicMessage, extension: &str) -> String {
    match option(options, extension) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

fn strings(options: &DynamicMessage, extension: &str) -> Vec<String> {
    match option(options, extension) {
        Some(Value::List(list)) => list.into_iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}
