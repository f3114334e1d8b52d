server() {
  printf 'mount %s %s\n' "$type" "$1"
  for name in addr mon_addr; do
    case ,$options in
      *,$name=*)
        v=,$options
        v=${v#*,"$name"=}
        printf 'mount %s %s\n' "$type" "${v%%,*}" ;;
    esac
  done
}
targets() {
  for f in "$R"/sys/class/iscsi_session/*/targetname; do
    line "$f"
    if [ -n "$v" ]; then printf 'iscsi %s\n' "$v"; fi
  done
  for d in "$R"/sys/class/fc_remote_ports/* "$R"/sys/class/fc_transport/*; do
    line "$d/roles"
    case $v${d##*/} in
      *arget*)
        line "$d/port_name"
        if [ -n "$v" ]; then printf 'fc %s\n' "$v"; fi ;;
    esac
  done
  for d in "$R"/sys/class/nvme/*; do
    line "$d/transport"
    case $v in
      tcp | rdma | fc)
        line "$d/subsysnqn"
        if [ -n "$v" ]; then printf 'nvme %s\n' "$v"; fi ;;
    esac
  done
}
storage() {
  opening "$1"
  if table "$R/proc/mounts"; then
    while counted && read -r from _ type options _; do
      case $type in
        nfs | nfs4) server "${from%%:/*}" ;;
        cifs | smb3)
          from=${from#??}
          server "${from%%[/\\]*}" ;;
        ceph)
          from=${from%%:/*}
          from=${from%%=*}
          server "${from#*@}" ;;
        fuse.glusterfs) server "${from%:*}" ;;
      esac
    done <"$R/proc/mounts"
    targets
  fi
  closing "$1" "$s"
}
