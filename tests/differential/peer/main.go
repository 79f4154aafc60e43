// Peer serves a chain of the Cosmos SDK (ibc-go's SimApp, SDK v0.50) over ABCI, with no consensus engine and nothing on disk, so that
// tests/examples/differential.rs can drive it beside openledgerd. Stake counts as on OpenLedger: 10^18 base units of aopen are one power.
//
//	peer --chain-id ID --address unix:///path   serves until it is ended
//	peer --genesis                              prints the app_state of a new chain
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cosmossdk.io/log"
	sdkmath "cosmossdk.io/math"
	"github.com/cometbft/cometbft/abci/server"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	sdkserver "github.com/cosmos/cosmos-sdk/server"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/ibc-go/v8/testing/simapp"
)

func main() {
	chainID := flag.String("chain-id", "", "the chain's id")
	address := flag.String("address", "", "where ABCI is served, unix://… or tcp://…")
	printGenesis := flag.Bool("genesis", false, "print the app_state of a new chain and end")
	flag.Parse()
	if err := run(*chainID, *address, *printGenesis); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run(chainID, address string, printGenesis bool) error {
	sdk.DefaultPowerReduction = sdkmath.NewIntWithDecimal(1, 18)
	sdk.DefaultBondDenom = "aopen"
	home, err := os.MkdirTemp("", "openledger-peer-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	options := simtestutil.NewAppOptionsWithFlagHome(home)
	app := simapp.NewSimApp(log.NewNopLogger(), dbm.NewMemDB(), nil, true, options, baseapp.SetChainID(chainID))
	if printGenesis {
		return json.NewEncoder(os.Stdout).Encode(app.DefaultGenesis())
	}
	abci, err := server.NewServer(address, "socket", sdkserver.NewCometABCIWrapper(app))
	if err != nil {
		return err
	}
	if err := abci.Start(); err != nil {
		return err
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	<-ended
	return abci.Stop()
}
