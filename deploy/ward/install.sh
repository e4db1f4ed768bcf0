#!/bin/sh
# Installs the servers of one ward on Debian: broker, upload server, media server, certificate authority. Run it again
# to upgrade: settings, certificates and uploads stay. `--dry-run` prints each command and changes nothing.
set -eu
umask 022 # the services' users must be able to read the programs

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
NAME=camera-ward
ROOT=''
WARD=''
HOSTS=''
DRY=no
DEPS=yes
SERVICES="broker uploads media gate enrol"

case "${CAMERA_AGENT_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
    vi*) SAY="vi" ;;
    *) SAY="en" ;;
esac

say() { # ENGLISH VIETNAMESE
    if [ "$SAY" = vi ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

fail() { # ENGLISH VIETNAMESE
    say "install.sh: $1" "install.sh: $2" >&2
    exit 1
}

usage() {
    say "Usage: sudo sh deploy/ward/install.sh --ward NAME --hosts NAMES [--dry-run] [--root DIR] [--no-deps]
  --ward NAME    the ward's name in topics: small letters, digits, dashes (the first time only)
  --hosts NAMES  names and addresses by which nodes reach this machine, with commas (the first time only)
  --dry-run      print each command, change nothing
  --root DIR     lay the files into DIR (tests, images); no apt, no user, no systemctl
  --no-deps      do not fetch Python and Node packages (they are there already)" \
        "Cách dùng: sudo sh deploy/ward/install.sh --ward TÊN --hosts TÊN_MÁY [--dry-run] [--root THƯ_MỤC] [--no-deps]
  --ward TÊN       tên phường trong topic: chữ thường, chữ số, dấu gạch ngang (chỉ lần đầu)
  --hosts TÊN_MÁY  tên máy và địa chỉ mà thiết bị dùng để kết nối, cách nhau bằng dấu phẩy (chỉ lần đầu)
  --dry-run        in ra từng lệnh, không thay đổi gì
  --root THƯ_MỤC   đặt các tệp vào thư mục này; không apt, không tạo người dùng, không systemctl
  --no-deps        không tải gói Python và Node (đã có sẵn)"
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
        --no-deps) DEPS=no ;;
        --ward | --hosts | --root)
            [ $# -ge 2 ] || fail "$1 needs a value" "$1 cần một giá trị"
            case "$1" in
                --ward) WARD=$2 ;;
                --hosts) HOSTS=$2 ;;
                *) ROOT=${2%/} ;;
            esac
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            fail "unknown option $1" "không có tuỳ chọn $1"
            ;;
    esac
    shift
done

OPT=$ROOT/opt/$NAME
ETC=$ROOT/etc/$NAME
STATE=$ROOT/var/lib/$NAME
UNITS=$ROOT/etc/systemd/system

# Everything that can be wrong is looked at before anything is changed.
for file in agent/errors.py deploy/ward/server.mjs deploy/ward/templates/mosquitto.conf; do
    [ -f "$HERE/$file" ] || fail "$HERE/$file is missing; run this from a complete checkout" \
        "thiếu $HERE/$file; hãy chạy từ bản mã nguồn đầy đủ"
done
if [ ! -f "$ETC/ward.json" ]; then
    if [ -z "$WARD" ] || [ -z "$HOSTS" ]; then
        fail "say --ward and --hosts the first time" "lần đầu cần có --ward và --hosts"
    fi
fi
case "$WARD" in
    *[!a-z0-9-]* | -*) fail "--ward $WARD is no name: small letters, digits, dashes" \
        "--ward $WARD không hợp lệ: chỉ dùng chữ thường, chữ số, dấu gạch ngang" ;;
esac
if [ -z "$ROOT" ]; then
    [ "$DRY" = yes ] || [ "$(id -u)" = 0 ] || fail "needs root: sudo sh $0" "cần quyền root: sudo sh $0"
    command -v apt-get >/dev/null || fail "needs Debian (no apt-get here)" "cần Debian (máy này không có apt-get)"
fi

install_packages() {
    say "Debian packages" "Các gói Debian"
    missing=''
    for package in mosquitto nginx libnginx-mod-rtmp nodejs npm openssl python3 python3-venv ca-certificates; do
        if [ "$package" = npm ] && command -v npm >/dev/null; then continue; fi
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    run apt-get update -q
    # shellcheck disable=SC2086 # a list of names
    run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing ||
        fail "apt could not install$missing" "apt không cài được$missing"
    for service in mosquitto nginx; do # Debian's own start with defaults of theirs; ours are others
        case "$missing " in *" $service "*) run systemctl disable --quiet --now "$service.service" ;; esac
    done
}

check_node() {
    version=$(node --version 2>/dev/null || echo v0)
    major=${version#v}
    major=${major%%.*}
    [ "$major" -ge 20 ] || fail "the upload server needs Node.js 20 or newer, here is $version: use Debian 13 or newer" \
        "máy chủ nhận clip cần Node.js 20 trở lên, máy này có $version: hãy dùng Debian 13 trở lên"
}

make_users() {
    say "Users $NAME and $NAME-ca" "Người dùng $NAME và $NAME-ca"
    getent passwd "$NAME" >/dev/null ||
        run useradd --system --user-group --home-dir "/var/lib/$NAME" --no-create-home --shell /usr/sbin/nologin "$NAME"
    getent passwd "$NAME-ca" >/dev/null ||
        run useradd --system --gid "$NAME" --home-dir "/var/lib/$NAME" --no-create-home --shell /usr/sbin/nologin "$NAME-ca"
}

install_programs() {
    say "Programs in $OPT (may take minutes)" "Chương trình trong $OPT (có thể mất vài phút)"
    run install -d -m 0755 "$OPT" "$OPT/bin" "$OPT/node" "$ROOT/usr/local/bin"
    run rm -rf "$OPT/program"
    run install -d -m 0755 "$OPT/program"
    run cp -R "$HERE/agent" "$HERE/deploy" "$OPT/program/"
    for file in server.mjs gate.mjs doors.mjs package.json package-lock.json; do
        run install -m 0644 "$HERE/deploy/ward/$file" "$OPT/node/$file"
    done
    if [ "$DEPS" = yes ]; then
        [ -x "$OPT/venv/bin/python" ] || run python3 -m venv "$OPT/venv"
        run "$OPT/venv/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir \
            -r "$HERE/deploy/ward/requirements.txt" || fail "pip failed" "pip báo lỗi"
        run env -C "$OPT/node" npm ci --ignore-scripts --no-audit --no-fund --omit=optional ||
            fail "npm failed" "npm báo lỗi"
    fi
    run install -m 0755 "$HERE/deploy/ward/camera-ward" "$ROOT/usr/local/bin/$NAME"
    run install -m 0755 "$HERE/deploy/ward/camera-ward-enrol" "$OPT/bin/$NAME-enrol"
}

python() { # The installed one; in a staging root without packages, the caller's.
    if [ "$DEPS" = yes ]; then printf '%s' "$OPT/venv/bin/python"; else printf '%s' "${PYTHON:-python3}"; fi
}

lay() {
    say "Settings in $ETC, certificates and uploads in $STATE" "Cấu hình trong $ETC, chứng chỉ và tệp nhận được trong $STATE"
    run install -d -m 0755 "$ETC" "$STATE"
    run install -d -m 0755 "$ETC/tls"
    if [ -z "$ROOT" ]; then
        run chgrp "$NAME" "$ETC/tls"
        run chmod 2755 "$ETC/tls" # what is made in it belongs to the servers' group
    fi
    set -- lay --root "${ROOT:-/}"
    if [ -n "$WARD" ]; then set -- "$@" --ward "$WARD" --hosts "$HOSTS"; fi
    run env "PYTHONPATH=$OPT/program" "$(python)" -m deploy.ward "$@" ||
        fail "the settings could not be written" "không ghi được cấu hình"
    if [ "$DRY" = no ]; then
        hosts=$(sed -n '/"hosts"/,/]/p' "$ETC/ward.json" | tr -d ' \n"[]' | sed 's/^hosts://; s/,$//')
        printf 'WARD_HOSTS=%s\n' "$hosts" >"$ETC/enrol.env"
    fi
    run chmod 0750 "$STATE/broker" "$STATE/uploads"
    if [ -z "$ROOT" ]; then
        run chown -R "$NAME:$NAME" "$STATE/broker" "$STATE/uploads"
        run chown -R "$NAME-ca:$NAME" "$STATE/ca"
        run chgrp "$NAME" "$ETC/tls/server.key"
    fi
}

install_units() {
    say "Services" "Dịch vụ"
    run install -d -m 0755 "$UNITS"
    for service in $SERVICES refresh; do
        run install -m 0644 "$HERE/deploy/ward/systemd/$NAME-$service.service" "$UNITS/$NAME-$service.service"
    done
    run install -m 0644 "$HERE/deploy/ward/systemd/$NAME-refresh.timer" "$UNITS/$NAME-refresh.timer"
    if [ -z "$ROOT" ]; then
        run systemctl daemon-reload
        run systemctl enable --quiet --now "$NAME-refresh.timer"
        for service in $SERVICES; do
            run systemctl enable --quiet "$NAME-$service.service"
            run systemctl restart "$NAME-$service.service"
        done
    fi
}

if [ -z "$ROOT" ]; then
    install_packages
    if [ "$DRY" = no ]; then check_node; fi
    make_users
fi
install_programs
lay
install_units
say "Done. Next: open the ports 8883, 8443, 1936 and 9443 for nodes and 8884 for your own people, then let a node in:
  sudo camera-ward token NODE" \
    "Xong. Tiếp theo: mở cổng 8883, 8443, 1936 và 9443 cho thiết bị, 8884 cho cán bộ, rồi cấp mã cho thiết bị:
  sudo camera-ward token THIẾT_BỊ"
