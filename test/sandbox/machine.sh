#!/bin/sh
# machine.sh NAME GROUND [BIND...]: the first process of a machine. It runs inside fresh mount, PID, UTS, IPC and
# network namespaces, whose mount namespace knows the tmpfs GROUND. The machine's root is an overlay over the host's
# root; its writes stay in GROUND/NAME/upper and outlive the machine, as a disk outlives a power cut.
set -eu
name=$1 ground=$2
shift 2

# /proc still belongs to the host here, so this is the number by which the host knows this process.
read -r pid _ </proc/self/stat

root=$ground/$name/root
mkdir -p "$root" "$ground/$name/upper" "$ground/$name/work"
mount -t overlay -o "lowerdir=/,upperdir=$ground/$name/upper,workdir=$ground/$name/work" overlay "$root"

mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
mkdir "$root/run/lock" "$root/dev/pts" "$root/dev/shm"
for node in null zero full random urandom tty; do
    : >"$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mount -t devpts -o newinstance,mode=0620,ptmxmode=0666,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

# What lies on another file system than / is not in the overlay.
for path in "$@"; do
    mkdir -p "$root$path"
    mount --rbind "$path" "$root$path"
    mount -o remount,bind,ro "$root$path"
done

echo "$name" >/proc/sys/kernel/hostname
for scope in all default; do
    echo 0 >"/proc/sys/net/ipv6/conf/$scope/accept_dad"
    echo 0 >"/proc/sys/net/ipv6/conf/$scope/router_solicitations"
done
# The host's own are not for it; what it has made of them stays from one power cycle to the next.
if [ ! -e "$ground/$name/upper/etc/hosts" ]; then
    rm -f "$root/etc/resolv.conf" "$root/etc/hosts" "$root/.dockerenv"
    : >"$root/etc/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
fi

mkdir -p "$root/.host"
cd "$root"
pivot_root . .host
cd /
umount -l /.host
rmdir /.host
ip link set lo up

echo "ready $pid"
exec >/dev/null 2>&1 </dev/null
# With SIGCHLD ignored the kernel reaps whatever is left to this process (dash cannot ignore it).
exec perl -e '$SIG{CHLD} = "IGNORE"; exec qw(sleep infinity)'
