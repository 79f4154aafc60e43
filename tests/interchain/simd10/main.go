// simd10 is the other chain in its next generation: the test application of ibc-go v10 (Cosmos SDK 0.53), which has no program of its own,
// with the commands that a chain of one validator needs to come to be and to run. The application is as a module of Go has it, with no change.
package main

import (
	"io"
	"os"

	"cosmossdk.io/log"
	cmtconfig "github.com/cometbft/cometbft/config"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/client"
	clientconfig "github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/server"
	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	"github.com/cosmos/ibc-go/v10/testing/simapp"
	"github.com/spf13/cobra"
)

func main() {
	if err := execute(); err != nil {
		os.Exit(1)
	}
}

func execute() error {
	root, err := newRoot()
	if err != nil {
		return err
	}
	return svrcmd.Execute(root, "", simapp.DefaultNodeHome)
}

// options are what an application is made with that only lends its codecs.
type options struct{ home string }

func (o options) Get(name string) any {
	if name == flags.FlagHome {
		return o.home
	}
	return nil
}

func newApp(logger log.Logger, db dbm.DB, trace io.Writer, opts servertypes.AppOptions) servertypes.Application {
	return simapp.NewSimApp(logger, db, trace, true, opts, server.DefaultBaseappOptions(opts)...)
}

// newRoot has init, keys, genesis and start.
func newRoot() (*cobra.Command, error) {
	home, err := os.MkdirTemp("", "simd10-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home)
	app := simapp.NewSimApp(log.NewNopLogger(), dbm.NewMemDB(), nil, true, options{home})
	context := client.Context{}.
		WithCodec(app.AppCodec()).
		WithInterfaceRegistry(app.InterfaceRegistry()).
		WithTxConfig(app.TxConfig()).
		WithLegacyAmino(app.LegacyAmino()).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithInput(os.Stdin).
		WithHomeDir(simapp.DefaultNodeHome).
		WithViper("")
	root := &cobra.Command{
		Use:           "simd10",
		Short:         "ibc-go v10's test application as a node",
		SilenceErrors: false,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			context, err := client.ReadPersistentCommandFlags(context.WithCmdContext(cmd.Context()), cmd.Flags())
			if err != nil {
				return err
			}
			if context, err = clientconfig.ReadFromClientConfig(context); err != nil {
				return err
			}
			if err := client.SetCmdClientContextHandler(context, cmd); err != nil {
				return err
			}
			return server.InterceptConfigsPreRunHandler(cmd, serverconfig.DefaultConfigTemplate, serverconfig.DefaultConfig(), cmtconfig.DefaultConfig())
		},
	}
	root.AddCommand(
		genutilcli.InitCmd(app.BasicModuleManager, simapp.DefaultNodeHome),
		genutilcli.Commands(app.TxConfig(), app.BasicModuleManager, simapp.DefaultNodeHome),
		keys.Commands(),
		server.StartCmd(newApp, simapp.DefaultNodeHome),
	)
	return root, nil
}
