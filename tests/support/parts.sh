#!/bin/sh
# The real parts that tests talk to. Installs what is missing where it may; else names it, and those tests are skipped.
set -eu
parts="jackd:jackd2 jack_lsp:jackd2 jack_mclk_dump:jack-midi-clock fluidsynth:fluidsynth pd:puredata-core sclang:supercollider-language scsynth:supercollider-server
  oscsend:liblo-tools abc2midi:abcmidi chromium:chromium ardour7-lua:ardour"
packages=""
for part in $parts; do
  command -v "${part%%:*}" >/dev/null 2>&1 || packages="$packages ${part##*:}"
done
ls /usr/share/sounds/sf2/*.sf2 >/dev/null 2>&1 || packages="$packages timgm6mb-soundfont"
[ -n "$packages" ] || exit 0
packages=$(printf '%s\n' $packages | sort -u | tr '\n' ' ')
root=""
[ "$(id -u)" = 0 ] || { root="sudo -n"; $root true 2>/dev/null || root=no; }
if [ "$root" != no ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing the real parts that tests talk to: $packages"
  export DEBIAN_FRONTEND=noninteractive
  if $root apt-get update -qq && $root apt-get install -y -qq --no-install-recommends $packages >/dev/null; then exit 0; fi
fi
echo "Missing, so the tests that need them are skipped (on Debian or Ubuntu: apt-get install): $packages"
