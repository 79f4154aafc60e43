package main

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

const (
	toEach  = 10 // packets of a block that one receiver gets
	headers = 20 // that a transaction brings where headers are measured
)

// Side is a chain whose work is measured, and the far end's path to it. One far chain sends to both sides and receives from both, so
// that the proofs that they verify are of the same trees and as long.
type Side struct {
	name      string
	near, far *End
	owed      map[string]int64 // what receivers here should have of the far chain's coin
	abroad    int64            // what should lie in escrow here
}

// Work is something that both sides do, with what a round of it took.
type Work struct {
	name string
	run  func(*Side, *rand.Rand) (*Sample, error)
}

// Sample is a block of one kind of work.
type Sample struct {
	Spent
	units, bytes int
	gas          int64
}

// cost prints what packets cost both daemons, below consensus, and the ratios.
func cost(ours, theirs Kind, seed int64, packets, rounds, validators int, keep bool) error {
	home, err := os.MkdirTemp("", "openledger-cost-")
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("homes:", home)
	} else {
		defer os.RemoveAll(home)
	}
	alone := func(n *Node) error { return n.startAlone(validators) }
	// Fees are paid on both.
	ours.GasPrice, theirs.GasPrice = 1, 1
	far, err := begin(theirs, "far-3", filepath.Join(home, "far"), alone)
	if far != nil {
		defer far.stop(syscall.SIGTERM)
	}
	if err != nil {
		return err
	}
	name := "openledgerd"
	if ours.Binary == theirs.Binary {
		name = "simd again"
	}
	var sides []*Side
	for _, one := range []struct {
		name, chainID string
		kind          Kind
	}{{"simd", "theirs-2", theirs}, {name, "ours-1", ours}} {
		near, err := begin(one.kind, one.chainID, filepath.Join(home, one.chainID), alone)
		if near != nil {
			defer near.stop(syscall.SIGTERM)
		}
		if err != nil {
			return err
		}
		side := &Side{one.name, near, &End{Chain: far.Chain}, map[string]int64{}, 0}
		if err := openConnection(near, side.far); err != nil {
			return err
		}
		if err := openChannel(near, side.far); err != nil {
			return err
		}
		sides = append(sides, side)
	}
	return compareCosts(sides, works(packets), rand.New(rand.NewSource(seed)), rounds)
}

func works(packets int) []Work {
	var all []Work
	for _, batch := range []int{1, 10, 50} {
		all = append(all,
			Work{fmt.Sprintf("MsgRecvPacket, %d a transaction", batch), func(s *Side, random *rand.Rand) (*Sample, error) {
				return s.receive(random, packets, batch)
			}},
			Work{fmt.Sprintf("MsgAcknowledgement, %d a transaction", batch), func(s *Side, random *rand.Rand) (*Sample, error) {
				return s.acknowledge(random, packets, batch)
			}})
	}
	return append(all, Work{"MsgUpdateClient", func(s *Side, _ *rand.Rand) (*Sample, error) { return s.update() }})
}

// compareCosts lets both sides do each work in turn, round after round.
func compareCosts(sides []*Side, works []Work, random *rand.Rand, rounds int) error {
	samples := map[string]map[string][]*Sample{}
	for round := 0; round < rounds; round++ {
		for _, work := range works {
			for _, side := range sides {
				sample, err := work.run(side, random)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", side.name, work.name, err)
				}
				if samples[work.name] == nil {
					samples[work.name] = map[string][]*Sample{}
				}
				samples[work.name][side.name] = append(samples[work.name][side.name], sample)
			}
		}
	}
	for _, work := range works {
		var told [][4]float64
		for _, side := range sides {
			of := samples[work.name][side.name]
			one := [4]float64{
				median(of, func(s *Sample) time.Duration { return s.check }),
				median(of, func(s *Sample) time.Duration { return s.finalize + s.commit }),
				median(of, func(s *Sample) time.Duration { return s.checkBusy }),
				median(of, func(s *Sample) time.Duration { return s.blockBusy }),
			}
			fmt.Printf("%-36s %-11s  CheckTx %7.1f µs (busy %7.1f), FinalizeBlock and Commit %7.1f µs (busy %7.1f); %d bytes, %d gas\n",
				work.name, side.name, one[0], one[2], one[1], one[3], of[0].bytes/of[0].units, of[0].gas/int64(of[0].units))
			told = append(told, one)
		}
		var ratios [4]float64
		for i := range ratios {
			ratios[i] = told[0][i] / told[1][i]
		}
		fmt.Printf("%-36s %-11s  CheckTx %7.2f    (busy %7.2f), FinalizeBlock and Commit %7.2f    (busy %7.2f); medians of %d\n",
			work.name, "ratio", ratios[0], ratios[2], ratios[1], ratios[3], rounds)
	}
	return nil
}

// median is that of a share of the samples, in microseconds for a unit.
func median(samples []*Sample, of func(*Sample) time.Duration) float64 {
	var all []float64
	for _, sample := range samples {
		all = append(all, float64(of(sample).Nanoseconds())/1_000/float64(sample.units))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// block takes messages through CheckTx and a block, so many a transaction, after one that leads the first.
func (c *Chain) block(first proto.Message, msgs []proto.Message, batch int) (*Sample, []abci.Event, error) {
	sample := &Sample{units: len(msgs)}
	var txs cmttypes.Txs
	for some := range slices.Chunk(msgs, batch) {
		if len(txs) == 0 && first != nil {
			some = append([]proto.Message{first}, some...)
		}
		tx, err := c.sign(some)
		if err != nil {
			return nil, nil, err
		}
		c.sequence++
		txs = append(txs, tx)
		sample.bytes += len(tx)
	}
	results, spent, err := c.engine.measure(txs)
	if err != nil {
		return nil, nil, err
	}
	sample.Spent = spent
	var events []abci.Event
	for _, result := range results {
		sample.gas += result.GasUsed
		events = append(events, result.Events...)
	}
	return sample, events, nil
}

// sends lets one end send so many packets of its coin, to several receivers; what each of them gets.
func sends(src, dst *End, random *rand.Rand, count int) (sent []*Sent, got map[string]int64, err error) {
	got = map[string]int64{}
	for number := 0; len(sent) < count; number++ {
		list, sum := amounts(random, min(toEach, count-len(sent)), 1_000)
		to := dst.Kind.stranger(number)
		some, err := src.transfer(src.Kind.Denom, list, to)
		if err != nil {
			return nil, nil, err
		}
		sent, got[to] = append(sent, some...), got[to]+sum
	}
	return sent, got, nil
}

// receive measures packets that arrive: each is answered with success, and its receiver has its coins.
func (s *Side) receive(random *rand.Rand, count, batch int) (*Sample, error) {
	sent, got, err := sends(s.far, s.near, random, count)
	if err != nil {
		return nil, err
	}
	update, err := s.near.update(s.far)
	if err != nil {
		return nil, err
	}
	var msgs []proto.Message
	for _, packet := range sent {
		msg, err := s.near.recvMsg(s.far, packet, update)
		if err != nil {
			return nil, err
		}
		msgs = append(msgs, msg)
	}
	sample, events, err := s.near.block(update.msg, msgs, batch)
	if err != nil {
		return nil, err
	}
	answered, err := packets(events, channeltypes.EventTypeWriteAck)
	if err != nil {
		return nil, err
	}
	if err := same("packets that were answered", sequences(answered), sequences(sent)); err != nil {
		return nil, err
	}
	for _, packet := range answered {
		if err := succeeded(packet); err != nil {
			return nil, err
		}
	}
	for to, sum := range got {
		s.owed[to] += sum
		has, err := s.near.balance(to, s.near.voucher(s.far.Kind.Denom))
		if err := expect("what "+to+" has", has, err, s.owed[to]); err != nil {
			return nil, err
		}
	}
	return sample, nil
}

// acknowledge measures acknowledgements that come back: no commitment is left, and escrow holds what is abroad.
func (s *Side) acknowledge(random *rand.Rand, count, batch int) (*Sample, error) {
	sent, got, err := sends(s.near, s.far, random, count)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(sent, 50) {
		if err := receive(s.near, s.far, some); err != nil {
			return nil, err
		}
	}
	update, err := s.near.update(s.far)
	if err != nil {
		return nil, err
	}
	var msgs []proto.Message
	for _, packet := range sent {
		if err := succeeded(packet); err != nil {
			return nil, err
		}
		msg, err := s.near.ackMsg(s.far, packet, update)
		if err != nil {
			return nil, err
		}
		msgs = append(msgs, msg)
	}
	sample, events, err := s.near.block(update.msg, msgs, batch)
	if err != nil {
		return nil, err
	}
	if told := len(attributes(events, channeltypes.EventTypeAcknowledgePacket)); told != count {
		return nil, fmt.Errorf("%d of %d acknowledgements were told of", told, count)
	}
	if err := settled(s.near, s.far, sent); err != nil {
		return nil, err
	}
	for _, sum := range got {
		s.abroad += sum
	}
	held, err := s.near.balance(s.near.escrow(), s.near.Kind.Denom)
	return sample, expect("the escrow of "+s.name, held, err, s.abroad)
}

// update measures headers, each of another height, all over one that the client has: the client is at the last of them then.
func (s *Side) update() (*Sample, error) {
	state, err := s.near.clientState(s.near.client)
	if err != nil {
		return nil, err
	}
	trusted, last := state.LatestHeight, int64(0)
	var msgs []proto.Message
	for len(msgs) < headers {
		if last, err = s.far.height(); err != nil {
			return nil, err
		}
		update, err := s.near.updateTo(s.far, last, trusted)
		if err != nil {
			return nil, err
		}
		msgs = append(msgs, update.msg)
	}
	sample, _, err := s.near.block(nil, msgs, headers)
	if err != nil {
		return nil, err
	}
	if state, err = s.near.clientState(s.near.client); err != nil {
		return nil, err
	}
	if state.LatestHeight != s.far.ibcHeight(last) {
		return nil, fmt.Errorf("the client of %s is at %s, not %d", s.name, state.LatestHeight, last)
	}
	return sample, nil
}
