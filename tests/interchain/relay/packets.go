package main

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	sdkmath "cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"
	transfertypes "github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// Sent is a packet as it left a chain, and what was answered to it.
type Sent struct {
	channeltypes.Packet
	ack []byte
}

// packets are those that a transaction's events tell of; `kind` is send_packet or write_acknowledgement.
func packets(events []abci.Event, kind string) ([]*Sent, error) {
	var all []*Sent
	for _, values := range attributes(events, kind) {
		data, err := unhex(values[channeltypes.AttributeKeyDataHex])
		if err != nil {
			return nil, err
		}
		sequence, err := strconv.ParseUint(values[channeltypes.AttributeKeySequence], 10, 64)
		if err != nil {
			return nil, err
		}
		timestamp, err := strconv.ParseUint(values[channeltypes.AttributeKeyTimeoutTimestamp], 10, 64)
		if err != nil {
			return nil, err
		}
		height, err := clienttypes.ParseHeight(values[channeltypes.AttributeKeyTimeoutHeight])
		if err != nil {
			return nil, err
		}
		packet := channeltypes.NewPacket(data, sequence,
			values[channeltypes.AttributeKeySrcPort], values[channeltypes.AttributeKeySrcChannel],
			values[channeltypes.AttributeKeyDstPort], values[channeltypes.AttributeKeyDstChannel], height, timestamp)
		ack, err := unhex(values[channeltypes.AttributeKeyAckHex])
		if err != nil {
			return nil, err
		}
		all = append(all, &Sent{packet, ack})
	}
	return all, nil
}

func packetPath(kind, channel string, sequence uint64) string {
	return fmt.Sprintf("%s/ports/%s/channels/%s/sequences/%d", kind, port, channel, sequence)
}

// voucher is what a denomination of the other chain is called on this one.
func (dst *End) voucher(denom string) string {
	hash := sha256.Sum256([]byte(fmt.Sprintf("%s/%s/%s", port, dst.channel, denom)))
	return fmt.Sprintf("ibc/%X", hash)
}

// escrow holds what left this chain through its channel.
func (src *End) escrow() string {
	return src.Kind.bech(transfertypes.GetEscrowAddress(port, src.channel))
}

// transferMsg sends coins to an address of the other chain.
func (src *End) transferMsg(denom string, amount int64, to string, height clienttypes.Height, timestamp uint64) *transfertypes.MsgTransfer {
	coin := sdk.Coin{Denom: denom, Amount: sdkmath.NewInt(amount)}
	return transfertypes.NewMsgTransfer(port, src.channel, coin, src.signer(), to, height, timestamp, "")
}

// inAnHour is a timeout that no test waits for.
func inAnHour() uint64 { return uint64(time.Now().Add(time.Hour).UnixNano()) }

// transfer sends these amounts, each in a packet of its own, in one transaction.
func (src *End) transfer(denom string, amounts []int64, to string) ([]*Sent, error) {
	var msgs []proto.Message
	for _, amount := range amounts {
		msgs = append(msgs, src.transferMsg(denom, amount, to, clienttypes.ZeroHeight(), inAnHour()))
	}
	events, err := src.send(msgs...)
	if err != nil {
		return nil, fmt.Errorf("MsgTransfer: %w", err)
	}
	sent, err := packets(events, channeltypes.EventTypeSendPacket)
	if err == nil && len(sent) != len(amounts) {
		err = fmt.Errorf("%d packets were sent, not %d", len(sent), len(amounts))
	}
	return sent, err
}

// receive brings packets from `src` to `dst`; what `dst` answers is kept with them.
func receive(src, dst *End, sent []*Sent) error {
	update, err := dst.update(src)
	if err != nil {
		return err
	}
	msgs := []proto.Message{update.msg}
	for _, packet := range sent {
		msg, err := dst.recvMsg(src, packet, update)
		if err != nil {
			return err
		}
		msgs = append(msgs, msg)
	}
	events, err := dst.send(msgs...)
	if err != nil {
		return fmt.Errorf("MsgRecvPacket: %w", err)
	}
	answered, err := packets(events, channeltypes.EventTypeWriteAck)
	if err != nil {
		return err
	}
	if len(answered) != len(sent) {
		return fmt.Errorf("%d of %d packets were acknowledged", len(answered), len(sent))
	}
	for i, packet := range answered {
		if packet.Sequence != sent[i].Sequence || string(packet.Data) != string(sent[i].Data) {
			return fmt.Errorf("packet %d was acknowledged in place of %d", packet.Sequence, sent[i].Sequence)
		}
		sent[i].ack = packet.ack
	}
	return nil
}

func (dst *End) recvMsg(src *End, packet *Sent, update *Update) (*channeltypes.MsgRecvPacket, error) {
	value, proof, err := src.prove(packetPath("commitments", packet.SourceChannel, packet.Sequence), update.at)
	if err != nil {
		return nil, err
	}
	if want := channeltypes.CommitPacket(nil, packet.Packet); string(value) != string(want) {
		return nil, fmt.Errorf("%s commits to %x, not to packet %d", src.ChainID, value, packet.Sequence)
	}
	return channeltypes.NewMsgRecvPacket(packet.Packet, proof, update.height, dst.signer()), nil
}

// acknowledge brings the answers of `dst` back to `src`.
func acknowledge(src, dst *End, sent []*Sent) error {
	update, err := src.update(dst)
	if err != nil {
		return err
	}
	msgs := []proto.Message{update.msg}
	for _, packet := range sent {
		msg, err := src.ackMsg(dst, packet, update)
		if err != nil {
			return err
		}
		msgs = append(msgs, msg)
	}
	if _, err := src.send(msgs...); err != nil {
		return fmt.Errorf("MsgAcknowledgement: %w", err)
	}
	return nil
}

func (src *End) ackMsg(dst *End, packet *Sent, update *Update) (*channeltypes.MsgAcknowledgement, error) {
	value, proof, err := dst.prove(packetPath("acks", packet.DestinationChannel, packet.Sequence), update.at)
	if err != nil {
		return nil, err
	}
	if want := sha256.Sum256(packet.ack); string(value) != string(want[:]) {
		return nil, fmt.Errorf("%s commits to %x, not to the answer to packet %d", dst.ChainID, value, packet.Sequence)
	}
	return channeltypes.NewMsgAcknowledgement(packet.Packet, packet.ack, proof, update.height, src.signer()), nil
}

// relay brings packets over and their answers back.
func relay(src, dst *End, sent []*Sent) error {
	if err := receive(src, dst, sent); err != nil {
		return err
	}
	return acknowledge(src, dst, sent)
}

// succeeded says whether an answer is ICS-20's of success.
func succeeded(packet *Sent) error {
	if want := channeltypes.NewResultAcknowledgement([]byte{1}).Acknowledgement(); string(packet.ack) != string(want) {
		return fmt.Errorf("packet %d was answered %s", packet.Sequence, packet.ack)
	}
	return nil
}
