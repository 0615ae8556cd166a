#!/bin/sh
# Run by `unshare --mount --propagation private`: lays overlays over the paths that install.sh changes and puts
# stand-ins for cPanel's tools and systemctl there. What happens in the world lands in SCRATCH/upper only, and the
# world ends when its standard input does.
# world.sh SCRATCH STAND-INS OS-RELEASE
set -eu

scratch=$1
stand_ins=$2
os_release=$3

mount -t tmpfs tmpfs "$scratch"
for dir in opt etc usr/local var run; do
  mkdir -p "/$dir" "$scratch/upper/$dir" "$scratch/work/$dir"
  mount -t overlay overlay -o "lowerdir=/$dir,upperdir=$scratch/upper/$dir,workdir=$scratch/work/$dir" "/$dir"
done

cpanel=/usr/local/cpanel
mkdir -p "$cpanel/bin" "$cpanel/3rdparty/bin" "$cpanel/whostmgr/docroot/cgi" "$cpanel/whostmgr/docroot/addon_plugins" \
  "$cpanel/Cpanel/Config/ConfigObj/Driver" /var/cpanel/apps /usr/local/sbin
echo 11.138.0.19 >"$cpanel/version"
ln -s /usr/bin/perl "$cpanel/3rdparty/bin/perl"
cp "$stand_ins"/*_appconfig* "$stand_ins/manage_hooks" "$cpanel/bin/"
cp "$stand_ins/systemctl" /usr/local/sbin/systemctl
rm -f /etc/os-release
cp "$os_release" /etc/os-release
: >/run/calls
: >/run/hooks

echo ready
exec cat >/dev/null
