package main

import (
	"bytes"
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/gogoproto/proto"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	connectiontypes "github.com/cosmos/ibc-go/v8/modules/core/03-connection/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
	commitmenttypes "github.com/cosmos/ibc-go/v8/modules/core/23-commitment/types"
	ibctm "github.com/cosmos/ibc-go/v8/modules/light-clients/07-tendermint"
)

// Case is what a chain has to refuse.
type Case struct {
	what string
	msgs []proto.Message
}

// refusals sends to `dst`, and to `src` where it is the sender's turn, what no honest relayer sends: each is refused, and at the end
// every coin is where it was. How they were refused, by case.
func refusals(src, dst *End) (map[string]*Failed, error) {
	denom := src.Kind.Denom
	held, err := src.balance(src.escrow(), denom)
	if err != nil {
		return nil, err
	}
	abroad, err := dst.supply(dst.voucher(denom))
	if err != nil {
		return nil, err
	}
	sent, err := src.transfer(denom, []int64{500}, dst.signer())
	if err != nil {
		return nil, err
	}
	found := map[string]*Failed{}
	try := func(chain *Chain, cases []Case) error {
		for _, one := range cases {
			failed, err := mustFail(one.what, chain, one.msgs...)
			if err != nil {
				return err
			}
			found[one.what] = failed
		}
		return nil
	}
	cases, err := forgedPackets(src, dst, sent[0])
	if err != nil {
		return nil, err
	}
	if err := try(dst.Chain, cases); err != nil {
		return nil, err
	}
	if cases, err = badHeaders(src, dst); err != nil {
		return nil, err
	}
	if err := try(dst.Chain, append(cases, badBeginnings(dst)...)); err != nil {
		return nil, err
	}
	if err := receive(src, dst, sent); err != nil {
		return nil, err
	}
	if cases, err = forgedAnswers(src, dst, sent[0]); err != nil {
		return nil, err
	}
	if err := try(src.Chain, cases); err != nil {
		return nil, err
	}
	if err := acknowledge(src, dst, sent); err != nil {
		return nil, err
	}
	if err := replays(src, dst, sent[0]); err != nil {
		return nil, err
	}
	if err := unchanged(src, denom, held.AddRaw(500)); err != nil {
		return nil, err
	}
	now, err := dst.supply(dst.voucher(denom))
	return found, expect("vouchers", now.Sub(abroad), err, 500)
}

// flip changes one bit of a copy.
func flip(proof []byte, at int) []byte {
	other := bytes.Clone(proof)
	other[at%len(other)] ^= 1
	return other
}

func forgedPackets(src, dst *End, packet *Sent) ([]Case, error) {
	update, err := dst.update(src)
	if err != nil {
		return nil, err
	}
	good, err := dst.recvMsg(src, packet, update)
	if err != nil {
		return nil, err
	}
	var cases []Case
	add := func(what string, change func(msg *channeltypes.MsgRecvPacket)) {
		msg := *good
		change(&msg)
		cases = append(cases, Case{what, []proto.Message{update.msg, &msg}})
	}
	for _, part := range []int{3, 2} {
		add(fmt.Sprintf("a packet with a bit wrong in its proof, a %d. of it in", part), func(msg *channeltypes.MsgRecvPacket) {
			msg.ProofCommitment = flip(msg.ProofCommitment, len(msg.ProofCommitment)/part)
		})
	}
	add("a packet without a proof", func(msg *channeltypes.MsgRecvPacket) { msg.ProofCommitment = nil })
	add("a packet with rubbish for a proof", func(msg *channeltypes.MsgRecvPacket) { msg.ProofCommitment = []byte("proof") })
	add("a packet with more in it than was sent", func(msg *channeltypes.MsgRecvPacket) {
		msg.Packet.Data = bytes.Replace(msg.Packet.Data, []byte(`"500"`), []byte(`"501"`), 1)
	})
	add("a packet with another timeout", func(msg *channeltypes.MsgRecvPacket) { msg.Packet.TimeoutTimestamp++ })
	add("a packet with another number", func(msg *channeltypes.MsgRecvPacket) { msg.Packet.Sequence++ })
	add("a packet for a channel that is not there", func(msg *channeltypes.MsgRecvPacket) { msg.Packet.DestinationChannel = "channel-99" })
	add("a packet of another channel", func(msg *channeltypes.MsgRecvPacket) { msg.Packet.SourceChannel = "channel-99" })
	add("a packet for another port", func(msg *channeltypes.MsgRecvPacket) { msg.Packet.DestinationPort = "elsewhere" })
	add("a packet proven at a height that is far ahead", func(msg *channeltypes.MsgRecvPacket) { msg.ProofHeight.RevisionHeight += 1_000_000 })
	add("a packet proven at a height of another revision", func(msg *channeltypes.MsgRecvPacket) { msg.ProofHeight.RevisionNumber++ })
	add("a packet proven at another height", func(msg *channeltypes.MsgRecvPacket) {
		state, err := dst.clientState(dst.client)
		if err == nil {
			msg.ProofHeight = state.LatestHeight
		}
	})

	return cases, nil
}

func badHeaders(src, dst *End) ([]Case, error) {
	state, err := dst.clientState(dst.client)
	if err != nil {
		return nil, err
	}
	now, err := src.height()
	if err != nil {
		return nil, err
	}
	if err := src.waitHeight(now + 1); err != nil {
		return nil, err
	}
	var cases []Case
	add := func(what, client string, change func(header *ibctm.Header)) error {
		header, err := src.header(now+1, state.LatestHeight)
		if err != nil {
			return err
		}
		change(header)
		msg, err := clienttypes.NewMsgUpdateClient(client, header, dst.signer())
		cases = append(cases, Case{what, []proto.Message{msg}})
		return err
	}
	for _, one := range []struct {
		what, client string
		change       func(header *ibctm.Header)
	}{
		{"a header with another app hash", dst.client, func(header *ibctm.Header) { header.Header.AppHash = flip(header.Header.AppHash, 0) }},
		{"a header with a signature wrong", dst.client, func(header *ibctm.Header) {
			signature := &header.Commit.Signatures[0]
			if len(signature.Signature) == 0 {
				signature = &header.Commit.Signatures[1]
			}
			signature.Signature = flip(signature.Signature, 5)
		}},
		{"a header with no signatures", dst.client, func(header *ibctm.Header) { header.Commit.Signatures = nil }},
		{"a header of another chain", dst.client, func(header *ibctm.Header) { header.Header.ChainID = "another-1" }},
		{"a header from the future", dst.client, func(header *ibctm.Header) { header.Header.Time = header.Header.Time.Add(time.Hour) }},
		{"a header with other validators", dst.client, func(header *ibctm.Header) { header.ValidatorSet.Validators[0].VotingPower++ }},
		{"a header that trusts what is not known", dst.client, func(header *ibctm.Header) { header.TrustedHeight.RevisionHeight-- }},
		{"a header that trusts a height of its own", dst.client, func(header *ibctm.Header) { header.TrustedHeight.RevisionHeight = uint64(now) + 1 }},
		{"a header for a client that is not there", "07-tendermint-99", func(*ibctm.Header) {}},
		{"a header that is empty", dst.client, func(header *ibctm.Header) { *header = ibctm.Header{} }},
	} {
		if err := add(one.what, one.client, one.change); err != nil {
			return nil, err
		}
	}
	return cases, nil
}

// badBeginnings are clients, connections, channels and transfers that must not come to be.
func badBeginnings(dst *End) []Case {
	prefix := commitmenttypes.NewMerklePrefix([]byte("ibc"))
	consensus := ibctm.NewConsensusState(time.Now(), commitmenttypes.NewMerkleRoot(make([]byte, 32)), make([]byte, 32))
	client := func(change func(state *ibctm.ClientState)) proto.Message {
		state := ibctm.NewClientState("another-1", ibctm.DefaultTrustLevel, trusting, unbonding, drift, clienttypes.NewHeight(1, 5),
			commitmenttypes.GetSDKSpecs(), []string{"upgrade", "upgradedIBCState"})
		change(state)
		msg, _ := clienttypes.NewMsgCreateClient(state, consensus, dst.signer())
		return msg
	}
	versions := connectiontypes.GetCompatibleVersions()
	one := func(what string, msg proto.Message) Case { return Case{what, []proto.Message{msg}} }
	return []Case{
		one("a client that trusts for no time", client(func(state *ibctm.ClientState) { state.TrustingPeriod = 0 })),
		one("a client that trusts longer than stake is bound", client(func(state *ibctm.ClientState) { state.TrustingPeriod = state.UnbondingPeriod })),
		one("a client that trusts too few", client(func(state *ibctm.ClientState) { state.TrustLevel.Denominator = 9 })),
		one("a client without a height", client(func(state *ibctm.ClientState) { state.LatestHeight = clienttypes.NewHeight(1, 0) })),
		one("a client of another revision", client(func(state *ibctm.ClientState) { state.LatestHeight.RevisionNumber = 2 })),
		one("a client that is frozen", client(func(state *ibctm.ClientState) { state.FrozenHeight = clienttypes.NewHeight(0, 1) })),
		one("a client without specifications", client(func(state *ibctm.ClientState) { state.ProofSpecs = nil })),
		one("a connection of a client that is not there", connectiontypes.NewMsgConnectionOpenInit("07-tendermint-99", "07-tendermint-0", prefix, versions[0], 0, dst.signer())),
		one("a channel on a port that is not there", channeltypes.NewMsgChannelOpenInit("nowhere", version, channeltypes.UNORDERED, []string{dst.connection}, port, dst.signer())),
		one("a channel on a connection that is not there", channeltypes.NewMsgChannelOpenInit(port, version, channeltypes.UNORDERED, []string{"connection-99"}, port, dst.signer())),
		one("an ordered channel for tokens", channeltypes.NewMsgChannelOpenInit(port, version, channeltypes.ORDERED, []string{dst.connection}, port, dst.signer())),
		one("a channel of another version", channeltypes.NewMsgChannelOpenInit(port, "ics20-9", channeltypes.UNORDERED, []string{dst.connection}, port, dst.signer())),
		one("the end of a channel for tokens", channeltypes.NewMsgChannelCloseInit(port, dst.channel, dst.signer())),
		one("a transfer of vouchers that nobody has", dst.transferMsg("ibc/"+fmt.Sprintf("%064X", 7), 1, "someone", clienttypes.ZeroHeight(), inAnHour())),
		one("a transfer of more than there is", dst.transferMsg(dst.voucher("nothing"), 1, "someone", clienttypes.ZeroHeight(), inAnHour())),
		one("a transfer of nothing", dst.transferMsg(dst.Kind.Denom, 0, "someone", clienttypes.ZeroHeight(), inAnHour())),
		one("a transfer that never runs out", dst.transferMsg(dst.Kind.Denom, 1, "someone", clienttypes.ZeroHeight(), 0)),
		one("a transfer that has run out", dst.transferMsg(dst.Kind.Denom, 1, "someone", clienttypes.ZeroHeight(), 1)),
		one("a transfer over a channel that is not there", elsewhere(dst)),
	}
}

func elsewhere(src *End) proto.Message {
	msg := src.transferMsg(src.Kind.Denom, 1, "someone", clienttypes.ZeroHeight(), inAnHour())
	msg.SourceChannel = "channel-99"
	return msg
}

// forgedAnswers are for the sender of a packet that was received.
func forgedAnswers(src, dst *End, packet *Sent) ([]Case, error) {
	update, err := src.update(dst)
	if err != nil {
		return nil, err
	}
	good, err := src.ackMsg(dst, packet, update)
	if err != nil {
		return nil, err
	}
	var cases []Case
	add := func(what string, change func(msg *channeltypes.MsgAcknowledgement)) {
		msg := *good
		change(&msg)
		cases = append(cases, Case{what, []proto.Message{update.msg, &msg}})
	}
	add("an answer that was not given", func(msg *channeltypes.MsgAcknowledgement) {
		msg.Acknowledgement = channeltypes.NewErrorAcknowledgement(fmt.Errorf("no")).Acknowledgement()
	})
	add("an answer with a bit wrong in its proof", func(msg *channeltypes.MsgAcknowledgement) {
		msg.ProofAcked = flip(msg.ProofAcked, len(msg.ProofAcked)/3)
	})
	add("an answer to a packet that was not sent", func(msg *channeltypes.MsgAcknowledgement) {
		msg.Packet.Data = bytes.Replace(msg.Packet.Data, []byte(`"500"`), []byte(`"501"`), 1)
	})
	// What was received has not timed out, whatever a proof of another packet's absence says.
	_, absence, err := dst.prove(packetPath("receipts", packet.DestinationChannel, packet.Sequence+1), update.at)
	timeout := channeltypes.NewMsgTimeout(packet.Packet, 1, absence, update.height, src.signer())
	return append(cases, Case{"a timeout of a packet that was received", []proto.Message{update.msg, timeout}}), err
}

// replays brings a packet and its answer once more: a chain may refuse that or pass it over, and nothing moves.
func replays(src, dst *End, packet *Sent) error {
	update, err := dst.update(src)
	if err != nil {
		return err
	}
	// The commitment is gone with the answer: an old proof stands for it.
	_, proof, err := src.prove(packetPath("commitments", packet.SourceChannel, packet.Sequence), update.at)
	if err != nil {
		return err
	}
	before, err := dst.balance(dst.signer(), dst.voucher(src.Kind.Denom))
	if err != nil {
		return err
	}
	_, _ = dst.send(channeltypes.NewMsgRecvPacket(packet.Packet, proof, update.height, dst.signer()))
	_, _ = dst.send(update.msg, channeltypes.NewMsgRecvPacket(packet.Packet, proof, update.height, dst.signer()))
	back, err := src.update(dst)
	if err != nil {
		return err
	}
	ack, err := src.ackMsg(dst, packet, back)
	if err != nil {
		return err
	}
	_, _ = src.send(back.msg, ack)
	after, err := dst.balance(dst.signer(), dst.voucher(src.Kind.Denom))
	if err == nil && !after.Equal(before) {
		err = fmt.Errorf("a packet that was received before paid %s more", sdkmath.Int.Sub(after, before))
	}
	return err
}
