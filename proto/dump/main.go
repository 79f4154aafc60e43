// Command dump writes the descriptors of every protobuf package that OpenLedger speaks into one
// FileDescriptorSet: those of the Cosmos SDK v0.50, CometBFT v0.38 and ibc-go v8 as these programs
// register them themselves (so they are what a Go node serves), and the project's own, compiled from
// their .proto files with imports resolved from the same registry.
//
// The output is deterministic: files stand in topological order, ties broken by path; options are
// marshalled deterministically; comments are kept for the project's own files only.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/bufbuild/protocompile"
	gogoproto "github.com/cosmos/gogoproto/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// packages lists the packages that are dumped; what they import comes along.
var packages = []string{
	"amino",
	"cosmos.auth.v1beta1",
	"cosmos.authz.v1beta1",
	"cosmos.bank.v1beta1",
	"cosmos.base.abci.v1beta1",
	"cosmos.base.node.v1beta1",
	"cosmos.base.query.v1beta1",
	"cosmos.base.reflection.v1beta1",
	"cosmos.base.reflection.v2alpha1",
	"cosmos.base.tendermint.v1beta1",
	"cosmos.base.v1beta1",
	"cosmos.circuit.v1",
	"cosmos.consensus.v1",
	"cosmos.crypto.ed25519",
	"cosmos.crypto.hd.v1",
	"cosmos.crypto.keyring.v1",
	"cosmos.crypto.multisig",
	"cosmos.crypto.multisig.v1beta1",
	"cosmos.crypto.secp256k1",
	"cosmos.crypto.secp256r1",
	"cosmos.distribution.v1beta1",
	"cosmos.evidence.v1beta1",
	"cosmos.feegrant.v1beta1",
	"cosmos.genutil.v1beta1",
	"cosmos.gov.v1",
	"cosmos.gov.v1beta1",
	"cosmos.mint.v1beta1",
	"cosmos.msg.v1",
	"cosmos.params.v1beta1",
	"cosmos.query.v1",
	"cosmos.reflection.v1",
	"cosmos.slashing.v1beta1",
	"cosmos.staking.v1beta1",
	"cosmos.store.snapshots.v1",
	"cosmos.tx.signing.v1beta1",
	"cosmos.tx.v1beta1",
	"cosmos.upgrade.v1beta1",
	"cosmos.vesting.v1beta1",
	"cosmos_proto",
	"gogoproto",
	"google.api",
	"google.protobuf",
	"ibc.applications.transfer.v1",
	"ibc.applications.transfer.v2",
	"ibc.core.channel.v1",
	"ibc.core.client.v1",
	"ibc.core.commitment.v1",
	"ibc.core.connection.v1",
	"ibc.core.types.v1",
	"ibc.lightclients.tendermint.v1",
	"tendermint.abci",
	"tendermint.blocksync",
	"tendermint.consensus",
	"tendermint.crypto",
	"tendermint.libs.bits",
	"tendermint.mempool",
	"tendermint.p2p",
	"tendermint.privval",
	"tendermint.rpc.grpc",
	"tendermint.state",
	"tendermint.statesync",
	"tendermint.store",
	"tendermint.types",
	"tendermint.version",
}

func main() {
	protos := flag.String("protos", "..", "folder that the project's own .proto files are under")
	out := flag.String("out", "../descriptors.bin", "FileDescriptorSet to write")
	flag.Parse()
	if err := run(*protos, *out); err != nil {
		fmt.Fprintln(os.Stderr, "dump:", err)
		os.Exit(1)
	}
}

func run(protos, out string) error {
	files := map[string]*descriptorpb.FileDescriptorProto{}
	if err := collectRegistered(files); err != nil {
		return err
	}
	if err := compileOwn(protos, files); err != nil {
		return err
	}
	set := &descriptorpb.FileDescriptorSet{}
	for _, path := range topological(files) {
		set.File = append(set.File, files[path])
	}
	bz, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		return err
	}
	return os.WriteFile(out, bz, 0o644)
}

// collectRegistered adds every registered file of the wanted packages and what it imports. The gogoproto
// registry goes first, file by file and package by package: it holds what the SDK's own types were generated
// from, while cosmossdk.io/api runs ahead of it (its coin.proto, for one, lacks IntProto).
func collectRegistered(files map[string]*descriptorpb.FileDescriptorProto) error {
	wanted := map[string]bool{}
	for _, p := range packages {
		wanted[p] = true
	}
	found := map[string]bool{}
	for path := range gogoproto.AllFileDescriptors() {
		file, err := lookup(path)
		if err != nil {
			return err
		}
		if wanted[file.GetPackage()] {
			found[file.GetPackage()] = true
			if err := add(path, files); err != nil {
				return err
			}
		}
	}
	var rest []string
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if name := string(fd.Package()); wanted[name] && !found[name] {
			rest = append(rest, fd.Path())
		}
		return true
	})
	for _, path := range rest {
		if err := add(path, files); err != nil {
			return err
		}
		found[files[path].GetPackage()] = true
	}
	for _, p := range packages {
		if !found[p] {
			return fmt.Errorf("package %s is registered nowhere: import its Go types in imports.go", p)
		}
	}
	return nil
}

// lookup gives one registered file, without comments.
func lookup(path string) (*descriptorpb.FileDescriptorProto, error) {
	file := &descriptorpb.FileDescriptorProto{}
	if zipped := gogoproto.FileDescriptor(path); zipped != nil {
		reader, err := gzip.NewReader(bytes.NewReader(zipped))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		plain, err := io.ReadAll(reader)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := proto.Unmarshal(plain, file); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	} else {
		fd, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		file = protodesc.ToFileDescriptorProto(fd)
	}
	file.SourceCodeInfo = nil
	return file, nil
}

// add records one registered file and, recursively, its imports.
func add(path string, files map[string]*descriptorpb.FileDescriptorProto) error {
	if files[path] != nil {
		return nil
	}
	file, err := lookup(path)
	if err != nil {
		return err
	}
	files[path] = file
	for _, dep := range file.Dependency {
		if err := add(dep, files); err != nil {
			return fmt.Errorf("%s imports %w", path, err)
		}
	}
	return nil
}

// compileOwn compiles every .proto file under the openledger folder of root.
func compileOwn(root string, files map[string]*descriptorpb.FileDescriptorProto) error {
	var own []string
	err := filepath.WalkDir(filepath.Join(root, "openledger"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".proto") {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			own = append(own, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		return err
	}
	sort.Strings(own)
	registered := protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
		if err := add(path, files); err != nil {
			return protocompile.SearchResult{}, err
		}
		return protocompile.SearchResult{Proto: files[path]}, nil
	})
	compiler := protocompile.Compiler{
		Resolver: protocompile.CompositeResolver{
			&protocompile.SourceResolver{ImportPaths: []string{root}},
			registered,
		},
		MaxParallelism: 1,
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	compiled, err := compiler.Compile(context.Background(), own...)
	if err != nil {
		return err
	}
	for _, fd := range compiled {
		files[fd.Path()] = protodesc.ToFileDescriptorProto(fd)
	}
	return nil
}

// topological orders files so that each stands after what it imports, ties broken by path.
func topological(files map[string]*descriptorpb.FileDescriptorProto) []string {
	var sorted, order []string
	for path := range files {
		sorted = append(sorted, path)
	}
	sort.Strings(sorted)
	done := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if done[path] {
			return
		}
		done[path] = true
		for _, dep := range files[path].Dependency {
			visit(dep)
		}
		order = append(order, path)
	}
	for _, path := range sorted {
		visit(path)
	}
	return order
}
