#!/bin/sh
# The guest's first process: mounts, drivers, the tests, and out. Started by /sbin/bench-init of the root disk.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 COLUMNS=120
export PYTHONPYCACHEPREFIX=/tmp/pycache PYTHONUNBUFFERED=1 HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis

# devtmpfs, proc and sysfs come mounted from the initramfs. Both disks are read-only.
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t configfs configfs /sys/kernel/config
mount -t debugfs debugfs /sys/kernel/debug

# ttyS0 has the kernel's log to itself; what the tests print goes to the second port.
stty -F /dev/ttyS1 raw
exec </dev/null >/dev/ttyS1 2>&1

# One HDMI capture device in place of the board's bridge and receiver.
modprobe vivid n_devs=1 num_inputs=1 input_types=3 node_types=1
# A stateful encoder in place of the board's. modprobe does not know these two; their dependencies it does.
modprobe -a videobuf2-v4l2 videobuf2-vmalloc
insmod /repo/v4l2-mem2mem.ko
insmod /repo/vicodec.ko multiplanar=1
# A USB device controller and the host it is plugged into; what the host binds to the gadget.
modprobe -a dummy_hcd libcomposite usb_f_hid usbhid hid_generic evdev
ip link set lo up

touch /run/inkvm-bench
cd /repo || exit 1
sh /repo/run
status=$?

# Drain the port, then end QEMU through isa-debug-exit (see tests/kernel/vm.py for the 16).
python3 -c 'import termios; termios.tcdrain(1)'
exec python3 - "$status" <<'END'
import os, sys
os.pwrite(os.open("/dev/port", os.O_WRONLY), bytes([16 + int(sys.argv[1])]), 0xF4)
END
