#!/bin/bash -e
# firmware-config/ lands on the FAT partitions: boot/select becomes the one the firmware reads first, boot/firmware a slot.
firmware=../../../firmware-config
mkdir -p "$ROOTFS_DIR"/boot/{select,firmware}
cp "$firmware/autoboot.txt" "$ROOTFS_DIR/boot/select"
cp "$firmware/config.txt" "$firmware/cmdline.txt" "$ROOTFS_DIR/boot/firmware"
# The boot ROM reads bootcode.bin from the first partition; next to it the firmware wants a config.txt, be it empty.
if [ -e "$ROOTFS_DIR/boot/firmware/bootcode.bin" ]; then
    mv "$ROOTFS_DIR/boot/firmware/bootcode.bin" "$ROOTFS_DIR/boot/select"
fi
: >"$ROOTFS_DIR/boot/select/config.txt"
