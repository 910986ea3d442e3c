# Waits until no client has been connected for a while, so that stopping the daemon breaks no build: SIGTERM cancels what is running.
# Reads: DRAIN_PORT, DRAIN_SECONDS, and where the kernel lists connections: TCP_TABLES (default: /proc/net/tcp /proc/net/tcp6).
set -eu
quiet_needed=10
port=$(printf '%04X' "$DRAIN_PORT")
tables=
for table in ${TCP_TABLES:-/proc/net/tcp /proc/net/tcp6}; do
  if [ -r "$table" ]; then tables="$tables $table"; fi
done
if [ -z "$tables" ]; then
  printf 'cannot see connections: waiting for the whole time\n' >&2
  exec sleep "$DRAIN_SECONDS"
fi
waited=0
quiet=0
while [ "$waited" -lt "$DRAIN_SECONDS" ] && [ "$quiet" -lt "$quiet_needed" ]; do
  # shellcheck disable=SC2086 # a list of files; 01 is ESTABLISHED, and the second column is this side of the connection
  connected=$(cat $tables | awk -v port=":$port" '$4 == "01" && substr($2, length($2) - 4) == port { n++ } END { print n + 0 }')
  if [ "$connected" -eq 0 ]; then quiet=$((quiet + 1)); else quiet=0; fi
  sleep 1
  waited=$((waited + 1))
done
