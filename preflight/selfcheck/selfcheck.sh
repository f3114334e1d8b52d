LC_ALL=C
export LC_ALL
unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY
umask 077
set -f
usage() {
  cat <<END
usage: sh $NAME [--list | --print] [--no-ask] [--on HOST] [-o FILE]
  --list     only say what it would look at; contacts nothing, writes nothing
  --print    show the answer and ask before it is written (without a terminal: only show it)
  --no-ask   ask no questions
  --on HOST  this machine is HOST, one of:$(for h in $HOSTS; do printf ' %s' "${h%%=*}"; done)
  -o FILE    write there (- is the screen); else selfcheck-REQUEST.json in this folder
END
}
misuse() { printf '%s\n' "$1" >&2; usage >&2; exit 2; }
say() { printf '%s\n' "$*" >&2; }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

mode=look ask=yes on='' out='' D='' part='' pids='' rows='' count=0
while [ $# -gt 0 ]; do
  case $1 in
    --list) mode=list ;;
    --print) mode=print ;;
    --no-ask) ask='' ;;
    --on | -o)
      [ $# -gt 1 ] || misuse "$1 needs a value"
      if [ "$1" = -o ]; then out=$2; else on=$2; fi
      shift ;;
    --help | -h) usage; exit 0 ;;
    *) misuse "unknown option: $1" ;;
  esac
  shift
done
case " $HOSTS " in *" $on="*) ;; *) [ -z "$on" ] || misuse "no such host: $on" ;; esac

# --- small tools: escaped for JSON, cut, stopped in time
esc() {
  tr -d '\000' | awk '
    BEGIN {
      for (i = 1; i < 32; i++) m[sprintf("%c", i)] = sprintf("\\u%04x", i)
      m["\""] = "\\\""; m["\\"] = "\\\\"
    }
    {
      if (NR > 1) printf "\\n"
      for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); printf "%s", (c in m) ? m[c] : c }
    }'
}
text() { printf '%s' "$1" | tr '\n' ' ' | cut -c1-200 | esc; }
limit() { # SECONDS COMMAND...: stopped when its time is over, and then $F.late is there
  rm -f "$F.late"
  s=$1
  shift
  case $1 in
#@if facts
    facts) facts "$2" </dev/null & ;;
#@end
    *) (ulimit -f 256; exec "$@") <"$in" & ;;
  esac
  p=$!
  (
    while [ "$s" -gt 0 ] && [ -d "$D" ]; do sleep 1; s=$((s - 1)); done
    (: >"$F.late")
    kill -9 "$p"
  ) </dev/null >/dev/null 2>&1 &
  w=$!
  { wait "$p"; r=$?; kill -9 "$w"; } 2>/dev/null
  return "$r"
}
try() { # SECONDS TOOL...: its words are in $F then, its exit in $r; false if there is no such tool
  command -v "$2" >/dev/null || return 1
  way=$2
  limit "$@" >"$F" 2>&1
  return 0
}
late() { [ -e "$F.late" ]; }
said() { grep -Eiq "$1" "$F"; }
means() { said "$1" && status=$2; }
keep() { awk "$1" "$F" >"$F.kept" && mv "$F.kept" "$F"; }
no_way() { # what a refused or silent connection is called by every tool
  ! said 'usage:|(invalid|unknown|unrecognized) option' || return 1
  means 'refused' refused || means 'unreachable|no route|is down' "$1" ||
    means 'timed? ?out|in progress' silent
}

# --- the looks: each sets $status and $way, and leaves in $F what the tool said
more() { if try 3 "$@" && [ "$r" = 0 ]; then cat "$F" >>"$F.all"; fi; }
look_clock() {
  status=told
  now >"$F.all"
  more timedatectl
  more chronyc -n tracking
  more ntpq -n -c rv
  way='date'
  mv "$F.all" "$F"
}
#@if dns
look_dns() { # NAME
  if try 4 getent ahosts "$1" && [ "$r" = 0 ]; then
    keep '!seen[$1]++ { print $1 }'
    status=resolved
    return
  fi
  if try 4 host "$1"; then
    if said ' address '; then keep '/ address / { print $NF }'; status=resolved; return; fi
    means 'nxdomain' absent && return
  fi
  if try 4 nslookup "$1"; then
    if said '^name:'; then
      keep '/^Name:/ { f = 1 } f && /^Address/ { sub(/^Address[ 0-9]*:[ \t]*/, ""); print $1 }'
      status=resolved
      return
    fi
    means 'nxdomain' absent && return
  fi
  try 4 python3 -c 'import socket as s, sys
try:
    print("\n".join(sorted({a[4][0] for a in s.getaddrinfo(sys.argv[1], None)})))
except s.gaierror as e:
    print("absent" if e.errno == s.EAI_NONAME else e); sys.exit(1)' "$1" || return
  if [ "$r" = 0 ]; then status=resolved; elif said '^absent'; then status=absent; fi
}
#@end
look_ping() { # ADDRESS
  case $(uname) in Linux) w=W n=2 ;; *) w=t n=4 ;; esac # elsewhere -W counts milliseconds
  for tool in '' busybox; do
    try 6 ${tool:+busybox} ping -c 3 "-$w" "$n" "$1" || continue
    means '[1-9][0-9]* (packets )?received' answered && return
    means ' 0 (packets )?received' silent && return
  done
}
look_tcp() { # ADDRESS PORT
  if try 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"; then
    connected && return
    if late; then status=silent; return; fi
  fi
  try 5 python3 -c 'import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)' "$1" "$2" && connected && return
  try 5 nc -z -v -w 3 "$1" "$2" && connected && return
  for tool in '' busybox; do # busybox knows no -z: connect, run `true`, end
    try 5 ${tool:+busybox} nc -w 3 "$1" "$2" -e true && connected && return
  done
  if try 5 curl -q -v -s -m 3 "telnet://$(host_of "$1"):$2"; then
    means '^\* connected to' open && return
    connected && return
  fi
  try 5 perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => $ARGV[0],
PeerPort => $ARGV[1], Timeout => 3) or die "$@\n"' "$1" "$2" && connected
}
connected() { if [ "$r" = 0 ]; then status=open; else no_way unreachable; fi; }
host_of() { case $1 in *:*) printf '[%s]' "$1" ;; *) printf %s "$1" ;; esac; }
#@if hostkey
look_hostkey() { # ADDRESS PORT
  try 6 ssh-keyscan -T 4 -p "$2" "$1" || return
  if said '^[^#].* (ssh|ecdsa|sk)-'; then
    status=keys
    keep '!/^#/ && NF > 2'
  elif ! said 'usage|option'; then
    status=silent
  fi
}
#@end
#@if tls http
look_tls() { # ADDRESS PORT
  try 4 openssl s_client -connect "$(host_of "$1"):$2" && certificate && return
  tls_python "$@" && certificate
}
tls_python() { # ADDRESS PORT: shows the certificate, sends what stands in $in, shows what comes
  try 6 python3 -c 'import socket, ssl, sys
c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 4)
s = c.wrap_socket(s, server_hostname=sys.argv[1])
o = sys.stdout.buffer; o.write(ssl.DER_cert_to_PEM_cert(s.getpeercert(True)).encode())
q = sys.stdin.buffer.read(); s.sendall(q)
while q: q = s.recv(9999); o.write(q)' "$@"
}
certificate() {
  if said '^-----END CERT'; then
    status=certificate
    keep '/^-----BEGIN CERT/ { f = 1 } f { print } /^-----END CERT/ { exit }'
  elif late; then status=silent
  elif no_way silent; then :
  elif said 'connected\(|ssl'; then status=failed
  else return 1
  fi
}
look_http() { # ADDRESS PORT
  h=$(host_of "$1"):$2
  url=https://$h/redfish/v1/
  if try 6 curl -q -g -k -s -S -v -i -m 4 "$url"; then
    case $r in 28) status=silent; return ;; 35 | 52 | 56) status=failed ;; esac
    page && return
  fi
  try 6 wget -S -O - -T 4 --no-check-certificate "$url" && page && return
  printf 'GET /redfish/v1/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$h" >"$F.get"
  in=$F.get
  try 4 openssl s_client -quiet -connect "$h" && { page || no_page; } && return
  tls_python "$@" && { page || no_page; }
}
no_page() { # a handshake at most
  certificate || return
  [ "$status" != certificate ] || status=failed
}
page() {
  if said '^(wget: server returned error: |< | *)HTTP/[0-9.]* [0-9]'; then
    status=answered
    keep '/^[*<>{}] / || /^[{}] \[/ { next }
      !f && i = index($0, "HTTP/") { f = 1; $0 = substr($0, i) }
      f { sub(/^  /, ""); print }'
  else
    no_way silent
  fi
}
#@end
#@if facts
#@TOKEN
look_facts() { # only for the machine that this is
  limit 30 facts "$on" >"$F"
  way='sh'
  if said "^@$T@ done"; then status=collected; fi
}
facts() ( # HOST
#@FACTS
  printf '\n@%s@ done\n' "$T"
)
#@end

# --- one item: its line of the answer
words() { # NO ACTION THING ADDRESS PORT
  case $2 in
    clock) echo 'read the clock of this machine' ;;
    dns) echo "look up the name $4 ($3)" ;;
    ping) echo "ping $4 ($3)" ;;
    tcp) echo "connect to $4 port $5 ($3)" ;;
    hostkey) echo "ask $4 port $5 for its SSH host keys, no login ($3)" ;;
    tls) echo "ask $4 port $5 for its TLS certificate ($3)" ;;
    http) echo "GET https://$(host_of "$4"):$5/redfish/v1/, no login ($3)" ;;
    facts) echo "read serial numbers, versions and connections of $3, only on that machine itself" ;;
  esac
}
row() {
  exec 2>/dev/null
  F=$D/$1.out status=unavailable way='' in=/dev/null most=4096
  : >"$F"
  case $2 in
    clock) look_clock ;;
    dns) look_dns "$4" ;;
    ping) look_ping "$4" ;;
    tcp) look_tcp "$4" "$5" ;;
    hostkey) look_hostkey "$4" "$5" ;;
    tls) most=16384; look_tls "$4" "$5" ;;
    http) most=16384; look_http "$4" "$5" ;;
#@if facts
    facts) most=32768; look_facts ;;
#@end
  esac
  [ "$status" != unavailable ] || way=''
  printf '{"no": %s, "what": "%s", "status": "%s", "way": "%s", "taken": "%s", "raw": "' \
    "$1" "$(words "$@")" "$status" "$way" "$(now)"
  dd bs=1 count="$most" <"$F" | esc
  printf '"}'
}
at() { thing=$1 address=${2-}; } # THING [ADDRESS]: what the next looks are about
i() { # NO ACTION [PORT]
  set -- "$1" "$2" "$thing" "$address" "${3-}"
  if [ "$mode" = list ]; then printf '  - %s\n' "$(words "$@")"; return; fi
  [ "$2" != facts ] || [ "$3" = "host:$on" ] || return 0
  row "$@" >"$D/$1.row" &
  pids="$pids $!" rows="$rows $1" count=$((count + 1))
  case $count in *[02468]0 | *[02468]5) wait; pids='' ;; esac
}
#@if question
q() { # NO QUESTION
  if [ "$mode" = list ]; then printf '  - ask you: %s\n' "$2"; return; fi
  if [ -z "$asked" ]; then
    say 'Some facts only you can see. An empty line or "unknown" is a good answer.'
    printf 'Your role, not your name (facility, IT, ...): ' >&2
    read -r by <&3 || by=''
  fi
  printf '%s\n> ' "$2" >&2
  read -r a <&3 || a=''
  a=$(text "$a")
  case $a in '' | [uU]nknown | UNKNOWN) a=null ;; *) a="\"$a\"" ;; esac
  printf '{"no": %s, "what": "%s", "answer": %s}' "$1" "$(text "$2")" "$a" >"$D/$1.row"
  asked="$asked $1"
}
#@end
lines() { # NUMBERS: their rows, one a line
  comma=''
  for n in $1; do
    [ -s "$D/$n.row" ] || continue
    printf '%s' "$comma"
    cat "$D/$n.row"
    comma=",
"
  done
  [ -z "$comma" ] || echo
}

# --- the seal: HMAC-SHA256 with the two halves of this request's key
digest() { # TOOL FILE
  in=$2 F=$D/sha
  case $1 in
    shasum) set -- shasum -a 256 ;;
    openssl) set -- openssl dgst -sha256 ;;
    busybox) set -- busybox sha256sum ;;
    python3) set -- python3 -c 'import hashlib, sys
print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())' ;;
    *) set -- "$1" ;;
  esac
  limit 5 "$@" >"$F"
  awk '{ for (i = 1; i <= NF; i++) if (length($i) == 64) { print $i; exit } }' "$F"
}
bytes() { # HEX
  printf %b "$(echo "$1" | awk '
    function d(c) { return index("0123456789abcdef", c) - 1 }
    { for (k = 1; k < length($1); k += 2)
        printf "\\0%03o", 16 * d(substr($1, k, 1)) + d(substr($1, k + 1, 1)) }')"
}
seal() { # FILE
  printf abc >"$D/abc"
  for tool in sha256sum shasum openssl busybox python3; do
    if [ "$(digest $tool "$D/abc")" = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ]
    then
      { bytes "$IPAD"; cat "$1"; } >"$D/inner"
      { bytes "$OPAD"; bytes "$(digest $tool "$D/inner")"; } >"$D/outer"
      printf 'hmac-sha256 %s' "$(digest $tool "$D/outer")"
      return
    fi
  done
  printf none
}
answer() {
  printf '{"format": "preflight-answers/0",\n"request": "%s",\n"nonce": "%s",\n' "$REQUEST" "$NONCE"
  printf '"booking": "%s",\n"site": "%s",\n' "$BOOKING" "$SITE"
  printf '"machine": {"name": "%s", "system": "%s", "user": "%s", "on": "%s", "root": "%s"},\n' \
    "$(text "$(uname -n)")" "$(text "$(uname -srm)")" "$(text "$(id -un || id -u)")" "$on" \
    "$(text "${PREFLIGHT_ROOT-}")"
  printf '"by": "%s",\n"started": "%s",\n"answers": [\n' "$(text "$by")" "$started"
  lines "$rows"
  printf '],\n"questions": [\n'
  lines "$asked"
  printf '],\n"finished": "%s",\n' "$(now)"
}

# --- from here on in order
finish() {
  trap '' INT HUP TERM
  for n in $pids; do kill "$n"; done 2>/dev/null
  [ -z "$part" ] || rm -f "$part"
  [ -z "$D" ] || rm -rf "$D"
  exit "$1"
}
put() { # FILE: whole or not at all
  part=$1.part$$
  [ ! -d "$1" ] || return 1
  if { cp "$D/answer" "$part" && mv -f "$part" "$1"; } 2>/dev/null; then
    part=''
    [ -z "${SUDO_UID-}" ] || chown -h "$SUDO_UID" "$1" 2>/dev/null # or only root could mail it
    return 0
  fi
  rm -f "$part" 2>/dev/null
  part=''
  return 1
}
own() { # the addresses of this machine
  { ip addr || ifconfig -a; } | awk '$1 == "inet" || $1 == "inet6" {
    sub(/^addr:/, "", $2); sub(/[\/%].*/, "", $2); print $2 }'
  hostname -I | tr ' ' '\n'
}
#@ITEMS
if [ "$mode" = list ]; then
  echo "It would look at this, at nothing else, and send what it found to nobody:"
  items
  exit 0
fi
for d in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "${HOME:-.}" .; do
  D=$(mktemp -d "$d/selfcheck.XXXXXX" 2>/dev/null) && break
  D=$d/selfcheck.$$
  mkdir "$D" 2>/dev/null && break
  D=''
done
[ -n "$D" ] || { say 'No folder can be written. Name one: TMPDIR=/a/folder sh ...'; exit 1; }
trap 'say; say "stopped; nothing was written"; finish 130' INT HUP TERM
if awk "BEGIN { exit !(\"$(now)\" > \"$EXPIRES\") }"; then
  say "This request ended at $EXPIRES. Ask $ASKER for a new one; it runs all the same."
fi
if [ -z "$on" ]; then
  own >"$D/own" 2>/dev/null
  for h in $HOSTS; do
    case ${h#*=} in 127.* | ::1 | localhost) continue ;; esac
    if grep -Fqx "${h#*=}" "$D/own"; then on=${h%%=*}; break; fi
  done
fi
tty=''
if [ -z "$ask" ] && [ "$mode" != print ]; then :
elif [ -t 0 ]; then
  exec 3<&0
  tty=yes
elif (: </dev/tty) 2>/dev/null; then
  exec 3</dev/tty
  tty=yes
fi
by='' asked='' started=$(now)
#@if question
if [ -z "$ask" ]; then :
elif [ -z "$tty" ]; then say 'Questions are asked on a terminal only: none was asked.'
else questions
fi
#@end
say 'Looking; this takes some seconds.'
items
wait
pids=''
answer >"$D/body" 2>/dev/null
sealed=$(seal "$D/body" 2>/dev/null)
{ cat "$D/body"; printf '"seal": "%s"}\n' "$sealed"; } >"$D/answer"
[ "$sealed" != none ] || say 'It is UNSEALED: no tool here can compute SHA-256.'
name=selfcheck-$REQUEST${on:+-$on}.json
[ -n "$out" ] || out=$name
[ ! -d "$out" ] || out=$out/$name
if [ "$mode" = print ] && [ "$out" != - ]; then
  cat "$D/answer"
  [ -n "$tty" ] || finish 0
  printf 'Write this to %s? [y/N] ' "$out" >&2
  read -r a <&3 || a=''
  case $a in [yY]*) ;; *) say 'Nothing was written.'; finish 1 ;; esac
fi
if [ "$out" = - ]; then cat "$D/answer"; finish 0; fi
if ! put "$out"; then
  say "$out cannot be written."
  out=${D%/*}/$name
  if ! put "$out"; then
    say 'Copy all that follows, from { to }, into a file:'
    cat "$D/answer"
    finish 0
  fi
fi
say "Written: $out"
say "Read it, then mail it to whoever sent you this, as an attachment. Nothing was sent by this script."
finish 0
