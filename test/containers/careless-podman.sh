#!/bin/bash
# podman as it is where limits cannot be set: it takes them, and starts the container without.
args=()
for arg in "$@"; do
  case "$arg" in
    --memory=* | --memory-swap=* | --pids-limit=* | --cpus=*) ;;
    --network=none) args+=(--network=host) ;;
    *) args+=("$arg") ;;
  esac
done
exec podman "${args[@]}"
