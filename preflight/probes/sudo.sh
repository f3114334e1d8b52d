rooted() {
  opening "$1"
  look "$2"
  if [ "$s" = value ]; then
    dd bs=4096 count=1 <"$2" || s=failed
  elif [ "$s" = permission ] && [ -z "$R" ]; then
    if sudo -n /bin/cat "$2" </dev/null; then s=value; fi
  fi
  closing "$1" "$s"
}
