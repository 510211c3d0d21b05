#!/bin/bash
# podman as it is where its first choice of a runtime, crun, does not start: only runc runs anything.
if [[ " $* " == *" run "* && " $* " != *" --runtime runc "* ]]; then
  echo "Error: OCI runtime error: crun: cannot start here" >&2
  exit 126
fi
exec podman "$@"
