# The first process of the emulated machine (machine.py): devices, then the tests, then off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=/opt/site:/mnt PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/root
mount -t proc none /proc
mount -t sysfs none /sys
mountpoint -q /dev || mount -t devtmpfs none /dev
mkdir -p /dev/shm && mount -t tmpfs none /dev/shm
mount -t tmpfs none /run
mount -t tmpfs none /tmp
/usr/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add && udevadm settle
cd /mnt || exit 1
uname -r
python3 -m pytest -c /dev/null --rootdir=/mnt -p no:cacheprovider --color=no -p no:warnings --tb=short --noconftest -v -s --timeout=300 ${ARGUMENTS:-tests/v4l2/devices.py tests/v4l2/webcam.py}
echo "EXIT $?"
sync
echo o > /proc/sysrq-trigger
while :; do :; done
