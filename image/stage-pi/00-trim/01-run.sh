#!/bin/bash -e
# pi-gen's first stages bring kernels for other boards, compilers' headers, an account, and what somebody at a console would
# want. As in the Debian base, what stays are the packages that the stages name and what these depend on.
mapfile -t names < <(sed 's/#.*//; /^\s*$/d' 00-packages-nr ../../stage-inkvm/*/*-packages-nr)
on_chroot <<EOF
awk -F: '\$3 >= 1000 && \$3 < 60000 { print \$1 }' /etc/passwd | while read -r user; do
    userdel --remove "\$user"
done
apt-get purge -y linux-image-rpi-2712 'linux-image-*-2712' 'linux-headers-*'
dpkg-query -Wf '\${Package}\n' | xargs apt-mark auto >/dev/null
for package in linux-image-rpi-v8 raspi-firmware raspberrypi-archive-keyring ${names[*]}; do
    # Those of stage-inkvm that are not there yet come with it.
    [ "\$(dpkg-query -Wf '\${db:Status-Status}' "\$package" 2>/dev/null)" != installed ] || apt-mark manual "\$package" >/dev/null
done
apt-get autoremove -y --purge -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false
EOF
