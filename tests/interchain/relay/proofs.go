package main

import (
	"fmt"
	"math/rand"

	ics23 "github.com/cosmos/ics23/go"

	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	commitmenttypes "github.com/cosmos/ibc-go/v8/modules/core/23-commitment/types"
)

// proofs asks a chain for keys of several stores, some of which are there, and verifies each answer against the app hash in a header
// with ICS-23's own verifier under the two specifications that every client of an SDK chain has. How many it verified.
func (c *End) proofs(random *rand.Rand, stores []string, present map[string][][]byte) (int, error) {
	now, err := c.height()
	if err != nil {
		return 0, err
	}
	if err := c.waitHeight(now + 1); err != nil {
		return 0, err
	}
	header, err := c.signed(now + 1)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, store := range stores {
		keys := present[store]
		for i := 0; i < 6; i++ {
			key := make([]byte, 12+random.Intn(40))
			random.Read(key)
			// Before all, between and after all keys.
			if i < 2 {
				key[0] = []byte{0, 0xff}[i]
			}
			keys = append(keys, key)
		}
		for i, key := range keys {
			has, err := c.verified(store, key, now, header.AppHash)
			if err != nil {
				return count, fmt.Errorf("%s, store %s, key %x: %w", c.ChainID, store, key, err)
			}
			if want := i < len(present[store]); has != want {
				return count, fmt.Errorf("%s, store %s, key %x: there is %t, not %t", c.ChainID, store, key, has, want)
			}
			count++
		}
	}
	return count, nil
}

// verified reads a key and verifies the proof of what it reads; whether the key is there.
func (c *End) verified(store string, key []byte, height int64, appHash []byte) (bool, error) {
	value, merkle, err := c.raw(store, key, height)
	if err != nil {
		return false, err
	}
	if len(merkle.Proofs) != 2 {
		return false, fmt.Errorf("%d proofs", len(merkle.Proofs))
	}
	inStore, ofStore := merkle.Proofs[0], merkle.Proofs[1]
	root, err := inStore.Calculate()
	if err != nil {
		return false, err
	}
	if !ics23.VerifyMembership(ics23.TendermintSpec, appHash, ofStore, []byte(store), root) {
		return false, fmt.Errorf("the store's root is not in the app hash")
	}
	if len(value) == 0 {
		if !ics23.VerifyNonMembership(ics23.IavlSpec, root, inStore, key) {
			return false, fmt.Errorf("its absence is not proven")
		}
		return false, nil
	}
	if !ics23.VerifyMembership(ics23.IavlSpec, root, inStore, key, value) {
		return false, fmt.Errorf("it is not proven")
	}
	// A proof is of one value, under one root.
	other := append([]byte{value[0] ^ 1}, value[1:]...)
	if ics23.VerifyMembership(ics23.IavlSpec, root, inStore, key, other) || ics23.VerifyNonMembership(ics23.IavlSpec, root, inStore, key) {
		return false, fmt.Errorf("the proof is of another value too")
	}
	return true, nil
}

// judged asks `dst` what its client makes of proofs of `src`: one that holds, one of another value, one at a height that it does not know.
func judged(src, dst *End) error {
	update, err := dst.update(src)
	if err != nil {
		return err
	}
	if _, err := dst.send(update.msg); err != nil {
		return err
	}
	key := channelPath(src.channel)
	value, proof, err := src.prove(key, update.at)
	if err != nil {
		return err
	}
	good := clienttypes.QueryVerifyMembershipRequest{
		ClientId: dst.client, Proof: proof, ProofHeight: update.height, MerklePath: commitmenttypes.NewMerklePath("ibc", key), Value: value,
	}
	other, unknown, early := good, good, good
	other.Value = flip(value, 0)
	unknown.ProofHeight.RevisionHeight--
	early.BlockDelay = 1_000_000
	for request, want := range map[*clienttypes.QueryVerifyMembershipRequest]bool{&good: true, &other: false, &unknown: false, &early: false} {
		holds, err := dst.judges(request)
		if err != nil {
			return err
		}
		if holds != want {
			return fmt.Errorf("%s says %t of a proof, not %t", dst.ChainID, holds, want)
		}
	}
	return nil
}
