#!/bin/bash -e
# The kernel's module index, and the boot files: kernel, device tree and initial RAM disk, natively.
release=$(basename "$ROOTFS_DIR"/usr/lib/modules/*)
boot=$ROOTFS_DIR/boot/firmware
depmod -b "$ROOTFS_DIR" -F "$ROOTFS_DIR/boot/System.map-$release" "$release"

mkdir -p "$boot"
cp "$ROOTFS_DIR/boot/vmlinuz-$release" "$boot/kernel8.img"
cp "$ROOTFS_DIR/usr/lib/linux-image-$release/broadcom/bcm2837-rpi-zero-2-w.dtb" "$boot"
rm -rf "${ROOTFS_DIR:?}"/boot/{vmlinuz,config,System.map}-* "$ROOTFS_DIR"/usr/lib/linux-image-* "$ROOTFS_DIR"/{vmlinuz,initrd.img}*

# Modules are numbered in the order that insmod needs them in.
tree=$(mktemp -d)
mkdir -p "$tree"/{bin,modules}
cp "$ROOTFS_DIR/usr/bin/busybox" "$tree/bin"
install -m 755 files/init "$tree/init"
number=100
for module in ext4 virtio_blk virtio_mmio bcm2835 sdhci_iproc; do
    while read -r insmod path _; do
        [ "$insmod" = insmod ] || continue
        name=$(basename "$path" .xz)
        [ -n "$(find "$tree/modules" -name "*-$name")" ] && continue
        number=$((number + 1))
        xz -dc "$path" >"$tree/modules/$number-$name"
    done < <(modprobe --dirname "$ROOTFS_DIR" --set-version "$release" --show-depends "$module")
done
# Not the commit's date: the same modules make the same file, whatever was committed since.
find "$tree" -exec touch -h -d @0 {} +
(cd "$tree" && find . | sort | cpio --quiet --reproducible --owner=0:0 -o -H newc | zstd -q -19 -T2 >"$boot/initrd.img")
rm -rf "$tree"
