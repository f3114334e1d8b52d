most=8192
line() {
  v=
  if [ -f "$1" ]; then
    if [ -r "$1" ]; then IFS= read -r v <"$1"; else s=permission; fi
  fi
}
counted() {
  n=$((n + 1))
  if [ "$n" -gt "$most" ]; then s=long; fi
  [ "$n" -le "$most" ]
}
table() {
  look "$1"
  n=0
  if [ "$s" = special ]; then s=absent; fi
  [ "$s" = value ]
}
