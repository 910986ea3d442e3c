#!/usr/bin/env bash
# Runs GitHub's runner for one job. The program answers a signal by cancelling its job; so a pod that is told to stop waits for the job
# to end, and passes the signal on only if there is none, or when time is up.
set -euo pipefail
# A process group of its own: in the background without it, the program would find SIGINT ignored, and never stop.
set -m

: "${JIT_CONFIG_FILE:?}" "${SHUTDOWN_SECONDS:?}"
program="${RUNNER_PROGRAM:-/home/runner/run.sh}"

if [[ ! -s "$JIT_CONFIG_FILE" ]]; then
  echo "there is no configuration in $JIT_CONFIG_FILE: look at the log of container register" >&2
  exit 1
fi
# The program takes it out of its environment again, so that jobs do not inherit it.
ACTIONS_RUNNER_INPUT_JITCONFIG="$(<"$JIT_CONFIG_FILE")"
export ACTIONS_RUNNER_INPUT_JITCONFIG
rm -f "$JIT_CONFIG_FILE"

stopping=
trap 'stopping=yes' TERM INT

"$program" &
pid=$!
unset ACTIONS_RUNNER_INPUT_JITCONFIG

# Each job has a worker, a process of this name.
busy() {
  grep -qsx Runner.Worker /proc/[0-9]*/comm
}

status=0
# Unless it was told to stop while it started.
if [[ -z "$stopping" ]]; then wait "$pid" || status=$?; fi
if [[ -n "$stopping" ]]; then
  if busy; then
    echo "told to stop: waiting up to $SHUTDOWN_SECONDS s for the job to end"
    for ((i = 0; i < SHUTDOWN_SECONDS; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 1
    done
  fi
  kill -TERM "$pid" 2>/dev/null || true
  status=0
  wait "$pid" || status=$?
fi
exit "$status"
