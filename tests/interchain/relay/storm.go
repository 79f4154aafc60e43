package main

import (
	"fmt"
	"math/rand"
	"syscall"
	"time"

	"github.com/cosmos/cosmos-sdk/types/query"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// patience is how long hermes may take to bring what is left after a kill.
const patience = 10 * time.Minute

// storm sends `count` packets each way, and while hermes relays them kills it, then one chain, then the other. Every packet is received
// once and answered once: both receivers have exactly what was sent, and no commitment is left.
func storm(random *rand.Rand, h *Hermes, a, b *End, count int) error {
	want := map[*End]int64{}
	for _, one := range []struct{ src, dst *End }{{a, b}, {b, a}} {
		for left := count; left > 0; left -= 25 {
			list, sum := amounts(random, min(left, 25), 1_000)
			if _, err := one.src.transfer(one.src.Kind.Denom, list, one.dst.Kind.stranger(1_000)); err != nil {
				return err
			}
			want[one.src] += sum
		}
	}
	fmt.Printf("         %d packets are sent\n", 2*count)
	kill := func(what string, end func(), begin func() error) error {
		left, err := open(a, b)
		if err != nil {
			return err
		}
		end()
		fmt.Printf("         %s is killed with %d packets under way\n", what, left)
		time.Sleep(time.Second)
		return begin()
	}
	// Fewer and fewer are left: each falls at another time.
	for _, one := range []struct {
		share int // of all packets, in percent, that are still under way
		what  string
		end   func()
		begin func() error
	}{
		{85, "hermes", func() { h.stop(syscall.SIGKILL) }, h.start},
		{65, a.ChainID, func() { a.stop(syscall.SIGKILL) }, a.start},
		{45, b.ChainID, func() { b.stop(syscall.SIGKILL) }, b.start},
		{20, "hermes", func() { h.stop(syscall.SIGKILL) }, h.start},
	} {
		if err := fewer(h, a, b, 2*count*one.share/100); err != nil {
			return err
		}
		if err := kill(one.what, one.end, one.begin); err != nil {
			return err
		}
	}
	if err := fewer(h, a, b, 0); err != nil {
		return fmt.Errorf("%w\n-- hermes' log ends:\n%s", err, h.logTail())
	}
	for _, one := range []struct{ src, dst *End }{{a, b}, {b, a}} {
		denom := one.src.Kind.Denom
		has, err := one.dst.balance(one.dst.Kind.stranger(1_000), one.dst.voucher(denom))
		if err := expect("what "+one.dst.ChainID+" received", has, err, want[one.src]); err != nil {
			return err
		}
		if err := backed(one.src, one.dst, denom, want[one.src]); err != nil {
			return err
		}
	}
	return nil
}

// open counts the packets of both ends that are not answered.
func open(ends ...*End) (count int, err error) {
	for _, end := range ends {
		var response channeltypes.QueryPacketCommitmentsResponse
		request := &channeltypes.QueryPacketCommitmentsRequest{
			PortId: port, ChannelId: end.channel, Pagination: &query.PageRequest{Limit: 1_000, CountTotal: true},
		}
		if err := end.query("/ibc.core.channel.v1.Query/PacketCommitments", request, &response); err != nil {
			return 0, err
		}
		count += int(response.Pagination.Total)
	}
	return count, nil
}

// stuck is how long hermes may bring nothing before it is restarted, as an operator's supervisor would: where a chain that it relays from
// is gone for a moment, its workers for that chain may end for good.
const stuck = 30 * time.Second

// fewer waits until at most so many packets are not answered.
func fewer(h *Hermes, a, b *End, most int) error {
	deadline, last, since := time.Now().Add(patience), -1, time.Now()
	for {
		left, err := open(a, b)
		if err == nil && left <= most {
			return nil
		}
		if left != last {
			last, since = left, time.Now()
		}
		if time.Since(since) > stuck {
			fmt.Printf("         hermes is restarted: for %s it has brought none of %d packets\n", stuck, left)
			h.stop(syscall.SIGTERM)
			if err := h.start(); err != nil {
				return err
			}
			since = time.Now()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("after %s %d packets are not answered (%v)", patience, left, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}
