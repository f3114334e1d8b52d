exec 2>/dev/null
LC_ALL=C PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
R=$PREFLIGHT_ROOT
opening() { printf '\n@%s@ %s begin\n' "$T" "$1"; }
closing() { printf '\n@%s@ %s end %s\n' "$T" "$1" "$2"; }
look() {
  if [ -f "$1" ]; then
    s=permission
    if [ -r "$1" ]; then s=value; fi
  elif [ -e "$1" ]; then
    s=special
  else
    why=$(exec 2>&1; : <"$1")
    case ${why%%"$1"*}${why##*"$1"} in
      *ermission\ denied* | *not\ permitted*) s=permission ;;
      *o\ such\ * | *ot\ a\ directory* | *ymbolic\ link*) s=absent ;;
      *) s=failed ;;
    esac
  fi
}
attribute() {
  opening "$1"
  look "$2"
  if [ "$s" = value ]; then dd bs=4096 count=1 <"$2" || s=failed; fi
  closing "$1" "$s"
}
digest() {
  opening "$1"
  look "$2"
  if [ "$s" = value ]; then
    s=tool-missing
    for tool in sha256sum 'shasum -a 256' 'openssl dgst -sha256' 'busybox sha256sum'; do
      $tool <"$2"
      case $? in
        0) s=value; break ;;
        126 | 127) ;;
        *) s=failed; break ;;
      esac
    done
    printf 'size '
    wc -c <"$2"
  fi
  closing "$1" "$s"
}
package() {
  opening "$1"
  d=$R/var/lib/dpkg
  look "$d/status"
  case $s in
    value)
      dpkg-query --admindir="$d" -W -f='Status: ${Status}\nVersion: ${Version}\n' "$2" </dev/null
      case $? in
        0) ;;
        1) s=absent ;;
        126 | 127) sed -n "/^Package: $3\$/,/^\$/{/^Status: /p;/^Version: /p;}" <"$d/status" || s=failed ;;
        *) s=failed ;;
      esac ;;
    absent | special) s=tool-missing ;;
  esac
  closing "$1" "$s"
}
opening root
printf %s "$R"
closing root value
