#!/bin/bash -e
# app, epaper and the wheels in one private folder, and byte-code for all of Python: the root file system is read-only
# and the card slow, so nothing is compiled, or checked for age, when the device runs.
repository=$(realpath ../../..)
private=$ROOTFS_DIR/usr/lib/inkvm
mkdir -p "$private"
tar --create --owner=0 --group=0 --mode=u=rwX,go=rX --exclude=__pycache__ --exclude=app/sim -C "$repository" app epaper |
    tar --extract -C "$private"
for wheel in "$WHEELS_DIR"/*.whl; do
    python3 -m zipfile -e "$wheel" "$private"
done
# Of linuxpy only the kernel's V4L2 structures are used.
find "$private/linuxpy" -mindepth 1 -maxdepth 1 -type d ! -name video -exec rm -r {} +
chmod -R u=rwX,go=rX "$private"
python3 -m compileall -q -j 2 --invalidation-mode unchecked-hash -s "$ROOTFS_DIR" -p / \
    "$private" "$ROOTFS_DIR/usr/lib/python3" "$ROOTFS_DIR/usr/lib/python3.13"
