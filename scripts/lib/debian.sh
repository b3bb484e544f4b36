# shellcheck shell=bash
# Reads Debian packages without root and without touching the system: a private apt state, packages unpacked with dpkg -x.
# Source it; then:
#   debian_open DIR SUITE...      prepares DIR/apt for these suites and fetches their package lists
#   debian_unpack DIR PACKAGE...  downloads packages (their dependencies are not followed) and unpacks them under DIR/root
#   debian_source DIR PACKAGE     downloads a source package into DIR/source and unpacks it as DIR/source/tree

# The archive this machine itself uses; no host is ever named here.
debian_mirror() {
  local uri=""
  if [ -r /etc/apt/sources.list.d/debian.sources ]; then
    uri=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/debian.sources | head -1)
  elif [ -r /etc/apt/sources.list ]; then
    uri=$(sed -n 's/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list | head -1)
  fi
  [ -n "$uri" ] || { echo "no Debian archive found in /etc/apt; run this on Debian, or copy a built cache here" >&2; return 1; }
  echo "$uri"
}

debian_apt() {
  local dir=$1
  shift
  apt-get -q -oDir::Etc::sourcelist="$dir/apt/sources.list" -oDir::Etc::sourceparts=/dev/null \
    -oDir::State::Lists="$dir/apt/lists" -oDir::Cache="$dir/apt/cache" -oAPT::Sandbox::User="$(id -un)" -oDebug::NoLocking=1 "$@"
}

debian_open() {
  local dir=$1 mirror suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  shift
  mirror=$(debian_mirror) || return 1
  mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
  for suite; do
    printf '%s [signed-by=%s] %s %s main\n' deb "$keyring" "$mirror" "$suite" deb-src "$keyring" "$mirror" "$suite"
  done > "$dir/apt/sources.list"
  debian_apt "$dir" update > "$dir/apt/update.log" 2>&1 || { tail -5 "$dir/apt/update.log" >&2; return 1; }
}

debian_unpack() {
  local dir=$1 deb
  shift
  mkdir -p "$dir/debs" "$dir/root"
  (cd "$dir/debs" && debian_apt "$dir" download "$@" > download.log 2>&1) || { tail -5 "$dir/debs/download.log" >&2; return 1; }
  for deb in "$dir"/debs/*.deb; do
    dpkg -x "$deb" "$dir/root" && rm "$deb" || return 1
  done
}

debian_source() {
  local dir=$1 package=$2
  if ! command -v dpkg-source > /dev/null; then
    debian_unpack "$dir" dpkg-dev libdpkg-perl patch || return 1
    export PATH="$dir/root/usr/bin:$PATH" PERL5LIB="$dir/root/usr/share/perl5"
  fi
  rm -rf "$dir/source" && mkdir -p "$dir/source"
  (cd "$dir/source" && debian_apt "$dir" source --download-only "$package" > download.log 2>&1 && dpkg-source -x ./*.dsc tree > unpack.log 2>&1) \
    || { tail -5 "$dir"/source/*.log >&2; return 1; }
}
