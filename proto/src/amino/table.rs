//! What amino JSON needs of the descriptors beside [`SCHEMA`]: the options `amino.*`, by the same indexes.
//!
//! Source: `cosmossdk.io/x/tx` v0.13 `signing/aminojson/options.go`.

use std::sync::LazyLock;

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use crate::walker::schema::{option, string};
use crate::walker::{schema, SCHEMA};

/// Of each message of [`SCHEMA`], by its index.
pub(super) static TABLE: LazyLock<Vec<Message>> = LazyLock::new(|| SCHEMA.messages.iter().map(Message::load).collect());

/// Of one message.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// `amino.name`.
    pub name: Option<String>,
    /// `amino.message_encoding`.
    pub encoding: MessageEncoding,
    /// Of each field, by its index.
    pub fields: Vec<Field>,
    /// Indexes into `fields` in the order of the JSON: by name, members of a oneof by the oneof's.
    pub order: Vec<usize>,
}

/// Of one field.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// Its key: `amino.field_name`, or its own name.
    pub key: String,
    /// `amino.dont_omitempty`: written even where it is empty.
    pub keep_empty: bool,
    /// `amino.encoding` or, beside it, `cosmos_proto.scalar`.
    pub encoding: FieldEncoding,
    /// The oneof that it is a member of; proto3's `optional` is one too.
    pub oneof: Option<Oneof>,
}

/// A member's place in its oneof.
#[derive(Debug)]
pub(super) struct Oneof {
    /// The oneof's index in the message.
    pub index: usize,
    /// The oneof's key: its name in upper camel case.
    pub key: String,
    /// `amino.oneof_name` of the member; without it, the message has no amino JSON.
    pub name: Option<String>,
}

/// Messages that are not objects of their fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MessageEncoding {
    #[default]
    Plain,
    /// `key_field`: the bytes of the field `key` alone.
    KeyField,
    /// `module_account`: as the SDK prints module accounts.
    ModuleAccount,
    /// `threshold_string`: a multisig.
    Threshold,
}

/// Fields that look otherwise than their kind says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum FieldEncoding {
    #[default]
    Plain,
    /// `legacy_coins`: an empty list is `[]`, not `null`.
    LegacyCoins,
    /// `inline_json`: bytes that are JSON; no type that this chain knows has such.
    InlineJson,
    /// `cosmos.Int`.
    Int,
    /// `cosmos.Dec` over `math.LegacyDec`.
    Dec,
}

impl Message {
    fn load(message: &schema::Message) -> Self {
        let Some(descriptor) = SCHEMA.pool().get_message_by_name(&message.full_name) else { return Self::default() };
        let options = descriptor.options();
        let fields: Vec<Field> = message.fields.iter().map(|field| load_field(&descriptor, field.number)).collect();
        let mut order: Vec<usize> = (0..fields.len()).collect();
        // By bytes, as Go compares strings.
        order.sort_by_key(|index| fields.get(*index).map_or("", Field::sorted_by).to_owned());
        let name = option(&options, "amino.name").and_then(|value| value.as_str().map(str::to_owned));
        let encoding = match string(&options, "amino.message_encoding").as_str() {
            "key_field" => MessageEncoding::KeyField,
            "module_account" => MessageEncoding::ModuleAccount,
            "threshold_string" => MessageEncoding::Threshold,
            _ => MessageEncoding::Plain,
        };
        Self { name, encoding, fields, order }
    }
}

impl Field {
    fn sorted_by(&self) -> &str {
        self.oneof.as_ref().map_or(&self.key, |oneof| &oneof.key)
    }
}

fn load_field(message: &MessageDescriptor, number: u32) -> Field {
    let Some(field) = message.get_field(number) else { return Field::default() };
    let options = field.options();
    let key = match string(&options, "amino.field_name") {
        name if name.is_empty() => field.name().to_owned(),
        name => name,
    };
    let oneof = field.containing_oneof().map(|oneof| Oneof {
        index: message.oneofs().position(|other| other == oneof).unwrap_or_default(),
        key: upper_camel(oneof.name()),
        name: option(&options, "amino.oneof_name").and_then(|value| value.as_str().map(str::to_owned)),
    });
    let keep_empty = matches!(option(&options, "amino.dont_omitempty"), Some(Value::Bool(true)));
    Field { key, keep_empty, encoding: encoding(&options), oneof }
}

fn encoding(options: &DynamicMessage) -> FieldEncoding {
    match string(options, "amino.encoding").as_str() {
        "legacy_coins" => return FieldEncoding::LegacyCoins,
        "inline_json" => return FieldEncoding::InlineJson,
        _ => {}
    }
    // A decimal that is no `LegacyDec` is text that people read already.
    let is_dec = string(options, "gogoproto.customtype") == "cosmossdk.io/math.LegacyDec";
    match string(options, "cosmos_proto.scalar").as_str() {
        "cosmos.Int" => FieldEncoding::Int,
        "cosmos.Dec" if is_dec => FieldEncoding::Dec,
        _ => FieldEncoding::Plain,
    }
}

/// `some_name` to `SomeName`, as Go's `strcase.ToCamel`.
fn upper_camel(name: &str) -> String {
    let mut upper = true;
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            out.push(if upper { letter.to_ascii_uppercase() } else { letter });
        }
        upper = !letter.is_ascii_alphabetic();
    }
    out
}
