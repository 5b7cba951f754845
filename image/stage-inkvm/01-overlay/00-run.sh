#!/bin/bash -e
# rootfs-overlay/ lands verbatim. git keeps only the execute bit and the builder's umask leaks: owner and modes are set here.
tar --create --owner=0 --group=0 --mode=u=rwX,go=rX -C ../../../rootfs-overlay . | tar --extract --no-overwrite-dir -C "$ROOTFS_DIR"
mkdir -p "$ROOTFS_DIR/var/lib/inkvm" # the data partition's place
echo "$TARGET_HOSTNAME" >"$ROOTFS_DIR/etc/hostname"
