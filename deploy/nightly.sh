#!/bin/sh
# A night without Prefect, for cron or systemd (docs/schedule.md): load the inbox, visit the site,
# publish a release, judge it all. Arguments are options of `mptf sync`, such as --all.
#
# MPTF_HOME and MPTF_CONTACT are those of every command; `mptf` is found on the PATH. HEARTBEAT_URL
# (optional) is called if nothing needs a person: a monitoring service alerts you when it is not.
# Exit code: 0 fine, 3 needs a look, 1 failed or overdue.
set -u
: "${MPTF_HOME:?is not set: the folder that holds the archive, the warehouse and the releases}"
wait=21600 # seconds for another command on this home to finish
failed=0

# Run a command and remember if it was not done. (3: done, but with problems, which are judged below.)
run() {
    "$@"
    code=$?
    [ "$code" -eq 0 ] || [ "$code" -eq 3 ] || failed=1
}

[ ! -d "$MPTF_HOME/inbox" ] || run mptf ingest --wait "$wait" "$MPTF_HOME/inbox"
run mptf sync --wait "$wait" "$@"
run mptf publish --wait "$wait"
mptf status --check
verdict=$?
[ "$failed" -eq 0 ] || verdict=1
if [ "$verdict" -eq 0 ] && [ -n "${HEARTBEAT_URL:-}" ]; then
    curl --fail --silent --show-error --max-time 30 --retry 5 --output /dev/null "$HEARTBEAT_URL"
fi
exit "$verdict"
