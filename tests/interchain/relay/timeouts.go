package main

import (
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// timeouts lets a packet run out by time and one by height: both are refunded, once, and neither can be received any more.
func timeouts(src, dst *End) error {
	now, err := dst.height()
	if err != nil {
		return err
	}
	header, err := dst.signed(now)
	if err != nil {
		return err
	}
	byTime := uint64(header.Time.Add(4 * time.Second).UnixNano())
	byHeight := dst.ibcHeight(now + 8)
	denom := src.Kind.Denom
	held, err := src.balance(src.escrow(), denom)
	if err != nil {
		return err
	}
	events, err := src.send(
		src.transferMsg(denom, 1001, dst.signer(), clienttypes.ZeroHeight(), byTime),
		src.transferMsg(denom, 1002, dst.signer(), byHeight, 0))
	if err != nil {
		return err
	}
	sent, err := packets(events, channeltypes.EventTypeSendPacket)
	if err != nil {
		return err
	}
	if err := unchanged(src, denom, held.AddRaw(2003)); err != nil {
		return err
	}
	// A proof of absence from before the time, for which it is too early.
	early, err := src.update(dst)
	if err != nil {
		return err
	}
	tooEarly, err := src.timeoutMsg(dst, sent[0], early)
	if err != nil {
		return err
	}
	if header, err = dst.signed(int64(early.height.RevisionHeight)); err != nil {
		return err
	}
	if uint64(header.Time.UnixNano()) < byTime {
		if _, err := mustFail("a timeout before its time", src.Chain, early.msg, tooEarly); err != nil {
			return err
		}
	}
	err = until("the packets are out of time", func() (bool, error) {
		height, err := dst.height()
		if err != nil {
			return false, err
		}
		header, err := dst.signed(height)
		return err == nil && uint64(height) > byHeight.RevisionHeight && uint64(header.Time.UnixNano()) > byTime, err
	})
	if err != nil {
		return err
	}
	for _, packet := range sent {
		late, err := dst.update(src)
		if err != nil {
			return err
		}
		msg, err := dst.recvMsg(src, packet, late)
		if err != nil {
			return err
		}
		if _, err := mustFail("a packet that is out of time", dst.Chain, late.msg, msg); err != nil {
			return err
		}
	}
	return src.refund(dst, sent, denom, held)
}

// refund brings the timeouts of packets, twice, and checks that the coins are back once.
func (src *End) refund(dst *End, sent []*Sent, denom string, held sdkmath.Int) error {
	for again := 0; again < 2; again++ {
		update, err := src.update(dst)
		if err != nil {
			return err
		}
		for _, packet := range sent {
			msg, err := src.timeoutMsg(dst, packet, update)
			if err != nil {
				return err
			}
			// The second time it may be refused, or taken and without effect.
			if _, err := src.send(update.msg, msg); err != nil && again == 0 {
				return fmt.Errorf("MsgTimeout: %w", err)
			}
		}
		if err := unchanged(src, denom, held); err != nil {
			return err
		}
	}
	return nil
}

// timeoutMsg proves that `dst` has no receipt for a packet.
func (src *End) timeoutMsg(dst *End, packet *Sent, update *Update) (*channeltypes.MsgTimeout, error) {
	value, proof, err := dst.prove(packetPath("receipts", packet.DestinationChannel, packet.Sequence), update.at)
	if err != nil {
		return nil, err
	}
	if len(value) != 0 {
		return nil, fmt.Errorf("%s has received packet %d", dst.ChainID, packet.Sequence)
	}
	return channeltypes.NewMsgTimeout(packet.Packet, 1, proof, update.height, src.signer()), nil
}
