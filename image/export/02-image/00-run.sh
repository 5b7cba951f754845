#!/bin/bash -e
# The sealed tree becomes the card's image. Nothing is mounted, and every id and time is given, not drawn.
layout=$PWD/layout.sfdisk
work=$(dirname "$ROOTFS_DIR")
image=$work/inkvm-$INKVM_BASE.img
sectors=4194304

# The field of partition NUMBER in the layout, in sectors.
field() {
    sed -n "s/^$1 :.*$2= *\([0-9]*\).*/\1/p" "$layout"
}

# A FAT file system for partition NUMBER, with LABEL and volume ID, from a folder if one is given.
fat() {
    truncate -s $(($(field "$1" size) * 512)) "$work/p$1"
    mkfs.vfat -F 32 -n "$2" -i "$3" "$work/p$1"
    [ -z "$4" ] || mcopy -s -i "$work/p$1" "$4"/* ::/
}

# An ext4 file system for partition NUMBER, with LABEL, from a folder, with more extended options and more options of mke2fs.
ext4() {
    local uuid=494b564d-0000-4000-8000-00000000000$1
    truncate -s $(($(field "$1" size) * 512)) "$work/p$1"
    mke2fs -q -t ext4 -L "$2" -U "$uuid" -E "hash_seed=$uuid,lazy_itable_init=0,lazy_journal_init=0$4" -m 0 "${@:5}" -d "$3" "$work/p$1"
}

rm -rf "$work"/p[0-9] "$work/data" "$image"
mkdir "$work/data"
touch -d "@$SOURCE_DATE_EPOCH" "$work/data"
fat 1 BOOT 494b0001 "$ROOTFS_DIR/boot/select"
fat 2 BOOT-A 494b0002 "$ROOTFS_DIR/boot/firmware"
fat 3 BOOT-B 494b0003 ""
rm -rf "$ROOTFS_DIR"/boot/{select,firmware}/*
touch -d "@$SOURCE_DATE_EPOCH" "$ROOTFS_DIR"/boot/{select,firmware}
ext4 5 root-a "$ROOTFS_DIR" ""
# Made for the size it will have: the blocks and inodes that suit so small a file system would not suit a card. Room for the
# group descriptors of 1 TiB lets it grow that far as it is; further, and the kernel would have to convert it first.
ext4 7 data "$work/data" ,resize=$((1 << 28)) -b 4096 -i 131072

truncate -s $((sectors * 512)) "$image"
sfdisk --quiet "$image" <"$layout"
for number in 1 2 3 5 7; do
    dd if="$work/p$number" of="$image" bs=1M oflag=seek_bytes seek=$(($(field "$number" start) * 512)) conv=notrunc,sparse status=none
    rm "$work/p$number"
done

mkdir -p "$DEPLOY_DIR"
zstd -q -f -T2 -"${ZSTD_LEVEL:-10}" "$image" -o "$DEPLOY_DIR/inkvm-$INKVM_BASE.img.zst"
(cd "$DEPLOY_DIR" && sha256sum "inkvm-$INKVM_BASE.img.zst" >"inkvm-$INKVM_BASE.img.zst.sha256")
