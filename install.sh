#!/bin/sh
# Installs the plugin on a cPanel & WHM server and registers it, or takes it off again.
#
# Every command that changes something goes through run(), which prints it and then runs it; --dry-run prints the
# same lines and runs none of them. No WHM setting is ever changed.
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
units=/etc/systemd/system
command=/usr/local/bin/ftp-passive
registered=/var/cpanel/apps/$name.conf
after_update=$dest/plugin/bin/after-update

refuse() {
  echo "$1" >&2
  exit "${2:-1}"
}

dry=
verb=install
for option; do
  case $option in
    --dry-run) dry=yes ;;
    --uninstall) verb=uninstall ;;
    *) refuse "\"$option\" is not an option of install.sh: write --dry-run, --uninstall, both or none." 2 ;;
  esac
done

run() {
  echo "+ $*"
  if [ -z "$dry" ]; then "$@"; fi
}

# cPanel names no exit status for its AppConfig tools, so what they printed counts.
is_registered() {
  [ "$("$cpanel/bin/is_registered_with_appconfig" whostmgr "$name" 2>/dev/null || :)" = 1 ]
}

# Whether cPanel starts the watch after its updates.
is_hooked() {
  [ -x "$cpanel/bin/manage_hooks" ] && "$cpanel/bin/manage_hooks" list 2>/dev/null | grep -qF -- "$after_update"
}

# The settings in a conf file, whatever their order and the comments between them.
settings_of() {
  sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d' "$1" 2>/dev/null | sort
}

refuse_during_a_run() {
  [ -r "$state/lock" ] || return 0
  pid=$(sed -n 's/.*"pid"[[:space:]]*:[[:space:]]*\([0-9]\{1,\}\).*/\1/p' "$state/lock")
  if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then
    refuse "A run is at work in process $pid: wait until it has ended, then run install.sh again."
  fi
}

copy_product() {
  run rm -rf "$dest.new"
  run mkdir -p "$dest.new/node_modules/@lydell"
  for part in dist plugin templates appconfig install.sh package.json LICENSE; do
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
  # The old product stays whole until the new one is.
  run rm -rf "$dest.old"
  if [ -e "$dest" ]; then run mv "$dest" "$dest.old"; fi
  run mv "$dest.new" "$dest"
  run rm -rf "$dest.old"
}

install_product() {
  for built in dist/main.js plugin/public/app.js node_modules/node-pty/package.json; do
    [ -r "$root/$built" ] || refuse "$root/$built is missing: run script/build first."
  done
  # shellcheck source=plugin/bin/node.sh
  . "$root/plugin/bin/node.sh"
  find_node "$root" || exit 1

  # In place, the product is already where it belongs.
  if [ "$root" != "$dest" ]; then copy_product; fi
  run ln -sfn "$dest/plugin/bin/ftp-passive" "$command"
  run mkdir -p -m 0700 "$state"

  run mkdir -p "$cgi" "$icons"
  run chmod 0700 "$cgi"
  run install -m 0644 "$root/plugin/public/app.js" "$root/plugin/public/style.css" "$cgi"
  run install -m 0700 "$root/plugin/index.cgi" "$cgi/index.cgi"
  run install -m 0644 "$root/plugin/ftp_passive.png" "$icons/ftp_passive.png"

  run mkdir -p "$drivers/$driver"
  run install -m 0644 "$root/plugin/acl/$driver/META.pm" "$drivers/$driver/META.pm"
  run install -m 0644 "$root/plugin/acl/$driver.pm" "$drivers/$driver.pm"
  run touch "$drivers"

  # The watch's timer is only put there: "ftp-passive watch on" enables it.
  for unit in ftp-passive.socket ftp-passive.service ftp-passive-switch.service ftp-passive-watch.timer ftp-passive-watch.service; do
    run install -m 0644 "$root/plugin/systemd/$unit" "$units"
  done
  run systemctl daemon-reload
  # A daemon of the version before leaves; the socket starts the new one when somebody asks.
  run systemctl stop ftp-passive.service
  run systemctl enable --now ftp-passive.socket
  run systemctl enable ftp-passive-switch.service

  # Last, because it restarts WHM's web server and shows the menu entry; and only on change, because each
  # registration mails the administrator.
  if ! is_registered || [ "$(settings_of "$registered")" != "$(settings_of "$root/appconfig/$name.conf")" ]; then
    run "$cpanel/bin/register_appconfig" "$root/appconfig/$name.conf" || :
    if [ -z "$dry" ] && ! is_registered; then
      refuse "The files are in place, but WHM did not register the plugin: see what register_appconfig said above."
    fi
  fi
}

# Removes what exists of the paths named.
remove() {
  for path; do
    if [ -e "$path" ] || [ -L "$path" ]; then run rm -rf "$path"; fi
  done
}

uninstall_product() {
  # A rm of the directory that a shell stands in would leave that shell nowhere.
  cd /
  if [ -e "$units/ftp-passive-watch.timer" ]; then
    run systemctl disable --now ftp-passive-watch.timer
    remove "$units/ftp-passive-watch.timer" "$units/ftp-passive-watch.service"
    if is_hooked; then
      run "$cpanel/bin/manage_hooks" delete script "$after_update" --manual --category System --event upcp --stage post || :
    fi
    run systemctl daemon-reload
  fi
  if [ -e "$units/ftp-passive.socket" ]; then
    run systemctl disable --now ftp-passive.socket
    run systemctl stop ftp-passive.service
    run systemctl disable ftp-passive-switch.service
    remove "$units/ftp-passive.socket" "$units/ftp-passive.service" "$units/ftp-passive-switch.service"
    run systemctl daemon-reload
  fi
  case $(readlink "$command" || :) in "$dest"/*) remove "$command" ;; esac
  remove "$cgi" "$icons/ftp_passive.png" "$state" /run/whm-ftp-passive
  if [ -e "$drivers/$driver.pm" ] || [ -e "$drivers/$driver" ]; then
    remove "$drivers/$driver.pm" "$drivers/$driver"
    run touch "$drivers"
  fi
  remove "$dest.new" "$dest.old" "$dest"
  if is_registered || [ -e "$registered" ]; then
    run "$cpanel/bin/unregister_appconfig" "$name" || :
    if [ -z "$dry" ] && is_registered; then
      refuse "The files are gone, but WHM still lists the plugin: see what unregister_appconfig said above."
    fi
  fi
}

[ "$(id -u)" -eq 0 ] || refuse 'Only root can do this: run install.sh as root.'
if ! { [ -r "$cpanel/version" ] && [ -x "$cpanel/bin/register_appconfig" ] && [ -x "$cpanel/3rdparty/bin/perl" ]; }; then
  refuse "This machine has no cPanel & WHM: run install.sh on a server that has $cpanel."
fi
refuse_during_a_run

root=$(dirname -- "$(readlink -f -- "$0")")
"${verb}_product"

if [ -n "$dry" ]; then
  echo 'Nothing was changed.'
elif [ "$verb" = install ]; then
  echo 'Installed: WHM » Plugins » FTP Passive Mode, and the command ftp-passive.'
else
  echo "Removed, with the plugin's settings and history; the FTP server and the firewall stay as they are."
fi
