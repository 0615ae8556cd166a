#!/bin/sh
# Installs the plugin on a cPanel & WHM server and registers it, looks whether it is whole, or takes it off again.
#
# Every command that changes something goes through run(), which prints it and then runs it; --dry-run prints the
# same lines and runs none of them. Killed after any of them, it can be run again. No WHM setting is ever changed.
set -eu

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

name=ftp_passive
cpanel=/usr/local/cpanel
dest=/opt/whm-ftp-passive
state=/var/lib/whm-ftp-passive
cgi=$cpanel/whostmgr/docroot/cgi/$name
icons=$cpanel/whostmgr/docroot/addon_plugins
# Where cPanel looks for privileges of plugins; the directory's time is how it sees that there is another one.
drivers=$cpanel/Cpanel/Config/ConfigObj/Driver
driver=FtpPassive
privilege=software-ftp-passive
units=/etc/systemd/system
command=/usr/local/bin/ftp-passive
registered=/var/cpanel/apps/$name.conf
# What cPanel starts after its updates: the look of the watch, when that is on, and what puts removed files back.
after_update=$dest/plugin/bin/after-update
put_back=$dest/plugin/bin/put-back
# A product with its Node.js, twice for the moment when a new one lies beside the old one.
need_kb=512000

refuse() {
  echo "$1" >&2
  exit "${2:-1}"
}

dry=
verb=install
upgrade=
purge=
chosen=
for option; do
  case $option in
    --dry-run) dry=yes ;;
    --check) verb=check chosen="$chosen $option" ;;
    --upgrade) upgrade=yes chosen="$chosen $option" ;;
    --uninstall) verb=uninstall chosen="$chosen --uninstall" ;;
    --purge) verb=uninstall purge=yes chosen="$chosen --uninstall" ;;
    *)
      known='--check, --upgrade, --uninstall or --purge, and --dry-run with any of them'
      refuse "\"$option\" is not an option of install.sh: write none to install, or one of $known." 2
      ;;
  esac
done
case $chosen in
  '' | ' --check' | ' --upgrade' | ' --uninstall' | ' --uninstall --uninstall') ;;
  *) refuse "Only one of these can be done at a time: write one of$chosen." 2 ;;
esac

run() {
  echo "+ $*"
  # What it starts for good, as a web server, must not keep the lock.
  if [ -z "$dry" ]; then "$@" </dev/null 9<&-; fi
}

# The files outside of the product's directory: mode, place in the product, place on the server.
placed() {
  cat <<TABLE
0644 plugin/public/app.js $cgi/app.js
0644 plugin/public/style.css $cgi/style.css
0700 plugin/index.cgi $cgi/index.cgi
0644 plugin/ftp_passive.png $icons/ftp_passive.png
0644 plugin/acl/$driver/META.pm $drivers/$driver/META.pm
0644 plugin/acl/$driver.pm $drivers/$driver.pm
0644 plugin/systemd/ftp-passive.socket $units/ftp-passive.socket
0644 plugin/systemd/ftp-passive.service $units/ftp-passive.service
0644 plugin/systemd/ftp-passive-switch.service $units/ftp-passive-switch.service
0644 plugin/systemd/ftp-passive-watch.timer $units/ftp-passive-watch.timer
0644 plugin/systemd/ftp-passive-watch.service $units/ftp-passive-watch.service
TABLE
}

# cPanel names no exit status for its AppConfig tools, so what they printed counts.
is_registered() {
  [ "$("$cpanel/bin/is_registered_with_appconfig" whostmgr "$name" 2>/dev/null || :)" = 1 ]
}

# Whether WHM has the plugin as this conf describes it.
is_registered_as() {
  is_registered && [ "$(settings_of "$registered")" = "$(settings_of "$1")" ]
}

# Whether cPanel starts this program after its updates.
is_hooked() {
  "$cpanel/bin/manage_hooks" list 2>/dev/null | grep -qF -- "$1"
}

has_hooks() {
  [ -x "$cpanel/bin/manage_hooks" ]
}

# The settings in a conf file, whatever their order and the comments between them.
settings_of() {
  sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d' "$1" 2>/dev/null | sort
}

version_of() {
  sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$1/package.json" 2>/dev/null | head -n 1
}

refuse_during_a_run() {
  [ -r "$state/lock" ] || return 0
  pid=$(sed -n 's/.*"pid"[[:space:]]*:[[:space:]]*\([0-9]\{1,\}\).*/\1/p' "$state/lock")
  # After a boot the number is somebody else's.
  grep -q "$(cat /proc/sys/kernel/random/boot_id)" "$state/lock" || return 0
  if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then
    refuse "A run is at work in process $pid: wait until it has ended, then run install.sh again."
  fi
}

refuse_this_system() {
  system=$(
    ID='' VERSION_ID=''
    # shellcheck source=/dev/null
    . /etc/os-release 2>/dev/null || :
    echo "$ID $VERSION_ID"
  )
  case "$system $(uname -m)" in
    'almalinux '* | 'rocky '* | 'cloudlinux '*)
      major=${system#* }
      case "${major%%.*} $(uname -m)" in '8 x86_64' | '9 x86_64' | '10 x86_64') return 0 ;; esac
      ;;
    'ubuntu 22.04 x86_64' | 'ubuntu 24.04 x86_64') return 0 ;;
  esac
  refuse "This system ($system, $(uname -m)) is not one that the plugin knows: it is made for AlmaLinux, Rocky Linux and CloudLinux 8 to 10 and for Ubuntu 22.04 and 24.04, on x86_64."
}

refuse_a_full_disk() {
  free=$(df -Pk "${dest%/*}" 2>/dev/null | sed -n '2s/^.*[[:space:]]\([0-9]\{1,\}\)[[:space:]]\{1,\}[0-9]\{1,\}%[[:space:]].*$/\1/p')
  if [ -n "$free" ] && [ "$free" -lt "$need_kb" ]; then
    refuse "Too little room on the disk: ${dest%/*} has $((free / 1024)) MB free, and $((need_kb / 1024)) MB are needed while it is installed."
  fi
}

copy_product() {
  run rm -rf "$dest.new"
  if [ -r "$root/SHA256SUMS" ]; then
    run cp -R "$root" "$dest.new"
  else
    run mkdir -p "$dest.new/node_modules/@lydell"
    for part in dist plugin appconfig docs install.sh package.json README.md LICENSE; do
      run cp -R "$root/$part" "$dest.new/$part"
    done
    for package in node-pty @lydell/node-pty-linux-x64; do
      run cp -R "$root/node_modules/$package" "$dest.new/node_modules/$package"
    done
    if [ -x "$root/node/bin/node" ]; then
      run cp -R "$root/node" "$dest.new/node"
    else
      run mkdir -p "$dest.new/node/bin"
      # A Node that lies in the checkout goes when the checkout goes.
      case $node in
        "$root"/*) run cp "$node" "$dest.new/node/bin/node" ;;
        *) run ln -s "$node" "$dest.new/node/bin/node" ;;
      esac
    fi
  fi
  # The old product stays whole until the new one is.
  run rm -rf "$dest.old"
  if [ -e "$dest" ]; then run mv "$dest" "$dest.old"; fi
  run mv "$dest.new" "$dest"
  run rm -rf "$dest.old"
}

# Where SELinux is on, programs in a directory "bin" under /opt get the label of programs, which systemd may start.
label_product() {
  if command -v selinuxenabled >/dev/null && selinuxenabled; then
    run restorecon -R "$dest" "$command" "$state" "$cgi" "$icons/ftp_passive.png" "$drivers/$driver" "$drivers/$driver.pm" \
      "$units/ftp-passive.socket" "$units/ftp-passive.service" "$units/ftp-passive-switch.service" \
      "$units/ftp-passive-watch.timer" "$units/ftp-passive-watch.service"
  fi
}

install_product() {
  refuse_this_system
  for built in dist/main.js plugin/public/app.js node_modules/node-pty/package.json; do
    [ -r "$root/$built" ] || refuse "$root/$built is missing: run script/build first, or take a release."
  done
  if [ -r "$root/SHA256SUMS" ] && ! (cd "$root" && sha256sum --quiet --strict -c SHA256SUMS >/dev/null 2>&1); then
    refuse "$root is not as it was released: unpack the tarball again."
  fi
  before=$(version_of "$dest")
  if [ -n "$upgrade" ] && [ -z "$before" ]; then
    refuse "Nothing that could be upgraded is in $dest: run install.sh without --upgrade."
  fi
  # shellcheck source=plugin/bin/node.sh
  . "$root/plugin/bin/node.sh"
  find_node "$root" || exit 1
  [ "$root" = "$dest" ] || refuse_a_full_disk

  version=$(version_of "$root")
  if [ -z "$before" ]; then
    echo "Installs FTP Passive Mode $version in $dest, with a page and a privilege in WHM, units of systemd and a hook for cPanel's updates."
  else
    echo "Puts FTP Passive Mode $version in the place of $before; settings and history stay."
  fi
  # In place, the product is already where it belongs.
  if [ "$root" != "$dest" ]; then copy_product; fi
  run ln -sfn "$dest/plugin/bin/ftp-passive" "$command"
  run mkdir -p -m 0700 "$state"
  run chmod 0700 "$state"

  run mkdir -p "$cgi" "$icons" "$drivers/$driver"
  run chmod 0700 "$cgi"
  while read -r mode source place; do
    run install -m "$mode" "$root/$source" "$place"
  done <<TABLE
$(placed)
TABLE
  run touch "$drivers"
  label_product

  # The watch's timer is only put there: "ftp-passive watch on" enables it.
  run systemctl daemon-reload
  # A daemon of the version before leaves, with what it remembered; the socket starts the new one when somebody asks.
  run systemctl stop ftp-passive.service
  run rm -f /run/whm-ftp-passive/answers.json
  run systemctl enable --now ftp-passive.socket
  run systemctl enable ftp-passive-switch.service
  if has_hooks && ! is_hooked "$put_back"; then
    run "$cpanel/bin/manage_hooks" add script "$put_back" --manual --category System --event upcp --stage post || :
  fi

  # Last, because it restarts WHM's web server and shows the menu entry; and only on change, because each
  # registration mails the administrator.
  if ! is_registered_as "$root/appconfig/$name.conf"; then
    run "$cpanel/bin/register_appconfig" "$root/appconfig/$name.conf" || :
    if [ -z "$dry" ] && ! is_registered; then
      refuse "The files are in place, but WHM did not register the plugin: see what register_appconfig said above."
    fi
  fi
  said="Installed: WHM » Plugins » FTP Passive Mode, and the command ftp-passive."
}

lacks=0
lack() {
  echo "$1"
  lacks=$((lacks + 1))
}

# Says what of the installation is not as install.sh has made it; changes nothing.
check_product() {
  if [ -z "$(version_of "$dest")" ]; then refuse "The plugin is not installed: $dest is not there."; fi
  if [ -e "$dest/SHA256SUMS" ]; then
    changed=$(cd "$dest" && sha256sum --quiet -c SHA256SUMS 2>/dev/null) ||
      lack "$dest is not as it was released: $(printf '%s\n' "$changed" | sed 's/: .*//' | tr '\n' ' ')differ."
  fi
  for part in dist/main.js plugin/bin/ftp-passive node_modules/node-pty; do
    [ -r "$dest/$part" ] || lack "$dest/$part is missing."
  done
  # shellcheck source=plugin/bin/node.sh
  if [ -r "$dest/plugin/bin/node.sh" ]; then
    . "$dest/plugin/bin/node.sh"
    problem=$(find_node "$dest" 2>&1) || lack "$problem"
  fi
  [ "$(readlink "$command" || :)" = "$dest/plugin/bin/ftp-passive" ] || lack "$command does not lead to $dest."
  [ "$(stat -c %a "$state" 2>/dev/null || :)" = 700 ] || lack "$state is not there with mode 0700."
  [ "$(stat -c %a "$cgi" 2>/dev/null || :)" = 700 ] || lack "$cgi is not there with mode 0700."
  while read -r mode source place; do
    if [ ! -e "$place" ]; then
      lack "$place is missing."
    elif ! cmp -s "$dest/$source" "$place"; then
      lack "$place is not the one of this version."
    elif [ "0$(stat -c %a "$place")" != "$mode" ]; then
      lack "$place has mode 0$(stat -c %a "$place"), not $mode."
    fi
  done <<TABLE
$(placed)
TABLE
  for unit in ftp-passive.socket ftp-passive-switch.service; do
    systemctl is-enabled "$unit" >/dev/null 2>&1 || lack "$unit is not enabled."
  done
  systemctl is-active ftp-passive.socket >/dev/null 2>&1 || lack 'ftp-passive.socket does not listen.'
  if has_hooks && ! is_hooked "$put_back"; then lack "cPanel has no hook for $put_back."; fi
  is_registered_as "$dest/appconfig/$name.conf" || lack 'WHM has the plugin not registered as it should be.'
  if [ "$lacks" -gt 0 ]; then refuse "Not whole: $dest/install.sh mends what is named above."; fi
  echo "Whole: FTP Passive Mode $(version_of "$dest")."
}

# Removes what exists of the paths named.
remove() {
  for path; do
    if [ -e "$path" ] || [ -L "$path" ]; then run rm -rf "$path"; fi
  done
}

# The resellers whom the plugin's privilege was given.
resellers() {
  sed -n "s/^\([^:]*\):\(.*,\)\{0,1\}$privilege\(,.*\)\{0,1\}$/\1/p" /var/cpanel/resellers 2>/dev/null || :
}

uninstall_product() {
  # A rm of the directory that a shell stands in would leave that shell nowhere.
  cd /
  if [ -n "$purge" ] && [ -x "$dest/plugin/bin/ftp-passive" ]; then
    for reseller in $(resellers); do run "$dest/plugin/bin/ftp-passive" grant "$reseller" --revoke || :; done
  fi
  # Before the units: what a hook or a timer starts must not find half of them.
  for hook in "$after_update" "$put_back"; do
    if has_hooks && is_hooked "$hook"; then
      run "$cpanel/bin/manage_hooks" delete script "$hook" --manual --category System --event upcp --stage post || :
    fi
  done
  if [ -e "$units/ftp-passive-watch.timer" ]; then run systemctl disable --now ftp-passive-watch.timer; fi
  if [ -e "$units/ftp-passive.socket" ]; then run systemctl disable --now ftp-passive.socket; fi
  if [ -e "$units/ftp-passive.service" ]; then run systemctl stop ftp-passive.service; fi
  if [ -e "$units/ftp-passive-switch.service" ]; then run systemctl disable ftp-passive-switch.service; fi
  for unit in ftp-passive-watch.timer ftp-passive-watch.service ftp-passive.socket ftp-passive-switch.service ftp-passive.service; do
    if [ -e "$units/$unit" ]; then
      run rm "$units/$unit"
      run systemctl daemon-reload
    fi
  done
  case $(readlink "$command" || :) in "$dest"/*) remove "$command" ;; esac
  remove "$cgi" "$icons/ftp_passive.png" "$state" /run/whm-ftp-passive
  if [ -e "$drivers/$driver.pm" ] || [ -e "$drivers/$driver" ]; then
    remove "$drivers/$driver.pm" "$drivers/$driver"
    run touch "$drivers"
  fi
  # Before the product, which holds this very script: what is cut off here can be taken up again.
  if is_registered || [ -e "$registered" ]; then
    run "$cpanel/bin/unregister_appconfig" "$name" || :
    if [ -z "$dry" ] && is_registered; then
      refuse "WHM still lists the plugin: see what unregister_appconfig said above, then run install.sh --uninstall again."
    fi
  fi
  remove "$dest.new" "$dest.old" "$dest"
  said="Removed, with the plugin's settings and history; the FTP server and the firewall stay as they are."
}

[ "$(id -u)" -eq 0 ] || refuse 'Only root can do this: run install.sh as root.'
if ! { [ -r "$cpanel/version" ] && [ -x "$cpanel/bin/register_appconfig" ] && [ -x "$cpanel/3rdparty/bin/perl" ]; }; then
  refuse "This machine has no cPanel & WHM: run install.sh on a server that has $cpanel."
fi
root=$(dirname -- "$(readlink -f -- "$0")")
if [ "$verb" = check ]; then
  check_product
  exit 0
fi
exec 9<"${dest%/*}"
flock -n 9 || refuse 'Another install.sh is at work: wait until it has ended, then run this one again.'
refuse_during_a_run

"${verb}_product"

if [ -n "$dry" ]; then
  echo 'Nothing was changed.'
else
  echo "$said"
fi
