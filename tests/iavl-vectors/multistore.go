package main

import (
	"encoding/hex"
	"fmt"
	"math/rand"

	"cosmossdk.io/log"
	"cosmossdk.io/store/metrics"
	pruningtypes "cosmossdk.io/store/pruning/types"
	"cosmossdk.io/store/rootmulti"
	"cosmossdk.io/store/types"
	dbm "github.com/cosmos/cosmos-db"
)

// ProofOp is one step of a proof as ABCI carries it, bytes in hex.
type ProofOp struct {
	Type string `json:"type"`
	Key  string `json:"key"`
	Data string `json:"data"`
}

// Query is the answer to a query with proof at a height; a missing key has an empty value.
type Query struct {
	Store string    `json:"store"`
	Key   string    `json:"key"`
	Value string    `json:"value"`
	Ops   []ProofOp `json:"ops"`
}

// Height is one block over all stores.
type Height struct {
	Height  int64           `json:"height"`
	Stores  []string        `json:"stores"`
	Ops     map[string][]Op `json:"ops"`
	AppHash string          `json:"app_hash"`
	Queries []Query         `json:"queries"`
}

// makeMultistore runs a chain whose first height is 3, and which gets two more stores at height 9.
func makeMultistore() ([]Height, *Snapshot, error) {
	const initial, upgrade, last = 3, 9, 14
	r := rand.New(rand.NewSource(7))
	db := dbm.NewMemDB()
	names := []string{"auth", "bank", "ibc", "quiet", "upgrade"}
	store, err := open(db, names, nil, initial)
	if err != nil {
		return nil, nil, err
	}
	var heights []Height
	for h := int64(initial); h <= last; h++ {
		if h == upgrade {
			added := []string{"aaa", "model"}
			names = append(names, added...)
			if store, err = open(db, names, added, h); err != nil {
				return nil, nil, err
			}
		}
		height, err := commit(store, names, h, r)
		if err != nil {
			return nil, nil, err
		}
		heights = append(heights, height)
	}
	snapshot, err := makeSnapshot(store, last)
	return heights, snapshot, err
}

func open(db dbm.DB, names, added []string, height int64) (*rootmulti.Store, error) {
	store := rootmulti.NewStore(db, log.NewNopLogger(), metrics.NewNoOpMetrics())
	store.SetPruning(pruningtypes.NewPruningOptions(pruningtypes.PruningNothing))
	for _, name := range names {
		store.MountStoreWithDB(types.NewKVStoreKey(name), types.StoreTypeIAVL, nil)
	}
	if added != nil {
		return store, store.LoadLatestVersionAndUpgrade(&types.StoreUpgrades{Added: added})
	}
	if err := store.LoadLatestVersion(); err != nil {
		return nil, err
	}
	return store, store.SetInitialVersion(height)
}

func commit(store *rootmulti.Store, names []string, height int64, r *rand.Rand) (Height, error) {
	out := Height{Height: height, Stores: append([]string{}, names...), Ops: map[string][]Op{}}
	for _, name := range names {
		if name == "quiet" && height < 6 { // stays empty at first
			continue
		}
		var list []change
		for i := 0; i < 8; i++ {
			c := change{key: []byte(fmt.Sprintf("k%02d", r.Intn(20)))}
			if r.Intn(4) > 0 {
				c.value = []byte{byte(1 + r.Intn(3))}
			}
			list = append(list, c)
		}
		list = append(list, change{[]byte("kept"), []byte(name)})
		list = unique(list)
		kv := store.GetStoreByName(name).(types.KVStore)
		for _, c := range list {
			if c.value == nil {
				kv.Delete(c.key)
			} else if string(kv.Get(c.key)) != string(c.value) {
				kv.Set(c.key, c.value)
			}
		}
		out.Ops[name] = ops(r, list)
	}
	out.AppHash = hex.EncodeToString(store.Commit().Hash)
	for _, name := range names {
		if len(out.Ops[name]) == 0 {
			continue
		}
		for _, key := range []string{"kept", "k10", "missing"} {
			res, err := store.Query(&types.RequestQuery{Path: "/" + name + "/key", Data: []byte(key), Height: height, Prove: true})
			if err != nil {
				return out, err
			}
			q := Query{Store: name, Key: hex.EncodeToString([]byte(key)), Value: hex.EncodeToString(res.Value)}
			for _, op := range res.ProofOps.Ops {
				q.Ops = append(q.Ops, ProofOp{op.Type, hex.EncodeToString(op.Key), hex.EncodeToString(op.Data)})
			}
			out.Queries = append(out.Queries, q)
		}
	}
	return out, nil
}
