# pi-gen's first stages bring kernels for other boards, compilers' headers, and an account: none is wanted.
apt-get purge -y --auto-remove linux-image-rpi-2712 'linux-image-*-2712' 'linux-headers-*'
awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd | while read -r user; do
    userdel --remove "$user"
done
