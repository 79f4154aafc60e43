package main

import (
	"fmt"
	"strings"

	"github.com/cosmos/gogoproto/proto"
	transfertypes "github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	"google.golang.org/protobuf/encoding/protowire"
)

// What this program does is the same bytes for ibc-go v8 and v10, but for two queries. v10's types are of another module with the same
// names in the same registry, so that one program can't have both: what v10 alone has is read and written here by its fields' numbers.

// parts are the values of a field of bytes, text or messages.
func parts(message []byte, field protowire.Number) (found [][]byte, err error) {
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		message = message[size:]
		if size = protowire.ConsumeFieldValue(number, kind, message); size < 0 {
			return nil, protowire.ParseError(size)
		}
		if number == field && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			found = append(found, value)
		}
		message = message[size:]
	}
	return found, nil
}

// part is the one value of a field.
func part(message []byte, field protowire.Number) ([]byte, error) {
	found, err := parts(message, field)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d values of field %d in %x", len(found), field, message)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// trace is where a voucher of this chain comes from: ports and channels, and what it is called at home.
func (c *Chain) trace(voucher string) (string, error) {
	if c.Kind.V10 {
		return c.traceV10(voucher)
	}
	var response transfertypes.QueryDenomTraceResponse
	request := &transfertypes.QueryDenomTraceRequest{Hash: voucher}
	if err := c.query("/ibc.applications.transfer.v1.Query/DenomTrace", request, &response); err != nil {
		return "", err
	}
	if response.DenomTrace == nil {
		return "", fmt.Errorf("%s has no trace of %s", c.ChainID, voucher)
	}
	return response.DenomTrace.GetFullDenomPath(), nil
}

// traceV10 asks for a `Denom`, whose request and answer have the numbers that a trace's have: {base = 1, trace = 3 {port = 1, channel = 2}}.
func (c *Chain) traceV10(voucher string) (string, error) {
	request, err := proto.Marshal(&transfertypes.QueryDenomTraceRequest{Hash: voucher})
	if err != nil {
		return "", err
	}
	answer, err := c.ask("/ibc.applications.transfer.v1.Query/Denom", request)
	if err != nil {
		return "", err
	}
	denom, err := part(answer, 1)
	if err != nil {
		return "", err
	}
	hops, err := parts(denom, 3)
	if err != nil {
		return "", err
	}
	var path []string
	for _, hop := range hops {
		for _, field := range []protowire.Number{1, 2} {
			text, err := part(hop, field)
			if err != nil {
				return "", err
			}
			path = append(path, string(text))
		}
	}
	base, err := part(denom, 1)
	return strings.Join(append(path, string(base)), "/"), err
}

// judges asks what a client makes of a proof. v10 has the path in a field of its own, 8, with the same encoding.
func (c *Chain) judges(request *clienttypes.QueryVerifyMembershipRequest) (bool, error) {
	encoded, err := proto.Marshal(request)
	if err != nil {
		return false, err
	}
	if c.Kind.V10 {
		path, err := part(encoded, 4)
		if err != nil {
			return false, err
		}
		encoded = protowire.AppendBytes(protowire.AppendTag(encoded, 8, protowire.BytesType), path)
	}
	answer, err := c.ask("/ibc.core.client.v1.Query/VerifyMembership", encoded)
	if err != nil {
		return false, err
	}
	var response clienttypes.QueryVerifyMembershipResponse
	err = proto.Unmarshal(answer, &response)
	return response.Success, err
}
