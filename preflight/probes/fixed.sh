#!/bin/sh
# Facts that preflight asks this host for, and nothing else. Whoever logs in with a key of
#   restrict,command="/bin/sh /usr/local/lib/preflight/facts.sh"
# runs this file, whatever he asks for. It reads what its last lines name and writes nothing.
# Of what is sent to it, it uses one line: 32 hex digits that mark its answer.
LC_ALL=C
export LC_ALL
IFS= read -r T
T=${T#T=\'}
T=${T%\'}
case $T in
  *[!0-9a-f]*) T= ;;
esac
if [ "${#T}" -ne 32 ]; then
  echo 'this key runs one fixed script for preflight, and nothing else' >&2
  exit 1
fi
cat >/dev/null
