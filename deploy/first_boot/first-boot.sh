#!/bin/sh
# The first boot of a node: lays the program from the bundle that lies beside this file, moves the node's own files to
# their places, starts the service and removes what is secret from the boot partition. No network is needed.
# docs/design/flash.md says what lies here. It may be run any number of times and be cut off anywhere: node/ goes last.
# Started by first-boot.service; on a Jetson by hand: sudo sh first-boot.sh
set -eu
umask 077

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
NAME=camera-agent
ROOT=${CAMERA_AGENT_ROOT:-} # tests lay everything below a folder: no owners, no systemctl
NODE=$HERE/node
LOG=$HERE/first-boot.log
LARGEST_LOG=65536
STAGE=$ROOT/opt/$NAME/state/first-boot
ENROL=$ROOT/etc/$NAME/enrol
PATH=/usr/sbin:/usr/bin:/sbin:/bin:${PATH:-}
export PATH

say() { # ENGLISH VIETNAMESE: for whoever puts the card into a PC; never a secret
    up=$(cut -d. -f1 /proc/uptime)
    line="$(date -u '+%Y-%m-%d %H:%M:%SZ') (+${up}s)  $1 / $2"
    printf '%s\n' "$line"
    if [ -f "$LOG" ] && [ "$(wc -c <"$LOG")" -gt "$LARGEST_LOG" ]; then
        tail -c 16384 "$LOG" >"$LOG.tmp" && mv -f "$LOG.tmp" "$LOG"
    fi
    # A full or read-only boot partition must not stop the first boot; the journal has the line, too.
    { printf '%s\r\n' "$line" >>"$LOG"; } 2>/dev/null || true
}

fail() { # ENGLISH VIETNAMESE
    say "STOPPED: $1. It is tried again" "DỪNG: $2. Sẽ thử lại"
    sync
    exit 1
}

value() { # KEY: from card.env, which is read, never run
    sed -n "s/^$1=\([A-Za-z0-9._:\/@+,-]*\)[[:space:]]*$/\1/p" "$HERE/card.env" 2>/dev/null | tail -n 1
}

sum() { # FILE
    sha256sum -- "$1" | cut -d' ' -f1
}

scrub() { # FILE: its bytes are overwritten in place before it goes
    [ -f "$1" ] || return 0
    size=$(wc -c <"$1")
    if [ "$size" -gt 0 ]; then
        dd if=/dev/zero of="$1" bs="$size" count=1 conv=notrunc,fsync status=none 2>/dev/null || true
    fi
    rm -f -- "$1"
}

control() { # systemctl, but not when laying into a folder
    if [ -z "$ROOT" ]; then systemctl "$@"; fi
}

find_bundle() { # sets BUNDLE
    BUNDLE=$(value BUNDLE)
    case "$BUNDLE" in
        /*) ;;
        ?*) BUNDLE=$HERE/$BUNDLE ;;
        *) for BUNDLE in "$HERE"/*.bundle; do :; done ;; # an install bundle without card.env
    esac
    case "$BUNDLE" in
        "$HERE"/*) ;;
        # The boot partition may be mounted elsewhere than where the card was made for.
        *) if [ ! -f "$BUNDLE" ] && [ -f "$HERE/${BUNDLE##*/}" ]; then BUNDLE=$HERE/${BUNDLE##*/}; fi ;;
    esac
}

lay_program() {
    find_bundle
    installed=$ROOT/opt/$NAME/state/first-boot.bundle # the hash of the bundle that was laid
    wanted=$(value BUNDLE_SHA256)
    if [ ! -f "$BUNDLE" ]; then
        # It is removed from the root file system after it was laid.
        if [ -n "$wanted" ] && [ "$(cat "$installed" 2>/dev/null)" = "$wanted" ]; then return 0; fi
        fail "the bundle ${BUNDLE##*/} is not on the card; write the card anew" "không có gói ${BUNDLE##*/} trên thẻ; hãy ghi lại thẻ"
    fi
    if [ -n "$wanted" ] && [ "$(cat "$installed" 2>/dev/null)" = "$wanted" ] && [ -e "$ROOT/opt/$NAME/current/manifest.json" ]; then
        say "program: already installed" "chương trình: đã cài"
        return 0
    fi
    say "program: checking ${BUNDLE##*/}" "chương trình: đang kiểm tra ${BUNDLE##*/}"
    found=$(sum "$BUNDLE")
    if [ -n "$wanted" ] && [ "$found" != "$wanted" ]; then
        fail "the bundle on the card is damaged (sha256 $found); write the card anew" "gói trên thẻ bị hỏng (sha256 $found); hãy ghi lại thẻ"
    fi
    say "program: installing, some minutes" "chương trình: đang cài, mất vài phút"
    rm -rf -- "$STAGE"
    mkdir -p "$STAGE"
    tar -xf "$BUNDLE" -C "$STAGE" --no-same-owner --exclude='wheels/*' --exclude='model/*' --exclude='pip/*'
    set -- --bundle "$BUNDLE" --no-start
    if [ -n "$ROOT" ]; then set -- "$@" --root "$ROOT"; fi
    if ! sh "$STAGE/first-boot/install.sh" "$@" >"$STAGE/said" 2>&1; then
        cat "$STAGE/said"
        why=$(grep -v '^[[:space:]]*$' "$STAGE/said" | tail -n 1 | cut -c1-300)
        fail "the program was not installed: $why" "chưa cài được chương trình: $why"
    fi
    rm -rf -- "$STAGE"
    say "program: installed, version $(basename "$(readlink "$ROOT/opt/$NAME/current")")" "chương trình: đã cài, phiên bản $(basename "$(readlink "$ROOT/opt/$NAME/current")")"
    printf '%s\n' "$found" >"$installed.tmp"
    sync
    mv -f "$installed.tmp" "$installed"
}

install_packages() { # Debian packages that came on the card; what they lack is told, and the node goes on without
    set -- "$HERE"/debs/*.deb
    [ -f "$1" ] || return 0
    say "packages: installing $#" "gói Debian: đang cài $#"
    if ! why=$(DEBIAN_FRONTEND=noninteractive dpkg --root="$ROOT/" --install --force-confold --skip-same-version "$@" 2>&1); then
        why=$(printf '%s\n' "$why" | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c1-300)
        say "packages: not all were installed: $why" "gói Debian: chưa cài được hết: $why"
    fi
}

allowed() { # DESTINATION: within the folders that a card may write to
    case "$1" in
        *..* | *//*) return 1 ;;
        "/etc/$NAME" | "/etc/$NAME/"* | "/var/lib/$NAME" | "/var/lib/$NAME/"*) return 0 ;;
        /etc/NetworkManager/system-connections/* | /etc/systemd/system/*) return 0 ;;
        "/usr/local/lib/$NAME" | "/usr/local/lib/$NAME/"*) return 0 ;;
        *) return 1 ;;
    esac
}

folder() { # PATH: it and what is above it, for everyone to look into unless told otherwise
    (umask 022 && mkdir -p -- "$1")
}

own() { # OWNER FILE
    if [ -z "$ROOT" ]; then chown -h -- "$1" "$2"; fi
}

straighten() { # DESTINATION: where its user has put a link into the data directory, the link goes
    case "$1" in "/var/lib/$NAME/"*) ;; *) return 0 ;; esac
    at=$ROOT/var/lib/$NAME
    rest=${1#"/var/lib/$NAME/"}
    while [ -n "$rest" ]; do
        at=$at/${rest%%/*}
        case "$rest" in */*) rest=${rest#*/} ;; *) rest='' ;; esac
        if [ -L "$at" ]; then rm -f -- "$at"; fi
    done
}

place_file() { # MODE OWNER DESTINATION SOURCE SHA256
    target=$ROOT$3
    case "$4" in /* | *..*) fail "place.list names $4" "place.list ghi $4" ;; esac
    [ -f "$NODE/$4" ] || fail "node/$4 is missing on the card" "thiếu node/$4 trên thẻ"
    [ "$(sum "$NODE/$4")" = "$5" ] || fail "node/$4 is damaged; write the card anew" "node/$4 bị hỏng; hãy ghi lại thẻ"
    straighten "${3%/*}"
    folder "${target%/*}"
    rm -f -- "$target.tmp"
    cp -- "$NODE/$4" "$target.tmp" # readable by root alone until the next lines
    own "$2" "$target.tmp"
    chmod "$1" "$target.tmp"
    sync -- "$target.tmp"
    mv -f -- "$target.tmp" "$target"
}

place_node() { # carries out place.list; see docs/design/flash.md
    [ -f "$NODE/place.list" ] || return 0
    # Of an earlier try it may run already, and what follows goes into folders that are its user's.
    control stop "$NAME.service" "$NAME-enrol.service" 2>/dev/null || true
    wifi=no
    tab=$(printf '\t')
    while IFS="$tab" read -r verb mode owner destination source hash || [ -n "$verb" ]; do
        hash=$(printf '%s' "${hash:-}" | tr -d '\r')
        case "$verb" in
            '' | '#'*) ;;
            dir)
                destination=$(printf '%s' "$destination" | tr -d '\r')
                allowed "$destination" || fail "place.list names $destination" "place.list ghi $destination"
                straighten "$destination"
                folder "$ROOT$destination"
                own "$owner" "$ROOT$destination"
                chmod "$mode" "$ROOT$destination"
                ;;
            file)
                allowed "$destination" || fail "place.list names $destination" "place.list ghi $destination"
                place_file "$mode" "$owner" "$destination" "$source" "$hash"
                case "$destination" in *.nmconnection) wifi=yes ;; esac
                ;;
            enable)
                unit=$(printf '%s' "$mode" | tr -d '\r')
                control daemon-reload
                control enable --quiet "$unit"
                control start --no-block "$unit"
                ;;
            *) fail "place.list has a line of another kind: $verb" "place.list có dòng lạ: $verb" ;;
        esac
    done <"$NODE/place.list"
    say "node: $(value NODE), files are in their places" "thiết bị: $(value NODE), các tệp đã vào chỗ"
    if [ "$wifi" = yes ] && [ -z "$ROOT" ] && command -v nmcli >/dev/null; then nmcli connection reload || true; fi
}

place_key() { # who may sign updates
    if [ -f "$HERE/update.pub" ]; then
        cp -- "$HERE/update.pub" "$ROOT/etc/$NAME/update.pub.tmp"
        chmod 0644 "$ROOT/etc/$NAME/update.pub.tmp"
        mv -f "$ROOT/etc/$NAME/update.pub.tmp" "$ROOT/etc/$NAME/update.pub"
    fi
}

prepare_enrolment() { # camera-agent-enrol.service goes on from there, until the ward answers
    [ -f "$NODE/enrol.token" ] || return 0
    # Root's, as root's own systemctl gets this environment: the service's user may read, and no more.
    rm -rf -- "$ENROL"
    mkdir -p "$ENROL"
    for file in enrol.token enrol.ca; do
        if [ -f "$NODE/$file" ]; then cp -- "$NODE/$file" "$ENROL/$file.tmp" && mv -f "$ENROL/$file.tmp" "$ENROL/$file"; fi
    done
    url=$(sed -n 's/^URL=\([A-Za-z0-9._:\/@+-]*\)[[:space:]]*$/\1/p' "$NODE/enrol.env" | tail -n 1)
    {
        printf 'URL=%s\n' "$url"
        if [ -f "$ENROL/enrol.ca" ]; then printf 'CA=--ca /etc/%s/enrol/enrol.ca\n' "$NAME"; fi
    } >"$ENROL/enrol.env"
    own "root:$NAME" "$ENROL"
    chmod 0750 "$ENROL"
    for file in "$ENROL"/*; do
        own "root:$NAME" "$file"
        chmod 0640 "$file"
    done
    if [ -z "$ROOT" ]; then install -d -m 0700 -o "$NAME" -g "$NAME" "/var/lib/$NAME"; fi
    say "certificate: asked from $url as soon as there is a network" "chứng chỉ: sẽ xin từ $url khi có mạng"
}

start_service() {
    control daemon-reload
    if [ -f "$ENROL/enrol.token" ]; then
        control enable --quiet "$NAME-enrol.service"
        control start --no-block "$NAME-enrol.service"
    fi
    control enable --quiet "$NAME.service"
    [ -z "$ROOT" ] || return 0
    if timeout 100 systemctl restart "$NAME.service"; then
        say "service: running" "dịch vụ: đang chạy"
    else # it goes on trying by itself, and tells the ward; the first boot is over all the same
        why=$(systemctl show -p Result -p ExecMainStatus --value "$NAME.service" 2>/dev/null | tr '\n' ' ')
        say "service: not running yet ($why); it goes on trying. On the device: journalctl -u $NAME" \
            "dịch vụ: chưa chạy ($why); sẽ tiếp tục thử. Trên thiết bị: journalctl -u $NAME"
    fi
}

forget() { # what is secret leaves the boot partition; node/ itself is the sign that there is something to do
    # cloud-init must never see a card without its files: to it that is a new device. It may still be at work itself.
    if [ -d "$ROOT/etc/cloud" ] && [ ! -e "$ROOT/etc/cloud/cloud-init.disabled" ]; then
        if [ -n "$ROOT" ] || ! systemctl is-enabled --quiet cloud-final.service 2>/dev/null; then
            : >"$ROOT/etc/cloud/cloud-init.disabled"
        else
            systemd-run --quiet --no-block --unit="$NAME-cloud-done" --property=After=cloud-final.service \
                /usr/bin/touch /etc/cloud/cloud-init.disabled || true
        fi
    fi
    sync
    for file in $(value SCRUB | tr ',' ' '); do
        case "$file" in *..* | */*) ;; *) scrub "${HERE%/*}/$file" ;; esac
    done
    case "${BUNDLE:-}" in "$ROOT/opt/$NAME/card/"*) rm -rf -- "$ROOT/opt/$NAME/card" ;; esac
    if [ -d "$NODE" ]; then
        rm -f -- "$NODE/place.list" # from here on there is nothing to place any more, only to remove
        sync
        find "$NODE" -type f -print | while IFS= read -r file; do scrub "$file"; done
        find "$NODE" -depth -type d -exec rmdir {} \;
    fi
    sync
}

[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail "needs root: sudo sh $0" "cần quyền root: sudo sh $0"
folder "$ROOT/opt/$NAME/state"
chmod 0755 "$ROOT/opt/$NAME" "$ROOT/opt/$NAME/state"
exec 9>"$ROOT/opt/$NAME/state/first-boot.lock"
flock -n 9 || exit 0 # another one is at it

[ -s "$LOG" ] || printf '\357\273\277' >"$LOG" 2>/dev/null || true # tells an editor on Windows that this is UTF-8
say "first boot: begins" "lần khởi động đầu: bắt đầu"
if [ -z "$ROOT" ] && command -v rfkill >/dev/null; then rfkill unblock wifi 2>/dev/null || true; fi
if [ -f "$NODE/place.list" ] || [ ! -d "$NODE" ]; then
    install_packages
    lay_program
    place_node
    place_key
    prepare_enrolment
    sync
    start_service
fi # else all of it was done, and only the removing was cut off
forget
say "READY: the node's files are installed, nothing secret is left here" "SẴN SÀNG: đã cài xong, trên phân vùng này không còn gì bí mật"
