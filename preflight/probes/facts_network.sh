order() {
  printf 'order %s\n' "$(printf '\001\000' | od -An -tu2)"
}
interfaces() {
  opening "$1"
  if [ -d "$R/sys/class/net" ] && table "$R/proc/net/route"; then
    order
    while counted && read -r name to gate flags _ _ _ mask _; do
      if [ "$gate" = 00000000 ]; then printf 'route %s %s %s %s\n' "$flags" "$to" "$mask" "$name"; fi
    done <"$R/proc/net/route"
    n=0
    for d in "$R"/sys/class/net/*; do
      if [ ! -d "$d" ] || ! counted; then continue; fi
      line "$d/type"
      printf 'interface %s' "${v:--}"
      for f in address carrier operstate; do
        line "$d/$f"
        printf ' %s' "${v:--}"
      done
      v=virtual
      if [ -e "$d/device" ]; then v=device; fi
      printf ' %s %s\n' "$v" "${d##*/}"
    done
  elif [ ! -d "$R/sys/class/net" ]; then
    s=absent
  fi
  closing "$1" "$s"
}
gateway() {
  opening "$1"
  near=' '
  if table "$R/proc/net/route"; then
    order
    while counted && read -r name to gate flags _ _ _ mask _; do
      case $to$mask$gate in
        *[!0-9A-F]* | 000000000000000000000000) ;;
        0000000000000000????????)
          printf 'route %s %s %s\n' "$flags" "$gate" "$name"
          a=${gate%??????} d=${gate#??????} b=${gate%????} c=${gate#????}
          b=${b#??} c=${c%??}
          near="$near$(printf '%d.%d.%d.%d %d.%d.%d.%d' \
            "0x$a" "0x$b" "0x$c" "0x$d" "0x$d" "0x$c" "0x$b" "0x$a") " ;;
      esac
    done <"$R/proc/net/route"
  fi
  if [ "$s" = value ] && [ "$near" != ' ' ]; then
    if table "$R/proc/net/arp"; then
      while counted && read -r ip _ flags mac _ name; do
        case $near in
          *" $ip "*) printf 'neighbour %s %s %s %s\n' "$ip" "$flags" "$mac" "$name" ;;
        esac
      done <"$R/proc/net/arp"
    elif [ "$s" = absent ]; then
      s=value
    fi
  fi
  closing "$1" "$s"
}
