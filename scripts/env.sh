# Sourced by the other scripts: where caches lie and what the build needs to know. Nothing is set that the caller has set.
export OPENLEDGER_CACHE=${OPENLEDGER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/openledger}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$OPENLEDGER_CACHE/target}
export ROCKSDB_STATIC=1
rocksdb_version=$(sed -n '/^name = "librocksdb-sys"/{n;s/^version = "\([0-9.]*\).*/\1/p}' "$root/Cargo.lock")
export ROCKSDB_LIB_DIR=${ROCKSDB_LIB_DIR:-$OPENLEDGER_CACHE/rocksdb/$rocksdb_version/lib}
export GOBIN=${GOBIN:-$OPENLEDGER_CACHE/bin}
export PATH=$GOBIN:$OPENLEDGER_CACHE/node/node_modules/.bin:$HOME/.cargo/bin:/usr/local/go/bin:$PATH
comet_version=v0.38.26
hermes_version=1.10.5

say() { printf '\033[1m%s\033[0m\n' "$*"; }
# Runs a step and says how long it took.
step() { # title command...
  local title=$1 from=$SECONDS
  shift
  say "== $title"
  "$@"
  say "   $title: $((SECONDS - from)) s"
}
