package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand"
	"sort"

	"cosmossdk.io/log"
	dbm "github.com/cosmos/iavl/db"

	"github.com/cosmos/iavl"
)

// Op sets a key (hex) to a value (hex), or removes it where the value is null.
type Op [2]*string

// Proof is the ICS-23 CommitmentProof (protobuf, hex) of a key at a version.
type Proof struct {
	Key   string `json:"key"`
	Proof string `json:"proof"`
}

// Version is one version of a tree: its operations, in any order, then its root and some proofs.
type Version struct {
	Version int64   `json:"version"`
	Ops     []Op    `json:"ops"`
	Root    string  `json:"root"`
	Proofs  []Proof `json:"proofs,omitempty"`
}

// Tree is one scenario.
type Tree struct {
	Name     string    `json:"name"`
	Versions []Version `json:"versions"`
}

type change struct{ key, value []byte }

// scenario yields the changes of the n-th version.
type scenario struct {
	name     string
	initial  int64
	versions int
	changes  func(r *rand.Rand, n int) []change
}

func makeTrees() ([]Tree, error) {
	ordered := func(from, count int, remove bool) []change {
		var list []change
		for i := from; i < from+count; i++ {
			c := change{key: []byte(fmt.Sprintf("key%05d", i))}
			if !remove {
				c.value = []byte(fmt.Sprintf("v%d", i))
			}
			list = append(list, c)
		}
		return list
	}
	mixed := func(keySpace, ops int, removeShare float64) func(*rand.Rand, int) []change {
		return func(r *rand.Rand, _ int) []change {
			var list []change
			for i := 0; i < r.Intn(ops+1); i++ {
				key := []byte(fmt.Sprintf("%x", r.Intn(keySpace)))
				if r.Float64() < removeShare {
					list = append(list, change{key: key})
				} else {
					list = append(list, change{key, []byte{byte(r.Intn(4))}})
				}
			}
			return list
		}
	}
	scenarios := []scenario{
		{"few keys, many removals", 1, 60, mixed(24, 12, 0.5)},
		{"many keys", 1, 40, mixed(4000, 150, 0.25)},
		{"an initial version of several varint bytes", 1 << 33, 12, mixed(64, 40, 0.3)},
		{"ascending runs", 1, 12, func(_ *rand.Rand, n int) []change { return ordered(n*37, 37, false) }},
		{"descending runs", 5, 12, func(_ *rand.Rand, n int) []change { return ordered((12-n)*23, 23, false) }},
		{"grows and shrinks to nothing", 1, 10, func(_ *rand.Rand, n int) []change {
			if n < 5 {
				return ordered(n*20, 20, false)
			}
			return ordered((n-5)*20, 20, true)
		}},
		{"long keys and values", 1, 6, func(r *rand.Rand, _ int) []change {
			var list []change
			for i := 0; i < 12; i++ {
				key, value := make([]byte, 1+r.Intn(300)), make([]byte, 1+r.Intn(700))
				r.Read(key)
				r.Read(value)
				list = append(list, change{key, value})
			}
			return list
		}},
	}
	var trees []Tree
	for i, s := range scenarios {
		tree, err := s.run(rand.New(rand.NewSource(int64(i) + 1)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		trees = append(trees, tree)
	}
	return trees, nil
}

func (s scenario) run(r *rand.Rand) (Tree, error) {
	tree := iavl.NewMutableTree(dbm.NewMemDB(), 1000, true, log.NewNopLogger(), iavl.InitialVersionOption(uint64(s.initial)))
	out := Tree{Name: s.name}
	for n := 0; n < s.versions; n++ {
		changes := unique(s.changes(r, n))
		if err := apply(tree, changes); err != nil {
			return out, err
		}
		root, version, err := tree.SaveVersion()
		if err != nil {
			return out, err
		}
		v := Version{Version: version, Root: hex.EncodeToString(root), Ops: ops(r, changes)}
		if n%4 == 3 && tree.Size() > 0 {
			if v.Proofs, err = proofs(tree, r, version); err != nil {
				return out, err
			}
		}
		out.Versions = append(out.Versions, v)
	}
	return out, nil
}

// unique keeps the last change of each key, in ascending key order.
func unique(changes []change) []change {
	last := map[string]change{}
	for _, c := range changes {
		last[string(c.key)] = c
	}
	list := make([]change, 0, len(last))
	for _, c := range last {
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return bytes.Compare(list[i].key, list[j].key) < 0 })
	return list
}

// apply is the chain's rule: ascending keys, and no operation for a value that is there already.
func apply(tree *iavl.MutableTree, changes []change) error {
	for _, c := range changes {
		if c.value == nil {
			if _, _, err := tree.Remove(c.key); err != nil {
				return err
			}
			continue
		}
		present, err := tree.Get(c.key)
		if err != nil {
			return err
		}
		if present != nil && bytes.Equal(present, c.value) {
			continue
		}
		if _, err := tree.Set(c.key, c.value); err != nil {
			return err
		}
	}
	return nil
}

// ops writes the changes in random order, so that whoever reads them has to sort.
func ops(r *rand.Rand, changes []change) []Op {
	list := make([]Op, 0, len(changes))
	for _, i := range r.Perm(len(changes)) {
		key := hex.EncodeToString(changes[i].key)
		op := Op{&key}
		if changes[i].value != nil {
			value := hex.EncodeToString(changes[i].value)
			op[1] = &value
		}
		list = append(list, op)
	}
	return list
}

// proofs proves two keys that are there, the edges, and two keys that are not there.
func proofs(tree *iavl.MutableTree, r *rand.Rand, version int64) ([]Proof, error) {
	keys := [][]byte{{0}, bytes.Repeat([]byte{0xff}, 9)}
	for i := 0; i < 2; i++ {
		key, _, err := tree.GetByIndex(r.Int63n(tree.Size()))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key, append(append([]byte{}, key...), 0))
	}
	var list []Proof
	for _, key := range keys {
		proof, err := tree.GetVersionedProof(key, version)
		if err != nil {
			return nil, err
		}
		bz, err := proof.Marshal()
		if err != nil {
			return nil, err
		}
		list = append(list, Proof{hex.EncodeToString(key), hex.EncodeToString(bz)})
	}
	return list, nil
}
