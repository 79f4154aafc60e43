// Writes what cosmossdk.io/x/tx v0.13.8 itself signs as amino JSON, to hold proto/src/amino against:
//
//	proto/vectors/amino.json      messages as bytes and as amino JSON; every Msg of proto/descriptors.bin, and harder cases
//	proto/vectors/sign_docs.json  transactions' bodies and fees, and the bytes that are signed in SIGN_MODE_LEGACY_AMINO_JSON
//
// Regenerate: cd tests/vectors-go && go run ./amino (after scripts/descriptors). The output is deterministic.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	txv1beta1 "cosmossdk.io/api/cosmos/tx/v1beta1"
	"cosmossdk.io/x/tx/signing"
	"cosmossdk.io/x/tx/signing/aminojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"
)

const root = "../../proto"

type vector struct {
	Note  string `json:"note"`
	Type  string `json:"type"`
	Hex   string `json:"hex"`
	Amino string `json:"amino,omitempty"`
	// Why the SDK has no amino JSON for it.
	Refused string `json:"refused,omitempty"`
}

type document struct {
	Note          string `json:"note"`
	ChainID       string `json:"chain_id"`
	AccountNumber string `json:"account_number"`
	Sequence      string `json:"sequence"`
	Body          string `json:"body"`
	Fee           string `json:"fee"`
	Signed        string `json:"signed,omitempty"`
	Refused       string `json:"refused,omitempty"`
}

var (
	files   *protoregistry.Files
	types   *dynamicpb.Types
	encoder aminojson.Encoder
	handler *aminojson.SignModeHandler
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "amino:", err)
		os.Exit(1)
	}
}

func load() {
	bz, err := os.ReadFile(filepath.Join(root, "descriptors.bin"))
	check(err)
	set := &descriptorpb.FileDescriptorSet{}
	check(proto.Unmarshal(bz, set))
	files, err = protodesc.NewFiles(set)
	check(err)
	types = dynamicpb.NewTypes(files)
	encoder = aminojson.NewEncoder(aminojson.EncoderOptions{FileResolver: files, TypeResolver: types})
	handler = aminojson.NewSignModeHandler(aminojson.SignModeHandlerOptions{FileResolver: files, TypeResolver: types})
}

func empty(name string) *dynamicpb.Message {
	descriptor, err := files.FindDescriptorByName(protoreflect.FullName(name))
	check(err)
	return dynamicpb.NewMessage(descriptor.(protoreflect.MessageDescriptor))
}

func marshal(message proto.Message) []byte {
	bz, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	check(err)
	return bz
}

func pack(message *dynamicpb.Message) *anypb.Any {
	return &anypb.Any{TypeUrl: "/" + string(message.Descriptor().FullName()), Value: marshal(message)}
}

// read gives the message in the SDK's own text form of protobuf's JSON.
func read(name string, fields map[string]any) *dynamicpb.Message {
	message := empty(name)
	for key, value := range fields {
		set(message, key, value)
	}
	return message
}

func set(message *dynamicpb.Message, key string, value any) {
	field := message.Descriptor().Fields().ByName(protoreflect.Name(key))
	if field == nil {
		check(fmt.Errorf("%s has no field %s", message.Descriptor().FullName(), key))
	}
	if list, ok := value.([]any); ok {
		to := message.Mutable(field).List()
		for _, item := range list {
			to.Append(valueOf(item))
		}
		return
	}
	message.Set(field, valueOf(value))
}

func valueOf(value any) protoreflect.Value {
	switch value := value.(type) {
	case *dynamicpb.Message:
		return protoreflect.ValueOfMessage(value)
	case *anypb.Any:
		any := empty("google.protobuf.Any")
		set(any, "type_url", value.TypeUrl)
		set(any, "value", value.Value)
		return protoreflect.ValueOfMessage(any)
	default:
		return protoreflect.ValueOf(value)
	}
}

// encoded gives a vector of what a node decodes from the message's bytes.
func encoded(note string, message *dynamicpb.Message) vector {
	return decoded(note, string(message.Descriptor().FullName()), marshal(message))
}

func decoded(note, name string, bz []byte) vector {
	v := vector{Note: note, Type: name, Hex: hex.EncodeToString(bz)}
	message := empty(name)
	check(proto.Unmarshal(bz, message))
	amino, err := encoder.Marshal(message)
	if err != nil {
		v.Refused = err.Error()
		return v
	}
	if !json.Valid(amino) {
		check(fmt.Errorf("%s: not JSON: %s", note, amino))
	}
	v.Amino = string(amino)
	return v
}

// messages lists the names of every request of a Msg service, sorted.
func messages() []string {
	var names []string
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			if service.Name() != "Msg" {
				continue
			}
			for j := range service.Methods().Len() {
				names = append(names, string(service.Methods().Get(j).Input().FullName()))
			}
		}
		return true
	})
	sort.Strings(names)
	return names
}

func write(name string, vectors any) {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	check(enc.Encode(vectors))
	check(os.WriteFile(filepath.Join(root, "vectors", name), []byte(out.String()), 0o644))
}

func signed(note string, signer signing.SignerData, body *dynamicpb.Message, fee *dynamicpb.Message) document {
	return signedBytes(note, signer, marshal(body), fee)
}

func signedBytes(note string, signer signing.SignerData, body []byte, fee *dynamicpb.Message) document {
	signer.Address = alice
	d := document{
		Note: note, ChainID: signer.ChainID,
		AccountNumber: fmt.Sprint(signer.AccountNumber), Sequence: fmt.Sprint(signer.Sequence),
		Body: hex.EncodeToString(body), Fee: hex.EncodeToString(marshal(fee)),
	}
	data := signing.TxData{Body: &txv1beta1.TxBody{}, AuthInfo: &txv1beta1.AuthInfo{Fee: &txv1beta1.Fee{}}, BodyBytes: body}
	check(proto.Unmarshal(body, data.Body))
	check(proto.Unmarshal(marshal(fee), data.AuthInfo.Fee))
	bz, err := handler.GetSignBytes(context.Background(), signer, data)
	if err != nil {
		d.Refused = err.Error()
	}
	d.Signed = string(bz)
	return d
}

func main() {
	load()
	vectors := cases()
	for _, name := range messages() {
		least, most := empty(name), empty(name)
		fillLeast(least, 0)
		fill(most, name, 0)
		vectors = append(vectors, encoded("as little as can be", least), encoded("as much as can be", most))
	}
	write("amino.json", vectors)
	write("sign_docs.json", documents())
}
