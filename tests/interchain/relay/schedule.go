package main

import (
	"fmt"
	"math/rand"
	"strings"
	"syscall"
	"time"

	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// nobody is no address.
const nobody = "nobody at all"

// Schedule is what happens to two chains, drawn from a seed.
type Schedule struct {
	*Ledger
	away  int      // steps for which nobody relays
	kills int      // of either chain
	held  [2]bool  // whether a packet was kept until it ran out, by height and by time
	told  []string // what happened
}

// Draw is a kind of step, and how often it comes beside the others.
type Draw struct {
	what   string
	weight int
	run    func(s *Schedule, random *rand.Rand) error
}

var draws = []Draw{
	{"somebody here sends", 4, func(s *Schedule, random *rand.Rand) error { return s.transfer(plainly, random, 0, 0) }},
	{"somebody there sends", 4, func(s *Schedule, random *rand.Rand) error { return s.transfer(plainly, random, 1, 1) }},
	{"a voucher goes home from here", 3, func(s *Schedule, random *rand.Rand) error { return s.transfer(plainly, random, 0, 1) }},
	{"a voucher goes home from there", 3, func(s *Schedule, random *rand.Rand) error { return s.transfer(plainly, random, 1, 0) }},
	{"somebody sends what runs out by height", 2, func(s *Schedule, random *rand.Rand) error { return s.runsOut(random, true) }},
	{"somebody sends what runs out by time", 2, func(s *Schedule, random *rand.Rand) error { return s.runsOut(random, false) }},
	{"somebody sends to nobody", 1, (*Schedule).toNobody},
	{"some packets are relayed", 10, (*Schedule).relay},
	{"the chain here is killed", 1, func(s *Schedule, random *rand.Rand) error { return s.kill(random, 0) }},
	{"the chain there is killed", 1, func(s *Schedule, random *rand.Rand) error { return s.kill(random, 1) }},
	{"the relayer goes away", 1, (*Schedule).leave},
}

// Step is one of the schedule. It draws from a seed of its own: how the chains' clocks run does not change what is drawn later.
type Step struct {
	*Draw
	seed int64
}

// plan draws so many steps: each kind once if they suffice for it, then by weight, in a random order.
func plan(seed int64, count int) (steps []Step) {
	random := rand.New(rand.NewSource(seed))
	var urn []*Draw
	for i := range draws {
		for range draws[i].weight {
			urn = append(urn, &draws[i])
		}
	}
	for i := range count {
		draw := urn[random.Intn(len(urn))]
		if i < len(draws) {
			draw = &draws[i]
		}
		steps = append(steps, Step{draw, random.Int63()})
	}
	random.Shuffle(count, func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	return steps
}

// schedule runs so many steps over a channel of its own, and compares both chains with the ledger after each; then brings what is left,
// sends all vouchers home and compares once more.
func schedule(a, b *End, seed int64, count int) error {
	began := time.Now()
	if err := openChannel(a, b); err != nil {
		return err
	}
	ledger, err := newLedger(a, b)
	if err != nil {
		return err
	}
	s := &Schedule{Ledger: ledger}
	err = s.run(plan(seed, count))
	if err != nil {
		return fmt.Errorf("%w\n-- what happened until then:\n%s", err, strings.Join(s.told, "\n"))
	}
	if count >= len(draws) && (s.ranOut[0] == 0 || s.ranOut[1] == 0 || s.kills < 2) {
		return fmt.Errorf("%d and %d packets ran out by height and by time, %d kills: each has to happen", s.ranOut[0], s.ranOut[1], s.kills)
	}
	fmt.Printf("         %d random steps (--seed %d): %d packets, %d ran out by height, %d by time, %d were for nobody, %d kills in mid-flight; "+
		"all supplies and escrows exact after each, %.0f s\n",
		count, seed, len(s.moving), s.ranOut[0], s.ranOut[1], s.refused, s.kills, time.Since(began).Seconds())
	return nil
}

func (s *Schedule) run(steps []Step) error {
	for number, step := range steps {
		s.told = append(s.told, fmt.Sprintf("%d. %s", number+1, step.what))
		s.away = max(0, s.away-1)
		if err := step.run(s, rand.New(rand.NewSource(step.seed))); err != nil {
			return err
		}
		if err := s.holds(); err != nil {
			return err
		}
	}
	s.told = append(s.told, "all that is left is brought")
	if err := s.drain(); err != nil {
		return err
	}
	s.told = append(s.told, "all vouchers go home")
	return s.goHome()
}

func (s *Schedule) tell(format string, args ...any) {
	s.told = append(s.told, "   "+fmt.Sprintf(format, args...))
}

// transfer sends some of a coin from an end, or some of the end's own where the person who is drawn has none.
func (s *Schedule) transfer(send Sender, random *rand.Rand, from, home int) error {
	packet := &Moving{from: from, home: home, to: s.somebody(random, 1-from)}
	return s.send(send, random, packet, clienttypes.ZeroHeight(), inAnHour())
}

// somebody is the address of a random person on an end.
func (s *Schedule) somebody(random *rand.Rand, on int) string {
	return s.people[on][random.Intn(persons)].signer()
}

// toNobody sends what the receiver's chain answers with an error, so that it is given back.
func (s *Schedule) toNobody(random *rand.Rand) error {
	packet := &Moving{from: random.Intn(2), home: random.Intn(2), to: nobody}
	return s.send(plainly, random, packet, clienttypes.ZeroHeight(), inAnHour())
}

// runsOut sends what can be received for a few blocks or seconds only. Some of it is kept until then, the rest may come in time or not.
func (s *Schedule) runsOut(random *rand.Rand, byHeight bool) error {
	packet := &Moving{from: random.Intn(2), home: random.Intn(2), brief: true, held: random.Intn(2) == 0}
	packet.to = s.somebody(random, 1-packet.from)
	dst := s.ends[1-packet.from]
	now, err := dst.height()
	if err != nil {
		return err
	}
	kind := 0
	height, timestamp := dst.ibcHeight(now+4+random.Int63n(8)), uint64(0)
	if !byHeight {
		kind = 1
		header, err := dst.signed(now)
		if err != nil {
			return err
		}
		wait := 1500*time.Millisecond + time.Duration(random.Int63n(int64(3*time.Second)))
		height, timestamp = clienttypes.ZeroHeight(), uint64(header.Time.Add(wait).UnixNano())
	}
	packet.held = packet.held || !s.held[kind]
	s.held[kind] = true
	return s.send(plainly, random, packet, height, timestamp)
}

// send lets a random person send a packet, and enters it into the ledger.
func (s *Schedule) send(send Sender, random *rand.Rand, packet *Moving, height clienttypes.Height, timestamp uint64) error {
	from := packet.from
	sender := s.people[from][random.Intn(persons)]
	has := s.have[account(from, sender.signer(), packet.home)]
	if !has.IsPositive() {
		packet.home = from
	}
	most := int64(1_000_000)
	if packet.home != from {
		most = min(most, has.Int64())
	}
	packet.sender, packet.amount = sender, 1+random.Int63n(most)
	denom := s.denom(from, packet.home)
	events, err := send(sender.Chain, sender.transferMsg(denom, packet.amount, packet.to, height, timestamp))
	if err != nil {
		return fmt.Errorf("MsgTransfer: %w", err)
	}
	found, err := packets(events, channeltypes.EventTypeSendPacket)
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%d packets were sent, not 1", len(found))
	}
	packet.Sent = found[0]
	s.moving = append(s.moving, packet)
	s.left(packet)
	s.tell("%s sends packet %d with %d%s", sender.ChainID, packet.Sequence, packet.amount, denom)
	return nil
}

// relay brings some of what waits one step on, and sometimes two; where nothing waits or nobody relays, somebody sends instead.
func (s *Schedule) relay(random *rand.Rand) error {
	if s.away > 0 || len(s.pending()) == 0 {
		return s.transfer(plainly, random, random.Intn(2), random.Intn(2))
	}
	list := s.some(random)
	for range 1 + random.Intn(2) {
		if err := s.pass(list); err != nil {
			return err
		}
	}
	return nil
}

// leave lets the chains go on for a while, and some steps pass, with nobody who relays.
func (s *Schedule) leave(random *rand.Rand) error {
	s.away = 2 + random.Intn(4)
	time.Sleep(time.Duration(random.Int63n(int64(2 * time.Second))))
	return nil
}

// kill ends a chain at once while it has a transaction that may or may not be in a block, and starts it again: what a person sends, or
// what the relayer brings.
func (s *Schedule) kill(random *rand.Rand, on int) error {
	end := s.ends[on]
	wait := time.Duration(random.Int63n(int64(700 * time.Millisecond)))
	send := through(func() error {
		time.Sleep(wait)
		end.stop(syscall.SIGKILL)
		s.kills++
		return end.start()
	})
	if random.Intn(2) == 0 && s.away == 0 {
		for _, packet := range s.pending() {
			errand, err := s.errand(packet)
			if err != nil {
				return err
			}
			// One that may run out meanwhile could be refused before the kill.
			if errand != nil && errand.on == on && (errand.late || errand.stage == received || !errand.brief) {
				s.tell("killed while packet %d is brought", packet.Sequence)
				return s.bring(send, on, errand)
			}
		}
	}
	return s.transfer(send, random, on, random.Intn(2))
}

// goHome sends all that people have of the other end's coin back to it.
func (s *Schedule) goHome() error {
	for on := range s.ends {
		for _, person := range s.people[on] {
			has := s.have[account(on, person.signer(), 1-on)]
			if !has.IsPositive() {
				continue
			}
			to := s.people[1-on][0].signer()
			sent, err := person.transfer(s.denom(on, 1-on), []int64{has.Int64()}, to)
			if err != nil {
				return err
			}
			packet := &Moving{Sent: sent[0], from: on, home: 1 - on, amount: has.Int64(), sender: person, to: to}
			s.moving = append(s.moving, packet)
			s.left(packet)
		}
	}
	if err := s.drain(); err != nil {
		return err
	}
	return s.isHome()
}
