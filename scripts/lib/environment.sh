# shellcheck shell=bash
# Source it after scripts/prerequisites: names what was unpacked into the cache because the system lacks it.
castellan_cache=${XDG_CACHE_HOME:-$HOME/.cache}/castellan
for library in "$castellan_cache"/debian/root/usr/lib/*/libsqlite3.so.0; do
  if [ -z "${CASTELLAN_SQLITE:-}" ] && [ -e "$library" ]; then export CASTELLAN_SQLITE=$library; fi
done
if [ ! -d /usr/lib/postgresql ] && [ -d "$castellan_cache/debian/root/usr/lib/postgresql" ]; then
  for library in "$castellan_cache"/debian/root/usr/lib/*-linux-gnu*; do # the libraries that its server was unpacked with
    export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  done
fi
unset library castellan_cache
