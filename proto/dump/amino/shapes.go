package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"
	"unsafe"

	"cosmossdk.io/math"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"
	amino "github.com/tendermint/go-amino"
)

// A type that has a name.
type named struct {
	Name   string `json:"name"`
	Proto  string `json:"proto"`
	Prefix string `json:"prefix"`
	Disamb string `json:"disamb"`
}

// A field of a struct.
type member struct {
	Number    int    `json:"number"`
	Key       string `json:"key"`
	OmitEmpty bool   `json:"omit_empty"`
	Kind      string `json:"kind"`
}

// registered reads what the codec keeps to itself.
func registered() []*amino.TypeInfo {
	field := reflect.ValueOf(cdc.Amino).Elem().FieldByName("concreteInfos")
	infos := *(*[]*amino.TypeInfo)(unsafe.Pointer(field.UnsafeAddr()))
	sort.Slice(infos, func(i, j int) bool { return infos[i].Name < infos[j].Name })
	return infos
}

func protoName(t reflect.Type) string {
	if message, ok := reflect.New(t).Interface().(proto.Message); ok {
		return proto.MessageName(message)
	}
	return ""
}

func (all *vectors) types() {
	for _, info := range registered() {
		name := protoName(info.Type)
		all.Types = append(all.Types, named{
			Name: info.Name, Proto: name, Prefix: hex.EncodeToString(info.Prefix[:]), Disamb: hex.EncodeToString(info.Disamb[:]),
		})
		// Keys and accounts have forms of their own, and stand in no message.
		if strings.HasPrefix(name, "cosmos.") && !strings.Contains(name, ".crypto.") || strings.HasPrefix(name, "ibc.") {
			all.reach(info.Type)
		}
	}
}

// reach writes down the struct of a message and of all that it holds.
func (all *vectors) reach(t reflect.Type) {
	name := protoName(t)
	if name == "" {
		check(fmt.Errorf("%v is no message", t))
	}
	if _, known := all.Structs[name]; known {
		return
	}
	all.Structs[name] = []member{}
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		if !field.IsExported() || tag[0] == "-" {
			continue
		}
		key := tag[0]
		if key == "" {
			key = field.Name
		}
		all.Structs[name] = append(all.Structs[name], member{
			Number: len(all.Structs[name]) + 1, Key: key, OmitEmpty: len(tag) > 1 && tag[1] == "omitempty", Kind: all.kind(field.Type),
		})
	}
}

var kinds = map[reflect.Type]string{
	reflect.TypeOf(math.Int{}):       "integer",
	reflect.TypeOf(math.LegacyDec{}): "decimal",
	reflect.TypeOf(time.Time{}):      "time",
	reflect.TypeOf(codectypes.Any{}): "any",
}

// kind says what amino sees of a type.
func (all *vectors) kind(t reflect.Type) string {
	if known, ok := kinds[t]; ok {
		return known
	}
	if t == reflect.TypeOf(sdk.Coins{}) {
		return "coins:" + all.kind(reflect.TypeOf([]sdk.Coin{}))
	}
	if t.Kind() != reflect.Ptr && t.Kind() != reflect.Interface {
		if _, ok := reflect.New(t).Interface().(json.Marshaler); ok {
			return "other:" + t.String()
		}
		if _, ok := reflect.PointerTo(t).MethodByName("MarshalAmino"); ok {
			return "other:" + t.String()
		}
	}
	switch t.Kind() {
	case reflect.Ptr:
		return "*" + all.kind(t.Elem())
	case reflect.Interface:
		return "oneof"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + all.kind(t.Elem())
	case reflect.Struct:
		all.reach(t)
		return protoName(t)
	default:
		return t.Kind().String()
	}
}
