#!/usr/bin/env bash
# The same jobs in regulars, DuckDB, Polars and pandas, in one run: see ../README.md.
#
#   run.sh [--orders 10000000] [--runs 5] [--jobs "buying report"] [--engines "duckdb polars pandas"]
set -euo pipefail

orders=10000000
runs=5
jobs="buying report"
engines="duckdb polars pandas"
while [ $# -gt 0 ]; do
    case "$1" in
        --orders) orders=$2; shift 2 ;;
        --runs) runs=$2; shift 2 ;;
        --jobs) jobs=$2; shift 2 ;;
        --engines) engines=$2; shift 2 ;;
        *) echo "unknown argument: $1" >&2; exit 2 ;;
    esac
done

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/regulars
venv=$cache/vs-venv
work=$cache/vs-$orders
target=${CARGO_TARGET_DIR:-$here/../../target}
mkdir -p "$work"

if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    "${PYTHON:-python3}" -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/"
fi

# One binary per number of threads, kept apart so that neither build replaces the other.
build() {
    cargo build --quiet --release --manifest-path "$here/../Cargo.toml" --bin side_by_side "$@"
}
build
cp "$target/release/side_by_side" "$work/one_thread"
build --features parallel
cp "$target/release/side_by_side" "$work/all_threads"

"$work/one_thread" generate "$orders" "$work"
# Whatever else runs takes most from those with two threads: compare on a machine that is otherwise idle.
if [ -r /proc/loadavg ]; then
    echo "$(nproc) cores, load before the first run: $(cut -d ' ' -f 1 /proc/loadavg)"
fi
for job in $jobs; do
    # Each in a process of its own, so that none pays for the memory of another.
    commands=("'$work/one_thread' $job '$work'" "'$work/all_threads' $job '$work'")
    for engine in $engines; do
        commands+=("'$venv/bin/python' '$here/peers.py' $engine $job '$work'")
    done
    "$venv/bin/python" "$here/compare.py" "$job" "$runs" "${commands[@]}"
done
