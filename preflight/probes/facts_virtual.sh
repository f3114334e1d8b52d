virtual() {
  opening "$1"
  if [ -z "$R" ]; then
    for sort in vm container; do
      word=$(systemd-detect-virt --$sort)
      printf 'detected-%s %s %s\n' "$sort" "$?" "$word"
    done
  fi
  for f in sys/class/dmi/id/sys_vendor sys/class/dmi/id/product_name sys/hypervisor/type \
    proc/xen/capabilities run/systemd/container run/host/container-manager; do
    line "$R/$f"
    if [ -n "$v" ]; then printf '%s %s\n' "${f##*/}" "$v"; fi
  done
  if [ -e "$R/.dockerenv" ]; then echo container docker; fi
  if [ -e "$R/run/.containerenv" ]; then echo container podman; fi
  f=$R/proc/cpuinfo
  if [ -r "$f" ]; then
    n=0
    while [ "$n" -lt 100 ] && IFS= read -r v; do
      n=$((n + 1))
      case $v in
        flags*:*\ hypervisor\ * | flags*:*\ hypervisor) echo hypervisor-flag yes; break ;;
        flags*:*) echo hypervisor-flag no; break ;;
      esac
    done <"$f"
  fi
  closing "$1" value
}
