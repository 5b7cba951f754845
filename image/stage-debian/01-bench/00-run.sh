#!/bin/bash -e
# Stand-ins for the board's hardware, in the image that QEMU boots and in no other.
tar --create --owner=0 --group=0 --mode=u=rwX,go=rX -C files . | tar --extract --no-overwrite-dir -C "$ROOTFS_DIR"

# A path that files-excluded names too broadly would show only as a device that never appears.
release=$(basename "$ROOTFS_DIR"/usr/lib/modules/*)
query() {
    modinfo --basedir "$ROOTFS_DIR" --set-version "$release" --field "$1" "$2"
}
need() {
    local module
    for module in "$@"; do
        query filename "$module" >/dev/null || { log "the kernel's $module, or a module it needs, is not in the tree" && exit 1; }
        # shellcheck disable=SC2046  # a list of words
        need $(query depends "$module" | tr , ' ')
    done
}
# shellcheck disable=SC2046
need $(sed 's/#.*//' files/usr/lib/modules-load.d/*.conf) libcomposite usb_f_hid usb_f_mass_storage virtio_net cdc_ether
