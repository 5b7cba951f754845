#!/bin/bash -e
# rootfs-overlay/ lands verbatim. git keeps only the execute bit and the builder's umask leaks: owner and modes are set here.
tar --create --owner=0 --group=0 --mode=u=rwX,go=rX -C ../../../rootfs-overlay . | tar --extract --no-overwrite-dir -C "$ROOTFS_DIR"
# A link takes the place of what a package has put there.
while read -r link target; do
    install -d -m 755 "$(dirname "$ROOTFS_DIR/$link")"
    ln -sfn "$target" "$ROOTFS_DIR/$link"
done < <(grep '^[^#]' links)
mkdir -p "$ROOTFS_DIR"/{data,var/lib/inkvm} # the data partition's place, and where what is kept is seen
# Who needs the time of day waits for time-set.target. All others would wait for the clock's file as well, which is on the data partition.
unit=$ROOTFS_DIR/usr/lib/systemd/system/systemd-timesyncd.service
grep -q '^Before=.* sysinit.target' "$unit"
sed -i '/^Before=/s/ sysinit.target//' "$unit"
echo "$TARGET_HOSTNAME" >"$ROOTFS_DIR/etc/hostname"
