as_root() {
  hear sudo -n "$@"
  case $s:$said in
    failed:sudo:* | failed:Sorry,*) s=permission ;;
  esac
}
