#!/bin/sh
# Removes what install.sh put on this machine. Configuration and footage stay unless `--purge` is given.
set -eu

NAME=camera-agent
ROOT=''
DRY=no
PURGE=no

case "${CAMERA_AGENT_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
    vi*) SAY="vi" ;;
    *) SAY="en" ;;
esac

say() { # ENGLISH VIETNAMESE
    if [ "$SAY" = vi ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

fail() { # ENGLISH VIETNAMESE
    say "uninstall.sh: $1" "uninstall.sh: $2" >&2
    exit 1
}

run() {
    if [ "$DRY" = yes ]; then
        printf '+'
        printf ' %s' "$@"
        printf '\n'
    else
        "$@"
    fi
}

while [ $# -gt 0 ]; do
    case "$1" in
        --dry-run) DRY=yes ;;
        --purge) PURGE=yes ;;
        --root)
            [ $# -ge 2 ] || fail "--root needs a value" "--root cần một giá trị"
            ROOT=${2%/}
            shift
            ;;
        -h | --help)
            say "Usage: sudo sh deploy/uninstall.sh [--dry-run] [--purge] [--root DIR]
  --purge  also remove the configuration, its passwords, everything unsent and all footage" \
                "Cách dùng: sudo sh deploy/uninstall.sh [--dry-run] [--purge] [--root THƯ_MỤC]
  --purge  xoá cả cấu hình, mật khẩu, dữ liệu chưa gửi và toàn bộ video"
            exit 0
            ;;
        *) fail "unknown option $1 (see --help)" "không có tuỳ chọn $1 (xem --help)" ;;
    esac
    shift
done

[ -n "$ROOT" ] || [ "$DRY" = yes ] || [ "$(id -u)" = 0 ] || fail "needs root: sudo sh $0" "cần quyền root: sudo sh $0"

UNITS=$ROOT/etc/systemd/system
for unit in "$UNITS/$NAME"*.path "$UNITS/$NAME"*.timer "$UNITS/$NAME"*.service; do # what starts the service goes first
    [ -e "$unit" ] || continue
    if [ -z "$ROOT" ]; then
        if [ -d /run/systemd/system ]; then run systemctl stop "${unit##*/}"; fi # not while an image is made
        run systemctl disable --quiet "${unit##*/}"
    fi
    run rm -f -- "$unit"
done
SHARE=$ROOT/usr/local/share
run rm -rf -- "$UNITS/$NAME.service.d" "$ROOT/etc/udev/rules.d/70-$NAME-led.rules" "$ROOT/opt/$NAME" "$ROOT/usr/share/$NAME" \
    "$ROOT/usr/local/bin/$NAME" "$SHARE/man/man1/$NAME.1" "$SHARE/man/vi/man1/$NAME.1" "$SHARE/bash-completion/completions/$NAME" \
    "$SHARE/zsh/site-functions/_$NAME" "$SHARE/fish/vendor_completions.d/$NAME.fish"
if [ "$PURGE" = yes ]; then
    run rm -rf -- "$ROOT/etc/$NAME" "$ROOT/var/lib/$NAME"
fi
if [ -z "$ROOT" ]; then
    run systemctl daemon-reload
    if [ "$PURGE" = yes ] && getent passwd "$NAME" >/dev/null; then run userdel "$NAME"; fi
fi
if [ "$PURGE" = yes ]; then
    say "Removed, with configuration and footage." "Đã gỡ bỏ, cả cấu hình và video."
else
    say "Removed. Kept: $ROOT/etc/$NAME and $ROOT/var/lib/$NAME (--purge removes them)." \
        "Đã gỡ bỏ. Giữ lại: $ROOT/etc/$NAME và $ROOT/var/lib/$NAME (--purge để xoá)."
fi
