#!/bin/sh
# Looks after .venv: makes it, and makes it anew where it cannot be used: an interrupted set-up, another or too old a
# Python, a folder that was moved or copied. Prints one sentence about what is wrong, and what to do.
#   tools/venv.sh check PYTHON   removes the stamps of a .venv that cannot be used; quick, for every call of make
#   tools/venv.sh make PYTHON    makes it where there is none that can be used
# PYTHON is the one that make was told to use, or empty.
set -u
wanted=$2
say() { echo "$*" >&2; }

# Why .venv cannot be used; empty if it can.
wrong() {
  [ -x .venv/bin/python ] || { echo "its Python is not there"; return; }
  version=$(.venv/bin/python -c 'import sys, pip; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
    || { echo "its Python does not start, or has no pip"; return; }
  .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "it has Python $version, and livegen needs 3.11 or later"; return; }
  head -n 2 .venv/bin/pip 2>/dev/null | grep -qF -e "$(pwd)/.venv/bin/" -e "$(pwd -P)/.venv/bin/" \
    || { echo "it was made in another folder"; return; }
  if [ -n "$wanted" ]; then
    asked=$("$wanted" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return
    [ "$asked" = "$version" ] || echo "it has Python $version, and you ask for $asked"
  fi
}

# The Python to make it with: the one that was asked for, else the first that can.
choose() {
  if [ -n "$wanted" ]; then
    "$wanted" -c '' 2>/dev/null || { say "There is no $wanted; install it, or leave out PYTHON=."; return 1; }
    "$wanted" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "$("$wanted" --version 2>&1) is too old: livegen needs Python 3.11 or later. Install one, or leave out PYTHON=."; return 1; }
    "$wanted" -c 'import ensurepip, venv' 2>/dev/null || { say "$wanted cannot make a virtual environment; install its part for that (on Debian or Ubuntu: apt install python3-venv)."; return 1; }
    echo "$wanted"
    return
  fi
  for python in python3.12 python3.11 python3.13 python3.14 python3 python; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    found=$python
    "$python" -c 'import ensurepip, venv' 2>/dev/null && { echo "$python"; return; }
  done
  if [ -n "${found:-}" ]; then
    say "$found cannot make a virtual environment; install its part for that (on Debian or Ubuntu: apt install python3-venv)."
  else
    say "livegen needs Python 3.11 or later, and there is none; install one from python.org or your system, and try again."
  fi
  return 1
}

[ -L .venv ] && exit 0 # it belongs to somebody else
case $1 in
check)
  [ -e .venv ] || exit 0
  reason=$(wrong)
  [ -z "$reason" ] || { say "Making .venv anew, for $reason."; rm -rf .venv/run .venv/dev .venv/train .venv/bin; }
  ;;
make)
  [ -x .venv/bin/python ] && exit 0
  python=$(choose) || exit 1
  "$python" -m venv --clear .venv || { say ".venv cannot be made here; is the disk full, or the folder read-only?"; exit 1; }
  ;;
esac
