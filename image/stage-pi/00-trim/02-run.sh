#!/bin/bash -e
# Files of other boards. Of the kernel's modules those go that the Debian base leaves out as well, but for media and graphics:
# the board's capture and its encoder are among them.
grep '^/usr/lib/modules/' ../../stage-debian/files-excluded | grep -vE '/drivers/(gpu|media)/' | while read -r path; do
    # shellcheck disable=SC2086  # a pattern
    rm -rf "$ROOTFS_DIR"$path
done
depmod -b "$ROOTFS_DIR" "$(basename "$ROOTFS_DIR"/usr/lib/modules/*)"
../../steps/modules "$ROOTFS_DIR" tc358743 bcm2835-codec i2c-bcm2835 spi-bcm2835 spidev dwc2 \
    libcomposite usb_f_hid usb_f_mass_storage usb_f_acm usb_f_ncm brcmfmac nf_tables nft_ct nft_chain_nat nft_redir
cd "$ROOTFS_DIR"
rm -rf usr/lib/linux-image-* boot/{vmlinuz,initrd.img,config,System.map}-* boot/{config,cmdline}.txt boot/overlays
# This board's radio is of the family 4343.
find usr/lib/firmware/{brcm,cypress} ! -type d ! -name '*4343*' -delete
