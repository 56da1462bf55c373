#!/usr/bin/env bash
# Builds ONNX's C++ library once per machine and keeps it outside every build tree.
#
#   build-onnx.sh            build if missing, print the prefix on stdout
#   build-onnx.sh --prefix   print the prefix only, build nothing
#
# Why not the distribution's libonnx: it stops at opset 17. Why a private namespace: a Python process that
# loads hybridc and also imports `onnx` would register every protobuf message and operator schema twice and abort.
# The prefix's name carries a hash of this file, the compiler and protobuf, so that changing any of them rebuilds.
set -euo pipefail

version=1.23.2
sdist_sha256=008cb0467b2bbee41448acc7da8b6f4e704624cb0d327a2d5adafc7ce19bc5b8
cmake_version=4.4.4 # ONNX asks for CMake 3.26, Debian 12 has 3.25
namespace=hybridc_onnx

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
self=$here/$(basename "${BASH_SOURCE[0]}")
cxx=/usr/bin/c++
python=/usr/bin/python3 # a python earlier in PATH may lack venv

fingerprint() {
  sha256sum <"$self"
  "$cxx" -dumpmachine -dumpfullversion 2>/dev/null || echo 'no compiler'
  protoc --version 2>/dev/null || echo 'no protoc'
}
cache=${HYBRIDC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hybridc}
prefix=$cache/onnx-$version-$(fingerprint | sha256sum | cut -c1-12)

if [[ ${1:-} == --prefix ]]; then
  echo "$prefix"
  exit 0
elif [[ $# -gt 0 ]]; then
  echo "usage: $0 [--prefix]" >&2
  exit 2
fi

mkdir -p "$cache"
exec 9>"$cache/onnx.lock"
flock 9 # two build trees may be set up at once
if [[ -e $prefix/lib/libonnx.a ]]; then
  echo "$prefix"
  exit 0
fi

work=$(mktemp -d "$cache/onnx-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
{
  echo "building ONNX $version (once; about three minutes of one core)"
  "$python" -m venv "$work/venv"
  "$work/venv/bin/pip" install -q --disable-pip-version-check "cmake==$cmake_version"
  "$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps --no-binary onnx -d "$work" "onnx==$version"
  echo "$sdist_sha256  $work/onnx-$version.tar.gz" | sha256sum --check --quiet
  tar -xzf "$work/onnx-$version.tar.gz" -C "$work"
  "$work/venv/bin/cmake" -S "$work/onnx-$version" -B "$work/build" -G Ninja --log-level=WARNING \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_STANDARD=20 -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE='-O2 -DNDEBUG' -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib -DPython3_EXECUTABLE="$python" \
    -DONNX_NAMESPACE=$namespace -DONNX_ML=ON -DONNX_USE_UNITY_BUILD=ON -DONNX_USE_PROTOBUF_SHARED_LIBS=ON
  "$work/venv/bin/cmake" --build "$work/build" ${HYBRIDC_JOBS:+-j "$HYBRIDC_JOBS"}
  "$work/venv/bin/cmake" --install "$work/build"
} >"$work/log" 2>&1 || {
  tail -n 40 "$work/log" >&2
  echo "error: building ONNX $version failed; its last lines are above" >&2
  exit 1
}
find "$work/prefix/include" -type d -empty -delete
mv "$work/prefix" "$prefix" # the last step, so that a half-built prefix never exists
echo "$prefix"
