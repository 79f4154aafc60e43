package main

import (
	"encoding/hex"
	"io"

	"cosmossdk.io/store/rootmulti"
	"cosmossdk.io/store/snapshots"
	"cosmossdk.io/store/snapshots/types"
)

// Snapshot is a state-sync snapshot, its chunks in hex.
type Snapshot struct {
	Height uint64   `json:"height"`
	Format uint32   `json:"format"`
	Chunks []string `json:"chunks"`
}

func makeSnapshot(store *rootmulti.Store, height uint64) (*Snapshot, error) {
	out := &Snapshot{Height: height, Format: types.CurrentFormat}
	chunks := make(chan io.ReadCloser)
	done := make(chan error, 1)
	go func() {
		writer := snapshots.NewStreamWriter(chunks)
		if err := store.Snapshot(height, writer); err != nil {
			writer.CloseWithError(err)
			done <- err
			return
		}
		done <- writer.Close()
	}()
	for chunk := range chunks {
		bytes, err := io.ReadAll(chunk)
		if err != nil {
			return nil, err
		}
		out.Chunks = append(out.Chunks, hex.EncodeToString(bytes))
	}
	return out, <-done
}
