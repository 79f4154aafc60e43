package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	"github.com/cosmos/gogoproto/proto"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// Sender puts messages into a block of a chain.
type Sender func(c *Chain, msgs ...proto.Message) ([]abci.Event, error)

// plainly is the sender that waits for the block.
func plainly(c *Chain, msgs ...proto.Message) ([]abci.Event, error) { return c.send(msgs...) }

// through sends a transaction, lets something happen to the chain, and sends the same transaction again until a block has it: whether
// the first had got into a block is for the chain to know, and it must be there once.
func through(what func() error) Sender {
	return func(c *Chain, msgs ...proto.Message) ([]abci.Event, error) {
		bytes, err := c.sign(msgs)
		if err != nil {
			return nil, err
		}
		height, err := c.height()
		if err != nil {
			return nil, err
		}
		ctx := context.Background()
		checked, err := c.RPC.BroadcastTxSync(ctx, bytes)
		if err != nil {
			return nil, err
		}
		if checked.Code != 0 {
			return nil, &Failed{c.ChainID, checked.Codespace, checked.Code, checked.Log, false}
		}
		if err := what(); err != nil {
			return nil, err
		}
		var result *abci.ExecTxResult
		refused := ""
		err = until("a transaction is in a block of "+c.ChainID+" that was killed", func() (bool, error) {
			// It is refused where it is known or was executed.
			if again, err := c.RPC.BroadcastTxSync(ctx, bytes); err != nil {
				refused = err.Error()
			} else if again.Code != 0 {
				refused = again.Log
			}
			now, err := c.height()
			if err != nil {
				return false, err
			}
			for ; height < now && result == nil; height++ {
				if result, err = c.executed(height+1, bytes); err != nil {
					return false, err
				}
			}
			return result != nil, nil
		})
		if err != nil {
			return nil, fmt.Errorf("%w; it was refused last with: %s", err, refused)
		}
		c.sequence++
		return c.result(len(msgs), result, height)
	}
}

// executed is the result of a transaction in the block of a height, if it is there. The index of transactions may lack what was in the
// last block before a kill; blocks and their results do not.
func (c *Chain) executed(height int64, bytes []byte) (*abci.ExecTxResult, error) {
	node, ok := c.RPC.(rpcclient.SignClient)
	if !ok {
		return nil, fmt.Errorf("%s keeps no blocks", c.ChainID)
	}
	block, err := node.Block(context.Background(), &height)
	if err != nil {
		return nil, err
	}
	for at, one := range block.Block.Txs {
		if string(one) != string(bytes) {
			continue
		}
		results, err := node.BlockResults(context.Background(), &height)
		if err != nil {
			return nil, err
		}
		return results.TxsResults[at], nil
	}
	return nil, nil
}

// over says whether a packet has run out by the last block of the chain that would receive it.
func (l *Ledger) over(packet *Moving) (bool, error) {
	dst := l.ends[1-packet.from]
	now, err := dst.height()
	if err != nil {
		return false, err
	}
	header, err := dst.signed(now)
	if err != nil {
		return false, err
	}
	byTime := packet.TimeoutTimestamp != 0 && uint64(header.Time.UnixNano()) >= packet.TimeoutTimestamp
	byHeight := packet.TimeoutHeight.RevisionHeight != 0 && uint64(now) >= packet.TimeoutHeight.RevisionHeight
	return byTime || byHeight, nil
}

// Errand is the next thing to do with a packet, and on which end.
type Errand struct {
	*Moving
	on   int
	late bool // it is to be timed out
}

// errand is what is to be done with a packet now, if there is something.
func (l *Ledger) errand(packet *Moving) (*Errand, error) {
	switch packet.stage {
	case finished:
		return nil, nil
	case received:
		return &Errand{packet, packet.from, false}, nil
	}
	if packet.brief {
		over, err := l.over(packet)
		if err != nil {
			return nil, err
		}
		if over {
			return &Errand{packet, packet.from, true}, nil
		}
		if packet.held {
			return nil, nil
		}
	}
	return &Errand{packet, 1 - packet.from, false}, nil
}

func (l *Ledger) message(errand *Errand, update *Update) (proto.Message, error) {
	on, other := l.ends[errand.on], l.ends[1-errand.on]
	switch {
	case errand.late:
		return on.timeoutMsg(other, errand.Sent, update)
	case errand.stage == received:
		return on.ackMsg(other, errand.Sent, update)
	default:
		return on.recvMsg(other, errand.Sent, update)
	}
}

// bring runs errands on one end in one transaction, in this order.
func (l *Ledger) bring(send Sender, on int, errands ...*Errand) error {
	end := l.ends[on]
	update, err := end.update(l.ends[1-on])
	if err != nil {
		return err
	}
	msgs := []proto.Message{update.msg}
	for _, errand := range errands {
		msg, err := l.message(errand, update)
		if err != nil {
			return err
		}
		msgs = append(msgs, msg)
	}
	events, err := send(end.Chain, msgs...)
	if err != nil {
		return l.missed(errands, err)
	}
	answered, err := packets(events, channeltypes.EventTypeWriteAck)
	if err != nil {
		return err
	}
	for _, errand := range errands {
		if err := l.done(errand, answered); err != nil {
			return err
		}
	}
	return nil
}

// missed allows one failure: a packet that ran out while it was brought.
func (l *Ledger) missed(errands []*Errand, failed error) error {
	var refused *Failed
	if len(errands) != 1 || !errands[0].brief || errands[0].stage != sent || errands[0].late || !errors.As(failed, &refused) {
		return failed
	}
	over, err := l.over(errands[0].Moving)
	if err != nil || over {
		return err
	}
	return fmt.Errorf("packet %d has not run out: %w", errands[0].Sequence, failed)
}

// done enters into the ledger what a chain did with a packet.
func (l *Ledger) done(errand *Errand, answered []*Sent) error {
	packet := errand.Moving
	if errand.late || packet.stage == received {
		packet.stage = finished
		if !packet.paid {
			l.refund(packet)
		}
		if errand.late && packet.TimeoutTimestamp == 0 {
			l.ranOut[0]++
		} else if errand.late {
			l.ranOut[1]++
		}
		return nil
	}
	for _, answer := range answered {
		if answer.Sequence != packet.Sequence || answer.SourceChannel != packet.SourceChannel {
			continue
		}
		packet.ack, packet.stage = answer.ack, received
		if packet.to == nobody {
			if !strings.Contains(string(answer.ack), `"error"`) {
				return fmt.Errorf("packet %d, for nobody, is answered %s", packet.Sequence, answer.ack)
			}
			l.refused++
			return nil
		}
		l.pay(packet)
		return succeeded(packet.Sent)
	}
	return fmt.Errorf("packet %d is not answered", packet.Sequence)
}

// pass takes these packets one step on, where there is one to take: what may run out by itself, all else of one end in one transaction.
func (l *Ledger) pass(list []*Moving) error {
	var together [2][]*Errand
	var alone []*Errand
	for _, packet := range list {
		errand, err := l.errand(packet)
		switch {
		case err != nil:
			return err
		case errand == nil:
		case errand.brief && errand.stage == sent && !errand.late:
			alone = append(alone, errand)
		default:
			together[errand.on] = append(together[errand.on], errand)
		}
	}
	for _, errand := range alone {
		if err := l.bring(plainly, errand.on, errand); err != nil {
			return err
		}
	}
	for on, errands := range together {
		// As many as a transaction's gas and size are sure to hold.
		for ; len(errands) > 0; errands = errands[min(len(errands), 20):] {
			if err := l.bring(plainly, on, errands[:min(len(errands), 20)]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// some are about two of three pending packets, in a random order.
func (l *Ledger) some(random *rand.Rand) (list []*Moving) {
	for _, packet := range l.pending() {
		if random.Intn(3) > 0 {
			list = append(list, packet)
		}
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// drain brings whatever there is until both chains wait for nothing.
func (l *Ledger) drain() error {
	deadline := time.Now().Add(5 * time.Minute)
	for len(l.pending()) > 0 {
		if time.Now().After(deadline) {
			return fmt.Errorf("%d packets are left", len(l.pending()))
		}
		if err := l.pass(l.pending()); err != nil {
			return err
		}
		// What is held until it has run out may be all that is left.
		time.Sleep(100 * time.Millisecond)
		if err := l.holds(); err != nil {
			return err
		}
	}
	return nil
}
