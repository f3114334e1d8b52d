find_tool() {
  s=tool-missing
  rest=$PATH:
  while [ -n "$rest" ]; do
    tool=${rest%%:*}/$1
    rest=${rest#*:}
    case $tool in
      /*)
        if [ -f "$tool" ] && [ -x "$tool" ]; then s=value; return; fi
        if [ -e "$tool" ] || [ -L "$tool" ]; then s=permission; fi ;;
    esac
  done
}
hear() {
  { said=$({ { "$@" </dev/null 2>&4 4>&- 5>&-; printf 'exit %s' "$?" >&4; } |
    head -c 1048577 >&5; } 4>&1); } 5>&1
  code=${said##*exit }
  said=${said%exit *}
  case $code:$said in
    0:*) s=value ;;
    141:* | 269:* | 397:*) s=long ;;
    *:*ermission\ denied* | *:*uthentication* | *:*ccess\ denied*) s=permission ;;
    126:* | 127:*) s=failed ;;
    *:*o\ such\ file* | *:*onnection\ refused*) s=stopped ;;
    *) s=failed ;;
  esac
}
heard() {
  otherwise=$1 path=$2
  shift 2
  find_tool "${path##*/}"
  if [ "$s" = value ]; then hear "$tool" "$@"; fi
  if [ "$s" = permission ]; then "$otherwise" "$path" "$@"; fi
  case $s in
    stopped | failed) printf '%.300s' "$said" ;;
  esac
}
neighbours() {
  opening "$1"
  s=unrooted
  if [ -z "$R" ]; then
    heard "$2" /usr/sbin/lldpctl -f json0
    if [ "$s" = value ]; then
      heard "$2" /usr/sbin/lldpcli -f json0 show chassis
      if [ "$s" != long ]; then s=value; fi
    fi
  fi
  closing "$1" "$s"
}
guests() {
  opening "$1"
  s=unrooted
  if [ -z "$R" ]; then
    heard "$2" /usr/bin/virsh -r -c qemu:///system list --all --uuid --name
    if [ "$s" = value ]; then
      echo active
      heard "$2" /usr/bin/virsh -r -c qemu:///system list --uuid
    fi
  fi
  closing "$1" "$s"
}
