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
BUNDLE=''
DEPS=yes
START=yes
PACKAGED=no
REBOOT=no
WORK=''
PREVIOUS=''

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
    say "Usage: sudo sh deploy/install.sh [--dry-run] [--model FILE] [--wheel FILE | --bundle FILE] [--root DIR] [--no-deps] [--no-start] [--allow-reboot]
  --dry-run     print each command, change nothing
  --bundle FILE install this offline bundle: no network, no apt, no pip
  --model FILE  put this detection model into /usr/share/camera-agent
  --wheel FILE  install this wheel instead of the checkout
  --root DIR    lay the files into DIR (tests, images); no apt, no user, no systemctl
  --no-deps     do not fetch Python packages (they are there already)
  --no-start    do not switch the service on
  --allow-reboot  the agent may restart the device when a camera hangs (with escalation: {reboot: true})
Remove it again: sudo sh deploy/uninstall.sh" \
        "Cách dùng: sudo sh deploy/install.sh [--dry-run] [--model TỆP] [--wheel TỆP | --bundle GÓI] [--root THƯ_MỤC] [--no-deps] [--no-start] [--allow-reboot]
  --dry-run       in ra từng lệnh, không thay đổi gì
  --model TỆP     chép mô hình nhận dạng này vào /usr/share/camera-agent
  --bundle GÓI    cài từ gói ngoại tuyến này: không cần mạng, apt hay pip
  --wheel TỆP     cài tệp wheel này thay cho mã nguồn
  --root THƯ_MỤC  đặt các tệp vào thư mục này (để làm ảnh thẻ nhớ); không apt, không tạo người dùng, không systemctl
  --no-deps       không tải gói Python (đã có sẵn)
  --no-start      không bật dịch vụ
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
        --no-start) START=no ;;
        --packaged) PACKAGED=yes ;; # by the Debian package, which has its own link and manual in /usr
        --allow-reboot) REBOOT=yes ;;
        --wheel | --bundle | --root | --model)
            [ $# -ge 2 ] || fail "$1 needs a value" "$1 cần một giá trị"
            case "$1" in
                --wheel) WHEEL=$2 ;;
                --bundle) BUNDLE=$2 ;;
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

HOME_DIR=$ROOT/opt/$NAME
ETC=$ROOT/etc/$NAME
UNITS=$ROOT/etc/systemd/system

# Everything that can be wrong is looked at before anything is changed.
[ -z "$WHEEL" ] || [ -f "$WHEEL" ] || fail "no such wheel: $WHEEL" "không có tệp wheel: $WHEEL"
[ -z "$BUNDLE" ] || [ -f "$BUNDLE" ] || fail "no such bundle: $BUNDLE" "không có gói: $BUNDLE"
[ -z "$BUNDLE" ] || [ -z "$WHEEL$MODEL" ] || fail "--bundle brings wheel and model itself" "--bundle đã có sẵn wheel và mô hình"
[ -z "$MODEL" ] || [ -f "$MODEL" ] || fail "no such model: $MODEL" "không có mô hình: $MODEL"
for file in systemd/$NAME.service config.example.yaml; do
    [ -f "$HERE/$file" ] || fail "$HERE/$file is missing; run this from a complete checkout" \
        "thiếu $HERE/$file; hãy chạy từ bản mã nguồn đầy đủ"
done
if [ -z "$ROOT" ]; then
    [ "$DRY" = yes ] || [ "$(id -u)" = 0 ] || fail "needs root: sudo sh $0" "cần quyền root: sudo sh $0"
    [ -n "$BUNDLE" ] || command -v apt-get >/dev/null || fail "needs Debian or Raspberry Pi OS (no apt-get here)" \
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
    run mkdir -p "$folder/source/docs/guide"
    run cp -R "$HERE/setup.py" "$HERE/pyproject.toml" "$HERE/README.md" "$HERE/agent" "$HERE/deploy" "$folder/source/"
    run cp -R "$HERE/docs/guide/faults" "$folder/source/docs/guide/" # the pages of the fault codes
    run "$VENV/bin/python" -m pip wheel -q --disable-pip-version-check --no-deps -w "$folder" "$folder/source" || no_pip
    if [ "$DRY" = yes ]; then
        WHEEL="$folder/*.whl"
    else
        WHEEL=$(find "$folder" -maxdepth 1 -name '*.whl')
    fi
}

version_folder() { # VERSION-HASH8: the hash is of the wheel, or of the sources that it is made of
    if [ -n "$WHEEL" ]; then
        version=$(basename "$WHEEL" | cut -d- -f2)
        sha256sum -- "$WHEEL" | cut -c1-8 | sed "s/^/$version-/"
    else
        version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$HERE/agent/__init__.py")
        (cd "$HERE" && find agent docs/guide/faults setup.py pyproject.toml -type f ! -name '*.pyc' -exec sha256sum {} + | LC_ALL=C sort -k 2) |
            sha256sum | cut -c1-8 | sed "s/^/$version-/"
    fi
}

point() { # LINK: to the version, in one step
    run rm -f "$HOME_DIR/.$1.tmp"
    run ln -s "versions/${VENV##*/}" "$HOME_DIR/.$1.tmp"
    run mv -T -f "$HOME_DIR/.$1.tmp" "$HOME_DIR/$1"
}

install_program() {
    if [ -n "$BUNDLE" ]; then
        say "Program from ${BUNDLE##*/} (may take minutes)" "Chương trình từ ${BUNDLE##*/} (có thể mất vài phút)"
        place=$HERE/first-boot/place.py # as it lies in the bundle; else as in the checkout
        [ -f "$place" ] || place=$HERE/deploy/first_boot/place.py
        run python3 -I "$place" "$BUNDLE" --root "$ROOT/" || fail "the program was not installed; the line above says why" \
            "chưa cài được chương trình; xem lý do ở dòng trên"
    else
        VENV=$HOME_DIR/versions/$(version_folder)
        if [ -L "$HOME_DIR/current" ]; then PREVIOUS=$(basename "$(readlink "$HOME_DIR/current")"); fi
        install_version
        # current: what runs; judge: the last version that proved itself, which a person who installs vouches for.
        for link in current judge; do point "$link"; done
    fi
    [ "$PACKAGED" = no ] || return 0
    run mkdir -p "$ROOT/usr/local/bin"
    run ln -sfn "/opt/$NAME/current/bin/$NAME" "$ROOT/usr/local/bin/$NAME"
}

install_version() {
    say "Program in $VENV (may take minutes)" "Chương trình trong $VENV (có thể mất vài phút)"
    if command -v python3 >/dev/null && ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
        fail "needs Python 3.10 or newer; install Debian 12 or newer" "cần Python 3.10 trở lên; hãy cài Debian 12 trở lên"
    fi
    run mkdir -p "$HOME_DIR/versions" "$HOME_DIR/state"
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
    run mkdir -p "$VENV/systemd"
    run cp "$HERE"/systemd/* "$VENV/systemd/"
    run sync
}

sweep() { # after the service runs the new version: what is older than the one before, and a program of the old layout
    if [ -z "$BUNDLE" ] && [ "$DRY" = no ]; then
        for folder in "$HOME_DIR"/versions/*; do
            case "${folder##*/}" in "${VENV##*/}" | "$PREVIOUS") ;; *) rm -rf -- "$folder" ;; esac
        done
    fi
    if [ -f "$HOME_DIR/pyvenv.cfg" ]; then
        for part in bin include lib lib64 share pyvenv.cfg; do run rm -rf -- "$HOME_DIR/$part"; done
    fi
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
    version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
    for unit in "$HERE/systemd/$NAME"*.service "$HERE/systemd/$NAME"*.path "$HERE/systemd/$NAME"*.timer; do
        [ -f "$unit" ] || continue
        run install -m 0644 "$unit" "$UNITS/${unit##*/}"
    done
    if [ "${version:-0}" -ge 254 ]; then
        run install -d -m 0755 "$UNITS/$NAME.service.d"
        run install -m 0644 "$HERE/systemd/restart-steps.conf" "$UNITS/$NAME.service.d/restart-steps.conf"
    fi
    if [ -f "$ROOT/etc/nv_tegra_release" ]; then # a Jetson
        run install -d -m 0755 "$UNITS/$NAME.service.d"
        run install -m 0644 "$HERE/systemd/jetson.conf" "$UNITS/$NAME.service.d/jetson.conf"
    fi
    run install -D -m 0644 "$HERE/systemd/70-$NAME-led.rules" "$ROOT/etc/udev/rules.d/70-$NAME-led.rules"
    if [ -z "$ROOT" ]; then
        run systemctl daemon-reload
        if [ "$REBOOT" = yes ]; then run systemctl enable --quiet --now "$NAME-reboot.path"; fi
        switch_on
        if [ -f /sys/fs/cgroup/cgroup.controllers ] && ! grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
            say "Note: the kernel does not limit memory. To switch it on, add cgroup_enable=memory to the line in /boot/firmware/cmdline.txt and restart." \
                "Lưu ý: nhân chưa giới hạn bộ nhớ. Để bật, thêm cgroup_enable=memory vào dòng trong /boot/firmware/cmdline.txt rồi khởi động lại."
        fi
    fi
}

switch_on() {
    # Asleep until told: camera-agent-reboot (--allow-reboot), camera-agent-enrol (a card with a token). Root's halves of
    # other units are always on.
    for unit in "$HERE/systemd/$NAME"-*.path "$HERE/systemd/$NAME"-*.service "$HERE/systemd/$NAME"-*.timer; do
        [ -f "$unit" ] || continue
        case "${unit##*/}" in
            "$NAME"-reboot.* | "$NAME"-enrol.*) ;;
            *) if grep -q '^WantedBy=' "$unit"; then run systemctl enable --quiet "${unit##*/}"; fi ;;
        esac
        case "${unit##*/}" in "$NAME"-update*.path) run systemctl start "${unit##*/}" ;; esac
    done
    if [ "$START" = yes ]; then
        run systemctl enable --quiet "$NAME.service"
        run systemctl try-restart "$NAME.service"
    fi
}

install_manual() { # the manual page and what a shell completes; a bundle brings them
    [ "$PACKAGED" = no ] || return 0
    for language in '' vi/; do
        manual=$HERE/man/$language$NAME.1
        [ -f "$manual" ] || manual=$HERE/docs/reference/$language$NAME.1
        if [ -f "$manual" ]; then
            run install -D -m 0644 "$manual" "$ROOT/usr/local/share/man/${language}man1/$NAME.1"
        fi
    done
    for shell in bash zsh fish; do
        if [ -f "$HERE/completion/$NAME.$shell" ]; then
            case "$shell" in
                bash) target=bash-completion/completions/$NAME ;;
                zsh) target=zsh/site-functions/_$NAME ;;
                fish) target=fish/vendor_completions.d/$NAME.fish ;;
            esac
            run install -D -m 0644 "$HERE/completion/$NAME.$shell" "$ROOT/usr/local/share/$target"
        fi
    done
}

NEW_CONFIG=no
VENV=''
if [ -z "$ROOT" ]; then
    if [ -z "$BUNDLE" ]; then install_packages; fi
    make_user
fi
install_program
install_model
install_config
install_manual
install_unit
sweep

if [ "$NEW_CONFIG" = yes ]; then
    say "Done. Next: write your camera and ward into $ETC/config.yaml, then
  sudo -u $NAME camera-agent check-config /etc/$NAME/config.yaml && sudo systemctl start $NAME" \
        "Xong. Tiếp theo: ghi camera và phường của bạn vào $ETC/config.yaml, rồi
  sudo -u $NAME camera-agent check-config /etc/$NAME/config.yaml && sudo systemctl start $NAME"
else
    say "Done. $ETC/config.yaml was kept." "Xong. $ETC/config.yaml được giữ nguyên."
fi
