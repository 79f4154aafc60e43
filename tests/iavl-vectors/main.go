// Command iavl-vectors makes golden vectors with cosmos/iavl and cosmossdk.io/store for the store crate, and verifies proofs that the
// store crate made. See README.md.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "iavl-vectors:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "make":
		trees, err := makeTrees()
		if err != nil {
			return err
		}
		if err := write(filepath.Join(args[1], "iavl.json"), trees); err != nil {
			return err
		}
		multistore, snapshot, err := makeMultistore()
		if err != nil {
			return err
		}
		if err := write(filepath.Join(args[1], "snapshot.json"), snapshot); err != nil {
			return err
		}
		return write(filepath.Join(args[1], "multistore.json"), multistore)
	case len(args) == 1 && args[0] == "verify":
		return verify(os.Stdin)
	}
	return fmt.Errorf("usage: iavl-vectors make FOLDER | iavl-vectors verify < PROOFS.json")
}

func write(path string, value any) error {
	bytes, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(bytes, '\n'), 0o644)
}
