#!/bin/bash -e
# firmware-config/ lands on the FAT partitions: boot/select becomes the one the firmware reads first, boot/firmware a slot.
# What would not work on the board ends the build here, whoever edited it.
firmware=../../../firmware-config
(cd ../../.. && python3 -B -m image.firmware)
mkdir -p "$ROOTFS_DIR"/boot/{select,firmware}
install -m 644 "$firmware/autoboot.txt" "$ROOTFS_DIR/boot/select"
install -m 644 "$firmware/config.txt" "$firmware/cmdline.txt" "$ROOTFS_DIR/boot/firmware"
# The boot ROM reads bootcode.bin from the first partition; next to it the firmware wants a config.txt, be it empty.
install -m 644 "$firmware/inkvm-sample.toml" "$ROOTFS_DIR/boot/select" # the customisation file, every key a comment
if [ -e "$ROOTFS_DIR/boot/firmware/bootcode.bin" ]; then
    mv "$ROOTFS_DIR/boot/firmware/bootcode.bin" "$ROOTFS_DIR/boot/select"
fi
: >"$ROOTFS_DIR/boot/select/config.txt"
# Written over by app.auth, and never made there: on FAT that would not survive every power cut.
printf '%-510s\r\n' "The code to claim this device will be here after its first start." >"$ROOTFS_DIR/boot/select/inkvm-claim.txt"
