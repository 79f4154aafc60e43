package main

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"

	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// stranger is an address with a number, of whom no chain knows anything yet.
func (k Kind) stranger(number int) string {
	return k.bech(secp256k1.GenPrivKeyFromSecret([]byte(fmt.Sprintf("stranger %d", number))).PubKey().Address())
}

func amounts(random *rand.Rand, count int, most int64) (all []int64, sum int64) {
	for i := 0; i < count; i++ {
		amount := 1 + random.Int63n(most)
		all, sum = append(all, amount), sum+amount
	}
	return all, sum
}

// expect compares what somebody has with what somebody should have.
func expect(what string, have sdkmath.Int, err error, want int64) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !have.Equal(sdkmath.NewInt(want)) {
		return fmt.Errorf("%s is %s, not %d", what, have, want)
	}
	return nil
}

// backed checks that `src` holds exactly what is abroad on `dst`.
func backed(src, dst *End, denom string, want int64) error {
	held, err := src.balance(src.escrow(), denom)
	if err := expect("the escrow on "+src.ChainID, held, err, want); err != nil {
		return err
	}
	abroad, err := dst.supply(dst.voucher(denom))
	return expect("the supply of vouchers on "+dst.ChainID, abroad, err, want)
}

// thereAndBack sends `out` packets of src's own coin to dst and `back` packets home, and checks every sum on the way. What is left abroad.
func thereAndBack(random *rand.Rand, src, dst *End, out, back, number int) (left int64, err error) {
	denom := src.Kind.Denom
	before, err := src.supply(denom)
	if err != nil {
		return 0, err
	}
	list, sum := amounts(random, out, 1_000_000)
	sent, err := src.transfer(denom, list, dst.signer())
	if err != nil {
		return 0, err
	}
	if err := listed(src, dst, sent); err != nil {
		return 0, err
	}
	if err := relay(src, dst, sent); err != nil {
		return 0, err
	}
	for _, packet := range sent {
		if err := succeeded(packet); err != nil {
			return 0, err
		}
	}
	if err := settled(src, dst, sent); err != nil {
		return 0, err
	}
	has, err := dst.balance(dst.signer(), dst.voucher(denom))
	if err := expect("the receiver's vouchers", has, err, sum); err != nil {
		return 0, err
	}
	if err := backed(src, dst, denom, sum); err != nil {
		return 0, err
	}
	if err := traced(dst, denom); err != nil {
		return 0, err
	}

	home := src.Kind.stranger(number)
	list, returned := amounts(random, back, sum/int64(2*max(back, 1)))
	if sent, err = dst.transfer(dst.voucher(denom), list, home); err != nil {
		return 0, err
	}
	if err := relay(dst, src, sent); err != nil {
		return 0, err
	}
	has, err = src.balance(home, denom)
	if err := expect("what came home", has, err, returned); err != nil {
		return 0, err
	}
	if err := backed(src, dst, denom, sum-returned); err != nil {
		return 0, err
	}
	// Nothing is made or burnt where the coin is at home.
	after, err := src.supply(denom)
	if err != nil {
		return 0, err
	}
	if !after.Equal(before) {
		return 0, fmt.Errorf("there were %s, now there are %s", before, after)
	}
	return sum - returned, nil
}

// traced checks that dst tells where its voucher comes from.
func traced(dst *End, denom string) error {
	voucher, want := dst.voucher(denom), fmt.Sprintf("%s/%s/%s", port, dst.channel, denom)
	trace, err := dst.trace(voucher)
	if err == nil && trace != want {
		err = fmt.Errorf("%s traces %s to %s, not to %s", dst.ChainID, voucher, trace, want)
	}
	return err
}

func sequences(sent []*Sent) []uint64 {
	var all []uint64
	for _, packet := range sent {
		all = append(all, packet.Sequence)
	}
	return all
}

func same(what string, have, want []uint64) error {
	if len(have) != len(want) {
		return fmt.Errorf("%s: %v, not %v", what, have, want)
	}
	known := map[uint64]bool{}
	for _, sequence := range have {
		known[sequence] = true
	}
	for _, sequence := range want {
		if !known[sequence] {
			return fmt.Errorf("%s: %v, not %v", what, have, want)
		}
	}
	return nil
}

// listed checks what relayers ask before they relay: the sender lists its packets by pages, the receiver says it has none of them.
func listed(src, dst *End, sent []*Sent) error {
	var pages []uint64
	request := &channeltypes.QueryPacketCommitmentsRequest{PortId: port, ChannelId: src.channel, Pagination: &query.PageRequest{Limit: 5}}
	for {
		var response channeltypes.QueryPacketCommitmentsResponse
		if err := src.query("/ibc.core.channel.v1.Query/PacketCommitments", request, &response); err != nil {
			return err
		}
		if response.Height.IsZero() {
			return fmt.Errorf("%s names no height", src.ChainID)
		}
		for _, commitment := range response.Commitments {
			pages = append(pages, commitment.Sequence)
		}
		if len(response.Pagination.NextKey) == 0 {
			break
		}
		request.Pagination.Key = response.Pagination.NextKey
	}
	if err := same("commitments on "+src.ChainID, pages, sequences(sent)); err != nil {
		return err
	}
	return unreceived(dst, sequences(sent), sequences(sent))
}

func unreceived(dst *End, asked, want []uint64) error {
	var response channeltypes.QueryUnreceivedPacketsResponse
	request := &channeltypes.QueryUnreceivedPacketsRequest{PortId: port, ChannelId: dst.channel, PacketCommitmentSequences: asked}
	if err := dst.query("/ibc.core.channel.v1.Query/UnreceivedPackets", request, &response); err != nil {
		return err
	}
	return same("unreceived packets on "+dst.ChainID, response.Sequences, want)
}

// settled checks that both chains are done with packets.
func settled(src, dst *End, sent []*Sent) error {
	if err := unreceived(dst, sequences(sent), nil); err != nil {
		return err
	}
	var acks channeltypes.QueryUnreceivedAcksResponse
	request := &channeltypes.QueryUnreceivedAcksRequest{PortId: port, ChannelId: src.channel, PacketAckSequences: sequences(sent)}
	if err := src.query("/ibc.core.channel.v1.Query/UnreceivedAcks", request, &acks); err != nil {
		return err
	}
	return same("unreceived acks on "+src.ChainID, acks.Sequences, nil)
}

// refused sends to nobody: the receiver answers with an error and the sender gets its coins back.
func refused(src, dst *End) error {
	denom := src.Kind.Denom
	held, err := src.balance(src.escrow(), denom)
	if err != nil {
		return err
	}
	sent, err := src.transfer(denom, []int64{77}, nobody)
	if err != nil {
		return err
	}
	if err := receive(src, dst, sent); err != nil {
		return err
	}
	if !strings.Contains(string(sent[0].ack), `"error"`) {
		return fmt.Errorf("%s answers %s for a receiver that is none", dst.ChainID, sent[0].ack)
	}
	if err := acknowledge(src, dst, sent); err != nil {
		return err
	}
	return unchanged(src, denom, held)
}

// unchanged checks that the escrow holds what it held.
func unchanged(src *End, denom string, held sdkmath.Int) error {
	now, err := src.balance(src.escrow(), denom)
	if err != nil {
		return err
	}
	if !now.Equal(held) {
		return fmt.Errorf("the escrow on %s held %s and holds %s", src.ChainID, held, now)
	}
	return nil
}

// mustFail runs what a chain has to refuse; how it does.
func mustFail(what string, chain *Chain, msgs ...proto.Message) (*Failed, error) {
	_, err := chain.send(msgs...)
	if err == nil {
		return nil, fmt.Errorf("%s took %s", chain.ChainID, what)
	}
	var failed *Failed
	if !errors.As(err, &failed) {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return failed, nil
}
