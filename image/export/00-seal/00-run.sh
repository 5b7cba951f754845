#!/bin/bash -e
# Takes out what differs from one build to the next, or belongs to one device alone, and gives every file the time of the commit.
cd "$ROOTFS_DIR"
rm -rf var/cache/apt/* var/lib/apt/lists/* var/log/* dev/*
rm -rf var/cache/debconf/*-old var/lib/dpkg/*-old var/cache/ldconfig/aux-cache var/lib/systemd/{random-seed,credential.secret}
rm -rf etc/apt/sources.list.d/* etc/apt/sources.list etc/apt/apt.conf.d/99mmdebstrap etc/dpkg/dpkg.cfg.d/99mmdebstrap
rm -rf etc/{passwd,group,shadow,gshadow,subuid,subgid}- etc/.pwd.lock etc/.updated etc/ssh/ssh_host_* etc/resolv.conf
ln -s ../run/NetworkManager/resolv.conf etc/resolv.conf
rm -rf run/* tmp/* var/tmp/* usr/local/sbin/* var/lib/dbus/machine-id
# Empty: systemd makes a transient one over it, since this file system is read-only.
: >etc/machine-id
# systemd starts no clock earlier than this file's time: the board has no battery.
: >usr/lib/clock-epoch
find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
