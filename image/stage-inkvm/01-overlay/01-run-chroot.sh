# The accounts are made here because /etc is read-only on the device. Nobody can log in as root.
systemd-sysusers
usermod -p '*' root
