#!/bin/bash -e
# Stand-ins for the board's hardware, in the image that QEMU boots and in no other.
tar --create --owner=0 --group=0 --mode=u=rwX,go=rX -C files . | tar --extract --no-overwrite-dir -C "$ROOTFS_DIR"

# A path that files-excluded names too broadly would show only as a device that never appears.
# shellcheck disable=SC2046  # a list of words
../../steps/modules "$ROOTFS_DIR" $(sed 's/#.*//' files/usr/lib/modules-load.d/*.conf) \
    libcomposite usb_f_hid usb_f_mass_storage usb_f_acm usb_f_ncm virtio_net cdc_ether cdc_ncm
