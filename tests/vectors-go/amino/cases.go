package main

import (
	"bytes"
	"fmt"
	"hash/fnv"

	"cosmossdk.io/api/amino"
	"cosmossdk.io/x/tx/signing"
	cosmos_proto "github.com/cosmos/cosmos-proto"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

const (
	alice = "open1v9skzctpv9skzctpv9skzctpv9skzctprl5gwn"
	bob   = "open1vf3xycnzvf3xycnzvf3xycnzvf3xycnzkvn9s3"
)

// What Go's JSON writes in its own way: HTML, line separators of JavaScript, control characters, quotes.
var texts = []string{
	"<b> & </b>", "quote \" backslash \\ slash /", "\u2028 and \u2029", "tab \t line \n return \r", "\b\f\x00\x1f\x7f",
	"grüße 漢字 🚀", "\ufffd", "e\u0301", " ",
}

func coin(amount string) *dynamicpb.Message {
	return read("cosmos.base.v1beta1.Coin", map[string]any{"denom": "aopen", "amount": amount})
}

func send(amount string) *dynamicpb.Message {
	return read("cosmos.bank.v1beta1.MsgSend",
		map[string]any{"from_address": alice, "to_address": bob, "amount": []any{coin(amount)}})
}

func key(letter byte) *dynamicpb.Message {
	return read("cosmos.crypto.secp256k1.PubKey", map[string]any{"key": append([]byte{2}, bytes.Repeat([]byte{letter}, 32)...)})
}

func multisig(threshold uint32, keys ...*dynamicpb.Message) *dynamicpb.Message {
	var packed []any
	for _, key := range keys {
		packed = append(packed, pack(key))
	}
	return read("cosmos.crypto.multisig.LegacyAminoPubKey", map[string]any{"threshold": threshold, "public_keys": packed})
}

func clock(name string, seconds int64, nanos int32) *dynamicpb.Message {
	return read("google.protobuf."+name, map[string]any{"seconds": seconds, "nanos": nanos})
}

// fillLeast sets what a Go client cannot leave out: messages that amino keeps.
func fillLeast(message *dynamicpb.Message, depth int) {
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		keep, _ := proto.GetExtension(field.Options(), amino.E_DontOmitempty).(bool)
		if field.Kind() == protoreflect.MessageKind && !field.IsList() && keep && depth < 6 {
			inner := dynamicpb.NewMessage(field.Message())
			fillLeast(inner, depth+1)
			message.Set(field, protoreflect.ValueOfMessage(inner))
		}
	}
}

// fill sets every field, by its name; of a oneof the last member counts.
func fill(message *dynamicpb.Message, path string, depth int) {
	descriptor := message.Descriptor()
	switch descriptor.FullName() {
	case "google.protobuf.Any":
		packed := pack(send("7"))
		set(message, "type_url", packed.TypeUrl)
		set(message, "value", packed.Value)
		return
	case "google.protobuf.Timestamp":
		set(message, "seconds", int64(1_795_219_445))
		set(message, "nanos", int32(120_000_000))
		return
	case "google.protobuf.Duration":
		set(message, "seconds", int64(1_500))
		set(message, "nanos", int32(5))
		return
	}
	fields := descriptor.Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		path := fmt.Sprintf("%s.%s", path, field.Name())
		if field.IsMap() || depth > 5 {
			continue
		}
		if field.IsList() {
			list := message.Mutable(field).List()
			for n := range 2 {
				list.Append(value(field, fmt.Sprintf("%s[%d]", path, n), depth))
			}
			continue
		}
		message.Set(field, value(field, path, depth))
	}
}

func value(field protoreflect.FieldDescriptor, path string, depth int) protoreflect.Value {
	hash := fnv.New64a()
	hash.Write([]byte(path))
	seed := hash.Sum64()
	scalar, _ := proto.GetExtension(field.Options(), cosmos_proto.E_Scalar).(string)
	number := scalar == "cosmos.Int" || scalar == "cosmos.Dec"
	switch field.Kind() {
	case protoreflect.MessageKind:
		inner := dynamicpb.NewMessage(field.Message())
		fill(inner, path, depth+1)
		return protoreflect.ValueOfMessage(inner)
	case protoreflect.StringKind:
		if number {
			return protoreflect.ValueOfString(fmt.Sprint(seed % 1_000_000_007))
		}
		return protoreflect.ValueOfString(texts[seed%uint64(len(texts))])
	case protoreflect.BytesKind:
		if number {
			return protoreflect.ValueOfBytes(fmt.Append(nil, seed%1_000_000_007))
		}
		return protoreflect.ValueOfBytes(fmt.Appendf(nil, "\xff\x00%x", seed))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(seed%5) - 1)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(seed))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(seed))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(seed))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(seed)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(1.5)
	default:
		return protoreflect.ValueOfFloat64(1.5)
	}
}

func cases() []vector {
	account := read("cosmos.auth.v1beta1.BaseAccount",
		map[string]any{"address": alice, "pub_key": pack(key('k')), "account_number": uint64(3), "sequence": uint64(1<<63 + 1)})
	nested := multisig(1, key('a'), multisig(2, key('b'), key('c')))
	exec := func(messages ...any) *dynamicpb.Message {
		return read("cosmos.authz.v1beta1.MsgExec", map[string]any{"grantee": bob, "msgs": messages})
	}
	vectors := []vector{
		encoded("a send", send("1000000")),
		encoded("a send of nothing", empty("cosmos.bank.v1beta1.MsgSend")),
		encoded("an amount that is absent", read("cosmos.bank.v1beta1.MsgSend", map[string]any{"amount": []any{empty("cosmos.base.v1beta1.Coin")}})),
		encoded("an amount with leading zeros, as it came", send("007")),
		encoded("a key", key('k')),
		encoded("an empty key", empty("cosmos.crypto.secp256k1.PubKey")),
		encoded("a key without amino.name in an Any", read("cosmos.auth.v1beta1.BaseAccount",
			map[string]any{"pub_key": pack(read("cosmos.crypto.secp256r1.PubKey", map[string]any{"key": []byte{1}}))})),
		encoded("a multisig", multisig(2, key('a'), key('b'), key('c'))),
		encoded("a multisig in a multisig", nested),
		encoded("a multisig of nobody", empty("cosmos.crypto.multisig.LegacyAminoPubKey")),
		encoded("an account", account),
		encoded("an account with a multisig", read("cosmos.auth.v1beta1.BaseAccount", map[string]any{"pub_key": pack(nested)})),
		encoded("a module's account", read("cosmos.auth.v1beta1.ModuleAccount",
			map[string]any{"base_account": account, "name": "mint", "permissions": []any{"minter", "b\"<"}})),
		encoded("an empty module's account", empty("cosmos.auth.v1beta1.ModuleAccount")),
		encoded("a message in an Any in an Any", exec(pack(exec(pack(send("1")), pack(send("2")))))),
		encoded("an Any of nothing", exec(pack(empty("cosmos.bank.v1beta1.MsgSend")))),
		encoded("parameters that are absent though amino keeps them", read("cosmos.auth.v1beta1.MsgUpdateParams", map[string]any{"authority": alice})),
		encoded("parameters of zeros", read("cosmos.auth.v1beta1.MsgUpdateParams",
			map[string]any{"authority": alice, "params": empty("cosmos.auth.v1beta1.Params")})),
		encoded("a oneof of which nothing is set", read("cosmos.staking.v1beta1.StakeAuthorization",
			map[string]any{"authorization_type": protoreflect.EnumNumber(1)})),
		encoded("a oneof", read("cosmos.staking.v1beta1.StakeAuthorization", map[string]any{
			"max_tokens": coin("5"), "authorization_type": protoreflect.EnumNumber(77),
			"allow_list": read("cosmos.staking.v1beta1.StakeAuthorization.Validators", map[string]any{"address": []any{alice}})})),
		encoded("a oneof without names", empty("cosmos.tx.v1beta1.ModeInfo")),
		encoded("a decimal of a validator", read("cosmos.staking.v1beta1.CommissionRates",
			map[string]any{"rate": "50000000000000000", "max_rate": "1000000000000000000", "max_change_rate": "-1"})),
		encoded("decimals that are text already", read("cosmos.gov.v1.WeightedVoteOption",
			map[string]any{"option": protoreflect.EnumNumber(1), "weight": "0.5"})),
		encoded("decimals as bytes", read("cosmos.slashing.v1beta1.Params", map[string]any{"min_signed_per_window": []byte("500000000000000000")})),
	}
	for _, text := range texts {
		vectors = append(vectors, encoded(fmt.Sprintf("the text %+q", text), read("cosmos.bank.v1beta1.MsgSend", map[string]any{"from_address": text})))
	}
	for _, nanos := range []int32{0, 1, 120_000_000, 123_456_789, 999_999_000} {
		grant := read("cosmos.authz.v1beta1.Grant", map[string]any{
			"authorization": pack(read("cosmos.authz.v1beta1.GenericAuthorization", map[string]any{"msg": "/x"})),
			"expiration":    clock("Timestamp", 1_795_219_445, nanos),
		})
		vectors = append(vectors, encoded(fmt.Sprintf("a time with %d ns", nanos), grant))
	}
	for _, seconds := range []int64{0, -62_135_596_800, 253_402_300_799, -1} {
		vectors = append(vectors, encoded(fmt.Sprintf("the time %d", seconds), clock("Timestamp", seconds, 0)))
	}
	for _, seconds := range []int64{0, 1, -1, 9_223_372_035, 9_223_372_036} {
		// Of one sign, as gogoproto demands.
		nanos := int32(7)
		if seconds < 0 {
			nanos = -7
		}
		vectors = append(vectors, encoded(fmt.Sprintf("a duration of %d s", seconds), clock("Duration", seconds, nanos)))
	}
	// Two occurrences of one field: the last text counts, messages merge.
	twice := append(marshal(send("1")), marshal(read("cosmos.bank.v1beta1.MsgSend", map[string]any{"from_address": bob}))...)
	return append(vectors, decoded("a text that stands twice", "cosmos.bank.v1beta1.MsgSend", twice))
}

func documents() []document {
	body := func(fields map[string]any) *dynamicpb.Message {
		if fields["messages"] == nil {
			fields["messages"] = []any{pack(send("1"))}
		}
		return read("cosmos.tx.v1beta1.TxBody", fields)
	}
	fee := read("cosmos.tx.v1beta1.Fee", map[string]any{"amount": []any{coin("5")}, "gas_limit": uint64(200_000)})
	signer := signing.SignerData{ChainID: "open-1", AccountNumber: 3, Sequence: 9}
	plain := body(map[string]any{})
	with := func(number protowire.Number) []byte {
		return protowire.AppendString(protowire.AppendTag(marshal(plain), number, protowire.BytesType), "x")
	}
	all := []document{
		signed("a plain send", signer, plain, fee),
		signed("zeros", signing.SignerData{}, plain, empty("cosmos.tx.v1beta1.Fee")),
		signed("the greatest numbers", signing.SignerData{ChainID: "<&>", AccountNumber: 1<<64 - 1, Sequence: 1<<64 - 1}, plain,
			read("cosmos.tx.v1beta1.Fee", map[string]any{"gas_limit": uint64(1<<64 - 1)})),
		signed("a timeout", signer, body(map[string]any{"timeout_height": uint64(77)}), fee),
		signed("payer and granter", signer, plain, read("cosmos.tx.v1beta1.Fee",
			map[string]any{"amount": []any{coin("5"), coin("0")}, "payer": bob, "granter": alice})),
		signed("several messages, one in another", signer, body(map[string]any{"messages": []any{
			pack(send("1")), pack(read("cosmos.authz.v1beta1.MsgExec", map[string]any{"grantee": bob, "msgs": []any{pack(send("2"))}}))}}), fee),
		signed("an extension option", signer, body(map[string]any{"extension_options": []any{pack(send("1"))}}), fee),
		signed("a non-critical extension option", signer, body(map[string]any{"non_critical_extension_options": []any{pack(send("1"))}}), fee),
		signedBytes("an unknown field", signer, with(4), fee),
		signedBytes("an unknown field that is not critical", signer, with(1030), fee),
	}
	for _, text := range texts {
		all = append(all, signed(fmt.Sprintf("the memo %+q", text), signer, body(map[string]any{"memo": text}), fee))
	}
	return all
}
