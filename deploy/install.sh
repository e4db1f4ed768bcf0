#!/bin/sh
# Installs the camera agent as a service on Debian, Raspberry Pi OS or a Jetson. Run it again to upgrade: it keeps the
# configuration and the footage. `--dry-run` prints each command and changes nothing.
set -eu
umask 022 # the service's user must be able to read the program

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
NAME=camera-agent
ROOT=''
WHEEL=''
MODEL=''
DRY=no
DEPS=yes
REBOOT=no
WORK=''

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
    say "Usage: sudo sh deploy/install.sh [--dry-run] [--model FILE] [--wheel FILE] [--root DIR] [--no-deps] [--allow-reboot]
  --dry-run     print each command, change nothing
  --model FILE  put this detection model into /usr/share/camera-agent
  --wheel FILE  install this wheel instead of the checkout
  --root DIR    lay the files into DIR (tests, images); no apt, no user, no systemctl
  --no-deps     do not fetch Python packages (they are there already)
  --allow-reboot  the agent may restart the device when a camera hangs (with escalation: {reboot: true})
Remove it again: sudo sh deploy/uninstall.sh" \
        "Cách dùng: sudo sh deploy/install.sh [--dry-run] [--model TỆP] [--wheel TỆP] [--root THƯ_MỤC] [--no-deps] [--allow-reboot]
  --dry-run       in ra từng lệnh, không thay đổi gì
  --model TỆP     chép mô hình nhận dạng này vào /usr/share/camera-agent
  --wheel TỆP     cài tệp wheel này thay cho mã nguồn
  --root THƯ_MỤC  đặt các tệp vào thư mục này (để làm ảnh thẻ nhớ); không apt, không tạo người dùng, không systemctl
  --no-deps       không tải gói Python (đã có sẵn)
  --allow-reboot  cho phép khởi động lại thiết bị khi camera bị treo (cùng với escalation: {reboot: true})
Gỡ bỏ: sudo sh deploy/uninstall.sh"
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

clean() {
    if [ -n "$WORK" ]; then rm -rf -- "$WORK"; fi
}
trap clean EXIT
trap 'exit 130' INT TERM

while [ $# -gt 0 ]; do
    case "$1" in
        --dry-run) DRY=yes ;;
        --no-deps) DEPS=no ;;
        --allow-reboot) REBOOT=yes ;;
        --wheel | --root | --model)
            [ $# -ge 2 ] || fail "$1 needs a value" "$1 cần một giá trị"
            case "$1" in
                --wheel) WHEEL=$2 ;;
                --model) MODEL=$2 ;;
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

VENV=$ROOT/opt/$NAME
ETC=$ROOT/etc/$NAME
UNITS=$ROOT/etc/systemd/system

# Everything that can be wrong is looked at before anything is changed.
[ -z "$WHEEL" ] || [ -f "$WHEEL" ] || fail "no such wheel: $WHEEL" "không có tệp wheel: $WHEEL"
[ -z "$MODEL" ] || [ -f "$MODEL" ] || fail "no such model: $MODEL" "không có mô hình: $MODEL"
for file in systemd/$NAME.service config.example.yaml; do
    [ -f "$HERE/$file" ] || fail "$HERE/$file is missing; run this from a complete checkout" \
        "thiếu $HERE/$file; hãy chạy từ bản mã nguồn đầy đủ"
done
if [ -z "$ROOT" ]; then
    [ "$DRY" = yes ] || [ "$(id -u)" = 0 ] || fail "needs root: sudo sh $0" "cần quyền root: sudo sh $0"
    command -v apt-get >/dev/null || fail "needs Debian or Raspberry Pi OS (no apt-get here)" \
        "cần Debian hoặc Raspberry Pi OS (máy này không có apt-get)"
fi
# A 32-bit system may run on a 64-bit kernel, so `uname -m` alone says nothing.
[ "$(getconf LONG_BIT)" = 64 ] || fail "needs a 64-bit system; install the 64-bit Raspberry Pi OS" \
    "cần hệ điều hành 64-bit; hãy cài Raspberry Pi OS 64-bit"

no_packages() {
    fail "apt could not install$missing; check the network and run this again" \
        "apt không cài được$missing; hãy kiểm tra mạng rồi chạy lại"
}

install_packages() {
    say "Debian packages" "Các gói Debian"
    set -- python3 python3-venv ca-certificates iw
    missing=''
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        run apt-get update -q || no_packages
        # shellcheck disable=SC2086 # a list of names
        run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing || no_packages
    fi
}

make_user() {
    say "User $NAME" "Người dùng $NAME"
    for group in video render; do # the unit does not start when one of its groups is unknown
        getent group "$group" >/dev/null || run groupadd --system "$group"
    done
    getent passwd "$NAME" >/dev/null ||
        run useradd --system --user-group --home-dir "/var/lib/$NAME" --no-create-home --shell /usr/sbin/nologin "$NAME"
}

no_pip() {
    fail "pip failed (its message stands above); check the network and free space, then run this again" \
        "pip báo lỗi (xem dòng ở trên); hãy kiểm tra mạng và dung lượng trống rồi chạy lại"
}

make_wheel() { # Sets WHEEL. Built in a copy, so that old build directories of the checkout do not get in.
    if [ "$DRY" = yes ]; then
        WORK=''
        folder=/tmp/$NAME-build
    else
        WORK=$(mktemp -d)
        folder=$WORK
    fi
    run mkdir -p "$folder/source"
    run cp -R "$HERE/setup.py" "$HERE/pyproject.toml" "$HERE/README.md" "$HERE/agent" "$HERE/deploy" "$folder/source/"
    run "$VENV/bin/python" -m pip wheel -q --disable-pip-version-check --no-deps -w "$folder" "$folder/source" || no_pip
    if [ "$DRY" = yes ]; then
        WHEEL="$folder/*.whl"
    else
        WHEEL=$(find "$folder" -maxdepth 1 -name '*.whl')
    fi
}

install_program() {
    say "Program in $VENV (may take minutes)" "Chương trình trong $VENV (có thể mất vài phút)"
    if command -v python3 >/dev/null && ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
        fail "needs Python 3.10 or newer; install Debian 12 or newer" "cần Python 3.10 trở lên; hãy cài Debian 12 trở lên"
    fi
    run mkdir -p "$ROOT/opt"
    if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then # none yet, or its Python left with an upgrade of Debian
        run python3 -m venv --clear "$VENV"
    fi
    [ -n "$WHEEL" ] || make_wheel
    if [ "$DEPS" = yes ]; then
        run "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir "$WHEEL" || no_pip
    fi
    # Once more by force: the same version number may hold newer code.
    run "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps --force-reinstall "$WHEEL" || no_pip
    if [ -n "$ROOT" ]; then # inside the image the root is /
        run sed -i "1s|^#!$ROOT/|#!/|" "$VENV/bin/$NAME"
    fi
    run mkdir -p "$ROOT/usr/local/bin"
    run ln -sfn "/opt/$NAME/bin/$NAME" "$ROOT/usr/local/bin/$NAME"
}

install_model() {
    [ -n "$MODEL" ] || return 0
    say "Detection model" "Mô hình nhận dạng"
    case "$(basename "$MODEL")" in
        ssdlite*) model=ssdlite.onnx ;; # as config.example.yaml names it
        *) model=$(basename "$MODEL") ;;
    esac
    run install -d -m 0755 "$ROOT/usr/share/$NAME"
    run install -m 0644 "$MODEL" "$ROOT/usr/share/$NAME/$model"
    if [ -f "$MODEL.sha256" ]; then
        run install -m 0644 "$MODEL.sha256" "$ROOT/usr/share/$NAME/$model.sha256"
    fi
}

install_config() {
    say "Configuration in $ETC" "Cấu hình trong $ETC"
    set -- -o root -g "$NAME"
    if [ -n "$ROOT" ]; then set --; fi # the user is not known here
    run install -d -m 0750 "$@" "$ETC"
    if [ ! -e "$ETC/config.yaml" ]; then
        run install -m 0640 "$@" "$HERE/config.example.yaml" "$ETC/config.yaml"
        NEW_CONFIG=yes
    fi
}

install_unit() {
    say "Service" "Dịch vụ"
    run install -d -m 0755 "$UNITS"
    run install -m 0644 "$HERE/systemd/$NAME.service" "$UNITS/$NAME.service"
    version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
    if [ "${version:-0}" -ge 254 ]; then
        run install -d -m 0755 "$UNITS/$NAME.service.d"
        run install -m 0644 "$HERE/systemd/restart-steps.conf" "$UNITS/$NAME.service.d/restart-steps.conf"
    fi
    if [ -f "$ROOT/etc/nv_tegra_release" ]; then # a Jetson
        run install -d -m 0755 "$UNITS/$NAME.service.d"
        run install -m 0644 "$HERE/systemd/jetson.conf" "$UNITS/$NAME.service.d/jetson.conf"
    fi
    run install -D -m 0644 "$HERE/systemd/70-$NAME-led.rules" "$ROOT/etc/udev/rules.d/70-$NAME-led.rules"
    for unit in path service; do # asleep without --allow-reboot
        run install -m 0644 "$HERE/systemd/$NAME-reboot.$unit" "$UNITS/$NAME-reboot.$unit"
    done
    if [ -z "$ROOT" ]; then
        run systemctl daemon-reload
        if [ "$REBOOT" = yes ]; then run systemctl enable --quiet --now "$NAME-reboot.path"; fi
        run systemctl enable --quiet "$NAME.service"
        run systemctl try-restart "$NAME.service"
        if [ -f /sys/fs/cgroup/cgroup.controllers ] && ! grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
            say "Note: the kernel does not limit memory. To switch it on, add cgroup_enable=memory to the line in /boot/firmware/cmdline.txt and restart." \
                "Lưu ý: nhân chưa giới hạn bộ nhớ. Để bật, thêm cgroup_enable=memory vào dòng trong /boot/firmware/cmdline.txt rồi khởi động lại."
        fi
    fi
}

NEW_CONFIG=no
if [ -z "$ROOT" ]; then
    install_packages
    make_user
fi
install_program
install_model
install_config
install_unit

if [ "$NEW_CONFIG" = yes ]; then
    say "Done. Next: write your camera and ward into $ETC/config.yaml, then
  sudo -u $NAME camera-agent check-config /etc/$NAME/config.yaml && sudo systemctl start $NAME" \
        "Xong. Tiếp theo: ghi camera và phường của bạn vào $ETC/config.yaml, rồi
  sudo -u $NAME camera-agent check-config /etc/$NAME/config.yaml && sudo systemctl start $NAME"
else
    say "Done. $ETC/config.yaml was kept." "Xong. $ETC/config.yaml được giữ nguyên."
fi
