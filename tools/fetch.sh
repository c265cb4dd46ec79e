#!/bin/sh
# Runs pip (or another installer) quietly; where it fails, one sentence instead of its pages. The rest is in a log.
#   tools/fetch.sh COMMAND...
log=.venv/set-up.log
"$@" >"$log" 2>&1 && exit 0
if grep -qiE 'connection|resolve|network|timed out|unreachable|proxy|ssl|from versions: none' "$log"; then
  echo "livegen's parts could not be fetched: is this computer on the network? It is needed once; $log says more." >&2
else
  echo "livegen's parts could not be installed: $(grep -iE 'error' "$log" | tail -n 1). $log says more." >&2
fi
exit 1
